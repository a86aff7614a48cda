"""What an invitation allows: each way it can be refused, and which refusal goes first."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from bot.domain.errors import (
    AccepterLinked,
    AlreadyLinked,
    InvitationUnknown,
    InviterLinked,
    OwnInvitation,
    StillHereError,
)
from bot.domain.linking import CODE_BYTES, VALID_FOR, check_can_accept, check_can_confirm, hash_code
from bot.domain.model import Couple, CoupleId, Invitation, InvitationId, InvitationState, PersonId

NOW = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
MARA, JONAS, KIM, ALEX = PersonId(1), PersonId(2), PersonId(3), PersonId(4)
OPEN = Invitation(InvitationId(5), MARA, InvitationState.OPEN, NOW, NOW + VALID_FOR)
ACCEPTED = replace(OPEN, state=InvitationState.ACCEPTED, accepted_by=JONAS)
USED = [
    InvitationState.ACCEPTED,
    InvitationState.CONFIRMED,
    InvitationState.DECLINED,
    InvitationState.WITHDRAWN,
]


def couple(one: PersonId, other: PersonId) -> Couple:
    return Couple(CoupleId(9), (one, other), NOW)


def test_an_open_invitation_can_be_accepted_until_it_expires() -> None:
    last = OPEN.expires_at - timedelta(seconds=1)
    assert check_can_accept(OPEN, JONAS, None, None, NOW) is OPEN
    assert check_can_accept(OPEN, JONAS, None, None, last) is OPEN
    with pytest.raises(InvitationUnknown):
        check_can_accept(OPEN, JONAS, None, None, OPEN.expires_at)


def test_two_days_are_enough_to_find_the_message() -> None:
    assert timedelta(hours=48) == VALID_FOR


@pytest.mark.parametrize("state", USED)
def test_a_used_one_is_unknown(state: InvitationState) -> None:
    with pytest.raises(InvitationUnknown):
        check_can_accept(replace(OPEN, state=state), JONAS, None, None, NOW)


def test_one_that_was_never_made_is_unknown() -> None:
    with pytest.raises(InvitationUnknown):
        check_can_accept(None, JONAS, None, None, NOW)


@pytest.mark.parametrize("state", [InvitationState.OPEN, *USED])
def test_ones_own_is_named_as_such(state: InvitationState) -> None:
    with pytest.raises(OwnInvitation):
        check_can_accept(replace(OPEN, state=state), MARA, None, None, NOW)


@pytest.mark.parametrize(
    ("own", "inviters", "error"),
    [
        (couple(JONAS, KIM), None, AlreadyLinked),
        (None, couple(MARA, KIM), InviterLinked),
        (couple(JONAS, KIM), couple(MARA, ALEX), AlreadyLinked),
        (couple(MARA, JONAS), couple(MARA, JONAS), AlreadyLinked),
    ],
)
def test_nobody_is_linked_twice(
    own: Couple | None, inviters: Couple | None, error: type[StillHereError]
) -> None:
    with pytest.raises(error):
        check_can_accept(OPEN, JONAS, own, inviters, NOW)


def test_somebody_linked_does_not_learn_whether_a_code_was_used() -> None:
    with pytest.raises(InvitationUnknown):
        check_can_accept(ACCEPTED, JONAS, couple(JONAS, KIM), None, NOW)


class TestConfirming:
    def test_it_names_who_accepted(self) -> None:
        assert check_can_confirm(ACCEPTED, MARA, None, None, NOW) == JONAS

    @pytest.mark.parametrize(
        "invitation",
        [
            None,
            OPEN,
            replace(ACCEPTED, accepted_by=None),
            *(replace(ACCEPTED, state=state) for state in USED if state is not InvitationState.ACCEPTED),
        ],
    )
    def test_only_one_that_was_accepted(self, invitation: Invitation | None) -> None:
        with pytest.raises(InvitationUnknown):
            check_can_confirm(invitation, MARA, None, None, NOW)

    @pytest.mark.parametrize("person", [JONAS, KIM])
    def test_only_by_the_inviter(self, person: PersonId) -> None:
        with pytest.raises(InvitationUnknown):
            check_can_confirm(ACCEPTED, person, None, None, NOW)

    def test_not_once_it_has_expired(self) -> None:
        with pytest.raises(InvitationUnknown):
            check_can_confirm(ACCEPTED, MARA, None, None, ACCEPTED.expires_at)

    def test_not_when_one_of_them_is_linked_meanwhile(self) -> None:
        with pytest.raises(AlreadyLinked):
            check_can_confirm(ACCEPTED, MARA, couple(MARA, KIM), None, NOW)
        with pytest.raises(AccepterLinked):
            check_can_confirm(ACCEPTED, MARA, None, couple(JONAS, KIM), NOW)


def test_a_code_is_stored_as_a_hash_only() -> None:
    assert CODE_BYTES >= 16
    assert hash_code("abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert hash_code("abd") != hash_code("abc")
