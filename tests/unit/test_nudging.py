"""What comes of nudges that nobody answers, and how there come to be fewer."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from bot.domain.nudging import (
    Manner,
    Nudged,
    at_most_one_a_day,
    manner,
    on_workdays,
    once_a_day,
)
from bot.domain.rules import Every, Moments, Once, Rule, Times, planned
from bot.domain.schedule import first_unseen, replanned
from bot.domain.wall_clock import moved
from bot.places.zones import zone

NOW = datetime(2026, 3, 2, 8, tzinfo=UTC)
BERLIN, NEW_YORK, TOKYO = zone("Europe/Berlin"), zone("America/New_York"), zone("Asia/Tokyo")
NINE = Times((time(9),))
WEEKEND, WEEK = frozenset({5, 6}), frozenset(range(7))


def state(unanswered: int, *, asked: bool = False, ago: timedelta = timedelta(days=1)) -> Nudged:
    return Nudged(NOW - ago, "reminder:1:x", unanswered, asked)


class TestManner:
    @pytest.mark.parametrize(
        ("before", "manner_now"),
        [
            (None, Manner.NUDGE),
            (state(0), Manner.NUDGE),
            (state(2), Manner.NUDGE),
            (state(3), Manner.ASK),
            (state(3, asked=True), Manner.REST),
            (state(3, asked=True, ago=timedelta(days=6, hours=11)), Manner.REST),
            (state(3, asked=True, ago=timedelta(days=6, hours=23)), Manner.NUDGE),
            (state(9, asked=True, ago=timedelta(days=7)), Manner.NUDGE),
            (state(9, asked=True, ago=timedelta(days=7)).answered(), Manner.NUDGE),
        ],
    )
    def test_after_what_came(self, before: Nudged | None, manner_now: Manner) -> None:
        assert manner(before, NOW) is manner_now

    def test_a_life_without_answers(self) -> None:
        """A daily one: three come, then the question, then (after its week) one a week."""
        said: list[tuple[int, Manner]] = []
        now_state: Nudged | None = None
        rest_until = NOW - timedelta(days=1)
        for day in range(40):
            due = NOW + timedelta(days=day)
            what = manner(now_state, due)
            if due <= rest_until or what is Manner.REST:
                continue
            said.append((day, what))
            if what is Manner.ASK:
                assert now_state is not None
                now_state, rest_until = now_state.was_asked(due, "k"), due + timedelta(days=7)
            else:
                now_state = (now_state or Nudged(due, None)).nudged(due, "k")
        assert said[:4] == [(0, Manner.NUDGE), (1, Manner.NUDGE), (2, Manner.NUDGE), (3, Manner.ASK)]
        assert [day for day, _ in said[4:]] == [11, 18, 25, 32, 39]
        assert {what for _, what in said[4:]} == {Manner.NUDGE}


class TestFewer:
    @pytest.mark.parametrize(
        ("rule", "workdays", "once"),
        [
            (NINE, Times((time(9),), frozenset(range(5))), None),
            (Times((time(9), time(14)), WEEKEND), None, Times((time(9),), WEEKEND)),
            (Times((time(9),), frozenset({0})), None, None),
            (Times((time(9),), frozenset({4, 5})), Times((time(9),), frozenset({4})), None),
            (
                Every(120, time(9), time(18)),
                Every(120, time(9), time(18), frozenset(range(5))),
                Times((time(9),)),
            ),
            (
                Moments(3, time(10), time(20), frozenset(), 7),
                Moments(3, time(10), time(20), frozenset(range(5)), 7),
                Moments(1, time(10), time(20), frozenset(), 7),
            ),
            (Once(NOW), None, None),
        ],
    )
    def test_only_what_changes_something(self, rule: Rule, workdays: Rule | None, once: Rule | None) -> None:
        assert on_workdays(rule) == workdays
        assert once_a_day(rule) == once

    def test_one_a_day_of_all(self) -> None:
        every = [
            (1, Times((time(9), time(14)), WEEKEND)),
            (2, NINE),
            (3, Moments(2, time(10), time(20), WEEKEND, 7)),
            (4, Once(NOW)),
        ]
        changes = at_most_one_a_day(every)
        assert changes == {
            1: Times((time(9),), WEEKEND),
            2: Times((time(9),), WEEK - WEEKEND),
            3: None,
        }
        kept = [changes.get(place, rule) for place, rule in every]
        for day in (date(2026, 3, 2) + timedelta(days=n) for n in range(14)):
            assert sum(len(planned(rule, day)) for rule in kept if rule is not None) == 1
        again = [(n, rule) for n, rule in enumerate(kept) if rule is not None]
        assert at_most_one_a_day(again) == {}, "that is all there is to do"


class TestMoved:
    """Somebody moves: what came at a date and time by the old clock does not come at it by the new one."""

    @pytest.mark.parametrize(
        ("rule", "here", "now", "comes"),
        [
            # Berlin 9:00 has come; where it is earlier, today's nine has been, too.
            (NINE, NEW_YORK, "2026-03-02T09:00", "2026-03-03T14:00"),
            # Where it is later, nine is past today anyway.
            (NINE, TOKYO, "2026-03-02T09:00", "2026-03-03T00:00"),
            (Times((time(9), time(14))), NEW_YORK, "2026-03-02T09:00", "2026-03-02T19:00"),
            (Times((time(9), time(20))), TOKYO, "2026-03-02T09:00", "2026-03-02T11:00"),
        ],
    )
    def test_east_and_west(self, rule: Rule, here: ZoneInfo, now: str, comes: str) -> None:
        seen = moved(NOW, BERLIN, here)
        at = first_unseen(rule, datetime.fromisoformat(f"{now}+00:00"), seen, here)
        assert at == datetime.fromisoformat(f"{comes}+00:00")

    def test_on_and_on_and_back(self) -> None:
        """Moved twice within an hour: the first move is not forgotten."""
        seen = moved(moved(NOW, BERLIN, NEW_YORK), NEW_YORK, zone("Europe/London"))
        at = first_unseen(NINE, NOW + timedelta(minutes=20), seen, zone("Europe/London"))
        assert at == datetime(2026, 3, 3, 9, tzinfo=UTC), "8:20 in London, and today's nine has come"


class TestNewZoneData:
    """As if the zone had been another by one or two hours."""

    @pytest.mark.parametrize("was", ["Europe/London", "Europe/Berlin", "Europe/Helsinki"])
    @pytest.mark.parametrize("now_is", ["Europe/London", "Europe/Berlin", "Europe/Helsinki"])
    def test_a_daily_one_comes_once_a_day(self, was: str, now_is: str) -> None:
        seen = datetime(2026, 3, 2, 9, tzinfo=zone(was))
        planned_at = seen + timedelta(days=1)
        at = replanned(NINE, seen + timedelta(minutes=1), planned_at, seen, zone(now_is))
        assert at == datetime(2026, 3, 3, 9, tzinfo=zone(now_is))

    def test_one_of_two_does_not_come_again(self) -> None:
        rule = Times((time(9), time(11)))
        seen, planned_at = (datetime(2026, 3, 2, h, tzinfo=zone("Europe/Berlin")) for h in (9, 11))
        at = replanned(rule, seen + timedelta(minutes=5), planned_at, seen, zone("Europe/London"))
        assert at == datetime(2026, 3, 2, 11, tzinfo=zone("Europe/London"))

    def test_what_was_never_planned_is(self) -> None:
        assert replanned(NINE, NOW, None, None, BERLIN) == NOW + timedelta(days=1)
        assert replanned(NINE, NOW - timedelta(minutes=1), None, NOW, BERLIN) == NOW + timedelta(days=1)
