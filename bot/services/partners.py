"""Linking and leaving. Both must want it to link; one is enough to leave."""

import secrets

from bot.domain.decision import Notice, Priority
from bot.domain.errors import AlreadyLinked, InvitationUnknown, Stale, TooManyCodes
from bot.domain.linking import (
    CODE_BYTES,
    FAREWELL_WITHIN,
    MOST_WRONG,
    VALID_FOR,
    WRONG_WITHIN,
    check_can_accept,
    check_can_confirm,
    hash_code,
)
from bot.domain.model import Couple, CoupleId, Invitation, InvitationId, InvitationState, PersonId
from bot.domain.space import LinkEnded as SpaceLinkEnded
from bot.domain.space_rules import transition
from bot.services import keeping, topics
from bot.services.telling import carry_out, is_quiet
from bot.services.visit import Visit

WRONG_CODE = "link.wrong"
PARTNER_KINDS = (
    "space.",
    "signal.",
    "relay.words",
    "together.both",
    "kept.offer",
    "agreement.proposal",
    "agreement.agreed",
    "card.",
    "later.",
)
"""Notices that come from the other: with the link, what still waits of them ends."""


async def invite(visit: Visit) -> None:
    """Make an invitation; an older one that still waits becomes void."""
    couple = await visit.couple_or_none()
    if couple is not None:
        partner = await visit.name_of(couple.partner_of(visit.person.id))
        visit.show("link.already", {"name": partner})
        return
    await visit.uow.invitations.withdraw_all(visit.person.id)
    code = secrets.token_urlsafe(CODE_BYTES)
    invitation = await visit.uow.invitations.add(
        visit.person.id, hash_code(code), visit.now, visit.now + VALID_FOR
    )
    visit.show(
        "link.invite",
        {"code": code, "own_name": visit.person.name},
        invitation=invitation.id,
        expires_at=invitation.expires_at.isoformat(),
    )


async def withdraw(visit: Visit, invitation_id: InvitationId) -> None:
    """Make this invitation void."""
    invitation = await visit.uow.invitations.get(invitation_id)
    if invitation is None or invitation.inviter != visit.person.id:
        raise Stale
    if invitation.state in (InvitationState.OPEN, InvitationState.ACCEPTED):
        await visit.uow.invitations.move(invitation, InvitationState.WITHDRAWN)
    # The same words whatever had become of it: nobody learns that it was declined.
    visit.show("link.withdrawn")


async def open_invitation(visit: Visit, code: str) -> None:
    """Show who invites, and what will and will not be shared. Raises what `_acceptable` raises."""
    invitation = await _acceptable(visit, code)
    inviter = await visit.name_of(invitation.inviter)
    visit.send("link.invited", {"name": inviter, "code": code})


async def accept(visit: Visit, code: str) -> None:
    """The invited person says yes; the inviter is asked once more."""
    invitation = await _acceptable(visit, code)
    if not await visit.uow.invitations.move(invitation, InvitationState.ACCEPTED, visit.person.id):
        raise InvitationUnknown
    visit.show("link.accepted", {"name": await visit.name_of(invitation.inviter)})
    _tell(visit, invitation.inviter, "link.confirm", visit.person.name, invitation=invitation.id)


async def decline(visit: Visit, code: str) -> None:
    """The invited person says no; the inviter is not told, the invitation just stays unused."""
    invitation = await _acceptable(visit, code)
    await visit.uow.invitations.move(invitation, InvitationState.DECLINED)
    visit.show("link.declined")


async def confirm(visit: Visit, invitation_id: InvitationId) -> None:
    """The inviter says yes, too: the two are linked, and both hear it."""
    invitation = await visit.uow.invitations.get(invitation_id)
    accepter = None if invitation is None else invitation.accepted_by
    partner_id = check_can_confirm(
        invitation,
        visit.person.id,
        await visit.uow.couples.active_of(visit.person.id),
        None if accepter is None else await visit.uow.couples.active_of(accepter),
        visit.now,
    )
    assert invitation is not None
    if not await visit.uow.invitations.move(invitation, InvitationState.CONFIRMED):
        raise InvitationUnknown
    await visit.uow.couples.add(visit.person.id, partner_id, visit.now)
    for person in (visit.person.id, partner_id):
        await visit.uow.invitations.withdraw_all(person)
        await visit.uow.couples.take_untold_ending(person)
    visit.show("link.done", {"name": await visit.name_of(partner_id)})
    _tell(visit, partner_id, "link.done", visit.person.name)


