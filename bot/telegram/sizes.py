"""Updates far larger than Telegram makes them are cut down before anybody reads them.

A text of ten megabytes would keep the search for words of crisis, and with it everybody, waiting for minutes.
Telegram sends 4,096 characters and a hundred entities at most: nothing real is ever cut.
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
