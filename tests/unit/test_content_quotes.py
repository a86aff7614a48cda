"""The article: its quotes word for word and marked, and nothing else of it. (The article here is made up.)"""

from pathlib import Path

import pytest

from bot.content import article
from bot.content.wording import quoted, same, unquoted, words_of

from . import made_content
from .made_content import PHRASES, REMINDERS, SCRIPT, STRINGS, change, faults, line_of, put

ARTICLE = """\
A Made-Up Title of No Less Than Nine Words

The cat sits on the mat and looks at the rain for hours. “What does it want — food, or company?” Nobody
will ever know, it seems to me. Say just, “I only need a minute,” and go on reading until it sleeps.
"""
TITLE = "A Made-Up Title of No Less Than Nine Words"
QUOTES = {
    "want": "What does it want — food, or company?",
    "few_minutes": "I only need a minute.",
}
QUOTED = (
    STRINGS
    + f"""\
quotes:
  want: "{QUOTES["want"]}"
  few_minutes: "{QUOTES["few_minutes"]}"
wording:
  few_minutes: "{QUOTES["few_minutes"]}"
"""
)
SCRIPT_FILE, STRINGS_FILE = "en/scripts/talk.yaml", "en/strings.yaml"


@pytest.fixture
def base(tmp_path: Path) -> Path:
    made = made_content.make(tmp_path)
    put(made, "article.yaml", article.write(article.make(ARTICLE, QUOTES, [TITLE])))
    put(made, STRINGS_FILE, QUOTED)
    return made


def asks(base: Path, text: str, quote: str | None = "want") -> str:
    """Let the script ask this; its file is then this."""
    marked = "" if quote is None else f"\n    quote: {quote}"
    return change(base, SCRIPT_FILE, 'text: "How is it?"', f"text: {text}{marked}")


def test_quotes_alone_are_no_fault(base: Path) -> None:
    assert faults(base) == []


@pytest.mark.parametrize(
    "text",
    [
        "“What does it want — food, or company?”",
        '"“What does it want —  food, or company”"',
        '"Someone asked: “What does it want — food, or company?”"',
    ],
)
def test_a_step_that_quotes_as_it_should(base: Path, text: str) -> None:
    asks(base, text)
    assert faults(base) == []


@pytest.mark.parametrize(
    "text",
    [
        "“What does it want, food or company?”",
        "“What does it really want — food, or company?”",
        "“what does it want — food, or company?”",
        "What does it want — food, or company?",
        "“What does it want — food?”",
    ],
)
def test_another_word_or_no_quotation_marks(base: Path, text: str) -> None:
    script = asks(base, text)
    [(file, line, message)] = faults(base)
    assert (file, line) == (SCRIPT_FILE, line_of(script, text))
    assert "in quotation marks and word for word" in message


def test_a_quote_there_is_not(base: Path) -> None:
    script = asks(base, "How?", "nothing")
    [(file, line, message)] = faults(base)
    assert (file, line) == (SCRIPT_FILE, line_of(script, "quote: nothing"))
    assert message == "“nothing” is no quote; there are want, few_minutes"


@pytest.mark.parametrize(
    "text", ["“What does it want — food, or company?”", "What does it want: food or company?"]
)
def test_a_quote_that_is_not_marked(base: Path, text: str) -> None:
    script = asks(base, f"'{text}'", None)
    assert faults(base) == [
        (SCRIPT_FILE, line_of(script, text), "these are words of the quote “want”: that needs “quote: want”")
    ]


def test_a_string_quotes_in_quotation_marks(base: Path) -> None:
    text = change(base, STRINGS_FILE, '  first: "', '  first: "I only need a minute, ')
    assert faults(base) == [
        (
            STRINGS_FILE,
            line_of(text, "first:"),
            "these are words of the quote “few_minutes”: that needs quotation marks",
        )
    ]
    change(base, STRINGS_FILE, "I only need a minute, ", "You could say “I only need a minute.” ")
    assert faults(base) == []


