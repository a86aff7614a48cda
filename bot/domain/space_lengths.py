"""How long a break shall be: the times that make sense to offer, and what somebody types instead."""

import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.domain.model import Parameters
from bot.domain.schedule import instant, parse_clock
from bot.domain.space import LONGEST, Participant
from bot.domain.talk import next_time

TIME_OUT = 20
"""Minutes from which on it is a break for the body to settle, and no longer a short pause."""
MORNING = time(8)
_LATER = tuple(time(hour) for hour in (9, 12, 15, 18, 20, 22))
_TOMORROW = (MORNING, time(12), time(18))
_AHEAD = timedelta(minutes=90)
"""Up to an hour the lengths are for; a time of day is further ahead."""
_NIGHT_ENDS = 5
"""The hour before which “tomorrow” is said for the day that has begun already."""
_LAST_LENGTH = 12
"""Hours: “2 h” is a length, and “21 h” is said for a time of day (“21 hours” is not)."""


@dataclass(frozen=True)
class Length:
    """So many minutes from the moment it is sent."""

    minutes: int


@dataclass(frozen=True)
class ClockTime:
    """A time of day; `days` ahead if that was said (0: today), or else the next one."""

    clock: time
    days: int | None = None

    def after(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The instant that is meant; with a day it may be past."""
        if self.days is None:
            return next_time(self.clock, now, zone)
        today = now.astimezone(zone).date()
        return instant(today + timedelta(days=self.days), self.clock, zone)

    def soon(self, now: datetime, zone: ZoneInfo) -> datetime:
        """The same, but in the small hours “tomorrow 8:00” is the morning that comes."""
        at = self.after(now, zone)
        by_night = self.days == 1 and now.astimezone(zone).hour < _NIGHT_ENDS and at - now > LONGEST
        return replace(self, days=0).after(now, zone) if by_night else at


def like_last(last: Participant | None, now: datetime, zone: ZoneInfo) -> Parameters | None:
    """The same length, or the same time of day the next time it comes; None if there is no such thing now."""
    if last is None or last.asked_for is None:
        return None
    if last.minutes is not None:
        return {"minutes": last.minutes}
    clock = last.asked_for.astimezone(zone).time().replace(second=0, microsecond=0)
    at = ClockTime(clock).after(now, zone)
    return {"until": at.isoformat()} if at - now <= LONGEST else None


def offered(now: datetime, zone: ZoneInfo) -> list[datetime]:
    """Later today, and tomorrow: at most three times, none further away than a break can be."""
    today = now.astimezone(zone).date()
    later = [at for clock in _LATER if (at := instant(today, clock, zone)) - now >= _AHEAD][:2]
    tomorrow = [instant(today + timedelta(days=1), clock, zone) for clock in _TOMORROW]
    tomorrow = tomorrow[: 1 if later else 2]
    return [at for at in (*later, *tomorrow) if at - now <= LONGEST]


_BEFORE = re.compile(r"(?:(?:until|till|at|in|for|by|from|another|bis|um|gegen|für|ab|noch)\s+)+")
_DAYS = {"today": 0, "heute": 0, "tomorrow": 1, "morgen": 1}
_SAID: dict[str, Length | ClockTime] = {
    **dict.fromkeys(("an hour", "one hour", "1 more hour", "eine stunde", "einer stunde"), Length(60)),
    **dict.fromkeys(("half an hour", "eine halbe stunde", "einer halben stunde", "halbe stunde"), Length(30)),
    **dict.fromkeys(("midnight", "mitternacht"), ClockTime(time())),
    **dict.fromkeys(("tomorrow morning", "morgen früh"), ClockTime(MORNING, 1)),
}
_DAY = "|".join(_DAYS)
_MINUTES = re.compile(r"(\d{1,4})\s*(?:m|mins?|minutes?|minuten?)\.?")
_HOURS = re.compile(r"(\d{1,2})(?:[.,](\d))?\s*(h|hrs?|hours?|std|stunden?)\.?")


def parse_return(text: str) -> Length | ClockTime | None:
    """“25 min”, “2 h”, “21:30”, “tomorrow 8:00”, “morgen um 8 Uhr”, “bis 21:30”. None if it is no time."""
    if len(text) > 40:
        return None
    words = " ".join(unicodedata.normalize("NFKC", text).lower().split())
    if (said := _SAID.get(_without_lead(words))) is not None:
        return said
    words, days = _take_day(_without_lead(words))
    length = _length(words) if days is None else None
    if length is not None:
        return length
    clock = parse_clock(words)
    return None if clock is None else ClockTime(clock, days)


def parse_length_or_time(text: str) -> Length | ClockTime | None:
    """The same where a length is asked for: a number alone is minutes, as behind /space."""
    bare = text.strip()
    return Length(int(bare)) if re.fullmatch(r"[0-9]{1,3}", bare) else parse_return(text)


def named(text: str, now: datetime, zone: ZoneInfo) -> datetime | None:
    """The instant that a typed length or time of day names, if it is ahead."""
    match parse_return(text):
        case Length(minutes):
            at = now + timedelta(minutes=minutes)
        case ClockTime() as clock:
            at = clock.soon(now, zone)
        case None:
            return None
    return at if at > now else None


def _without_lead(words: str) -> str:
    found = _BEFORE.match(words)
    return words[found.end() :] if found else words


def _take_day(words: str) -> tuple[str, int | None]:
    """The words without the day in front of them or behind them, and how many days ahead it is."""
    if first := re.fullmatch(rf"({_DAY}),? (.+)", words):
        return _without_lead(first[2]), _DAYS[first[1]]
    if last := re.fullmatch(rf"(.+?),? ({_DAY})", words):
        return last[1], _DAYS[last[2]]
    return words, None


def _length(words: str) -> Length | None:
    if found := _MINUTES.fullmatch(words):
        return Length(int(found[1]))
    if (found := _HOURS.fullmatch(words)) and (found[3] != "h" or int(found[1]) <= _LAST_LENGTH):
        return Length(int(found[1]) * 60 + int(found[2] or 0) * 6)
    return None
