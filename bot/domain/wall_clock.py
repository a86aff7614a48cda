"""Wall-clock times: what a clock in a zone shows, as instants in UTC; and times of day as people type them.

A wall-clock time becomes the first instant at which a local clock shows it or a later one: the end of the gap
that skips it, the first of two. So a later wall-clock time is never an earlier instant.
"""

import re
import unicodedata
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Literal
from zoneinfo import ZoneInfo

_SECOND = timedelta(seconds=1)


def instant(local_date: date, local_time: time, zone: ZoneInfo) -> datetime:
    """The instant (UTC) of a wall-clock time: the first of two, or the end of the gap that skips it."""
    return resolve(datetime.combine(local_date, local_time.replace(tzinfo=None)), zone)


def resolve(wall: datetime, zone: ZoneInfo, *, fold: Literal[0, 1] = 0) -> datetime:
    """The instant (UTC) of a wall-clock date and time without a zone. `fold=1`: the last of two.

    What is skipped is the end of its gap with either `fold`.
    """
    return _resolve(wall.replace(fold=0), zone, fold)


@lru_cache(maxsize=4096)  # a thousand people's quiet hours begin and end at the same few times
def _resolve(wall: datetime, zone: ZoneInfo, fold: Literal[0, 1]) -> datetime:
    found = wall.replace(tzinfo=zone, fold=fold).astimezone(UTC)
    if found.astimezone(zone).replace(tzinfo=None) == wall:
        return found
    # Skipped. Read with the offset of after the change it lies before the gap, with that of before behind it.
    low, high = (wall.replace(tzinfo=zone, fold=f, microsecond=0).astimezone(UTC) for f in (1, 0))
    while high - low > _SECOND:
        middle = low + (high - low) // _SECOND // 2 * _SECOND
        after_gap = middle.astimezone(zone).replace(tzinfo=None) > wall
        low, high = (low, middle) if after_gap else (middle, high)
    return high


def moved(moment: datetime, there: ZoneInfo, here: ZoneInfo) -> datetime:
    """The instant (UTC) at which a clock `here` shows what one `there` shows at `moment`."""
    return resolve(utc(moment).astimezone(there).replace(tzinfo=None), here)


def utc(moment: datetime) -> datetime:
    """The same instant in UTC. Raises ValueError if it has no offset."""
    if moment.utcoffset() is None:
        raise ValueError(f"a datetime without an offset: {moment!r}")
    return moment.astimezone(UTC)


_CLOCK = re.compile(
    r"""(?P<hour>\d{1,2}) (?: (?: \s*(?:[:.h]|uhr)\s* | (?<=\d\d) ) (?P<minute>\d\d) )?
        (?: \s*(?P<half>[ap])\.?m\.? | \s*uhr | \s*h )?""",
    re.VERBOSE,
)


def parse_clock(text: str) -> time | None:
    """A typed time of day: 9, 9:30, 09.30, 0930, 9 am, 9:30pm, 21h, 21h30, 21 Uhr. None if it is not one."""
    found = _CLOCK.fullmatch(unicodedata.normalize("NFKC", text).strip().lower()) if len(text) <= 20 else None
    if found is None:
        return None
    hour, minute = int(found["hour"]), int(found["minute"] or 0)
    if half := found["half"]:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "p" else 0)
    return time(hour, minute) if hour < 24 and minute < 60 else None
