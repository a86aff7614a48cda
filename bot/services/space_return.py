"""Towards the return: something absorbing meanwhile, how strong it is, and how much longer."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.coming_back import STRONGEST, latest, morning, steps
from bot.domain.errors import Stale, TimeUnclear
from bot.domain.model import Draft, SpaceId
from bot.domain.space import Rated, SpaceRequest, State
from bot.domain.space_lengths import ClockTime, Length, parse_return
from bot.places.zones import zone
from bot.services import space
from bot.services.space_sharing import about
from bot.services.visit import Visit

DRAFT = "space_more"
TIME = "more_time"
"""What the draft waits for."""


async def absorb(visit: Visit, request_id: SpaceId, page: int) -> None:
    """Ordinary things that take the mind elsewhere; page 0 is one that the moment picks. Raises Stale."""
    request = await space.own_request(visit, request_id)
    page = page or 1 + int(visit.now.timestamp()) // 60
    visit.show("space.absorb", **about(request), page=page, variant=page)


async def replaying(visit: Visit, request_id: SpaceId, *, yes: bool) -> None:
    """Whether it keeps turning in their head. Raises Stale."""
    request = await space.own_request(visit, request_id)
    visit.show("space.replaying" if yes else "space.not_replaying", **about(request))


async def rate(visit: Visit, request_id: SpaceId, intensity: int) -> None:
    """How strong it is now; then, whether they are ready. Raises Stale."""
    request = await space.own_request(visit, request_id)
    request = await space.decide(visit.uow, request, Rated(visit.person.id, intensity), visit.now)
    visit.show("space.rated", **about(request), intensity=intensity)


async def offer_more(visit: Visit, request_id: SpaceId) -> None:
    """Ask how much longer: what still fits into the day of a break. Raises Stale."""
    request = await space.own_request(visit, request_id)
    last = latest(request, visit.now)
    if last is None:
        visit.show("space.no_more", **about(request))
        return
    fitting, tomorrow = steps(request, visit.now), morning(request, visit.now, _place(visit))
    until = last if not fitting and tomorrow is None else tomorrow
    visit.show("space.how_much_more", **about(request), steps=fitting, untils=_isoformat(until))


async def not_today(visit: Visit, request_id: SpaceId) -> None:
    """Tomorrow morning, if that is within the day of a break; else what is possible. Raises Stale."""
    request = await space.own_request(visit, request_id)
    tomorrow, last = morning(request, visit.now, _place(visit)), latest(request, visit.now)
    if tomorrow is None and _is_later_than_today(visit, request):
        visit.show("space.stands", **about(request))
    elif tomorrow is not None:
        visit.show("space.not_today", **about(request), untils=_isoformat(tomorrow))
    elif last is not None:
        visit.show(
            "space.not_that_long", **about(request), latest_at=last.isoformat(), untils=_isoformat(last)
        )
    else:
        visit.show("space.no_more", **about(request))


async def ask_time(visit: Visit, request_id: SpaceId) -> None:
    """Another time: it will be typed. Raises Stale."""
    request = await space.own_request(visit, request_id)
    last = latest(request, visit.now)
    if last is None:
        visit.show("space.no_more", **about(request))
        return
    await visit.uow.drafts.put(visit.person.id, DRAFT, visit.now, {"request": request.id}, awaits=TIME)
    visit.show("space.ask_more", **about(request), latest_at=last.isoformat())


async def take_answer(visit: Visit, text: str) -> bool:
    """At the return time a typed number says how strong it is, and a length or a time how much more.

    False if nothing is asked of them, or it is neither. Raises TimeOutOfRange.
    """
    request = await open_question(visit)
    if request is None:
        return False
    said = text.strip()
    if said.isdecimal():  # a number alone is no time of day here
        if len(said) > 2 or int(said) > STRONGEST:
            return False
        await rate(visit, request.id, int(said))
        return True
    match parse_return(text):
        case Length(minutes):
            await space.more_time(visit, request.id, minutes)
        case ClockTime() as clock:
            await space.more_until(visit, request.id, clock.soon(visit.now, zone(visit.person.zone or "UTC")))
        case None:
            return False
    return True


async def open_question(visit: Visit) -> SpaceRequest | None:
    """The request on which they are asked how it is now."""
    try:
        request = await space.own_request(visit, None)
    except Stale:
        return None
    return request if request.state is State.DUE else None


async def take_time(visit: Visit, draft: Draft, text: str) -> None:
    """A typed time, or how much more. Raises TimeUnclear, TimeOutOfRange, and Stale once it is over."""
    request = SpaceId(draft.parameters["request"])
    try:
        match parse_return(text):
            case Length(minutes):
                await space.more_time(visit, request, minutes)
            case ClockTime() as clock:
                until = clock.soon(visit.now, zone(visit.person.zone or "UTC"))
                await space.more_until(visit, request, until)
            case None:
                raise TimeUnclear
    except Stale:
        await visit.uow.drafts.drop(visit.person.id, DRAFT)
        raise
    await visit.uow.drafts.drop(visit.person.id, DRAFT)


def _is_later_than_today(visit: Visit, request: SpaceRequest) -> bool:
    here = zone(visit.person.zone or "UTC")
    return request.return_at.astimezone(here).date() > visit.now.astimezone(here).date()


def _place(visit: Visit) -> ZoneInfo | None:
    return None if visit.person.zone is None else zone(visit.person.zone)


def _isoformat(at: datetime | None) -> list[str]:
    return [] if at is None else [at.isoformat()]
