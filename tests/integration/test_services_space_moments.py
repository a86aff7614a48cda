"""Asking for space in odd moments: a break for two, typed answers at the return time, and too late."""

from datetime import UTC, datetime

import pytest

from bot.domain.errors import TimeOutOfRange
from bot.domain.model import PersonId, SpaceId
from bot.services import space, space_form, space_return

from .conftest import NOW, Story
from .test_services_space import FEW, ask, draft_of, minutes, prepare


@pytest.fixture
async def linked(story: Story, mara: PersonId, jonas: PersonId) -> None:
    await story.link(mara, jonas)


@pytest.mark.usefixtures("linked")
class TestASharedBreak:
    async def test_the_preview_is_what_arrives_with_the_time_that_will_hold(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await ask(story, mara, 60)
        await story.heard(jonas)
        draft = await prepare(story, jonas, 20, "Me too.")
        preview = (await story.heard(jonas))[-1]
        assert (preview.kind, preview.back_at) == ("space.preview_joined", NOW + minutes(60))
        await story.heard(mara)
        await story.do(jonas, space.send, draft)
        [joined] = await story.heard(mara)
        assert (joined.kind, joined.back_at) == ("space.joined", preview.back_at)

    async def test_only_what_fits_into_the_shared_day_is_offered(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await ask(story, mara, 23 * 60)
        await story.at(NOW + minutes(23 * 60 - 5))
        await story.heard(jonas)
        await story.do(jonas, space_form.ask_length)
        page = (await story.heard(jonas))[-1]
        assert (page.kind, page.parameters["most"]) == ("space.length_shared", 35)
        draft = page.parameters["draft"]
        await story.refused(TimeOutOfRange, jonas, space_form.choose_length, draft, 60)
        await story.do(jonas, space_form.choose_length, draft, 30)
        assert (await story.heard(jonas))[-1].kind == "space.wording"

    async def test_at_the_end_of_the_day_there_is_no_room(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        request = await ask(story, mara, 23 * 60)
        await story.at(NOW + minutes(23 * 60))
        await story.do(mara, space.more_time, request, 30)
        await story.at(NOW + minutes(23 * 60 + 27))
        await story.do(jonas, space_form.ask_length)
        assert (await story.heard(jonas))[-1].kind == "space.no_room"

    async def test_who_is_away_too_does_not_wait_for_who_extends(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        request = await ask(story, mara, 20)
        await ask(story, jonas, 20)
        await story.heard(jonas)
        await story.do(mara, space.more_time, request, 60)
        assert await story.kinds(jonas) == ["space.more_time_both"]

    async def test_a_time_that_has_come_is_not_named_as_ahead(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        request = await ask(story, mara, 20)
        await ask(story, jonas, 20)
        await story.at(NOW + minutes(25))
        await story.heard(mara)
        await story.heard(jonas)
        await story.do(mara, space.back, request)
        assert await story.kinds(mara) == ["space.back_first_due"]
        assert await story.kinds(jonas) == ["space.returned_first_due"]


@pytest.mark.usefixtures("linked")
class TestTypedAtTheReturnTime:
    @pytest.fixture
    async def due(self, story: Story, mara: PersonId, jonas: PersonId) -> SpaceId:
        request = await ask(story, mara, 20)
        await story.at(NOW + minutes(21))
        await story.heard(mara)
        await story.heard(jonas)
        return request

    async def test_a_number_is_how_strong_it_is(self, story: Story, mara: PersonId, due: SpaceId) -> None:
        assert await story.do(mara, space_return.take_answer, " 7 ")
        rated = (await story.heard(mara))[-1]
        assert (rated.kind, rated.parameters["intensity"]) == ("space.rated", 7)

    @pytest.mark.parametrize("said", [("noch 20 Minuten", 41), ("half an hour", 51), ("um 19 Uhr", 60)])
    async def test_a_length_or_a_time_is_how_much_more(
        self, story: Story, mara: PersonId, jonas: PersonId, due: SpaceId, said: tuple[str, int]
    ) -> None:
        text, until = said
        assert await story.do(mara, space_return.take_answer, text)
        [told] = await story.heard(jonas)
        assert (told.kind, told.back_at) == ("space.more_time", NOW + minutes(until))

    @pytest.mark.parametrize("text", ["not yet", "11", "-1", ""])
    async def test_anything_else_is_no_answer(
        self, story: Story, mara: PersonId, due: SpaceId, text: str
    ) -> None:
        assert not await story.do(mara, space_return.take_answer, text)

    async def test_before_the_time_and_for_who_waits_a_number_is_nothing(
        self, story: Story, mara: PersonId, jonas: PersonId, due: SpaceId
    ) -> None:
        assert not await story.do(jonas, space_return.take_answer, "7")
        await story.do(mara, space.more_time, due, 20)
        assert not await story.do(mara, space_return.take_answer, "7")

    async def test_im_back_typed_says_that_it_takes_a_tap(
        self, story: Story, mara: PersonId, due: SpaceId
    ) -> None:
        await story.do(mara, space.show_open)
        assert await story.kinds(mara) == ["space.open_due"]


@pytest.mark.usefixtures("linked")
class TestTooLate:
    async def test_back_after_a_lapse_leads_to_a_sign(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await ask(story, mara)
        await story.at(NOW + minutes(24 * 60 + 5))
        await story.heard(mara)
        await story.do(mara, space.show_open)
        assert await story.kinds(mara) == ["space.lapsed_back"]
        await story.do(jonas, space.show_open)
        assert (await story.kinds(jonas))[-1] == "fallback.offer.back"

    async def test_ready_typed_after_the_return(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        await ask(story, mara)
        await story.do(mara, space.back)
        await story.heard(jonas)
        await story.do(jonas, space.show_open)
        assert await story.kinds(jonas) == ["space.ready_page"]

    async def test_not_today_when_it_stands_at_tomorrow_already(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        request = await ask(story, mara)
        await ask(story, jonas)
        morning = datetime(2026, 3, 3, 7, 0, tzinfo=UTC)
        await story.do(mara, space.more_until, request, morning)
        await story.heard(jonas)
        await story.do(jonas, space_return.not_today, request)
        assert await story.kinds(jonas) == ["space.stands"]

    async def test_a_preview_that_stood_too_long_asks_for_another_time_and_hears_it(
        self, story: Story, mara: PersonId
    ) -> None:
        await story.do(mara, space_form.ask_length)
        draft = await draft_of(story, mara)
        await story.do(mara, space_form.ask_time, draft)
        await story.do(mara, space_form.take_time, "18:30")
        await story.do(mara, space_form.choose_wording, draft, space_form.FEW_MINUTES, FEW)
        await story.at(NOW + minutes(31))
        await story.refused(TimeOutOfRange, mara, space.send, draft)
        assert await story.awaiting(mara) is not None
        await story.do(mara, space_form.take_time, "19:00")
        preview = (await story.heard(mara))[-1]
        assert (preview.kind, preview.back_at) == ("space.preview", NOW + minutes(60))
