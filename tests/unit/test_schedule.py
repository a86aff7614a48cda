"""Recurrence, quiet hours and snoozing, against written-out instants and a clock watched minute by minute."""

import json
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.schedule import (
    BadRule,
    Once,
    Postpone,
    QuietHours,
    Rule,
    Send,
    Skip,
    Times,
    UnknownRule,
    decide,
    instant,
    next_occurrence,
    parse_clock,
    snooze,
)

zoneinfo.reset_tzpath(to=())

MINUTE = timedelta(minutes=1)
HOUR = timedelta(hours=1)
# Zones with days on which their clocks changed, or nothing special happened.
DAYS = {
    "Europe/Berlin": ["2026-03-29", "2026-10-25", "2026-07-01"],
    "America/New_York": ["2026-03-08", "2026-11-01", "2026-12-31"],
    "Australia/Lord_Howe": ["2026-04-05", "2026-10-04"],
    "Africa/Casablanca": ["2026-02-15", "2026-03-22", "2025-02-23", "2025-04-06"],
    "Pacific/Apia": ["2011-12-29", "2011-12-31", "2011-04-02", "2011-09-24"],
    "Asia/Kathmandu": ["2026-01-01", "1985-12-31"],
    "America/St_Johns": ["2026-03-08", "2026-11-01", "2010-03-14", "2010-11-07"],
    "Asia/Tehran": ["2022-03-22", "2022-09-22", "2026-03-21"],
}


