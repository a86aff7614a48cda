"""Parked topics: what becomes of one, who hears what, and which times are offered and understood."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.decision import Decision, NoTimer, Priority, Timer
from bot.domain.errors import Stale, StillHereError, TimeNotAhead, TooManyTimes, TooManyTopics
from bot.domain.model import CoupleId, PersonId
from bot.domain.topic_times import parse_moment, suggested
from bot.domain.topics import (
    FARTHEST,
    LATE,
    TALK,
    TOO_LATE,
    Agreed,
    Event,
    LetGo,
    LinkEnded,
    Offered,
    Proposed,
    State,
    TimeIsUp,
    Topic,
    TopicId,
    decide,
)

BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
"""A Monday, 18:00 in Berlin."""
MARA, JONAS, KIM = PersonId(1), PersonId(2), PersonId(3)
EVENING, TOMORROW, SATURDAY = (NOW + timedelta(hours=hours) for hours in (1, 25, 113))
SECOND = timedelta(seconds=1)


def proposed(*times: datetime, text: str | None = "the holidays", others_open: int = 0) -> Decision[Topic]:
    event = Proposed(
        TopicId(4), CoupleId(7), (MARA, JONAS), MARA, text, times or (EVENING, TOMORROW), others_open
    )
    return decide(None, event, NOW)


def topic() -> Topic:
    return proposed().state


def agreed(at: datetime = TOMORROW) -> Topic:
    return decide(topic(), Agreed(JONAS, at), NOW).state


def said(decision: Decision[Topic]) -> list[tuple[PersonId, str]]:
    return [(notice.recipient, notice.kind) for notice in decision.notices]


class TestProposing:
    def test_the_other_one_hears_it_with_all_times(self) -> None:
        decision = proposed(TOMORROW, EVENING)
        assert decision.state.state is State.PROPOSED
        [notice] = decision.notices
        assert (notice.recipient, notice.kind) == (JONAS, "later.offer")
        assert (notice.priority, notice.relayed) == (Priority.RELAY, True)
        assert notice.parameters["offers"] == [EVENING.isoformat(), TOMORROW.isoformat()]
        assert notice.private == {"words": "the holidays"}
        assert decision.timers == (), "nobody is chased"

    def test_left_open_there_are_no_words(self) -> None:
        [notice] = proposed(text=None).notices
        assert notice.private == {}

    @pytest.mark.parametrize("at", [NOW, NOW - SECOND, NOW + FARTHEST + SECOND])
    def test_not_in_the_past_and_not_too_far_away(self, at: datetime) -> None:
        with pytest.raises(TimeNotAhead):
            proposed(EVENING, at)
        assert proposed(NOW + FARTHEST).state.offered == (NOW + FARTHEST,)

    def test_one_to_three_times(self) -> None:
        times = [EVENING + timedelta(hours=n) for n in range(4)]
        assert len(proposed(*times[:3]).state.offered) == 3
        with pytest.raises(TooManyTimes):
            proposed(*times)
        with pytest.raises(Stale):
            decide(topic(), Offered(JONAS, (), 1), NOW)

    def test_five_at_a_time(self) -> None:
        assert proposed(others_open=4).state.open
        with pytest.raises(TooManyTopics):
            proposed(others_open=5)


class TestAgreeing:
    def test_the_one_who_offered_is_told_and_the_time_is_kept(self) -> None:
        decision = decide(topic(), Agreed(JONAS, TOMORROW), NOW)
        assert (decision.state.state, decision.state.talk_at) == (State.AGREED, TOMORROW)
        assert said(decision) == [(MARA, "later.agreed_by")]
        assert decision.timers == (Timer(TALK, 4, TOMORROW),)

    @pytest.mark.parametrize(
        ("by", "at"),
        [(MARA, TOMORROW), (JONAS, SATURDAY), (KIM, TOMORROW)],
        ids=["own", "not_offered", "third"],
    )
    def test_only_the_other_one_and_only_an_offered_time(self, by: PersonId, at: datetime) -> None:
        with pytest.raises(Stale):
            decide(topic(), Agreed(by, at), NOW)

    def test_not_once_it_is_past(self) -> None:
        with pytest.raises(TimeNotAhead):
            decide(topic(), Agreed(JONAS, EVENING), EVENING)

    def test_only_once(self) -> None:
        with pytest.raises(Stale):
            decide(agreed(), Agreed(JONAS, EVENING), NOW)


class TestOtherTimes:
    def test_in_answer(self) -> None:
        decision = decide(topic(), Offered(JONAS, (SATURDAY,), 1), NOW)
        assert said(decision) == [(MARA, "later.offer")]
        assert (decision.state.proposer, decision.state.offered) == (JONAS, (SATURDAY,))
        with pytest.raises(Stale):
            decide(decision.state, Agreed(MARA, TOMORROW), NOW)
        assert decide(decision.state, Agreed(MARA, SATURDAY), NOW).state.talk_at == SATURDAY

    @pytest.mark.parametrize("by", [MARA, JONAS])
    def test_either_can_move_an_agreed_time(self, by: PersonId) -> None:
        decision = decide(agreed(), Offered(by, (SATURDAY,), 1), NOW)
        assert said(decision) == [(topic().other(by), "later.move")]
        assert decision.notices[0].parameters["was_at"] == TOMORROW.isoformat()
        assert (decision.state.state, decision.state.talk_at) == (State.PROPOSED, None)
        assert decision.timers == (NoTimer(TALK, 4),)

    def test_on_something_that_changed_meanwhile_it_says_nothing(self) -> None:
        with pytest.raises(Stale):
            decide(replace(topic(), revision=2), Offered(JONAS, (SATURDAY,), 1), NOW)

    def test_one_that_was_talked_about_comes_back_if_there_is_room(self) -> None:
        talked = replace(agreed(), state=State.TALKED)
        assert decide(talked, Offered(JONAS, (SATURDAY,), 1), NOW).state.open
        with pytest.raises(TooManyTopics):
            decide(talked, Offered(JONAS, (SATURDAY,), 1, others_open=5), NOW)


class TestLettingGo:
    def test_who_wrote_it_takes_it_off_silently(self) -> None:
        decision = decide(topic(), LetGo(MARA), NOW)
        assert (decision.state.state, decision.notices) == (State.GONE, ())
        assert decision.state.text is None, "its words go, too"

    def test_the_other_cannot(self) -> None:
        with pytest.raises(Stale):
            decide(topic(), LetGo(JONAS), NOW)

    def test_the_other_takes_back_their_times_only(self) -> None:
        answered = decide(topic(), Offered(JONAS, (SATURDAY,), 1), NOW).state
        with pytest.raises(Stale):
            decide(answered, LetGo(MARA), NOW)
        decision = decide(answered, LetGo(JONAS), NOW)
        assert (decision.state.state, decision.notices) == (State.PARKED, ())
        assert decide(decision.state, LetGo(MARA), NOW).state.state is State.GONE

    def test_when_the_others_times_are_past_the_topic_is_its_writers_again(self) -> None:
        answered = decide(topic(), Offered(JONAS, (EVENING,), 1), NOW).state
        assert decide(answered, LetGo(MARA), EVENING).state.state is State.GONE

    @pytest.mark.parametrize("by", [MARA, JONAS])
    def test_once_agreed_either_can_and_the_other_is_told_once(self, by: PersonId) -> None:
        decision = decide(agreed(), LetGo(by, TOMORROW), NOW)
        [notice] = decision.notices
        assert (notice.recipient, notice.kind) == (topic().other(by), "later.let_go")
        assert notice.private == {"words": "the holidays"}
        assert decision.timers == (NoTimer(TALK, 4),)
        with pytest.raises(Stale):
            decide(decision.state, LetGo(by, TOMORROW), NOW)

    @pytest.mark.parametrize("time", [None, EVENING])
    def test_an_old_button_undoes_no_other_time(self, time: datetime | None) -> None:
        with pytest.raises(Stale):
            decide(agreed(), LetGo(MARA, time), NOW)


class TestTheTimeComes:
    @pytest.mark.parametrize(
        ("late", "kind"),
        [
            (timedelta(0), "later.now"),
            (LATE - SECOND, "later.now"),
            (LATE, "later.was"),
            (TOO_LATE, "later.was"),
        ],
    )
    def test_both_are_reminded(self, late: timedelta, kind: str) -> None:
        decision = decide(agreed(), TimeIsUp(), TOMORROW + late)
        assert said(decision) == [(MARA, kind), (JONAS, kind)]
        assert decision.state.state is State.TALKED
        assert len({notice.key for notice in decision.notices}) == 2

    def test_half_a_day_later_nothing_is_said_and_it_stays_parked(self) -> None:
        decision = decide(agreed(), TimeIsUp(), TOMORROW + TOO_LATE + SECOND)
        assert (decision.state.state, decision.notices) == (State.PARKED, ())

    def test_during_a_break_one_line_without_sound_and_it_stays_parked(self) -> None:
        decision = decide(agreed(), TimeIsUp(on_break=True), TOMORROW)
        assert said(decision) == [(MARA, "later.on_break"), (JONAS, "later.on_break")]
        assert all(notice.silent for notice in decision.notices)
        assert (decision.state.state, decision.state.talk_at) == (State.PARKED, None)

    def test_too_early_it_waits(self) -> None:
        decision = decide(agreed(), TimeIsUp(), TOMORROW - SECOND)
        assert decision == Decision(agreed(), (), (Timer(TALK, 4, TOMORROW),))

    @pytest.mark.parametrize("state", [each for each in State if each is not State.AGREED])
    def test_on_anything_else_it_decides_nothing(self, state: State) -> None:
        other = replace(agreed(), state=state)
        assert decide(other, TimeIsUp(), TOMORROW) == Decision(other)


@pytest.mark.parametrize("state", list(State))
def test_the_end_of_the_link_says_nothing(state: State) -> None:
    decision = decide(replace(agreed(), state=state), LinkEnded(), NOW)
    assert (decision.state.state, decision.notices) == (State.GONE, ())
    if state is State.AGREED:
        assert decision.timers == (NoTimer(TALK, 4),)
    for event in (Offered(MARA, (SATURDAY,), 1), Agreed(JONAS, TOMORROW), LetGo(MARA)):
        with pytest.raises(Stale):
            decide(decision.state, event, NOW)


FITTING = NOW - timedelta(days=1)
"""Stands for a time that is offered, or agreed, just then."""
PEOPLE = st.sampled_from([MARA, JONAS, KIM])
HOURS = st.integers(1, 30).map(lambda hours: NOW + timedelta(hours=hours))
EVENTS = st.one_of(
    st.builds(
        Offered,
        st.sampled_from([MARA, JONAS]),
        st.lists(HOURS, min_size=1, max_size=3).map(tuple),
        st.just(1),
    ),
    st.builds(Agreed, PEOPLE, HOURS),
    st.builds(Agreed, st.sampled_from([MARA, JONAS]), st.just(FITTING)),
    st.builds(LetGo, st.sampled_from([MARA, JONAS]), st.none() | HOURS | st.just(FITTING)),
    st.just(LinkEnded()),
)


def fitted(event: Event, current: Topic) -> Event:
    """With a time that stands, where it says so."""
    if isinstance(event, Agreed) and event.at == FITTING and current.offered:
        return replace(event, at=current.offered[-1])
    if isinstance(event, LetGo) and event.agreed == FITTING:
        return replace(event, agreed=current.talk_at)
    return event


@settings(derandomize=True, max_examples=400, database=None)
@given(st.lists(st.tuples(st.integers(0, 180), EVENTS, st.booleans()), max_size=12))
def test_what_was_offered_is_agreed_by_the_other_and_every_agreed_time_is_followed_by_a_line(
    steps: list[tuple[int, Event, bool]],
) -> None:
    """`steps`: minutes that go by, what happens then, and whether a break is open when the timer fires."""
    now, current, timer = NOW, topic(), None
    for minutes, drawn, on_break in steps:
        then = now + timedelta(minutes=minutes)
        if timer is not None and timer <= then:
            current, timer = rings(current, timer, on_break)
        now, before, event = then, current, fitted(drawn, current)
        try:
            decision = decide(current, event, now)
        except StillHereError:
            continue
        current, timer = decision.state, after(decision, timer)
        if current.state is State.AGREED and before.state is not State.AGREED:
            assert isinstance(event, Agreed)
            assert current.talk_at in before.offered
            assert event.by == before.other(before.proposer)
        if before.state is State.AGREED and current.state is not State.AGREED:
            assert isinstance(event, Offered | LetGo | LinkEnded)
        assert (timer is not None) == (current.state is State.AGREED)
        assert timer == current.talk_at
    if timer is not None:
        current, timer = rings(current, timer, on_break=False)
        assert current.state is State.TALKED


def rings(current: Topic, due: datetime, on_break: bool) -> tuple[Topic, datetime | None]:
    decision = decide(current, TimeIsUp(on_break), due)
    assert {notice.recipient for notice in decision.notices} == {MARA, JONAS}
    return decision.state, None


def after(decision: Decision[Topic], timer: datetime | None) -> datetime | None:
    for each in decision.timers:
        timer = each.due_at if isinstance(each, Timer) else None
    return timer


def here(text: str) -> datetime:
    """A time of day in Berlin."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


