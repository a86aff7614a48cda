"""Running scripts: hand-made ones step by step, and random walks through every shipped one."""

import json
from dataclasses import asdict, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from string import Formatter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.content.catalog import load
from bot.domain.conversation import (
    DONE,
    LEFT_AFTER,
    NAP,
    Answer,
    Circumstances,
    HandOver,
    Session,
    Status,
    Turn,
    advance,
    back,
    begin,
    choices_shown,
    current,
    holds,
    is_left,
    part_of,
    sleep,
    spoken,
    stop,
    typed_value,
    wake,
)
from bot.domain.errors import Stale
from bot.domain.model import Lean, PersonId, SessionId
from bot.domain.script import (
    SKIPPED,
    WRITTEN,
    Action,
    Choice,
    Kind,
    Measure,
    Script,
    Step,
    TimeOfDay,
    Way,
    When,
)
from bot.domain.script_flow import PARTNER
from bot.domain.script_rules import validate

NOW = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
NEW = Session(SessionId(3), PersonId(1), "hash", "made_up", "")
HERE = Circumstances()
TEXT = "A line of my own."


def script(*steps: Step) -> Script:
    return Script("made_up", 1, "T", "P", "S", steps[0].id, {step.id: step for step in steps})


WAY = script(
    Step("hello", Kind.SAY, "Hello.", next="one_more", more_texts=("Hello again.", "Hello once more.")),
    Step("one_more", Kind.SAY, "One more.", next="strength"),
    Step("strength", Kind.SCALE, "How strong?", next="sort", skip="need"),
    Step("sort", Kind.BRANCH, ways=(Way(When(at_least={"strength": 8}), "breath"),), next="need"),
    Step(
        "need",
        Kind.ASK,
        "What now?",
        choices=(
            Choice("line", "Write it", next="line", leans=Lean.OUT),
            Choice("breath", "Breathe", next="lead"),
            Choice("sign", "A sign", do=Action.SIGNAL, when=When(linked=True)),
        ),
        skip="feet",
    ),
    Step("line", Kind.WRITE, "Write.", next="onward", skip="feet", limit=200),
    Step("lead", Kind.SAY, "Then breathe.", next="breath"),
    Step("breath", Kind.BREATHE, "In and out.", next="feet", seconds=30),
    Step("feet", Kind.GROUND, "Feel.", parts=("Feet.", "Hands.", "Room."), next="bye"),
    Step(
        "onward",
        Kind.OFFER,
        "You wrote “{line}”.",
        choices=(
            Choice("space", "Some space", do=Action.SPACE),
            Choice("send", "Send it", do=Action.SEND, of="line"),
            Choice("other", "Another", do=Action.SCRIPT, script="pause"),
            Choice("enough", "Enough", next="nearly"),
            Choice("done", "Done", do=Action.DONE),
        ),
    ),
    Step("nearly", Kind.SAY, "Nearly.", next="bye"),
    Step("bye", Kind.END, "Bye."),
)


def give(way: Script, turn: Turn, value: str, here: Circumstances = HERE) -> Turn:
    """Answer the question that waits; BACK goes back."""
    if value == BACK:
        return back(way, turn.session)
    return advance(way, turn.session, Answer(turn.session.seq, value, TEXT), here)


BACK = "<back>"


def play(*values: str, way: Script = WAY, here: Circumstances = HERE) -> Turn:
    """The turn after these answers, each to the question that waits."""
    turn = begin(way, NEW, here)
    for value in values:
        turn = give(way, turn, value, here)
    return turn


def shown(turn: Turn) -> list[str]:
    return [step.id for step in turn.shown]


def test_the_hand_made_script_has_no_faults() -> None:
    assert validate(WAY) == []


class TestBeginning:
    def test_it_runs_on_to_the_first_question(self) -> None:
        turn = begin(WAY, NEW, HERE)
        assert shown(turn) == ["hello", "one_more", "strength"]
        assert (turn.session.step, turn.session.seq) == ("strength", 1)
        assert turn.session.status is Status.ACTIVE
        assert current(WAY, turn.session).id == "strength"
        assert (turn.said, turn.do, turn.leans, turn.rated) == (None, None, None, None)

    def test_a_script_without_questions_is_over_at_once(self) -> None:
        turn = begin(script(Step("a", Kind.SAY, "A", next="b"), Step("b", Kind.END, "B")), NEW, HERE)
        assert shown(turn) == ["a", "b"]
        assert turn.session.status is Status.FINISHED

    def test_each_run_has_its_own_wording(self) -> None:
        texts = [WAY.steps["hello"].wording(replace(NEW, round=number).round) for number in range(4)]
        assert texts == ["Hello.", "Hello again.", "Hello once more.", "Hello."]


