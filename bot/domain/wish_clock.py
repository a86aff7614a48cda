"""Times of day as people say them: 9, 8.15, half past nine, 9 Uhr 30, abends um acht, 9, 1 and 5 pm.

Twelve-hour times are made plain here: “at 3” is said of the afternoon, “from 9 to 5” ends at 17:00. Where two
readings are likely (“at 7 and 10 pm”), there is none: `Unclear`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time
from typing import Any

from bot.domain.wish_words import Part, Role, Token

HOUR = 60
NOON, MIDNIGHT = 12 * HOUR, 24 * HOUR
_AFTERNOON = 6 * HOUR
"""Up to here a bare hour is one of the afternoon: nobody who types “at 3” wants to be woken."""
_LONGEST_NIGHT = 12 * HOUR
"""A window over midnight is at most this long: “from 18 to 9” is a slip more often than a night."""


class Unclear(Exception):
    """This cannot be taken for a wish."""


@dataclass(frozen=True)
class Said:
    """A time of day in minutes. Not exact: it may be meant half a day later."""

    minutes: int
    exact: bool
    half: str | None = None
    """am or pm, if that was said, or a part of the day that tells."""
    alone: Part | None = None
    """A part of the day without a time."""


class Cursor:
    """Reads tokens from left to right."""

    def __init__(self, tokens: Sequence[Token], at: int = 0) -> None:
        self.tokens, self.at = tokens, at

    def sees(self, *roles: Role, ahead: int = 0) -> bool:
        """Whether the token there has one of the roles."""
        place = self.at + ahead
        return place < len(self.tokens) and any(role in self.tokens[place].roles for role in roles)

    def sees_mark(self, marks: str, ahead: int = 0) -> bool:
        return self.sees(Role.MARK, ahead=ahead) and self.value(Role.MARK, ahead) in marks

    def value(self, role: Role, ahead: int = 0) -> Any:
        return self.tokens[self.at + ahead].roles[role]

    def skip(self, *roles: Role) -> bool:
        """Go on if one of the roles is there."""
        found = self.sees(*roles)
        self.at += found
        return found

    def take(self, role: Role) -> Any:
        """The value of the role, which is there; goes on."""
        self.at += 1
        return self.tokens[self.at - 1].roles[role]

    def joined(self, ahead: int) -> bool:
        """Whether nothing stands between the token there and the one before it."""
        place = self.at + ahead
        return place < len(self.tokens) and self.tokens[place - 1].end == self.tokens[place].start


def read(cursor: Cursor, part: Part | None = None) -> Said | None:
    """One time, with the part of the day that was said for it; None, and no step made, if none is there."""
    begun = cursor.at
    own = cursor.take(Role.PART) if cursor.sees(Role.PART) else None
    if own is not None:
        cursor.skip(Role.AT)
    said = _clock(cursor)
    if said is None:
        cursor.at = begun + (own is not None)
        return None if own is None else Said(_minutes(own.at), True, _half(_minutes(own.at)), own)
    if own is None and cursor.sees(Role.PART):
        own = cursor.take(Role.PART)
    if own is not None:
        return _in_part(said, own)
    return _in_part(said, part) if part is not None and not said.exact else said


def _clock(cursor: Cursor) -> Said | None:
    begun = cursor.at
    said = _before_or_after(cursor) or _digits(cursor) or _hour(cursor)
    if said is None or cursor.sees(Role.UNIT, Role.TIMES):
        cursor.at = begun
        return None
    half = "am" if cursor.skip(Role.AM) else "pm" if cursor.skip(Role.PM) else None
    return said if half is None else _marked(said, half)


def _before_or_after(cursor: Cursor) -> Said | None:
    """“half past nine”, “halb neun”, “ten past eight”, “fünf vor halb neun”."""
    begun, shift = cursor.at, 0
    if cursor.sees(Role.NUMBER) and cursor.sees(Role.AFTER, Role.BEFORE, ahead=1):
        shift = cursor.take(Role.NUMBER) * (1 if cursor.sees(Role.AFTER) else -1)
        cursor.at += 1
    if cursor.sees(Role.PAST_HOUR):
        shift += cursor.take(Role.PAST_HOUR)
    if begun != cursor.at and cursor.sees(Role.NUMBER) and abs(shift) < HOUR:
        hour = cursor.take(Role.NUMBER)
        cursor.skip(Role.O_CLOCK)
        if hour <= 24:
            return Said((hour * HOUR + shift) % MIDNIGHT, hour > 12)
    cursor.at = begun
    return None


def _digits(cursor: Cursor) -> Said | None:
    """“9:30”, “8.15”, “9h30”, “9 Uhr 30”, “0930”, “nine thirty”."""
    if not cursor.sees(Role.NUMBER):
        return None
    first = cursor.tokens[cursor.at]
    hour = first.roles[Role.NUMBER]
    if first.is_digits and len(first.typed) == 4:
        cursor.at += 1
        return _sure(_said(hour // 100, hour % 100, first))
    if (
        cursor.sees_mark(":.", ahead=1)
        and cursor.joined(1)
        and cursor.joined(2)
        and cursor.sees(Role.NUMBER, ahead=2)
    ):
        minute, length = cursor.tokens[cursor.at + 2], 3
        if len(minute.typed) != 2 or (cursor.sees_mark(":.", ahead=3) and cursor.joined(4)):
            raise Unclear
    elif (
        cursor.sees(Role.O_CLOCK, ahead=1)
        and cursor.sees(Role.NUMBER, ahead=2)
        and not cursor.sees(Role.O_CLOCK, ahead=3)
    ):
        minute, length = cursor.tokens[cursor.at + 2], 3
    elif (
        not first.is_digits
        and cursor.sees(Role.NUMBER, ahead=1)
        and not cursor.tokens[cursor.at + 1].is_digits
    ):
        minute, length = cursor.tokens[cursor.at + 1], 2
    else:
        return None
    cursor.at += length
    cursor.skip(Role.O_CLOCK)
    return _sure(_said(hour, minute.roles[Role.NUMBER], first))


def _sure(said: Said | None) -> Said:
    if said is None:
        raise Unclear
    return said


def _hour(cursor: Cursor) -> Said | None:
    if not cursor.sees(Role.NUMBER):
        return None
    token = cursor.tokens[cursor.at]
    cursor.at += 1
    cursor.skip(Role.O_CLOCK)
    return _said(token.roles[Role.NUMBER], 0, token) if len(token.typed) <= 2 or not token.is_digits else None


def _said(hour: int, minute: int, typed: Token) -> Said | None:
    if hour > 24 or minute > 59 or (hour == 24 and minute):
        return None
    exact = not 1 <= hour <= 12 or (typed.is_digits and typed.typed[0] in "0０")
    return Said((hour * HOUR + minute) % MIDNIGHT, exact)


def _marked(said: Said, half: str) -> Said:
    """With am or pm behind it."""
    if not 0 < said.minutes < NOON + HOUR:
        raise Unclear
    return Said(said.minutes % NOON + (NOON if half == "pm" else 0), True, half)


def _in_part(said: Said, part: Part) -> Said:
    """The hour that lies in the part of the day; Unclear if none does."""
    first, last = (hour * HOUR for hour in part.hours)
    for later in (0, MIDNIGHT) if said.exact else (0, NOON, MIDNIGHT):
        if first <= said.minutes + later < last:
            minutes = (said.minutes + later) % MIDNIGHT
            return Said(minutes, True, _half(minutes))
    raise Unclear


def _half(minutes: int) -> str:
    return "am" if minutes < NOON else "pm"


def plain(times: Sequence[Said]) -> list[int]:
    """A list of times, each made exact by the others."""
    return [_plain_one(said, times[:n], times[n + 1 :]) for n, said in enumerate(times)]


def _plain_one(said: Said, before: Sequence[Said], after: Sequence[Said]) -> int:
    if said.exact or said.minutes >= NOON:
        return said.minutes
    if any(each.half == "pm" and each.alone is None for each in before):
        raise Unclear
    halves = (each for each in after if each.half is not None and each.alone is None)
    marked = next(halves, None)
    if marked is not None and marked.half == "am":
        return said.minutes
    if said.minutes < _AFTERNOON:
        return said.minutes + NOON
    if marked is not None and said.minutes + NOON < marked.minutes:
        raise Unclear
    return said.minutes


def window(start: Said, end: Said) -> tuple[time, time]:
    """From when to when; an end before the start is one of the next day."""
    first = _start(start, end)
    last = end.minutes
    by_24_hours = start.exact and start.half is None and first >= NOON
    if not end.exact and not by_24_hours and last <= first < last + NOON < MIDNIGHT:
        last += NOON
    night = (last - first) % MIDNIGHT
    if night == 0 or (last < first and last != 0 and night > _LONGEST_NIGHT):
        raise Unclear
    return clock(first), clock(last)


def _start(start: Said, end: Said) -> int:
    if start.exact or start.minutes >= NOON:
        return start.minutes
    if end.half is not None and end.alone is None:
        return plain([start, end])[0]
    if start.minutes >= _AFTERNOON:
        return start.minutes
    if end.exact:
        raise Unclear
    return start.minutes + NOON


def window_of(part: Part) -> tuple[time, time]:
    first, last = map(time.fromisoformat, part.window)
    return first, last


def clock(minutes: int) -> time:
    return time(minutes // HOUR % 24, minutes % HOUR)


def length(start: time, end: time) -> int:
    """Minutes from one to the other, over midnight if need be."""
    return (end.hour * HOUR + end.minute - start.hour * HOUR - start.minute) % MIDNIGHT


def _minutes(written: str) -> int:
    read_time = time.fromisoformat(written)
    return read_time.hour * HOUR + read_time.minute
