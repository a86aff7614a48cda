"""The phrases of content/en, on what people really type (phrases_en.yaml), and the matcher by itself."""

import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.domain.phrases import Action, Phrases, Wanted

HERE = Path(__file__).parent
CONTENT = HERE.parents[1] / "content" / "en" / "phrases.yaml"
TYPED: dict[str, Any] = yaml.safe_load((HERE / "phrases_en.yaml").read_text("utf-8"))
CRISIS = [*TYPED["crisis"], *TYPED["later"]["crisis"]]
NOT_CRISIS = [*TYPED["not_crisis"], *TYPED["later"]["not_crisis"]]


def english() -> Phrases:
    content = yaml.safe_load(CONTENT.read_text("utf-8"))
    assert content.pop("version") == 1
    return Phrases(**content)


ENGLISH = english()


def wanted(row: list[Any]) -> Wanted:
    return Wanted(Action(row[1]), row[2] if len(row) > 2 else None)


@pytest.mark.parametrize("text", CRISIS)
def test_opens_the_help_page(text: str) -> None:
    assert ENGLISH.is_crisis(text)


@pytest.mark.parametrize("text", NOT_CRISIS)
def test_passes(text: str) -> None:
    assert not ENGLISH.is_crisis(text)


@pytest.mark.parametrize("row", TYPED["actions"], ids=lambda row: row[0])
def test_means_an_action(row: list[Any]) -> None:
    assert ENGLISH.action(row[0]) == wanted(row)


@pytest.mark.parametrize("text", TYPED["no_action"])
def test_means_no_action(text: str) -> None:
    assert ENGLISH.action(text) is None


@pytest.mark.parametrize("kind", ["crisis", "not_crisis", "actions", "no_action"])
def test_holds_for_texts_nothing_was_tuned_to(kind: str) -> None:
    held = TYPED["heldout"]
    misses = {
        "crisis": lambda: [text for text in held["crisis"] if not ENGLISH.is_crisis(text)],
        "not_crisis": lambda: [text for text in held["not_crisis"] if ENGLISH.is_crisis(text)],
        "actions": lambda: [row for row in held["actions"] if ENGLISH.action(row[0]) != wanted(row)],
        "no_action": lambda: [text for text in held["no_action"] if ENGLISH.action(text)],
    }[kind]()
    assert len(misses) <= 0.1 * len(held[kind]), misses


def test_the_lists_are_long_enough_and_say_nothing_twice() -> None:
    held = TYPED["heldout"]
    assert min(len(TYPED["crisis"]), len(TYPED["not_crisis"])) >= 80
    assert len(TYPED["actions"]) >= 40
    assert len(TYPED["no_action"]) >= 30
    for kind in ("crisis", "not_crisis"):
        everything = [*TYPED[kind], *TYPED["later"][kind], *held[kind]]
        assert len(set(everything)) == len(everything)


def test_the_scripts_that_ask_for_space_are_understood() -> None:
    assert ENGLISH.action("“I just need a few minutes.”") == Wanted(Action.SPACE)
    assert ENGLISH.action("give me 20 min") == Wanted(Action.SPACE, 20)
    assert ENGLISH.action("give me half an hour") == Wanted(Action.SPACE, 30)
    assert ENGLISH.action("I need 1.5 hours") == Wanted(Action.SPACE, 90)


@pytest.mark.parametrize(
    "text", ["my heart is racing", "I was sitting on my bed", "I looked at him", "she showed me"]
)
def test_a_correct_word_is_not_read_as_a_typing_error(text: str) -> None:
    assert not ENGLISH.is_crisis(text)


def test_an_idiom_hides_only_itself() -> None:
    assert ENGLISH.is_crisis("I could kill for a coffee and I want to die")


@pytest.mark.parametrize(
    "unit", ["he throws at ", "i want to ", "aaab ", "hittinx ", "1 ", "my ", "é́", "<*#?= "]
)
def test_a_long_message_is_read_in_no_time(unit: str) -> None:
    text = (unit * 4096)[:4096]
    begun = time.perf_counter()
    ENGLISH.is_crisis(text)
    ENGLISH.action(text)
    assert time.perf_counter() - begun < 0.5  # a few milliseconds; the rest is for a busy machine


class TestHowAPhraseIsWritten:
    def test_a_star_stands_for_up_to_three_words(self) -> None:
        phrases = Phrases(crisis=["want to * die"])
        assert phrases.is_crisis("want to die")
        assert phrases.is_crisis("want to just really now die")
        assert not phrases.is_crisis("want to see how flowers slowly die")

    def test_words_match_whole(self) -> None:
        phrases = Phrases(crisis=["die"])
        assert not phrases.is_crisis("a diet of indie music")

    def test_capitals_quotes_emoji_and_repeated_letters_make_no_difference(self) -> None:
        phrases = Phrases(crisis=["don't kill"])
        for text in ("DON’T kill", "dont   kill!!!", "“don`t” kill 😭", "dooon't killlll", "ｄｏｎ'ｔ kill"):
            assert phrases.is_crisis(text), text

    @pytest.mark.parametrize("typed", ["suicde", "suicidee", "suicude", "suciide", "suicide"])
    def test_one_typing_error_is_forgiven_in_a_long_word(self, typed: str) -> None:
        assert Phrases(crisis=["suicide"]).is_crisis(typed)

    @pytest.mark.parametrize("typed", ["suicideboys", "sucde", "decide"])
    def test_two_are_not(self, typed: str) -> None:
        assert not Phrases(crisis=["suicide"]).is_crisis(typed)

    def test_short_words_must_be_right(self) -> None:
        assert not Phrases(crisis=["hits me"]).is_crisis("hats me")

    def test_lists_alternatives_and_words_that_may_be_missing(self) -> None:
        phrases = Phrases(crisis=["<who> was/were so? mean"], words={"who": ["she", "my aunt"]})
        assert phrases.is_crisis("my aunt was mean")
        assert phrases.is_crisis("she were so mean")
        assert not phrases.is_crisis("aunt was mean")

    def test_short_forms_are_written_out(self) -> None:
        phrases = Phrases(crisis=["I am lost"], same={"i'm": "i am"})
        assert phrases.is_crisis("im lost")

    def test_an_equals_sign_asks_for_the_whole_message(self) -> None:
        phrases = Phrases(crisis=[], actions={"back": ["=back"]}, polite=["ok"])
        assert phrases.action("Ok, back!") == Wanted(Action.BACK)
        assert phrases.action("my back hurts") is None

    def test_the_first_action_that_matches_holds_and_long_messages_hold_none(self) -> None:
        phrases = Phrases(crisis=[], actions={"space": ["a"], "help": ["a"]})
        assert phrases.action("a") == Wanted(Action.SPACE)
        assert phrases.action("a " * 12) == Wanted(Action.SPACE)
        assert phrases.action("a " * 13) is None

    @pytest.mark.parametrize("phrase", ["<nobody> hits", "he/<x> hits", "a//b", "what? *no", "a=b"])
    def test_a_mistake_is_reported_at_once(self, phrase: str) -> None:
        with pytest.raises(ValueError, match="phrase"):
            Phrases(crisis=[phrase])

    def test_an_unknown_action_is_reported_at_once(self) -> None:
        with pytest.raises(ValueError, match="dance"):
            Phrases(crisis=[], actions={"dance": ["=dance"]})

    def test_no_phrases_match_nothing(self) -> None:
        empty = Phrases(crisis=[])
        assert not empty.is_crisis("anything")
        assert empty.action("anything") is None
        assert empty.action("") is None
