"""As much of an update as the bot reads.

A text of ten megabytes would keep the search for words of crisis, and with it everybody, waiting for minutes.
Telegram sends 4,096 characters and a hundred entities at most: nothing real is ever cut. Of the message
under a tap the bot wants the id alone, and building the rest is most of what parsing a tap takes: it is given
as Telegram itself gives a message that is out of reach, with the date 0.
"""

from typing import Any, Final

from bot.telegram.request import dumps, loads

LARGEST: Final = 256 * 1024
"""Bytes of JSON; what is smaller is left as it is."""
LONGEST: Final = 8_192
"""Characters of a text."""
MOST: Final = 200
"""Entries of a list or an object."""


def readable(update: dict[str, Any]) -> dict[str, Any]:
    """A copy whose texts are whole, and no longer than Telegram's."""
    body = dumps(update)
    copy: dict[str, Any] = loads(body)
    tap = copy.get("callback_query")
    if isinstance(tap, dict) and isinstance(tap.get("message"), dict):
        under = tap["message"]
        tap["message"] = {"message_id": under.get("message_id"), "chat": under.get("chat"), "date": 0}
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
