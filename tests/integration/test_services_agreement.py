"""Our agreement on a real database: proposed, confirmed, used as defaults; and gone with the link."""

from datetime import timedelta
from typing import Any

import pytest

from bot.domain.agreement import PHRASES, Terms
from bot.domain.errors import (
    LinkEnded,
    NothingNew,
    NotLinked,
    ProposalChanged,
    Stale,
    TooManySignals,
)
from bot.domain.model import CoupleId, PersonId
from bot.services import agreement, agreement_form, partners, relay, settings, space, space_form
from bot.storage import tables
from bot.storage.outbox import DROPPED

from .conftest import NOW, Said, Story
from .test_services_space import ask, draft_of
from .test_services_space_form import last, minute, rated

EVENING = timedelta(hours=2)


@pytest.fixture
async def couple(story: Story, mara: PersonId, jonas: PersonId) -> CoupleId:
    return await story.link(mara, jonas)


async def form_of(story: Story, person: PersonId) -> int:
    draft = await story.look(lambda uow: uow.drafts.get(person, agreement.DRAFT))
    assert draft is not None
    return int(draft.id)


async def fill_in(story: Story, person: PersonId, **terms: Any) -> int:
    """A form with these terms, up to its preview."""
    await story.do(person, agreement_form.begin)
    return await change(story, person, **terms)


async def change(story: Story, person: PersonId, **terms: Any) -> int:
    form = await form_of(story, person)
    for part, value in terms.items():
        await story.do(person, agreement_form.choose, form, part, str(value).lower())
    await story.do(person, agreement_form.preview, form)
    return await form_of(story, person)


async def propose(story: Story, person: PersonId, **terms: Any) -> Said:
    """What is said to who proposes it."""
    await story.do(person, agreement_form.send, await fill_in(story, person, **terms))
    return await last(story, person)


async def agree(story: Story, person: PersonId, other: PersonId, **terms: Any) -> None:
    """The two agree on these terms; nobody has heard anything afterwards."""
    sent = await propose(story, person, **terms)
    await story.do(other, agreement.agree, sent.parameters["agreement"], sent.parameters["revision"])
    await story.heard(person)
    await story.heard(other)


async def agreed(story: Story, couple: CoupleId) -> Terms:
    found: Terms = (await story.look(lambda uow: uow.agreements.of_couple(couple))).agreed
    return found


