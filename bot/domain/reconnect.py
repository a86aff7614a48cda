"""After a break: both say they are ready, or from when; then a soft way to begin, and later how it went."""

from dataclasses import replace
from datetime import datetime, timedelta

from bot.domain.decision import Decision, NoTimer, Priority, Timer
from bot.domain.errors import Stale, TimeOutOfRange
from bot.domain.model import PersonId
from bot.domain.space import (
    CLOSE,
    MEET,
    TALKED,
    Afterwards,
    MeetingTime,
    Ready,
    ReadyFrom,
    SpaceRequest,
    State,
    TalkTimeOver,
)
from bot.domain.space_notices import tell_others, to
from bot.domain.waiting import LATEST_MEETING, say_ready

TALK_WITHIN = timedelta(hours=12)
"""How long after the return, or the time one of them named for it, a talk still belongs to the break."""
AFTERWARDS = timedelta(minutes=90)
"""After both were ready, until they are asked how it went."""


def clocks(request: SpaceRequest, now: datetime) -> tuple[Timer | NoTimer, ...]:
    """When to look again at a request that has returned; never, if there is nobody to talk to."""
    if len(request.members) == 1:
        return ()
    named = request.ready_from if request.ready_from is not None and request.ready_from > now else None
    close = Timer(CLOSE, request.id, (named or now) + TALK_WITHIN)
    return (close, NoTimer(MEET, request.id) if named is None else Timer(MEET, request.id, named))


def _only_afterwards(request: SpaceRequest, person: PersonId) -> None:
    if request.state is not State.RETURNED or person not in request.members or len(request.members) == 1:
        raise Stale


def ready(request: SpaceRequest, event: Ready, now: datetime) -> Decision[SpaceRequest]:
    """The first is told to the other, without sound and once; with the second both get a way to begin."""
    _only_afterwards(request, event.by)
    if request.ready == event.by:
        return Decision(request)
    heard = replace(request, hushed=False)  # silence was until the return
    if request.ready is None:
        first = replace(heard, ready=event.by)
        key = f"space:{request.id}:ready:{event.by}:{request.ready_from}"
        return Decision(first, tell_others(first, event.by, "space.other_ready", silent=True, key=key))
    both = replace(heard, state=State.RECONNECTED, ready=None)
    timers = (NoTimer(CLOSE, both.id), NoTimer(MEET, both.id), Timer(TALKED, both.id, now + AFTERWARDS))
    return Decision(both, tell_others(both, event.by, "card.both"), timers)


def ready_from(request: SpaceRequest, event: ReadyFrom, now: datetime) -> Decision[SpaceRequest]:
    """During the break it is kept until the return (`waiting`); afterwards the other hears it at once."""
    if request.open:
        return say_ready(request, event, now)
    _only_afterwards(request, event.by)
    if event.at is None or not now < event.at <= now + LATEST_MEETING:
        raise TimeOutOfRange
    later = replace(request, ready_from=event.at, ready=None, hushed=False)
    told = tell_others(later, event.by, "space.meets_later", parameters={"ready_at": event.at.isoformat()})
    return Decision(later, told, clocks(later, now))


def meeting_time(request: SpaceRequest, event: MeetingTime, now: datetime) -> Decision[SpaceRequest]:
    """The time that was named for talking has come: both are asked.

    If the bot slept for so long that it closes in the same moment, a question could not be answered any more.
    """
    named = request.ready_from
    if request.state is not State.RETURNED or named is None or now >= named + TALK_WITHIN:
        return Decision(request)
    if named > now:
        return Decision(request, (), (Timer(MEET, request.id, named),))
    asked = replace(request, ready=None, ready_from=None, hushed=False)
    notices = tuple(
        to(
            member,
            "space.meet",
            asked,
            priority=Priority.PROMISE,
            key=f"space:{request.id}:meet:{named.isoformat()}:{member}",
            parameters={"ready_at": named.isoformat()},
        )
        for member in request.members
    )
    return Decision(asked, notices)


def talk_time_over(request: SpaceRequest, event: TalkTimeOver, now: datetime) -> Decision[SpaceRequest]:
    """They did not both say so, or another break begins: nothing is said."""
    timers = tuple(NoTimer(kind, request.id) for kind in (CLOSE, MEET, TALKED))
    if request.state is State.RETURNED:
        return Decision(replace(request, state=State.CLOSED), (), timers)
    return Decision(request, (), timers)


def afterwards(request: SpaceRequest, event: Afterwards, now: datetime) -> Decision[SpaceRequest]:
    """Once, to each: how it went, if they talked."""
    if request.state is not State.RECONNECTED:
        return Decision(request)
    notices = tuple(
        to(
            member,
            "space.talked",
            request,
            priority=Priority.NUDGE,
            key=f"space:{request.id}:talked:{member}",
        )
        for member in request.members
    )
    return Decision(request, notices)
