"""Keeping what somebody writes to the one who asked for space, and offering it when that is over."""

from datetime import datetime

from bot.domain.decision import Notice, Priority
from bot.domain.errors import Stale, TooManyKept
from bot.domain.model import HELD, Couple, CoupleId, KeptMessage, Person
from bot.domain.space import MOST_A_DAY, SpaceRequest, State
from bot.domain.waiting import MOST_KEPT, keeps_back
from bot.services.telling import is_quiet
from bot.services.visit import Visit
from bot.storage.unit_of_work import UnitOfWork

_LOOK_BACK = 2 * MOST_A_DAY + 1
"""Two people cannot have asked more often in the day that counts."""


async def break_of_partner(visit: Visit) -> SpaceRequest | None:
    """The open request that this person's partner is away on."""
    couple = await visit.uow.couples.active_of(visit.person.id)
    if couple is None:
        return None
    request = await visit.uow.space.open_of_couple(couple.id)
    away = request is not None and request.is_away(couple.partner_of(visit.person.id))
    return request if away else None


async def kept_back_by(visit: Visit, partner: Person) -> SpaceRequest | None:
    """The break during which nothing of this person goes to their partner; None if lines go as usual."""
    request = await break_of_partner(visit)
    if request is None:
        return None
    earlier = await visit.uow.space.before(request, _LOOK_BACK)
    return request if keeps_back(request, partner.id, earlier, visit.now) else None


async def check_room(visit: Visit) -> None:
    """Raises TooManyKept."""
    if await visit.uow.kept.count(visit.person.id) >= MOST_KEPT:
        raise TooManyKept(limit=MOST_KEPT)


async def keep(visit: Visit, words: str, talk_at: datetime | None = None) -> None:
    """Keep these words until the partner is back, and show them. Raises TooManyKept, Stale."""
    request = await break_of_partner(visit)
    if request is None:
        raise Stale
    await check_room(visit)
    message = await visit.uow.kept.add(visit.person.id, request, words, visit.now, talk_at)
    await show_kept(visit, message)


async def show_kept(visit: Visit, message: KeptMessage) -> None:
    """One message as it stands: still kept, or, when nothing is kept back any more, offered."""
    partner = await visit.partner()
    if partner is None:
        raise Stale
    request = await kept_back_by(visit, partner)
    private = {"name": partner.name, "own_name": visit.person.name, "words": message.text}
    visit.show("kept.offer" if request is None else "kept.message", private, **about(message))


def about(message: KeptMessage) -> dict[str, object]:
    """The time to talk is left open in the words, until each reads it where they are."""
    if message.talk_at is None:
        return {"message": message.id}
    return {"message": message.id, "talk_at": message.talk_at.isoformat()}


async def offer(uow: UnitOfWork, before: SpaceRequest | None, after: SpaceRequest, now: datetime) -> None:
    """If this ended the break, offer each of the two what they kept: nothing goes without a second yes."""
    if before is None or not before.open or after.open:
        return
    if after.couple is None or after.state is State.CLOSED:
        return
    for message in await uow.kept.of_couple(after.couple):
        writer = await uow.people.get(message.person)
        [other] = after.others(writer.id)
        names = {"name": (await uow.people.get(other)).name, "own_name": writer.name}
        hushed = before.hushed and writer.id in before.waiting
        uow.outbox.add(
            Notice(
                "kept.offer",
                writer.id,
                about(message),
                {"words": message.text, **names},
                priority=Priority.PROMISE,
                key=f"kept:{message.id}:{after.id}",
                silent=hushed or is_quiet(writer, now),
            )
        )


async def release(uow: UnitOfWork, couple: Couple, now: datetime) -> None:
    """The link ended: what was kept is its writer's alone, and lies in their journal. Nothing is said."""
    for message in await uow.kept.of_couple(CoupleId(couple.id)):
        await uow.journal.add(message.person, message.text, now, HELD)
        await uow.kept.delete(message.person, message.id)
