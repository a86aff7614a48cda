"""A parked topic: “let's talk about this later”. Each offers times, one is agreed, both are reminded.

`decide(topic, event, now)` says what the topic is then, who hears what, and when to look again. The diagram
is in docs/architecture.md.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NewType

from bot.domain.decision import Decision, Notice, NoTimer, Priority, Timer
from bot.domain.errors import Stale, TimeNotAhead, TooManyTimes, TooManyTopics
from bot.domain.model import CoupleId, PersonId

TopicId = NewType("TopicId", int)

LONGEST = 100
"""Characters of a topic."""
MOST_TIMES = 3
MOST_OPEN = 5
"""Topics two people have parked at a time."""
FARTHEST = timedelta(days=14)
"""From the moment a time is offered."""
LATE = timedelta(minutes=30)
"""From here on the agreed time is spoken of as past: the bot was away."""
TOO_LATE = timedelta(hours=12)
"""From here on nothing is said of it any more."""
TALK = "topic.talk"
"""The timer of an agreed time; its subject is the topic's id."""


class State(StrEnum):
    PARKED = "parked"
    """no times stand"""
    PROPOSED = "proposed"
    AGREED = "agreed"
    TALKED = "talked"
    """both were reminded; it can still be given another time"""
    GONE = "gone"


OPEN = (State.PARKED, State.PROPOSED, State.AGREED)


@dataclass(frozen=True)
class Topic:
    """`text` is None if it was left open; `proposer` is whose times stand, or stood last."""

    id: TopicId
    couple: CoupleId
    members: tuple[PersonId, PersonId]
    writer: PersonId
    text: str | None
    state: State
    proposer: PersonId
    offered: tuple[datetime, ...] = ()
    talk_at: datetime | None = None
    """the agreed time"""
    revision: int = 1

    @property
    def open(self) -> bool:
        return self.state in OPEN

    def other(self, person: PersonId) -> PersonId:
        first, second = self.members
        return second if person == first else first

    def standing(self, now: datetime) -> tuple[datetime, ...]:
        """The times that stand and are still ahead."""
        return tuple(at for at in self.offered if at > now)

    def may_take_off(self, person: PersonId, now: datetime) -> bool:
        """Before a time is agreed: the topic by who wrote it, times by who offered them."""
        if self.state is State.PROPOSED and self.standing(now):
            return person == self.proposer
        return self.state in (State.PARKED, State.PROPOSED) and person == self.writer


@dataclass(frozen=True)
class Proposed:
    """A new topic, with the times that would suit whoever writes it."""

    id: TopicId
    couple: CoupleId
    members: tuple[PersonId, PersonId]
    by: PersonId
    text: str | None
    times: tuple[datetime, ...]
    others_open: int = 0
    """how many topics the two have parked already"""


@dataclass(frozen=True)
class Offered:
    """Other times: in answer, or instead of those that stood, also of an agreed one.

    `seen` is the revision that whoever offers had before them.
    """

    by: PersonId
    times: tuple[datetime, ...]
    seen: int
    others_open: int = 0


@dataclass(frozen=True)
class Agreed:
    by: PersonId
    at: datetime


@dataclass(frozen=True)
class LetGo:
    """Take it off. `agreed`: the agreed time that goes with it, None before there is one."""

    by: PersonId
    agreed: datetime | None = None


@dataclass(frozen=True)
class TimeIsUp:
    """The timer for the agreed time fired. `on_break`: one of the two is away just now."""

    on_break: bool = False


@dataclass(frozen=True)
class LinkEnded:
    """One of the two left: all of it stops, and nothing is said."""


Event = Proposed | Offered | Agreed | LetGo | TimeIsUp | LinkEnded


def decide(topic: Topic | None, event: Event, now: datetime) -> Decision[Topic]:
    """What `event` makes of `topic` at `now` (aware, UTC).

    A timer that fires on something no longer so decides nothing. Raises Stale for a person's event on what
    has changed since, TimeNotAhead, TooManyTimes, TooManyTopics.
    """
    if isinstance(event, Proposed):
        return _propose(event, now)
    if topic is None:
        raise Stale
    rule: Callable[[Topic, Any, datetime], Decision[Topic]] = _RULES[type(event)]
    return rule(topic, event, now)


def check_room(others_open: int) -> None:
    """Raises TooManyTopics."""
    if others_open >= MOST_OPEN:
        raise TooManyTopics(limit=MOST_OPEN)


def check_ahead(at: datetime, now: datetime) -> None:
    """Raises TimeNotAhead for a time that is past or too far away."""
    if not now < at <= now + FARTHEST:
        raise TimeNotAhead(limit=FARTHEST.days)


def _checked(times: tuple[datetime, ...], now: datetime) -> tuple[datetime, ...]:
    if not times:
        raise Stale
    if len(set(times)) > MOST_TIMES:
        raise TooManyTimes(limit=MOST_TIMES)
    for at in times:
        check_ahead(at, now)
    return tuple(sorted(set(times)))


