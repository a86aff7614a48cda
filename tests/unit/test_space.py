"""The space request: every transition written out, and random histories that must keep its promises."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from bot.domain.decision import Decision, NoTimer, Priority, Timer
from bot.domain.errors import Stale, TimeOutOfRange
from bot.domain.model import CoupleId, PersonId, SpaceId
from bot.domain.space import (
    Acknowledged,
    Afterwards,
    DayIsOver,
    Event,
    Extended,
    Hushed,
    LinkEnded,
    MeetingTime,
    NoAnswer,
    OutageOver,
    Part,
    Rated,
    Ready,
    ReadyFrom,
    Requested,
    Returned,
    SpaceRequest,
    State,
    TalkTimeOver,
    TimeIsUp,
    Withdrawn,
)
from bot.domain.space_rules import transition

NOW = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
MARA, JONAS = PersonId(1), PersonId(2)
COUPLE, ID = CoupleId(7), SpaceId(11)
WORDS = "I just need a few minutes."
RELAY, PROMISE = Priority.RELAY, Priority.PROMISE


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def asks(by: PersonId = MARA, minutes: float = 20, words: str = WORDS) -> Requested:
    return Requested(ID, COUPLE, (MARA, JONAS), by, at(minutes), words)


def alone(minutes: float = 20) -> Requested:
    return Requested(ID, None, (MARA,), MARA, at(minutes), WORDS)


def after(*history: tuple[float, Event]) -> SpaceRequest:
    """What has become of a request after these events, each at its minute."""
    request = None
    for minutes, event in history:
        request = transition(request, event, at(minutes)).state
    assert request is not None
    return request


def heard(decision: Decision[SpaceRequest]) -> list[tuple[PersonId, str, Priority, bool, bool]]:
    """Who hears what: kind, priority, silent, relayed."""
    return [(n.recipient, n.kind, n.priority, n.silent, n.relayed) for n in decision.notices]


def clocks(back_at: float) -> tuple[Timer | NoTimer, ...]:
    """The timers of an open request that began at minute 0."""
    return (
        Timer("space.return", ID, at(back_at)),
        NoTimer("space.unanswered", ID),
        Timer("space.lapse", ID, at(24 * 60)),
    )


STOPPED = (NoTimer("space.return", ID), NoTimer("space.unanswered", ID), NoTimer("space.lapse", ID))
NOTHING_LATER = (NoTimer("space.meet", ID), NoTimer("space.close", ID), NoTimer("space.talked", ID))


def back_at(minutes: float) -> tuple[Timer | NoTimer, ...]:
    """The timers of a request from which everybody was back at this minute."""
    return (*STOPPED, Timer("space.close", ID, at(minutes + 12 * 60)), NoTimer("space.meet", ID))


BOTH_AWAY = ((0, asks()), (5, asks(JONAS, 30, "Me too.")))
DUE = ((0, asks()), (20, TimeIsUp()))


class TestAsking:
    def test_the_other_hears_it_at_once(self) -> None:
        decision = transition(None, asks(), NOW)
        assert heard(decision) == [(JONAS, "space.request", RELAY, False, True)]
        [notice] = decision.notices
        assert notice.parameters == {"request": ID, "back_at": at(20).isoformat(), "from": MARA}
        assert notice.private == {"words": WORDS}
        assert decision.timers == clocks(20)

    def test_it_is_open_and_one_is_away(self) -> None:
        request = transition(None, asks(), NOW).state
        assert request.open
        assert (request.id, request.couple, request.state) == (ID, COUPLE, State.OPEN)
        assert (request.started_at, request.return_at) == (NOW, at(20))
        assert (request.away, request.waiting) == ((MARA,), (JONAS,))
        assert request.is_away(MARA)
        assert not request.is_away(JONAS)

    def test_alone_nobody_hears_it_and_the_time_is_kept(self) -> None:
        decision = transition(None, alone(), NOW)
        assert heard(decision) == []
        assert decision.timers == clocks(20)

    @pytest.mark.parametrize("minutes", [-1, 0, 23 * 60 + 30 + 1, 24 * 60])
    def test_a_time_past_or_too_far_away_is_refused(self, minutes: int) -> None:
        with pytest.raises(TimeOutOfRange):
            transition(None, asks(minutes=minutes), NOW)

    @pytest.mark.parametrize("minutes", [1 / 60, 23 * 60 + 30])
    def test_up_to_23_hours_30_is_allowed(self, minutes: float) -> None:
        assert transition(None, asks(minutes=minutes), NOW).state.return_at == at(minutes)

    @pytest.mark.parametrize(
        "event",
        [
            Extended(MARA, at(30)),
            Returned(MARA),
            Withdrawn(MARA),
            Acknowledged(JONAS, "thank_you"),
            TimeIsUp(),
            NoAnswer(),
            DayIsOver(),
            LinkEnded(),
        ],
    )
    def test_nothing_happens_to_a_request_that_is_not_there(self, event: Event) -> None:
        with pytest.raises(Stale):
            transition(None, event, NOW)


class TestJoining:
    def test_both_away_the_later_time_holds(self) -> None:
        decision = transition(after((0, asks())), asks(JONAS, 30, "Me too."), at(5))
        assert heard(decision) == [(MARA, "space.joined", RELAY, False, True)]
        assert decision.notices[0].private == {"words": "Me too."}
        assert decision.notices[0].parameters["back_at"] == at(30).isoformat()
        assert decision.timers == clocks(30)
        assert decision.state.away == (MARA, JONAS)
        assert decision.state.waiting == ()
        assert decision.state.started_at == NOW

    def test_an_earlier_time_does_not_shorten_it(self) -> None:
        decision = transition(after((0, asks())), asks(JONAS, 10), at(5))
        assert decision.state.return_at == at(20)
        assert decision.timers == clocks(20)

    def test_a_due_request_is_open_again(self) -> None:
        decision = transition(after(*DUE), asks(JONAS, 40), at(25))
        assert decision.state.state is State.OPEN
        assert decision.timers == clocks(40)

    def test_the_limit_counts_from_the_first_request(self) -> None:
        request = after((0, asks(minutes=60)))
        with pytest.raises(TimeOutOfRange):
            transition(request, asks(JONAS, 23 * 60 + 31), at(30))
        assert transition(request, asks(JONAS, 23 * 60 + 30), at(30)).state.return_at == at(23 * 60 + 30)

    def test_who_is_away_already_cannot_ask_again(self) -> None:
        with pytest.raises(Stale):
            transition(after((0, asks())), asks(), at(1))

    def test_who_has_come_back_can_while_the_other_is_away(self) -> None:
        request = after(*BOTH_AWAY, (6, Returned(MARA)))
        decision = transition(request, asks(MARA, 50, "Once more."), at(7))
        assert heard(decision) == [(JONAS, "space.joined", RELAY, False, True)]
        assert set(decision.state.away) == {MARA, JONAS}
        assert len(decision.state.participants) == 2

    @pytest.mark.parametrize("end", [Returned(MARA), Withdrawn(MARA), DayIsOver(), LinkEnded()])
    def test_one_that_is_over_is_not_joined(self, end: Event) -> None:
        with pytest.raises(Stale):
            transition(after((0, asks()), (1, end)), asks(JONAS, 30), at(2))


class TestMoreTime:
    @pytest.mark.parametrize("history", [((0, asks()),), DUE])
    def test_the_other_hears_the_new_time(self, history: tuple[tuple[float, Event], ...]) -> None:
        decision = transition(after(*history), Extended(MARA, at(45)), at(21))
        assert heard(decision) == [(JONAS, "space.more_time", RELAY, False, True)]
        expected = {"request": ID, "back_at": at(45).isoformat(), "from": MARA}
        assert decision.notices[0].parameters == expected
        assert decision.state.state is State.OPEN
        assert decision.timers == clocks(45)

    def test_up_to_23_hours_30_from_the_first_request(self) -> None:
        request = after((0, asks()))
        last = at(23 * 60 + 30)
        assert transition(request, Extended(MARA, last), at(10)).state.return_at == last
        with pytest.raises(TimeOutOfRange):
            transition(request, Extended(MARA, last + timedelta(seconds=1)), at(10))

    @pytest.mark.parametrize("until", [at(10), at(9)])
    def test_not_into_the_past(self, until: datetime) -> None:
        with pytest.raises(TimeOutOfRange):
            transition(after((0, asks())), Extended(MARA, until), at(10))

    def test_only_by_who_is_away(self) -> None:
        with pytest.raises(Stale):
            transition(after((0, asks())), Extended(JONAS, at(30)), at(1))


class TestComingBack:
    @pytest.mark.parametrize("history", [((0, asks()),), DUE], ids=["early", "due"])
    def test_the_other_hears_it_and_the_clocks_stop(self, history: tuple[tuple[float, Event], ...]) -> None:
        decision = transition(after(*history), Returned(MARA), at(21))
        assert heard(decision) == [(JONAS, "space.returned", RELAY, False, True)]
        assert decision.notices[0].parameters["from"] == MARA
        assert decision.state.state is State.RETURNED
        assert not decision.state.open
        assert decision.timers == back_at(21)

    def test_alone_it_just_ends(self) -> None:
        decision = transition(after((0, alone())), Returned(MARA), at(1))
        assert heard(decision) == []
        assert decision.state.state is State.RETURNED
        assert decision.timers == STOPPED

    def test_both_away_and_one_returns_the_clocks_go_on_for_the_other(self) -> None:
        decision = transition(after(*BOTH_AWAY), Returned(MARA), at(10))
        assert heard(decision) == [(JONAS, "space.returned_first", RELAY, False, True)]
        assert decision.timers == ()
        assert decision.state.state is State.OPEN
        assert (decision.state.away, decision.state.waiting) == ((JONAS,), (MARA,))
        assert decision.state.return_at == at(30)

    def test_it_has_returned_when_both_have(self) -> None:
        decision = transition(after(*BOTH_AWAY, (10, Returned(MARA))), Returned(JONAS), at(11))
        assert heard(decision) == [(MARA, "space.returned", RELAY, False, True)]
        assert decision.state.state is State.RETURNED
        assert decision.timers == back_at(11)

    @pytest.mark.parametrize("by", [JONAS, PersonId(99)])
    def test_only_by_who_is_away(self, by: PersonId) -> None:
        with pytest.raises(Stale):
            transition(after((0, asks())), Returned(by), at(1))

    def test_only_once(self) -> None:
        with pytest.raises(Stale):
            transition(after(*BOTH_AWAY, (10, Returned(MARA))), Returned(MARA), at(11))


class TestTakingItBack:
    @pytest.mark.parametrize("history", [((0, asks()),), DUE], ids=["open", "due"])
    def test_the_other_hears_it(self, history: tuple[tuple[float, Event], ...]) -> None:
        decision = transition(after(*history), Withdrawn(MARA), at(21))
        assert heard(decision) == [(JONAS, "space.withdrawn", RELAY, False, True)]
        assert decision.state.state is State.WITHDRAWN
        assert decision.timers == STOPPED

    def test_one_took_it_back_and_one_returned_is_a_return(self) -> None:
        request = after(*BOTH_AWAY, (10, Withdrawn(MARA)))
        assert request.state is State.OPEN
        assert request.away == (JONAS,)
        assert transition(request, Returned(JONAS), at(11)).state.state is State.RETURNED

    def test_both_took_it_back(self) -> None:
        decision = transition(after(*BOTH_AWAY, (10, Withdrawn(MARA))), Withdrawn(JONAS), at(11))
        assert decision.state.state is State.WITHDRAWN
        assert decision.timers == STOPPED

    def test_only_by_who_is_away(self) -> None:
        with pytest.raises(Stale):
            transition(after((0, asks())), Withdrawn(JONAS), at(1))


class TestAnswering:
    @pytest.mark.parametrize("reply", ["take_your_time", "thank_you"])
    @pytest.mark.parametrize("history", [((0, asks()),), DUE], ids=["open", "due"])
    def test_it_arrives_without_sound_and_changes_nothing(
        self, history: tuple[tuple[float, Event], ...], reply: str
    ) -> None:
        request = after(*history)
        decision = transition(request, Acknowledged(JONAS, reply), at(21))
        assert heard(decision) == [(MARA, f"space.reply.{reply}", RELAY, True, True)]
        assert decision.notices[0].parameters["from"] == JONAS
        assert decision.state == request
        assert decision.timers == ()

    def test_two_answers_have_one_key(self) -> None:
        request = after((0, asks()))
        first = transition(request, Acknowledged(JONAS, "take_your_time"), at(1)).notices[0]
        second = transition(request, Acknowledged(JONAS, "thank_you"), at(2)).notices[0]
        assert first.key == second.key == "space:11:reply:2"

    def test_who_is_away_does_not_answer(self) -> None:
        for by in (MARA, JONAS):
            with pytest.raises(Stale):
                transition(after(*BOTH_AWAY), Acknowledged(by, "thank_you"), at(6))

    def test_who_has_come_back_answers_only_who_is_away(self) -> None:
        request = after(*BOTH_AWAY, (10, Returned(MARA)))
        decision = transition(request, Acknowledged(MARA, "thank_you"), at(11))
        assert heard(decision) == [(JONAS, "space.reply.thank_you", RELAY, True, True)]


class TestTimeIsUp:
    def test_one_is_asked_and_the_other_told(self) -> None:
        decision = transition(after((0, asks())), TimeIsUp(), at(20))
        assert heard(decision) == [
            (MARA, "space.how_now.now", PROMISE, False, False),
            (JONAS, "space.time_is_up.now", PROMISE, False, False),
        ]
        asked, told = decision.notices
        assert told.parameters["from"] == MARA
        assert "from" not in asked.parameters
        assert asked.key == f"space:11:{at(20).isoformat()}:asked:1"
        assert told.key == f"space:11:{at(20).isoformat()}:told:2"
        assert decision.state.state is State.DUE
        assert decision.timers == (Timer("space.unanswered", ID, at(30)),)

    @pytest.mark.parametrize(("minutes", "said"), [(49.9, "now"), (50, "late"), (600, "late")])
    def test_from_half_an_hour_on_it_is_late(self, minutes: float, said: str) -> None:
        decision = transition(after((0, asks())), TimeIsUp(), at(minutes))
        kinds = [notice.kind for notice in decision.notices]
        assert kinds == [f"space.how_now.{said}", f"space.time_is_up.{said}"]
        assert decision.timers == (Timer("space.unanswered", ID, at(minutes + 10)),)

    def test_both_away_are_asked(self) -> None:
        decision = transition(after(*BOTH_AWAY), TimeIsUp(), at(30))
        assert heard(decision) == [
            (MARA, "space.how_now.now", PROMISE, False, False),
            (JONAS, "space.how_now.now", PROMISE, False, False),
        ]

    def test_who_has_come_back_is_told(self) -> None:
        decision = transition(after(*BOTH_AWAY, (10, Returned(MARA))), TimeIsUp(), at(30))
        assert heard(decision) == [
            (JONAS, "space.how_now.now", PROMISE, False, False),
            (MARA, "space.time_is_up.now", PROMISE, False, False),
        ]
        assert decision.notices[1].parameters["from"] == JONAS

    def test_alone_one_is_asked(self) -> None:
        decision = transition(after((0, alone())), TimeIsUp(), at(20))
        assert heard(decision) == [(MARA, "space.how_now.now", PROMISE, False, False)]

    def test_a_timer_that_is_too_early_is_set_again(self) -> None:
        request = after((0, asks()), (10, Extended(MARA, at(60))))
        decision = transition(request, TimeIsUp(), at(20))
        assert decision == Decision(request, (), (Timer("space.return", ID, at(60)),))

    def test_it_is_said_once(self) -> None:
        request = after(*DUE)
        assert transition(request, TimeIsUp(), at(21)) == Decision(request)


class TestNoAnswer:
    def test_one_more_gentle_line_to_each(self) -> None:
        request = after(*DUE)
        decision = transition(request, NoAnswer(), at(30))
        assert heard(decision) == [
            (MARA, "space.still_there", PROMISE, False, False),
            (JONAS, "space.no_word", PROMISE, False, False),
        ]
        assert decision.notices[1].parameters["from"] == MARA
        assert [notice.key for notice in decision.notices] == [
            f"space:11:{at(20).isoformat()}:again:1",
            f"space:11:{at(20).isoformat()}:no_word:2",
        ]
        assert decision.state == request
        assert decision.timers == ()

    def test_not_while_the_time_runs(self) -> None:
        for request in (after((0, asks())), after(*DUE, (22, Extended(MARA, at(60))))):
            assert transition(request, NoAnswer(), at(30)) == Decision(request)


class TestAfterAnOutage:
    def test_the_open_question_is_put_once_more(self) -> None:
        request = after(*DUE)
        decision = transition(request, OutageOver(), at(40))
        assert heard(decision) == [(MARA, "space.how_now.late", PROMISE, False, False)]
        assert decision.state == request
        assert decision.timers == ()
        assert decision.notices[0].key != transition(after((0, asks())), TimeIsUp(), at(20)).notices[0].key

    def test_nobody_is_asked_before_the_time(self) -> None:
        request = after((0, asks()))
        assert transition(request, OutageOver(), at(10)) == Decision(request)


class TestTheEnd:
    @pytest.mark.parametrize("history", [((0, asks()),), DUE, BOTH_AWAY], ids=["open", "due", "both away"])
    def test_after_a_day_each_hears_one_line(self, history: tuple[tuple[float, Event], ...]) -> None:
        decision = transition(after(*history), DayIsOver(), at(24 * 60))
        assert heard(decision) == [
            (MARA, "space.lapsed", PROMISE, False, False),
            (JONAS, "space.lapsed", PROMISE, False, False),
        ]
        assert [notice.key for notice in decision.notices] == ["space:11:lapsed:1", "space:11:lapsed:2"]
        assert decision.state.state is State.LAPSED
        assert decision.timers == STOPPED

    @pytest.mark.parametrize("history", [((0, asks()),), DUE, BOTH_AWAY], ids=["open", "due", "both away"])
    def test_when_the_link_ends_nothing_is_said(self, history: tuple[tuple[float, Event], ...]) -> None:
        decision = transition(after(*history), LinkEnded(), at(25))
        assert heard(decision) == []
        assert decision.state.state is State.CLOSED
        assert decision.timers == (*STOPPED, *NOTHING_LATER)

    @pytest.mark.parametrize("end", [Returned(MARA), Withdrawn(MARA), DayIsOver(), LinkEnded()])
    def test_after_it_timers_decide_nothing_and_taps_are_stale(self, end: Event) -> None:
        request = after((0, asks()), (1, end))
        for timer in (TimeIsUp(), NoAnswer(), DayIsOver(), OutageOver()):
            assert transition(request, timer, at(30)) == Decision(request)
        for tap in (
            Extended(MARA, at(60)),
            Returned(MARA),
            Withdrawn(MARA),
            Acknowledged(JONAS, "thank_you"),
        ):
            with pytest.raises(Stale):
                transition(request, tap, at(30))


TIMERS: dict[str, type[Event]] = {
    "space.return": TimeIsUp,
    "space.unanswered": NoAnswer,
    "space.lapse": DayIsOver,
    "space.meet": MeetingTime,
    "space.close": TalkTimeOver,
    "space.talked": Afterwards,
}
AFTER_A_RETURN = (State.RETURNED, State.RECONNECTED)
people = st.sampled_from([MARA, JONAS])
lengths = st.one_of(st.integers(-5, 90), st.integers(0, 25 * 60))


class Histories(RuleBasedStateMachine):
    """Two people do anything at any time; timers run when they are due, and sometimes when they are not."""

    def __init__(self) -> None:
        super().__init__()
        self.now = NOW
        self.request: SpaceRequest | None = None
        self.timers: dict[str, datetime] = {}
        self.keys: set[str] = set()

    def happens(self, event: Event, by: PersonId | None = None) -> bool:
        before = self.request
        over = before is not None and not before.open
        if over and isinstance(event, Requested):
            self.happens(TalkTimeOver())  # with a new break, nothing more comes of the last one
        current = None if over and isinstance(event, Requested) else before
        try:
            decision = transition(current, event, self.now)
        except (Stale, TimeOutOfRange):
            return False
        self.request = decision.state
        if before is not None and over and not isinstance(event, Requested | LinkEnded | TalkTimeOver):
            assert before.state in AFTER_A_RETURN or decision == Decision(before)
        for notice in decision.notices:
            assert notice.recipient in (MARA, JONAS)
            assert notice.recipient != by, "nobody is told what they did themselves"
            assert notice.relayed == (by is not None)
            assert notice.parameters.get("from") != notice.recipient
        for timer in decision.timers:
            assert timer.subject == ID
            if isinstance(timer, NoTimer):
                self.timers.pop(timer.kind, None)
            else:
                self.timers[timer.kind] = timer.due_at
        if isinstance(event, LinkEnded):
            assert decision.notices == ()
        return True

    @rule(by=people, minutes=lengths)
    def ask(self, by: PersonId, minutes: int) -> None:
        was_open = self.request is not None and self.request.open
        return_at = self.now + timedelta(minutes=minutes)
        event = Requested(ID, COUPLE, (MARA, JONAS), by, return_at, WORDS)
        done = self.happens(event, by)
        if not was_open:
            assert done == (0 < minutes <= 23 * 60 + 30)

    @rule(by=people, minutes=lengths)
    def extend(self, by: PersonId, minutes: int) -> None:
        self.happens(Extended(by, self.now + timedelta(minutes=minutes)), by)

    @rule(by=people)
    def come_back(self, by: PersonId) -> None:
        away = self.request is not None and self.request.is_away(by)
        assert self.happens(Returned(by), by) == away

    @rule(by=people)
    def take_back(self, by: PersonId) -> None:
        self.happens(Withdrawn(by), by)

    @rule(by=people)
    def answer(self, by: PersonId) -> None:
        self.happens(Acknowledged(by, "thank_you"), by)

    @rule(by=people)
    def says_ready(self, by: PersonId) -> None:
        over = self.request is not None and self.request.state is State.RETURNED
        first = over and self.request is not None and self.request.ready in (None, by)
        assert self.happens(Ready(by), by) == over
        if over and self.request is not None:
            assert self.request.state is (State.RETURNED if first else State.RECONNECTED)

    @rule(by=people, minutes=st.integers(-5, 40 * 60))
    def names_a_time_to_talk(self, by: PersonId, minutes: int) -> None:
        before = None if self.request is None else self.request.return_at
        self.happens(ReadyFrom(by, self.now + timedelta(minutes=minutes)), by)
        assert before == (None if self.request is None else self.request.return_at)

    @rule(by=people, on=st.booleans())
    def wants_silence(self, by: PersonId, on: bool) -> None:
        self.happens(Hushed(by, on), by)

    @rule(by=people, intensity=st.integers(-1, 11))
    def says_how_strong(self, by: PersonId, intensity: int) -> None:
        away = self.request is not None and self.request.is_away(by)
        assert self.happens(Rated(by, intensity), by) == (away and 0 <= intensity <= 10)

    @precondition(lambda self: self.request is not None)
    @rule()
    def unlink(self) -> None:
        self.happens(LinkEnded())
        assert self.request is not None
        assert not self.request.open
        assert self.timers == {}

    @precondition(lambda self: self.request is not None)
    @rule(event=st.sampled_from([TimeIsUp(), NoAnswer(), OutageOver(), MeetingTime(), Afterwards()]))
    def a_stray_timer_fires(self, event: Event) -> None:
        self.happens(event)

    @rule(minutes=st.one_of(st.integers(1, 60), st.integers(1, 25 * 60)))
    def time_passes(self, minutes: int) -> None:
        until = self.now + timedelta(minutes=minutes)
        while self.timers and min(self.timers.values()) <= until:
            kind = min(self.timers, key=lambda each: (self.timers[each], each))
            self.now = max(self.now, self.timers.pop(kind))
            self.happens(TIMERS[kind]())
        self.now = until

    @invariant()
    def everything_has_ended_by_24_hours(self) -> None:
        request = self.request
        if request is None:
            return
        assert request.return_at <= request.started_at + timedelta(hours=23, minutes=30)
        if request.open:
            assert self.now < request.started_at + timedelta(hours=24)
            assert request.away

    @invariant()
    def the_timers_fit_the_state(self) -> None:
        request = self.request
        if request is not None and request.state is State.RETURNED:
            named = {"space.meet"} if request.ready_from and request.ready_from > self.now else set()
            assert set(self.timers) == {"space.close"} | named
        elif request is not None and request.state is State.RECONNECTED:
            assert set(self.timers) <= {"space.talked"}
        elif request is None or not request.open:
            assert self.timers == {}
        elif request.state is State.OPEN:
            lapse = request.started_at + timedelta(hours=24)
            assert self.timers == {"space.return": request.return_at, "space.lapse": lapse}
            assert request.return_at > self.now
        else:
            assert "space.lapse" in self.timers
            assert "space.return" not in self.timers


Histories.TestCase.settings = settings(
    derandomize=True, max_examples=120, stateful_step_count=25, deadline=None, database=None
)
TestHistories = Histories.TestCase


def test_parts_say_where_each_is() -> None:
    request = after(*BOTH_AWAY, (10, Withdrawn(MARA)))
    assert [(each.person, each.state) for each in request.participants] == [
        (MARA, Part.WITHDRAWN),
        (JONAS, Part.AWAY),
    ]
    assert request.part_of(PersonId(99)) is None
    assert request.others(MARA) == (JONAS,)
