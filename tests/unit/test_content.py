"""The check of content/: every fault at once, at its place; and the shipped content, which has none."""

import re
import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.content.catalog import Content, folder, inspect, load
from bot.domain.errors import ContentInvalid
from bot.domain.script import MOST_LABEL, MOST_TEXT

from .test_keys_used import KEYBOARDS, SHOWN_WITHOUT_WORDS, buttons, content, keys, kinds, shown

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
    "en/scripts/talk.yaml": SCRIPT,
    "helplines.yaml": HELPLINES,
}


@pytest.fixture
def base(tmp_path: Path) -> Path:
    """A small content folder without a fault."""
    made = tmp_path / "content"
    for name, text in GOOD.items():
        put(made, name, text)
    return made


def put(base: Path, name: str, text: str | bytes) -> None:
    file = base / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_bytes(text if isinstance(text, bytes) else text.encode())


def faults(base: Path) -> list[tuple[str, int, str]]:
    """File, line and message of everything that is wrong."""
    found, wrong = inspect(base)
    assert (found is None) == bool(wrong)
    return [(each.file.relative_to(base).as_posix(), each.line, each.message) for each in wrong]


def line_of(text: str, part: str) -> int:
    """The line (from 1) on which this stands."""
    [line] = [number for number, each in enumerate(text.splitlines(), 1) if part in each]
    return line


def test_a_good_folder_has_no_faults(base: Path) -> None:
    assert faults(base) == []
    content = load(base)
    assert content.locales == ["en"]
    assert content.text("en", "hello.first", name="Mara") == "Hello, Mara."
    assert content.text("en", "hello.list", variant=3) == "two"
    assert content.all_of("en", "hello.list") == ("one", "two")
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


def broken_script(old: str, new: str) -> tuple[str, str]:
    assert old in SCRIPT
    return "en/scripts/talk.yaml", SCRIPT.replace(old, new)


