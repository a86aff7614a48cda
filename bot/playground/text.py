"""Text as Telegram counts and cleans it, and the entities it finds by itself."""

from __future__ import annotations

import re
from typing import Any

Entity = dict[str, Any]

SPLITTABLE = frozenset({"bold", "italic", "underline", "strikethrough", "spoiler"})
CODE = frozenset({"code", "pre"})
_OPAQUE = CODE | {"text_link", "text_mention", "url", "email", "mention", "hashtag", "bot_command"}
_SPACE = " \n"
_UNWANTED = re.compile("[\r\u2028-\u202e]")
_CONTROL = re.compile("[\x00-\x09\x0b\x0c\x0e-\x1f]")
_TLD = "com|org|net|info|io|me|app|dev|eu|de|at|ch|uk|us|ca|au|nz|ie|fr|es|it|nl|be|pl|pt|se|no|dk|fi|in|jp"
_FOUND = re.compile(
    rf"""
    (?P<url>(?:https?|tg|ftp)://[^\s<>"]+
       |(?<![\w@./-])(?:[a-zA-Z0-9-]+\.)+(?:{_TLD})(?![\w@.-]*@)(?![\w-])(?:[/?#:][^\s<>"]*)?)
    |(?P<email>(?<![\w.+-])[\w.+-]+@(?:[\w-]+\.)+[a-zA-Z]{{2,}})
    |(?P<mention>(?<![\w@])@[a-zA-Z]\w{{3,31}}\b)
    |(?P<bot_command>(?<![\w/<>])/[a-zA-Z0-9_]{{1,64}}(?:@[a-zA-Z0-9_]{{3,32}})?(?![\w/<>]))
    |(?P<hashtag>(?<![\w\#])\#(?=\w*[^\W\d_])\w{{1,256}})
    |(?P<phone_number>(?<![\w+])\+\d[\d ()-]{{5,18}}\d(?!\w))
    """,
    re.VERBOSE,
)


def utf16_length(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def cut_utf16(text: str, offset: int, length: int) -> str:
    raw = text.encode("utf-16-le", "surrogatepass")
    return raw[offset * 2 : (offset + length) * 2].decode("utf-16-le", "surrogatepass")


def without_surrogates(text: str) -> str:
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def clean(text: str) -> str:
    """Drop what Telegram drops, turn control characters into spaces."""
    return _CONTROL.sub(" ", _UNWANTED.sub("", text))


def trim(text: str, entities: list[Entity]) -> tuple[str, list[Entity]]:
    """Cut white space at the ends; in front only as far as no entity covers it."""
    end = len(text.rstrip(_SPACE))
    start = len(text) - len(text.lstrip(_SPACE))
    start = min([start, *(entity["offset"] for entity in entities)])
    trimmed = text[start:end]
    length = utf16_length(trimmed)
    kept = []
    for entity in entities:
        offset = entity["offset"] - start
        stop = min(offset + entity["length"], length)
        if stop > offset:
            kept.append({**entity, "offset": offset, "length": stop - offset})
    return trimmed, kept


def normalize(text: str, entities: list[Entity]) -> list[Entity]:
    """Merge what touches, drop what may not nest or covers only white space, and sort."""
    whole = [entity for entity in entities if entity["type"] not in SPLITTABLE]
    code = [_span(entity) for entity in whole if entity["type"] in CODE]
    merged: list[Entity] = []
    for kind in sorted(SPLITTABLE):
        spans = _union(_span(entity) for entity in entities if entity["type"] == kind)
        merged += [
            {"type": kind, "offset": start, "length": stop - start}
            for start, stop in spans
            if not any(a <= start and stop <= b for a, b in code)
            and cut_utf16(text, start, stop - start).strip()
        ]
    return sorted(whole + merged, key=_order)


def find(text: str, entities: list[Entity]) -> list[Entity]:
    """Add the links, commands and the like that Telegram marks without being asked."""
    taken = [_span(entity) for entity in entities if entity["type"] in _OPAQUE]
    found = []
    for match in _FOUND.finditer(text):
        kind = match.lastgroup or ""
        piece = match.group()
        if kind == "url":
            piece = piece.rstrip(".,;:!?'\")]}…")
        start = utf16_length(text[: match.start()])
        stop = start + utf16_length(piece)
        if not any(start < b and a < stop for a, b in taken):
            found.append({"type": kind, "offset": start, "length": stop - start})
    return sorted(entities + found, key=_order) if found else entities


def _span(entity: Entity) -> tuple[int, int]:
    return entity["offset"], entity["offset"] + entity["length"]


def _order(entity: Entity) -> tuple[int, int, str]:
    return entity["offset"], -entity["length"], entity["type"]


def _union(spans: Any) -> list[tuple[int, int]]:
    result: list[tuple[int, int]] = []
    for start, stop in sorted(spans):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(stop, result[-1][1]))
        else:
            result.append((start, stop))
    return result
