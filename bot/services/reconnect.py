"""After a break: ready to talk, and a soft way to begin once both are."""

from bot.domain.errors import Stale
from bot.domain.model import SpaceId
from bot.domain.space import Ready, State
from bot.services import space
from bot.services.space_form import about
from bot.services.visit import Visit


async def ready(visit: Visit, request_id: SpaceId) -> None:
    """“I'm ready to talk”: the other hears it once; if they said so before, both see the card. Raises Stale,
    LinkEnded, NotLinked.
    """
    couple = await visit.couple()
    request = await visit.uow.space.get(request_id)
    if request is None or request.couple != couple.id:
        raise Stale
    request = await space.decide(visit.uow, request, Ready(visit.person.id), visit.now)
    kind = "card.both" if request.state is State.RECONNECTED else "space.ready_said"
    visit.show(kind, {"name": await visit.name_of(couple.partner_of(visit.person.id))}, **about(request))


async def card(visit: Visit) -> None:
    """The way to begin, at any time. Raises LinkEnded, NotLinked."""
    couple = await visit.couple()
    visit.show("card.any", {"name": await visit.name_of(couple.partner_of(visit.person.id))})
