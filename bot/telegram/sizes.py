"""As much of an update as the bot reads.

A text of ten megabytes would keep the search for words of crisis, and with it everybody, waiting for minutes.
Telegram sends 4,096 characters and a hundred entities at most: nothing real is ever cut. Of the message
under a tap the bot wants the id alone; building the rest is a third of what parsing a tap takes.
"""

from typing import Any, Final

from bot.telegram.request import dumps, loads

LARGEST: Final = 256 * 1024
"""Bytes of JSON; what is smaller is left as it is."""
LONGEST: Final = 8_192
"""Characters of a text."""
MOST: Final = 200
"""Entries of a list or an object."""
NAMING: Final = ("message_id", "date", "chat")
"""What it takes to name a message."""


def readable(update: dict[str, Any]) -> dict[str, Any]:
    """A copy whose texts are whole, and no longer than Telegram's."""
    body = dumps(update)
    copy: dict[str, Any] = loads(body)
    tap = copy.get("callback_query")
    if isinstance(tap, dict) and isinstance(tap.get("message"), dict):
        tap["message"] = {name: value for name, value in tap["message"].items() if name in NAMING}
    return copy if len(body) <= LARGEST else cut_down(copy)


def cut_down(value: Any) -> Any:
    """The same, with long texts and lists cut off."""
    if isinstance(value, str):
        return value[:LONGEST]
    if isinstance(value, list):
        return [cut_down(each) for each in value[:MOST]]
    if isinstance(value, dict):
        return {name: cut_down(each) for name, each in list(value.items())[:MOST]}
    return value