class TestAnswering:
    def test_a_number(self) -> None:
        turn = play("7")
        assert (shown(turn), turn.said, turn.rated) == (["need"], "7", 7)
        assert turn.session.answers == {"strength": 7}
        assert turn.session.seq == 2

    def test_a_number_that_is_no_intensity_is_not_rated(self) -> None:
        true = replace(WAY.steps["strength"], measures=Measure.OTHER)
        turn = play("7", way=replace(WAY, steps={**WAY.steps, "strength": true}))
        assert (turn.said, turn.rated) == ("7", None)

    @pytest.mark.parametrize("value", ["0", "10"])
    def test_the_ends_of_the_scale(self, value: str) -> None:
        assert play(value).session.answers == {"strength": int(value)}

    @pytest.mark.parametrize("value", ["11", "-1", "", "x", "3.5", " 3", "1e1", "²", WRITTEN, DONE])
    def test_what_is_no_number_on_the_scale_is_stale(self, value: str) -> None:
        with pytest.raises(Stale):
            play(value)

    def test_a_choice(self) -> None:
        turn = play("7", "breath")
        assert (shown(turn), turn.said, turn.rated) == (["lead", "breath"], "Breathe", None)
        assert turn.session.answers == {"strength": 7, "need": "breath"}
        assert turn.session.trail == ("strength", "need")

    def test_a_choice_that_says_how_one_leans(self) -> None:
        assert play("7", "line").leans is Lean.OUT
        assert play("7", "breath").leans is None

    @pytest.mark.parametrize("value", ["Breathe", "", "space", "0", "done"])
    def test_what_is_no_choice_is_stale(self, value: str) -> None:
        with pytest.raises(Stale):
            play("7", value)

    def test_a_written_line_is_a_mark_and_a_note(self) -> None:
        turn = play("7", "line", WRITTEN)
        assert (shown(turn), turn.said) == (["onward"], None)
        assert turn.session.answers["line"] == WRITTEN
        assert turn.session.notes == {"line": TEXT}

    def test_a_breath(self) -> None:
        turn = play("7", "breath", DONE)
        assert (shown(turn), turn.said) == (["feet"], None)
        assert turn.session.answers["breath"] == DONE

    def test_it_runs_on_to_the_end(self) -> None:
        turn = play("7", "line", WRITTEN, "enough")
        assert (shown(turn), turn.do) == (["nearly", "bye"], None)
        assert turn.session.status is Status.FINISHED
        assert turn.session.answers == {"strength": 7, "need": "line", "line": WRITTEN, "onward": "enough"}


class TestHandingOver:
    @pytest.mark.parametrize(
        ("value", "expected"),
        [
            ("space", HandOver(Action.SPACE)),
            ("send", HandOver(Action.SEND, words=TEXT)),
            ("other", HandOver(Action.SCRIPT, script="pause")),
            ("done", HandOver(Action.DONE)),
        ],
    )
    def test_it_hands_over_and_is_finished(self, value: str, expected: HandOver) -> None:
        turn = play("7", "line", WRITTEN, value)
        assert (shown(turn), turn.do) == ([], expected)
        assert turn.session.status is Status.FINISHED
        assert turn.session.answers["onward"] == value
        assert turn.session.notes == {"line": TEXT}, "what becomes of it is the script's to say"


class TestSkipping:
    def test_a_skip_has_a_way_of_its_own(self) -> None:
        turn = play(SKIPPED)
        assert (shown(turn), turn.said, turn.rated) == (["need"], None, None)
        assert turn.session.answers == {"strength": SKIPPED}
        assert shown(play("9")) == ["breath"]

    def test_or_goes_on(self) -> None:
        turn = play("9", SKIPPED)
        assert shown(turn) == ["feet"]
        assert turn.session.answers["breath"] == SKIPPED

    def test_a_line_not_written(self) -> None:
        turn = play("7", "line", SKIPPED)
        assert shown(turn) == ["feet"]
        assert turn.session.notes == {}

    def test_all_parts_of_a_ground_at_once(self) -> None:
        assert shown(play("9", DONE, DONE, SKIPPED)) == ["bye"]

    def test_an_offer_is_not_skipped(self) -> None:
        with pytest.raises(Stale):
            play("7", "line", WRITTEN, SKIPPED)


