"""What is in content/: no faults, the article's quotes word for word, and what is shown of it fits."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from bot.content import located, reading, scripts
from bot.content.catalog import inspect
from bot.content.quotes import quotes_of
from bot.content.strings import read_length
from bot.domain.decision import Notice
from bot.domain.script_words import MOST_LABEL, MOST_TEXT
from bot.services import check_in_list, check_ins
from bot.telegram.render.render import render
from bot.telegram.render.words import Words

from .test_keys_used import (
    KEYBOARDS,
    NOW,
    READER,
    SHOWN_WITHOUT_WORDS,
    buttons,
    content,
    keys,
    kinds,
    said,
    shown,
)

# The article's scripts, as the brief lists them: quoted verbatim, wherever they stand.
QUOTES = {
    "settle_thoughts": "I need some time to settle my thoughts, but I want to talk about this later.",
    "few_minutes": "I just need a few minutes.",
    "what_do_i_need": "What am I really needing right now — connection, calm, or understanding?",
    "silence_trigger": "Does your partner's silence remind you of being ignored growing up?",
    "intensity_trigger": "Does their intensity remind you of past criticism?",
}


def test_it_has_no_faults() -> None:
    found, wrong = inspect(thorough=True)
    assert [str(each) for each in wrong] == []
    assert found is not None


def test_the_start_does_not_read_the_source() -> None:
    check = "import sys; from bot.content.catalog import load; load(); assert '{}' not in sys.modules"
    check = check.format("bot.content.usage")
    subprocess.run([sys.executable, "-c", check], check=True, cwd=Path(__file__).parents[2])


def test_the_quotes_are_word_for_word() -> None:
    english = reading.read(reading.shipped()).languages["en"]
    assert quotes_of(english) == QUOTES
    for key in ("few_minutes", "settle_thoughts"):
        assert content().text("en", f"wording.{key}") == QUOTES[key]


@pytest.mark.parametrize(
    ("script", "quote"),
    [("pause", "what_do_i_need"), ("trigger", "silence_trigger"), ("trigger", "intensity_trigger")],
)
def test_a_quote_stands_where_it_belongs(script: str, quote: str) -> None:
    for locale in content().locales:
        steps = content().script(locale, script).script.steps.values()
        assert [step for step in steps if step.quote == quote], locale


def test_the_article_is_known() -> None:
    """Enough of it to find what was copied; and no word of it."""
    article = reading.read(reading.shipped()).article
    assert article is not None
    assert article.quotes.keys() == QUOTES.keys()
    assert len(article.runs) > 400


def test_a_quote_is_shown_as_it_is_written() -> None:
    text = f"“{QUOTES['what_do_i_need']}”"
    shown_text = shown("step.ask", text=text, quote="what_do_i_need").parameters["text"]
    assert shown_text == f"<b>{text}</b>\n{content().text('en', 'check_in.quoted')}"


def test_the_check_ins_that_the_bot_opens_by_name_are_there() -> None:
    named = {check_ins.PAUSE, check_in_list.HOW_AM_I, check_in_list.TRIGGER, "ground", "look_back"}
    named |= {script for scripts in check_in_list.SUGGESTED.values() for script in scripts}
    for locale in content().locales:
        assert named <= set(content().script_ids(locale)), locale


def test_the_example_in_the_handbook_is_a_good_script(tmp_path: Path) -> None:
    handbook = (Path(__file__).parents[2] / "docs/content.md").read_text(encoding="utf-8")
    [example] = [each.split("```")[0] for each in handbook.split("```yaml\n")[1:] if each.startswith("id: ")]
    file = tmp_path / "little_pause.yaml"
    file.write_text(example, encoding="utf-8")
    script, wrong = scripts.check(located.read(file))
    assert [str(each) for each in wrong] == []
    assert script is not None


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_a_message_is_short_when_it_is_filled_in(kind: str) -> None:
    assert read_length(said(shown(kind))) <= MOST_TEXT


TWICE = re.compile(r"\b(at|until|from|bis|ab|um) (at|um)\b|\b(at|um) (tomorrow|morgen|Mon|Tue|Wed)\b")
"""“Back at tomorrow at 07:30”, “until at 18:40”, “um morgen um 8:00”."""


@pytest.mark.parametrize("locale", content().locales)
@pytest.mark.parametrize(
    "day", ["2026-03-02T21:30:00+00:00", "2026-03-03T06:30:00+00:00", "2026-03-04T06:30:00+00:00"]
)
def test_a_time_reads_right_wherever_it_stands(locale: str, day: str) -> None:
    names = ("back", "expires", "next", "again", "ready", "meet", "latest", "ends")
    times = {f"{name}_at": day for name in names}
    reader = replace(READER, locale=locale)
    for kind in sorted(kinds()):
        rendered = shown(kind, reader, **times)
        call = rendered.parameters
        copies = [
            b["copy_text"]["text"]
            for row in call.get("reply_markup", {}).get("inline_keyboard", [])
            for b in row
            if "copy_text" in b
        ]
        for text in (said(rendered), *copies):
            plain = re.sub("<[^>]+>", "", text)
            assert not TWICE.search(plain), (kind, plain)


def all_buttons() -> dict[str, dict[str, Any]]:
    """Every button there is, by its words."""
    under = sorted((kinds() | set(KEYBOARDS)) - SHOWN_WITHOUT_WORDS)
    found = [button for kind in under for button in [*buttons(kind), *buttons(kind, reminders=[])]]
    return {button["text"]: button for button in found}


def test_a_button_is_narrow() -> None:
    found = all_buttons()
    assert len(found) > 60
    assert [text for text in found if len(text) > MOST_LABEL] == []


def test_the_words_with_the_longest_time_fit_a_copy_button() -> None:
    words = "x" * 200
    for locale in content().locales:
        time = content().text(locale, "times.other", day="Wednesday, 30 September", time="23:30 UTC")
        assert len(content().text(locale, "space.copy_text", words=words, back_at=time)) <= 256


def test_a_copy_button_carries_all_of_the_words_or_is_left_out() -> None:
    words = Words(content(), READER, NOW, "still_here_bot")
    assert words.copy_row("😀" * 128)[0]["copy_text"] == {"text": "😀" * 128}
    assert words.copy_row("😀" * 129) == []
    private = {"name": "Jonas", "words": "😀" * 200}
    call = render(Notice("relay.sent", READER.id, {}, private), None, words)
    assert call is not None
    assert "😀" * 200 in call.parameters["text"]
    assert "reply_markup" not in call.parameters


def test_commands_and_the_profile_keep_to_telegrams_limits() -> None:
    shipped = content()
    for locale in shipped.locales:
        for key in keys():
            if key.startswith("commands."):
                assert 3 <= len(shipped.text(locale, key)) <= 256
        assert len(shipped.text(locale, "bot.short")) <= 120
        assert len(shipped.text(locale, "bot.description")) <= 512
