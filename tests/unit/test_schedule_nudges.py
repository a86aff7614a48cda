"""What becomes of nudges: one at a time, out of quiet hours, and right under a clock that jumps."""

import zoneinfo
from collections.abc import Callable
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.schedule import (
    Every,
    Moments,
    Once,
    Postpone,
    QuietHours,
    Rule,
    Send,
    Skip,
    Times,
    Verdict,
    decide,
    following,
    next_occurrence,
    snooze,
    tonight,
    upcoming,
)

zoneinfo.reset_tzpath(to=())

BERLIN = ZoneInfo("Europe/Berlin")
NIGHT, NONE = QuietHours(), QuietHours(time(8), time(8))
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
SATURDAY, SUNDAY = frozenset({5}), frozenset({6})
ALL_DAYS: frozenset[int] = frozenset()


def at(text: str) -> datetime:
    """By the clock in Berlin; without a date: on Saturday, 10 January 2026."""
    day, _, clock = text.rpartition(" ")
    return datetime.fromisoformat(f"{day or '2026-01-10'} {clock}").replace(tzinfo=BERLIN).astimezone(UTC)


def nudge(
    due: str,
    now: str,
    *,
    chosen: bool = True,
    last: str | None = None,
    silent: frozenset[int] = frozenset(),
    busy: bool = False,
) -> Verdict:
    return decide(
        at(due),
        at(now),
        NIGHT,
        BERLIN,
        busy=busy,
        last_check_in=None,
        chosen=chosen,
        silent_days=silent,
        last_nudge=at(last) if last else None,
    )


@pytest.mark.parametrize(
    ("due", "now", "chosen", "verdict"),
    [
        ("14:00", "14:00", False, Send()),
        ("14:00", "16:00:01", False, Skip("late")),
        # In the night what was chosen comes, what was not waits for its end; and that is when it was due.
        ("23:00", "23:00", True, Send()),
        ("23:00", "23:00", False, Postpone(at("2026-01-11 08:00"))),
        ("06:30", "06:31", False, Postpone(at("08:00"))),
        ("06:30", "08:00", False, Send()),
        ("2026-01-09 23:00", "08:00", False, Send()),
        ("2026-01-09 23:00", "03:00", False, Postpone(at("08:00"))),
        ("2026-01-09 23:00", "10:00", False, Send()),
        ("2026-01-09 23:00", "10:00:01", False, Skip("late")),
        ("2026-01-09 23:00", "03:00", True, Skip("late")),
        ("08:00", "08:00", False, Send()),
        # Both slip into it.
        ("21:59", "22:00", True, Postpone(at("2026-01-11 08:00"))),
        ("21:59", "22:00", False, Postpone(at("2026-01-11 08:00"))),
    ],
)
def test_quiet_hours_hold_back_what_nobody_chose(due: str, now: str, chosen: bool, verdict: Verdict) -> None:
    assert nudge(due, now, chosen=chosen) == verdict


@pytest.mark.parametrize(
    ("due", "now", "silent", "verdict"),
    [
        ("14:00", "14:00", SATURDAY, Skip("silent_day")),
        ("14:00", "14:00", SUNDAY, Send()),
        ("14:00", "14:00", frozenset(range(7)), Skip("silent_day")),
        ("14:00", "16:30", SATURDAY, Skip("late")),
        ("00:00", "00:00", SATURDAY, Skip("silent_day")),
        ("2026-01-09 23:59", "2026-01-09 23:59", SATURDAY, Send()),
        # Nothing comes on it, and nothing that was due on it comes after it.
        ("2026-01-09 23:59", "00:00", SATURDAY, Skip("silent_day")),
        ("23:59", "2026-01-11 00:00", SATURDAY, Skip("silent_day")),
    ],
)
def test_silent_days(due: str, now: str, silent: frozenset[int], verdict: Verdict) -> None:
    assert nudge(due, now, silent=silent) == verdict


def test_silent_days_are_those_of_the_place() -> None:
    auckland, noon = ZoneInfo("Pacific/Auckland"), datetime(2026, 1, 9, 12, tzinfo=UTC)  # Saturday, 01:00
    for silent, wanted in ((SATURDAY, Skip("silent_day")), (frozenset({4}), Send())):
        verdict = decide(noon, noon, NONE, auckland, busy=False, last_check_in=None, silent_days=silent)
        assert verdict == wanted


