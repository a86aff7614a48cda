"""When a reminder fires. Wall-clock times become instants in UTC; all arithmetic is done there.

A wall-clock time becomes the first instant at which a local clock shows it or a later one: the end of the
gap that skips it, the first of two. Datetimes taken must be aware (else ValueError), those returned are UTC.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any, ClassVar, Literal, Self
from zoneinfo import ZoneInfo

TOO_LATE = timedelta(hours=2)
JUST_CHECKED_IN = timedelta(minutes=30)
_SECOND, _DAY = timedelta(seconds=1), timedelta(days=1)


class BadRule(ValueError):
    """A rule that cannot be read or makes no sense."""


class UnknownRule(BadRule):
    """A rule of a version or kind that this program does not know; perhaps a newer one wrote it."""


@dataclass(frozen=True)
class Rule:
    """When a reminder fires: one versioned value, stored as JSON. One subclass per kind."""

    kind: ClassVar[str]

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> "Rule":
        """Read a stored rule. Raises UnknownRule (version or kind) or BadRule (anything else wrong)."""
        if not isinstance(value, Mapping):
            raise BadRule(f"a rule is an object, not {type(value).__name__}")
        version, kind = value.get("v"), value.get("kind")
        read = _KINDS.get(kind) if isinstance(kind, str) else None
        if type(version) is not int or version != 1 or read is None:
            raise UnknownRule(f"unknown rule: version {version!r}, kind {kind!r}")
        return read(value)

    def to_json(self) -> dict[str, Any]:
        """The value to store; `from_json` reads it back as an equal rule."""
        return {"v": 1, "kind": self.kind}


@dataclass(frozen=True)
class Times(Rule):
    """At these wall-clock times (whole minutes), on these weekdays (Monday is 0; none named: every day)."""

    kind: ClassVar[str] = "times"
    times: tuple[time, ...]
    days: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if not self.times or any(t.tzinfo or t.second or t.microsecond for t in self.times):
            raise BadRule("a rule needs at least one time, each a whole minute")
        if not self.days <= set(range(7)):
            raise BadRule(f"weekdays go from 0 to 6: {sorted(self.days)}")
        object.__setattr__(self, "times", tuple(sorted(set(self.times))))
        object.__setattr__(self, "days", frozenset() if len(self.days) == 7 else frozenset(self.days))

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> Self:
        try:
            return cls(tuple(map(time.fromisoformat, value["times"])), frozenset(value.get("days") or ()))
        except (KeyError, TypeError, ValueError) as fault:
            raise BadRule("times is a list of HH:MM, days a list of 0 to 6") from fault

    def to_json(self) -> dict[str, Any]:
        return {**super().to_json(), "times": [f"{t:%H:%M}" for t in self.times], "days": sorted(self.days)}


@dataclass(frozen=True)
class Once(Rule):
    """At one instant, and never again."""

    kind: ClassVar[str] = "once"
    at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", _utc(self.at))

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> Self:
        try:
            return cls(datetime.fromisoformat(value["at"]))
        except (KeyError, TypeError, ValueError) as fault:
            raise BadRule("at is an ISO date and time with its offset") from fault

    def to_json(self) -> dict[str, Any]:
        return {**super().to_json(), "at": self.at.isoformat()}


_KINDS: Mapping[str, Callable[[Mapping[str, Any]], Rule]] = {Times.kind: Times.read, Once.kind: Once.read}


def next_occurrence(rule: Rule, after: datetime, zone: ZoneInfo) -> datetime | None:
    """The first instant (UTC) strictly after `after` at which `rule` fires; None when it never does again."""
    after = _utc(after)
    match rule:
        case Once(at=at):
            return at if at > after else None
        case Times(times=times, days=days):
            today = after.astimezone(zone).date()
            dates = (today + n * _DAY for n in range(9))
            instants = (instant(d, t, zone) for d in dates if not days or d.weekday() in days for t in times)
            return next(found for found in instants if found > after)
    raise UnknownRule(f"no occurrences of {rule!r}")


def instant(local_date: date, local_time: time, zone: ZoneInfo) -> datetime:
    """The instant (UTC) of a wall-clock time: the first of two, or the end of the gap that skips it."""
    return _resolve(local_date, local_time, zone, fold=0)


@dataclass(frozen=True)
class QuietHours:
    """Hours without nudges, by the person's wall clock; they may pass midnight; equal ends mean none.

    Where a clock change repeats their start, the first one counts; where it repeats their end, the last.
    """

    start: time = time(22)
    end: time = time(8)

    def contains(self, moment: datetime, zone: ZoneInfo) -> bool:
        """Whether `moment` is quiet: the start is, the end is not."""
        return self._end_of_stretch(_utc(moment), zone) is not None

    def end_after(self, moment: datetime, zone: ZoneInfo) -> datetime:
        """The first instant (UTC) at or after `moment` that is not quiet."""
        moment = _utc(moment)
        while (end := self._end_of_stretch(moment, zone)) is not None:
            moment = end
        return moment

    def _end_of_stretch(self, moment: datetime, zone: ZoneInfo) -> datetime | None:
        if self.start == self.end:
            return None
        nights = 0 if self.start < self.end else 1
        today = moment.astimezone(zone).date()
        for day in (today + n * _DAY for n in (-1, 0, 1)):
            end = _resolve(day + nights * _DAY, self.end, zone, fold=1)
            if _resolve(day, self.start, zone, fold=0) <= moment < end:
                return end
        return None


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

    reason: Literal["late", "space", "just_checked_in"]


Verdict = Send | Postpone | Skip


def decide(
    due: datetime,
    now: datetime,
    quiet: QuietHours,
    zone: ZoneInfo,
    *,
    busy: bool,
    last_check_in: datetime | None,
) -> Verdict:
    """What becomes of a nudge due at `due`, looked at `now`. `busy`: own or partner's space request is open.

    Quiet hours hold back only what slipped into them: a nudge due in them was set to that time on purpose.
    """
    due, now = _utc(due), _utc(now)
    if now < due:
        return Postpone(due)
    if now - due > TOO_LATE:
        return Skip("late")
    if busy:
        return Skip("space")
    if last_check_in is not None and timedelta(0) <= now - _utc(last_check_in) < JUST_CHECKED_IN:
        return Skip("just_checked_in")
    if quiet.contains(now, zone) and not quiet.contains(due, zone):
        return Postpone(quiet.end_after(now, zone))
    return Send()


def snooze(now: datetime, minutes: int, quiet: QuietHours, zone: ZoneInfo) -> datetime:
    """The instant (UTC) `minutes` from `now`, moved to the end of quiet hours if it falls into them."""
    if minutes <= 0:
        raise ValueError(f"a snooze goes forward: {minutes}")
    return quiet.end_after(_utc(now) + timedelta(minutes=minutes), zone)


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


def _resolve(local_date: date, local_time: time, zone: ZoneInfo, *, fold: Literal[0, 1]) -> datetime:
    wall = datetime.combine(local_date, local_time.replace(tzinfo=None, fold=0))
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


def _utc(moment: datetime) -> datetime:
    if moment.utcoffset() is None:
        raise ValueError(f"a datetime without an offset: {moment!r}")
    return moment.astimezone(UTC)
