"""After a break: ready in either order, a time that was named, what comes later; and one's own breaks."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.breaks import LoggedBreak, Outcome, kept
from bot.domain.decision import Decision, NoTimer, Priority, Timer
from bot.domain.errors import Stale, TimeOutOfRange
from bot.domain.model import CoupleId, PersonId, SpaceId
from bot.domain.space import (
    Afterwards,
    DayIsOver,
    Event,
    Hushed,
    LinkEnded,
    MeetingTime,
    Part,
    Ready,
    ReadyFrom,
    Requested,
    Returned,
    SpaceRequest,
    State,
    TalkTimeOver,
    Withdrawn,
)
from bot.domain.space_rules import transition

NOW = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
MARA, JONAS = PersonId(1), PersonId(2)
PAIR = (MARA, JONAS)
ID = SpaceId(11)
CLOSE, MEET, TALKED = "space.close", "space.meet", "space.talked"


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def asks(by: PersonId = MARA, minutes: float = 20, members: tuple[PersonId, ...] = PAIR) -> Requested:
    return Requested(ID, CoupleId(7) if len(members) == 2 else None, members, by, at(minutes), "Air.")


def after(*history: tuple[float, Event]) -> SpaceRequest:
    request = None
    for minutes, event in history:
        request = transition(request, event, at(minutes)).state
    assert request is not None
    return request


BACK = ((0, asks()), (20, Returned(MARA)))


def told(decision: Decision[SpaceRequest]) -> list[tuple[PersonId, str]]:
    return [(notice.recipient, notice.kind) for notice in decision.notices]


class TestReady:
    @pytest.mark.parametrize(("first", "second"), [(MARA, JONAS), (JONAS, MARA)])
    def test_in_either_order(self, first: PersonId, second: PersonId) -> None:
        said = transition(after(*BACK), Ready(first), at(25))
        [notice] = said.notices
        assert (notice.recipient, notice.kind, notice.parameters["from"]) == (
            second,
            "space.other_ready",
            first,
        )
        assert (notice.silent, notice.relayed, notice.priority) == (True, True, Priority.RELAY)
        assert (said.state.state, said.state.ready, said.timers) == (State.RETURNED, first, ())
        both = transition(said.state, Ready(second), at(30))
        assert told(both) == [(first, "card.both")]
        assert (both.state.state, both.state.ready) == (State.RECONNECTED, None)
        assert both.timers == (NoTimer(CLOSE, ID), NoTimer(MEET, ID), Timer(TALKED, ID, at(120)))

    def test_said_twice_it_says_nothing(self) -> None:
        request = after(*BACK, (25, Ready(MARA)))
        assert transition(request, Ready(MARA), at(26)) == Decision(request)

    def test_it_is_told_once_however_often_times_come_and_go(self) -> None:
        first = transition(after(*BACK), Ready(MARA), at(25))
        named = after(*BACK, (25, Ready(MARA)), (26, ReadyFrom(JONAS, at(90))), (90, MeetingTime()))
        assert named.ready is None
        again = transition(named, Ready(MARA), at(91))
        assert told(again) == told(first)
        assert again.notices[0].key == first.notices[0].key, "the outbox leaves the second out"

    def test_silence_was_until_the_return(self) -> None:
        request = after((0, asks()), (1, Hushed(JONAS, True)), (20, Returned(MARA)), (21, Ready(MARA)))
        assert not request.hushed
        [notice] = transition(request, Ready(JONAS), at(22)).notices
        assert not notice.silent

    @pytest.mark.parametrize(
        "history",
        [
            ((0, asks()),),
            ((0, asks()), (1, Withdrawn(MARA))),
            ((0, asks()), (24 * 60, DayIsOver())),
            ((0, asks()), (1, LinkEnded())),
            (*BACK, (21, TalkTimeOver())),
            (*BACK, (21, LinkEnded())),
            (*BACK, (21, Ready(MARA)), (22, Ready(JONAS))),
        ],
        ids=["open", "withdrawn", "lapsed", "unlinked", "closed", "unlinked later", "both were"],
    )
    def test_only_after_a_return(self, history: tuple[tuple[float, Event], ...]) -> None:
        for event in (Ready(MARA), Ready(JONAS)):
            with pytest.raises(Stale):
                transition(after(*history), event, at(24 * 60 + 1))

    def test_only_these_two_and_not_on_ones_own(self) -> None:
        with pytest.raises(Stale):
            transition(after(*BACK), Ready(PersonId(3)), at(21))
        alone = after((0, asks(members=(MARA,))), (20, Returned(MARA)))
        for event in (Ready(MARA), ReadyFrom(MARA, at(60))):
            with pytest.raises(Stale):
                transition(alone, event, at(21))


class TestATimeToTalk:
    def test_the_other_hears_it_at_once_and_both_are_asked_then(self) -> None:
        named = transition(after(*BACK), ReadyFrom(JONAS, at(90)), at(25))
        [notice] = named.notices
        assert (notice.recipient, notice.kind) == (MARA, "space.meets_later")
        assert (notice.parameters["ready_at"], notice.parameters["from"]) == (at(90).isoformat(), JONAS)
        assert named.timers == (Timer(CLOSE, ID, at(90 + 12 * 60)), Timer(MEET, ID, at(90)))
        asked = transition(named.state, MeetingTime(), at(90))
        assert told(asked) == [(MARA, "space.meet"), (JONAS, "space.meet")]
        assert {notice.priority for notice in asked.notices} == {Priority.PROMISE}
        assert (asked.state.state, asked.state.ready_from) == (State.RETURNED, None)
        assert transition(asked.state, MeetingTime(), at(91)) == Decision(asked.state)

    def test_named_during_the_break(self) -> None:
        request = after((0, asks()), (5, ReadyFrom(JONAS, at(80))))
        decision = transition(request, Returned(MARA), at(20))
        assert decision.timers[-2:] == (Timer(CLOSE, ID, at(80 + 12 * 60)), Timer(MEET, ID, at(80)))

    def test_past_at_the_return_it_is_none(self) -> None:
        request = after((0, asks(minutes=100)), (5, ReadyFrom(JONAS, at(80))))
        decision = transition(request, Returned(MARA), at(100))
        assert decision.timers[-2:] == (Timer(CLOSE, ID, at(100 + 12 * 60)), NoTimer(MEET, ID))

    def test_hours_late_they_are_asked_all_the_same(self) -> None:
        request = after(*BACK, (25, ReadyFrom(JONAS, at(90))))
        assert len(transition(request, MeetingTime(), at(90 + 6 * 60)).notices) == 2

    def test_so_late_that_it_is_over_they_are_not(self) -> None:
        request = after(*BACK, (25, ReadyFrom(JONAS, at(90))))
        assert len(transition(request, MeetingTime(), at(89 + 13 * 60)).notices) == 0
        assert len(transition(request, MeetingTime(), at(89 + 12 * 60)).notices) == 2
        assert transition(request, MeetingTime(), at(90 + 12 * 60)) == Decision(request)

    def test_too_early_it_waits(self) -> None:
        request = after(*BACK, (25, ReadyFrom(JONAS, at(90))))
        assert transition(request, MeetingTime(), at(60)) == Decision(request, (), (Timer(MEET, ID, at(90)),))

    def test_another_one_takes_its_place_and_nobody_counts_as_ready(self) -> None:
        request = after(
            *BACK, (22, Ready(MARA)), (25, ReadyFrom(JONAS, at(90))), (30, ReadyFrom(MARA, at(50)))
        )
        assert (request.ready_from, request.ready) == (at(50), None)

    @pytest.mark.parametrize("minutes", [None, 24, 25, 25 + 36 * 60 + 1])
    def test_a_time_that_cannot_be(self, minutes: float | None) -> None:
        with pytest.raises(TimeOutOfRange):
            transition(after(*BACK), ReadyFrom(MARA, None if minutes is None else at(minutes)), at(25))

    def test_both_ready_before_it(self) -> None:
        request = after(*BACK, (25, ReadyFrom(JONAS, at(90))), (30, Ready(MARA)), (31, Ready(JONAS)))
        assert transition(request, MeetingTime(), at(90)) == Decision(request)


class TestWhatComesLater:
    def test_how_it_went_is_asked_once_and_of_each(self) -> None:
        request = after(*BACK, (25, Ready(MARA)), (30, Ready(JONAS)))
        decision = transition(request, Afterwards(), at(120))
        assert told(decision) == [(MARA, "space.talked"), (JONAS, "space.talked")]
        assert {notice.priority for notice in decision.notices} == {Priority.NUDGE}
        keys = {notice.key for notice in decision.notices}
        assert keys == {notice.key for notice in transition(request, Afterwards(), at(121)).notices}

    def test_twelve_hours_later_it_closes_without_a_word(self) -> None:
        request = after(*BACK, (25, Ready(MARA)))
        decision = transition(request, TalkTimeOver(), at(20 + 12 * 60))
        assert (decision.state.state, decision.notices) == (State.CLOSED, ())
        assert decision.state.ended_at == at(20), "the break ended with the return"

    def test_what_is_over_otherwise_stays_what_it_was(self) -> None:
        for history in (
            (*BACK, (25, Ready(MARA)), (30, Ready(JONAS))),
            ((0, asks()), (1, Withdrawn(MARA))),
            ((0, asks()),),
        ):
            request = after(*history)
            assert transition(request, TalkTimeOver(), at(60)).state == request
            if request.state is not State.RECONNECTED:
                assert transition(request, Afterwards(), at(60)) == Decision(request)

    def test_with_the_link_all_of_it_is_called_off(self) -> None:
        for history in (
            (*BACK, (25, ReadyFrom(JONAS, at(90)))),
            (*BACK, (25, Ready(MARA)), (30, Ready(JONAS))),
        ):
            decision = transition(after(*history), LinkEnded(), at(40))
            assert decision.notices == ()
            assert {NoTimer(kind, ID) for kind in (MEET, CLOSE, TALKED)} <= set(decision.timers)


def logged(
    part: Part = Part.BACK, state: State = State.RETURNED, left: float | None = 20, named: float = 20
) -> LoggedBreak:
    return LoggedBreak(NOW, part, state, None if left is None else at(left), at(named))


class TestOwnBreaks:
    @pytest.mark.parametrize(
        ("entry", "outcome"),
        [
            (logged(left=3), Outcome.AS_SAID),
            (logged(left=30), Outcome.AS_SAID),
            (logged(left=30.1), Outcome.LATER),
            (logged(left=None), Outcome.BACK),
            (logged(state=State.OPEN), Outcome.AS_SAID),
            (logged(state=State.LAPSED), Outcome.AS_SAID),
            (logged(Part.WITHDRAWN, State.RETURNED), Outcome.TAKEN_BACK),
            (logged(Part.WITHDRAWN, State.CLOSED), Outcome.TAKEN_BACK),
            (logged(Part.AWAY, State.LAPSED, None), Outcome.LAPSED),
            (logged(Part.AWAY, State.CLOSED, None), Outcome.ENDED),
            (logged(Part.AWAY, State.OPEN, None), Outcome.AWAY),
            (logged(Part.AWAY, State.DUE, None), Outcome.AWAY),
        ],
    )
    def test_what_became_of_it(self, entry: LoggedBreak, outcome: Outcome) -> None:
        assert entry.outcome is outcome

    def test_how_often_they_were_back_when_they_said(self) -> None:
        counting = [logged(), logged(left=25), logged(left=40), logged(Part.AWAY, State.LAPSED, None)]
        others = [
            logged(left=None),
            logged(Part.WITHDRAWN),
            logged(Part.AWAY, State.CLOSED, None),
            logged(Part.AWAY, State.OPEN, None),
        ]
        assert kept(counting + others) == (2, 4)
        assert kept(others) == kept([]) == (0, 0)
