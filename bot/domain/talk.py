"""Asking for a talk: the times that make sense to offer, and a line with a place for the time."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.schedule import Times, instant, next_occurrence

PLACE = "…"
"""Where the time goes in a line."""
HOUR, EVENING, TOMORROW = "hour", "evening", "tomorrow"
_AT_EVENING, _AT_TOMORROW = time(20), time(18)
_SOON = timedelta(minutes=30)
"""Less ahead than that and a named time is no time to prepare."""
_STEP = timedelta(minutes=5)
_DAY_BEGINS, _DAY_ENDS = time(7), time(22)


def offered(now: datetime, zone: ZoneInfo) -> dict[str, datetime]:
    """The times to offer, by name: in an hour (by day), this evening (while it is ahead), tomorrow."""
    today = now.astimezone(zone).date()
    hour = _rounded_up(now + timedelta(hours=1))
    evening = instant(today, _AT_EVENING, zone)
    found = {}
    if _DAY_BEGINS <= hour.astimezone(zone).time() <= _DAY_ENDS and hour != evening:
        found[HOUR] = hour
    if evening - now >= _SOON:
        found[EVENING] = evening
    found[TOMORROW] = instant(today + timedelta(days=1), _AT_TOMORROW, zone)
    return found


def next_time(clock: time, now: datetime, zone: ZoneInfo) -> datetime:
    """The next instant at which it is so late there."""
    found = next_occurrence(Times((clock,)), now, zone)
    assert found is not None
    return found


def with_place(words: str) -> str:
    """The line with a place for the time: at its end, if it has none."""
    words = words.replace("...", PLACE)
    return words if PLACE in words else f"{words} {PLACE}"


def filled(words: str, time_of_day: str) -> str:
    """The line with the time in its (last) place."""
    before, _, after = with_place(words).rpartition(PLACE)
    return f"{before}{time_of_day}{after}"


def _rounded_up(moment: datetime) -> datetime:
    """To whole five minutes: nobody says “at 19:03”."""
    past = timedelta(minutes=moment.minute % 5, seconds=moment.second, microseconds=moment.microsecond)
    return moment if not past else moment - past + _STEP
