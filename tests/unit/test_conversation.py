"""Running scripts: hand-made ones step by step, and every way through every shipped one."""

from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content.catalog import folder
from bot.content.scripts import parse
from bot.domain.conversation import (
    SKIPPED,
    WRITTEN,
    Answer,
    Session,
    Status,
    Turn,
    advance,
    begin,
    current,
    stop,
    typed_value,
)
from bot.domain.errors import Stale
from bot.domain.model import PersonId, SessionId
from bot.domain.script import Action, Choice, Kind, Script, Step

NEW = Session(SessionId(3), PersonId(1), "hash", "made_up", "")


def script(*steps: Step) -> Script:
    return Script("made_up", 1, "T", "P", "S", steps[0].id, {step.id: step for step in steps})


WAY = script(
    Step("hello", Kind.SAY, "Hello.", next="one_more"),
    Step("one_more", Kind.SAY, "One more.", next="strength"),
    Step("strength", Kind.SCALE, "How strong?", next="need"),
    Step(
        "need",
        Kind.ASK,
        "What now?",
        choices=(Choice("line", "Write it", next="line"), Choice("breath", "Breathe", next="lead")),
    ),
    Step("line", Kind.WRITE, "Write.", next="on"),
    Step("lead", Kind.SAY, "Then breathe.", next="breath"),
    Step("breath", Kind.BREATHE, "In and out.", next="on", seconds=30),
    Step(
        "on",
        Kind.OFFER,
        "And?",
        choices=(Choice("space", "Some space", do=Action.SPACE), Choice("enough", "Enough", next="nearly")),
    ),
    Step("nearly", Kind.SAY, "Nearly.", next="bye"),
    Step("bye", Kind.END, "Bye."),
)


def play(*values: str, way: Script = WAY) -> Turn:
    """The turn after these answers, each to the question that waits."""
    turn = begin(way, NEW)
    for value in values:
        turn = advance(way, turn.session, Answer(turn.session.seq, value))
    return turn


def shown(turn: Turn) -> list[str]:
    return [step.id for step in turn.shown]


class TestBeginning:
    def test_it_runs_on_to_the_first_question(self) -> None:
        turn = begin(WAY, NEW)
        assert shown(turn) == ["hello", "one_more", "strength"]
        assert (turn.session.step, turn.session.seq) == ("strength", 1)
        assert turn.session.status is Status.ACTIVE
        assert current(WAY, turn.session).id == "strength"
        assert (turn.said, turn.do) == (None, None)

    def test_a_script_without_questions_is_over_at_once(self) -> None:
        turn = begin(script(Step("a", Kind.SAY, "A", next="b"), Step("b", Kind.END, "B")), NEW)
        assert shown(turn) == ["a", "b"]
        assert turn.session.status is Status.FINISHED


class TestAnswering:
    def test_a_number(self) -> None:
        turn = play("7")
        assert (shown(turn), turn.said) == (["need"], "7")
        assert turn.session.answers == {"strength": 7}
        assert turn.session.seq == 2

    @pytest.mark.parametrize("value", ["0", "10"])
    def test_the_ends_of_the_scale(self, value: str) -> None:
        assert play(value).session.answers == {"strength": int(value)}

    @pytest.mark.parametrize("value", ["11", "-1", "", "x", "3.5", " 3", "skipped", "1e1", "²"])
    def test_what_is_no_number_on_the_scale_is_stale(self, value: str) -> None:
        with pytest.raises(Stale):
            play(value)

    def test_a_choice(self) -> None:
        turn = play("7", "breath")
        assert (shown(turn), turn.said) == (["lead", "breath"], "Breathe")
        assert turn.session.answers == {"strength": 7, "need": "breath"}

    @pytest.mark.parametrize("value", ["Breathe", "", "space", "0", "done", "skipped"])
    def test_what_is_no_choice_is_stale(self, value: str) -> None:
        with pytest.raises(Stale):
            play("7", value)

    def test_a_written_line_is_only_marked(self) -> None:
        turn = play("7", "line", WRITTEN)
        assert (shown(turn), turn.said) == (["on"], None)
        assert turn.session.answers["line"] == "written"

    def test_a_skipped_line(self) -> None:
        assert play("7", "line", SKIPPED).session.answers["line"] == "skipped"

    @pytest.mark.parametrize(("value", "kept"), [("done", "done"), (SKIPPED, "skipped")])
    def test_a_breath(self, value: str, kept: str) -> None:
        turn = play("7", "breath", value)
        assert (shown(turn), turn.said) == (["on"], None)
        assert turn.session.answers["breath"] == kept

    def test_it_hands_over_and_is_finished(self) -> None:
        turn = play("7", "line", SKIPPED, "space")
        assert (shown(turn), turn.said, turn.do) == ([], "Some space", Action.SPACE)
        assert turn.session.status is Status.FINISHED
        assert turn.session.answers["on"] == "space"

    def test_it_runs_on_to_the_end(self) -> None:
        turn = play("7", "line", SKIPPED, "enough")
        assert (shown(turn), turn.do) == (["nearly", "bye"], None)
        assert turn.session.status is Status.FINISHED
        assert turn.session.answers == {"strength": 7, "need": "line", "line": "skipped", "on": "enough"}