@pytest.mark.parametrize(
    ("due", "now", "last", "verdict"),
    [
        ("14:00", "14:00", "13:50", Send()),
        ("14:00", "14:00:09", "13:50:40", Send()),  # 13:50 and 14:00, each seen a little late
        ("14:00", "14:00", "13:51", Skip("bunched")),
        ("14:00", "14:00", "14:00", Skip("bunched")),
        # Seen late: what came meanwhile stands for it.
        ("14:00", "15:00", "13:50", Send()),
        ("14:00", "15:00", "14:30", Skip("bunched")),
        ("14:00", "15:00", "15:00", Skip("bunched")),
        # The clock was set back: by a trifle, and by more, when nobody knows how long ago that was.
        ("14:00", "14:00", "14:00:01", Skip("bunched")),
        ("14:00", "14:00", "14:10", Send()),
        ("14:00", "14:00", "2027-01-10 14:00", Send()),
        # Before quiet hours and in them.
        ("21:59", "22:01", "21:55", Skip("bunched")),
        ("21:59", "22:01", "21:40", Postpone(at("2026-01-11 08:00"))),
    ],
)
def test_two_within_ten_minutes_are_one(due: str, now: str, last: str, verdict: Verdict) -> None:
    assert nudge(due, now, last=last) == verdict


def test_reasons_in_their_order() -> None:
    assert nudge("14:00", "14:00", silent=SATURDAY, busy=True, last="14:00") == Skip("silent_day")
    assert nudge("14:00", "14:00", busy=True, last="14:00") == Skip("space")
    assert nudge("23:00", "23:00", chosen=False, busy=True) == Skip("space")


class Person:
    """Reminders as a service runs them: one timer each, taken when the machine's clock has reached it."""

    def __init__(self, *rules: Rule, start: datetime, quiet: QuietHours = NIGHT) -> None:
        self.rules, self.quiet = rules, quiet
        self.timers = [next_occurrence(rule, start, BERLIN) for rule in rules]
        self.seen: list[tuple[datetime, datetime, Verdict]] = []
        self.fired: list[list[datetime]] = [[] for _ in rules]
        self.last: datetime | None = None

    @property
    def sent(self) -> list[datetime]:
        return [now for _, now, verdict in self.seen if verdict == Send()]

    def look(self, now: datetime) -> None:
        for n, rule in enumerate(self.rules):
            while (due := self.timers[n]) is not None and due <= now:
                verdict = decide(
                    due,
                    now,
                    self.quiet,
                    BERLIN,
                    busy=False,
                    last_check_in=None,
                    chosen=rule.chosen,
                    last_nudge=self.last,
                )
                if isinstance(verdict, Postpone):
                    self.timers[n] = verdict.until
                    continue
                self.seen.append((due, now, verdict))
                self.fired[n].append(due)
                if verdict == Send():
                    self.last = now
                self.timers[n] = following(rule, due, now, BERLIN)

    def live(
        self, start: datetime, hours: int, shown: Callable[[datetime], datetime] = lambda real: real
    ) -> None:
        """Look every minute; `shown` is what the machine's clock shows then."""
        for n in range(hours * 60):
            self.look(shown(start + n * MINUTE))


def test_after_quiet_hours_one_comes() -> None:
    start = at("2026-01-09 20:00")
    rules = (
        Every(60, time(21), time(9)),
        Every(45, time(21, 30), time(8, 30)),
        Moments(6, time(22), time(8), ALL_DAYS, 1),
    )
    person = Person(*rules, start=start)
    person.live(start, 13)
    assert person.sent == [at("2026-01-09 21:00"), at("2026-01-09 21:30"), at("08:00")]
    assert [verdict for _, now, verdict in person.seen if now == at("08:00")] == [
        Send(),
        *[Skip("bunched")] * 2,
    ]


