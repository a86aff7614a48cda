"""What a rule decides: a new state, whom to tell what, and when to look again. Values only."""

from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import IntEnum, StrEnum
from typing import Generic, TypeVar

from bot.domain.model import Parameters, PersonId

State = TypeVar("State")


class Priority(IntEnum):
    """Who goes first when not everything can. Lower is sooner."""

    RELAY = 0
    """what one person says to the other"""
    ANSWER = 1
    """the answer to the person's own tap"""
    PROMISE = 2
    """timers of an open space request"""
    NUDGE = 5
    SUMMARY = 9

    @property
    def bulk(self) -> bool:
        """Bulk gives way, and is dropped rather than said twice."""
        return self >= Priority.NUDGE


class Operation(StrEnum):
    """What a notice does to the recipient's chat."""

    SEND = "send"
    EDIT = "edit"
    STRIP = "strip"
    """take the buttons off a message"""
    DELETE = "delete"


LIFETIME = timedelta(hours=12)
"""A notice that could not be sent for so long says nothing true any more."""


@dataclass(frozen=True)
class Notice:
    """Something one person shall be told: one row of the outbox.

    `parameters` are plain; `private` holds what people wrote or call each other, and is encrypted and
    erased when the notice is settled. `target` is the message an edit is about: its id, or the key of
    the notice that made it. `relayed` marks one person's words to the other: the recipient keeps them.
    """

    kind: str
    recipient: PersonId
    parameters: Parameters = field(default_factory=dict)
    private: Parameters = field(default_factory=dict)
    priority: Priority = Priority.ANSWER
    operation: Operation = Operation.SEND
    target: int | str | None = None
    key: str | None = None
    silent: bool = False
    relayed: bool = False
    not_before: datetime | None = None
    expires_at: datetime | None = None

    def editing(self, target: int | str | None) -> "Notice":
        """The same, put in the place of the message `target` (if there is one)."""
        return self if target is None else replace(self, operation=Operation.EDIT, target=target)


@dataclass(frozen=True)
class Timer:
    """Look at `subject` again at `due_at`. One per (kind, subject): setting it again moves it."""

    kind: str
    subject: int
    due_at: datetime
    parameters: Parameters = field(default_factory=dict)


@dataclass(frozen=True)
class NoTimer:
    """Call off the timer of this kind and subject, if there is one."""

    kind: str
    subject: int


@dataclass(frozen=True)
class Decision(Generic[State]):
    """The new state, and everything that follows from it."""

    state: State
    notices: tuple[Notice, ...] = ()
    timers: tuple[Timer | NoTimer, ...] = ()
