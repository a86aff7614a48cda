"""What becomes of a space request: a state machine over values.

`transition(request, event, now)` says what the new state is, who hears what, and when to look again. The
diagram is in docs/architecture.md.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.domain.coming_back import rate
from bot.domain.decision import Decision, NoTimer, Priority, Timer
from bot.domain.errors import Stale, TimeOutOfRange
from bot.domain.model import PersonId
from bot.domain.reconnect import afterwards, clocks, meeting_time, ready, ready_from, talk_time_over
from bot.domain.space import (
    CLOSE,
    LAPSE,
    LAPSES_AFTER,
    LATE,
    MEET,
    PATIENCE,
    RETURN,
    TALKED,
    UNANSWERED,
    Acknowledged,
    Afterwards,
    DayIsOver,
    Event,
    Extended,
    Hushed,
    LinkEnded,
    MeetingTime,
    NoAnswer,
    OutageOver,
    Part,
    Rated,
    Ready,
    ReadyFrom,
    Requested,
    Returned,
    SpaceRequest,
    State,
    TalkTimeOver,
    TimeIsUp,
    Withdrawn,
    latest_return,
)
from bot.domain.space_notices import question, tell_others, to
from bot.domain.waiting import hush


def transition(request: SpaceRequest | None, event: Event, now: datetime) -> Decision[SpaceRequest]:
    """What `event` makes of `request` at `now` (aware, UTC).

    A timer that fires on something no longer so decides nothing. Raises Stale for a person's event on a
    request that is over, and TimeOutOfRange for a time that is past or too far away.
    """
    if isinstance(event, Requested):
        return _open(event, now) if request is None else _join(request, event, now)
    if request is None:
        raise Stale
    decide: Callable[[SpaceRequest, Any, datetime], Decision[SpaceRequest]] = _DECIDE[type(event)]
    decision = decide(request, event, now)
    if request.open and not decision.state.open:
        return replace(decision, state=replace(decision.state, ended_at=now))
    return decision


def _check(return_at: datetime, started_at: datetime, now: datetime) -> None:
    if not now < return_at <= latest_return(started_at):
        raise TimeOutOfRange


def _clocks(request: SpaceRequest) -> tuple[Timer | NoTimer, ...]:
    if not request.open:
        return tuple(NoTimer(kind, request.id) for kind in (RETURN, UNANSWERED, LAPSE))
    return (
        Timer(RETURN, request.id, request.return_at),
        NoTimer(UNANSWERED, request.id),
        Timer(LAPSE, request.id, request.started_at + LAPSES_AFTER),
    )


def _open(event: Requested, now: datetime) -> Decision[SpaceRequest]:
    _check(event.return_at, now, now)
    request = SpaceRequest(
        id=event.id,
        couple=event.couple,
        members=event.members,
        state=State.OPEN,
        started_at=now,
        return_at=event.return_at,
        participants=(event.participant(now),),
    )
    notices = tell_others(request, event.by, "space.request", private={"words": event.wording})
    return Decision(request, notices, _clocks(request))


def _join(request: SpaceRequest, event: Requested, now: datetime) -> Decision[SpaceRequest]:
    if not request.open or request.is_away(event.by):
        raise Stale
    _check(event.return_at, request.started_at, now)
    others = tuple(part for part in request.participants if part.person != event.by)
    joined = replace(
        request,
        state=State.OPEN,
        return_at=max(request.return_at, event.return_at),
        participants=(*others, event.participant(now)),
        ready_from=None,  # who waits is another one from here on
        hushed=False,
    )
    notices = tell_others(joined, event.by, "space.joined", private={"words": event.wording})
    return Decision(joined, notices, _clocks(joined))


def _only_away(request: SpaceRequest, person: PersonId) -> None:
    if not request.is_away(person):
        raise Stale


def _extend(request: SpaceRequest, event: Extended, now: datetime) -> Decision[SpaceRequest]:
    _only_away(request, event.by)
    _check(event.until, request.started_at, now)
    if event.until < request.return_at:  # the other may count on the time that was named
        raise TimeOutOfRange
    extended = replace(request, state=State.OPEN, return_at=event.until)
    both = len(extended.away) > 1  # the other is away, too, and waits for nobody
    kind = "space.more_time_both" if both else "space.more_time"
    return Decision(extended, tell_others(extended, event.by, kind), _clocks(extended))


def _leave(
    request: SpaceRequest, person: PersonId, part: Part, now: datetime
) -> tuple[SpaceRequest, tuple[Timer | NoTimer, ...]]:
    """Take one person out of the break; it is over when nobody is away any more.

    If the other is still away, the clocks that run for them go on.
    """
    participants = tuple(
        replace(each, state=part, left_at=now, promised=request.return_at) if each.person == person else each
        for each in request.participants
    )
    moved = replace(request, participants=participants)
    if moved.away:
        return moved, ()
    if all(each.state is Part.WITHDRAWN for each in participants):
        over = replace(moved, state=State.WITHDRAWN)
        return over, _clocks(over)
    over = replace(moved, state=State.RETURNED)
    return over, (*_clocks(over), *clocks(over, now))


_STILL_AWAY = {
    "space.returned": ("space.returned_first", "space.returned_first_due"),
    "space.withdrawn": ("space.withdrawn_first", "space.withdrawn_first_due"),
}


def _in_view_of(moved: SpaceRequest, kind: str) -> str:
    """In other words to somebody whose own break goes on, and whose time may have come."""
    return _STILL_AWAY[kind][moved.state is State.DUE] if moved.open else kind


def _return(request: SpaceRequest, event: Returned, now: datetime) -> Decision[SpaceRequest]:
    _only_away(request, event.by)
    moved, timers = _leave(request, event.by, Part.BACK, now)
    kind = _in_view_of(moved, "space.returned")
    return Decision(moved, tell_others(moved, event.by, kind), timers)


def _withdraw(request: SpaceRequest, event: Withdrawn, now: datetime) -> Decision[SpaceRequest]:
    _only_away(request, event.by)
    moved, timers = _leave(request, event.by, Part.WITHDRAWN, now)
    kind = _in_view_of(moved, "space.withdrawn")
    return Decision(moved, tell_others(moved, event.by, kind), timers)


def _acknowledge(request: SpaceRequest, event: Acknowledged, now: datetime) -> Decision[SpaceRequest]:
    if not request.open or event.by in request.away or event.by not in request.members:
        raise Stale
    notices = tuple(
        to(
            away,
            f"space.reply.{event.reply}",
            request,
            priority=Priority.RELAY,
            relayed=True,
            silent=True,
            key=f"space:{request.id}:reply:{event.by}",
            parameters={"from": event.by},
        )
        for away in request.away
    )
    return Decision(request, notices)


def _time_is_up(request: SpaceRequest, event: TimeIsUp, now: datetime) -> Decision[SpaceRequest]:
    if request.state is not State.OPEN:
        return Decision(request)
    if now >= request.started_at + LAPSES_AFTER:  # the bot slept: one line each is enough
        return _day_is_over(request, DayIsOver(), now)
    if now < request.return_at:
        return Decision(request, (), (Timer(RETURN, request.id, request.return_at),))
    due = replace(request, state=State.DUE)
    late = "late" if now - request.return_at >= LATE else "now"
    mark = f"space:{request.id}:{request.return_at.isoformat()}"
    asked = tuple(
        question(due, away, f"space.how_now.{late}", f"{mark}:asked:{away}", now) for away in due.away
    )
    told = tuple(
        to(
            waiting,
            f"space.time_is_up.{late}",
            due,
            priority=Priority.PROMISE,
            key=f"{mark}:told:{waiting}",
            parameters={"from": due.away[0]},
        )
        for waiting in due.waiting
    )
    return Decision(due, asked + told, (Timer(UNANSWERED, request.id, now + PATIENCE),))


def _no_answer(request: SpaceRequest, event: NoAnswer, now: datetime) -> Decision[SpaceRequest]:
    if request.state is not State.DUE:
        return Decision(request)
    mark = f"space:{request.id}:{request.return_at.isoformat()}"
    asked = tuple(
        to(away, "space.still_there", request, priority=Priority.PROMISE, key=f"{mark}:again:{away}")
        for away in request.away
    )
    told = tuple(
        to(
            waiting,
            "space.no_word",
            request,
            priority=Priority.PROMISE,
            key=f"{mark}:no_word:{waiting}",
            parameters={"from": request.away[0]},
        )
        for waiting in request.waiting
    )
    return Decision(request, asked + told)


def _day_is_over(request: SpaceRequest, event: DayIsOver, now: datetime) -> Decision[SpaceRequest]:
    if not request.open:
        return Decision(request)
    lapsed = replace(request, state=State.LAPSED)
    mark = f"space:{request.id}:lapsed"
    notices = tuple(
        to(member, "space.lapsed", lapsed, priority=Priority.PROMISE, key=f"{mark}:{member}")
        for member in lapsed.members
    )
    return Decision(lapsed, notices, _clocks(lapsed))


def _ask_again(request: SpaceRequest, event: OutageOver, now: datetime) -> Decision[SpaceRequest]:
    if request.state is not State.DUE:
        return Decision(request)
    mark = f"space:{request.id}:outage:{now.isoformat()}"
    asked = tuple(
        question(request, away, "space.how_now.late", f"{mark}:{away}", now) for away in request.away
    )
    return Decision(request, asked)


def _end_link(request: SpaceRequest, event: LinkEnded, now: datetime) -> Decision[SpaceRequest]:
    over = request.open or request.state is State.RETURNED
    ended = replace(request, state=State.CLOSED) if over else request
    return Decision(
        ended, (), (*_clocks(ended), *(NoTimer(kind, ended.id) for kind in (MEET, CLOSE, TALKED)))
    )


_DECIDE: dict[type, Callable[[SpaceRequest, Any, datetime], Decision[SpaceRequest]]] = {
    Extended: _extend,
    Returned: _return,
    Withdrawn: _withdraw,
    Rated: rate,
    Acknowledged: _acknowledge,
    ReadyFrom: ready_from,
    Hushed: hush,
    Ready: ready,
    TimeIsUp: _time_is_up,
    NoAnswer: _no_answer,
    DayIsOver: _day_is_over,
    MeetingTime: meeting_time,
    TalkTimeOver: talk_time_over,
    Afterwards: afterwards,
    OutageOver: _ask_again,
    LinkEnded: _end_link,
}
