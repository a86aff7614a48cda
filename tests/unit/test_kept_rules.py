"""What the one who waits can do, and when a break keeps back what the other writes."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.errors import Stale, TimeOutOfRange
from bot.domain.model import CoupleId, PersonId, SpaceId
from bot.domain.space import (
    Acknowledged,
    DayIsOver,
    Event,
    Extended,
    Hushed,
    LinkEnded,
    NoAnswer,
    OutageOver,
    Part,
    Participant,
    ReadyFrom,
    Requested,
    Returned,
    SpaceRequest,
    State,
    TimeIsUp,
    Withdrawn,
)
from bot.domain.space_rules import transition
from bot.domain.waiting import AFTER, EVENING, MORNING, ON_RETURN, keeps_back, offered
from bot.places.zones import zone

NOW = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
"""18:00 in Berlin."""
MARA, JONAS = PersonId(1), PersonId(2)
BERLIN = zone("Europe/Berlin")


def at(hours: float) -> datetime:
    return NOW + timedelta(hours=hours)


def took(
    begin: float,
    end: float | None,
    state: State = State.RETURNED,
    *people: PersonId,
    part: Part = Part.BACK,
) -> SpaceRequest:
    """A break from hour to hour; without an end, the one that is open."""
    open_one = end is None
    return SpaceRequest(
        id=SpaceId(1),
        couple=CoupleId(7),
        members=(MARA, JONAS),
        state=State.OPEN if open_one else state,
        started_at=at(begin),
        return_at=at(begin + 0.5 if end is None else end),
        participants=tuple(
            Participant(person, Part.AWAY if open_one else part, at(begin), "A moment.")
            for person in people or (MARA,)
        ),
        ended_at=None if end is None else at(end),
    )


class TestKeepingBack:
    def test_a_first_break_does(self) -> None:
        assert keeps_back(took(0, None), MARA, (), at(0.2))

    def test_the_next_one_after_a_lapse_does_not_and_the_one_after_it_does(self) -> None:
        lapsed = took(-100, -76, State.LAPSED, part=Part.AWAY)
        assert not keeps_back(took(0, None), MARA, (lapsed,), at(0.2))
        between = took(-10, -9.5)
        assert keeps_back(took(0, None), MARA, (between, lapsed), at(0.2))

    def test_a_lapse_of_the_other_is_not_held_against_one(self) -> None:
        theirs = took(-30, -6, State.LAPSED, JONAS, part=Part.AWAY)
        assert keeps_back(took(0, None), MARA, (theirs,), at(0.2))

    def test_nor_a_shared_one_that_one_came_back_from(self) -> None:
        shared = took(-30, -6, State.LAPSED, MARA, JONAS, part=Part.BACK)
        assert keeps_back(took(0, None), MARA, (shared,), at(0.2))

    @pytest.mark.parametrize(("gap", "kept"), [(59 / 60, False), (1.0, True), (1.5, True)])
    def test_a_day_in_a_row_and_gaps_under_an_hour_count(self, gap: float, kept: bool) -> None:
        earlier = (took(-12, -gap), took(-24, -12.5))
        assert keeps_back(took(0, None), MARA, earlier, at(0)) is kept

    def test_a_row_that_is_broken_further_back(self) -> None:
        earlier = (took(-12, -0.5), took(-36, -13))
        assert keeps_back(took(0, None), MARA, earlier, at(0))

    def test_the_day_is_over_in_the_middle_of_a_break(self) -> None:
        earlier = (took(-20, -0.5),)
        assert keeps_back(took(0, None), MARA, earlier, at(3.99))
        assert not keeps_back(took(0, None), MARA, earlier, at(4))

    def test_without_a_noted_end_the_return_time_counts(self) -> None:
        unknown = replace(took(-24, -0.5), ended_at=None)
        assert not keeps_back(took(0, None), MARA, (unknown,), at(0))

    def test_one_who_joins_begins_when_they_joined(self) -> None:
        joined = took(0, None, State.OPEN, MARA, JONAS)
        late = tuple(
            replace(part, asked_at=at(1) if part.person == JONAS else part.asked_at)
            for part in joined.participants
        )
        own = (took(-24, -0.2, State.RETURNED, JONAS),)
        assert keeps_back(replace(joined, participants=late), JONAS, own, at(1.1))


def open_one() -> SpaceRequest:
    asked = Requested(SpaceId(1), CoupleId(7), (MARA, JONAS), MARA, at(0.5), "A moment.")
    return transition(None, asked, NOW).state


class TestReady:
    def test_the_times_that_say_something(self) -> None:
        times = offered(open_one(), NOW, BERLIN)
        assert times == {
            ON_RETURN: None,
            AFTER: at(1.5),
            EVENING: at(2),
            MORNING: datetime(2026, 3, 3, 8, tzinfo=UTC),
        }

    def test_an_evening_before_the_return_says_nothing(self) -> None:
        until_nine = replace(open_one(), return_at=at(3))
        assert set(offered(until_nine, NOW, BERLIN)) == {ON_RETURN, AFTER, MORNING}

    def test_times_of_day_need_a_place(self) -> None:
        assert set(offered(open_one(), NOW, None)) == {ON_RETURN, AFTER}

    def test_it_moves_no_return_and_tells_nobody(self) -> None:
        request = open_one()
        decision = transition(request, ReadyFrom(JONAS, at(2)), at(0.1))
        assert decision.state == replace(request, ready_from=at(2))
        assert (decision.notices, decision.timers) == ((), ())
        assert transition(decision.state, ReadyFrom(JONAS, None), at(0.2)).state == request

    def test_it_is_told_with_the_question_and_not_when_it_is_past(self) -> None:
        for ready, told in ((at(2), at(2).isoformat()), (at(0.4), None), (None, None)):
            request = transition(open_one(), ReadyFrom(JONAS, ready), at(0.1)).state
            asked, waiting = transition(request, TimeIsUp(), at(0.5)).notices
            assert asked.parameters.get("meet_at") == told
            assert "meet_at" not in waiting.parameters

    @pytest.mark.parametrize("when", [0.1, -1, 37])
    def test_a_time_that_is_past_or_far_away(self, when: float) -> None:
        with pytest.raises(TimeOutOfRange):
            transition(open_one(), ReadyFrom(JONAS, at(when)), at(0.1))


class TestWhoWaits:
    @pytest.mark.parametrize("event", [ReadyFrom(MARA, at(2)), Hushed(MARA, True)])
    def test_not_who_is_away(self, event: Event) -> None:
        with pytest.raises(Stale):
            transition(open_one(), event, at(0.1))

    @pytest.mark.parametrize("event", [ReadyFrom(PersonId(3), at(2)), Hushed(PersonId(3), True)])
    def test_nor_anybody_else(self, event: Event) -> None:
        with pytest.raises(Stale):
            transition(open_one(), event, at(0.1))

    @pytest.mark.parametrize("end", [Returned(MARA), Withdrawn(MARA), LinkEnded(), DayIsOver()])
    def test_nor_when_it_is_over(self, end: Event) -> None:
        over = transition(open_one(), end, at(0.1)).state
        assert over.ended_at == at(0.1)
        with pytest.raises(Stale):
            transition(over, Hushed(JONAS, True), at(0.2))
        if over.state is not State.RETURNED:  # after a return both can name a time
            with pytest.raises(Stale):
                transition(over, ReadyFrom(JONAS, at(2)), at(0.2))

    @pytest.mark.parametrize(
        "event",
        [Returned(JONAS), Withdrawn(JONAS), Extended(JONAS, at(1))],
    )
    def test_who_waits_cannot_end_or_move_the_break(self, event: Event) -> None:
        """There is no declining: nothing of theirs changes what was asked for."""
        with pytest.raises(Stale):
            transition(open_one(), event, at(0.1))

    @pytest.mark.parametrize("event", [ReadyFrom(JONAS, at(2)), Hushed(JONAS, True)])
    def test_all_they_do_but_the_one_answer_is_silent(self, event: Event) -> None:
        assert transition(open_one(), event, at(0.1)).notices == ()
        [answer] = transition(open_one(), Acknowledged(JONAS, "thank_you"), at(0.1)).notices
        assert answer.silent


class TestHushed:
    def hushed(self) -> SpaceRequest:
        return transition(open_one(), Hushed(JONAS, True), at(0.1)).state

    @pytest.mark.parametrize(
        "event", [TimeIsUp(), Returned(MARA), Withdrawn(MARA), Extended(MARA, at(1)), DayIsOver()]
    )
    def test_who_waits_hears_nothing_aloud_and_who_is_away_as_ever(self, event: Event) -> None:
        loud = transition(open_one(), event, at(0.5 if event == TimeIsUp() else 0.4)).notices
        quiet = transition(self.hushed(), event, at(0.5 if event == TimeIsUp() else 0.4)).notices
        assert [replace(each, silent=False) for each in quiet] == list(loud)
        assert {each.silent for each in quiet if each.recipient == JONAS} == {True}
        assert not any(each.silent for each in quiet if each.recipient == MARA)

    def test_the_later_lines_too(self) -> None:
        due = transition(self.hushed(), TimeIsUp(), at(0.5)).state
        notices = transition(due, NoAnswer(), at(0.7)).notices
        assert {each.recipient: each.silent for each in notices} == {MARA: False, JONAS: True}
        assert not any(each.silent for each in transition(due, OutageOver(), at(0.7)).notices)

    def test_it_ends_when_they_need_space_themselves(self) -> None:
        """From then on whoever waits is another person, who asked for nothing of the kind."""
        ready = transition(self.hushed(), ReadyFrom(JONAS, at(2)), at(0.2)).state
        joining = Requested(SpaceId(1), CoupleId(7), (MARA, JONAS), JONAS, at(1), "Me too.")
        joined = transition(ready, joining, at(0.3))
        assert (joined.state.hushed, joined.state.ready_from) == (False, None)
        assert not any(each.silent for each in joined.notices)
