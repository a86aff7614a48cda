"""The space request: “I need a few minutes”, with a time of return: its states, its events, its limits.

What becomes of it is decided in `space_rules`.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.model import CoupleId, PersonId, SpaceId

LONGEST = timedelta(hours=23, minutes=30)
"""From the first request, extensions included, so that everything has ended by LAPSES_AFTER."""
LAPSES_AFTER = timedelta(hours=24)
PATIENCE = timedelta(minutes=10)
"""How long the question at the return time may stay unanswered before one more gentle line."""
LATE = timedelta(minutes=30)
"""From here on the return time is spoken of as past: the bot was away."""
MOST_WORDS = 200
"""Characters: words and time then fit a copy button's 256."""
MOST_A_DAY = 6

RETURN, UNANSWERED, LAPSE = "space.return", "space.unanswered", "space.lapse"
MEET, CLOSE, TALKED = "space.meet", "space.close", "space.talked"
"""The timers of a request; their subject is its id."""


class State(StrEnum):
    OPEN = "open"
    DUE = "due"
    RETURNED = "returned"
    RECONNECTED = "reconnected"
    """both have said that they are ready to talk"""
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"
    CLOSED = "closed"


class Part(StrEnum):
    """Where one of those who asked for space is."""

    AWAY = "away"
    BACK = "back"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Participant:
    """Somebody who asked for space, with their own words."""

    person: PersonId
    state: Part
    asked_at: datetime
    wording: str
    asked_for: datetime | None = None
    """the time of return they named first; None if it was asked before this was kept"""
    minutes: int | None = None
    """the length, if they named one and no time of day"""
    intensity: int | None = None
    """how strong it was, 0 to 10, when they were last asked; theirs alone"""
    left_at: datetime | None = None
    """when they came back, or took it back"""
    promised: datetime | None = None
    """the time of return that held then"""


@dataclass(frozen=True)
class SpaceRequest:
    """One break. `members` are the couple, or the one person who has no partner here."""

    id: SpaceId
    couple: CoupleId | None
    members: tuple[PersonId, ...]
    state: State
    started_at: datetime
    return_at: datetime
    participants: tuple[Participant, ...]
    revision: int = 1
    ready_from: datetime | None = None
    """from when one of them would be ready to talk; it moves the meeting, never the return"""
    hushed: bool = False
    """whether the one who waits wants no sound until it is over"""
    ended_at: datetime | None = None
    ready: PersonId | None = None
    """who has said after the return that they are ready to talk, as long as it is one of them"""

    @property
    def open(self) -> bool:
        return self.state in (State.OPEN, State.DUE)

    def part_of(self, person: PersonId) -> Participant | None:
        return next((part for part in self.participants if part.person == person), None)

    def is_away(self, person: PersonId) -> bool:
        part = self.part_of(person)
        return self.open and part is not None and part.state is Part.AWAY

    @property
    def away(self) -> tuple[PersonId, ...]:
        return tuple(part.person for part in self.participants if part.state is Part.AWAY)

    def others(self, person: PersonId) -> tuple[PersonId, ...]:
        return tuple(member for member in self.members if member != person)

    @property
    def waiting(self) -> tuple[PersonId, ...]:
        """Those of the couple who are not away themselves."""
        return tuple(member for member in self.members if member not in self.away)


@dataclass(frozen=True)
class Requested:
    """`id`, `couple` and `members` are those of the new request, or of the open one that is joined."""

    id: SpaceId
    couple: CoupleId | None
    members: tuple[PersonId, ...]
    by: PersonId
    return_at: datetime
    wording: str
    minutes: int | None = None
    """the length, if one was named and no time of day"""

    def participant(self, now: datetime) -> Participant:
        return Participant(self.by, Part.AWAY, now, self.wording, self.return_at, self.minutes)


@dataclass(frozen=True)
class Extended:
    by: PersonId
    until: datetime


@dataclass(frozen=True)
class Returned:
    by: PersonId


@dataclass(frozen=True)
class Withdrawn:
    by: PersonId


@dataclass(frozen=True)
class Rated:
    """Who is away said how strong it is now."""

    by: PersonId
    intensity: int


@dataclass(frozen=True)
class Acknowledged:
    """A ready-made answer of the one who waits."""

    by: PersonId
    reply: str


@dataclass(frozen=True)
class ReadyFrom:
    """One of them would be ready to talk from then on; None takes it back (while it is not told yet)."""

    by: PersonId
    at: datetime | None


@dataclass(frozen=True)
class Hushed:
    """The one who waits wants everything to come without sound until the break is over, or no longer."""

    by: PersonId
    on: bool


@dataclass(frozen=True)
class Ready:
    """After the return: ready to talk."""

    by: PersonId


@dataclass(frozen=True)
class TimeIsUp:
    """The timer for the return time fired."""


@dataclass(frozen=True)
class NoAnswer:
    """The timer for the answer at the return time fired."""


@dataclass(frozen=True)
class DayIsOver:
    """The timer that ends every request fired."""


@dataclass(frozen=True)
class MeetingTime:
    """The timer for the time that one of them named for talking fired."""


@dataclass(frozen=True)
class TalkTimeOver:
    """The timer that closes a request some hours after the return fired, or the next break begins."""


@dataclass(frozen=True)
class Afterwards:
    """The timer for the look at how the talk went fired."""


@dataclass(frozen=True)
class OutageOver:
    """Telegram could not be reached for a while, and has forgotten what was tapped meanwhile."""


@dataclass(frozen=True)
class LinkEnded:
    """One of the two left: all of it stops, and nothing is said."""


Event = (
    Requested
    | Extended
    | Returned
    | Withdrawn
    | Rated
    | Acknowledged
    | ReadyFrom
    | Hushed
    | Ready
    | TimeIsUp
    | NoAnswer
    | DayIsOver
    | MeetingTime
    | TalkTimeOver
    | Afterwards
    | OutageOver
    | LinkEnded
)


def latest_return(started_at: datetime) -> datetime:
    return started_at + LONGEST
