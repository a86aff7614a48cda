"""Which buttons stand under which kind of notice."""

from collections.abc import Callable, Mapping
from typing import Any

from bot.telegram import callback_data as to
from bot.telegram.callback_data import encode
from bot.telegram.render.words import Button, Rows, Words

Keyboard = Callable[[Words, Mapping[str, Any], Mapping[str, str]], Rows]
"""From the reader's words, a notice's parameters, and its values as they read (HTML)."""

KEYBOARDS: dict[str, Keyboard] = {}


def under(*kinds: str) -> Callable[[Keyboard], Keyboard]:
    """Register the buttons for these kinds of notice."""

    def register(keyboard: Keyboard) -> Keyboard:
        KEYBOARDS.update(dict.fromkeys(kinds, keyboard))
        return keyboard

    return register


def open_button(w: Words, what: str, style: str | None = None) -> Button:
    """A way to one of the things the menu offers."""
    return w.button(f"buttons.{what}", encode(to.Open(what)), style=style)


def beside_button(w: Words, what: str) -> Button:
    """The same, leaving the message it stands under as it is: a promise, or somebody's words."""
    return w.button(f"buttons.{what}", encode(to.OpenBeside(what)))


def not_now(w: Words) -> Button:
    return w.button("buttons.cancel", encode(to.Dismiss()))
