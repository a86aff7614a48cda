"""Reading content/: a folder for each language, the files beside them, and what is wrong with each alone."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from bot.content import article, helplines, located, phrases, reminders, scripts, strings
from bot.content.article import Article
from bot.content.helplines import Helplines
from bot.content.located import Document, Fault, FileFaultError, Where
from bot.content.scripts import StoredScript
from bot.content.strings import Texts
from bot.domain.phrases import Phrases
from bot.domain.wish_words import Vocabulary

T = TypeVar("T")

FALLBACK = "en"


@dataclass(frozen=True)
class Said:
    """A text, and where it stands: the key of a string, or the script's id and its step's quote mark."""

    text: str
    document: Document
    where: Where
    key: str | None = None
    quote: str | None = None

    def fault(self, message: str) -> Fault:
        return self.document.fault(self.where, message)


@dataclass(frozen=True)
class Language:
    """One language's folder. A file that could not be read is not in here; its faults are told elsewhere."""

    folder: Path
    strings: Texts = field(default_factory=dict)
    scripts: Mapping[str, StoredScript] = field(default_factory=dict)
    phrases: Phrases | None = None
    strings_file: Document | None = None
    script_files: Mapping[str, Document] = field(default_factory=dict)
    script_names: frozenset[str] = frozenset()
    """All script files, readable or not."""
    reminders: Vocabulary | None = None

    @property
    def name(self) -> str:
        return self.folder.name

    def at(self, key: str, message: str, wording: int | None = None) -> Fault:
        """A fault of the string `key`, or of the nearest thing above it that is there."""
        assert self.strings_file is not None
        place = key.split(".")
        return self.strings_file.fault([*place] if wording is None else [*place, wording], message)

    def says(self) -> Iterator[Said]:
        """Everything that is said in this language."""
        for key, wordings in self.strings.items():
            for number, text in enumerate(wordings):
                assert self.strings_file is not None
                yield Said(text, self.strings_file, (*key.split("."), number), key)
        for script_id, stored in self.scripts.items():
            yield from _said_in(stored, self.script_files[script_id])


@dataclass(frozen=True)
class Folder:
    """All of content/, as far as it could be read."""

    languages: Mapping[str, Language]
    helplines: Helplines | None
    article: Article | None
    faults: list[Fault]


def shipped() -> Path:
    """Where the shipped content is: beside the package in a checkout, inside it in a wheel."""
    package = Path(__file__).parents[1]
    inside = package / "_content"
    return inside if inside.is_dir() else package.parent / "content"


def read(base: Path, helplines_file: Path | None = None) -> Folder:
    """Read everything. A content folder of one's own needs no article: the shipped one holds."""
    faults: list[Fault] = []
    languages = {
        each.name: _language(each, faults)
        for each in sorted(base.iterdir() if base.is_dir() else ())
        if each.is_dir() and not each.name.startswith(".")
    }
    if FALLBACK not in languages:
        faults.append(Fault(base, 1, f"there is no folder “{FALLBACK}” with the English content"))
    lines = _read(helplines_file or base / "helplines.yaml", faults, helplines.check)
    own = base / "article.yaml"
    prints = _read(own if own.is_file() else shipped() / "article.yaml", faults, article.check)
    return Folder(languages, lines[0], prints[0], faults)


def _language(folder: Path, faults: list[Fault]) -> Language:
    texts, strings_file = _read(folder / "strings.yaml", faults, strings.check)
    files = sorted((folder / "scripts").glob("*.yaml"))
    found = [_read(file, faults, scripts.check) for file in files]
    words, _ = _read(folder / "phrases.yaml", faults, phrases.check)
    wishes, _ = _read(folder / "reminders.yaml", faults, reminders.check)
    return Language(
        folder,
        texts or {},
        {stored.script.id: stored for stored, _ in found if stored is not None},
        words,
        strings_file,
        {stored.script.id: file for stored, file in found if stored is not None and file is not None},
        frozenset(file.stem for file in files),
        wishes,
    )


def _read(
    file: Path, faults: list[Fault], check: Callable[[Document], tuple[T | None, list[Fault]]]
) -> tuple[T | None, Document | None]:
    """Read one file, check it on its own, and collect what is wrong."""
    try:
        document = located.read(file)
    except FileFaultError as error:
        faults.append(error.fault)
        return None, None
    found, more = check(document)
    faults += [*document.faults, *more]
    return found, document


def _said_in(stored: StoredScript, document: Document) -> Iterator[Said]:
    script = stored.script
    for name in ("title", "promise", "source", "evidence"):
        yield Said(getattr(script, name), document, (name,))
    for step in script.steps.values():
        at = ("steps", step.id)
        places: list[tuple[Where, Any]] = [
            *(((*at, "text", number), text) for number, text in enumerate(step.texts)),
            *(((*at, "parts", number), part) for number, part in enumerate(step.parts)),
            *(((*at, "choices", number, "label"), each.label) for number, each in enumerate(step.choices)),
            ((*at, "label"), step.label or ""),
        ]
        for where, text in places:
            yield Said(text, document, where, quote=step.quote if "text" in where[2:3] else None)