def clocks(times: list[datetime]) -> list[str]:
    return [f"{at.astimezone(BERLIN):%d %H:%M}" for at in times]


class TestSuggested:
    @pytest.mark.parametrize(
        ("now", "expected"),
        [
            ("2026-03-02T10:00", ["02 19:00", "02 21:00", "03 19:00", "04 19:00", "07 11:00", "08 17:00"]),
            ("2026-03-02T18:01", ["02 21:00", "03 19:00", "04 19:00", "07 11:00", "08 17:00"]),
            ("2026-03-02T22:00", ["03 19:00", "04 19:00", "07 11:00", "08 17:00"]),
            ("2026-03-07T10:30", ["07 19:00", "07 21:00", "08 17:00", "08 19:00", "09 19:00", "14 11:00"]),
        ],
    )
    def test_what_makes_sense_now(self, now: str, expected: list[str]) -> None:
        assert clocks(suggested(here(now), BERLIN)) == expected

    @settings(derandomize=True, database=None)
    @given(
        st.integers(0, 365 * 24 * 60),
        st.sampled_from(["Europe/Berlin", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia"]),
    )
    def test_each_can_be_offered_and_named_by_a_button(self, minutes: int, name: str) -> None:
        now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes, seconds=7)
        times = suggested(now, ZoneInfo(name))
        assert len(times) >= 3
        assert times == sorted(set(times))
        assert all(now < at <= now + FARTHEST and at.second == 0 for at in times)


class TestTyped:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("21:30", "02 21:30"),
            ("8:00", "03 08:00"),
            ("tomorrow 19:00", "03 19:00"),
            ("morgen um 19 Uhr", "03 19:00"),
            ("Saturday 11:00", "07 11:00"),
            ("on Saturday at 11am", "07 11:00"),
            ("Sa. um 11 Uhr", "07 11:00"),
            ("am Samstag um 11", "07 11:00"),
            ("19:00 on sunday", "08 19:00"),
            ("Monday 19:00", "02 19:00"),
            ("Montag 17:00", "09 17:00"),
            ("in 2 h", "02 20:00"),
            ("today 8:00", "02 08:00"),
        ],
    )
    def test_a_time(self, text: str, expected: str) -> None:
        found = parse_moment(text, here("2026-03-02T18:00"), BERLIN)
        assert found is not None
        assert clocks([found]) == [expected]

    @pytest.mark.parametrize(
        "text",
        ["", "soon", "Saturday", "Saturday 25:00", "Saturday tomorrow 11:00", "Sa 20 min", "x" * 41, "0 min"],
    )
    def test_no_time(self, text: str) -> None:
        assert parse_moment(text, NOW, BERLIN) is None

    def test_a_length_ends_on_a_whole_minute(self) -> None:
        found: Any = parse_moment("25 min", NOW + timedelta(seconds=7), BERLIN)
        assert found == NOW + timedelta(minutes=26)
