"""strings.yaml: nested mappings become dotted keys; a value is a text, or a list of texts."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from bot.content.located import Document, Fault, Where
from bot.domain.placeholders import names_in
from bot.domain.script_words import MOST_TEXT

Texts = Mapping[str, tuple[str, ...]]
"""All wordings by their key."""

ALLOWED = ("b", "i", "blockquote")
TAG = re.compile(r"<(/?)([a-z]+)>")


def check(document: Document) -> tuple[Texts | None, list[Fault]]:
    """The texts, those with faults included, and every fault of the file."""
    if not isinstance(document.data, dict):
        return None, [document.fault((), "the file must map keys to texts")]
    texts: dict[str, tuple[str, ...]] = {}
    faults: list[Fault] = []
    for where, value in _leaves(document.data, ()):
        key = ".".join(map(str, where))
        wordings = value if isinstance(value, list) else [value]
        if not wordings:
            faults.append(document.fault(where, f"{key}: the list is empty"))
        for number, wording in enumerate(wordings):
            faults += [document.fault((*where, number), f"{key}: {said}") for said in _problems_of(wording)]
        texts[key] = tuple(map(str, wordings))
    return texts, faults


def read_length(text: str) -> int:
    """Characters as they are read: without tags."""
    return len(TAG.sub("", text))


def _leaves(value: Any, where: Where) -> Iterator[tuple[Where, Any]]:
    if isinstance(value, dict):
        for key, item in value.items():
            yield from _leaves(item, (*where, str(key)))
    else:
        yield where, value


def _problems_of(wording: Any) -> Iterator[str]:
    if not isinstance(wording, str) or not wording.strip():
        yield "must be a text that is not empty (put numbers and yes/no in quotes)"
        return
    for name in names_in(wording):
        if name is None:
            yield "a brace is not in its place: { and } are for placeholders"
        elif not name.isidentifier():
            yield f"“{{{name}}}” is no placeholder"
    if read_length(wording) > MOST_TEXT:
        yield f"{read_length(wording)} characters; a message has at most {MOST_TEXT}"
    yield from _problems_of_tags(wording)


def _problems_of_tags(wording: str) -> Iterator[str]:
    """Telegram refuses a message with a tag it does not know, or one that is left open."""
    still_open: list[str] = []
    for closes, name in TAG.findall(wording):
        if name not in ALLOWED:
            yield f"<{name}> is no tag; there are {', '.join(ALLOWED)}"
        elif not closes:
            still_open.append(name)
        elif not still_open or still_open.pop() != name:
            yield f"</{name}> closes what is not open"
    if still_open:
        yield f"<{still_open[-1]}> is not closed"
    if "<" in TAG.sub("", wording):
        yield "“<” begins no tag here; write &lt;"