class TestStale:
    @pytest.mark.parametrize("off", [-1, 1, 5])
    def test_an_answer_to_another_question(self, off: int) -> None:
        session = play("7").session
        with pytest.raises(Stale):
            advance(WAY, session, Answer(session.seq + off, "line"))

    def test_the_same_answer_twice(self) -> None:
        first = begin(WAY, NEW).session
        second = advance(WAY, first, Answer(first.seq, "7")).session
        with pytest.raises(Stale):
            advance(WAY, second, Answer(first.seq, "7"))

    def test_a_question_that_comes_again_has_another_number(self) -> None:
        loop = script(
            Step("a", Kind.ASK, "A?", choices=(Choice("x", "X", next="b"),)),
            Step("b", Kind.ASK, "B?", choices=(Choice("x", "X", next="a"),)),
        )
        session = play("x", "x", way=loop).session
        assert session.step == "a"
        with pytest.raises(Stale):
            advance(loop, session, Answer(1, "x"))
        assert advance(loop, session, Answer(3, "x")).session.step == "b"

    @pytest.mark.parametrize("status", [Status.FINISHED, Status.STOPPED])
    def test_one_that_is_over(self, status: Status) -> None:
        session = replace(play("7").session, status=status)
        with pytest.raises(Stale):
            advance(WAY, session, Answer(session.seq, "line"))

    def test_nothing_is_changed_by_it(self) -> None:
        session = play("7").session
        before = dict(session.answers)
        with pytest.raises(Stale):
            advance(WAY, session, Answer(session.seq, "nonsense"))
        assert session.answers == before


def test_stopping_keeps_what_was_answered() -> None:
    stopped = stop(play("7", "line").session)
    assert stopped.status is Status.STOPPED
    assert stopped.answers == {"strength": 7, "need": "line"}


@pytest.mark.parametrize(
    ("step", "text", "value"),
    [
        ("strength", "7", "7"),
        ("strength", " 07 ", "7"),
        ("strength", "10", "10"),
        ("strength", "11", None),
        ("strength", "-1", None),
        ("strength", "seven", None),
        ("strength", "٣", None),
        ("strength", "7/10", None),
        ("strength", "9" * 4096, None),
        ("need", "Write it", "line"),
        ("need", "  wRITE   IT ", "line"),
        ("need", "breathe", "breath"),
        ("need", "line", None),
        ("need", "Write", None),
        ("need", "", None),
        ("line", "anything at all", WRITTEN),
        ("line", "7", WRITTEN),
        ("breath", "done", None),
        ("on", "enough", "enough"),
        ("on", "some space please", None),
    ],
)
def test_what_a_typed_text_means(step: str, text: str, value: str | None) -> None:
    assert typed_value(WAY.steps[step], text) == value


# The shipped scripts, read as plain YAML: what they say is what must happen.

