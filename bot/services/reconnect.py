"""After a break: ready to talk, and a soft way to begin once both are."""

from dataclasses import replace

from bot.domain.decision import Notice
from bot.domain.errors import Stale
from bot.domain.model import CoupleId, SpaceId
from bot.domain.space import Ready, State
from bot.domain.space_rules import transition
from bot.services import agreement, space
from bot.services.space_form import about
from bot.services.visit import Visit

CARD = "card.both"


async def ready(visit: Visit, request_id: SpaceId) -> None:
    """“I'm ready to talk”: the other hears it once; if they said so before, both see the card. Raises Stale,
    LinkEnded, NotLinked.
    """
    couple = await visit.couple()
    request = await visit.uow.space.get(request_id)
    if request is None or request.couple != couple.id:
        raise Stale
    decision = transition(request, Ready(visit.person.id), visit.now)
    notices = [await _with_agreement(visit, request.couple, each) for each in decision.notices]
    request = await space.follow(visit.uow, request, replace(decision, notices=tuple(notices)), visit.now)
    names = {"name": await visit.name_of(couple.partner_of(visit.person.id))}
    if request.state is State.RECONNECTED:
        agreed = await agreement.for_card(visit.uow, CoupleId(couple.id), visit.person.id)
        visit.send(CARD, names, **about(request), **agreed)
    else:
        visit.send("space.ready_said", names, **about(request))
    visit.strip()


async def card(visit: Visit) -> None:
    """The way to begin, at any time. Raises LinkEnded, NotLinked."""
    couple = await visit.couple()
    agreed = await agreement.for_card(visit.uow, CoupleId(couple.id), visit.person.id)
    visit.show("card.any", {"name": await visit.name_of(couple.partner_of(visit.person.id))}, **agreed)


async def _with_agreement(visit: Visit, couple: CoupleId, notice: Notice) -> Notice:
    """The card says who begins, and what the other likes to hear; the rules know nothing of either."""
    if notice.kind != CARD:
        return notice
    agreed = await agreement.for_card(visit.uow, couple, notice.recipient)
    return replace(notice, parameters={**notice.parameters, **agreed})
