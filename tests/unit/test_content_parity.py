"""Other languages against English: what is missing, what is left over, and scripts that are not the same."""

from pathlib import Path

import pytest

from . import made_content
from .made_content import PHRASES, REMINDERS, STRINGS, change, faults, line_of, put

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
    text: ["Hello.", "Hello again."]
    next: strong
  strong:
    kind: scale
    measures: other
    text: "How true?"
    skip: how
    next: sort
  sort:
    kind: branch
    ways:
      - {when: {at_least: {strong: 7}}, next: breath}
    next: how
  how:
    kind: ask
    text: "How is it?"
    skip: line
    choices:
      - {id: good, label: "Good", next: line, leans: out}
      - {id: bad, label: "Bad", do: script, script: talk, when: {linked: true}}
  breath:
    kind: breathe
    text: "Breathe."
    pattern: box
    seconds: 64
    next: feet
  feet:
    kind: ground
    text: "Feel."
    parts: ["Your feet.", "Your hands."]
    next: line
  line:
    kind: write
    text: "Write."
    label: "No, thanks"
    keep: nothing
    limit: 200
    skip: bye
    next: onward
  onward:
    kind: offer
    text: "And now?"
    choices:
      - {id: send, label: "Send", do: send, of: line}
      - {id: done, label: "Enough", do: done}
  bye:
    kind: end
    quote: wise
    text: "“Good bye.”"