class TestGround:
    def test_part_by_part_in_its_own_message(self) -> None:
        turn = play("9", DONE)
        assert (shown(turn), turn.in_place, part_of(turn.session)) == (["feet"], False, 0)
        for number in (1, 2):
            turn = give(WAY, turn, DONE)
            assert (shown(turn), turn.in_place, part_of(turn.session)) == (["feet"], True, number)
            assert turn.session.seq == 3 + number
        turn = give(WAY, turn, DONE)
        assert (shown(turn), turn.in_place) == (["bye"], False)
        assert turn.session.answers["feet"] == 3

    def test_back_by_a_part_and_then_to_the_question_before(self) -> None:
        turn = play("9", DONE, DONE, BACK)
        assert (shown(turn), turn.in_place, part_of(turn.session)) == (["feet"], True, 0)
        turn = give(WAY, turn, BACK)
        assert (shown(turn), turn.in_place) == (["breath"], False)

    @pytest.mark.parametrize("value", ["7", "feet", ""])
    def test_a_part_is_done_or_skipped(self, value: str) -> None:
        with pytest.raises(Stale):
            play("9", DONE, value)

    def test_met_again_it_begins_again(self) -> None:
        loop = script(
            Step("feet", Kind.GROUND, "F", parts=("A", "B"), next="ask"),
            Step("ask", Kind.ASK, "A?", choices=(Choice("again", "Again", next="feet"),), skip="bye"),
            Step("bye", Kind.END, "B"),
        )
        turn = play(DONE, DONE, "again", way=loop)
        assert part_of(turn.session) == 0
        assert shown(play(DONE, DONE, "again", DONE, DONE, way=loop)) == ["ask"]
        assert part_of(play(DONE, DONE, BACK, way=loop).session) == 0


class TestBack:
    def test_the_question_before_is_asked_again_and_its_answer_is_gone(self) -> None:
        turn = play("7", "line", WRITTEN, BACK)
        assert (shown(turn), turn.in_place) == (["line"], False)
        assert turn.session.answers == {"strength": 7, "need": "line"}
        assert turn.session.notes == {}
        assert turn.session.trail == ("strength", "need")
        assert turn.session.seq == 5

    def test_to_the_very_first_and_no_further(self) -> None:
        turn = play("7", "line", BACK, BACK)
        assert shown(turn) == ["strength"]
        assert turn.session.answers == {}
        with pytest.raises(Stale):
            back(WAY, turn.session)

    def test_over_a_skip(self) -> None:
        assert shown(play(SKIPPED, BACK)) == ["strength"]

    def test_another_answer_takes_another_way(self) -> None:
        assert shown(play("7", BACK, "9")) == ["breath"]

    def test_the_buttons_of_before_are_stale(self) -> None:
        before = play("7", "line").session
        returned = back(WAY, before)
        for seq in (2, before.seq):
            with pytest.raises(Stale):
                advance(WAY, returned.session, Answer(seq, "line"), HERE)

    @pytest.mark.parametrize("status", [Status.FINISHED, Status.STOPPED])
    def test_not_once_it_is_over(self, status: Status) -> None:
        with pytest.raises(Stale):
            back(WAY, replace(play("7").session, status=status))


class TestStale:
    @pytest.mark.parametrize("off", [-1, 1, 5])
    def test_an_answer_to_another_question(self, off: int) -> None:
        session = play("7").session
        with pytest.raises(Stale):
            advance(WAY, session, Answer(session.seq + off, "line"), HERE)

    def test_the_same_answer_twice(self) -> None:
        first = begin(WAY, NEW, HERE).session
        second = advance(WAY, first, Answer(first.seq, "7"), HERE).session
        with pytest.raises(Stale):
            advance(WAY, second, Answer(first.seq, "7"), HERE)

    def test_a_question_that_comes_again_has_another_number(self) -> None:
        loop = script(
            Step("a", Kind.ASK, "A?", choices=(Choice("x", "X", next="b"),), skip="c"),
            Step("b", Kind.ASK, "B?", choices=(Choice("x", "X", next="a"),), skip="c"),
            Step("c", Kind.END, "C"),
        )
        session = play("x", "x", way=loop).session
        assert session.step == "a"
        with pytest.raises(Stale):
            advance(loop, session, Answer(1, "x"), HERE)
        assert advance(loop, session, Answer(3, "x"), HERE).session.step == "b"

    @pytest.mark.parametrize("status", [Status.FINISHED, Status.STOPPED])
    def test_one_that_is_over(self, status: Status) -> None:
        session = replace(play("7").session, status=status)
        with pytest.raises(Stale):
            advance(WAY, session, Answer(session.seq, "line"), HERE)

    def test_nothing_is_changed_by_it(self) -> None:
        session = play("7").session
        before = dict(session.answers)
        with pytest.raises(Stale):
            advance(WAY, session, Answer(session.seq, "nonsense"), HERE)
        assert session.answers == before


