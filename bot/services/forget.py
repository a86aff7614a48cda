"""Forgetting a person: everything of theirs at once, after one clear confirmation."""

from bot.domain.decision import Notice, Priority
from bot.domain.errors import Stale
from bot.services import partners
from bot.services.visit import PATIENCE, Visit

DRAFT = "forget"
"""Its id stands for one confirmation: an old button forgets nobody."""


async def ask(visit: Visit, backup_days: int | None) -> None:
    """What goes, what stays, and that there is no way back."""
    await visit.uow.drafts.drop(visit.person.id, DRAFT)
    draft = await visit.uow.drafts.put(visit.person.id, DRAFT, visit.now)
    partner = await visit.partner()
    if partner is None:
        visit.show("forget.ask", draft=draft.id, backup_days=backup_days)
        return
    names = {"name": partner.name, "own_name": visit.person.name}
    visit.show("forget.ask_linked", names, draft=draft.id, backup_days=backup_days)


async def forget(visit: Visit, draft_id: int, *, tell: bool) -> None:
    """Do it. `tell`: the partner, if there is one, hears the neutral line, and else nothing. Raises Stale."""
    uow, person = visit.uow, visit.person
    draft = await uow.drafts.get(person.id, DRAFT, visit.now - PATIENCE)
    if draft is None or draft.id != draft_id:
        raise Stale
    couple = await uow.couples.active_of(person.id)
    if couple is not None:
        await partners.end_link(visit, couple)
        if tell:
            await partners.tell_ended(visit, couple.partner_of(person.id))
    account = await uow.people.account_of(person.id)
    await uow.erase(person.id)
    nobody = await uow.people.add_leaving(account, person.locale, visit.now)
    uow.outbox.add(Notice("forget.done", nobody.id, priority=Priority.ANSWER).editing(visit.message))
