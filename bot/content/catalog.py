"""All content in memory: strings, scripts, phrases and helplines, checked at start-up."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from string import Formatter
from typing import Any

from bot.content import helplines, located, phrases, scripts
from bot.content.helplines import Helplines
from bot.content.located import Document, Fault, FileFaultError
from bot.domain.errors import ContentInvalid
from bot.domain.phrases import Phrases
from bot.domain.script import Script

FALLBACK = "en"


@dataclass(frozen=True)
class StoredScript:
    """A script with its file's body and hash, as sessions refer to it."""

    script: Script
    body: Any
    hash: str


@dataclass(frozen=True)
class Locale:
    """Everything in one language."""

    strings: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    scripts: Mapping[str, StoredScript] = field(default_factory=dict)
    phrases: Phrases | None = None


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

    def has(self, locale: str, key: str) -> bool:
        return key in self._locale(locale).strings

    def all_of(self, locale: str, key: str) -> tuple[str, ...]:
        """Every entry of a list."""
        return self._locale(locale).strings[key]

    def script(self, locale: str, script_id: str) -> StoredScript:
        return self._locale(locale).scripts[script_id]

    def phrases(self, locale: str) -> Phrases:
        found = self._locale(locale).phrases
        assert found is not None
        return found

    def _locale(self, locale: str) -> Locale:
        return self._locales.get(locale) or self._locales[FALLBACK]


def folder() -> Path:
    """Where the shipped content is: beside the package in a checkout, inside it in a wheel."""
    package = Path(__file__).parents[1]
    inside = package / "_content"
    return inside if inside.is_dir() else package.parent / "content"


def load(content_dir: Path | None = None, helplines_file: Path | None = None) -> Content:
    """Read and check everything. Raises ContentInvalid with every fault of every file."""
    content, faults = inspect(content_dir, helplines_file)
    if content is None:
        raise ContentInvalid([str(fault) for fault in faults])
    return content


def inspect(
    content_dir: Path | None = None, helplines_file: Path | None = None
) -> tuple[Content | None, list[Fault]]:
    """The content, or None and all its faults."""
    base = content_dir or folder()
    faults: list[Fault] = []
    locales = {
        each.name: _load_locale(each, faults)
        for each in sorted(base.iterdir() if base.is_dir() else ())
        if each.is_dir() and not each.name.startswith(".")
    }
    if FALLBACK not in locales:
        faults.append(Fault(base, 1, f"there is no folder “{FALLBACK}” with the English content"))
    if FALLBACK in locales and not faults:
        for name, locale in locales.items():
            faults += _missing(base / name, locale, locales[FALLBACK])
    lines = _read(helplines_file or base / "helplines.yaml", faults, helplines.check)
    if faults or lines is None:
        return None, faults
    return Content(locales, lines), []


def _missing(folder_of_locale: Path, locale: Locale, english: Locale) -> Iterator[Fault]:
    """What the fallback has and this language has not: such a notice could not be worded."""
    file = folder_of_locale / "strings.yaml"
    for key, wordings in english.strings.items() if locale.strings else ():
        if key not in locale.strings:
            yield Fault(file, 1, f"{key} is missing")
        elif unknown := _placeholders(locale.strings[key]) - _placeholders(wordings):
            yield Fault(file, 1, f"{key}: nothing fills in {{{min(unknown)}}}")
    for script in sorted(english.scripts.keys() - locale.scripts.keys()):
        yield Fault(folder_of_locale / "scripts", 1, f"{script}.yaml is missing or has faults")


def _placeholders(wordings: tuple[str, ...]) -> set[str]:
    return {name for text in wordings for _, name, _, _ in Formatter().parse(text) if name}


def _load_locale(base: Path, faults: list[Fault]) -> Locale:
    strings = _read(base / "strings.yaml", faults, _check_strings)
    found = [_read(file, faults, _check_script) for file in sorted((base / "scripts").glob("*.yaml"))]
    words = _read(base / "phrases.yaml", faults, phrases.check)
    stored = {each.script.id: each for each in found if each is not None}
    return Locale(strings or {}, stored, words)


def _read(file: Path, faults: list[Fault], check: Any) -> Any:
    """Read one file, check it with `check(document)`, and collect what is wrong."""
    try:
        document = located.read(file)
        faults += document.faults
        found, more = check(document)
    except FileFaultError as error:
        faults.append(error.fault)
        return None
    faults += more
    return found


def _check_script(document: Document) -> tuple[StoredScript | None, list[Fault]]:
    script, faults = scripts.check(document)
    if script is None:
        return None, faults
    return StoredScript(script, document.data, scripts.script_hash(document.data)), faults


def _check_strings(document: Document) -> tuple[dict[str, tuple[str, ...]] | None, list[Fault]]:
    """Nested mappings become dotted keys; a value is a text, or a list of texts."""
    strings: dict[str, tuple[str, ...]] = {}
    faults: list[Fault] = []

    def walk(value: Any, where: tuple[str | int, ...]) -> None:
        if isinstance(value, dict):
            for key, item in value.items():
                walk(item, (*where, str(key)))
            return
        wordings = value if isinstance(value, list) else [value]
        if not wordings:
            faults.append(document.fault(where, f"{'.'.join(map(str, where))}: the list is empty"))
        for wording in wordings:
            problem = _problem_of(wording)
            if problem is not None:
                faults.append(document.fault(where, f"{'.'.join(map(str, where))}: {problem}"))
        strings[".".join(map(str, where))] = tuple(map(str, wordings))

    if not isinstance(document.data, dict):
        return None, [document.fault((), "the file must map keys to texts")]
    walk(document.data, ())
    return strings, faults


def _problem_of(wording: Any) -> str | None:
    if not isinstance(wording, str) or not wording.strip():
        return "must be a text that is not empty (put numbers and yes/no in quotes)"
    try:
        names = [name for _, name, _, _ in Formatter().parse(wording) if name is not None]
    except ValueError as error:
        return f"a brace is not in its place: {error}"
    bad = [name for name in names if not name.isidentifier()]
    return f"“{{{bad[0]}}}” is no placeholder" if bad else None