def test_a_wording_is_the_quote(base: Path) -> None:
    change(base, STRINGS_FILE, 'wording:\n  few_minutes: "I only', 'wording:\n  few_minutes: "I just')
    [(file, line, message)] = faults(base)
    assert (file, line) == (STRINGS_FILE, 12)
    assert "differs from the quote" in message


def test_a_quote_is_as_it_stands_in_the_article(base: Path) -> None:
    text = change(base, STRINGS_FILE, "food, or company?", "food, or love?")
    assert faults(base) == [
        (STRINGS_FILE, line_of(text, "want:"), "want: so it does not stand in the article")
    ]


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (STRINGS_FILE, '"one"', '"One. The cat SITS on the mat, and looks!"'),
        (SCRIPT_FILE, '"Hello."', '["Hello.", "See: the cat sits on the mat and…"]'),
        (SCRIPT_FILE, '"Bye."', '"Nobody will\\n      ever know, it seems to them."'),
        (SCRIPT_FILE, "source: Made up", "source: And go on reading until it sleeps"),
        (SCRIPT_FILE, '"One minute"', '"And looks at the rain for hours"'),
    ],
)
def test_what_is_copied_is_found(base: Path, file: str, old: str, new: str) -> None:
    text = change(base, file, old, new)
    line = line_of(text, new)
    [(at, found, message)] = faults(base)
    assert (at, found) == (file, line)
    assert "these words stand in the article" in message


def test_fewer_words_are_nobodys(base: Path) -> None:
    change(base, STRINGS_FILE, '"one"', '"The cat sits on the mat. It looks at the rain."')
    change(base, SCRIPT_FILE, "source: Made up", f"source: From “{TITLE}”")
    assert faults(base) == []


def test_only_english_is_held_against_the_article(base: Path) -> None:
    """The words of another language are a translation's, and its quotes have its own marks."""
    translated = {
        "What does it want — food, or company?": "Was will sie — Futter oder Gesellschaft?",
        "I only need a minute.": "Ich brauche nur eine Minute.",
    }
    text = QUOTED
    for old, new in translated.items():
        text = text.replace(old, new)
    asks(base, "“What does it want — food, or company?”")
    put(base, "de/strings.yaml", text)
    put(base, "de/phrases.yaml", PHRASES)
    put(base, "de/reminders.yaml", REMINDERS)
    script = SCRIPT.replace(
        'text: "How is it?"', "text: „Was will sie — Futter oder Gesellschaft?“\n    quote: want"
    )
    put(base, "de/scripts/talk.yaml", script)
    assert faults(base) == []
    put(base, "de/scripts/talk.yaml", script.replace("sie —", "die Katze —"))
    [(file, line, message)] = faults(base)
    assert (file, line) == ("de/scripts/talk.yaml", line_of(script, "Futter"))
    assert "Was will sie" in message


def test_a_folder_without_fingerprints_is_held_against_the_shipped_ones(base: Path) -> None:
    (base / "article.yaml").unlink()
    put(base, STRINGS_FILE, STRINGS)
    assert faults(base) == []
    put(base, STRINGS_FILE, QUOTED)
    assert len(faults(base)) == 2, "the shipped article does not have these quotes"


def test_the_fingerprints_hold_no_words() -> None:
    written = article.write(article.make(ARTICLE, QUOTES, [TITLE]))
    kept = [line for line in written.splitlines() if not line.startswith("#")]
    words = set(words_of(" ".join(kept)))
    assert words.isdisjoint({"cat", "rain", "nobody", "company", "title"})
    assert len(article.make(ARTICLE, QUOTES, [TITLE]).runs) > 15


@pytest.mark.parametrize(
    "changed", ["I need a minute.", "I only need a minute, please.", "I only need — a minute."]
)
def test_another_word_would_be_seen(changed: str) -> None:
    assert not same(changed, QUOTES["few_minutes"])
    assert same("„I only need a  minute“", QUOTES["few_minutes"])


def test_what_stands_in_quotation_marks() -> None:
    text = 'A “b c” d „e f“ g „h” «i» "j" k'
    assert quoted(text) == ["b c", "e f", "h", "i", "j"]
    assert [piece.strip() for piece in unquoted(text)] == ["A", "d", "g", "", "", "k"]
