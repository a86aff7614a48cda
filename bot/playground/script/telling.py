"""What a step is about, in words for the page: who does what, and which button it will be."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from string import Formatter
from typing import Any

from bot.playground.script.transcript import Step
from bot.playground.script.words import Words, plain
from bot.playground.state import Json

LOOKS = frozenset(
    {"sees", "does not see", "sees nothing", "has", "has no", "can tap", "cannot tap", "is told"}
)
"""What shows nothing on the page."""


def told(step: Step, names: Mapping[str, str], words: Words, locale: str) -> Json:
    """`{"person", "words", "button"?, "typed"?}`: what happens, in words; how the label of the button begins
    that is tapped; what is typed.
    """
    if not step.subject:
        return {"person": "", "words": _world(step)}
    name = names[step.subject]
    if step.verb in ("says", "replies"):
        typed = _typed(step.value, words, locale)
        return {"person": name, "words": f"{name} writes “{typed}”", "typed": typed}
    if step.verb in ("taps", "presses"):
        label = _label(step.value, words, locale)
        return {"person": name, "words": f"{name} taps “{label}”", "button": label.partition("…")[0].strip()}
    return {"person": name, "words": f"{name} {_DOES[step.verb].format(what=_kind(step.value))}"}


_DOES = {
    "edits": "changes what they wrote",
    "opens": "opens the link",
    "sends": "sends a {what}",
    "forwards": "forwards a {what}",
    "shares location": "shares where they are",
    "blocks": "blocks the bot",
    "unblocks": "unblocks the bot",
}


def _kind(value: Any) -> str:
    return str(value or "").replace("_", " ")


def _world(step: Step) -> str:
    match step.verb:
        case "clock" | "jump" if isinstance(step.value, datetime):
            return f"It gets {step.value:%H:%M} on the {step.value.day}. of {step.value:%B}"
        case "clock" | "jump":
            return "Time goes on" if step.value == "next" else f"Time goes on: {step.value}"
        case "restart":
            how = "is struck down" if step.value == "kill" else "is ended"
            return f"The bot {how}, and starts again"
    return "The net fails for a moment" if step.verb == "fault" else "The net is well again"


def _typed(value: Any, words: Words, locale: str) -> str:
    if isinstance(value, dict) and "key" in value:
        return words.text(value["key"], **value.get("with", {}))
    said = value[locale] if isinstance(value, dict) else value
    return str(said).replace("{marker}", "").strip()


def _label(value: Any, words: Words, locale: str) -> str:
    if isinstance(value, dict) and "text" in value:
        return _typed(value["text"], words, locale)
    key = value["key"] if isinstance(value, dict) else str(value)
    values = value.get("with", {}) if isinstance(value, dict) else {}
    if key not in words:
        return str(key)
    pieces = [
        literal + ("" if name is None else str(values.get(name, "…")))
        for literal, name, _, _ in Formatter().parse(words.templates(key)[0])
    ]
    return plain("".join(pieces))
