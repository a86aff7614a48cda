"""What the one who waits can do, and how long the other's break keeps back what they write."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from bot.domain.decision import Decision
from bot.domain.errors import Stale, TimeOutOfRange
from bot.domain.model import PersonId
from bot.domain.schedule import instant
from bot.domain.space import Hushed, Part, ReadyFrom, SpaceRequest, State

MOST_KEPT = 5
"""Messages somebody keeps for the same person at a time."""
IN_A_ROW = timedelta(hours=1)
"""Two breaks with less than this between them are one."""
LONGEST_IN_A_ROW = timedelta(hours=24)
LATEST_MEETING = timedelta(hours=36)
"""From now on: a talk that is further away is arranged, not waited for."""

ON_RETURN, AFTER, HOUR, EVENING, MORNING = "return", "after", "hour", "evening", "morning"
"""From when somebody would be ready; the first is as if nothing had been said. AFTER is an hour after the
return, HOUR an hour from now, once there is no return to wait for.
"""
_AFTER = timedelta(hours=1)
_NIGHT_ENDS = 5
"""The hour before which the morning is that of the same date."""
_AT_EVENING, _AT_MORNING = time(20), time(9)


def keeps_back(
    request: SpaceRequest, person: PersonId, earlier: Sequence[SpaceRequest], now: datetime
) -> bool:
    """Whether the break of this person holds the other's messages until it is over.

    `earlier` are the couple's requests before this one, the newest first. Somebody who let the last one
    lapse, or has been away for a day with hardly a gap, does not silence the other any longer. Only what this
    person asked for counts: one's long break is nothing to hold against the other.
    """
    own = [each for each in earlier if each.part_of(person) is not None]
    if own and own[0].state is State.LAPSED and _part(own[0], person) is Part.AWAY:
        return False
    began = _asked_at(request, person)
    for each in own:
        if began - (each.ended_at or each.return_at) >= IN_A_ROW:
            break
        began = _asked_at(each, person)
    return now - began < LONGEST_IN_A_ROW


def _part(request: SpaceRequest, person: PersonId) -> Part | None:
    part = request.part_of(person)
    return None if part is None else part.state


def _asked_at(request: SpaceRequest, person: PersonId) -> datetime:
    part = request.part_of(person)
    return request.started_at if part is None else part.asked_at


def offered(request: SpaceRequest, now: datetime, zone: ZoneInfo | None) -> dict[str, datetime | None]:
    """The times to offer, by name; times of day only to somebody who said where they are.

    What is no later than the return would say nothing, and is left out.
    """
    every = {AFTER: request.return_at + _AFTER} if request.open else {HOUR: now + _AFTER}
    if zone is not None:
        today = now.astimezone(zone).date()
        every[EVENING] = instant(today, _AT_EVENING, zone)
        by_night = now.astimezone(zone).hour < _NIGHT_ENDS
        every[MORNING] = instant(today if by_night else today + timedelta(days=1), _AT_MORNING, zone)
    if not request.open:
        return {name: at for name, at in every.items() if at > now}
    later = {name: at for name, at in every.items() if at > max(now, request.return_at)}
    return {ON_RETURN: None, **later}


def meeting(request: SpaceRequest, now: datetime) -> datetime | None:
    """From when the one who waits would be ready, if that is still ahead."""
    ready = request.ready_from
    return ready if ready is not None and ready > now else None


def with_question(request: SpaceRequest, now: datetime) -> dict[str, Any]:
    """What who is away is told of it with the question how they are, and no sooner."""
    at = meeting(request, now)
    return {"from": request.waiting[0], "meet_at": at.isoformat()} if at and request.waiting else {}


def only_waiting(request: SpaceRequest, person: PersonId) -> None:
    """Raises Stale for whoever does not wait for somebody's return."""
    if not request.open or not request.away or person not in request.waiting:
        raise Stale


def say_ready(request: SpaceRequest, event: ReadyFrom, now: datetime) -> Decision[SpaceRequest]:
    """It moves the meeting and never the return; nobody is told before that."""
    only_waiting(request, event.by)
    if event.at is not None and not now < event.at <= now + LATEST_MEETING:
        raise TimeOutOfRange
    return Decision(replace(request, ready_from=event.at))


def hush(request: SpaceRequest, event: Hushed, now: datetime) -> Decision[SpaceRequest]:
    """Nobody else is told, and the return stays as it is."""
    only_waiting(request, event.by)
    return Decision(replace(request, hushed=event.on))
