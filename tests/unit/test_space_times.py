"""How long a break shall be, and how much longer: what is offered, and what is read in a typed text."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain import coming_back
from bot.domain.errors import Stale
from bot.domain.model import CoupleId, PersonId, SpaceId
from bot.domain.space import LONGEST, Rated, Requested, Returned, SpaceRequest, latest_return
from bot.domain.space_lengths import ClockTime, Length, offered, parse_return
from bot.domain.space_rules import transition

BERLIN = ZoneInfo("Europe/Berlin")
MARA, JONAS = PersonId(1), PersonId(2)


def here(text: str) -> datetime:
    """A time of day in Berlin."""
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


def begun(start: datetime, minutes: int) -> SpaceRequest:
    return_at = start + timedelta(minutes=minutes)
    event = Requested(SpaceId(11), CoupleId(7), (MARA, JONAS), MARA, return_at, "x", minutes)
    return transition(None, event, start).state


def clocks(times: list[datetime]) -> list[str]:
    return [f"{at.astimezone(BERLIN):%d %H:%M}" for at in times]


class TestOffered:
    @pytest.mark.parametrize(
        ("now", "expected"),
        [
            ("2026-03-02T06:59", ["02 09:00", "02 12:00"]),  # tomorrow at 8 is too far away
            ("2026-03-02T10:00", ["02 12:00", "02 15:00", "03 08:00"]),
            ("2026-03-02T18:30", ["02 20:00", "02 22:00", "03 08:00"]),
            ("2026-03-02T18:31", ["02 22:00", "03 08:00"]),
            ("2026-03-02T20:31", ["03 08:00", "03 12:00"]),
            ("2026-03-02T23:50", ["03 08:00", "03 12:00"]),
            ("2026-03-03T00:10", ["03 09:00", "03 12:00"]),
        ],
    )
    def test_what_makes_sense_now(self, now: str, expected: list[str]) -> None:
        assert clocks(offered(here(now), BERLIN)) == expected

    @settings(derandomize=True, database=None)
    @given(
        st.integers(0, 365 * 24 * 60),
        st.sampled_from(["Europe/Berlin", "Asia/Kathmandu", "America/St_Johns", "Pacific/Apia"]),
    )
    def test_each_is_ahead_and_within_a_break(self, minutes: int, name: str) -> None:
        now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
        times = offered(now, ZoneInfo(name))
        assert times, "there is always something to offer"
        assert times == sorted(set(times))
        assert len(times) <= 3
        for at in times:
            assert timedelta(minutes=90) <= at - now <= LONGEST


class TestTyped:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("25 min", Length(25)),
            ("in 25 Minuten", Length(25)),
            ("90m", Length(90)),
            ("2 h", Length(120)),
            ("2h", Length(120)),
            ("1,5 Stunden", Length(90)),
            ("for 2 hours", Length(120)),
            ("12 h", Length(720)),
            ("15 hours", Length(900)),
            ("21h", ClockTime(time(21))),
            ("21:30", ClockTime(time(21, 30))),
            ("bis 21:30", ClockTime(time(21, 30))),
            ("until 9 pm", ClockTime(time(21))),
            ("tomorrow 8:00", ClockTime(time(8), 1)),
            ("Tomorrow at 8", ClockTime(time(8), 1)),
            ("8:00 tomorrow", ClockTime(time(8), 1)),
            ("morgen 8 Uhr", ClockTime(time(8), 1)),
            ("morgen um 8h", ClockTime(time(8), 1)),
            ("bis morgen um 8", ClockTime(time(8), 1)),
            ("heute 21.30", ClockTime(time(21, 30), 0)),
        ],
    )
    def test_it_is_read(self, text: str, expected: Length | ClockTime) -> None:
        assert parse_return(text) == expected

    @pytest.mark.parametrize(
        "text", ["", "soon", "tomorrow", "25:00", "tomorrow 25:00", "h", "the day after", "1 min 2", "8" * 50]
    )
    def test_what_is_no_time(self, text: str) -> None:
        assert parse_return(text) is None

    @settings(derandomize=True, database=None)
    @given(st.text(max_size=50))
    def test_no_text_hurts(self, text: str) -> None:
        parse_return(text)

    @pytest.mark.parametrize(
        ("now", "expected"),
        [
            ("2026-03-28T22:00", timedelta(hours=9)),  # the night the clocks go forward
            ("2026-10-24T22:00", timedelta(hours=11)),  # and back
            ("2026-03-02T22:00", timedelta(hours=10)),
        ],
    )
    def test_tomorrow_at_eight_is_at_eight_on_their_clock(self, now: str, expected: timedelta) -> None:
        at = ClockTime(time(8), 1).after(here(now), BERLIN)
        assert at - here(now) == expected
        assert f"{at.astimezone(BERLIN):%H:%M}" == "08:00"

    def test_today_may_be_past_and_without_a_day_it_is_the_next(self) -> None:
        now = here("2026-03-02T18:00")
        assert ClockTime(time(8), 0).after(now, BERLIN) < now
        assert ClockTime(time(8)).after(now, BERLIN) == here("2026-03-03T08:00")


class TestMore:
    def test_only_what_fits_into_the_day(self) -> None:
        start = here("2026-03-02T18:00")
        request = begun(start, 20)
        for minutes, expected in ((20, [20, 60, 120, 360]), (23 * 60, [20]), (23 * 60 + 11, [])):
            assert coming_back.steps(request, start + timedelta(minutes=minutes)) == expected

    def test_early_it_is_added_to_the_promised_time(self) -> None:
        start = here("2026-03-02T18:00")
        assert coming_back.steps(begun(start, 22 * 60), start) == [20, 60]

    @pytest.mark.parametrize(
        ("start", "minutes", "now", "expected"),
        [
            ("2026-03-02T21:00", 20, "2026-03-02T21:20", "03 08:00"),
            ("2026-03-02T23:50", 20, "2026-03-03T00:10", "03 08:00"),  # the return was past midnight
            ("2026-03-02T08:00", 60, "2026-03-02T09:00", None),  # 24 hours
            ("2026-03-02T08:30", 60, "2026-03-02T09:30", "03 08:00"),
            ("2026-03-02T21:00", 720, "2026-03-02T21:20", None),  # they promised nine o'clock themselves
            ("2026-10-24T08:40", 60, "2026-10-24T10:00", None),  # 24 h 20: the clocks go back
            ("2026-03-28T07:35", 60, "2026-03-28T10:00", "29 08:00"),  # 23 h 25: they go forward
        ],
    )
    def test_tomorrow_morning_if_it_fits(
        self, start: str, minutes: int, now: str, expected: str | None
    ) -> None:
        at = coming_back.morning(begun(here(start), minutes), here(now), BERLIN)
        assert (None if at is None else clocks([at])[0]) == expected

    def test_nobody_is_offered_a_time_of_day_who_has_not_said_where_they_are(self) -> None:
        start = here("2026-03-02T21:00")
        assert coming_back.morning(begun(start, 20), start, None) is None

    def test_the_latest_time(self) -> None:
        start = here("2026-03-02T18:03")
        request = begun(start, 20)
        assert coming_back.latest(request, start) == here("2026-03-03T17:30")
        assert coming_back.latest(request, here("2026-03-03T17:25")) == here("2026-03-03T17:30")
        assert coming_back.latest(request, here("2026-03-03T17:26")) is None

    @settings(derandomize=True, database=None)
    @given(st.integers(1, 23 * 60 + 30), st.integers(0, 24 * 60), st.integers(0, 20 * 24 * 60))
    def test_whatever_is_offered_can_be_had(self, minutes: int, later: int, moment: int) -> None:
        start = here("2026-03-20T00:00") + timedelta(minutes=moment)
        request, now = begun(start, minutes), start + timedelta(minutes=later)
        base = max(now, request.return_at)
        every = [base + timedelta(minutes=each) for each in coming_back.steps(request, now)]
        others = coming_back.morning(request, now, BERLIN), coming_back.latest(request, now)
        for at in (*every, *(each for each in others if each is not None)):
            assert now < at <= latest_return(start)
            assert at >= request.return_at


class TestRated:
    def test_it_is_kept_and_nobody_hears_it(self) -> None:
        start = here("2026-03-02T18:00")
        decision = transition(begun(start, 20), Rated(MARA, 8), start)
        assert (decision.notices, decision.timers) == ((), ())
        assert [part.intensity for part in decision.state.participants] == [8]
        again = transition(decision.state, Rated(MARA, 3), start)
        assert [part.intensity for part in again.state.participants] == [3]

    def test_only_by_who_is_away(self) -> None:
        start = here("2026-03-02T18:00")
        request = begun(start, 20)
        for by, intensity in ((JONAS, 3), (PersonId(99), 3), (MARA, 11)):
            with pytest.raises(Stale):
                transition(request, Rated(by, intensity), start)
        over = transition(request, Returned(MARA), start).state
        with pytest.raises(Stale):
            transition(over, Rated(MARA, 3), start)


@pytest.mark.parametrize("clock", ["22:00", "23:59", "00:00", "02:30", "04:59"])
def test_at_night_the_next_morning_is_offered(clock: str) -> None:
    """A check-in's “Space until morning” leads here."""
    now = here(f"2026-03-02T{clock}")
    mornings = [at.astimezone(BERLIN) for at in offered(now, BERLIN) if at - now <= timedelta(hours=12)]
    assert any(time(8) <= at.time() <= time(9) for at in mornings)
