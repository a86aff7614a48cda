"""From when they would talk, and sounds until then. Who is away hears none of it before they are back."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.content.catalog import Content
from bot.domain.errors import Stale, TimeUnclear
from bot.domain.model import Draft, SpaceId
from bot.domain.space import Hushed, ReadyFrom, SpaceRequest, State
from bot.domain.space_lengths import named
from bot.domain.space_rules import transition
from bot.domain.waiting import meeting, offered, only_waiting
from bot.places.zones import zone
from bot.services import talk
from bot.services.signals import SIGNAL, check_daily
from bot.services.telling import carry_out
from bot.services.visit import Visit

DRAFT = "ready"
TIME = "ready_time"
"""What the draft may wait for."""


async def ask_ready(visit: Visit, request_id: SpaceId) -> None:
    """From when? A time on a button, or a typed one. Raises Stale, LinkEnded, NotLinked."""
    request, partner = await _to_meet(visit, request_id)
    draft = {"request": request.id, "told": not request.open}
    await visit.uow.drafts.put(visit.person.id, DRAFT, visit.now, draft, awaits=TIME)
    times = offered(request, visit.now, _place(visit))
    kind = "ready.ask" if request.open else "ready.ask_now"
    visit.show(kind, {"name": partner}, request=request.id, meetings=list(times))


async def choose_ready(visit: Visit, request_id: SpaceId, name: str) -> None:
    """One of the offered times, as it is meant now. Raises Stale, TooManySignals."""
    request, partner = await _to_meet(visit, request_id)
    times = offered(request, visit.now, _place(visit))
    if name not in times or (not request.open and request.ready_from == times[name]):
        raise Stale  # the latter: so it stands already, and nobody is told twice
    await _set(visit, request, partner, times[name])


async def take_ready_time(visit: Visit, content: Content, draft: Draft, text: str) -> None:
    """A typed time of day: the next one. Raises TimeUnclear, TooManySignals, LinkEnded, NotLinked."""
    here = zone(visit.person.zone or "UTC")
    at: datetime | None = named(text, visit.now, here)
    if at is None:
        raise TimeUnclear
    try:
        request, partner = await _to_meet(visit, SpaceId(draft.parameters["request"]))
        if not request.open and not draft.parameters["told"]:
            raise Stale  # it was said that nobody hears of it yet
    except Stale:  # it is over meanwhile: the time can go as a question for a talk, once it was shown
        await visit.uow.drafts.drop(visit.person.id, DRAFT)
        await talk.take_time(visit, content, text)
        return
    if request.open and at <= request.return_at:
        at = None  # a time before the return can only mean: as soon as they are back
    await _set(visit, request, partner, at)


async def _set(visit: Visit, request: SpaceRequest, partner: str, at: datetime | None) -> None:
    """During the break nobody is told; afterwards the other is, at once, and it counts as a line."""
    if not request.open:
        await check_daily(visit)
    decision = transition(request, ReadyFrom(visit.person.id, at), visit.now)
    await visit.uow.space.save(decision.state)
    await carry_out(visit.uow, decision, visit.now)
    await visit.uow.drafts.drop(visit.person.id, DRAFT)
    names = {"name": partner}
    if at is None:
        visit.show("ready.on_return", names, request=request.id)
    elif request.open:
        visit.show("ready.kept", names, request=request.id, ready_at=at.isoformat())
    else:
        await visit.uow.uses.add(visit.person.id, SIGNAL, visit.now)
        visit.show("ready.sent", names, request=request.id, ready_at=at.isoformat())


async def set_sound(visit: Visit, request_id: SpaceId, *, on: bool) -> None:
    """Without sound until the break is over, or with sound again. Raises Stale, LinkEnded, NotLinked."""
    request = await _waited_for(visit, request_id)
    decision = transition(request, Hushed(visit.person.id, not on), visit.now)
    if decision.state != request:
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


async def _to_meet(visit: Visit, request_id: SpaceId) -> tuple[SpaceRequest, str]:
    """The break this person waits out, or one that is over and has led to no talk yet; the other's name."""
    couple = await visit.couple()
    request = await visit.uow.space.get(request_id)
    if request is None or request.couple != couple.id:
        raise Stale
    if request.state is not State.RETURNED:
        only_waiting(request, visit.person.id)
    return request, await visit.name_of(couple.partner_of(visit.person.id))


async def _waited_for(visit: Visit, request_id: SpaceId) -> SpaceRequest:
    request, _ = await _to_meet(visit, request_id)
    only_waiting(request, visit.person.id)
    return request
