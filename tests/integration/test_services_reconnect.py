"""After a break, on a real database: ready, a time to talk, the shared break, and one's own breaks."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from bot.domain.errors import LinkEnded, NotLinked, Stale, TooManySignals
from bot.domain.model import PersonId, SpaceId
from bot.domain.waiting import AFTER, EVENING, HOUR, MORNING
from bot.services import breaks, kept, partners, reconnect, relay, space, space_form, waiting
from bot.storage import tables

from .conftest import NOW, Said, Story
from .test_services_kept import types
from .test_services_space import ask, minutes

DAY = timedelta(days=1)


@pytest.fixture(autouse=True)
async def linked(story: Story, mara: PersonId, jonas: PersonId) -> None:
    await story.link(mara, jonas)


@pytest.fixture
async def returned(story: Story, mara: PersonId, jonas: PersonId, linked: None) -> SpaceId:
    """Mara asked at 18:00 and is back at 18:20; nothing else has been heard."""
    request = await ask(story, mara)
    await story.at(minutes(20))
    await story.do(mara, space.back)
    await hear(story, mara, jonas)
    return request


async def hear(story: Story, *people: PersonId) -> dict[PersonId, list[str]]:
    return {person: await story.kinds(person) for person in people}


async def state(story: Story, request: SpaceId) -> str:
    return str((await story.look(lambda uow: uow.space.get(request))).state)


class TestReady:
    @pytest.mark.parametrize("turned", [False, True])
    async def test_in_either_order(
        self, story: Story, mara: PersonId, jonas: PersonId, returned: SpaceId, turned: bool
    ) -> None:
        first, second = (jonas, mara) if turned else (mara, jonas)
        await story.do(first, reconnect.ready, returned)
        assert await story.kinds(first) == ["space.ready_said"]
        [said] = await story.heard(second)
        assert (said.kind, said.silent, said.relayed) == ("space.other_ready", True, True)
        await story.do(second, reconnect.ready, returned)
        assert await hear(story, first, second) == {first: ["card.both"], second: ["card.both"]}
        assert await state(story, returned) == "reconnected"
        assert await story.timers() == {f"space.talked {returned}": story.now + minutes(90)}
        await story.at(DAY)
        assert await hear(story, mara, jonas) == {mara: ["space.talked"], jonas: ["space.talked"]}
        assert await story.timers() == {}

    async def test_a_double_tap(
        self, story: Story, mara: PersonId, jonas: PersonId, returned: SpaceId
    ) -> None:
        for _ in range(2):
            await story.do(mara, reconnect.ready, returned)
        assert await story.kinds(jonas) == ["space.other_ready"]
        assert await state(story, returned) == "returned", "one of them twice is not both"
        await story.do(jonas, reconnect.ready, returned)
        for person in (mara, jonas):
            await story.refused(Stale, person, reconnect.ready, returned)

    async def test_ready_again_after_a_time_was_named_is_told_once(
        self, story: Story, mara: PersonId, jonas: PersonId, returned: SpaceId
    ) -> None:
        await story.do(mara, reconnect.ready, returned)
        await story.do(jonas, waiting.choose_ready, returned, HOUR)
        await story.at(minutes(60))
        await hear(story, mara, jonas)
        await story.do(mara, reconnect.ready, returned)
        assert await story.kinds(jonas) == []
        await story.do(jonas, reconnect.ready, returned)
        assert await state(story, returned) == "reconnected"

    async def test_nobody_else_and_not_before_the_return(
        self, story: Story, mara: PersonId, jonas: PersonId, returned: SpaceId
    ) -> None:
        kim, alex = await story.person("Kim"), await story.person("Alex")
        await story.refused(NotLinked, kim, reconnect.ready, returned)
        await story.link(kim, alex)
        await story.refused(Stale, kim, reconnect.ready, returned)
        await story.refused(Stale, kim, waiting.ask_ready, returned)
        await story.refused(Stale, mara, reconnect.ready, SpaceId(99))
        new = await ask(story, mara)
        for person in (mara, jonas):
            await story.refused(Stale, person, reconnect.ready, new)

    async def test_in_quiet_hours_the_card_comes_without_sound(self, story: Story) -> None:
        kim, alex = await story.person("Kim", quiet=True), await story.person("Alex")
        await story.link(kim, alex)
        request = await ask(story, alex)
        await story.do(alex, space.back)
        await story.at(timedelta(hours=5))
        await story.do(kim, reconnect.ready, request)
        await story.heard(kim)
        await story.do(alex, reconnect.ready, request)
        assert [(said.kind, said.silent) for said in await story.heard(kim)] == [("card.both", True)]

    async def test_the_card_at_any_time(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        await story.do(mara, reconnect.card)
        assert await hear(story, mara, jonas) == {mara: ["card.any"], jonas: []}
        await story.refused(NotLinked, await story.person("Kim"), reconnect.card)


class TestATimeToTalk:
    async def test_the_other_hears_it_and_both_are_asked_then(
        self, story: Story, mara: PersonId, jonas: PersonId, returned: SpaceId
    ) -> None:
        await story.do(jonas, waiting.ask_ready, returned)
        [asked] = await story.heard(jonas)
        assert (asked.kind, asked.parameters["meetings"]) == ("ready.ask_now", [HOUR, EVENING, MORNING])
        await story.do(jonas, waiting.choose_ready, returned, EVENING)
        evening = NOW + timedelta(hours=2)
        [sent] = await story.heard(jonas)
        [told] = await story.heard(mara)
        assert (sent.kind, told.kind, told.relayed) == ("ready.sent", "space.meets_later", True)
        assert sent.parameters["ready_at"] == told.parameters["ready_at"] == evening.isoformat()
        assert await story.timers() == {
            f"space.meet {returned}": evening,
            f"space.close {returned}": evening + timedelta(hours=12),
        }
        await story.at(evening - timedelta(seconds=1))
        assert await hear(story, mara, jonas) == {mara: [], jonas: []}
        await story.at(evening)
        assert await hear(story, mara, jonas) == {mara: ["space.meet"], jonas: ["space.meet"]}
        await story.at(DAY)
        assert await hear(story, mara, jonas) == {mara: [], jonas: []}
        assert await state(story, returned) == "closed"
        await story.refused(Stale, mara, reconnect.ready, returned)

    async def test_hours_late(self, story: Story, mara: PersonId, jonas: PersonId, returned: SpaceId) -> None:
        await story.do(jonas, waiting.choose_ready, returned, HOUR)
        await hear(story, mara, jonas)
        await story.jump(timedelta(hours=7))
        assert await hear(story, mara, jonas) == {mara: ["space.meet"], jonas: ["space.meet"]}
        await story.do(mara, reconnect.ready, returned)
        assert await story.kinds(jonas) == ["space.other_ready"]

    async def test_so_late_that_it_closes_in_the_same_moment(
        self, story: Story, mara: PersonId, jonas: PersonId, returned: SpaceId
    ) -> None:
        await story.do(jonas, waiting.choose_ready, returned, HOUR)
        await hear(story, mara, jonas)
        await story.jump(timedelta(hours=14))
        assert await hear(story, mara, jonas) == {mara: [], jonas: []}, "no button that does nothing"
        assert await state(story, returned) == "closed"
        await story.refused(Stale, mara, reconnect.ready, returned)

    async def test_named_in_the_break_and_kept_after_it(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        request = await ask(story, mara)
        await story.do(jonas, waiting.choose_ready, request, AFTER)
        await story.do(mara, space.back)
        await hear(story, mara, jonas)
        await story.at(NOW + minutes(80))
        assert await hear(story, mara, jonas) == {mara: ["space.meet"], jonas: ["space.meet"]}

    async def test_typed(self, story: Story, mara: PersonId, jonas: PersonId, returned: SpaceId) -> None:
        await story.do(mara, waiting.ask_ready, returned)
        await types(story, mara, "21:15")
        assert await story.kinds(mara) == ["ready.ask_now", "ready.sent"]
        [told] = await story.heard(jonas)
        assert datetime.fromisoformat(told.parameters["ready_at"]) == NOW + minutes(195)

    async def test_it_counts_as_a_line(
        self, story: Story, mara: PersonId, jonas: PersonId, returned: SpaceId
    ) -> None:
        for name in (HOUR, EVENING, HOUR):
            await story.do(jonas, waiting.choose_ready, returned, name)
        await story.refused(TooManySignals, jonas, waiting.choose_ready, returned, EVENING)
        assert await story.kinds(mara) == ["space.meets_later"] * 3
        await story.do(jonas, relay.preview, "One more.")
        assert (await story.kinds(jonas))[-1] == "relay.enough"


class TestItsEnd:
    async def test_twelve_hours_later(
        self, story: Story, mara: PersonId, jonas: PersonId, returned: SpaceId
    ) -> None:
        await story.do(mara, reconnect.ready, returned)
        await hear(story, mara, jonas)
        await story.at(timedelta(hours=12))
        assert await state(story, returned) == "closed"
        assert await hear(story, mara, jonas) == {mara: [], jonas: []}
        await story.refused(Stale, jonas, reconnect.ready, returned)
        await story.refused(Stale, jonas, waiting.choose_ready, returned, HOUR)

    @pytest.mark.parametrize("both", [False, True])
    async def test_a_new_request_closes_the_last_one(
        self, story: Story, mara: PersonId, jonas: PersonId, returned: SpaceId, both: bool
    ) -> None:
        await story.do(jonas, waiting.choose_ready, returned, HOUR)
        if both:
            await story.do(mara, reconnect.ready, returned)
            await story.do(jonas, reconnect.ready, returned)
        new = await ask(story, jonas, 23 * 60)
        assert await state(story, returned) == ("reconnected" if both else "closed")
        assert set(await story.timers()) == {f"space.return {new}", f"space.lapse {new}"}
        await hear(story, mara, jonas)
        await story.at(timedelta(hours=14))
        assert await hear(story, mara, jonas) == {mara: [], jonas: []}
        await story.refused(Stale, mara, reconnect.ready, returned)

    @pytest.mark.parametrize("how", ["returned", "named", "reconnected"])
    @pytest.mark.parametrize("turned", [False, True])
    async def test_with_the_link_all_of_it_stops(
        self, story: Story, returned: SpaceId, how: str, turned: bool
    ) -> None:
        mara, jonas = PersonId(1), PersonId(2)
        if how == "named":
            await story.do(jonas, waiting.choose_ready, returned, HOUR)
        elif how == "reconnected":
            await story.do(mara, reconnect.ready, returned)
            await story.do(jonas, reconnect.ready, returned)
        await hear(story, mara, jonas)
        leaves, stays = (jonas, mara) if turned else (mara, jonas)
        await story.do(leaves, partners.unlink)
        assert await story.timers() == {}
        await story.at(timedelta(days=2))
        assert await hear(story, leaves, stays) == {leaves: ["unlink.done"], stays: []}
        await story.refused(LinkEnded, stays, reconnect.ready, returned)
        await story.refused(NotLinked, leaves, reconnect.ready, returned)
        await story.link(mara, jonas)
        await story.refused(Stale, stays, reconnect.ready, returned)

    async def test_what_still_waits_is_called_off_with_the_link(
        self, story: Story, mara: PersonId, jonas: PersonId, returned: SpaceId
    ) -> None:
        await story.do(mara, reconnect.ready, returned)
        await story.do(mara, waiting.choose_ready, returned, HOUR)
        await story.do(jonas, reconnect.ready, returned)
        await story.do(mara, reconnect.ready, returned)
        await story.do(mara, partners.unlink)
        told = await story.heard(jonas)
        assert {said.kind for said in told} >= {"space.other_ready", "space.meets_later", "card.both"}
        assert {said.state for said in told} == {"dropped"}


class TestSharedBreak:
    async def test_each_knows_where_they_are(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        request = await ask(story, mara)
        await story.heard(jonas)
        await story.at(minutes(5))
        await story.do(jonas, _asks_for, 10)
        *_, joined = await story.heard(jonas)
        assert (joined.kind, joined.private["name"]) == ("space.sent_joined", "Mara")
        assert joined.back_at == NOW + minutes(20), "the later time holds"
        [told] = await story.heard(mara)
        assert (told.kind, told.private["name"], told.back_at) == (
            "space.joined",
            "Jonas",
            NOW + minutes(20),
        )
        await story.do(mara, space.back, request)
        [back] = await story.heard(mara)
        assert (back.kind, back.private, back.back_at) == (
            "space.back_first",
            {"name": "Jonas"},
            NOW + minutes(20),
        )
        [other_back] = await story.heard(jonas)
        assert (other_back.kind, other_back.private) == ("space.returned_first", {"name": "Mara"})
        await story.at(NOW + minutes(20))
        assert await hear(story, mara, jonas) == {
            mara: ["space.time_is_up.now"],
            jonas: ["space.how_now.now"],
        }
        await story.do(jonas, space.back, request)
        assert await hear(story, mara, jonas) == {mara: ["space.returned"], jonas: ["space.back"]}
        await story.do(jonas, reconnect.ready, request)
        await story.do(mara, reconnect.ready, request)
        assert await state(story, request) == "reconnected"

    async def test_what_who_is_back_writes_is_kept_for_who_is_not(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await ask(story, mara)
        await ask(story, jonas, 30)
        await story.do(mara, space.back)
        await hear(story, mara, jonas)
        await story.do(mara, kept.ask)
        await types(story, mara, "Take your time.")
        assert (await story.kinds(mara))[-1] == "kept.message"
        assert await story.kinds(jonas) == []


async def _asks_for(visit: Any, length: int) -> None:
    await space_form.ask_length(visit, length)
    draft = await visit.uow.drafts.get(visit.person.id, space_form.DRAFT)
    await space_form.choose_wording(visit, draft.id, space_form.FEW_MINUTES, "Me, too.")
    await space.send(visit, draft.id)


async def shown(story: Story, person: PersonId, page: int = 0) -> Said:
    await story.heard(person)
    await story.do(person, breaks.show, page)
    [said] = await story.heard(person)
    return said


class TestOwnBreaks:
    async def test_each_outcome(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        assert (await shown(story, mara)).kind == "breaks.none"
        await ask(story, mara)
        await story.at(minutes(25))
        await story.do(mara, space.back)  # as said
        second = await ask(story, mara)
        await story.at(minutes(20))
        await story.do(mara, space.more_time, second, 20)
        await story.at(minutes(55))
        await story.do(mara, space.back)  # later than said
        third = await ask(story, mara)
        await story.do(mara, space.withdraw, third)
        await ask(story, mara)
        await story.at(DAY)  # lapsed
        await ask(story, mara)
        going_on = await shown(story, mara)
        assert going_on.parameters["breaks"][0][1] == "away"
        await story.do(mara, partners.unlink)
        said = await shown(story, mara)
        assert said.kind == "breaks.list"
        outcomes = [row[1] for row in said.parameters["breaks"]]
        assert outcomes == ["ended", "lapsed", "taken_back", "later", "as_said"]
        assert (said.parameters["as_said"], said.parameters["counted"]) == (1, 3)
        assert said.parameters["breaks"][4] == [
            NOW.isoformat(),
            "as_said",
            (NOW + minutes(20)).isoformat(),
            (NOW + minutes(25)).isoformat(),
        ]
        later = said.parameters["breaks"][3]
        assert later[2] == (NOW + minutes(65)).isoformat(), "the time that held, not the first one"

    async def test_one_page_after_the_other(self, story: Story, mara: PersonId) -> None:
        for _ in range(7):
            await ask(story, mara)
            await story.do(mara, space.back)
            await story.at(timedelta(hours=5))
        pages = [await shown(story, mara, page) for page in (0, 1, 9, -1)]
        assert [(len(p.parameters["breaks"]), p.parameters["page"], p.parameters["more"]) for p in pages] == [
            (5, 0, True),
            (2, 1, False),
            (2, 1, False),
            (5, 0, True),
        ]
        newest, last = pages[0].parameters["breaks"][0], pages[1].parameters["breaks"][-1]
        assert (newest[0], last[0]) == ((NOW + timedelta(hours=30)).isoformat(), NOW.isoformat())
        assert pages[1].parameters["counted"] == 7, "the number is about all of them"

    async def test_the_other_cannot_see_it(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        await ask(story, mara)
        await story.heard(jonas)
        await story.do(mara, breaks.show)
        assert await story.kinds(jonas) == [], "nor that it was looked at"
        assert (await shown(story, jonas)).kind == "breaks.none"
        await ask(story, jonas)
        assert len((await shown(story, jonas)).parameters["breaks"]) == 1, "a shared break is in both lists"
        own = (await shown(story, mara)).parameters["breaks"]
        await story.do(jonas, space.back)
        assert (await shown(story, mara)).parameters["breaks"] == own, "and each says what one did oneself"

    async def test_a_break_without_a_partner_and_after_the_link(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await ask(story, mara)
        await story.do(mara, space.back)
        await story.do(jonas, partners.unlink)
        with pytest.raises(LinkEnded):
            await ask(story, mara)
        await ask(story, mara)
        assert len((await shown(story, mara)).parameters["breaks"]) == 2
        assert len(await story.rows(tables.space_requests)) == 2
