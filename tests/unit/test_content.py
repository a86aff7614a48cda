"""The check of content/: every fault of every file at once, at its place."""

import shutil
from pathlib import Path

import pytest

from bot.content.catalog import load
from bot.domain.errors import ContentInvalid

from . import made_content
from .made_content import HELPLINES, PHRASES, SCRIPT, STRINGS, change, faults, line_of, put


@pytest.fixture
def base(tmp_path: Path) -> Path:
    return made_content.make(tmp_path)


def test_a_good_folder_has_no_faults(base: Path) -> None:
    assert faults(base) == []
    content = load(base)
    assert content.locales == ["en"]
    assert content.text("en", "hello.first", name="Mara") == "Hello, Mara."
    assert content.text("en", "hello.list", variant=3) == "two"
    assert content.all_of("en", "hello.list") == ("one", "two")
    assert content.ids("en", "hello") == ["first", "list"]
    assert content.script_ids("en") == ["talk"]
    assert content.script("en", "talk").script.steps["hello"].text == "Hello."
    assert content.helplines.emergency == {"US": "911"}
    assert content.phrases("en").is_crisis("I want to die")


def test_a_locale_that_is_not_there_falls_back_to_english(base: Path) -> None:
    content = load(base)
    assert content.best_locale("de-AT") == "en"
    assert content.best_locale(None) == "en"
    assert content.best_locale("EN-us") == "en"
    assert content.text("de", "bye") == "Bye."
    with pytest.raises(KeyError):
        content.text("en", "no.such.key")


def test_a_folder_that_begins_with_a_dot_is_not_there_yet(base: Path) -> None:
    put(base, ".de/strings.yaml", "broken: {")
    assert faults(base) == []


Row = tuple[str, str | bytes, int | str, str]
"""A file, its text, the line (or a part of it), a part of the message."""


def script(old: str, new: str, where: int | str, message: str) -> Row:
    """The good script with something else in it."""
    assert SCRIPT.count(old) == 1, old
    return "en/scripts/talk.yaml", SCRIPT.replace(old, new), where, message


def strings(old: str, new: str, where: int | str, message: str) -> Row:
    assert STRINGS.count(old) == 1, old
    return "en/strings.yaml", STRINGS.replace(old, new), where, message


def helplines(old: str, new: str, where: int | str, message: str) -> Row:
    assert old in HELPLINES
    return "helplines.yaml", HELPLINES.replace(old, new), where, message