def at(text: str) -> datetime:
    """A UTC instant."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def clock(text: str) -> time:
    return time.fromisoformat(text)


moments = st.sampled_from([(zone, day) for zone, days in DAYS.items() for day in days]).flatmap(
    lambda case: st.tuples(
        st.just(ZoneInfo(case[0])),
        st.integers(-40 * 3600, 40 * 3600).map(lambda s: at(f"{case[1]}T12:00") + timedelta(seconds=s)),
    )
)
clocks = st.one_of(
    st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    st.builds(time, st.sampled_from([0, 1, 2, 3, 23]), st.sampled_from([0, 1, 15, 29, 30, 45, 59])),
)


def walk(start: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
    """Every UTC minute from `start` with what a clock on the wall shows then."""
    start = start.replace(second=0, microsecond=0)
    for n in range(14 * 24 * 60):
        moment = start + n * MINUTE
        yield moment, moment.astimezone(zone).replace(tzinfo=None)


def oracle(times: set[time], days: set[int], after: datetime, zone: ZoneInfo) -> datetime:
    """Watch the clock: what it shows for the first time fires, and what it leaps over fires on landing."""
    steps = walk(after - timedelta(hours=50), zone)
    _, furthest = next(steps)
    for moment, shown in steps:
        fires = False
        while furthest < shown:
            furthest += MINUTE
            fires |= furthest.time() in times and (not days or furthest.weekday() in days)
        if fires and moment > after:
            return moment
    raise AssertionError("nothing in two weeks")


@settings(derandomize=True, max_examples=100, deadline=None)
@given(moments, st.sets(clocks, min_size=1, max_size=3), st.sets(st.integers(0, 6), max_size=7))
def test_next_occurrence_is_what_a_watched_clock_says(
    moment: tuple[ZoneInfo, datetime], times: set[time], days: set[int]
) -> None:
    zone, after = moment
    found = next_occurrence(Times(tuple(times), frozenset(days)), after, zone)
    assert found == oracle(times, days, after, zone)
    assert found.tzinfo is UTC


@settings(derandomize=True, max_examples=60, deadline=None)
@given(moments, clocks)
def test_a_daily_time_fires_once_a_day(moment: tuple[ZoneInfo, datetime], local: time) -> None:
    zone, fired = moment
    dates = []
    for _ in range(5):
        following = next_occurrence(Times((local,)), fired, zone)
        assert following is not None
        fired = following
        dates.append(fired.astimezone(zone).date())
    # What belongs to the day that Samoa never had falls on the one after, which has its own.
    assert len(dates) - len(set(dates)) == (
        zone.key == "Pacific/Apia" and dates.count(date(2011, 12, 31)) == 2
    )


@pytest.mark.parametrize(
    ("zone", "local", "expected"),
    [
        # Skipped: the first instant after the gap.
        ("Europe/Berlin", "2026-03-29 02:00", "2026-03-29 01:00"),
        ("Europe/Berlin", "2026-03-29 02:30", "2026-03-29 01:00"),
        ("Europe/Berlin", "2026-03-29 02:59", "2026-03-29 01:00"),
        ("Europe/Berlin", "2026-03-29 01:59", "2026-03-29 00:59"),
        ("Europe/Berlin", "2026-03-29 03:00", "2026-03-29 01:00"),
        ("America/New_York", "2026-03-08 02:15", "2026-03-08 07:00"),
        ("Australia/Lord_Howe", "2026-10-04 02:15", "2026-10-03 15:30"),
        ("Africa/Casablanca", "2026-03-22 02:20", "2026-03-22 02:00"),
        ("America/St_Johns", "2010-03-14 00:30", "2010-03-14 03:31"),
        ("Asia/Tehran", "2022-03-22 00:10", "2022-03-21 20:30"),
        ("Asia/Kathmandu", "1986-01-01 00:05", "1985-12-31 18:30"),
        # The whole of Friday the 30th was skipped in Samoa.
        ("Pacific/Apia", "2011-12-29 23:59", "2011-12-30 09:59"),
        ("Pacific/Apia", "2011-12-30 00:00", "2011-12-30 10:00"),
        ("Pacific/Apia", "2011-12-30 09:00", "2011-12-30 10:00"),
        ("Pacific/Apia", "2011-12-30 23:59", "2011-12-30 10:00"),
        ("Pacific/Apia", "2011-12-31 09:00", "2011-12-30 19:00"),
        # Twice: the first.
        ("Europe/Berlin", "2026-10-25 02:00", "2026-10-25 00:00"),
        ("Europe/Berlin", "2026-10-25 02:30", "2026-10-25 00:30"),
        ("Europe/Berlin", "2026-10-25 03:00", "2026-10-25 02:00"),
        ("America/New_York", "2026-11-01 01:30", "2026-11-01 05:30"),
        ("Australia/Lord_Howe", "2026-04-05 01:45", "2026-04-04 14:45"),
        ("Africa/Casablanca", "2026-02-15 02:30", "2026-02-15 01:30"),
        ("America/St_Johns", "2010-11-06 23:30", "2010-11-07 02:00"),
        ("America/St_Johns", "2010-11-07 00:00", "2010-11-07 02:30"),
    ],
)
def test_instants_around_clock_changes(zone: str, local: str, expected: str) -> None:
    wall = datetime.fromisoformat(local)
    assert instant(wall.date(), wall.time(), ZoneInfo(zone)) == at(expected)


def test_two_times_in_one_gap_fire_once() -> None:
    rule, zone = Times((clock("02:15"), clock("02:45"))), ZoneInfo("Europe/Berlin")
    first = next_occurrence(rule, at("2026-03-28 12:00"), zone)
    assert first == at("2026-03-29 01:00")
    assert next_occurrence(rule, first, zone) == at("2026-03-30 00:15")


def test_a_time_shown_twice_fires_once() -> None:
    rule, zone = Times((clock("02:30"),)), ZoneInfo("Europe/Berlin")
    assert next_occurrence(rule, at("2026-10-25 00:29"), zone) == at("2026-10-25 00:30")
    assert next_occurrence(rule, at("2026-10-25 00:30"), zone) == at("2026-10-26 01:30")
    assert next_occurrence(rule, at("2026-10-25 01:15"), zone) == at("2026-10-26 01:30")


def test_weekdays_are_the_local_ones_and_after_is_excluded() -> None:
    mondays, zone = Times((clock("09:00"),), frozenset({0})), ZoneInfo("Pacific/Auckland")
    assert next_occurrence(mondays, at("2026-06-01 00:00"), zone) == at("2026-06-07 21:00")
    assert next_occurrence(mondays, at("2026-06-07 20:59:59"), zone) == at("2026-06-07 21:00")
    assert next_occurrence(mondays, at("2026-06-07 21:00"), zone) == at("2026-06-14 21:00")


def test_after_may_be_in_any_zone_but_not_in_none() -> None:
    rule, zone = Times((clock("09:00"),)), ZoneInfo("Europe/Berlin")
    local = datetime(2026, 10, 25, 2, 45, tzinfo=zone, fold=1)
    assert next_occurrence(rule, local, zone) == at("2026-10-25 08:00")
    with pytest.raises(ValueError, match="without an offset"):
        next_occurrence(rule, datetime(2026, 1, 1), zone)  # noqa: DTZ001


def test_once_fires_once() -> None:
    rule, zone = Once(at("2026-06-01 12:00")), ZoneInfo("Asia/Tokyo")
    assert next_occurrence(rule, at("2026-06-01 11:59"), zone) == at("2026-06-01 12:00")
    assert next_occurrence(rule, at("2026-06-01 12:00"), zone) is None


# Rules as stored values.


def test_the_stored_form() -> None:
    rule = Times((clock("14:30"), clock("09:00"), clock("09:00")), frozenset({4, 0}))
    assert rule.to_json() == {"v": 1, "kind": "times", "times": ["09:00", "14:30"], "days": [0, 4]}
    assert Times((clock("09:00"),), frozenset(range(7))) == Times((clock("09:00"),))
    assert Rule.from_json({"v": 1, "kind": "times", "times": ["09:00"]}) == Times((clock("09:00"),))
    local = datetime(2026, 6, 1, 9, tzinfo=timezone(2 * HOUR))
    assert Once(local).to_json() == {"v": 1, "kind": "once", "at": "2026-06-01T07:00:00+00:00"}
    assert Rule.from_json({"v": 1, "kind": "once", "at": "2026-06-01T07:00:00Z"}) == Once(local)


rules = st.one_of(
    st.builds(Times, st.lists(clocks, min_size=1).map(tuple), st.frozensets(st.integers(0, 6))),
    st.builds(Once, st.datetimes(timezones=st.just(UTC))),
)


@settings(derandomize=True, max_examples=100)
@given(rules)
def test_stored_rules_come_back_equal(rule: Rule) -> None:
    assert Rule.from_json(json.loads(json.dumps(rule.to_json()))) == rule


@pytest.mark.parametrize(
    "value",
    [
        {},
        {"kind": "times", "times": ["09:00"]},
        {"v": 2, "kind": "times", "times": ["09:00"]},
        {"v": True, "kind": "times", "times": ["09:00"]},
        {"v": "1", "kind": "times", "times": ["09:00"]},
        {"v": 1, "kind": "hourly"},
        {"v": 1, "kind": ["times"]},
    ],
)
def test_unknown_versions_and_kinds_are_refused(value: dict[str, object]) -> None:
    with pytest.raises(UnknownRule):
        Rule.from_json(value)


@pytest.mark.parametrize(
    "value",
    [
        [],
        {"v": 1, "kind": "times"},
        {"v": 1, "kind": "times", "times": []},
        {"v": 1, "kind": "times", "times": "09:00"},
        {"v": 1, "kind": "times", "times": 9},
        {"v": 1, "kind": "times", "times": [9]},
        {"v": 1, "kind": "times", "times": ["25:00"]},
        {"v": 1, "kind": "times", "times": ["09:00:30"]},
        {"v": 1, "kind": "times", "times": ["09:00+02:00"]},
        {"v": 1, "kind": "times", "times": ["09:00"], "days": [7]},
        {"v": 1, "kind": "times", "times": ["09:00"], "days": [-1]},
        {"v": 1, "kind": "times", "times": ["09:00"], "days": ["0", 1]},
        {"v": 1, "kind": "times", "times": ["09:00"], "days": 3},
        {"v": 1, "kind": "once"},
        {"v": 1, "kind": "once", "at": None},
        {"v": 1, "kind": "once", "at": "tomorrow"},
        {"v": 1, "kind": "once", "at": "2026-06-01T07:00:00"},
    ],
)
def test_broken_rules_are_refused(value: dict[str, object]) -> None:
    with pytest.raises(BadRule):
        Rule.from_json(value)


# Quiet hours.

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT = QuietHours()


@pytest.mark.parametrize(
    ("quiet", "moment", "end"),
    [
        (NIGHT, "2026-01-10 20:59:59", None),
        (NIGHT, "2026-01-10 21:00", "2026-01-11 07:00"),
        (NIGHT, "2026-01-11 06:59:59", "2026-01-11 07:00"),
        (NIGHT, "2026-01-11 07:00", None),
        (QuietHours(clock("13:00"), clock("15:00")), "2026-07-01 12:00", "2026-07-01 13:00"),
        (QuietHours(clock("13:00"), clock("15:00")), "2026-07-01 13:00", None),
        (QuietHours(clock("08:00"), clock("08:00")), "2026-07-01 06:00", None),
        (QuietHours(clock("22:00"), clock("00:00")), "2026-01-10 22:30", "2026-01-10 23:00"),
        (QuietHours(clock("00:00"), clock("06:00")), "2026-01-10 23:00", "2026-01-11 05:00"),
        # The nights in which the clock changes are an hour shorter and longer.
        (NIGHT, "2026-03-28 21:00", "2026-03-29 06:00"),
        (NIGHT, "2026-10-24 20:00", "2026-10-25 07:00"),
        # An end that is skipped, a start that is, and both.
        (QuietHours(clock("22:00"), clock("02:30")), "2026-03-29 00:59", "2026-03-29 01:00"),
        (QuietHours(clock("22:00"), clock("02:30")), "2026-03-29 01:00", None),
        (QuietHours(clock("02:30"), clock("08:00")), "2026-03-29 00:59", None),
        (QuietHours(clock("02:30"), clock("08:00")), "2026-03-29 01:00", "2026-03-29 06:00"),
        (QuietHours(clock("02:10"), clock("02:50")), "2026-03-29 01:00", None),
        # An end that comes twice is the second one, a start that does is the first.
        (QuietHours(clock("22:00"), clock("02:30")), "2026-10-25 00:45", "2026-10-25 01:30"),
        (QuietHours(clock("22:00"), clock("02:30")), "2026-10-25 01:30", None),
        (QuietHours(clock("02:30"), clock("08:00")), "2026-10-25 00:30", "2026-10-25 07:00"),
        (QuietHours(clock("02:30"), clock("08:00")), "2026-10-25 01:10", "2026-10-25 07:00"),
    ],
)
def test_quiet_hours_in_berlin(quiet: QuietHours, moment: str, end: str | None) -> None:
    assert quiet.contains(at(moment), BERLIN) is (end is not None)
    assert quiet.end_after(at(moment), BERLIN) == at(end or moment)


def test_quiet_hours_from_a_midnight_that_comes_twice() -> None:
    newfoundland = ZoneInfo("America/St_Johns")  # at 00:01 the clock went back to 23:01
    again = at("2010-11-07 02:45")  # 23:15, for the second time
    assert QuietHours(clock("00:00"), clock("06:00")).end_after(again, newfoundland) == at("2010-11-07 09:30")


def test_quiet_hours_over_a_day_that_never_was() -> None:
    apia = ZoneInfo("Pacific/Apia")
    evening = at("2011-12-30 09:00")  # 23:00 on the 29th, an hour before the 31st
    assert NIGHT.contains(evening, apia)
    assert NIGHT.end_after(evening, apia) == at("2011-12-30 18:00")  # 08:00 on the 31st


@settings(derandomize=True, max_examples=80, deadline=None)
@given(moments, clocks, clocks)
def test_what_the_clock_shows_as_quiet_is_quiet(
    moment: tuple[ZoneInfo, datetime], start: time, end: time
) -> None:
    zone, now = moment
    quiet = QuietHours(start, end)
    shown = now.astimezone(zone).time()
    on_the_face = start <= shown < end if start <= end else shown >= start or shown < end
    assert quiet.contains(now, zone) or not on_the_face
    over = quiet.end_after(now, zone)
    assert now <= over <= now + 50 * HOUR
    assert not quiet.contains(over, zone)
    for minutes in range(0, int((over - now) / MINUTE), 7):
        assert quiet.contains(now + minutes * MINUTE, zone)


# Verdicts. All in winter in Berlin: local time is an hour ahead.


@pytest.mark.parametrize(
    ("due", "now", "busy", "last_check_in", "verdict"),
    [
        ("14:00", "14:00", False, None, Send()),
        ("14:00", "16:00", False, None, Send()),
        ("14:00", "16:00:01", False, None, Skip("late")),
        ("14:00", "13:59", False, None, Postpone(at("2026-01-10 14:00"))),
        ("14:00", "14:00", True, None, Skip("space")),
        ("14:00", "16:30", True, None, Skip("late")),
        ("14:00", "14:00", False, "13:30:01", Skip("just_checked_in")),
        ("14:00", "14:00", False, "13:30", Send()),
        ("14:00", "14:00", False, "14:00", Skip("just_checked_in")),
        ("14:00", "14:00", False, "14:05", Send()),  # the clock went back: not recent, just odd
        ("14:00", "14:00", True, "13:50", Skip("space")),
        # Due before the quiet hours (21:00 UTC), looked at in them.
        ("20:59", "21:00", False, None, Postpone(at("2026-01-11 07:00"))),
        ("20:30", "22:30", False, None, Postpone(at("2026-01-11 07:00"))),
        ("20:30", "22:31", False, None, Skip("late")),
        ("20:59", "21:00", True, None, Skip("space")),
        ("20:59", "21:00", False, "20:50", Skip("just_checked_in")),
        # Set to a time in them.
        ("21:30", "21:30", False, None, Send()),
        ("21:00", "22:00", False, None, Send()),
        ("06:30", "06:31", False, None, Send()),
        ("21:30", "21:30", True, None, Skip("space")),
        # What was postponed to their end, and what straddles it.
        ("07:00", "07:00", False, None, Send()),
        ("06:30", "07:30", False, None, Send()),
    ],
)
def test_verdicts(
    due: str, now: str, busy: bool, last_check_in: str | None, verdict: Send | Postpone | Skip
) -> None:
    day = "2026-01-10 "
    last = at(day + last_check_in) if last_check_in else None
    assert decide(at(day + due), at(day + now), NIGHT, BERLIN, busy=busy, last_check_in=last) == verdict


def test_a_postponed_nudge_is_sent_when_it_is_due_again() -> None:
    due, now = at("2026-03-28 20:55"), at("2026-03-28 21:05")
    first = decide(due, now, NIGHT, BERLIN, busy=False, last_check_in=None)
    assert first == Postpone(at("2026-03-29 06:00"))
    assert isinstance(first, Postpone)
    again = decide(first.until, first.until, NIGHT, BERLIN, busy=False, last_check_in=None)
    assert again == Send()


def test_a_lost_weekend_is_not_made_up_for() -> None:
    rule, now = Times((clock("09:00"), clock("14:00"), clock("18:00"))), at("2026-01-12 07:30")
    due = next_occurrence(rule, at("2026-01-09 19:00"), BERLIN)
    missed = []
    while due is not None and due <= now:
        missed.append(decide(due, now, NIGHT, BERLIN, busy=False, last_check_in=None))
        due = next_occurrence(rule, due, BERLIN)
    assert missed == [Skip("late")] * 6
    assert due == at("2026-01-12 08:00")


@settings(derandomize=True, max_examples=60, deadline=None)
@given(moments, st.integers(1, 600), clocks, clocks)
def test_a_snooze_never_lands_in_quiet_hours(
    moment: tuple[ZoneInfo, datetime], minutes: int, start: time, end: time
) -> None:
    zone, now = moment
    quiet = QuietHours(start, end)
    landed = snooze(now, minutes, quiet, zone)
    assert not quiet.contains(landed, zone)
    wished = now + minutes * MINUTE
    assert landed >= wished
    assert landed == wished or quiet.contains(wished, zone)


def test_snoozing() -> None:
    assert snooze(at("2026-01-10 14:00"), 15, NIGHT, BERLIN) == at("2026-01-10 14:15")
    assert snooze(at("2026-01-10 20:50"), 10, NIGHT, BERLIN) == at("2026-01-11 07:00")
    assert snooze(at("2026-01-11 06:50"), 10, NIGHT, BERLIN) == at("2026-01-11 07:00")
    assert snooze(at("2026-10-25 00:50"), 30, QuietHours(clock("12:00"), clock("12:00")), BERLIN) == at(
        "2026-10-25 01:20"
    )
    with pytest.raises(ValueError, match="forward"):
        snooze(at("2026-01-10 14:00"), 0, NIGHT, BERLIN)


# Typed times.


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9", "09:00"),
        ("09", "09:00"),
        (" 9 ", "09:00"),
        ("0", "00:00"),
        ("23", "23:00"),
        ("9:30", "09:30"),
        ("09:30", "09:30"),
        ("09.30", "09:30"),
        ("9.30", "09:30"),
        ("9 : 30", "09:30"),
        ("0:05", "00:05"),
        ("23:59", "23:59"),
        ("0930", "09:30"),
        ("2130", "21:30"),
        ("9am", "09:00"),
        ("9 am", "09:00"),
        ("9 AM", "09:00"),
        ("9 a.m.", "09:00"),
        ("9pm", "21:00"),
        ("9:30pm", "21:30"),
        ("9.30 p.m.", "21:30"),
        ("12am", "00:00"),
        ("12:15 am", "00:15"),
        ("12pm", "12:00"),
        ("12:15pm", "12:15"),
        ("21h", "21:00"),
        ("21 h", "21:00"),
        ("21h30", "21:30"),
        ("21 h 30", "21:30"),
        ("9:30h", "09:30"),
        ("21 Uhr", "21:00"),
        ("21uhr", "21:00"),
        ("9 Uhr 30", "09:30"),
        ("9:30 Uhr", "09:30"),
        ("９：３０", "09:30"),
        ("٩:٣٠", "09:30"),
        ("", None),
        (" ", None),
        ("24", None),
        ("24:00", None),
        ("25", None),
        ("99", None),
        ("9:60", None),
        ("9:5", None),
        ("9:", None),
        (":30", None),
        ("930", None),
        ("2460", None),
        ("12345", None),
        ("9:30:15", None),
        ("13pm", None),
        ("0am", None),
        ("21 pm", None),
        ("9 am pm", None),
        ("9 p", None),
        ("am", None),
        ("Uhr", None),
        ("h", None),
        ("-9", None),
        ("+9", None),
        ("9-10", None),
        ("9 30", None),
        ("at 9", None),
        ("noon", None),
        ("midnight", None),
        ("nine", None),
        ("½", None),
        ("9" * 5000, None),
        ("9:30\n10:30", None),
    ],
)
def test_typed_times(text: str, expected: str | None) -> None:
    assert parse_clock(text) == (clock(expected) if expected else None)


@settings(derandomize=True, max_examples=200)
@given(st.text(max_size=25))
def test_any_text_is_a_time_or_none(text: str) -> None:
    parse_clock(text)


@settings(derandomize=True, max_examples=50)
@given(clocks)
def test_every_time_can_be_typed(local: time) -> None:
    for shape in ("%H:%M", "%H.%M", "%I:%M %p", "%Hh%M", "%H:%M Uhr", "%H%M"):
        assert parse_clock(local.strftime(shape)) == local


def test_instants_need_no_fold() -> None:
    assert instant(date(2026, 10, 25), time(2, 30, fold=1), BERLIN) == at("2026-10-25 00:30")
