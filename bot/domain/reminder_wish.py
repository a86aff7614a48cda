"""A wish for reminders in a person's own words: “weekdays at 9 and 14:30”, “in 40 minutes: breathe”.

What is not plain is no wish, and nothing is taken for its opposite. Some readings are a choice, to be shown
before anything is saved: without a window “every 2 hours” is from 9 to 18; a time without a day is daily; one
single day named once is the next one; “at 3” is in the afternoon.
"""

from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.nudging import Kind
from bot.domain.schedule import instant
from bot.domain.wish_clauses import Draft
from bot.domain.wish_clock import Unclear, clock, length, plain, window_of
from bot.domain.wish_reader import read
from bot.domain.wish_words import Vocabulary

__all__ = ["AtTimes", "EverySo", "Kind", "OnceAt", "OnceIn", "SomeTimes", "Vocabulary", "Wish", "parse_wish"]

LONGEST_TEXT = 300
"""Characters; whatever is longer tells a story."""
MOST_TIMES = 6
MOST_MOMENTS = 6
STEPS = range(30, 12 * 60 + 1)
"""Minutes from one time to the next."""
ROOM = 30
"""Minutes of the window for each moment."""
MOST_DAYS_AHEAD = 30
MOST_MINUTES_AHEAD = MOST_DAYS_AHEAD * 24 * 60
BY_DAY = (time(9), time(18))
"""From when to when, if that is not said."""

Days = frozenset[int]
"""Weekdays; Monday is 0; none named: every day."""


@dataclass(frozen=True)
class AtTimes:
    """At these times of day, in order."""

    times: tuple[time, ...]
    days: Days = frozenset()


@dataclass(frozen=True)
class EverySo:
    """Every so many minutes from `start` until `end`, which may be one of the next day."""

    minutes: int
    start: time
    end: time
    days: Days = frozenset()


@dataclass(frozen=True)
class SomeTimes:
    """So many times a day, at moments somewhere between `start` and `end`."""

    count: int
    start: time
    end: time
    days: Days = frozenset()


@dataclass(frozen=True)
class OnceIn:
    """Once, so many minutes from now."""

    minutes: int


@dataclass(frozen=True)
class OnceAt:
    """Once, so many days from today where the person is."""

    days: int
    at: time


@dataclass(frozen=True)
class Wish:
    """When, and what for. Only the kind `own` has a text: what they typed."""

    when: AtTimes | EverySo | SomeTimes | OnceIn | OnceAt
    kind: Kind = Kind.BREATHE
    text: str | None = None


def parse_wish(text: str, vocabulary: Vocabulary, now: datetime, zone: ZoneInfo) -> Wish | None:
    """What somebody wishes who types this; None if it is not plain, against a limit, or no wish at all.

    `now` is aware. Not asked here: whether the text has words of crisis.
    """
    if len(text) > LONGEST_TEXT:
        return None
    try:
        draft = read(text, vocabulary)
        return Wish(_when(draft, now, zone), draft.kind or Kind.BREATHE, draft.text)
    except Unclear:
        return None


def _when(draft: Draft, now: datetime, zone: ZoneInfo) -> AtTimes | EverySo | SomeTimes | OnceIn | OnceAt:
    """The one kind of rule that everything said fits into. Raises Unclear."""
    if draft.minutes_ahead is not None or draft.days_ahead is not None:
        return _once(draft, now, zone)
    if draft.every is not None:
        return _every(_with_window(draft))
    if draft.count is not None and not (draft.times and draft.times[0].alone is None):
        return _some(draft)
    if draft.times is None or draft.window is not None:
        raise Unclear
    times = tuple(sorted(set(map(clock, plain(draft.times)))))
    if len(times) != len(draft.times) or len(times) > MOST_TIMES:
        raise Unclear
    if draft.count is not None and (draft.count != len(times) or not draft.is_repeated):
        raise Unclear
    if draft.is_one_day and not draft.is_repeated:
        return _next_day(draft, times, now, zone)
    return AtTimes(times, _days(draft))


def _with_window(draft: Draft) -> Draft:
    """A part of the day is a window for what comes several times in it."""
    if draft.times is None:
        return replace(draft, window=draft.window or BY_DAY)
    [only, *more] = draft.times
    if more or only.alone is None or draft.window is not None:
        raise Unclear
    return replace(draft, times=None, window=window_of(only.alone))


def _every(draft: Draft) -> EverySo:
    assert draft.every is not None
    assert draft.window is not None
    if draft.count is not None or draft.every not in STEPS or draft.every > length(*draft.window):
        raise Unclear
    return EverySo(draft.every, *draft.window, _days(draft))


def _some(draft: Draft) -> SomeTimes:
    if draft.window is None and draft.times is None and draft.days is None and not draft.is_repeated:
        raise Unclear
    draft = _with_window(draft)
    assert draft.count is not None
    assert draft.window is not None
    if not 1 <= draft.count <= MOST_MOMENTS or draft.count * ROOM > length(*draft.window):
        raise Unclear
    return SomeTimes(draft.count, *draft.window, _days(draft))


def _once(draft: Draft, now: datetime, zone: ZoneInfo) -> OnceIn | OnceAt:
    others = (draft.every, draft.window, draft.days)
    if any(other is not None for other in others) or draft.is_repeated or draft.count not in (None, 1):
        raise Unclear
    if draft.times is None:
        if draft.minutes_ahead is None or not 0 < draft.minutes_ahead <= MOST_MINUTES_AHEAD:
            raise Unclear
        return OnceIn(draft.minutes_ahead)
    days, odd = divmod(draft.minutes_ahead or 0, 24 * 60)
    if odd or (draft.minutes_ahead is not None and (draft.days_ahead is not None or not days)):
        raise Unclear
    [minutes, *more] = plain(draft.times)
    found = OnceAt(days or draft.days_ahead or 0, clock(minutes))
    if more or found.days > MOST_DAYS_AHEAD or _instant(found, now, zone) <= now:
        raise Unclear
    return found


def _next_day(draft: Draft, times: tuple[time, ...], now: datetime, zone: ZoneInfo) -> OnceAt:
    """One weekday, named once: the next one on which that time is still ahead."""
    [day], [at, *more] = draft.days or frozenset[int](), times
    if more:
        raise Unclear
    ahead = (day - now.astimezone(zone).weekday()) % 7
    found = OnceAt(ahead, at)
    return found if _instant(found, now, zone) > now else OnceAt(ahead + 7, at)


def _instant(once: OnceAt, now: datetime, zone: ZoneInfo) -> datetime:
    return instant(now.astimezone(zone).date() + timedelta(days=once.days), once.at, zone)


def _days(draft: Draft) -> Days:
    days = draft.days or frozenset()
    return frozenset() if len(days) == 7 else days