LONG_TEXT, LONG_LABEL, LONG_ID = "x" * 401, "x" * 25, "x" * 70
HOW = SCRIPT[SCRIPT.index("  how:") : SCRIPT.index("  bye:")]
GOOD_CHOICE = '{id: good, label: "Good", next: bye}'
FAULTY: dict[str, Row] = {
    # the shape of a script
    "bad YAML": script("title: Talk", 'title: "Talk', "promise", "not valid YAML"),
    "a tab": script("  hello:", "\thello:", "\thello:", "not valid YAML"),
    "a key twice": script("version: 1", "version: 1\nversion: 2", "version: 2", "stands here twice"),
    "a step twice": script("  bye:", "  how:", 19, "“how” stands here twice"),
    "unknown field of the file": script("title:", "colour: red\ntitle:", "colour", "extra inputs"),
    "unknown field of a step": script('"Hello."', '"Hello."\n    tekst: x', "tekst", "extra inputs"),
    "unknown field of a choice": script("do: breathe", "do: breathe, x: 1", "do: breathe", "extra"),
    "unknown field of a condition": script(
        GOOD_CHOICE, "{id: good, label: Good, next: bye, when: {moon: full}}", "moon", "extra"
    ),
    "unknown kind": script("kind: say", "kind: sing", "kind: sing", "input should be"),
    "unknown action": script("do: breathe", "do: dance", "do: dance", "input should be"),
    "an empty text": script('"Hello."', '""', 'text: ""', "at least 1 character"),
    "an empty wording": script('"Hello."', '["Hello.", ""]', 'text: ["Hello', "at least 1 character"),
    "a blank text": script('"Hello."', '" "', 'text: " "', "needs a text"),
    "a bare number": script("title: Talk", "title: 5", "title: 5", "valid string"),
    "a bare yes as a choice": script("id: good", "id: yes", "id: yes", "valid string"),
    "an id with capitals": script("id: good", "id: Good", "id: Good", "match pattern"),
    "another id than the file": script("id: talk", "id: walk", "id: walk", "name and its id"),
    "no steps": script(SCRIPT[SCRIPT.index("steps:") :], "steps: {}\n", "start: hello", "no step"),
    "not a mapping": ("en/scripts/talk.yaml", "- a\n- b\n", 1, "valid dictionary"),
    "an empty file": ("en/scripts/talk.yaml", "# nothing\n", 1, "is empty"),
    "not UTF-8": ("en/scripts/talk.yaml", SCRIPT.encode("utf-16"), 1, "UTF-8"),
    # the ways of a script
    "unknown start": script("start: hello", "start: nowhere", "start:", "“nowhere”"),
    "unknown next": script("next: how", "next: nowhere", "next: nowhere", "“nowhere” is no step"),
    "unknown skip": script("skip: bye", "skip: gone", "skip: gone", "“gone” is no step"),
    "unknown next of a choice": script("next: bye}", "next: gone}", "next: gone", "“gone” is no step"),
    "unknown next of a branch": script(
        "  bye:",
        "  fork: {kind: branch, ways: [{when: {linked: true}, next: gone}], next: bye}\n  bye:",
        "fork",
        "“gone” is no step",
    ),
    "a dead end": script("    next: how\n", "", "  hello:", "dead end"),
    "a choice that leads nowhere": script(", next: bye}", "}", "id: good", "either “next” or “do”"),
    "an ask without a skip": script("    skip: bye\n", "", "  how:", "needs “skip”"),
    "nobody gets there": script(
        "  bye:", "  island: {kind: end, text: Here.}\n  bye:", "island", "no way leads"
    ),
    "a loop without a wait": script("next: how", "next: hello", "  hello:", "loop that never waits"),
    "a loop without an end": script(
        HOW, '  how: {kind: scale, text: "0 to 10?", next: how}\n', "  how:", "no way"
    ),
    "a condition on no step": script(
        GOOD_CHOICE,
        "{id: good, label: Good, next: bye, when: {at_least: {nothing: 7}}}",
        "nothing: 7",
        "“nothing” is no “scale” step",
    ),
    "a condition that comes too early": script(
        GOOD_CHOICE,
        "{id: good, label: Good, next: bye, when: {answer: {how: bad}}}",
        "how: bad",
        "never answered before this",
    ),
    "a script that does not exist": script(
        "do: breathe", "do: script, script: nowhere", "script: nowhere", "no script “nowhere”"
    ),
    # its words
    "a text too long": script("Hello.", LONG_TEXT, LONG_TEXT, "401 characters"),
    "a wording too long": script(
        '"Hello."', f'\n      - "Hello."\n      - {LONG_TEXT}', LONG_TEXT, "401 characters"
    ),
    "a label too long": script('label: "Good"', f'label: "{LONG_LABEL}"', LONG_LABEL, "25 characters"),
    "a title too long": script("title: Talk", f"title: {LONG_LABEL}", LONG_LABEL, "25 characters"),
    "a choice over 64 bytes": script(
        "id: good", f"id: {LONG_ID}", LONG_ID, "46 bytes too long: a callback has 64"
    ),
    "a script over 64 bytes": script("id: talk", f"id: {LONG_ID}", f"id: {LONG_ID}", "a callback has 64"),
    "a step over 64 bytes": script("  bye:", f"  {LONG_ID}:", f"  {LONG_ID}:", "a callback has 64"),
    "two questions": script("How is it?", "How? And why?", "How? And why?", "more than one question"),
    "an unknown placeholder": script("Bye.", "Bye, {name}.", "{name}", "“{name}” is no placeholder"),
    "a placeholder that is not filled in yet": script(
        "Bye.", "{how}, then.", "{how}", "“{how}” may not be answered yet here"
    ),
    "a brace alone": script("Bye.", "Bye {", "Bye {", "a brace"),
    "a tag": script("Bye.", "<b>Bye.</b>", "<b>", "no tags in scripts"),
    # strings
    "an empty string": strings('"Bye."', '""', "bye:", "not empty"),
    "a string of spaces": strings('"Bye."', '"  "', "bye:", "not empty"),
    "nothing at all": strings(' "Bye."', "", "bye:", "not empty"),
    "a number as a string": strings('"Bye."', "5", "bye:", "not empty"),
    "a yes as a string": strings('"Bye."', "yes", "bye:", "in quotes"),
    "an empty entry of a list": strings('"two"', '""', '- ""', "hello.list"),
    "an empty list": strings('"Bye."', "[]", "bye:", "the list is empty"),
    "an open brace": strings("{name}", "{name", "first:", "a brace"),
    "a closing brace": strings("{name}", "name}", "first:", "a brace"),
    "an empty placeholder": strings("{name}", "{}", "first:", "no placeholder"),
    "a numbered placeholder": strings("{name}", "{0}", "first:", "no placeholder"),
    "a placeholder with a dot": strings("{name}", "{a.b}", "first:", "placeholder"),
    "a placeholder with a format": strings("{name}", "{name:d}", "first:", "“{name:d}” is no placeholder"),
    "a string too long": strings("Bye.", f"<b>{LONG_TEXT}</b>", "bye:", "401 characters"),
    "an entry too long": strings("two", LONG_TEXT, LONG_TEXT, "401 characters"),
    "an unknown tag": strings("Bye.", "<strong>Bye.</strong>", "bye:", "<strong> is no tag"),
    "an open tag": strings("Bye.", "<b>Bye.", "bye:", "<b> is not closed"),
    "tags across": strings("Bye.", "<b><i>Bye.</b></i>", "bye:", "</b> closes what is not open"),
    "less than": strings("Bye.", "1 < 2", "bye:", "begins no tag"),
    "strings that are a list": ("en/strings.yaml", "- a\n", 1, "map keys to texts"),
    # the other files
    "no crisis words": (
        "en/phrases.yaml",
        PHRASES.replace("\n  - want to die", " []"),
        "crisis",
        "at least 1",
    ),
    "an unknown list of phrases": ("en/phrases.yaml", PHRASES + "more: []\n", "more:", "Extra inputs"),
    "a yes among the phrases": (
        "en/phrases.yaml",
        PHRASES.replace("want to die", "yes"),
        "- yes",
        "valid string",
    ),
    "a number of no country": helplines("country: US", "country: usa", "usa", "pattern"),
    "a helpline number that lost its zeros": helplines('"988"', "0116", "0116", "valid string"),
    "a source that is no page": helplines('source: "https', 'source: "http', "source:", "pattern"),
    "a helpline without a source": helplines(
        '    source: "https://example.org"\n', "", "- country", "required"
    ),
    "a date that is none": helplines(
        "checked: 2026-11-22\ndirectory", "checked: soon\ndirectory", "soon", "date"
    ),
    "a bare NO as a country": helplines("country: US", "country: NO", "country: NO", "valid string"),
    "an article that is no fingerprint": (
        "article.yaml",
        "words: 7\nquotes: {}\nruns: >-\n  some words\n",
        "runs",
        "pattern",
    ),
}


