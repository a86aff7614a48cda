"""At the return time: how strong it is now, and how much longer there can still be."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.decision import Decision
from bot.domain.errors import Stale
from bot.domain.schedule import instant
from bot.domain.space import Rated, SpaceRequest, latest_return
from bot.domain.space_lengths import MORNING
from bot.domain.talk import next_time

LADDER = (20, 60, 120, 360)
"""Minutes more: each step is a longer one than the last."""
STRONGEST = 10
_SOON = timedelta(minutes=5)
_NIGHT_ENDS = 4
"""The hour before which “the next morning” is the one of the same date."""


def rate(request: SpaceRequest, event: Rated, now: datetime) -> Decision[SpaceRequest]:
    """How strong it is, for the one who said so alone; nobody is told and nothing else changes."""
    if not request.is_away(event.by) or not 0 <= event.intensity <= STRONGEST:
        raise Stale
    participants = tuple(
        replace(each, intensity=event.intensity) if each.person == event.by else each
        for each in request.participants
    )
    return Decision(replace(request, participants=participants))


def steps(request: SpaceRequest, now: datetime) -> list[int]:
    """The steps of the ladder that still fit: each is added to the promised time, or to now if it is past."""
    start = max(now, request.return_at)
    latest = latest_return(request.started_at)
    return [minutes for minutes in LADDER if start + timedelta(minutes=minutes) <= latest]


def morning(request: SpaceRequest, now: datetime, zone: ZoneInfo | None) -> datetime | None:
    """The next morning where they are, if it is after the promised time and not too late for a break.

    Times of day only for somebody who said where they are.
    """
    if zone is None:
        return None
    local = now.astimezone(zone)
    if local.hour < _NIGHT_ENDS:
        at = next_time(MORNING, now, zone)
    else:
        at = instant(local.date() + timedelta(days=1), MORNING, zone)
    return at if request.return_at < at <= latest_return(request.started_at) else None


def latest(request: SpaceRequest, now: datetime) -> datetime | None:
    """The last time a break can go on until, in whole five minutes, if it is worth another promise."""
    at = latest_return(request.started_at)
    at -= timedelta(minutes=at.minute % 5, seconds=at.second, microseconds=at.microsecond)
    return at if at - max(now, request.return_at) >= _SOON else None
