"""Proposing terms to the partner: put together part by part, shown exactly as they will arrive, then sent."""

from dataclasses import asdict
from typing import Any

from bot.domain.agreement import PARTS, Agreement, Terms, propose
from bot.domain.decision import Notice, Priority
from bot.domain.errors import ProposalChanged, Stale
from bot.domain.model import Draft, Person
from bot.services.agreement import DRAFT, PROPOSAL, Standing, show, standing
from bot.services.signals import SIGNAL, addressee, check_couple, fresh
from bot.services.telling import is_quiet
from bot.services.visit import Visit

NONE = "none"
"""The value of a part that is left open."""


async def begin(visit: Visit) -> None:
    """A form that begins with what is agreed on. If there is a proposal by now, it is shown instead.

    Raises NotLinked, LinkEnded.
    """
    now = await standing(visit)
    if now.agreement.proposed is None:
        await _begin(visit, now, now.agreement.agreed)
    else:
        await show(visit)


async def change(visit: Visit, agreement_id: int, revision: int) -> None:
    """Another proposal than the one that was shown. Raises ProposalChanged, Stale, NotLinked, LinkEnded."""
    now = await standing(visit, agreement_id)
    if now.agreement.revision != revision or now.agreement.proposed is None:
        raise ProposalChanged
    await _begin(visit, now, now.agreement.proposed)


async def _begin(visit: Visit, now: Standing, terms: Terms) -> None:
    draft = await fresh(
        visit, DRAFT, now.couple, revision=now.agreement.revision, terms=asdict(terms), shown=False
    )
    _show_form(visit, now.partner, draft)


async def go_on(visit: Visit, draft_id: int, revision: int) -> None:
    """Back to the form, from a page that showed this revision. Raises Stale, NotLinked, LinkEnded."""
    draft = await draft_of(visit, draft_id)
    draft = await _put(visit, draft, revision=revision)
    _show_form(visit, (await standing(visit)).partner, draft)


async def ask(visit: Visit, draft_id: int, part: str) -> None:
    """Which value shall this part have? Raises Stale, NotLinked, LinkEnded."""
    draft = await draft_of(visit, draft_id)
    if part not in PARTS:
        raise Stale
    visit.show(f"agreement.ask_{part}", draft=draft.id)


async def choose(visit: Visit, draft_id: int, part: str, value: str) -> None:
    """Give a part this value, or leave it open; back to the form. Raises Stale, NotLinked, LinkEnded."""
    draft = await draft_of(visit, draft_id)
    named: dict[str, int | str | None] = {str(each): each for each in PARTS.get(part, ())}
    named[NONE] = None
    if value not in named:
        raise Stale
    terms = Terms(**draft.parameters["terms"]).having(part, named[value])
    draft = await _put(visit, draft, terms=asdict(terms))
    _show_form(visit, (await standing(visit)).partner, draft)


async def preview(visit: Visit, draft_id: int) -> None:
    """What exactly would arrive; while the other needs space, the form waits.

    Raises Stale, NothingNew, ProposalChanged, TooManySignals, NotLinked, LinkEnded.
    """
    draft = await draft_of(visit, draft_id)
    if await _proposed(visit, draft) is None:
        return
    now = await standing(visit)
    revision, terms = draft.parameters["revision"], draft.parameters["terms"]
    # A draft of its own for each preview: “Send it” sends what stands above it, or nothing.
    made = await fresh(visit, DRAFT, now.couple, revision=revision, terms=terms, shown=True)
    private = {"name": now.partner.name, "own_name": visit.person.name}
    visit.show("agreement.preview", private, draft=made.id, revision=revision, proposed=terms)


async def send(visit: Visit, draft_id: int) -> None:
    """Propose exactly what the preview showed. The other is told once; it counts as a line to them.

    Raises what `preview` raises.
    """
    draft = await draft_of(visit, draft_id)
    if not draft.parameters["shown"]:
        raise Stale
    proposed = await _proposed(visit, draft)
    if proposed is None:
        return
    saved = await visit.uow.agreements.save(proposed)
    await visit.uow.drafts.drop(visit.person.id, DRAFT)
    await visit.uow.uses.add(visit.person.id, SIGNAL, visit.now)
    about = {"agreement": saved.id, "revision": saved.revision, "proposed": draft.parameters["terms"]}
    partner = (await standing(visit)).partner
    # An earlier proposal that still waits to be sent says nothing true any more.
    await visit.uow.outbox.call_off([partner.id], [PROPOSAL], visit.now)
    visit.uow.outbox.add(
        Notice(
            "agreement.proposal",
            partner.id,
            about,
            {"name": visit.person.name},
            priority=Priority.RELAY,
            key=f"proposal:{saved.id}:{saved.revision}",
            silent=is_quiet(partner, visit.now),
            relayed=True,
        )
    )
    visit.show("agreement.sent", {"name": partner.name}, **about)


async def _proposed(visit: Visit, draft: Draft) -> Agreement | None:
    """The agreement with this proposal. None if none may go now, and why is said."""
    terms = Terms(**draft.parameters["terms"])
    now = await standing(visit)
    proposed = propose(now.agreement, visit.person.id, terms, draft.parameters["revision"])
    _, partner, kept_back = await addressee(visit)
    if kept_back is None:
        return proposed
    about = {"draft": draft.id, "revision": draft.parameters["revision"]}
    back_at = kept_back.return_at.isoformat()
    visit.show("agreement.partner_away", {"name": partner.name}, **about, back_at=back_at)
    return None


async def draft_of(visit: Visit, draft_id: int) -> Draft:
    """The form with this id, if it was made for the partner of now. Raises Stale, NotLinked, LinkEnded."""
    couple = await visit.couple()
    draft = await visit.uow.drafts.get(visit.person.id, DRAFT)
    if draft is None or draft.id != draft_id:
        raise Stale
    check_couple(draft, couple)
    return draft


async def _put(visit: Visit, draft: Draft, **changed: Any) -> Draft:
    """The form with something changed: what was previewed counts no more."""
    parameters = {**draft.parameters, **changed, "shown": False}
    return await visit.uow.drafts.put(visit.person.id, DRAFT, visit.now, parameters)


def _show_form(visit: Visit, partner: Person, draft: Draft) -> None:
    visit.show("agreement.form", {"name": partner.name}, draft=draft.id, proposed=draft.parameters["terms"])