class TestProposing:
    async def test_it_arrives_as_it_was_shown_and_holds_with_the_second_yes(
        self, story: Story, mara: PersonId, jonas: PersonId, couple: CoupleId
    ) -> None:
        form = await fill_in(story, mara, minutes=20, longest=120)
        preview = await last(story, mara)
        assert preview.kind == "agreement.preview"
        assert await story.heard(jonas) == []
        await story.do(mara, agreement_form.send, form)
        [proposal] = await story.heard(jonas)
        assert proposal.kind == "agreement.proposal"
        assert proposal.parameters["proposed"] == preview.parameters["proposed"]
        assert proposal.parameters["proposed"] == vars(Terms(minutes=20, longest=120))
        assert (proposal.relayed, proposal.priority, proposal.silent) == (True, 0, False)
        assert await agreed(story, couple) == Terms()
        await story.heard(mara)
        of_it = (proposal.parameters["agreement"], proposal.parameters["revision"])
        await story.do(jonas, agreement.agree, *of_it)
        assert await story.kinds(jonas) == ["agreement.confirmed"]
        assert await story.kinds(mara) == ["agreement.agreed"]
        assert await agreed(story, couple) == Terms(minutes=20, longest=120)
        # A second tap on it does nothing twice.
        await story.refused(ProposalChanged, jonas, agreement.agree, *of_it)
        assert await story.kinds(mara) == []

    async def test_another_proposal_is_an_answer(
        self, story: Story, mara: PersonId, jonas: PersonId, couple: CoupleId
    ) -> None:
        first = (await propose(story, mara, minutes=20)).parameters
        await story.do(jonas, agreement_form.change, first["agreement"], first["revision"])
        await story.do(jonas, agreement_form.send, await change(story, jonas, minutes=30))
        second = (await last(story, jonas)).parameters
        [told] = await story.heard(mara)
        assert told.parameters["proposed"] == vars(Terms(minutes=30))
        for person, about in ((jonas, first), (jonas, second), (mara, first)):
            await story.refused(
                ProposalChanged, person, agreement.agree, about["agreement"], about["revision"]
            )
        assert await agreed(story, couple) == Terms()
        await story.do(mara, agreement.agree, second["agreement"], second["revision"])
        assert await agreed(story, couple) == Terms(minutes=30)

    async def test_taking_it_back_says_nothing(
        self, story: Story, mara: PersonId, jonas: PersonId, couple: CoupleId
    ) -> None:
        about = (await propose(story, mara, first="ready")).parameters
        of_it = (about["agreement"], about["revision"])
        await story.refused(ProposalChanged, jonas, agreement.take_back, *of_it)
        await story.do(mara, agreement.take_back, *of_it)
        # It had not been sent yet: now it never is.
        assert [(said.kind, said.state) for said in await story.heard(jonas)] == [
            ("agreement.proposal", DROPPED)
        ]
        await story.refused(ProposalChanged, jonas, agreement.agree, *of_it)
        await story.refused(ProposalChanged, mara, agreement.take_back, *of_it)
        await story.refused(ProposalChanged, jonas, agreement_form.change, *of_it)
        assert await agreed(story, couple) == Terms()

    @pytest.mark.usefixtures("couple")
    async def test_both_at_once(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        hers, his = await fill_in(story, mara, minutes=20), await fill_in(story, jonas, minutes=30)
        await story.do(mara, agreement_form.send, hers)
        await story.refused(ProposalChanged, jonas, agreement_form.send, his)
        await story.do(jonas, agreement.show)
        page = await last(story, jonas)
        assert page.kind == "agreement.theirs"
        assert page.parameters["draft"] == his, "his own is still there"
        # From the page that shows hers, his own goes on, and takes its place.
        await story.do(jonas, agreement_form.go_on, his, page.parameters["revision"])
        await story.heard(mara)
        await story.do(jonas, agreement_form.send, await change(story, jonas))
        assert (await last(story, mara)).parameters["proposed"] == vars(Terms(minutes=30))

    @pytest.mark.usefixtures("couple")
    async def test_a_form_opened_on_an_older_page_shows_the_proposal(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await propose(story, mara, minutes=20)
        await story.do(jonas, agreement_form.begin)
        assert (await last(story, jonas)).kind == "agreement.theirs"

    @pytest.mark.usefixtures("couple")
    async def test_nothing_new(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        await agree(story, mara, jonas, minutes=20)
        await story.do(jonas, agreement_form.begin)
        await story.refused(NothingNew, jonas, agreement_form.preview, await form_of(story, jonas))

    @pytest.mark.usefixtures("couple")
    async def test_only_what_was_shown_goes(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        shown = await fill_in(story, mara, minutes=20)
        await story.do(mara, agreement_form.choose, shown, "minutes", "60")
        await story.refused(Stale, mara, agreement_form.send, shown)
        again = await change(story, mara, minutes=30)
        await story.refused(Stale, mara, agreement_form.send, shown)
        await story.do(mara, settings.take_name, "Mara B.")
        await story.refused(Stale, mara, agreement_form.send, again)
        assert await story.heard(jonas) == []

    @pytest.mark.usefixtures("couple")
    @pytest.mark.parametrize(
        ("part", "value"), [("minutes", "7"), ("couple", "1"), ("first", "mara"), ("", "none")]
    )
    async def test_forged_values(self, story: Story, mara: PersonId, part: str, value: str) -> None:
        await story.do(mara, agreement_form.begin)
        form = await form_of(story, mara)
        await story.refused(Stale, mara, agreement_form.choose, form, part, value)
        if part not in ("minutes", "first"):
            await story.refused(Stale, mara, agreement_form.ask, form, part)

    @pytest.mark.usefixtures("couple")
    async def test_it_counts_as_a_line(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        for length in (10, 20):
            about = (await propose(story, mara, minutes=length)).parameters
            await story.do(mara, agreement.take_back, about["agreement"], about["revision"])
        about = (await propose(story, mara, minutes=30)).parameters
        assert len(await story.heard(jonas)) == 3
        await story.do(mara, agreement_form.change, about["agreement"], about["revision"])
        form = await form_of(story, mara)
        await story.do(mara, agreement_form.choose, form, "minutes", "60")
        await story.refused(TooManySignals, mara, agreement_form.preview, form)
        await story.do(mara, relay.preview, "Hello")
        assert (await last(story, mara)).kind == "relay.enough"
        await story.at(timedelta(days=1, minutes=1))
        await story.do(mara, agreement_form.preview, form)
        assert (await last(story, mara)).kind == "agreement.preview"

    async def test_without_sound_in_quiet_hours(self, story: Story, mara: PersonId) -> None:
        kim = await story.person("Kim", quiet=True)
        await story.link(mara, kim)
        await story.at(timedelta(hours=5))
        await agree_late(story, mara, kim)

    @pytest.mark.usefixtures("couple")
    async def test_somebody_else(self, story: Story, mara: PersonId) -> None:
        about = (await propose(story, mara, minutes=20)).parameters
        of_it = (about["agreement"], about["revision"])
        kim, lea = await story.person("Kim"), await story.person("Lea")
        await story.link(kim, lea)
        for service in (agreement.agree, agreement.take_back, agreement_form.change):
            await story.refused(Stale, kim, service, *of_it)
        noa = await story.person("Noa")
        await story.refused(NotLinked, noa, agreement.agree, *of_it)
        await story.refused(NotLinked, noa, agreement.show)


async def agree_late(story: Story, one: PersonId, other: PersonId) -> None:
    """Whoever sleeps hears it without sound."""
    sent = (await propose(story, one, minutes=20)).parameters
    [proposal] = await story.heard(other)
    assert proposal.silent
    await story.do(other, agreement.agree, sent["agreement"], sent["revision"])
    assert not (await last(story, one)).silent


@pytest.mark.usefixtures("couple")
class TestDuringABreak:
    async def test_the_form_waits(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        shown = await fill_in(story, mara, minutes=20)
        await ask(story, jonas, 30)
        await story.heard(jonas)
        await story.do(mara, agreement_form.send, shown)
        away = await last(story, mara)
        assert away.kind == "agreement.partner_away"
        assert away.back_at == NOW + timedelta(minutes=30)
        await story.do(mara, agreement_form.preview, shown)
        assert (await last(story, mara)).kind == "agreement.partner_away"
        assert await story.heard(jonas) == []
        await story.do(jonas, space.back)
        await story.heard(jonas)
        await story.do(mara, agreement.show)
        assert (await last(story, mara)).parameters["draft"] == shown
        await story.do(mara, agreement_form.send, shown)
        assert await story.kinds(jonas) == ["agreement.proposal"]

    async def test_a_yes_does_not_call_who_asked_for_space(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        sent = (await propose(story, mara, minutes=20)).parameters
        await ask(story, mara, 30)
        await story.heard(mara)
        await story.do(jonas, agreement.agree, sent["agreement"], sent["revision"])
        assert await story.heard(mara) == []
        await story.do(mara, agreement.show)
        page = await last(story, mara)
        assert (page.kind, page.parameters["terms"]["minutes"]) == ("agreement.page", 20)


class TestWhatTheyLikeToHear:
    async def test_each_marks_their_own_and_both_see_it(
        self, story: Story, mara: PersonId, jonas: PersonId, couple: CoupleId
    ) -> None:
        for phrase in ("thanks", "feel"):
            await story.do(mara, agreement.mark, couple, phrase, True)
        page = await last(story, mara)
        assert (page.parameters["marked"], page.parameters["welcome"]) == (["feel", "thanks"], [])
        assert await story.heard(jonas) == [], "nothing is pushed"
        await story.do(jonas, agreement.show)
        assert (await last(story, jonas)).parameters["welcome"] == ["feel", "thanks"]
        await story.refused(Stale, mara, agreement.mark, couple, "feel", True)
        await story.do(mara, agreement.mark, couple, "feel", False)
        await story.refused(Stale, mara, agreement.mark, couple, "feel", False)
        assert (await last(story, mara)).parameters["marked"] == ["thanks"]

    async def test_forged_marks(self, story: Story, mara: PersonId, couple: CoupleId) -> None:
        await story.refused(Stale, mara, agreement.mark, couple, "you_always", True)
        await story.refused(Stale, mara, agreement.mark, couple + 1, PHRASES[0], True)

    async def test_for_the_card(
        self, story: Story, mara: PersonId, jonas: PersonId, couple: CoupleId
    ) -> None:
        assert await card(story, couple, mara) == {"welcome": [], "begins": None}
        await agree(story, mara, jonas, first="waited")
        await story.do(jonas, agreement.mark, couple, "sorry", True)
        assert await card(story, couple, mara) == {"welcome": ["sorry"], "begins": "waited"}
        assert await card(story, couple, jonas) == {"welcome": [], "begins": "waited"}
        await story.do(jonas, partners.unlink)
        assert await card(story, couple, mara) == {"welcome": [], "begins": None}


async def card(story: Story, couple: CoupleId, reader: PersonId) -> Any:
    return await story.look(lambda uow: agreement.for_card(uow, couple, reader))


class TestTheLinkEnds:
    async def test_all_of_it_is_gone(
        self, story: Story, mara: PersonId, jonas: PersonId, couple: CoupleId
    ) -> None:
        await agree(story, mara, jonas, minutes=20, longest=60)
        await story.do(mara, agreement.mark, couple, "sorry", True)
        form = await fill_in(story, jonas, minutes=30)
        old = (await propose(story, mara, minutes=10)).parameters
        await story.do(mara, partners.unlink)
        assert [said.state for said in await story.heard(jonas) if said.kind == "agreement.proposal"] == [
            DROPPED
        ]
        assert await story.rows(tables.agreements) == []
        assert await story.rows(tables.welcome_phrases) == []
        await story.refused(LinkEnded, jonas, agreement.agree, old["agreement"], old["revision"])
        await story.refused(NotLinked, jonas, agreement_form.send, form)
        await story.refused(NotLinked, mara, agreement.show)
        # With a new link they begin anew, and old buttons name nothing.
        again = await story.link(mara, jonas)
        await propose(story, mara, minutes=30)
        await story.refused(Stale, jonas, agreement.agree, old["agreement"], old["revision"])
        await story.refused(Stale, jonas, agreement.agree, old["agreement"], 1)
        await story.refused(Stale, jonas, agreement_form.send, form)
        await story.refused(Stale, mara, agreement.mark, couple, "feel", True)
        assert await agreed(story, again) == Terms()


@pytest.mark.usefixtures("couple")
class TestDefaults:
    async def test_without_one_all_is_as_before(self, story: Story, mara: PersonId) -> None:
        await story.do(mara, space_form.ask_length)
        assert (await last(story, mara)).parameters["agreed"] is None
        await story.do(mara, space_form.choose_length, await draft_of(story, mara), 10)
        page = await last(story, mara)
        assert page.parameters["wordings"] == [space_form.FEW_MINUTES, space_form.SETTLE]
        assert page.parameters["first"] == space_form.FEW_MINUTES
        assert page.parameters["agreed"] is None

    @pytest.mark.parametrize("length", [5, 30])
    async def test_length_and_wording_come_first(
        self, story: Story, mara: PersonId, jonas: PersonId, length: int
    ) -> None:
        await agree(story, jonas, mara, minutes=length, wording=space_form.SETTLE)
        await story.do(mara, space_form.ask_length)
        assert (await last(story, mara)).parameters["agreed"] == length
        await story.do(mara, space_form.choose_length, await draft_of(story, mara), length)
        page = await last(story, mara)
        assert page.parameters["wordings"] == [space_form.SETTLE, space_form.FEW_MINUTES]
        assert page.parameters["first"] == space_form.SETTLE

    async def test_a_proposal_alone_changes_nothing(self, story: Story, mara: PersonId) -> None:
        await propose(story, mara, minutes=30, longest=60)
        await story.do(mara, space_form.ask_length)
        assert (await last(story, mara)).parameters["agreed"] is None

    async def test_longer_than_agreed_is_said_once_and_then_it_is_theirs(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await agree(story, jonas, mara, longest=60)
        await story.do(mara, space_form.ask_length)
        draft = await draft_of(story, mara)
        await story.do(mara, space_form.choose_until, draft, minute(NOW + EVENING))
        said = await last(story, mara)
        assert (said.kind, said.parameters["longest"]) == ("space.agreed_longest", 60)
        assert said.back_at == NOW + EVENING
        await story.do(mara, space_form.stay, draft)
        assert (await last(story, mara)).kind == "space.wording"
        await story.do(mara, space_form.ask_time, draft)
        await story.do(mara, space_form.take_time, "3 h")
        assert (await last(story, mara)).kind == "space.wording", "once in a form"
        await story.do(mara, space_form.choose_wording, draft, space_form.SETTLE, "…")
        await story.do(mara, space.send, draft)
        assert (await last(story, mara)).back_at == NOW + timedelta(hours=3)

    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            ("60 min", "space.wording"),
            ("61 min", "space.agreed_longest"),
            ("19:00", "space.wording"),
            ("19:01", "space.agreed_longest"),
            ("tomorrow 8:00", "space.agreed_longest"),
        ],
    )
    async def test_typed_times_count(
        self, story: Story, mara: PersonId, jonas: PersonId, text: str, kind: str
    ) -> None:
        await agree(story, jonas, mara, longest=60)
        await story.do(mara, space_form.ask_length)
        await story.do(mara, space_form.ask_time, await draft_of(story, mara))
        await story.do(mara, space_form.take_time, text)
        assert (await last(story, mara)).kind == kind

    async def test_making_it_that_long(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        await agree(story, jonas, mara, longest=120)
        await story.do(mara, space_form.ask_length, 240)
        assert (await last(story, mara)).kind == "space.agreed_longest"
        draft = await draft_of(story, mara)
        await story.do(mara, space_form.choose_length, draft, 120)
        await story.do(mara, space_form.choose_wording, draft, space_form.SETTLE, "…")
        assert (await last(story, mara)).back_at == NOW + EVENING

    async def test_never_two_such_lines_in_one_form(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await agree(story, jonas, mara, longest=60)
        await rated(story, mara, 9)
        await story.do(mara, space_form.ask_length, 10)
        assert (await last(story, mara)).kind == "space.why_twenty"
        await story.do(mara, space_form.choose_length, await draft_of(story, mara), 90)
        assert (await last(story, mara)).kind == "space.wording"

    async def test_the_same_as_last_time_counts(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        await ask(story, mara, 180)
        await story.do(mara, space.back)
        await agree(story, jonas, mara, longest=60)
        await story.do(mara, space_form.ask_length)
        draft = await draft_of(story, mara)
        await story.do(mara, space_form.same_as_last, draft)
        assert (await last(story, mara)).kind == "space.agreed_longest"
        await story.do(mara, space_form.stay, draft)
        preview = await last(story, mara)
        assert (preview.kind, preview.back_at) == ("space.preview", NOW + timedelta(hours=3))
