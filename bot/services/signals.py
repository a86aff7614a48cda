"""Signals: a line to the partner by one tap. What arrives is what stood on the list that was tapped.

Here is also what everything that carries words to the partner shares: whom it goes to, and whether it may.
"""

from typing import Any

from bot.content.catalog import Content
from bot.domain.decision import Notice, Priority
from bot.domain.errors import PartnerNeedsSpace, Stale, TooManySignals
from bot.domain.model import Couple, Draft, Person
from bot.domain.space import SpaceRequest
from bot.services import keeping
from bot.services.telling import is_quiet
from bot.services.visit import Visit

TALK = "talk"
SHIPPED = ("still_here", "settling", TALK)
"""Worded in content/ under `signal_line`, unless the person words them otherwise."""
OWN = ("own_1", "own_2", "own_3")
SLOTS = (*SHIPPED, *OWN)
MOST_A_DAY = 3
"""Lines a person sends a day: signals, own words and questions for a talk together."""
SIGNAL = "signal"
"""The kind of daily use, and of the draft that says which list stands."""


async def choose(visit: Visit) -> None:
    """Which line? While the other needs space, it is kept until then.

    Raises NotLinked, LinkEnded, TooManySignals.
    """
    couple, partner, kept_back = await addressee(visit)
    own = await visit.uow.signal_wordings.all_of(visit.person.id)
    # A new list: what stands under an older one does nothing any more.
    draft = await fresh(visit, SIGNAL, couple, locale=visit.person.locale)
    private = {"name": partner.name, **own}
    if kept_back is None:
        visit.show("signal.choose", private, draft=draft.id, slots=slots(own))
    else:
        back_at = kept_back.return_at.isoformat()
        visit.show("signal.choose_to_keep", private, draft=draft.id, slots=slots(own), back_at=back_at)


async def send(visit: Visit, content: Content, draft_id: int, slot: str) -> None:
    """Send this line of the list, or keep it. What the sender is told is the same whatever becomes of it.

    Raises Stale, TooManyKept, and what `choose` raises.
    """
    draft = await visit.uow.drafts.get(visit.person.id, SIGNAL)
    if draft is None or draft.id != draft_id or slot == TALK:
        raise Stale
    if draft.parameters["locale"] != visit.person.locale:  # the list showed other words
        raise Stale
    couple, partner, kept_back = await addressee(visit)
    check_couple(draft, couple)
    words = await words_of(visit, content, slot)
    if kept_back is not None:
        await keeping.keep(visit, words)
        await visit.uow.drafts.drop(visit.person.id, SIGNAL)
        return
    await visit.uow.drafts.drop(visit.person.id, SIGNAL)
    await carry(visit, partner, "signal.line", words)
    visit.show("relay.sent", {"words": words})


def slots(own: dict[str, str]) -> list[str]:
    """The lines a person has: the shipped ones, and those they added."""
    return [slot for slot in SLOTS if slot in SHIPPED or slot in own]


async def words_of(visit: Visit, content: Content, slot: str) -> str:
    """The words of a line: the person's own, or as shipped in their language. Raises Stale for none."""
    own = await visit.uow.signal_wordings.get(visit.person.id, slot)
    if own is not None:
        return own
    if slot not in SHIPPED:
        raise Stale
    return content.text(visit.person.locale, f"signal_line.{slot}")


async def recipient(visit: Visit) -> tuple[Couple, Person]:
    """Whom a line goes to, if one may go now: to somebody who asked for space it would be a ping.

    Raises NotLinked, LinkEnded, PartnerNeedsSpace, TooManySignals.
    """
    couple, partner, kept_back = await addressee(visit)
    if kept_back is not None:
        raise PartnerNeedsSpace(back_at=kept_back.return_at.isoformat())
    return couple, partner


async def addressee(visit: Visit) -> tuple[Couple, Person, SpaceRequest | None]:
    """Whom a line is for, and the break that keeps it back, if any: what is kept counts when it goes.

    Raises NotLinked, LinkEnded, TooManySignals.
    """
    couple = await visit.couple()
    partner = await visit.uow.people.get(couple.partner_of(visit.person.id))
    kept_back = await keeping.kept_back_by(visit, partner)
    if kept_back is None:
        await check_daily(visit)
    return couple, partner, kept_back


async def check_daily(visit: Visit) -> None:
    """Raises TooManySignals."""
    if await visit.uow.uses.count(visit.person.id, SIGNAL, visit.now) >= MOST_A_DAY:
        raise TooManySignals(limit=MOST_A_DAY)


async def carry(visit: Visit, partner: Person, kind: str, words: str, **parameters: Any) -> None:
    """Put the words on their way, with the sender's name, and count them."""
    await visit.uow.uses.add(visit.person.id, SIGNAL, visit.now)
    visit.uow.outbox.add(
        Notice(
            kind,
            partner.id,
            parameters,
            {"name": visit.person.name, "words": words},
            priority=Priority.RELAY,
            relayed=True,
            silent=is_quiet(partner, visit.now),
        )
    )


async def fresh(
    visit: Visit,
    kind: str,
    couple: Couple | None,
    *,
    private: str | None = None,
    awaits: str | None = None,
    **parameters: Any,
) -> Draft:
    """A draft with an id of its own: buttons that showed other words name it no more."""
    await visit.uow.drafts.drop(visit.person.id, kind)
    return await visit.uow.drafts.put(
        visit.person.id,
        kind,
        visit.now,
        {"couple": None if couple is None else couple.id, **parameters},
        private=private,
        awaits=awaits,
    )


def check_couple(draft: Draft, couple: Couple) -> None:
    """Raises Stale if it was shown when the partner was somebody else."""
    if draft.parameters["couple"] != couple.id:
        raise Stale