@pytest.mark.parametrize("name", FAULTY)
def test_each_fault_is_found_at_its_line(base: Path, name: str) -> None:
    file, text, where, message = FAULTY[name]
    put(base, file, text)
    expected = where if isinstance(where, int) else line_of(str(text), where)
    found = faults(base)
    assert any(
        (at, line) == (file, expected) and message.lower() in said.lower() for at, line, said in found
    ), found


ALONE = ("a string too long", "a choice over 64 bytes", "two questions", "nobody gets there")


@pytest.mark.parametrize("name", ALONE)
def test_one_fault_is_reported_once(base: Path, name: str) -> None:
    put(base, FAULTY[name][0], FAULTY[name][1])
    assert len(faults(base)) == 1


@pytest.mark.parametrize("key", ["yes", "no", "on", "off", "5", "~"])
def test_a_key_that_yaml_takes_for_something_else_is_named(base: Path, key: str) -> None:
    put(base, "en/strings.yaml", STRINGS + f'answers:\n  {key}: "A text"\n')
    found = faults(base)
    assert any(at == "en/strings.yaml" and "needs quotes" in said for at, _, said in found), found
    put(base, "en/strings.yaml", STRINGS + f'answers:\n  "{key}": "A text"\n')
    assert faults(base) == []


@pytest.mark.parametrize("phrase", ["<nobody> hits", "a//b", "what? *no <"])
def test_a_phrase_that_is_written_wrong_is_named(base: Path, phrase: str) -> None:
    put(base, "en/phrases.yaml", PHRASES.replace("want to die", f'"{phrase}"'))
    [(file, _, message)] = faults(base)
    assert file == "en/phrases.yaml"
    assert "phrase" in message


def test_an_unknown_action_of_the_phrases_is_named(base: Path) -> None:
    put(base, "en/phrases.yaml", PHRASES.replace("  back:", "  dance:"))
    [(file, _, message)] = faults(base)
    assert (file, "dance" in message) == ("en/phrases.yaml", True)


