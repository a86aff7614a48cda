"""Ways through the check-ins as shipped that must not change by accident: where somebody may be afraid."""

from collections.abc import Sequence

import pytest

from bot.domain.conversation import Answer, Circumstances, Session, Turn, advance, begin, choices_shown
from bot.domain.model import PersonId, SessionId
from bot.domain.script import WRITTEN, Action

from .test_keys_used import content

LINKED = Circumstances(linked=True)
NIGHT = Circumstances(linked=True, hour=23)


def walk(script_id: str, answers: Sequence[str], here: Circumstances = LINKED) -> tuple[Turn, set[str]]:
    """Where these answers lead, and which buttons stand there."""
    script = content().script("en", script_id).script
    session = Session(SessionId(1), PersonId(1), "hash", script_id, script.start)
    turn = begin(script, session, here)
    for value in answers:
        text = "words" if value == WRITTEN else None
        turn = advance(script, turn.session, Answer(turn.session.seq, value, text), here)
    step = script.steps[turn.session.step]
    return turn, {choice.id for choice in choices_shown(step, turn.session, here)}


@pytest.mark.parametrize(
    ("answers", "reaches"),
    [
        (["ignoring", "5", "5", "skipped", "3"], True),
        (["fight", "5", "5", "skipped", "3"], False),  # sharp words
        (["ignoring", "9", "2", "skipped", "9"], False),  # it stays true
        (["ignoring", "5", "5", WRITTEN, "3"], True),
        (["fight", "5", "5", WRITTEN, "3"], False),
        (["own", WRITTEN, "5", "me", "5", "skipped", "3"], True),
        (["own", WRITTEN, "5", "heat", "5", "skipped", "3"], False),
        (["own", WRITTEN, "5", "heat", "5", WRITTEN, "3"], False),
    ],
)
def test_a_second_reading_of_sharp_words_leads_to_no_message(answers: list[str], reaches: bool) -> None:
    turn, offered = walk("reframe", answers)
    assert turn.session.step.startswith("way_on")
    assert ("reach" in offered) is reaches


def test_leaning_in_where_it_gets_loud_begins_with_the_body() -> None:
    turn, offered = walk("lean_in", ["hours", "5", "loud"])
    assert turn.session.step == "way_loud"
    assert "signal" not in offered
    assert {"ground", "breathe"} <= offered


@pytest.mark.parametrize("fear", ["them", "unclear", "skipped"])
def test_whoever_may_be_afraid_of_them_writes_no_line_to_them(fear: str) -> None:
    turn, offered = walk("reach_out", ["5", "skipped", "afraid", fear])
    assert turn.session.step == "way_afraid"
    assert offered == {"ground", "breathe", "write", "done"}
    assert all("/help" in text for text in turn.shown[-1].texts)


def test_the_feeling_and_the_need_are_named_before_the_line() -> None:
    turn, _ = walk("reach_out", ["5", "skipped", "hurt", "heard"])
    assert [step.id for step in turn.shown] == ["seed_both", "draft"]
    turn, _ = walk("reach_out", ["5", "skipped", "other", "heard"])
    assert [step.id for step in turn.shown] == ["seed_need", "draft"]
    turn, _ = walk("reach_out", ["5", "skipped", "hurt", "other"])
    assert [step.id for step in turn.shown] == ["draft"]


def test_a_button_that_promises_a_sign_gives_one() -> None:
    turn, _ = walk("pause", ["connection", "5", "sign"])
    assert turn.do is not None
    assert turn.do.action is Action.SIGNAL


def test_at_its_strongest_the_night_is_still_the_night() -> None:
    assert walk("how_am_i", ["9"], NIGHT)[0].session.step == "most_night"
    assert walk("how_am_i", ["9"])[0].session.step == "most"


@pytest.mark.parametrize("script", ["reach_out", "after_talk"])
def test_whoever_is_alone_can_copy_their_line(script: str) -> None:
    alone = Circumstances()
    answers = {
        "reach_out": ["5", "skipped", "hurt", "heard", WRITTEN, "soft"],
        "after_talk": ["closer", "pause", "2", WRITTEN],
    }[script]
    turn, offered = walk(script, answers, alone)
    assert {"send", "keep"} <= offered
    step = content().script("en", script).script.steps[turn.session.step]
    send = step.choice("send")
    assert send is not None
    assert send.do is Action.SEND  # what cannot be sent is shown with a button that copies it
