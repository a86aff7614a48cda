"""What the one who waits can say about the meeting, and about sounds. Who is away hears none of it then."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.content.catalog import Content
from bot.domain.errors import Stale, TimeUnclear
from bot.domain.model import Draft, SpaceId
from bot.domain.schedule import parse_clock
from bot.domain.space import Hushed, ReadyFrom, SpaceRequest
from bot.domain.space_rules import transition
from bot.domain.talk import next_time
from bot.domain.waiting import meeting, offered, only_waiting
from bot.places.zones import zone
from bot.services import talk
from bot.services.visit import Visit

DRAFT = "ready"
TIME = "ready_time"
"""What the draft may wait for."""


async def ask_ready(visit: Visit, request_id: SpaceId) -> None:
    """From when? A time on a button, or a typed one. Raises Stale, LinkEnded, NotLinked."""
    request = await _waited_for(visit, request_id)
    await visit.uow.drafts.put(visit.person.id, DRAFT, visit.now, {"request": request.id}, awaits=TIME)
    times = offered(request, visit.now, _place(visit))
    name = await visit.name_of(request.away[0])
    visit.show("ready.ask", {"name": name}, request=request.id, meetings=list(times))


async def choose_ready(visit: Visit, request_id: SpaceId, name: str) -> None:
    """One of the offered times, as it is meant now. Raises Stale."""
    request = await _waited_for(visit, request_id)
    times = offered(request, visit.now, _place(visit))
    if name not in times:
        raise Stale
    await _set(visit, request, times[name])


async def take_ready_time(visit: Visit, content: Content, draft: Draft, text: str) -> None:
    """A typed time of day: the next one. Raises TimeUnclear, LinkEnded, NotLinked."""
    clock = parse_clock(text)
    if clock is None:
        raise TimeUnclear
    try:
        request = await _waited_for(visit, SpaceId(draft.parameters["request"]))
    except Stale:  # it is over meanwhile: the time can go as a question for a talk, once it was shown
        await visit.uow.drafts.drop(visit.person.id, DRAFT)
        await talk.take_time(visit, content, text)
        return
    at = next_time(clock, visit.now, zone(visit.person.zone or "UTC"))
    # A time before the return can only mean: as soon as they are back.
    await _set(visit, request, at if at > request.return_at else None)


async def _set(visit: Visit, request: SpaceRequest, at: datetime | None) -> None:
    decision = transition(request, ReadyFrom(visit.person.id, at), visit.now)
    await visit.uow.space.save(decision.state)
    await visit.uow.drafts.drop(visit.person.id, DRAFT)
    names = {"name": await visit.name_of(request.away[0])}
    if at is None:
        visit.show("ready.on_return", names, request=request.id)
    else:
        visit.show("ready.kept", names, request=request.id, ready_at=at.isoformat())


async def set_sound(visit: Visit, request_id: SpaceId, *, on: bool) -> None:
    """Without sound until the break is over, or with sound again. Raises Stale, LinkEnded, NotLinked."""
    request = await _waited_for(visit, request_id)
    decision = transition(request, Hushed(visit.person.id, not on), visit.now)
    await visit.uow.space.save(decision.state)
    name = await visit.name_of(request.away[0])
    visit.show("hush.off" if on else "hush.on", {"name": name}, request=request.id)


async def told_on_return(visit: Visit, before: SpaceRequest) -> tuple[dict[str, str], dict[str, str]]:
    """For who is back: from when the other would be ready, if that is still ahead: who it is, and when."""
    at = meeting(before, visit.now)
    if at is None or not before.waiting:
        return {}, {}
    return {"name": await visit.name_of(before.waiting[0])}, {"meet_at": at.isoformat()}


def _place(visit: Visit) -> ZoneInfo | None:
    return None if visit.person.zone is None else zone(visit.person.zone)


async def _waited_for(visit: Visit, request_id: SpaceId) -> SpaceRequest:
    couple = await visit.couple()
    request = await visit.uow.space.get(request_id)
    if request is None or request.couple != couple.id:
        raise Stale
    only_waiting(request, visit.person.id)
    return request
