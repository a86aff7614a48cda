"""All content in memory: strings, scripts, phrases and helplines, checked at start-up."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from bot.content import checks, pictures, reading
from bot.content.helplines import Helplines
from bot.content.located import Fault
from bot.content.reading import FALLBACK, Language
from bot.content.scripts import StoredScript
from bot.content.strings import Texts
from bot.domain.errors import ContentInvalid
from bot.domain.phrases import Danger, Phrases
from bot.domain.reminder_wish import Kind, Vocabulary, Wish, parse_wish

__all__ = ["FALLBACK", "Content", "Locale", "StoredScript", "folder", "inspect", "load"]

folder = reading.shipped


@dataclass(frozen=True)
class Locale:
    """Everything in one language."""

    strings: Texts = field(default_factory=dict)
    scripts: Mapping[str, StoredScript] = field(default_factory=dict)
    phrases: Phrases | None = None
    reminders: Vocabulary | None = None
    pictures: Mapping[str, Path] = field(default_factory=dict)
    """of breaths, by pattern"""


class Content:
    """Hands out words. A locale that is not there falls back to English."""

    def __init__(self, locales: Mapping[str, Locale], helplines_of_file: Helplines) -> None:
        self._locales = locales
        self.helplines = helplines_of_file

    @property
    def locales(self) -> list[str]:
        return sorted(self._locales)

    def best_locale(self, language: str | None) -> str:
        """The shipped locale for a Telegram language code (“de-AT” → “de”)."""
        short = (language or FALLBACK).split("-")[0].lower()
        return short if short in self._locales else FALLBACK

    def text(self, locale: str, key: str, *, variant: int = 0, **values: Any) -> str:
        """The words for `key`, filled in. Raises KeyError for an unknown key."""
        wordings = self._locale(locale).strings[key]
        return wordings[variant % len(wordings)].format(**values)

    def picture(self, locale: str, pattern: str) -> Path | None:
        """The picture of a breath that moves, with the words of this locale; None if there is none."""
        return self._locale(locale).pictures.get(pattern)

    def has(self, locale: str, key: str) -> bool:
        return key in self._locale(locale).strings

    def all_of(self, locale: str, key: str) -> tuple[str, ...]:
        """Every entry of a list."""
        return self._locale(locale).strings[key]

    def script_ids(self, locale: str) -> list[str]:
        """Every check-in there is."""
        return sorted(self._locale(locale).scripts)

    def ids(self, locale: str, prefix: str) -> list[str]:
        """What the keys under `prefix` are called, in the order of the file."""
        under = f"{prefix}."
        return [key.removeprefix(under) for key in self._locale(locale).strings if key.startswith(under)]

    def script(self, locale: str, script_id: str) -> StoredScript:
        return self._locale(locale).scripts[script_id]

    def phrases(self, locale: str) -> Phrases:
        found = self._locale(locale).phrases
        assert found is not None
        return found

    def danger(self, text: str) -> Danger | None:
        """Words of crisis in any language: people in distress do not keep to the one they chose."""
        found = [self.phrases(locale).danger(text) for locale in self._locales]
        return next((each for each in Danger if each in found), None)

    def reminders(self, locale: str) -> Vocabulary:
        found = self._locale(locale).reminders
        assert found is not None
        return found

    def understand(self, text: str, locale: str, now: datetime, zone: ZoneInfo) -> Wish | None:
        """The wish for a reminder, in whatever language: the person's own first. None if there is none.

        What one language knows as a kind is no text of its own in another: “in 40 Minuten: atmen”. Nor is a
        text in another language what means something in the person's own: “in 20 min bin ich zurück”.
        """
        own = parse_wish(text, self.reminders(locale), now, zone)
        if own is not None and own.kind is not Kind.OWN:
            return own
        others = (self.reminders(name) for name in self.locales if name != locale)
        found = [wish for words in others if (wish := parse_wish(text, words, now, zone)) is not None]
        plain = next((wish for wish in found if wish.text is None), None)
        free = (wish for wish in found if wish.text and not self.reminders(locale).means_more(wish.text))
        return plain or own or next(free, None)

    def _locale(self, locale: str) -> Locale:
        return self._locales.get(locale) or self._locales[FALLBACK]


def load(content_dir: Path | None = None, helplines_file: Path | None = None) -> Content:
    """Read and check everything. Raises ContentInvalid with every fault of every file."""
    content, faults = inspect(content_dir, helplines_file)
    if content is None:
        raise ContentInvalid([str(fault) for fault in faults])
    return content


def inspect(
    content_dir: Path | None = None, helplines_file: Path | None = None, *, thorough: bool = False
) -> tuple[Content | None, list[Fault]]:
    """The content, or None and all its faults, by file and line.

    `thorough`: hold it against the bot's own source, too; that takes a second, and the start does not.
    """
    read = reading.read(content_dir or folder(), helplines_file)
    faults = [*read.faults, *checks.faults(read)]
    if thorough:
        from bot.content import usage

        faults += usage.faults(read)
    if faults or read.helplines is None:
        return None, sorted(set(faults), key=lambda fault: (str(fault.file), fault.line, fault.message))
    locales = {
        name: Locale(
            language.strings,
            language.scripts,
            language.phrases,
            _among(language, read.languages),
            pictures.of_language(language),
        )
        for name, language in read.languages.items()
    }
    return Content(locales, read.helplines), []


def _among(language: Language, languages: Mapping[str, Language]) -> Vocabulary | None:
    """Its words for reminders: what another language knows is no typing error (“nicht” is not “night”)."""
    own = language.reminders
    others = (other.reminders for other in languages.values() if other is not language)
    foreign = frozenset(word for words in others if words is not None for word in words.known)
    return own and replace(own, foreign=foreign)
