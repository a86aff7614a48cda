"""Linking and leaving, on a real database."""

from base64 import urlsafe_b64decode
from datetime import timedelta

import pytest

from bot.domain.errors import (
    AccepterLinked,
    AlreadyLinked,
    InvitationUnknown,
    LinkEnded,
    NotLinked,
    OwnInvitation,
    Stale,
    TooManyCodes,
)
from bot.domain.linking import CODE_BYTES, MOST_WRONG, hash_code
from bot.domain.model import CoupleId, InvitationId, PersonId
from bot.services import partners, signals, space, space_form
from bot.storage import queue_tables, tables

from .conftest import Story
from .test_services_relay import send_signal

pytestmark = pytest.mark.both


async def couple_of(story: Story, person: PersonId) -> tuple[PersonId, ...] | None:
    couple = await story.look(lambda uow: uow.couples.active_of(person))
    return None if couple is None else couple.members


class TestLinking:
    async def test_both_say_yes(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        invitation, code = await story.invitation(mara)
        await story.do(jonas, partners.open_invitation, code)
        [invited] = await story.heard(jonas)
        assert (invited.kind, invited.private) == ("link.invited", {"name": "Mara", "code": code})
        assert await story.heard(mara) == []

        await story.do(jonas, partners.accept, code)
        assert await story.kinds(jonas) == ["link.accepted"]
        [confirm] = await story.heard(mara)
        assert (confirm.kind, confirm.private) == ("link.confirm", {"name": "Jonas"})
        assert confirm.parameters == {"invitation": invitation}
        assert await couple_of(story, mara) is None

        await story.do(mara, partners.confirm, invitation)
        [one], [other] = await story.heard(mara), await story.heard(jonas)
        assert (one.kind, one.private) == ("link.done", {"name": "Jonas"})
        assert (other.kind, other.private) == ("link.done", {"name": "Mara"})
        assert await couple_of(story, mara) == await couple_of(story, jonas) == (mara, jonas)

    async def test_the_code_is_stored_nowhere_in_the_clear(self, story: Story, mara: PersonId) -> None:
        _, code = await story.invitation(mara)
        [row] = await story.rows(tables.invitations)
        assert row.code_hash == hash_code(code)
        assert row.expires_at == story.now + timedelta(hours=48)
        [said] = await story.rows(queue_tables.outbox)
        assert code not in str(said.parameters)

    async def test_not_with_oneself(self, story: Story, mara: PersonId) -> None:
        invitation, code = await story.invitation(mara)
        await story.refused(OwnInvitation, mara, partners.open_invitation, code)
        await story.refused(OwnInvitation, mara, partners.accept, code)
        await story.refused(InvitationUnknown, mara, partners.confirm, invitation)
        assert await couple_of(story, mara) is None

    async def test_an_unknown_code(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        await story.invitation(mara)
        await story.refused(InvitationUnknown, jonas, partners.open_invitation, "nonsense")
        await story.refused(InvitationUnknown, jonas, partners.accept, "made-up-code-of-22-char")
        await story.refused(InvitationUnknown, jonas, partners.confirm, InvitationId(99))

    async def test_it_expires(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        _, code = await story.invitation(mara)
        story.now += timedelta(hours=48, seconds=-1)
        await story.do(jonas, partners.open_invitation, code)
        story.now += timedelta(seconds=1)
        await story.refused(InvitationUnknown, jonas, partners.open_invitation, code)
        await story.refused(InvitationUnknown, jonas, partners.accept, code)

    async def test_it_expires_before_it_is_confirmed(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        invitation, code = await story.invitation(mara)
        await story.do(jonas, partners.accept, code)
        story.now += timedelta(hours=48)
        await story.refused(InvitationUnknown, mara, partners.confirm, invitation)
        assert await couple_of(story, mara) is None

    async def test_it_works_once(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        kim = await story.person("Kim")
        invitation, code = await story.invitation(mara)
        await story.do(jonas, partners.accept, code)
        await story.refused(InvitationUnknown, kim, partners.open_invitation, code)
        await story.refused(InvitationUnknown, kim, partners.accept, code)
        await story.refused(InvitationUnknown, jonas, partners.accept, code)
        await story.do(mara, partners.confirm, invitation)
        await story.refused(InvitationUnknown, mara, partners.confirm, invitation)
        await story.refused(InvitationUnknown, kim, partners.accept, code)
        assert await couple_of(story, mara) == (mara, jonas)
        assert await couple_of(story, kim) is None

    async def test_only_the_inviter_confirms(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        kim = await story.person("Kim")
        invitation, code = await story.invitation(mara)
        await story.do(jonas, partners.accept, code)
        for person in (jonas, kim):
            await story.refused(InvitationUnknown, person, partners.confirm, invitation)
            await story.refused(Stale, person, partners.refuse, invitation)
        assert await couple_of(story, mara) is None

    async def test_a_third_person_stays_outside(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        kim = await story.person("Kim")
        _kims, kims_code = await story.invitation(kim)
        _open_one, open_code = await story.invitation(mara)
        await story.link(jonas, mara)
        await story.refused(AlreadyLinked, mara, partners.open_invitation, kims_code)
        await story.refused(AlreadyLinked, jonas, partners.accept, kims_code)
        await story.refused(InvitationUnknown, kim, partners.open_invitation, open_code)
        await story.refused(InvitationUnknown, kim, partners.accept, open_code)
        assert await couple_of(story, kim) is None

    async def test_two_invitations_that_cross(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        maras, maras_code = await story.invitation(mara)
        jonas_own, jonas_code = await story.invitation(jonas)
        await story.do(jonas, partners.open_invitation, maras_code)
        await story.do(mara, partners.open_invitation, jonas_code)
        await story.do(jonas, partners.accept, maras_code)
        await story.do(mara, partners.accept, jonas_code)
        await story.do(mara, partners.confirm, maras)
        await story.refused(InvitationUnknown, jonas, partners.confirm, jonas_own)
        assert await couple_of(story, jonas) == (mara, jonas)
        assert len(await story.rows(tables.couples)) == 1

    async def test_accepted_twice_the_first_who_confirms_is_linked(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        kim = await story.person("Kim")
        maras, maras_code = await story.invitation(mara)
        kims, kims_code = await story.invitation(kim)
        await story.do(jonas, partners.accept, maras_code)
        await story.do(jonas, partners.accept, kims_code)
        await story.do(kim, partners.confirm, kims)
        await story.refused(AccepterLinked, mara, partners.confirm, maras)
        assert await couple_of(story, jonas) == (jonas, kim)
        assert await couple_of(story, mara) is None

    async def test_a_new_invitation_makes_the_old_one_void(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        _, old = await story.invitation(mara)
        _, new = await story.invitation(mara)
        await story.refused(InvitationUnknown, jonas, partners.open_invitation, old)
        await story.do(jonas, partners.open_invitation, new)
        assert await story.kinds(jonas) == ["link.invited"]

    async def test_it_can_be_taken_back(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        invitation, code = await story.invitation(mara)
        await story.do(mara, partners.withdraw, invitation)
        assert await story.kinds(mara) == ["link.withdrawn"]
        await story.refused(InvitationUnknown, jonas, partners.open_invitation, code)
        await story.refused(InvitationUnknown, jonas, partners.accept, code)
        await story.do(mara, partners.withdraw, invitation)
        assert await story.kinds(mara) == ["link.withdrawn"]

    async def test_declining_tells_nobody_and_uses_it_up(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        invitation, code = await story.invitation(mara)
        await story.do(jonas, partners.open_invitation, code)
        await story.do(jonas, partners.decline, code)
        assert await story.kinds(jonas) == ["link.invited", "link.declined"]
        assert await story.heard(mara) == []
        await story.refused(InvitationUnknown, jonas, partners.open_invitation, code)
        await story.refused(InvitationUnknown, jonas, partners.accept, code)
        await story.refused(InvitationUnknown, mara, partners.confirm, invitation)

    async def test_who_takes_it_back_does_not_learn_that_it_was_declined(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        invitation, code = await story.invitation(mara)
        await story.do(jonas, partners.decline, code)
        await story.do(mara, partners.withdraw, invitation)
        assert await story.kinds(mara) == ["link.withdrawn"]

    async def test_refusing_tells_who_accepted_that_there_is_no_link(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        invitation, code = await story.invitation(mara)
        await story.do(jonas, partners.accept, code)
        await story.heard(jonas)
        await story.do(mara, partners.refuse, invitation)
        [told] = await story.heard(jonas)
        assert (told.kind, told.private) == ("link.not_made", {})
        await story.refused(Stale, mara, partners.refuse, invitation)
        await story.refused(InvitationUnknown, mara, partners.confirm, invitation)
        await story.refused(InvitationUnknown, jonas, partners.open_invitation, code)

    async def test_linked_already_there_is_nobody_to_invite(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await story.link(mara, jonas)
        invitations = await story.rows(tables.invitations)
        await story.do(mara, partners.invite)
        [said] = await story.heard(mara)
        assert (said.kind, said.private) == ("link.already", {"name": "Jonas"})
        assert await story.rows(tables.invitations) == invitations


class TestGuessing:
    async def wrong(self, story: Story, person: PersonId, times: int) -> None:
        for number in range(times):
            await story.refused(InvitationUnknown, person, partners.open_invitation, f"guess-{number}")

    async def test_a_code_has_128_bits_and_is_another_one_each_time(
        self, story: Story, mara: PersonId
    ) -> None:
        codes = {(await story.invitation(mara))[1] for _ in range(20)}
        assert len(codes) == 20
        assert {len(urlsafe_b64decode(f"{code}==")) * 8 for code in codes} == {CODE_BYTES * 8} == {128}

    async def test_after_five_wrong_codes_in_an_hour_the_right_one_is_not_opened_either(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        _, code = await story.invitation(mara)
        await self.wrong(story, jonas, MOST_WRONG)
        for way in (partners.open_invitation, partners.accept, partners.decline):
            await story.refused(TooManyCodes, jonas, way, code)
        assert await story.heard(mara) == await story.heard(jonas) == []
        [row] = await story.rows(tables.invitations)
        assert row.state == "open"

    async def test_four_are_forgiven(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        _, code = await story.invitation(mara)
        await self.wrong(story, jonas, MOST_WRONG - 1)
        await story.do(jonas, partners.open_invitation, code)

    async def test_the_hour_passes_and_waiting_in_it_costs_nothing(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        _, code = await story.invitation(mara)
        await self.wrong(story, jonas, MOST_WRONG)
        story.now += timedelta(minutes=59)
        await story.refused(TooManyCodes, jonas, partners.open_invitation, "one more")
        story.now += timedelta(minutes=1)
        await story.do(jonas, partners.open_invitation, code)

    async def test_buttons_count_as_links_do(self, story: Story, jonas: PersonId) -> None:
        for way in (partners.accept, partners.decline, partners.accept, partners.decline, partners.accept):
            await story.refused(InvitationUnknown, jonas, way, "made up")
        await story.refused(TooManyCodes, jonas, partners.open_invitation, "made up")

    async def test_others_are_not_locked_out_with_the_guesser(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        eve = await story.person("Eve")
        _, code = await story.invitation(mara)
        await self.wrong(story, eve, MOST_WRONG)
        await story.do(jonas, partners.open_invitation, code)

    async def test_an_invitation_that_was_real_is_no_guess(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        _, old = await story.invitation(mara)
        _, new = await story.invitation(mara)
        for _ in range(2 * MOST_WRONG):
            await story.refused(InvitationUnknown, jonas, partners.open_invitation, old)
        await story.do(jonas, partners.open_invitation, new)

    async def test_a_leaked_link_links_nobody_without_the_inviters_yes(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        eve = await story.person("Eve")
        invitation, code = await story.invitation(mara)
        await story.do(eve, partners.accept, code)
        await story.refused(InvitationUnknown, eve, partners.confirm, invitation)
        await story.do(mara, partners.refuse, invitation)
        await story.refused(InvitationUnknown, eve, partners.accept, code)
        assert await couple_of(story, mara) is await couple_of(story, eve) is None
        assert await story.rows(tables.couples) == []


class TestLeaving:
    async def test_at_once_and_nothing_is_said(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        couple = await story.link(mara, jonas)
        await story.do(jonas, partners.unlink)
        [said] = await story.heard(jonas)
        assert (said.kind, said.private["name"]) == ("unlink.done", "Mara")
        assert said.parameters["couple"] == couple
        assert await story.heard(mara) == []
        assert await couple_of(story, mara) is None
        assert await couple_of(story, jonas) is None

    async def test_what_is_on_its_way_does_not_arrive_any_more(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await story.link(mara, jonas)
        await send_signal(story, jonas)
        await story.do(mara, partners.unlink)
        [signal] = [said for said in await story.heard(mara) if said.kind.startswith("signal.")]
        assert (signal.state, signal.private) == ("dropped", {})

    async def test_an_open_break_ends_without_a_word(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await story.link(mara, jonas)
        await story.do(mara, space_form.ask_length, 20)
        draft = (await story.heard(mara))[-1].parameters["draft"]
        await story.do(mara, space_form.choose_wording, draft, "few_minutes", "I just need a few minutes.")
        await story.do(mara, space.send, draft)
        assert len(await story.timers()) == 2
        await story.heard(mara)
        await story.do(jonas, partners.unlink)
        assert await story.timers() == {}
        [row] = await story.rows(tables.space_requests)
        assert row.state == "closed"
        await story.at(timedelta(days=2))
        assert await story.heard(mara) == []
        assert {said.state for said in await story.heard(jonas) if said.kind.startswith("space.")} == {
            "dropped"
        }

    async def test_the_other_is_told_once_when_they_need_to_know(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await story.link(mara, jonas)
        await story.do(jonas, partners.unlink)
        await story.refused(LinkEnded, mara, signals.choose)
        await story.refused(NotLinked, mara, signals.choose)
        await story.refused(NotLinked, mara, partners.unlink)

    @pytest.mark.parametrize(
        "feature", [partners.invite, partners.unlink, space_form.ask_length, signals.choose]
    )
    async def test_every_partner_feature_tells_it(
        self, story: Story, mara: PersonId, jonas: PersonId, feature: object
    ) -> None:
        await story.link(mara, jonas)
        await story.do(jonas, partners.unlink)
        await story.refused(LinkEnded, mara, feature)

    async def test_who_left_knows(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        await story.link(mara, jonas)
        await story.do(jonas, partners.unlink)
        await story.refused(NotLinked, jonas, signals.choose)

    async def test_one_who_is_not_linked_cannot_leave(self, story: Story, mara: PersonId) -> None:
        await story.refused(NotLinked, mara, partners.unlink)

    async def test_they_can_link_again(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        first = await story.link(mara, jonas)
        await story.do(jonas, partners.unlink)
        await story.heard(jonas)
        await story.refused(LinkEnded, mara, partners.invite)
        second = await story.link(mara, jonas)
        assert second != first
        await story.do(mara, signals.choose)
        assert await story.kinds(mara) == ["signal.choose"]


class TestFarewell:
    @pytest.fixture
    async def left(self, story: Story, mara: PersonId, jonas: PersonId) -> CoupleId:
        """Jonas has left Mara."""
        couple = await story.link(mara, jonas)
        await story.do(jonas, partners.unlink)
        await story.heard(jonas)
        return couple

    async def test_one_line_if_the_leaver_wants_it(
        self, story: Story, mara: PersonId, jonas: PersonId, left: CoupleId
    ) -> None:
        await story.do(jonas, partners.send_farewell, left)
        [line] = await story.heard(mara)
        assert (line.kind, line.private) == ("unlink.line", {"name": "Jonas"})
        assert (line.priority, line.state) == (0, "waiting")
        assert await story.kinds(jonas) == ["relay.sent"]
        await story.refused(NotLinked, mara, signals.choose)

    async def test_once(self, story: Story, mara: PersonId, jonas: PersonId, left: CoupleId) -> None:
        await story.do(jonas, partners.send_farewell, left)
        await story.refused(Stale, jonas, partners.send_farewell, left)
        assert await story.kinds(mara) == ["unlink.line"]

    async def test_by_the_leaver_only(
        self, story: Story, mara: PersonId, jonas: PersonId, left: CoupleId
    ) -> None:
        kim = await story.person("Kim")
        for person in (mara, kim):
            await story.refused(Stale, person, partners.send_farewell, left)
        await story.do(jonas, partners.send_farewell, left)
        assert await story.kinds(mara) == ["unlink.line"]

    async def test_within_a_day(self, story: Story, mara: PersonId, jonas: PersonId, left: CoupleId) -> None:
        story.now += timedelta(hours=24, seconds=1)
        await story.refused(Stale, jonas, partners.send_farewell, left)
        assert await story.heard(mara) == []

    async def test_up_to_the_last_moment_of_it(
        self, story: Story, mara: PersonId, jonas: PersonId, left: CoupleId
    ) -> None:
        story.now += timedelta(hours=24)
        await story.do(jonas, partners.send_farewell, left)
        assert await story.kinds(mara) == ["unlink.line"]

    async def test_not_while_linked_and_not_for_a_couple_that_never_was(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        couple = await story.link(mara, jonas)
        await story.refused(Stale, jonas, partners.send_farewell, couple)
        await story.refused(Stale, jonas, partners.send_farewell, CoupleId(99))

    async def test_without_sound_in_quiet_hours(self, story: Story, jonas: PersonId) -> None:
        kim = await story.person("Kim", quiet=True)
        couple = await story.link(kim, jonas)
        story.now += timedelta(hours=5)  # 23:00 in Berlin
        await story.do(jonas, partners.unlink)
        await story.do(jonas, partners.send_farewell, couple)
        [line] = await story.heard(kim)
        assert line.silent
