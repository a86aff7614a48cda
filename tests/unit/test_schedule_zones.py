"""Every zone of the tzdata package, 2020 to 2040, against another implementation's offsets.

`whenever` says how far ahead of UTC a zone is, and nothing else: it moves a time that a clock change skips
elsewhere than we do. The changes are found by halving, and what a wall-clock time then means is worked out
here, in whole seconds. Most is tested right around the changes, where faults live; zones that agree in all of
them are tested once.
"""

import zoneinfo
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib.resources import files
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
import whenever
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.rules import Every, Moments, Rule, Times, planned
from bot.domain.schedule import QuietHours, following, instant, next_occurrence, upcoming
from bot.domain.wall_clock import resolve

zoneinfo.reset_tzpath(to=())
whenever.reset_tzpath(())
whenever.clear_tzcache()

FROM, UNTIL = (int(datetime(year, 1, 1, tzinfo=UTC).timestamp()) for year in (2020, 2041))
NAMES = files("tzdata").joinpath("zones").read_text(encoding="utf-8").split()
EPOCH = datetime(1970, 1, 1)  # noqa: DTZ001
DAY, HOUR, MINUTE = 86400, 3600, 60
EVERY_DAY: frozenset[int] = frozenset()

Turns = tuple[tuple[int, int], ...]
"""From when (seconds since 1970, UTC) a clock is how far ahead of UTC (seconds)."""


def offset(name: str, moment: int) -> int:
    return int(whenever.Instant.from_timestamp(moment).to_tz(name).offset.total("seconds"))


@cache
def turns(name: str) -> Turns:
    found = [(FROM, offset(name, FROM))]
    for low, high in pairwise([*range(FROM, UNTIL, 5 * DAY), UNTIL]):
        known, end = low, offset(name, high)
        while (before := found[-1][1]) != end:
            after = high
            while after - known > 1:
                middle = (known + after) // 2
                known, after = (middle, after) if offset(name, middle) == before else (known, middle)
            found.append((after, offset(name, after)))
            known = after
    return tuple(found)


@cache
def groups() -> dict[Turns, list[str]]:
    found = defaultdict(list)
    for name in NAMES:
        found[turns(name)].append(name)
    return dict(found)


def changes() -> Iterator[tuple[int, ZoneInfo, Turns, int, int, int]]:
    """Every clock change of every group: its number, zone, turns, when, the offsets before and after."""
    number = 0
    for each, names in groups().items():
        zone = ZoneInfo.no_cache(names[0])
        for (_, before), (when, after) in pairwise(each):
            yield number, zone, each, when, before, after
            number += 1


def first_instant(of: Turns, wall: int) -> int:
    """The first second at which the clock shows `wall` (seconds since 1970 as it shows them) or more."""
    # No clock is a day off: the turn before that surely shows less.
    start = max(bisect_right(of, (wall - 2 * DAY, 0)) - 1, 0)
    for (begin, ahead), (end, _) in pairwise((*of[start:], (UNTIL + 9 * DAY, 0))):
        if wall < end + ahead:
            return max(begin, wall - ahead)
    raise AssertionError("beyond all turns")


def last_instant(of: Turns, wall: int) -> int:
    """The last second at which the clock shows `wall`; else the first at which it shows more."""
    shown = [
        wall - ahead
        for (begin, ahead), (end, _) in pairwise((*of, (UNTIL + 9 * DAY, 0)))
        if begin <= wall - ahead < end
    ]
    return max(shown, default=first_instant(of, wall))


def utc(moment: int) -> datetime:
    return datetime.fromtimestamp(moment, UTC)


def shown_as(wall: int) -> datetime:
    return EPOCH + timedelta(seconds=wall)


def seconds(wall: datetime) -> int:
    return int((wall - EPOCH).total_seconds())


def clock(wall: int) -> time:
    return shown_as(wall).time()


