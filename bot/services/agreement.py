"""Our agreement: what two people agreed on for their breaks, and what each of them likes to hear.

Here is what stands, and what is said to a proposal; making one is in `agreement_form`.
"""

from dataclasses import asdict, dataclass
from typing import Any

from bot.domain.agreement import PHRASES, Agreement, Terms, confirm, withdraw
from bot.domain.decision import Notice, Priority
from bot.domain.errors import Stale
from bot.domain.model import Couple, CoupleId, Person, PersonId
from bot.services import keeping
from bot.services.telling import is_quiet
from bot.services.visit import Visit
from bot.storage.unit_of_work import UnitOfWork

DRAFT = "agreement"
PROPOSAL = "agreement.proposal"
"""The notice that brings a proposal to the other."""


@dataclass(frozen=True)
class Standing:
    """What stands between the person who visits and their partner."""

    couple: Couple
    partner: Person
    agreement: Agreement


async def standing(visit: Visit, agreement_id: int | None = None) -> Standing:
    """With an id: only that agreement. Raises NotLinked, LinkEnded; Stale if theirs is another one."""
    couple = await visit.couple()
    agreement = await visit.uow.agreements.of_couple(CoupleId(couple.id))
    if agreement_id is not None and agreement.id != agreement_id:
        raise Stale
    return Standing(couple, await visit.uow.people.get(couple.partner_of(visit.person.id)), agreement)


async def show(visit: Visit) -> None:
    """What is agreed on, and the open proposal. Raises NotLinked, LinkEnded."""
    now = await standing(visit)
    agreement = now.agreement
    draft = await visit.uow.drafts.get(visit.person.id, DRAFT)
    own = draft is not None and draft.parameters["couple"] == now.couple.id
    about = {
        "agreement": agreement.id,
        "revision": agreement.revision,
        "terms": asdict(agreement.agreed),
        "draft": draft.id if draft is not None and own else None,
    }
    names = {"name": now.partner.name}
    if agreement.proposed is None:
        welcome = await visit.uow.agreements.welcome(CoupleId(now.couple.id), now.partner.id)
        kind = "agreement.page" if agreement.agreed != Terms() else "agreement.none"
        visit.show(kind, names, **about, welcome=welcome)
    elif agreement.proposed_by == visit.person.id:
        visit.show("agreement.mine", names, **about, proposed=asdict(agreement.proposed))
    else:
        visit.show("agreement.theirs", names, **about, proposed=asdict(agreement.proposed))


async def agree(visit: Visit, agreement_id: int, revision: int) -> None:
    """Say yes to the proposal that was shown. Raises ProposalChanged, Stale, NotLinked, LinkEnded."""
    now = await standing(visit, agreement_id)
    agreed = await visit.uow.agreements.save(confirm(now.agreement, visit.person.id, revision))
    terms = asdict(agreed.agreed)
    visit.show("agreement.confirmed", {"name": now.partner.name}, terms=terms)
    # To somebody who asked for space it would be a ping: they find it when they look.
    if await keeping.kept_back_by(visit, now.partner) is None:
        visit.uow.outbox.add(
            Notice(
                "agreement.agreed",
                now.partner.id,
                {"terms": terms},
                {"name": visit.person.name},
                priority=Priority.RELAY,
                key=f"agreed:{agreed.id}:{agreed.revision}",
                silent=is_quiet(now.partner, visit.now),
            )
        )


async def take_back(visit: Visit, agreement_id: int, revision: int) -> None:
    """Take one's own proposal back; the other is told nothing.

    Raises ProposalChanged, Stale, NotLinked, LinkEnded.
    """
    now = await standing(visit, agreement_id)
    await visit.uow.agreements.save(withdraw(now.agreement, visit.person.id, revision))
    await visit.uow.outbox.call_off([now.partner.id], [PROPOSAL], visit.now)
    visit.show("agreement.taken_back", {"name": now.partner.name})


async def show_phrases(visit: Visit) -> None:
    """What they like to hear: their own marks, and those of the other. Raises NotLinked, LinkEnded."""
    now = await standing(visit)
    couple = CoupleId(now.couple.id)
    visit.show(
        "agreement.phrases",
        {"name": now.partner.name},
        couple=couple,
        marked=await visit.uow.agreements.welcome(couple, visit.person.id),
        welcome=await visit.uow.agreements.welcome(couple, now.partner.id),
    )


async def mark(visit: Visit, couple: int, phrase: str, on: bool) -> None:
    """Mark what they like to hear, or no longer; nobody has to agree, and nobody is told.

    Raises Stale if it stands so already, or if they are linked with somebody else by now.
    """
    now = await standing(visit)
    if now.couple.id != couple or phrase not in PHRASES:
        raise Stale
    if not await visit.uow.agreements.mark(CoupleId(couple), visit.person.id, phrase, on):
        raise Stale
    await show_phrases(visit)


async def for_card(uow: UnitOfWork, couple_id: CoupleId, reader: PersonId) -> dict[str, Any]:
    """For the moment after a break: phrases that the other likes to hear, and who speaks first."""
    couple = await uow.couples.get(couple_id)
    if couple is None or couple.ended_at is not None:
        return {"welcome": [], "begins": None}
    agreement = await uow.agreements.of_couple(couple_id)
    welcome = await uow.agreements.welcome(couple_id, couple.partner_of(reader))
    return {"welcome": welcome, "begins": agreement.agreed.first}
