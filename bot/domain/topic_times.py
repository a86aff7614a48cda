"""Times for a talk some days ahead: what makes sense to offer, and what somebody types instead."""

import re
import unicodedata
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.schedule import instant
from bot.domain.space_lengths import ClockTime, Length, parse_return

MOST_SUGGESTED = 6
_AHEAD = timedelta(hours=1)
"""Less than that and it is no time to get ready."""
_EVENING = time(19)
_THIS_EVENING = (_EVENING, time(21))
_WEEKEND = ((5, time(11)), (6, time(17)))
"""Saturday's late morning, Sunday's late afternoon; Monday is 0."""
_MINUTE, _WEEK = timedelta(minutes=1), 7


def suggested(now: datetime, zone: ZoneInfo) -> list[datetime]:
    """This evening (if it is ahead), the next two, and the weekend, in their order; whole minutes, UTC.

    They are made of the clock alone: nobody's settings or habits are in them.
    """
    today = now.astimezone(zone).date()
    days = {0: _THIS_EVENING, 1: (_EVENING,), 2: (_EVENING,)}
    found = {
        instant(today + timedelta(days=n), clock, zone) for n, clocks in days.items() for clock in clocks
    }
    for weekday, clock in _WEEKEND:
        found.add(_next_weekday(weekday, clock, now + _AHEAD, zone))
    return sorted(at for at in found if at - now >= _AHEAD)[:MOST_SUGGESTED]


def _next_weekday(weekday: int, clock: time, now: datetime, zone: ZoneInfo) -> datetime:
    """The next instant at which it is that weekday and so late there; today counts while it is ahead."""
    today = now.astimezone(zone).date()
    ahead = (weekday - today.weekday()) % _WEEK
    at = instant(today + timedelta(days=ahead), clock, zone)
    return at if at > now else instant(today + timedelta(days=ahead + _WEEK), clock, zone)


_WEEKDAYS = (
    ("monday", "mon", "montag", "mo"),
    ("tuesday", "tue", "tues", "dienstag", "di"),
    ("wednesday", "wed", "mittwoch", "mi"),
    ("thursday", "thu", "thur", "thurs", "donnerstag", "do"),
    ("friday", "fri", "freitag", "fr"),
    ("saturday", "sat", "samstag", "sonnabend", "sa"),
    ("sunday", "sun", "sonntag", "so"),
)
_NUMBER = {name: number for number, names in enumerate(_WEEKDAYS) for name in names}
_DAY = "|".join(sorted(_NUMBER, key=len, reverse=True))
_FIRST = re.compile(rf"(?:on |am |next |nächsten? )*({_DAY})\.?,? +(?:at |um )?(.+)")
_LAST = re.compile(rf"(.+?),? +(?:on |am )?({_DAY})\.?")


def parse_moment(text: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """“21:30”, “tomorrow 19:00”, “Saturday 11:00”, “Sa um 11 Uhr”, “in 2 h”; whole minutes, UTC.

    None if it is no time. What comes out may be past, or too far away.
    """
    if len(text) > 40:
        return None
    words = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    words, weekday = _take_weekday(words)
    match parse_return(words):
        case ClockTime(clock, None) if weekday is not None:
            return _next_weekday(weekday, clock, now, zone)
        case ClockTime() as said if weekday is None:
            return said.after(now, zone)
        case Length(minutes) if weekday is None and minutes > 0:
            return _whole_minute(now + timedelta(minutes=minutes))
    return None


def _take_weekday(words: str) -> tuple[str, int | None]:
    if first := _FIRST.fullmatch(words):
        return first[2], _NUMBER[first[1]]
    if last := _LAST.fullmatch(words):
        return last[1], _NUMBER[last[2]]
    return words, None


def _whole_minute(moment: datetime) -> datetime:
    """Up to the next whole minute: a button names its time in minutes."""
    moment = moment.astimezone(UTC)
    whole = moment.replace(second=0, microsecond=0)
    return whole if whole == moment else whole + _MINUTE