def expected(rule: Rule, of: Turns, after: int, until: int) -> list[datetime]:
    """All occurrences after `after`, up to `until`: the instants of what is planned on the days around."""
    days = range(after // DAY - 3, until // DAY + 4)
    walls = (seconds(wall) for day in days for wall in planned(rule, shown_as(day * DAY).date()))
    return [
        utc(found) for found in sorted({first_instant(of, wall) for wall in walls}) if after < found <= until
    ]


def step_by_step(rule: Rule, zone: ZoneInfo, after: int, until: int) -> list[datetime]:
    found, last = [], utc(after)
    while (following_one := next_occurrence(rule, last, zone)) is not None and following_one <= utc(until):
        found.append(last := following_one)
    return found


def test_both_read_the_same_data() -> None:
    assert zoneinfo.TZPATH == whenever.get_tzpath() == ()
    assert zoneinfo.available_timezones() == whenever.available_timezones() == set(NAMES)


def test_the_changes_are_those_that_are_known() -> None:
    """Else the tests below could pass for want of changes."""
    berlin = [when for when, _ in turns("Europe/Berlin")[1:]]
    assert len(berlin) == 42
    assert utc(berlin[12]) == datetime(2026, 3, 29, 1, tzinfo=UTC)
    howe = {after - before for (_, before), (_, after) in pairwise(turns("Australia/Lord_Howe"))}
    assert howe == {-1800, 1800}
    ramadan = [utc(when) for when, _ in turns("Africa/Casablanca") if utc(when).year == 2025]
    assert ramadan == [datetime(2025, 2, 23, 2, tzinfo=UTC), datetime(2025, 4, 6, 2, tzinfo=UTC)]
    assert len(turns("Asia/Kolkata")) == 1
    assert sum(len(names) for names in groups().values()) == len(NAMES) > 590
    assert len(list(changes())) > 1400


def test_every_zone_turns_when_the_other_implementation_does() -> None:
    for each, names in groups().items():
        for zone in map(ZoneInfo.no_cache, names):
            for (_, before), (when, after) in pairwise(each):
                found = [utc(moment).astimezone(zone).utcoffset() for moment in (when - 1, when)]
                assert found == [timedelta(seconds=before), timedelta(seconds=after)], (zone.key, utc(when))


def test_instants_around_every_change() -> None:
    for _, zone, of, when, before, after in changes():
        low, high = sorted((when + before, when + after))
        inside = {low + n * (high - low) // 4 // MINUTE * MINUTE for n in range(5)}
        for wall in {low - DAY, low - MINUTE, *inside, high - MINUTE, high + MINUTE, high + DAY}:
            shown = shown_as(wall)
            case = zone.key, shown
            assert instant(shown.date(), shown.time(), zone) == utc(first_instant(of, wall)), case
            assert resolve(shown, zone, fold=1) == utc(last_instant(of, wall)), case


def test_no_occurrence_is_lost_or_doubled_around_any_change() -> None:
    for number, zone, of, when, before, after in changes():
        low, high = sorted((when + before, when + after))
        begin, end = clock(low - 2 * HOUR), clock(high + 2 * HOUR)
        rule: Rule
        match number % 4:
            case 0:
                rule = Times((clock(low), clock(low + MINUTE), clock(high - MINUTE), clock(high)))
            case 1:
                rule = Times((clock((low + high) // 2), time(12)), frozenset({shown_as(low).weekday()}))
            case 2:
                rule = Every(30 + number % 50, begin, end, EVERY_DAY)
            case _:
                rule = Moments(1 + number % 6, begin, end, EVERY_DAY, number)
        start, until = when - 30 * HOUR, when + 30 * HOUR
        wanted = expected(rule, of, start, until)
        assert wanted, (zone.key, rule)
        assert step_by_step(rule, zone, start, until) == wanted, (zone.key, rule)
        assert upcoming(rule, utc(start), zone, len(wanted)) == wanted, (zone.key, rule)


def test_quiet_hours_around_every_change() -> None:
    for number, zone, of, when, before, after in changes():
        low, high = sorted((when + before, when + after))
        ends = (low, (low + high) // 2, high, low - 5 * HOUR, high + 5 * HOUR)
        start, end = ends[number % 5], ends[(number // 5 + number) % 5]
        quiet = QuietHours(clock(start), clock(end))
        for moment in (when - HOUR - 1, when - 1, when, when + 17 * MINUTE, when + HOUR):
            stretches = (
                (first_instant(of, start + n * DAY), last_instant(of, start + n * DAY + (end - start) % DAY))
                for n in (-1, 0, 1)
            )
            wanted = start != end and any(a <= moment < b for a, b in stretches)
            assert quiet.contains(utc(moment), zone) is wanted, (zone.key, quiet, utc(moment))


clocks = st.integers(0, DAY // MINUTE - 1).map(lambda minute: clock(minute * MINUTE))
windows = st.tuples(st.integers(0, 1439), st.integers(200, 1439)).map(
    lambda w: (clock(w[0] * MINUTE), clock((w[0] + w[1]) * MINUTE))
)
weekdays = st.frozensets(st.integers(0, 6))
rules = st.one_of(
    st.builds(Times, st.lists(clocks, min_size=1, max_size=4).map(tuple), weekdays),
    st.builds(lambda n, w, d: Every(n, *w, d), st.integers(30, 720), windows, weekdays),
    st.builds(
        lambda n, w, d, s: Moments(n, *w, d, s), st.integers(1, 6), windows, weekdays, st.integers(0, 9**9)
    ),
)


@settings(derandomize=True, max_examples=200, deadline=None)
@given(st.sampled_from(NAMES), st.integers(FROM + 9 * DAY, UNTIL - 20 * DAY), rules)
def test_any_rule_at_any_moment_in_any_zone(name: str, after: int, rule: Rule) -> None:
    zone, of = ZoneInfo.no_cache(name), turns(name)
    wanted = list(islice(expected(rule, of, after, after + 9 * DAY), 6))
    assert wanted
    assert upcoming(rule, utc(after), zone, len(wanted)) == wanted
    assert step_by_step(rule, zone, after, int(wanted[-1].timestamp())) == wanted
    assert following(rule, utc(after), utc(after), zone) == wanted[0]


# The Friday that Samoa never had: at the end of Thursday, 29 December 2011, it was Saturday, 00:00.

APIA = ZoneInfo.no_cache("Pacific/Apia")
NINE, SIX = time(9), time(18)
FRIDAYS = frozenset({4})


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_samoa_left_out_a_friday() -> None:
    saturday = int(at("2011-12-30 10:00").timestamp())
    assert [offset("Pacific/Apia", moment) // HOUR for moment in (saturday - 1, saturday)] == [-10, 14]


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        (Times((NINE,), FRIDAYS), ["12-23 19", "12-30 10", "01-05 19"]),
        (Times((NINE, SIX), FRIDAYS), ["12-23 19", "12-24 04", "12-30 10", "01-05 19", "01-06 04"]),
        (
            Every(180, NINE, SIX, FRIDAYS),
            ["12-23 19", "12-23 22", "12-24 01", "12-24 04", "12-30 10", "01-05 19"],
        ),
        # A night that begins on the Friday goes on in the Saturday there was.
        (
            Every(240, time(20), time(4), FRIDAYS),
            ["12-24 06", "12-24 10", "12-24 14", "12-30 10", "12-30 14", "01-06 06"],
        ),
        (Times((NINE,), frozenset({3})), ["12-29 19", "01-04 19"]),
        (Times((NINE,), frozenset({5})), ["12-24 19", "12-30 19", "01-06 19"]),
        (Times((NINE,)), [f"12-{day} 19" for day in range(23, 30)] + ["12-30 10", "12-30 19", "12-31 19"]),
    ],
)
def test_a_friday_that_never_was(rule: Rule, wanted: list[str]) -> None:
    instants = [at(f"{2012 if each < '12' else 2011}-{each}:00") for each in wanted]
    assert upcoming(rule, at("2011-12-23 10:00"), APIA, len(wanted)) == instants


def test_moments_of_the_friday_that_never_was_are_one() -> None:
    rule = Moments(6, NINE, SIX, FRIDAYS, 7)
    assert len(planned(rule, date(2011, 12, 30))) == 6
    found = upcoming(rule, at("2011-12-29 12:00"), APIA, 2)
    assert found[0] == at("2011-12-30 10:00")
    assert found[1].astimezone(APIA).date() == date(2012, 1, 6)