BODIES: dict[str, dict[str, Any]] = {
    f"{file.parent.parent.name}/{file.stem}": yaml.safe_load(file.read_text("utf-8"))
    for file in sorted(folder().glob("*/scripts/*.yaml"))
}
SHIPPED = pytest.mark.parametrize("name", BODIES)


def values_for(step: dict[str, Any]) -> list[str]:
    """Everything that can be answered to this step."""
    match step["kind"]:
        case "ask" | "offer":
            return [choice["id"] for choice in step["choices"]]
        case "scale":
            return ["0", "10"]
        case "write":
            return [WRITTEN, SKIPPED]
        case "breathe":
            return ["done", SKIPPED]
    raise AssertionError(step)


def leads(body: dict[str, Any], name: str, value: str) -> tuple[list[str], str | None]:
    """What the file says this answer leads to: the steps shown, and what it hands over to."""
    step = body["steps"][name]
    way = step.get("next")
    for choice in step.get("choices", []):
        if choice["id"] == value:
            if "do" in choice:
                return [], choice["do"]
            way = choice["next"]
    expected = []
    while way is not None:
        expected.append(way)
        reached = body["steps"][way]
        if reached["kind"] not in ("say", "end"):
            break
        way = reached.get("next")
    return expected, None


@SHIPPED
def test_every_edge_of_every_script_does_what_the_file_says(name: str) -> None:
    body = BODIES[name]
    way = parse(body)
    edges = {
        (step, value)
        for step, each in body["steps"].items()
        if each["kind"] not in ("say", "end")
        for value in values_for(each)
    }
    walked: set[tuple[str, str]] = set()
    first = begin(way, NEW)
    seen, todo = set(shown(first)), [first.session]
    while todo:
        session = todo.pop()
        for value in values_for(body["steps"][session.step]):
            if (session.step, value) in walked:
                continue
            walked.add((session.step, value))
            turn = advance(way, session, Answer(session.seq, value))
            expected, action = leads(body, session.step, value)
            assert shown(turn) == expected, (session.step, value)
            assert turn.do == action, (session.step, value)
            seen |= set(shown(turn))
            if turn.session.status is Status.ACTIVE:
                todo.append(turn.session)
            else:
                assert action or body["steps"][expected[-1]]["kind"] == "end"
    assert walked == edges
    assert seen == set(body["steps"]), "steps nobody ever sees"


@SHIPPED
def test_from_everywhere_there_is_a_way_out(name: str) -> None:
    way = parse(BODIES[name])
    ends = {
        step.id for step in way.steps.values() if step.kind is Kind.END or any(c.do for c in step.choices)
    }
    grown = True
    while grown:
        more = {step.id for step in way.steps.values() if set(step.ways_on) & ends} - ends
        ends |= more
        grown = bool(more)
    assert ends == set(way.steps)


@SHIPPED
def test_whatever_is_answered_it_goes_on_or_stays(name: str) -> None:
    body = BODIES[name]
    way = parse(body)

    @settings(derandomize=True, max_examples=60, database=None)
    @given(st.data())
    def walk(data: st.DataObject) -> None:
        turn = begin(way, NEW)
        for _ in range(40):
            session = turn.session
            if session.status is not Status.ACTIVE:
                with pytest.raises(Stale):
                    advance(way, session, Answer(session.seq, "done"))
                return
            good = values_for(body["steps"][session.step])
            value = data.draw(st.one_of(st.sampled_from(good), st.text(max_size=8)))
            seq = data.draw(st.sampled_from([session.seq, session.seq, session.seq, session.seq - 1, 0]))
            try:
                turn = advance(way, session, Answer(seq, value))
            except Stale:
                free = current(way, session).kind in (Kind.WRITE, Kind.BREATHE)
                number = value.isdecimal() and int(value) <= 10 and current(way, session).kind is Kind.SCALE
                assert seq != session.seq or (value not in good and not free and not number)
                continue
            assert seq == session.seq
            assert turn.session.seq >= session.seq
            assert {**turn.session.answers, **session.answers}.keys() == turn.session.answers.keys()

    walk()