def _to(person: PersonId, kind: str, topic: Topic, **more: Any) -> Notice:
    """A notice about this topic. `from` in its parameters is a person, named when it is written."""
    parameters = {"topic": topic.id} | more.pop("parameters", {})
    private = {} if topic.text is None else {"words": topic.text}
    return Notice(kind, person, parameters, private, **more)


def _tell_other(topic: Topic, by: PersonId, kind: str, **parameters: Any) -> Notice:
    """One person's doing, told to the other."""
    said = {"from": by, **parameters}
    return _to(topic.other(by), kind, topic, priority=Priority.RELAY, relayed=True, parameters=said)


def _offer(topic: Topic) -> Notice:
    """The offered times, to the other one."""
    return _tell_other(topic, topic.proposer, "later.offer", offers=isoformats(topic.offered))


def isoformats(times: tuple[datetime, ...]) -> list[str]:
    return [at.isoformat() for at in times]


def _propose(event: Proposed, now: datetime) -> Decision[Topic]:
    check_room(event.others_open)
    times = _checked(event.times, now)
    topic = Topic(
        event.id, event.couple, event.members, event.by, event.text, State.PROPOSED, event.by, times
    )
    return Decision(topic, (_offer(topic),))


def _offer_others(topic: Topic, event: Offered, now: datetime) -> Decision[Topic]:
    if topic.state is State.GONE or topic.revision != event.seen:
        raise Stale
    if not topic.open:
        check_room(event.others_open)
    times = _checked(event.times, now)
    offered = replace(topic, state=State.PROPOSED, proposer=event.by, offered=times, talk_at=None)
    if topic.state is not State.AGREED or topic.talk_at is None:
        return Decision(offered, (_offer(offered),))
    was_at = topic.talk_at.isoformat()
    told = _tell_other(offered, event.by, "later.move", offers=isoformats(times), was_at=was_at)
    return Decision(offered, (told,), (NoTimer(TALK, topic.id),))


def _agree(topic: Topic, event: Agreed, now: datetime) -> Decision[Topic]:
    if topic.state is not State.PROPOSED or event.by == topic.proposer or event.at not in topic.offered:
        raise Stale
    if event.by not in topic.members:
        raise Stale
    check_ahead(event.at, now)
    agreed = replace(topic, state=State.AGREED, talk_at=event.at, offered=())
    told = _tell_other(agreed, event.by, "later.agreed_by", talk_at=event.at.isoformat())
    return Decision(agreed, (told,), (Timer(TALK, topic.id, event.at),))


def _let_go(topic: Topic, event: LetGo, now: datetime) -> Decision[Topic]:
    if topic.state is State.AGREED and event.agreed is not None:
        if event.agreed != topic.talk_at or event.by not in topic.members:
            raise Stale
        told = _tell_other(topic, event.by, "later.let_go", talk_at=event.agreed.isoformat())
        return Decision(_gone(topic), (told,), (NoTimer(TALK, topic.id),))
    if event.agreed is not None or not topic.may_take_off(event.by, now):
        raise Stale
    if event.by != topic.writer:  # it is the other's topic: only one's own times go
        return Decision(_parked(topic))
    return Decision(_gone(topic))


def _time_is_up(topic: Topic, event: TimeIsUp, now: datetime) -> Decision[Topic]:
    if topic.state is not State.AGREED or topic.talk_at is None:
        return Decision(topic)
    if now < topic.talk_at:
        return Decision(topic, (), (Timer(TALK, topic.id, topic.talk_at),))
    late = now - topic.talk_at
    if late > TOO_LATE:
        return Decision(_parked(topic))
    common: dict[str, Any] = {
        "priority": Priority.PROMISE,
        "parameters": {"talk_at": topic.talk_at.isoformat()},
    }
    mark = f"topic:{topic.id}:{topic.talk_at.isoformat()}"
    if event.on_break:
        told = tuple(
            _to(member, "later.on_break", topic, key=f"{mark}:{member}", silent=True, **common)
            for member in topic.members
        )
        return Decision(_parked(topic), told)
    told = tuple(
        _to(
            member,
            "later.was" if late >= LATE else "later.now",
            topic,
            key=f"{mark}:{member}",
            **common,
        )
        for member in topic.members
    )
    return Decision(replace(topic, state=State.TALKED), told)


def _end_link(topic: Topic, event: LinkEnded, now: datetime) -> Decision[Topic]:
    if topic.state is State.GONE:
        return Decision(topic)
    return Decision(_gone(topic), (), (NoTimer(TALK, topic.id),))


def _parked(topic: Topic) -> Topic:
    return replace(topic, state=State.PARKED, offered=(), talk_at=None)


def _gone(topic: Topic) -> Topic:
    """Its words go, too: nobody can come back to it."""
    return replace(topic, state=State.GONE, text=None, offered=(), talk_at=None)


_RULES: dict[type, Callable[[Topic, Any, datetime], Decision[Topic]]] = {
    Offered: _offer_others,
    Agreed: _agree,
    LetGo: _let_go,
    TimeIsUp: _time_is_up,
    LinkEnded: _end_link,
}
