"""The people and things of the domain, as plain values."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, time
from enum import StrEnum
from typing import Any, NewType

PersonId = NewType("PersonId", int)
CoupleId = NewType("CoupleId", int)
InvitationId = NewType("InvitationId", int)
SpaceId = NewType("SpaceId", int)
SessionId = NewType("SessionId", int)
ReminderId = NewType("ReminderId", int)

Parameters = Mapping[str, Any]
"""Plain JSON values; nothing in them was written by a person."""

DEFAULT_QUIET = (time(22), time(8))


class Lean(StrEnum):
    """What somebody finds they lean toward in tense moments. Never shown to anybody else."""

    OUT = "out"
    """reaching out"""
    BACK = "back"
    """stepping back"""
    DEPENDS = "depends"


@dataclass(frozen=True)
class Person:
    """Somebody who uses the bot. `name` is what the partner sees; `zone` is an IANA name.

    `leans` picks which suggestions come first; None until they say so themselves.
    """

    id: PersonId
    name: str
    locale: str
    zone: str | None
    quiet_from: time
    quiet_until: time
    reachable: bool
    created_at: datetime
    leans: Lean | None = None
    silent_days: frozenset[int] = frozenset()
    """weekdays (Monday is 0) on which no reminder comes"""
    discreet: bool = False
    """whether a reminder shows nothing personal until it is opened"""
    nudges_rest_until: datetime | None = None
    """no reminder comes before then"""
    leaving: bool = False
    """nobody any more: only the way to a chat, until the last message has gone there"""
    protected: bool = False
    """whether their own lines, shown again, can neither be passed on nor saved"""


@dataclass(frozen=True)
class Couple:
    """Two linked people, or two who were: `ended_at` says so."""

    id: CoupleId
    members: tuple[PersonId, PersonId]
    created_at: datetime
    ended_at: datetime | None = None
    ended_by: PersonId | None = None

    def partner_of(self, person: PersonId) -> PersonId:
        first, second = self.members
        return second if person == first else first


class InvitationState(StrEnum):
    OPEN = "open"
    ACCEPTED = "accepted"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True)
class Invitation:
    """One person's single-use, expiring invitation to link; its code is stored only as a hash."""

    id: InvitationId
    inviter: PersonId
    state: InvitationState
    created_at: datetime
    expires_at: datetime
    accepted_by: PersonId | None = None


@dataclass(frozen=True)
class Reminder:
    """A rule for nudges. `rule` is the JSON of `domain.rules.Rule`."""

    id: ReminderId
    person: PersonId
    kind: str
    rule: Parameters
    active: bool
    text: str | None = None
    """their own words, if it is of that kind"""
    rests_until: datetime | None = None
    """nothing of it comes up to then: it is paused, or the next one is skipped"""
    last_due_at: datetime | None = None
    """the occurrence that was seen last"""


@dataclass(frozen=True)
class Draft:
    """A form half filled: what the next tap or typed text is about.

    `awaits` names what a typed text would fill in; None if only buttons are expected.
    """

    id: int
    person: PersonId
    kind: str
    parameters: Parameters = field(default_factory=dict)
    private: str | None = None
    awaits: str | None = None


@dataclass(frozen=True)
class SavedWording:
    """Own words for a space request, kept to be used again."""

    id: int
    person: PersonId
    text: str


@dataclass(frozen=True)
class KeptMessage:
    """What somebody wrote to their partner during the partner's break. `talk_at`: a question for a talk then,
    and its text has a place for the time."""

    id: int
    couple: CoupleId
    person: PersonId
    text: str
    written_at: datetime
    talk_at: datetime | None = None


LINE, HELD, SENT = "line", "held", "sent"
"""Kinds of journal lines: for oneself; kept for later, to be sent to the partner perhaps; and sent since."""


@dataclass(frozen=True)
class JournalLine:
    """A line somebody wrote for themselves."""

    id: int
    person: PersonId
    text: str
    written_at: datetime
    kind: str = LINE
