"""An open request as its people meet it: the page of who is away, and the break that somebody would join."""

from datetime import datetime, timedelta
from typing import Any

from bot.domain.space import SpaceRequest, State, latest_return
from bot.services.visit import Visit

SHORTEST = timedelta(minutes=5)
"""The shortest length there is; for less there is nothing to ask for."""


async def to_join(visit: Visit) -> SpaceRequest | None:
    """The open request that this person would join. Raises LinkEnded (once)."""
    couple = await visit.couple_or_none()
    request = await visit.uow.space.open_of(visit.person.id, couple.id if couple else None)
    return None if request is None or request.is_away(visit.person.id) else request


async def latest(visit: Visit) -> datetime:
    """The latest time of return there can be for them now."""
    request = await to_join(visit)
    return latest_return(visit.now if request is None else request.started_at)


def about(request: SpaceRequest) -> dict[str, Any]:
    """What every notice about a request says."""
    return {"request": request.id, "back_at": request.return_at.isoformat()}


async def show_own(visit: Visit, request: SpaceRequest) -> None:
    """The request somebody is away on: what there is to do, and once it is time, what is asked."""
    if request.state is not State.DUE:
        visit.show("space.open", **about(request))
    elif request.couple is None:
        visit.show("space.open_due_alone", **about(request))
    else:
        partner = await visit.name_of(request.others(visit.person.id)[0])
        visit.show("space.open_due", {"name": partner}, **about(request))