def test_what_was_chosen_comes_in_the_night_beside_what_waits() -> None:
    start = at("2026-01-09 20:00")
    person = Person(Times((time(7),)), Every(60, time(23), time(6)), start=start)
    person.live(start, 14)
    assert person.sent == [at("07:00"), at("08:00")]


def test_after_an_outage_one_comes_and_then_as_ever() -> None:
    friday, monday = at("2026-01-09 16:30"), at("2026-01-12 10:20")
    rules = (Every(60, time(9), time(18)), Times((time(9), time(14), time(18))))
    person = Person(*rules, start=friday)
    person.live(friday, 1)
    person.live(monday, 8)
    assert person.sent[:3] == [at("2026-01-09 17:00"), monday, at("2026-01-12 11:00")]
    assert person.sent[3:] == [at(f"2026-01-12 {hour}:00") for hour in range(12, 19)]
    assert all(now - due <= 2 * HOUR for due, now, _ in person.seen if due.date() == monday.date())


def test_after_a_weekend_it_is_planned_ahead() -> None:
    rule = Times((time(9), time(14), time(18)))
    friday = at("2026-01-09 18:00")
    assert following(rule, friday, at("2026-01-12 08:30"), BERLIN) == at("2026-01-12 09:00")
    # What would still be sent is not left out for having been missed in a row with others.
    assert following(rule, friday, at("2026-01-12 10:59"), BERLIN) == at("2026-01-12 09:00")
    assert following(rule, friday, at("2026-01-12 11:00"), BERLIN) == at("2026-01-12 14:00")
    assert following(Once(friday), friday, friday, BERLIN) is None


@settings(derandomize=True, max_examples=100, deadline=None)
@given(
    st.sampled_from(
        [
            Times((time(9), time(9, 40))),
            Every(30, time(0), time(23, 59)),
            Moments(6, time(8), time(20), ALL_DAYS, 4),
        ]
    ),
    st.integers(0, 7 * 1440),
    st.integers(-1440, 7 * 1440),
)
def test_following_goes_on_from_what_was_due(rule: Rule, due_after: int, seen_after: int) -> None:
    due = next_occurrence(rule, at("2026-03-27 00:00") + due_after * MINUTE, BERLIN)
    assert due is not None
    now = due + seen_after * MINUTE
    found = following(rule, due, now, BERLIN)
    assert found is not None
    assert found > due
    assert found > now - 2 * HOUR
    left_out = upcoming(rule, due, BERLIN, 400)
    assert found in left_out
    # What it passes over is past, and too late for `decide`.
    assert all(now - each >= 2 * HOUR for each in left_out[: left_out.index(found)])


hops = st.lists(st.tuples(st.integers(0, 47 * 60), st.sampled_from([-1, 1])), min_size=1, max_size=3)


@settings(derandomize=True, max_examples=40, deadline=None)
@given(
    st.sampled_from(
        [
            (Times((time(7, 15), time(9), time(14), time(21, 30))),),
            (Every(60, time(9), time(21)),),
            (Every(30, time(21), time(3)),),
            (Moments(6, time(8), time(22), ALL_DAYS, 9), Times((time(12),))),
        ]
    ),
    hops,
    st.sampled_from(["2026-01-10", "2026-03-28", "2026-10-24"]),
)
def test_a_clock_that_jumps_an_hour_loses_and_doubles_nothing(
    rules: tuple[Rule, ...], jumps: list[tuple[int, int]], day: str
) -> None:
    """Whenever, forth or back, and back again: every occurrence is due once, and never far from its time."""
    start = at(f"{day} 00:00")

    def shown(real: datetime) -> datetime:
        wrong = sum(way for minute, way in jumps if real >= start + minute * MINUTE)
        return real + max(-1, min(1, wrong)) * HOUR

    person = Person(*rules, start=start, quiet=NONE)
    person.live(start, 50, shown)
    end = shown(start + 50 * HOUR - MINUTE)
    for rule, fired in zip(rules, person.fired, strict=True):
        # Set back at the end, the clock may still have to show an hour in which all has fired.
        assert [due for due in fired if due <= end] == [
            due for due in upcoming(rule, start, BERLIN, 200) if due <= end
        ]
        assert fired == sorted(set(fired))
    assert all(verdict != Skip("late") for _, _, verdict in person.seen)


