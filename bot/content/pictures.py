"""The pictures of breaths that come with a language: `breath/<pattern>.gif`, made by `content pictures`."""

from collections.abc import Mapping
from pathlib import Path

from bot.content.reading import Language
from bot.content.strings import Texts
from bot.domain.breathing import PATTERNS, Pattern, fingerprint

HEAD = 4096
"""Bytes in which the fingerprint stands."""


def file_of(language: Path, pattern: Pattern) -> Path:
    return language / "breath" / f"{pattern.id}.gif"


def phase_words(strings: Texts, pattern: Pattern) -> dict[str, str] | None:
    """What each phase is called; None if a language lacks one."""
    keys = {phase.name: f"breath.phase.{phase.name}" for phase in pattern.phases}
    return (
        {name: strings[key][0] for name, key in keys.items()}
        if set(keys.values()) <= strings.keys()
        else None
    )


def of_language(language: Language) -> Mapping[str, Path]:
    """By pattern. One that was made of other words or timings is left out: text says it right."""
    found = {}
    for pattern in PATTERNS.values():
        file, words = file_of(language.folder, pattern), phase_words(language.strings, pattern)
        if words is not None and file.is_file() and fingerprint(pattern, words).encode() in _head(file):
            found[pattern.id] = file
    return found


def _head(file: Path) -> bytes:
    with file.open("rb") as opened:
        return opened.read(HEAD)
