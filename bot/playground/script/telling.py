"""What a step is about, in words for the page: who does what, and which button it will be."""

from __future__ import annotations

from string import Formatter
from typing import Any

from bot.playground.script.transcript import Step
from bot.playground.script.words import Words, plain

LOOKS = frozenset(
    {"sees", "does not see", "sees nothing", "has", "has no", "can tap", "cannot tap", "is told"}
)
"""What shows nothing on the page."""


def told(step: Step, names: dict[str, str], words: Words, locale: str) -> dict[str, Any]:
    """`{"person", "words", "button"}`: `button` is how the label of what is tapped begins, if it is one."""
    name = names.get(step.subject, "")
    match step.verb:
        case "says" | "replies" | "edits":
            return _tells(
                name, "writes" if step.verb == "says" else step.verb, _typed(step.value, words, locale)
            )
        case "taps":
            label = _label(step.value, words, locale)
            return {**_tells(name, "taps", label), "button": label.partition("…")[0]}
        case "presses":
            key = step.value["key"] if isinstance(step.value, dict) else step.value
            return _tells(name, "presses", _label(key, words, locale))
        case "opens":
            return {"person": name, "words": f"{name} opens the link", "button": ""}
        case "sends" | "forwards":
            return {
                "person": name,
                "words": f"{name} {step.verb} a {str(step.value).replace('_', ' ')}",
                "button": "",
            }
        case "shares location" | "blocks" | "unblocks":
            what = "shares where they are" if step.verb == "shares location" else f"{step.verb} the bot"
            return {"person": name, "words": f"{name} {what}", "button": ""}
        case "clock" | "jump":
            when = "to what is due next" if step.value == "next" else str(step.value)
            return {"person": "", "words": f"Time goes on: {when}", "button": ""}
        case "restart":
            how = "is struck down" if step.value == "kill" else "ends"
            return {"person": "", "words": f"The bot {how}, and starts again", "button": ""}
        case _:
            return {"person": "", "words": "The net has a bad moment", "button": ""}


def _tells(name: str, verb: str, what: str) -> dict[str, Any]:
    return {"person": name, "words": f"{name} {verb} “{what}”", "button": ""}


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