def test_all_faults_of_all_files_at_once(base: Path) -> None:
    script = (
        SCRIPT.replace("next: how", "next: nowhere")
        .replace("Hello.", LONG_TEXT)
        .replace("next: bye}", "next: gone}")
        .replace('label: "Bad"', f'label: "{LONG_LABEL}"')
        .replace("Bye.", "Bye, {name}.")
        .replace("  bye:", "  island: {kind: end, text: Here.}\n  bye:")
    )
    texts = STRINGS.replace("{name}", "{name").replace('"two"', "no").replace('"Bye."', '""')
    put(base, "en/scripts/talk.yaml", script)
    put(base, "en/scripts/other.yaml", "id: [\n")
    third = SCRIPT.replace("kind: say", "kind: sing").replace("version: 1", "version: 0")
    put(base, "en/scripts/third.yaml", third)
    put(base, "en/strings.yaml", texts)
    put(base, "en/phrases.yaml", PHRASES + "more: []\nless: []\n")
    put(base, "de/strings.yaml", 'bye: "Tschüss {"\n')
    put(base, "helplines.yaml", HELPLINES.replace("US:", "usa:").replace("country: US", "country: u"))
    found = faults(base)
    where = {(file, line) for file, line, _ in found}
    assert where >= {
        ("en/scripts/talk.yaml", line_of(script, "next: nowhere")),
        ("en/scripts/talk.yaml", line_of(script, LONG_TEXT)),
        ("en/scripts/talk.yaml", line_of(script, "next: gone")),
        ("en/scripts/talk.yaml", line_of(script, f'"{LONG_LABEL}"')),
        ("en/scripts/talk.yaml", line_of(script, "{name}")),
        ("en/scripts/talk.yaml", line_of(script, "island")),
        ("en/scripts/third.yaml", line_of(SCRIPT, "version:")),
        ("en/scripts/third.yaml", line_of(SCRIPT, "kind: say")),
        ("en/strings.yaml", line_of(texts, "first:")),
        ("en/strings.yaml", line_of(texts, "- no")),
        ("en/strings.yaml", line_of(texts, "bye:")),
        ("en/phrases.yaml", 6),
        ("en/phrases.yaml", 7),
        ("de/strings.yaml", 1),
        ("de/phrases.yaml", 1),
        ("helplines.yaml", line_of(HELPLINES, "emergency:")),
        ("helplines.yaml", line_of(HELPLINES, "country:")),
    }
    assert {file for file, _ in where} >= {"en/scripts/other.yaml", "de/scripts/talk.yaml"}
    assert found == sorted(set(found)), "in the order of files and lines, and each once"


def test_loading_names_every_fault_on_a_line_of_its_own(base: Path) -> None:
    put(base, "en/strings.yaml", STRINGS.replace("{name}", "{name").replace('"Bye."', '""'))
    with pytest.raises(ContentInvalid) as raised:
        load(base)
    assert [issue.split(": ")[0] for issue in raised.value.issues] == [
        f"{base / 'en/strings.yaml'}:3",
        f"{base / 'en/strings.yaml'}:7",
    ]


def test_without_english_there_is_nothing_to_fall_back_to(base: Path) -> None:
    shutil.move(base / "en", base / "de")
    assert any("no folder “en”" in message for _, _, message in faults(base))


@pytest.mark.parametrize("name", ["en/strings.yaml", "en/phrases.yaml", "helplines.yaml"])
def test_a_file_that_is_missing_is_named(base: Path, name: str) -> None:
    (base / name).unlink()
    assert [(file, line, message[:15]) for file, line, message in faults(base)] == [
        (name, 1, "cannot be read:")
    ]


def test_no_folder_at_all(tmp_path: Path) -> None:
    with pytest.raises(ContentInvalid) as raised:
        load(tmp_path / "nowhere")
    assert len(raised.value.issues) == 2


def test_the_helplines_may_stand_elsewhere(base: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(HELPLINES.replace('"911"', '"112"'), encoding="utf-8")
    (base / "helplines.yaml").unlink()
    assert load(base, mine).helplines.emergency == {"US": "112"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("  tuesday: [Tuesday, Tue, Tues]\n", "", "“tuesday” is missing"),
        ("  polite: [", "  rude: [x]\n  polite: [", "“rude” is unused"),
        ("tonight: today evening", "tonight: todax evening", "stands for words that are not in this file"),
        ('at: "08:00"', 'at: "8 o clock"', "String should match pattern"),
    ],
)
def test_a_fault_in_the_words_of_reminders(base: Path, old: str, new: str, message: str) -> None:
    change(base, "en/reminders.yaml", old, new)
    [(file, _, said)] = faults(base)
    assert file == "en/reminders.yaml"
    assert message in said