async def refuse(visit: Visit, invitation_id: InvitationId) -> None:
    """The inviter says no to whoever accepted."""
    invitation = await visit.uow.invitations.get(invitation_id)
    if (
        invitation is None
        or invitation.inviter != visit.person.id
        or invitation.state is not InvitationState.ACCEPTED
        or invitation.accepted_by is None
    ):
        raise Stale
    await visit.uow.invitations.move(invitation, InvitationState.WITHDRAWN)
    visit.show("link.refused")
    _tell(visit, invitation.accepted_by, "link.not_made", "")


async def unlink(visit: Visit) -> None:
    """End the link at once. Nothing is said to the other, unless the leaver chooses one neutral line.

    Raises NotLinked or LinkEnded.
    """
    couple = await visit.couple()
    partner = await visit.name_of(couple.partner_of(visit.person.id))
    await end_link(visit, couple)
    visit.show("unlink.done", {"name": partner, "own_name": visit.person.name}, couple=couple.id)


async def end_link(visit: Visit, couple: Couple) -> None:
    """All that the two had between them ends, and nothing is said."""
    request = await visit.uow.space.latest_of_couple(couple.id)
    if request is not None:
        decision = transition(request, SpaceLinkEnded(), visit.now)
        if decision.state != request:
            await visit.uow.space.save(decision.state)
        await carry_out(visit.uow, decision, visit.now)
    await keeping.release(visit.uow, couple, visit.now)
    await topics.release(visit.uow, couple, visit.now)
    await visit.uow.outbox.call_off(couple.members, PARTNER_KINDS, visit.now)
    await visit.uow.agreements.end(CoupleId(couple.id))
    await visit.uow.couples.end(couple, visit.person.id, visit.now)


async def send_farewell(visit: Visit, couple_id: CoupleId) -> None:
    """The one neutral line, by the one who left, once, within a day. Raises Stale or AlreadyLinked."""
    couple = await visit.uow.couples.get(couple_id)
    if couple is None or couple.ended_at is None or couple.ended_by != visit.person.id:
        raise Stale
    if visit.now - couple.ended_at > FAREWELL_WITHIN or not await visit.uow.couples.take_farewell(couple.id):
        raise Stale
    if await visit.uow.couples.active_of(visit.person.id) is not None:
        raise AlreadyLinked
    other = couple.partner_of(visit.person.id)
    visit.show("relay.sent", words_key="unlink.line_plain")
    await tell_ended(visit, other)


async def tell_ended(visit: Visit, other: PersonId) -> None:
    """The neutral line: who reads it need not be told again."""
    silent = is_quiet(await visit.uow.people.get(other), visit.now)
    _tell(visit, other, "unlink.line", visit.person.name, silent=silent)
    await visit.uow.couples.take_untold_ending(other)


async def _acceptable(visit: Visit, code: str) -> Invitation:
    """The invitation with this code. Raises TooManyCodes, too, and counts codes that nobody made."""
    uses = visit.uow.uses
    if await uses.count(visit.person.id, WRONG_CODE, visit.now, WRONG_WITHIN) >= MOST_WRONG:
        raise TooManyCodes  # before looking: a right code among many guesses is not told from a wrong one
    invitation = await visit.uow.invitations.by_hash(hash_code(code))
    if invitation is None:
        await uses.add(visit.person.id, WRONG_CODE, visit.now)
        raise InvitationUnknown
    inviters = await visit.uow.couples.active_of(invitation.inviter)
    return check_can_accept(
        invitation,
        visit.person.id,
        await visit.uow.couples.active_of(visit.person.id),
        inviters,
        visit.now,
    )


def _tell(
    visit: Visit, recipient: PersonId, kind: str, name: str, *, silent: bool = False, **parameters: int
) -> None:
    visit.uow.outbox.add(
        Notice(
            kind,
            recipient,
            parameters,
            {"name": name} if name else {},
            priority=Priority.RELAY,
            silent=silent,
        )
    )