def test_counting_from_a_clock_that_was_set_back_would_fire_twice() -> None:
    """What `following` is for: the same with `next_occurrence`."""
    rule, due = Times((time(9),)), at("09:00")
    set_back = due - HOUR
    assert next_occurrence(rule, set_back, BERLIN) == due
    assert following(rule, due, set_back, BERLIN) == at("2026-01-11 09:00")
    # And set forward, it would leave out the one at 9:40 that is still ahead.
    rule, set_forward = Times((time(9), time(9, 40))), due + HOUR
    assert next_occurrence(rule, set_forward, BERLIN) == at("2026-01-11 09:00")
    assert following(rule, due, set_forward, BERLIN) == at("09:40")


# Later.


def test_a_snooze_into_the_night_goes_to_its_end_unless_it_is_wanted_anyway() -> None:
    now = at("21:50")
    assert snooze(now, 30, NIGHT, BERLIN) == at("2026-01-11 08:00")
    assert snooze(now, 30, NIGHT, BERLIN, anyway=True) == at("22:20")
    assert snooze(now, 5, NIGHT, BERLIN, anyway=True) == snooze(now, 5, NIGHT, BERLIN) == at("21:55")
    with pytest.raises(ValueError, match="forward"):
        snooze(now, -5, NIGHT, BERLIN, anyway=True)


@pytest.mark.parametrize(
    ("now", "quiet", "wanted"),
    [
        ("08:00", ("22:00", "08:00"), "20:00"),
        ("02:00", ("22:00", "08:00"), "20:00"),
        ("19:30", ("22:00", "08:00"), "20:00"),
        ("19:31", ("22:00", "08:00"), "21:30"),
        ("21:00", ("22:00", "08:00"), "21:30"),
        ("21:01", ("22:00", "08:00"), None),
        ("22:30", ("22:00", "08:00"), None),
        # Quiet hours that come early, late, in the middle of it, or not at all.
        ("12:00", ("20:00", "08:00"), "19:30"),
        ("12:00", ("19:15", "06:00"), "18:45"),
        ("18:30", ("19:15", "06:00"), None),
        ("12:00", ("17:00", "06:00"), None),
        ("20:15", ("23:30", "08:00"), "22:30"),
        ("20:15", ("01:00", "09:00"), "22:30"),
        ("20:15", ("08:00", "08:00"), "22:30"),
        ("22:01", ("08:00", "08:00"), None),
        ("18:00", ("19:00", "21:00"), "18:30"),
        ("18:45", ("19:00", "21:00"), "22:30"),
        ("09:00", ("13:00", "21:00"), "22:30"),
        ("09:00", ("13:00", "12:00"), None),
        ("09:00", ("13:00", "15:00"), "20:00"),
    ],
)
def test_tonight(now: str, quiet: tuple[str, str], wanted: str | None) -> None:
    hours = QuietHours(*map(time.fromisoformat, quiet))
    assert tonight(at(now), hours, BERLIN) == (at(wanted) if wanted else None)


clocks = st.integers(0, 1439).map(lambda minute: time(minute // 60, minute % 60))


@settings(derandomize=True, max_examples=200)
@given(
    st.sampled_from(
        ["Europe/Berlin", "Africa/Casablanca", "America/Havana", "Asia/Kathmandu", "Pacific/Apia"]
    ),
    st.integers(0, 366 * 1440),
    clocks,
    clocks,
)
def test_tonight_is_this_evening_ahead_and_not_quiet(name: str, minute: int, start: time, end: time) -> None:
    zone, now, quiet = ZoneInfo(name), at("2026-01-01 00:00") + minute * MINUTE, QuietHours(start, end)
    found = tonight(now, quiet, zone)
    at_eight = now.astimezone(zone).replace(hour=20, minute=0)
    if found is not None:
        assert found - now >= 30 * MINUTE
        assert not quiet.contains(found, zone)
        assert found.astimezone(zone).date() == now.astimezone(zone).date()
        assert time(17) <= found.astimezone(zone).time() <= time(22, 30)
    if at_eight - now >= 30 * MINUTE and not quiet.contains(at_eight, zone):
        assert found == at_eight
