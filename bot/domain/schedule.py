"""When a reminder fires, and what becomes of a nudge that is due. All arithmetic is done in UTC.

The rules stand in `rules`, wall-clock times in `wall_clock`, quiet hours in `quiet_hours`; their names can be
had from here. Datetimes taken must be aware (else ValueError), those returned are UTC.

When the machine's clock jumps: a timer holds one due time, and once it has fired, `following` counts on
from that due time, not from what the clock says. So a clock set back fires nothing twice, and a clock set
forward leaves nothing out that is still ahead: it comes when the clock says so. A leap of more than
TOO_LATE cannot be told from an outage, and what it leaps over is left out.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Literal
from zoneinfo import ZoneInfo

from bot.domain.quiet_hours import QuietHours, snooze, tonight
from bot.domain.rules import BadRule, Every, Moments, Once, Rule, Times, UnknownRule, planned
from bot.domain.wall_clock import instant, parse_clock, resolve, utc

__all__ = [
    "JUST_CHECKED_IN",
    "ONE_NUDGE",
    "TOO_LATE",
    "BadRule",
    "Every",
    "Moments",
    "Once",
    "Postpone",
    "QuietHours",
    "Rule",
    "Send",
    "Skip",
    "Times",
    "UnknownRule",
    "Verdict",
    "decide",
    "first_unseen",
    "following",
    "instant",
    "next_occurrence",
    "parse_clock",
    "planned",
    "replanned",
    "snooze",
    "tonight",
    "upcoming",
]

TOO_LATE = timedelta(hours=2)
JUST_CHECKED_IN = timedelta(minutes=30)
ONE_NUDGE = timedelta(minutes=10)
"""Two that are due closer than that are one."""
_MOST_SHIFT = timedelta(hours=3)
"""By how much new zone data move a time of day, at most, unless a zone changes sides of the date line."""
_DAY = timedelta(days=1)


def next_occurrence(rule: Rule, after: datetime, zone: ZoneInfo) -> datetime | None:
    """The first instant (UTC) strictly after `after` at which `rule` fires; None when it never does again.

    For planning anew (a rule made, switched on, moved to another zone). After a firing it is `following` that
    plans: counted from a clock that was set back, this one would fire the same occurrence again.
    """
    return next(_occurrences(rule, after, zone), None)


def upcoming(rule: Rule, after: datetime, zone: ZoneInfo, count: int) -> list[datetime]:
    """The next `count` instants (UTC) after `after`, ascending; fewer when the rule ends before."""
    return list(islice(_occurrences(rule, after, zone), count))


def following(rule: Rule, due: datetime, now: datetime, zone: ZoneInfo) -> datetime | None:
    """What to plan once the occurrence due at `due` was seen at `now`, whatever became of it; None: no more.

    Strictly after `due`, so no clock fires one twice; and nothing more than TOO_LATE past at `now`, which
    `decide` would only leave out: after a weekend out of order this plans ahead. What lies between may be
    past already, and is due at once: a clock set forward by an hour loses nothing.
    """
    return next_occurrence(rule, max(utc(due), utc(now) - TOO_LATE), zone)


def first_unseen(rule: Rule, now: datetime, seen: datetime | None, zone: ZoneInfo) -> datetime | None:
    """The first instant (UTC) after `now` and after `seen` (if there is one): nothing comes twice.

    For somebody who moved to `zone`: `seen` is the occurrence seen last, at the same wall-clock time in it.
    """
    return next_occurrence(rule, now if seen is None else max(utc(now), utc(seen)), zone)


def replanned(
    rule: Rule, now: datetime, planned_at: datetime | None, seen: datetime | None, zone: ZoneInfo
) -> datetime | None:
    """What to plan instead of `planned_at` once the zone's data have changed; `seen`: what came last.

    The planned one may come earlier now, but not so much that it is the one before it, once more.
    """
    if planned_at is None:
        return first_unseen(rule, now, seen, zone)
    slack = _MOST_SHIFT if seen is None else min(_MOST_SHIFT, (utc(planned_at) - utc(seen)) / 2)
    return next_occurrence(rule, max(utc(now), utc(planned_at) - max(slack, timedelta(0))), zone)


def _occurrences(rule: Rule, after: datetime, zone: ZoneInfo) -> Iterator[datetime]:
    last = utc(after)
    if isinstance(rule, Once):
        if rule.at > last:
            yield rule.at
        return
    shown = last.astimezone(zone).replace(tzinfo=None)
    day = shown.date() - _DAY  # its window may have passed midnight
    while True:
        for wall in planned(rule, day):
            # What the clock shows already, or has shown, is past; what it shows again may be, too. And what
            # one gap skips falls on one instant.
            if wall > shown and (found := resolve(wall, zone)) > last:
                yield found
                last = found
        day += _DAY


@dataclass(frozen=True)
class Send:
    """Say it now."""


@dataclass(frozen=True)
class Postpone:
    """Look again at `until` (UTC), then with `due=until`."""

    until: datetime


@dataclass(frozen=True)
class Skip:
    """Leave this one out; the rule's next occurrence stands. `reason` says why."""

    reason: Literal["late", "silent_day", "space", "just_checked_in", "bunched"]


Verdict = Send | Postpone | Skip


def decide(
    due: datetime,
    now: datetime,
    quiet: QuietHours,
    zone: ZoneInfo,
    *,
    busy: bool,
    last_check_in: datetime | None,
    chosen: bool = True,
    silent_days: frozenset[int] = frozenset(),
    last_nudge: datetime | None = None,
) -> Verdict:
    """What becomes of a nudge due at `due`, looked at `now`. `busy`: own or partner's space request is open.

    `chosen` (`Rule.chosen`): a nudge due in quiet hours was set to that time on purpose, and comes; they hold
    back only what slipped into them. What nobody set to its very time, they hold back in any case.
    `silent_days`: weekdays (Monday is 0) of the person's zone: nothing comes on them, nor what was due then.
    `last_nudge`: when any reminder of this person last said something. If that was less than ten minutes
    before this one was due, or since, it stands for this one, too: of what quiet hours held back only one
    comes at their end, and only one after an outage. (Minutes count, not seconds: 9:00 and 9:10 are two.)
    """
    due, now = utc(due), utc(now)
    if now < due:
        return Postpone(due)
    if now - (due if chosen else quiet.end_after(due, zone)) > TOO_LATE:
        return Skip("late")
    if silent_days & {moment.astimezone(zone).weekday() for moment in (due, now)}:
        return Skip("silent_day")
    if busy:
        return Skip("space")
    if last_check_in is not None and timedelta(0) <= now - utc(last_check_in) < JUST_CHECKED_IN:
        return Skip("just_checked_in")
    if last_nudge is not None and _stands_for(utc(last_nudge), due, now):
        return Skip("bunched")
    if quiet.contains(now, zone) and not (chosen and quiet.contains(due, zone)):
        return Postpone(quiet.end_after(now, zone))
    return Send()


def _stands_for(last: datetime, due: datetime, now: datetime) -> bool:
    if last - now >= ONE_NUDGE:
        return False  # the clock was set back: who knows when that was
    return due - last.replace(second=0, microsecond=0) < ONE_NUDGE
