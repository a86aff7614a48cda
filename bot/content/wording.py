"""Texts as words, to compare them: quotation marks, capitals and punctuation make no difference."""

import re
from collections.abc import Iterator

QUOTED = re.compile('“([^“”]*)”|„([^„“”]*)[“”]|«([^«»]*)»|»([^«»]*)«|"([^"]*)"')
"""What stands in quotation marks, in the languages' own ways."""
_WORD = re.compile(r"\w+(?:'\w+)*")
_APOSTROPHES = re.compile("[‘’´`]")


def words_of(text: str) -> list[str]:
    return _WORD.findall(_APOSTROPHES.sub("'", text).casefold())


def runs(words: list[str], length: int) -> Iterator[str]:
    """Every run of so many words."""
    return (" ".join(words[at : at + length]) for at in range(len(words) - length + 1))


def says(text: str, run: str) -> bool:
    """Whether these words (as `words_of` gives them) stand in the text, one after the other."""
    return f" {run} " in f" {' '.join(words_of(text))} "


def quoted(text: str) -> list[str]:
    """What stands in quotation marks."""
    return [next(filter(None, each.groups()), "") for each in QUOTED.finditer(text)]


def unquoted(text: str) -> list[str]:
    """The pieces that do not."""
    pieces, at = [], 0
    for each in QUOTED.finditer(text):
        pieces.append(text[at : each.start()])
        at = each.end()
    return [*pieces, text[at:]]


def same(one: str, other: str) -> bool:
    """Word for word the same; quotation marks, spaces and what stands at the end make no difference."""
    return _bare(one) == _bare(other)


def _bare(text: str) -> str:
    straight = re.sub("[“”„«»]", '"', _APOSTROPHES.sub("'", " ".join(text.split())))
    return straight.strip(' ".,!?…')
