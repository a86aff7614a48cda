"""The rules of reminders: the kinds there are, how they are stored, and what each plans for a day.

What a rule plans are wall-clock times, whole minutes; `domain.schedule` makes instants of them.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Any, ClassVar, Self

from bot.domain.wall_clock import utc

STEPS = range(30, 720 + 1)
"""Minutes from one time to the next that `Every` takes."""
MOST_MOMENTS = 6
ROOM = 30
"""Minutes of the window that `Moments` needs for each: closer than half of that they would be one nudge."""
_DAY = 24 * 60


class BadRule(ValueError):
    """A rule that cannot be read or makes no sense."""


class UnknownRule(BadRule):
    """A rule of a version or kind that this program does not know; perhaps a newer one wrote it."""


@dataclass(frozen=True)
class Rule:
    """When a reminder fires: one versioned value, stored as JSON. One subclass per kind."""

    kind: ClassVar[str]
    chosen: ClassVar[bool] = True
    """Whether somebody set these very times: then they come in quiet hours, too (`schedule.decide`)."""

    @staticmethod
    def from_json(value: Mapping[str, Any]) -> "Rule":
        """Read a stored rule. Raises UnknownRule (version or kind) or BadRule (anything else wrong)."""
        if not isinstance(value, Mapping):
            raise BadRule(f"a rule is an object, not {type(value).__name__}")
        version, kind = value.get("v"), value.get("kind")
        found = _KINDS.get(kind) if isinstance(kind, str) else None
        if type(version) is not int or version != 1 or found is None:
            raise UnknownRule(f"unknown rule: version {version!r}, kind {kind!r}")
        try:
            return found.read(value)
        except BadRule:
            raise
        except (KeyError, TypeError, ValueError) as fault:
            raise BadRule(f"not a rule of kind {kind!r}: {type(fault).__name__}") from fault

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> Self:
        """From the fields of its kind; raises KeyError, TypeError or ValueError. Use `from_json`."""
        raise NotImplementedError

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
        if not self.times:
            raise BadRule("a rule needs at least one time")
        _whole_minutes(*self.times)
        object.__setattr__(self, "times", tuple(sorted(set(self.times))))
        object.__setattr__(self, "days", _weekdays(self.days))

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> Self:
        return cls(tuple(map(time.fromisoformat, value["times"])), frozenset(value.get("days") or ()))

    def to_json(self) -> dict[str, Any]:
        return {**super().to_json(), "times": [f"{t:%H:%M}" for t in self.times], "days": sorted(self.days)}

    def minutes_of(self, day: date) -> Iterable[int]:
        return map(_minutes, self.times)


@dataclass(frozen=True)
class Every(Rule):
    """Every so many minutes, by the wall clock: at `start`, then on and on until `end`, which is included.

    An `end` before `start` is one of the next day; `days` name the day on which it starts.
    """

    kind: ClassVar[str] = "every"
    chosen: ClassVar[bool] = False
    minutes: int
    start: time
    end: time
    days: frozenset[int] = frozenset()

    def __post_init__(self) -> None:
        if type(self.minutes) is not int or self.minutes not in STEPS:
            raise BadRule(f"from {STEPS[0]} to {STEPS[-1]} minutes: {self.minutes!r}")
        _window(self.start, self.end)
        object.__setattr__(self, "days", _weekdays(self.days))

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> Self:
        return cls(value["minutes"], *_stored_window(value))

    def to_json(self) -> dict[str, Any]:
        return {
            **super().to_json(),
            "minutes": self.minutes,
            "start": f"{self.start:%H:%M}",
            "end": f"{self.end:%H:%M}",
            "days": sorted(self.days),
        }

    def minutes_of(self, day: date) -> Iterable[int]:
        first = _minutes(self.start)
        return range(first, first + _window(self.start, self.end) + 1, self.minutes)


@dataclass(frozen=True)
class Moments(Rule):
    """So many moments a day that look random, inside a window (never at its very ends), others each day.

    They follow from the seed and the date alone: asked again, by whatever Python, they are the same. Two are
    at least half as far apart as they would be if evenly spread. The window is like that of `Every`.
    """

    kind: ClassVar[str] = "moments"
    chosen: ClassVar[bool] = False
    count: int
    start: time
    end: time
    days: frozenset[int]
    seed: int
    """Drawn once, when the rule is made: any number from 0 on, below 2**63."""

    def __post_init__(self) -> None:
        if type(self.count) is not int or not 1 <= self.count <= MOST_MOMENTS:
            raise BadRule(f"from 1 to {MOST_MOMENTS} moments: {self.count!r}")
        if type(self.seed) is not int or not 0 <= self.seed < 2**63:
            raise BadRule("a seed is a number from 0 on, below 2**63")
        if _window(self.start, self.end) < self.count * ROOM:
            raise BadRule(f"{self.count} moments need {self.count * ROOM} minutes")
        object.__setattr__(self, "days", _weekdays(self.days))

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> Self:
        return cls(value["count"], *_stored_window(value), value["seed"])

    def to_json(self) -> dict[str, Any]:
        return {
            **super().to_json(),
            "count": self.count,
            "start": f"{self.start:%H:%M}",
            "end": f"{self.end:%H:%M}",
            "days": sorted(self.days),
            "seed": self.seed,
        }

    def minutes_of(self, day: date) -> Iterable[int]:
        window = _window(self.start, self.end)
        gap = -(-window // (2 * self.count))
        # All the ways to place them that far apart are the ways to place them freely in what is left.
        free = window - 1 - (self.count - 1) * gap
        digest = sha256(f"{self.seed} {day.isoformat()}".encode()).digest()
        drawn = sorted(int.from_bytes(digest[5 * n : 5 * n + 5], "big") % free for n in range(self.count))
        first = _minutes(self.start) + 1
        return [first + place + n * gap for n, place in enumerate(drawn)]


@dataclass(frozen=True)
class Once(Rule):
    """At one instant, and never again."""

    kind: ClassVar[str] = "once"
    at: datetime

    def __post_init__(self) -> None:
        object.__setattr__(self, "at", utc(self.at))

    @classmethod
    def read(cls, value: Mapping[str, Any]) -> Self:
        return cls(datetime.fromisoformat(value["at"]))

    def to_json(self) -> dict[str, Any]:
        return {**super().to_json(), "at": self.at.isoformat()}


_KINDS: Mapping[str, type[Rule]] = {kind.kind: kind for kind in (Times, Every, Moments, Once)}


def planned(rule: Rule, day: date) -> tuple[datetime, ...]:
    """The wall-clock times (no zone, ascending) that a rule plans for the day on which its window starts.

    Past midnight they bear the next date. Once plans none: it is an instant. Raises UnknownRule.
    """
    match rule:
        case Once():
            return ()
        case Times(days=days) | Every(days=days) | Moments(days=days):
            if days and day.weekday() not in days:
                return ()
            midnight = datetime.combine(day, time())
            return tuple(midnight + timedelta(minutes=each) for each in rule.minutes_of(day))
    raise UnknownRule(f"nothing is known of {rule!r}")


def _minutes(clock: time) -> int:
    return clock.hour * 60 + clock.minute


def _window(start: time, end: time) -> int:
    """How many minutes it has by the wall clock. Raises BadRule."""
    _whole_minutes(start, end)
    if start == end:
        raise BadRule("a window ends at another time than it starts")
    return (_minutes(end) - _minutes(start)) % _DAY


def _stored_window(value: Mapping[str, Any]) -> tuple[time, time, frozenset[int]]:
    start, end = (time.fromisoformat(value[name]) for name in ("start", "end"))
    return start, end, frozenset(value.get("days") or ())


def _whole_minutes(*clocks: time) -> None:
    if any(clock.tzinfo or clock.second or clock.microsecond for clock in clocks):
        raise BadRule("a time of day is a whole minute, without a zone")


def _weekdays(days: frozenset[int]) -> frozenset[int]:
    """Every day is none named: so equal rules are equal."""
    if not all(type(day) is int and 0 <= day <= 6 for day in days):
        raise BadRule(f"weekdays go from 0 to 6: {sorted(map(repr, days))}")
    return frozenset() if len(days) == 7 else frozenset(days)
