"""Strings against the source that asks for them: a small package, and a small content folder."""

from pathlib import Path

import pytest

from bot.content import reading, usage

from . import made_content
from .made_content import Found, line_of, put

SOURCE = '''\
"""Says "doc.string", which is no use of it."""

PAGES = {"page": "menu.page"}


def send(visit, w, late, name):
    """doc.string"""
    visit.show("menu.first", words_key="menu.words")
    visit.send("menu.late" if late else "menu.early")
    visit.send(f"errors.{name}")
    visit.send("step.ask")
    w("menu.page", name=name)


def keyboard(w, what):
    key = "menu.send" if what else "menu.keep"
    rows = [[w.button(key, "x")], [{"text": w("menu.link"), "url": "https://example.org"}]]
    link = quote({"text": w("menu.first"), "url": ""})
    return [*rows, [w.button(f"buttons.{what}", "y"), copy(w)], link]


def copy(w):
    return {"text": w("menu.copy"), "copy_text": {}}
'''
STRINGS = """\
menu:
  page: "A page"
  words: "Some words"
  first: "A message that is longer than any button could ever be, {name}"
  late: "Late"
  early: "Early"
  send: "Send"
  keep: "Keep"
  link: "Link"
  copy: "Copy {time}"
errors:
  one: "One"
  two: "Two"
buttons:
  one: "One"
"""


@pytest.fixture
def base(tmp_path: Path) -> Path:
    put(tmp_path, "package/sends.py", SOURCE)
    put(tmp_path, "package/playground/own.py", 'visit.send("nobody.has_this")\n')
    made = made_content.make(tmp_path)
    put(made, "en/strings.yaml", STRINGS)
    return made


def faults(base: Path) -> list[Found]:
    found = usage.faults(reading.read(base), base.parent / "package")
    return sorted((each.file.relative_to(base.parent).as_posix(), each.line, each.message) for each in found)


def test_all_that_is_there_is_asked_for(base: Path) -> None:
    assert faults(base) == []


def test_a_string_nobody_asks_for(base: Path) -> None:
    text = STRINGS + 'doc:\n  string: "Unused"\nmore: "Unused, too"\n'
    put(base, "en/strings.yaml", text)
    assert faults(base) == [
        (
            "content/en/strings.yaml",
            line_of(text, "string:"),
            "doc.string is unused: nothing in the bot asks for it",
        ),
        ("content/en/strings.yaml", line_of(text, "more:"), "more is unused: nothing in the bot asks for it"),
    ]


@pytest.mark.parametrize(
    ("name", "asks"),
    [
        ("late", ['visit.send("menu.late']),
        ("early", ['visit.send("menu.late']),
        ("words", ["visit.show("]),
        ("first", ["visit.show(", "link = quote("]),
        ("link", ["rows = [["]),
        ("page", ['w("menu.page']),
    ],
)
def test_a_string_that_is_not_there(base: Path, name: str, asks: list[str]) -> None:
    [line] = [each for each in STRINGS.splitlines() if each.startswith(f"  {name}:")]
    put(base, "en/strings.yaml", STRINGS.replace(f"{line}\n", ""))
    assert faults(base) == [
        ("package/sends.py", line_of(SOURCE, each), f"menu.{name} is missing in en/strings.yaml")
        for each in asks
    ]


WIDE = "x" * 25


@pytest.mark.parametrize(
    ("old", "new", "width"),
    [
        ('"Send"', f'"{WIDE}"', 25),
        ('"Keep"', f'"{WIDE}"', 25),
        ('"Link"', f'"{WIDE}"', 25),
        ('"Copy {time}"', f'"{WIDE} {{time}}"', 31),
        ('buttons:\n  one: "One"', f'buttons:\n  one: "{WIDE}"', 25),
    ],
)
def test_a_button_that_is_too_wide(base: Path, old: str, new: str, width: int) -> None:
    text = STRINGS.replace(old, new)
    put(base, "en/strings.yaml", text)
    [(file, line, message)] = faults(base)
    assert (file, line) == ("content/en/strings.yaml", line_of(text, WIDE))
    assert f"{width} characters; a button has at most 24" in message
    put(base, "en/strings.yaml", text.replace(WIDE, WIDE[: 24 - width]))
    assert faults(base) == []


def test_buttons_of_all_languages(base: Path) -> None:
    text = STRINGS.replace("Send", "x" * 25)
    put(base, "de/strings.yaml", text)
    [(file, line, _)] = faults(base)
    assert (file, line) == ("content/de/strings.yaml", line_of(text, "xxx"))