LONG_TEXT, LONG_LABEL = "x" * 401, "x" * 25
# file, its text, the line (or a part of it), a part of the message
FAULTY: dict[str, tuple[str, str | bytes, int | str, str]] = {
    "bad YAML": (*broken_script("title: Talk", 'title: "Talk'), "promise", "not valid YAML"),
    "a tab": (*broken_script("  hello:", "\thello:"), "\thello:", "not valid YAML"),
    "a key twice": (
        *broken_script("version: 1", "version: 1\nversion: 2"),
        "version: 2",
        "stands here twice",
    ),
    "a step twice": (*broken_script("  bye:", "  how:"), 18, "“how” stands here twice"),
    "unknown field of the file": (*broken_script("title:", "colour: red\ntitle:"), "colour", "extra inputs"),
    "unknown field of a step": (
        *broken_script('"Hello."', '"Hello."\n    tekst: x'),
        "tekst",
        "extra inputs",
    ),
    "unknown field of a choice": (*broken_script("do: breathe", "do: breathe, x: 1"), "do: breathe", "extra"),
    "unknown kind": (*broken_script("kind: say", "kind: sing"), "kind: sing", "input should be"),
    "unknown action": (*broken_script("do: breathe", "do: dance"), "do: dance", "input should be"),
    "unknown start": (*broken_script("start: hello", "start: nowhere"), "start:", "“nowhere”"),
    "unknown next": (*broken_script("next: how", "next: nowhere"), "next: nowhere", "“nowhere” is no step"),
    "unknown next of a choice": (
        *broken_script("next: bye", "next: gone"),
        "next: gone",
        "“gone” is no step",
    ),
    "a dead end": (*broken_script("    next: how\n", ""), "  hello:", "dead end"),
    "nobody gets there": (*broken_script("next: bye}", "do: done}"), "  bye:", "no way leads"),
    "a text too long": (*broken_script("Hello.", LONG_TEXT), LONG_TEXT, "401 characters"),
    "a label too long": (
        *broken_script('label: "Good"', f'label: "{LONG_LABEL}"'),
        LONG_LABEL,
        "25 characters",
    ),
    "an empty text": (*broken_script('"Hello."', '""'), 'text: ""', "at least 1 character"),
    "a bare number": (*broken_script("title: Talk", "title: 5"), "title: 5", "valid string"),
    "a bare yes as a choice": (*broken_script("id: good", "id: yes"), "id: yes", "valid string"),
    "an id with capitals": (*broken_script("id: good", "id: Good"), "id: Good", "match pattern"),
    "another id than the file": (*broken_script("id: talk", "id: walk"), "id: walk", "name and its id"),
    "no steps": (*broken_script(SCRIPT[SCRIPT.index("steps:") :], "steps: {}\n"), "start: hello", "no step"),
    "not a mapping": ("en/scripts/talk.yaml", "- a\n- b\n", 1, "valid dictionary"),
    "an empty file": ("en/scripts/talk.yaml", "# nothing\n", 1, "is empty"),
    "not UTF-8": ("en/scripts/talk.yaml", SCRIPT.encode("utf-16"), 1, "UTF-8"),
    "an empty string": ("en/strings.yaml", STRINGS.replace('"Bye."', '""'), "bye:", "not empty"),
    "a string of spaces": ("en/strings.yaml", STRINGS.replace('"Bye."', '"  "'), "bye:", "not empty"),
    "nothing at all": ("en/strings.yaml", STRINGS.replace(' "Bye."', ""), "bye:", "not empty"),
    "a number as a string": ("en/strings.yaml", STRINGS.replace('"Bye."', "5"), "bye:", "not empty"),
    "a yes as a string": ("en/strings.yaml", STRINGS.replace('"Bye."', "yes"), "bye:", "in quotes"),
    "an empty entry of a list": ("en/strings.yaml", STRINGS.replace('"two"', '""'), "  list:", "hello.list"),
    "an open brace": ("en/strings.yaml", STRINGS.replace("{name}", "{name"), "first:", "a brace"),
    "a closing brace": ("en/strings.yaml", STRINGS.replace("{name}", "name}"), "first:", "a brace"),
    "an empty placeholder": ("en/strings.yaml", STRINGS.replace("{name}", "{}"), "first:", "no placeholder"),
    "a numbered placeholder": (
        "en/strings.yaml",
        STRINGS.replace("{name}", "{0}"),
        "first:",
        "no placeholder",
    ),
    "a placeholder with a dot": (
        "en/strings.yaml",
        STRINGS.replace("{name}", "{a.b}"),
        "first:",
        "placeholder",
    ),
    "strings that are a list": ("en/strings.yaml", "- a\n", 1, "map keys to texts"),
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
    "a number of no country": (
        "helplines.yaml",
        HELPLINES.replace("country: US", "country: usa"),
        "usa",
        "pattern",
    ),
    "a helpline number that lost its zeros": (
        "helplines.yaml",
        HELPLINES.replace('"988"', "0116"),
        "0116",
        "valid string",
    ),
    "a source that is no page": (
        "helplines.yaml",
        HELPLINES.replace('source: "https', 'source: "http'),
        "source:",
        "pattern",
    ),
    "a helpline without a source": (
        "helplines.yaml",
        HELPLINES.replace('    source: "https://example.org"\n', ""),
        "- country",
        "required",
    ),
    "a date that is none": (
        "helplines.yaml",
        HELPLINES.replace("checked: 2026-11-22\ndirectory", "checked: soon\ndirectory"),
        "soon",
        "date",
    ),
    "a bare NO as a country": (
        "helplines.yaml",
        HELPLINES.replace("country: US", "country: NO"),
        "country: NO",
        "valid string",
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


@pytest.mark.parametrize("key", ["yes", "no", "on", "off", "5", "~"])
def test_a_key_that_yaml_takes_for_something_else_is_named(base: Path, key: str) -> None:
    put(base, "en/strings.yaml", STRINGS + f'answers:\n  {key}: "A text"\n')
    found = faults(base)
    assert any(at == "en/strings.yaml" and "needs quotes" in said for at, _, said in found), found
    put(base, "en/strings.yaml", STRINGS + f'answers:\n  "{key}": "A text"\n')
    assert faults(base) == []


@pytest.mark.parametrize("phrase", ["<nobody> hits", "a//b", "what? *no"])
def test_a_phrase_that_is_written_wrong_is_named(base: Path, phrase: str) -> None:
    put(base, "en/phrases.yaml", PHRASES.replace("want to die", f'"{phrase}"'))
    [(file, _, message)] = faults(base)
    assert file == "en/phrases.yaml"
    assert repr(phrase.split(maxsplit=1)[0]) in message or "phrase" in message


def test_an_unknown_action_of_the_phrases_is_named(base: Path) -> None:
    put(base, "en/phrases.yaml", PHRASES.replace("  back:", "  dance:"))
    [(file, _, message)] = faults(base)
    assert (file, "dance" in message) == ("en/phrases.yaml", True)


def test_all_faults_of_all_files_at_once(base: Path) -> None:
    script = (
        SCRIPT.replace("next: how", "next: nowhere")
        .replace("Hello.", LONG_TEXT)
        .replace("next: bye", "next: gone")
        .replace('label: "Bad"', f'label: "{LONG_LABEL}"')
    )
    strings = STRINGS.replace("{name}", "{name").replace('"two"', "no").replace('"Bye."', '""')
    put(base, "en/scripts/talk.yaml", script)
    put(base, "en/scripts/other.yaml", "id: [\n")
    put(
        base,
        "en/scripts/third.yaml",
        SCRIPT.replace("kind: say", "kind: sing").replace("version: 1", "version: 0"),
    )
    put(base, "en/strings.yaml", strings)
    put(base, "en/phrases.yaml", PHRASES + "more: []\nless: []\n")
    put(base, "de/strings.yaml", 'bye: "Tschüss {"\n')
    put(base, "helplines.yaml", HELPLINES.replace("US:", "usa:").replace("country: US", "country: u"))
    where = {(file, line) for file, line, _ in faults(base)}
    assert where >= {
        ("en/scripts/talk.yaml", line_of(script, "next: nowhere")),
        ("en/scripts/talk.yaml", line_of(script, LONG_TEXT)),
        ("en/scripts/talk.yaml", line_of(script, "next: gone")),
        ("en/scripts/talk.yaml", line_of(script, f'"{LONG_LABEL}"')),
        ("en/scripts/third.yaml", line_of(SCRIPT, "version:")),
        ("en/scripts/third.yaml", line_of(SCRIPT, "kind: say")),
        ("en/strings.yaml", line_of(strings, "first:")),
        ("en/strings.yaml", line_of(strings, "list:")),
        ("en/strings.yaml", line_of(strings, "bye:")),
        ("en/phrases.yaml", 6),
        ("en/phrases.yaml", 7),
        ("de/strings.yaml", 1),
        ("de/phrases.yaml", 1),
        ("helplines.yaml", line_of(HELPLINES, "emergency:")),
        ("helplines.yaml", line_of(HELPLINES, "country:")),
    }
    assert {file for file, _ in where} >= {"en/scripts/other.yaml"}


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
    content, wrong = inspect(tmp_path / "nowhere")
    assert content is None
    assert len(wrong) == 2


def test_the_helplines_may_stand_elsewhere(base: Path, tmp_path: Path) -> None:
    mine = tmp_path / "mine.yaml"
    mine.write_text(HELPLINES.replace('"911"', '"112"'), encoding="utf-8")
    (base / "helplines.yaml").unlink()
    assert load(base, mine).helplines.emergency == {"US": "112"}


class TestShipped:
    """What is in content/."""

    def test_it_has_no_faults(self) -> None:
        found, wrong = inspect()
        assert wrong == []
        assert isinstance(found, Content)
        assert "en" in found.locales

    def test_every_locale_says_all_that_english_says(self) -> None:
        shipped = content()
        for locale in shipped.locales:
            there = shipped._locales[locale]
            assert set(there.strings) == keys(), locale
            assert set(there.scripts) == set(shipped._locales["en"].scripts), locale

    def test_every_locale_fills_in_the_same(self) -> None:
        shipped = content()
        for locale in shipped.locales:
            for key in keys():
                english = placeholders(shipped._locales["en"].strings[key])
                assert placeholders(shipped._locales[locale].strings[key]) <= english, (locale, key)


def placeholders(wordings: tuple[str, ...]) -> set[str]:
    return {name for wording in wordings for name in re.findall(r"\{(\w+)\}", wording)}


# The article's scripts, as the brief lists them: quoted verbatim, wherever they stand.
QUOTES = {
    "settle-thoughts": "I need some time to settle my thoughts, but I want to talk about this later.",
    "few-minutes": "I just need a few minutes.",
    "what-do-i-need": "What am I really needing right now — connection, calm, or understanding?",
    "silence-trigger": "Does your partner's silence remind you of being ignored growing up?",
    "intensity-trigger": "Does their intensity remind you of past criticism?",
}


def normal(text: str) -> str:
    """Quotes are alike, and so is what stands at the end."""
    straight = re.sub("[‘’´`]", "'", re.sub("[“”„«»]", '"', " ".join(text.split())))
    return straight.strip(' ".!?')


def quoted_steps() -> list[tuple[str, str, str]]:
    """Script, quote id and text of every step that is marked as a quote, read as plain YAML."""
    return [
        (file.stem, step["quote"], step["text"])
        for file in sorted((folder() / "en" / "scripts").glob("*.yaml"))
        for step in yaml.safe_load(file.read_text("utf-8"))["steps"].values()
        if "quote" in step
    ]


class TestQuotes:
    def test_steps_marked_as_quotes_are_word_for_word(self) -> None:
        assert ("pause", "what-do-i-need") in [(script, quote) for script, quote, _ in quoted_steps()]
        for script, quote, text in quoted_steps():
            assert normal(text) == normal(QUOTES[quote]), script

    def test_the_wordings_are_word_for_word(self) -> None:
        shipped = content()
        for key, quote in (("few_minutes", "few-minutes"), ("settle_thoughts", "settle-thoughts")):
            assert normal(shipped.text("en", f"wording.{key}")) == normal(QUOTES[quote])

    def test_a_quote_is_shown_as_it_is_written(self) -> None:
        text = f"“{QUOTES['what-do-i-need']}”"
        assert shown("step.ask", text=text, quote="what-do-i-need").parameters["text"] == f"<b>{text}</b>"

    @pytest.mark.parametrize(
        "changed",
        [
            "I just need some minutes.",
            "I just need a few minutes, please.",
            "Just a few minutes.",
            "I just need a few minutes - now.",
        ],
    )
    def test_another_word_would_be_seen(self, changed: str) -> None:
        assert normal(changed) != normal(QUOTES["few-minutes"])
        assert normal("„I just need a  few minutes“") == normal(QUOTES["few-minutes"])


LONGER = {"help.main", "privacy.text"}
"""Messages that have more than 400 characters now. Nothing is to be added here."""
WIDER = {"space.take_back", "signal_choice.settling"}
"""Buttons that have more than 24 characters now. Nothing is to be added here."""


def length(text: str) -> int:
    """As it is read: without tags."""
    return len(re.sub(r"<[^>]+>", "", text))


def all_buttons() -> dict[str, dict[str, Any]]:
    """Every button there is, by its words."""
    under = sorted(kinds() | set(KEYBOARDS) - SHOWN_WITHOUT_WORDS - {"journal.menu"})
    found = [button for kind in under for button in [*buttons(kind), *buttons(kind, reminders=[])]]
    return {button["text"]: button for button in found}


class TestLengths:
    def test_a_message_is_short(self) -> None:
        for key in keys() - LONGER:
            for wording in content().all_of("en", key):
                assert length(wording) <= MOST_TEXT, key

    @pytest.mark.parametrize("kind", sorted(kinds() - LONGER))
    def test_so_it_is_filled_in(self, kind: str) -> None:
        assert length(shown(kind).parameters["text"]) <= MOST_TEXT

    def test_a_button_is_narrow(self) -> None:
        found = all_buttons()
        assert len(found) > 60
        allowed = {content().text("en", key) for key in WIDER}
        assert [text for text in found if len(text) > MOST_LABEL and text not in allowed] == []

    def test_the_words_with_the_longest_time_fit_a_copy_button(self) -> None:
        words = "x" * 200
        time = content().text("en", "times.other", day="Wednesday, 30 September", time="23:30 UTC")
        assert len(content().text("en", "space.copy_text", words=words, back_at=time)) <= 256

    def test_commands_and_the_profile_keep_to_telegrams_limits(self) -> None:
        shipped = content()
        for key in keys():
            if key.startswith("commands."):
                assert 3 <= len(shipped.text("en", key)) <= 256
        assert len(shipped.text("en", "bot.short")) <= 120
        assert len(shipped.text("en", "bot.description")) <= 512


class TestLanguages:
    """A language that lacks something could not word a notice: the bot does not start with it."""

    def put_other(self, base: Path, strings: str) -> None:
        put(base, "xx/strings.yaml", strings)
        put(base, "xx/phrases.yaml", (base / "en/phrases.yaml").read_text(encoding="utf-8"))
        for script in (base / "en/scripts").glob("*.yaml"):
            put(base, f"xx/scripts/{script.name}", script.read_text(encoding="utf-8"))

    def test_a_complete_one_is_fine(self, base: Path) -> None:
        self.put_other(base, (base / "en/strings.yaml").read_text(encoding="utf-8"))
        assert faults(base) == []

    def test_a_missing_text_is_named(self, base: Path) -> None:
        self.put_other(base, 'other: "x"\n')
        assert any(at == "xx/strings.yaml" and "is missing" in said for at, _, said in faults(base))

    def test_a_missing_script_is_named(self, base: Path) -> None:
        self.put_other(base, (base / "en/strings.yaml").read_text(encoding="utf-8"))
        [script] = (base / "xx/scripts").glob("*.yaml")
        script.unlink()
        assert any(script.name in said for _, _, said in faults(base))
