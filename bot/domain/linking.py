"""Inviting and linking: what an invitation allows, and when."""

import hashlib
from datetime import datetime, timedelta

from bot.domain.errors import AccepterLinked, AlreadyLinked, InvitationUnknown, InviterLinked, OwnInvitation
from bot.domain.model import Couple, Invitation, InvitationState, PersonId

VALID_FOR = timedelta(hours=48)
CODE_BYTES = 16
"""128 bits of randomness: nobody guesses that."""
MOST_WRONG = 5
WRONG_WITHIN = timedelta(hours=1)
"""Whoever opened so many codes that no invitation has, within so long, opens none for a while."""
PAYLOAD_PREFIX = "i_"
FAREWELL_WITHIN = timedelta(hours=24)
"""How long after leaving the one neutral line can still be sent."""


def hash_code(code: str) -> str:
    """What is stored instead of the code: whoever reads the database cannot use it."""
    return hashlib.sha256(code.encode()).hexdigest()


def check_can_accept(
    invitation: Invitation | None,
    person: PersonId,
    own_couple: Couple | None,
    inviters_couple: Couple | None,
    now: datetime,
) -> Invitation:
    """The invitation, if this person may accept it now.

    Raises InvitationUnknown, OwnInvitation, AlreadyLinked or InviterLinked.
    """
    if invitation is None or now >= invitation.expires_at:
        raise InvitationUnknown
    if invitation.inviter == person:
        raise OwnInvitation
    if invitation.state is not InvitationState.OPEN:
        raise InvitationUnknown
    if own_couple is not None:
        raise AlreadyLinked
    if inviters_couple is not None:
        raise InviterLinked
    return invitation


def check_can_confirm(
    invitation: Invitation | None,
    inviter: PersonId,
    inviters_couple: Couple | None,
    accepters_couple: Couple | None,
    now: datetime,
) -> PersonId:
    """Who accepted, if the inviter may confirm it now.

    Raises InvitationUnknown, AlreadyLinked or AccepterLinked.
    """
    if (
        invitation is None
        or invitation.inviter != inviter
        or invitation.state is not InvitationState.ACCEPTED
        or invitation.accepted_by is None
        or now >= invitation.expires_at
    ):
        raise InvitationUnknown
    if inviters_couple is not None:
        raise AlreadyLinked
    if accepters_couple is not None:
        raise AccepterLinked
    return invitation.accepted_by