"""
ENGLISH = STRINGS + 'quotes:\n  wise: "Good bye"\n'
OTHER = "xx/scripts/talk.yaml"


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """English and another language, both complete. The article has this quote, and no more."""
    made = made_content.make(tmp_path)
    put(made, "article.yaml", 'words: 7\nquotes: {wise: "ac72773e"}\nruns: ""\n')
    for locale in ("en", "xx"):
        put(made, f"{locale}/scripts/talk.yaml", SCRIPT)
        put(made, f"{locale}/strings.yaml", ENGLISH)
        put(made, f"{locale}/phrases.yaml", PHRASES)
        put(made, f"{locale}/reminders.yaml", REMINDERS)
    return made


def test_a_complete_language_has_no_faults(base: Path) -> None:
    assert faults(base) == []


def test_a_third_language_is_a_folder(base: Path) -> None:
    put(base, "yy/strings.yaml", ENGLISH)
    found = faults(base)
    assert {(file, message) for file, _, message in found} >= {
        ("yy/scripts/talk.yaml", "is missing: English has it")
    }


STRING_FAULTS = {
    "missing": ('  first: "Hello, {name}."\n', "", "hello:", "hello.first is missing"),
    "a section missing": ('bye: "Bye."\n', "", "hello:", "bye is missing"),
    "unused": ('bye: "Bye."', 'bye: "Bye."\nmore: "More."', "more:", "more is unused: English"),
    "unknown placeholder": ("{name}", "{names}", "first:", "hello.first: nothing fills in {names}"),
    "unknown placeholder in a list": (
        '- "two"',
        '- "two {name}"',
        "- ",
        "hello.list: nothing fills in {name}",
    ),
}


@pytest.mark.parametrize("name", STRING_FAULTS)
def test_a_string_that_differs(base: Path, name: str) -> None:
    old, new, where, message = STRING_FAULTS[name]
    text = change(base, "xx/strings.yaml", old, new)
    line = line_of(text, new) if where == "- " else line_of(text, where)
    [(file, at, said)] = faults(base)
    assert (file, at) == ("xx/strings.yaml", line)
    assert message in said


def test_a_placeholder_may_be_left_out_and_wordings_may_be_more(base: Path) -> None:
    change(base, "xx/strings.yaml", "Hello, {name}.", "Hello.")
    change(base, "xx/strings.yaml", '    - "two"\n', '    - "two"\n    - "three"\n')
    change(base, OTHER, 'text: ["Hello.", "Hello again."]', "text: Hello.")
    assert faults(base) == []


def test_a_missing_script_and_one_too_many(base: Path) -> None:
    (base / OTHER).rename(base / "xx/scripts/walk.yaml")
    change(base, "xx/scripts/walk.yaml", "id: talk", "id: walk")
    change(base, "xx/scripts/walk.yaml", "script: talk", "script: walk")
    assert faults(base) == [
        (OTHER, 1, "is missing: English has it"),
        ("xx/scripts/walk.yaml", 1, "is unused: English has no such script"),
    ]


def test_a_script_that_cannot_be_read_is_not_missing(base: Path) -> None:
    put(base, OTHER, "id: [\n")
    [(file, _, message)] = faults(base)
    assert file == OTHER
    assert "not valid YAML" in message


# What is changed in the other language, the line (or a part of it), and a part of the message.
SCRIPT_FAULTS = {
    "version": ("version: 1", "version: 2", "version: 2", "“version” is “2”, in English “1”"),
    "start": ("start: hello", "start: strong", "start:", "“start” is “strong”"),
    "script's keep": (
        "start: hello",
        "start: hello\nkeep: nothing",
        "start: hello\nkeep: nothing",
        "“keep” is “nothing”",
    ),
    "kind": (
        "    kind: say",
        "    kind: write",
        "  hello:\n    kind: write",
        "“kind” is “write”, in English “say”",
    ),
    "next": ("    next: onward", "    next: bye", "next: bye", "“next” is “bye”, in English “onward”"),
    "skip": ("    skip: how", "    skip: bye", '    text: "How true?"\n    skip: bye', "“skip” is “bye”"),
    "no skip": ("    skip: how\n", "", "  strong:", "“skip” is not given, in English “how”"),
    "measures": ("    measures: other\n", "", "  strong:", "“measures” is “intensity”, in English “other”"),
    "pattern": ("pattern: box", "pattern: slow", "pattern: slow", "“pattern” is “slow”, in English “box”"),
    "seconds": ("seconds: 64", "seconds: 60", "seconds: 60", "“seconds” is “60”, in English “64”"),
    "keep": ("    keep: nothing\n", "", "  line:", "“keep” is “journal”, in English “nothing”"),
    "limit": ("limit: 200", "limit: 100", "limit: 100", "“limit” is “100”, in English “200”"),
    "quote": ("    quote: wise\n", "", "  bye:", "“quote” is not given, in English “wise”"),
    "label": ('    label: "No, thanks"\n', "", "  line:", "“label” is missing: English has it"),
    "parts": (', "Your hands."]', ', "Your hands.", "More."]', "More.", "3 parts, in English 2"),
    "a way": ("{strong: 7}", "{strong: 8}", "{strong: 8}", "not the one it is in English"),
    "way's next": (
        "7}}, next: breath}",
        "7}}, next: feet}",
        "7}}, next: feet}",
        "not the one it is in English",
    ),
    "choice's next": ("next: line, leans", "next: bye, leans", "next: bye, leans", "“next” is “bye”"),
    "choice's do": ("do: send, of: line", "next: bye", "id: send", "“do” is not given, in English “send”"),
    "choice's of": ("do: send, of: line", "next: bye", "id: send", "“of” is not given, in English “line”"),
    "choice's script": ("do: script, script: talk", "do: breathe", "id: bad", "“script” is not given"),
    "choice's when": ("linked: true", "linked: false", "linked: false", "“when” is another condition"),
    "choice's leans": ("leans: out", "leans: back", "leans: back", "“leans” is “back”, in English “out”"),
    "no such choice": ("{id: good,", "{id: fine,", "{id: fine,", "English has no choice “fine”"),
    "choice missing": (
        "{id: good,",
        "{id: fine,",
        "    skip: line\n    choices:",
        "the choice “good” is missing",
    ),
    "no such step": (
        "  hello:\n",
        "  more:\n    kind: end\n    text: More.\n  hello:\n",
        "  more:",
        "English has no such step",
    ),
    "step missing": ("  onward:\n", "  upward:\n", "steps:", "the step “onward” is missing"),
}


@pytest.mark.parametrize("name", SCRIPT_FAULTS)
def test_a_script_that_differs(base: Path, name: str) -> None:
    old, new, where, message = SCRIPT_FAULTS[name]
    text = change(base, OTHER, old, new)
    assert text.count(where) == 1
    line = text[: text.index(where) + len(where)].count("\n") + 1
    found = faults(base)
    assert any((file, at) == (OTHER, line) and message in said for file, at, said in found), found


def test_every_difference_is_told(base: Path) -> None:
    change(base, OTHER, "seconds: 64", "seconds: 60")
    change(base, OTHER, "limit: 200", "limit: 100")
    change(base, OTHER, "linked: true", "linked: false")
    change(base, "xx/strings.yaml", 'bye: "Bye."', 'goodbye: "Bye."')
    assert [file for file, _, _ in faults(base)] == [OTHER] * 3 + ["xx/strings.yaml"] * 2


def test_words_may_all_differ(base: Path) -> None:
    for old, new in [
        ("title: Talk", "title: Reden"),
        ("One minute", "Eine Minute"),
        ("Made up", "Erfunden"),
        ("How is it?", "Wie ist es?"),
        ('"Good"', '"Gut"'),
        ("Your feet.", "Deine Füße."),
        ("No, thanks", "Nein"),
    ]:
        change(base, OTHER, old, new)
    assert faults(base) == []