class TestTime:
    def test_not_now(self) -> None:
        session = play("7").session
        asleep = sleep(session, NOW)
        assert asleep.asleep_until == NOW + NAP
        assert asleep.status is Status.ACTIVE
        with pytest.raises(Stale):
            advance(WAY, asleep, Answer(session.seq, "line"), HERE)

    def test_and_now_after_all(self) -> None:
        session = play("7").session
        awake = wake(sleep(session, NOW))
        assert (awake.asleep_until, awake.step, awake.answers) == (None, session.step, session.answers)
        assert awake.seq == session.seq + 2
        assert advance(WAY, awake, Answer(awake.seq, "line"), HERE).session.step == "line"

    def test_stopping_keeps_what_was_answered(self) -> None:
        stopped = stop(play("7", "line", WRITTEN).session)
        assert stopped.status is Status.STOPPED
        assert stopped.answers == {"strength": 7, "need": "line", "line": WRITTEN}
        assert stopped.notes == {"line": TEXT}

    def test_one_that_lies_too_long(self) -> None:
        session = replace(play("7").session, updated_at=NOW)
        assert not is_left(session, NOW + LEFT_AFTER - timedelta(seconds=1))
        assert is_left(session, NOW + LEFT_AFTER)
        assert not is_left(replace(session, updated_at=None), NOW)


class TestConditions:
    ANSWERED = replace(NEW, answers={"s": 7, "a": "x", "line": WRITTEN, "none": SKIPPED, "g": 2})

    @pytest.mark.parametrize(
        ("when", "expected"),
        [
            (When(at_least={"s": 7}), True),
            (When(at_least={"s": 8}), False),
            (When(at_most={"s": 7}), True),
            (When(at_most={"s": 6}), False),
            (When(at_least={"s": 5}, at_most={"s": 8}), True),
            (When(at_least={"none": 0}), False),
            (When(at_most={"none": 10}), False),
            (When(at_most={"never": 10}), False),
            (When(answer={"a": ("y", "x")}), True),
            (When(answer={"a": ("y",)}), False),
            (When(answer={"line": (WRITTEN,)}), True),
            (When(answer={"none": (WRITTEN,)}), False),
            (When(at_least={"s": 7}, answer={"a": ("y",)}), False),
        ],
    )
    def test_on_answers(self, when: When, expected: bool) -> None:
        assert holds(when, self.ANSWERED, HERE) is expected

    @pytest.mark.parametrize(
        ("when", "here", "expected"),
        [
            (When(leans=("out",)), Circumstances(leans=Lean.OUT), True),
            (When(leans=("out", "depends")), Circumstances(leans=Lean.BACK), False),
            (When(leans=("unknown",)), Circumstances(), True),
            (When(leans=("unknown",)), Circumstances(leans=Lean.OUT), False),
            (When(linked=True), Circumstances(linked=True), True),
            (When(linked=True), Circumstances(), False),
            (When(linked=False), Circumstances(), True),
            (When(time=(TimeOfDay.NIGHT,)), Circumstances(hour=23), True),
            (When(time=(TimeOfDay.NIGHT,)), Circumstances(hour=4), True),
            (When(time=(TimeOfDay.NIGHT, TimeOfDay.EVENING)), Circumstances(hour=12), False),
            (When(linked=True, time=(TimeOfDay.DAY,)), Circumstances(linked=True, hour=12), True),
            (When(linked=True, time=(TimeOfDay.DAY,)), Circumstances(linked=True, hour=20), False),
        ],
    )
    def test_on_who_and_when(self, when: When, here: Circumstances, expected: bool) -> None:
        assert holds(when, NEW, here) is expected

    def test_a_branch_takes_the_first_way_that_holds(self) -> None:
        ways = (
            Way(When(at_least={"s": 9}), "high"),
            Way(When(at_least={"s": 5}), "middle"),
            Way(When(linked=True), "linked"),
        )
        way = script(
            Step("s", Kind.SCALE, "S", next="sort"),
            Step("sort", Kind.BRANCH, ways=ways, next="low"),
            *(Step(name, Kind.END, name) for name in ("high", "middle", "linked", "low")),
        )
        linked = Circumstances(linked=True)
        assert [shown(play(value, way=way)) for value in ("9", "5", "4")] == [["high"], ["middle"], ["low"]]
        assert shown(play("4", way=way, here=linked)) == ["linked"]
        assert shown(play("9", way=way, here=linked)) == ["high"]

    def test_branches_one_after_the_other(self) -> None:
        way = script(
            Step("one", Kind.BRANCH, ways=(Way(When(linked=True), "bye"),), next="two"),
            Step("two", Kind.BRANCH, ways=(Way(When(linked=False), "hello"),), next="bye"),
            Step("hello", Kind.SAY, "Hello.", next="bye"),
            Step("bye", Kind.END, "Bye."),
        )
        assert shown(begin(way, NEW, HERE)) == ["hello", "bye"]
        assert shown(begin(way, NEW, Circumstances(linked=True))) == ["bye"]

    def test_a_choice_is_shown_where_it_makes_sense(self) -> None:
        session = play("7").session
        need = WAY.steps["need"]
        assert [each.id for each in choices_shown(need, session, HERE)] == ["line", "breath"]
        linked = Circumstances(linked=True)
        assert [each.id for each in choices_shown(need, session, linked)] == ["line", "breath", "sign"]


