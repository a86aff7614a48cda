"""The kinds of rules: what they plan for a day, and how they are stored."""

import json
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.rules import (
    MOST_MOMENTS,
    ROOM,
    BadRule,
    Every,
    Moments,
    Once,
    Rule,
    Times,
    UnknownRule,
    planned,
)

MONDAY = date(2026, 6, 1)
ALL_DAYS: frozenset[int] = frozenset()
MINUTE = timedelta(minutes=1)


def clock(minute: int) -> time:
    return time(minute // 60 % 24, minute % 60)


def shown(rule: Rule, day: date) -> str:
    """What is planned, in short; the day after has a +."""
    return " ".join(f"{wall:%H:%M}{'+' if wall.date() > day else ''}" for wall in planned(rule, day))


minutes = st.integers(0, 1439)
weekdays = st.frozensets(st.integers(0, 6))
dates = st.dates(date(2020, 1, 1), date(2040, 12, 31))
everies = st.builds(
    lambda n, start, length, days: Every(n, clock(start), clock(start + length), days),
    st.integers(30, 720),
    minutes,
    st.integers(1, 1439),
    weekdays,
)


@st.composite
def moments(draw: st.DrawFn) -> Moments:
    count, start = draw(st.integers(1, MOST_MOMENTS)), draw(minutes)
    end = start + draw(st.integers(count * ROOM, 1439))
    return Moments(count, clock(start), clock(end), draw(weekdays), draw(st.integers(0, 2**63 - 1)))


times = st.builds(Times, st.lists(minutes.map(clock), min_size=1, max_size=6).map(tuple), weekdays)
once = st.builds(Once, st.datetimes(timezones=st.just(UTC)))


@pytest.mark.parametrize(
    ("rule", "wanted"),
    [
        (Times((time(18), time(9), time(9))), "09:00 18:00"),
        (Times((time(9),), frozenset({1, 2})), ""),
        (Every(60, time(9), time(12)), "09:00 10:00 11:00 12:00"),
        (Every(90, time(9), time(13)), "09:00 10:30 12:00"),
        (Every(120, time(9), time(10)), "09:00"),
        (Every(720, time(8), time(20)), "08:00 20:00"),
        (Every(30, time(23, 15), time(0, 45)), "23:15 23:45 00:15+ 00:45+"),
        (Every(240, time(0), time(23, 59)), "00:00 04:00 08:00 12:00 16:00 20:00"),
        (Every(720, time(9), time(8, 59)), "09:00 21:00"),
        (Every(60, time(22), time(1), frozenset({0})), "22:00 23:00 00:00+ 01:00+"),
        (Every(60, time(22), time(1), frozenset({6})), ""),
        # These very times: whoever has such a rule keeps its moments, whatever the program or its Python.
        (Moments(3, time(9), time(21), ALL_DAYS, 2026), "10:39 14:44 20:20"),
        (Moments(6, time(21), time(3), ALL_DAYS, 0), "21:58 22:37 23:15 00:11+ 01:15+ 02:25+"),
        (Moments(1, time(12), time(12, 30), ALL_DAYS, 2**63 - 1), "12:08"),
        (Moments(1, time(12), time(13), frozenset({1}), 5), ""),
        (Once(datetime(2026, 6, 1, 9, tzinfo=UTC)), ""),
    ],
)
def test_what_a_rule_plans_for_a_monday(rule: Rule, wanted: str) -> None:
    assert shown(rule, MONDAY) == wanted


@settings(derandomize=True, max_examples=200)
@given(st.one_of(times, everies, moments()), dates)
def test_a_day_is_planned_in_order_on_its_weekdays_and_ends_before_the_next_begins(
    rule: Any, day: date
) -> None:
    today = planned(rule, day)
    assert bool(today) is (not rule.days or day.weekday() in rule.days)
    walls = [*today, *planned(rule, day + timedelta(days=1))]
    assert walls == sorted(set(walls))
    assert all(wall.tzinfo is None and not wall.second for wall in walls)
    assert all(wall.date() - day in (timedelta(0), timedelta(days=1)) for wall in today)


@settings(derandomize=True, max_examples=200)
@given(everies, dates)
def test_every_is_even_and_fills_its_window(rule: Every, day: date) -> None:
    walls = planned(Every(rule.minutes, rule.start, rule.end), day)
    assert walls[0] == datetime.combine(day, rule.start)
    assert {later - earlier for earlier, later in pairwise(walls)} <= {rule.minutes * MINUTE}
    end = datetime.combine(day + timedelta(days=rule.end < rule.start), rule.end)
    assert walls[-1] <= end < walls[-1] + rule.minutes * MINUTE


@settings(derandomize=True, max_examples=300)
@given(moments(), dates)
def test_moments_are_as_many_inside_and_spaced(rule: Moments, day: date) -> None:
    walls = planned(Moments(rule.count, rule.start, rule.end, ALL_DAYS, rule.seed), day)
    start = datetime.combine(day, rule.start)
    end = datetime.combine(day + timedelta(days=rule.end < rule.start), rule.end)
    assert len(walls) == rule.count
    assert start < walls[0]
    assert walls[-1] < end
    evenly = (end - start) / rule.count
    assert all(later - earlier >= evenly / 2 for earlier, later in pairwise(walls))
    assert walls == planned(Moments(rule.count, rule.start, rule.end, ALL_DAYS, rule.seed), day)


@settings(derandomize=True, max_examples=40)
@given(st.integers(1, MOST_MOMENTS), st.integers(0, 2**63 - 1))
def test_moments_differ_from_day_to_day(count: int, seed: int) -> None:
    rule = Moments(count, time(9), time(21), ALL_DAYS, seed)
    year = [shown(rule, MONDAY + timedelta(days=n)) for n in range(366)]
    assert sum(today == tomorrow for today, tomorrow in pairwise(year)) <= 8
    assert (
        sum(len(set(a.split()) & set(b.split())) for a, b in pairwise(year))
        <= 366 * count * count // 100 + 10
    )


@pytest.mark.parametrize("count", range(1, MOST_MOMENTS + 1))
def test_moments_are_anywhere_in_the_window(count: int) -> None:
    """All minutes between its ends come now and then, and no hour is preferred much."""
    rule = Moments(count, time(9), time(21), ALL_DAYS, 1)
    walls = [wall for n in range(7000) for wall in planned(rule, MONDAY + timedelta(days=n))]
    counted = [sum(wall.hour == hour for wall in walls) for hour in range(9, 21)]
    assert min(counted) > 0.6 * len(walls) / 12
    assert max(counted) < 1.5 * len(walls) / 12
    assert {wall.hour * 60 + wall.minute for wall in walls} >= set(range(9 * 60 + 1, 21 * 60))


def test_two_seeds_are_two_rhythms() -> None:
    one, other = (Moments(3, time(9), time(21), ALL_DAYS, seed) for seed in (1, 2))
    days = [MONDAY + timedelta(days=n) for n in range(366)]
    assert sum(planned(one, day) == planned(other, day) for day in days) == 0


# Stored.


@settings(derandomize=True, max_examples=300)
@given(st.one_of(times, everies, moments(), once))
def test_stored_rules_come_back_equal(rule: Rule) -> None:
    stored = json.loads(json.dumps(rule.to_json()))
    assert Rule.from_json(stored) == rule
    assert stored["v"] == 1
    assert Rule.from_json(stored).to_json() == stored


def test_the_stored_forms() -> None:
    """What is stored already has to be readable for ever."""
    for rule, stored in (
        (
            Every(90, time(9), time(18), frozenset({4, 0})),
            {"v": 1, "kind": "every", "minutes": 90, "start": "09:00", "end": "18:00", "days": [0, 4]},
        ),
        (
            Moments(3, time(21), time(3), frozenset(range(7)), 12),
            {"v": 1, "kind": "moments", "count": 3, "start": "21:00", "end": "03:00", "days": [], "seed": 12},
        ),
        (
            Times((time(18),), frozenset({6})),
            {"v": 1, "kind": "times", "times": ["18:00"], "days": [6]},
        ),
    ):
        assert rule.to_json() == stored
        assert Rule.from_json(stored) == rule


def test_only_what_somebody_set_to_its_very_time_is_chosen() -> None:
    assert [kind.chosen for kind in (Times, Once, Every, Moments)] == [True, True, False, False]


EVERY = {"v": 1, "kind": "every", "minutes": 60, "start": "09:00", "end": "18:00", "days": []}
MOMENTS = {"v": 1, "kind": "moments", "count": 3, "start": "09:00", "end": "18:00", "days": [], "seed": 1}


@pytest.mark.parametrize("stored", [EVERY, MOMENTS, {"v": 1, "kind": "times", "times": ["09:00"]}])
@pytest.mark.parametrize("version", [0, 2, "1", True, 1.0, None])
def test_other_versions_are_unknown(stored: dict[str, Any], version: object) -> None:
    with pytest.raises(UnknownRule):
        Rule.from_json({**stored, "v": version})


def test_a_kind_that_nobody_plans_is_unknown() -> None:
    with pytest.raises(UnknownRule):
        planned(Rule(), MONDAY)


@pytest.mark.parametrize(
    ("stored", "fields"),
    [
        *((EVERY, {"minutes": wrong}) for wrong in (29, 721, 0, -60, 60.0, "60", True, None, [60])),
        *((MOMENTS, {"count": wrong}) for wrong in (0, 7, -1, 2.0, "2", True, None)),
        *((MOMENTS, {"seed": wrong}) for wrong in (-1, 2**63, 1.0, "1", True, None)),
        *((MOMENTS, {"start": start, "end": end}) for start, end in (("09:00", "10:29"), ("23:30", "00:59"))),
        *(
            (each, fields)
            for each in (EVERY, MOMENTS)
            for fields in (
                {"start": "18:00"},
                {"start": "25:00"},
                {"start": "09:00:30"},
                {"end": "18:00+02:00"},
                {"end": 18},
                {"end": None},
                {"days": [7]},
                {"days": [-1]},
                {"days": ["0"]},
                {"days": [True]},
                {"days": [1.0]},
                {"days": [[0]]},
                {"days": 3},
            )
        ),
    ],
)
def test_broken_rules_are_refused(stored: dict[str, Any], fields: dict[str, Any]) -> None:
    Rule.from_json(stored)
    with pytest.raises(BadRule):
        Rule.from_json({**stored, **fields})


@pytest.mark.parametrize(
    ("stored", "field"),
    [
        *((EVERY, f) for f in ("minutes", "start", "end")),
        *((MOMENTS, f) for f in ("count", "start", "end", "seed")),
    ],
)
def test_a_missing_field_is_refused(stored: dict[str, Any], field: str) -> None:
    with pytest.raises(BadRule):
        Rule.from_json({name: value for name, value in stored.items() if name != field})
