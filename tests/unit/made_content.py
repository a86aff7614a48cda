"""A small content folder without a fault, to put faults into."""

from pathlib import Path

from bot.content.catalog import inspect
from bot.content.reading import shipped

SCRIPT = """\
id: talk
version: 1
title: Talk
promise: "One minute"
source: Made up
start: hello
steps:
  hello:
    kind: say
    text: "Hello."
    next: how
  how:
    kind: ask
    text: "How is it?"
    skip: bye
    choices:
      - {id: good, label: "Good", next: bye}
      - {id: bad, label: "Bad", do: breathe}
  bye:
    kind: end
    text: "Bye."
"""
STRINGS = """\
# a comment
hello:
  first: "Hello, {name}."
  list:
    - "one"
    - "two"
bye: "Bye."
"""
PHRASES = """\
version: 1
crisis:
  - want to die
actions:
  back: ["=back"]
"""
REMINDERS = (shipped() / "en" / "reminders.yaml").read_text(encoding="utf-8")
HELPLINES = """\
version: 1
checked: 2026-11-22
directory: {name: everywhere, url: "https://example.org"}
emergency: {US: "911"}
suicide:
  - country: US
    name: A line
    number: "988"
    source: "https://example.org"
    checked: 2026-11-22
violence: []
"""
GOOD = {
    "en/strings.yaml": STRINGS,
    "en/phrases.yaml": PHRASES,
    "en/reminders.yaml": REMINDERS,
    "en/scripts/talk.yaml": SCRIPT,
    "helplines.yaml": HELPLINES,
}

Found = tuple[str, int, str]
"""File, line and message."""


def make(folder: Path) -> Path:
    made = folder / "content"
    for name, text in GOOD.items():
        put(made, name, text)
    return made


def put(base: Path, name: str, text: str | bytes) -> None:
    file = base / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())


def change(base: Path, name: str, old: str, new: str) -> str:
    """Replace what stands once in a file; its text is then this."""
    text = (base / name).read_text(encoding="utf-8")
    assert text.count(old) == 1, (old, text.count(old))
    put(base, name, changed := text.replace(old, new))
    return changed


def faults(base: Path) -> list[Found]:
    """Everything that is wrong."""
    found, wrong = inspect(base)
    assert (found is None) == bool(wrong)
    return [(each.file.relative_to(base).as_posix(), each.line, each.message) for each in wrong]


def line_of(text: str, part: str) -> int:
    """The line (from 1) on which this stands."""
    [line] = [number for number, each in enumerate(text.splitlines(), 1) if part in each]
    return line