class TestSpoken:
    def test_labels_numbers_and_lines(self) -> None:
        session = play("7", "line", WRITTEN).session
        assert spoken(WAY, session) == {"strength": "7", "need": "Write it", "line": TEXT}

    def test_what_was_skipped_or_cannot_be_said_is_not_there(self) -> None:
        assert spoken(WAY, play(SKIPPED, SKIPPED, DONE).session) == {}
        assert spoken(WAY, play("9", DONE).session) == {"strength": "9"}

    def test_the_last_answer_counts(self) -> None:
        assert spoken(WAY, play("7", BACK, "3").session) == {"strength": "3"}


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
        ("feet", "the lamp", DONE),
        ("onward", "enough", "enough"),
        ("onward", "some space please", None),
    ],
)
def test_what_a_typed_text_means(step: str, text: str, value: str | None) -> None:
    assert typed_value(WAY.steps[step], text, WAY.steps[step].choices) == value


# The shipped scripts. tests/integration/test_every_edge.py walks every edge of each, with the whole bot.


@cache
def shipped() -> dict[str, Script]:
    content = load()
    return {
        f"{locale}/{name}": content.script(locale, name).script
        for locale in content.locales
        for name in content.script_ids(locale)
    }


CIRCUMSTANCES = st.builds(
    Circumstances, st.sampled_from([None, *Lean]), st.booleans(), st.integers(min_value=0, max_value=23)
)
ODD, RELOAD, NOT_NOW = "<odd>", "<reload>", "<not now>"


def answers(way: Script, session: Session, here: Circumstances) -> list[str]:
    """Everything that can be answered to the question that waits."""
    step = current(way, session)
    skip = [SKIPPED] if step.way_past is not None else []
    match step.kind:
        case Kind.ASK | Kind.OFFER:
            return [*skip, *(each.id for each in choices_shown(step, session, here))]
        case Kind.SCALE:
            return [*skip, *map(str, range(11))]
        case Kind.WRITE:
            return [*skip, WRITTEN]
        case _:
            return [*skip, DONE]


def reloaded(session: Session) -> Session:
    """As it comes back from where it was stored."""
    stored = json.loads(json.dumps(asdict(session), default=str))
    asleep = stored["asleep_until"]
    stored |= {"trail": tuple(stored["trail"]), "status": Status(stored["status"])}
    return Session(**{**stored, "asleep_until": None if asleep is None else datetime.fromisoformat(asleep)})


def check(way: Script, before: Session | None, turn: Turn) -> None:
    """What holds after every turn."""
    session = turn.session
    assert turn.shown or turn.do is not None
    assert (session.status is Status.ACTIVE) == (
        turn.do is None and bool(turn.shown) and turn.shown[-1].kind.waits
    )
    if before is not None and turn.do is None:
        assert session.seq > before.seq
    known = {PARTNER, *spoken(way, session)}
    for step in turn.shown:
        texts = (step.wording(session.round), *step.parts)
        names = {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}
        assert names <= known, f"{step.id} says what was not answered"
    if turn.do is not None and turn.do.action.takes_words:
        assert turn.do.words


def step_on(way: Script, session: Session, action: str, here: Circumstances) -> Turn:
    """Do something; raises Stale where it cannot be done."""
    match action:
        case "<back>":
            return back(way, session)
        case "<reload>":
            assert reloaded(session) == session
            return Turn(reloaded(session), (current(way, session),))
        case "<not now>":
            return Turn(wake(reloaded(sleep(session, NOW))), (current(way, session),))
        case "<odd>":
            for answer in (Answer(session.seq - 1, DONE), Answer(session.seq, "odd \0 {}")):
                free = current(way, session).kind in (Kind.WRITE, Kind.BREATHE, Kind.GROUND)
                if answer.seq == session.seq and free:
                    continue
                with pytest.raises(Stale):
                    advance(way, session, answer, here)
            raise Stale
    return advance(way, session, Answer(session.seq, action, TEXT), here)


def can_end(way: Script, session: Session, here: Circumstances) -> bool:
    """Whether some answers lead from here to an end."""
    seen, todo = set(), [session]
    while todo:
        at = todo.pop()
        state = (at.step, part_of(at), tuple(sorted(at.answers.items(), key=str)))
        if state in seen:
            continue
        seen.add(state)
        for value in answers(way, at, here):
            after = advance(way, at, Answer(at.seq, value, TEXT), here).session
            if after.status is Status.FINISHED:
                return True
            todo.append(after)
    return False


@pytest.mark.parametrize("name", shipped())
def test_whatever_is_done_it_goes_on_and_can_end(name: str) -> None:
    way = shipped()[name]

    @settings(derandomize=True, max_examples=40, database=None, deadline=None)
    @given(st.data(), CIRCUMSTANCES, st.integers(min_value=0, max_value=5))
    def walk(data: st.DataObject, here: Circumstances, round_: int) -> None:
        turn = begin(way, replace(NEW, round=round_), here)
        check(way, None, turn)
        for _ in range(data.draw(st.integers(min_value=0, max_value=25))):
            session = turn.session
            if session.status is not Status.ACTIVE:
                with pytest.raises(Stale):
                    advance(way, session, Answer(session.seq, DONE), here)
                return
            possible = [*answers(way, session, here), BACK, RELOAD, NOT_NOW, ODD]
            try:
                turn = step_on(way, session, data.draw(st.sampled_from(possible)), here)
            except Stale:
                continue
            check(way, None if turn.session == session else session, turn)
        assert turn.session.status is Status.FINISHED or can_end(way, turn.session, here)

    walk()


def test_a_button_that_is_not_shown_is_no_typed_answer() -> None:
    assert typed_value(WAY.steps["need"], "Write it", ()) is None


class TestALoop:
    """“Word it again”: a line is written more than once."""

    AGAIN = script(
        Step("line", Kind.WRITE, "Write.", next="look", skip="none"),
        Step(
            "look",
            Kind.ASK,
            "“{line}”",
            skip="none",
            choices=(Choice("again", "Again", next="line"), Choice("fine", "Fine", next="none")),
        ),
        Step("none", Kind.END, "Bye."),
    )

    def after(self, *answers: tuple[str, str | None]) -> Turn:
        turn = begin(self.AGAIN, NEW, Circumstances())
        for value, text in answers:
            turn = advance(self.AGAIN, turn.session, Answer(turn.session.seq, value, text), Circumstances())
        return turn

    def test_going_back_never_leaves_a_gap(self) -> None:
        turn = self.after((WRITTEN, "one"), ("again", None), (WRITTEN, "two"))
        for shown_text in ("two", "two", "two", None):
            assert spoken(self.AGAIN, turn.session).get("line") == shown_text
            if turn.session.trail:
                turn = back(self.AGAIN, turn.session)

    def test_a_line_that_is_left_out_the_second_time_is_gone(self) -> None:
        turn = self.after((WRITTEN, "one"), ("again", None), (SKIPPED, None))
        assert (turn.session.notes, turn.session.answers["line"]) == ({}, SKIPPED)


@pytest.mark.parametrize("value", ["", "x", "done", "7"])
def test_only_a_line_is_a_line(value: str) -> None:
    waiting = TestALoop().after()
    with pytest.raises(Stale):
        advance(TestALoop.AGAIN, waiting.session, Answer(waiting.session.seq, value), Circumstances())
