"""Asking for space and coming back, on a real database."""

from datetime import datetime, timedelta

import pytest

from bot.domain.errors import (
    Stale,
    TimeOutOfRange,
    TimeUnclear,
    TooLong,
    TooManyExtensions,
    TooManyToday,
)
from bot.domain.model import PersonId, SpaceId
from bot.services import journal, partners, space, space_form, space_return
from bot.storage import queue_tables, tables

from .conftest import NOW, Story

pytestmark = pytest.mark.both

FEW = "I just need a few minutes."


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


async def draft_of(story: Story, person: PersonId) -> int:
    draft = await story.look(lambda uow: uow.drafts.get(person, space_form.DRAFT))
    assert draft is not None
    return int(draft.id)


async def prepare(story: Story, person: PersonId, length: int = 20, words: str = FEW) -> int:
    """A request that is written and not sent; its draft."""
    await story.do(person, space_form.ask_length, length)
    draft = await draft_of(story, person)
    await story.do(person, space_form.choose_wording, draft, space_form.FEW_MINUTES, words)
    return draft


async def ask(story: Story, person: PersonId, length: int = 20, words: str = FEW) -> SpaceId:
    """A request that is sent; its id."""
    await story.do(person, space.send, await prepare(story, person, length, words))
    sent = (await story.heard(person))[-1]
    assert sent.kind in ("space.sent", "space.sent_alone", "space.sent_joined")
    return SpaceId(sent.parameters["request"])


@pytest.fixture
async def linked(story: Story, mara: PersonId, jonas: PersonId) -> None:
    await story.link(mara, jonas)


@pytest.mark.usefixtures("linked")
class TestTogether:
    async def test_from_the_first_word_to_the_return(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await story.do(mara, space_form.ask_length)
        [length] = await story.heard(mara)
        assert length.kind == "space.length"
        draft = length.parameters["draft"]
        await story.do(mara, space_form.choose_length, draft, 20)
        [wording] = await story.heard(mara)
        assert (wording.kind, wording.parameters["first"]) == ("space.wording", "settle_thoughts")
        await story.do(mara, space_form.choose_wording, draft, "settle_thoughts", "I need some time.")
        [preview] = await story.heard(mara)
        assert preview.kind == "space.preview"
        assert preview.private == {"words": "I need some time.", "name": "Jonas", "own_name": "Mara"}
        assert preview.back_at == NOW + minutes(20)
        assert await story.heard(jonas) == []
        assert await story.rows(tables.space_requests) == []
        assert await story.timers() == {}

        await story.do(mara, space.send, draft)
        [sent] = await story.heard(mara)
        [request] = await story.heard(jonas)
        assert (sent.kind, sent.private) == ("space.sent", {"words": "I need some time."})
        assert request.kind == "space.request"
        assert request.private == {"words": "I need some time.", "name": "Mara"}
        assert (request.priority, request.relayed, request.silent) == (0, True, False)
        assert request.back_at == NOW + minutes(20)
        assert "from" not in request.parameters
        number = request.parameters["request"]
        assert await story.timers() == {
            f"space.return {number}": NOW + minutes(20),
            f"space.lapse {number}": NOW + timedelta(hours=24),
        }
        assert await story.look(lambda uow: uow.drafts.get(mara, space_form.DRAFT)) is None

        await story.at(minutes(20))
        assert await story.kinds(mara) == ["space.how_now.now"]
        [told] = await story.heard(jonas)
        assert (told.kind, told.private) == ("space.time_is_up.now", {"name": "Mara"})
        assert set(await story.timers()) == {f"space.unanswered {number}", f"space.lapse {number}"}

        await story.at(minutes(10))
        assert await story.kinds(mara) == ["space.still_there"]
        assert await story.kinds(jonas) == ["space.no_word"]

        await story.do(mara, space.back, number)
        [back] = await story.heard(mara)
        [returned] = await story.heard(jonas)
        assert back.kind == "space.back"
        assert (returned.kind, returned.private) == ("space.returned", {"name": "Mara"})
        assert await story.timers() == {f"space.close {number}": NOW + minutes(12 * 60 + 30)}
        await story.at(timedelta(days=2))
        assert await story.heard(mara) == await story.heard(jonas) == []

    @pytest.mark.parametrize(("length", "first"), [(19, "few_minutes"), (20, "settle_thoughts")])
    async def test_the_wording_that_fits_the_length_comes_first(
        self, story: Story, mara: PersonId, length: int, first: str
    ) -> None:
        await story.do(mara, space_form.ask_length, length)
        [wording] = await story.heard(mara)
        assert wording.parameters["first"] == first

    async def test_more_time(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        request = await ask(story, mara)
        await story.at(minutes(25))
        await story.heard(jonas)
        await story.do(mara, space_return.offer_more, request)
        await story.do(mara, space.more_time, request, 20)
        assert (await story.kinds(mara))[-2:] == ["space.how_much_more", "space.extended"]
        [more] = await story.heard(jonas)
        assert (more.kind, more.back_at) == ("space.more_time", story.now + minutes(20))
        assert (await story.timers())[f"space.return {request}"] == story.now + minutes(20)

    async def test_more_time_asked_early_is_added_to_the_promised_time(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        request = await ask(story, mara)
        await story.heard(jonas)
        await story.at(minutes(5))
        await story.do(mara, space.more_time, request, 10)
        assert (await story.heard(jonas))[0].back_at == NOW + minutes(30)

    async def test_more_time_ends_with_the_day(self, story: Story, mara: PersonId) -> None:
        request = await ask(story, mara, 23 * 60)
        await story.refused(TimeOutOfRange, mara, space.more_time, request, 60)
        await story.do(mara, space.more_time, request, 30)

    async def test_back_early(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        await ask(story, mara)
        await story.heard(jonas)
        await story.at(minutes(3))
        await story.do(mara, space.back)
        assert await story.kinds(jonas) == ["space.returned"]
        assert [kind.split()[0] for kind in await story.timers()] == ["space.close"]

    async def test_taking_it_back(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        request = await ask(story, mara)
        await story.heard(jonas)
        await story.do(mara, space.withdraw, request)
        assert await story.kinds(mara) == ["space.taken_back"]
        assert await story.kinds(jonas) == ["space.withdrawn"]
        assert await story.timers() == {}

    async def test_nobody_came_back(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        request = await ask(story, mara)
        await story.at(timedelta(hours=24))
        assert (await story.kinds(mara))[-1] == "space.lapsed"
        assert (await story.kinds(jonas))[-1] == "space.lapsed"
        assert await story.timers() == {}
        await story.refused(Stale, mara, space.back, request)
        await story.refused(Stale, mara, space.more_time, request, 20)
        await ask(story, mara)

    async def test_late_it_says_so(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        await ask(story, mara)
        await story.heard(jonas)
        await story.jump(minutes(50))
        assert await story.kinds(mara) == ["space.how_now.late"]
        assert await story.kinds(jonas) == ["space.time_is_up.late"]

    async def test_in_quiet_hours_it_comes_without_sound(self, story: Story, mara: PersonId) -> None:
        kim, alex = await story.person("Kim", quiet=True), await story.person("Alex")
        await story.link(kim, alex)
        story.now += timedelta(hours=5)  # 23:00
        await ask(story, alex)
        assert [said.silent for said in await story.heard(kim)] == [True]

    async def test_both_need_space(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        first = await ask(story, mara)
        await story.heard(jonas)
        await story.at(minutes(5))
        second = await ask(story, jonas, 30, "Me, too.")
        assert second == first
        [joined] = await story.heard(mara)
        assert (joined.kind, joined.private) == ("space.joined", {"words": "Me, too.", "name": "Jonas"})
        assert joined.back_at == NOW + minutes(35)
        assert (await story.timers())[f"space.return {first}"] == NOW + minutes(35)
        await story.do(mara, space.back, first)
        assert await story.kinds(jonas) == ["space.returned_first"]
        assert f"space.return {first}" in await story.timers()
        await story.do(jonas, space.back, first)
        assert (await story.kinds(mara))[-1] == "space.returned"
        assert list(await story.timers()) == [f"space.close {first}"]

    async def test_who_is_away_is_shown_where_they_stand(self, story: Story, mara: PersonId) -> None:
        request = await ask(story, mara)
        await story.do(mara, space_form.ask_length)
        [shown] = await story.heard(mara)
        assert (shown.kind, shown.parameters["request"]) == ("space.open", request)

    async def test_back_in_words_shows_the_open_request(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await ask(story, mara)
        await story.do(mara, space.show_open)
        assert await story.kinds(mara) == ["space.open"]
        await story.heard(jonas)
        await story.do(jonas, space.show_open)
        assert await story.kinds(jonas) == ["fallback.offer.back"]

    async def test_the_words_stand_in_no_plain_column(self, story: Story, mara: PersonId) -> None:
        await ask(story, mara, words="secret-marker")
        for row in await story.rows(queue_tables.outbox):
            assert "secret-marker" not in str(row.parameters)

    async def test_unlinking_during_a_break(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        request = await ask(story, mara)
        await story.heard(jonas)
        await story.do(mara, partners.unlink)
        assert await story.heard(jonas) == []
        assert await story.timers() == {}
        await story.refused(Stale, mara, space.back, request)
        found = await story.look(lambda uow: uow.space.get(request))
        assert found.state == "closed"


@pytest.mark.usefixtures("linked")
class TestAnswering:
    async def test_once(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        request = await ask(story, mara)
        await story.heard(jonas)
        await story.do(jonas, space.reply, request, "take_your_time")
        [answer] = await story.heard(mara)
        assert (answer.kind, answer.private) == ("space.reply.take_your_time", {"name": "Jonas"})
        assert (answer.priority, answer.silent, answer.relayed) == (0, True, True)
        assert await story.kinds(jonas) == ["relay.sent"]
        for reply in ("take_your_time", "thank_you"):
            await story.refused(Stale, jonas, space.reply, request, reply)
        assert await story.heard(mara) == []

    async def test_only_ready_made_ones(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        request = await ask(story, mara)
        await story.refused(Stale, jonas, space.reply, request, "go_away")
        assert await story.heard(mara) == []

    async def test_only_by_the_one_who_waits(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        kim, alex = await story.person("Kim"), await story.person("Alex")
        await story.link(kim, alex)
        request = await ask(story, mara)
        for person in (mara, kim):
            await story.refused(Stale, person, space.reply, request, "thank_you")
        await story.refused(Stale, jonas, space.reply, SpaceId(99), "thank_you")
        assert await story.heard(mara) == []

    async def test_not_once_it_is_over(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        request = await ask(story, mara)
        await story.do(mara, space.back, request)
        await story.refused(Stale, jonas, space.reply, request, "thank_you")


@pytest.mark.usefixtures("linked")
class TestWhatIsNotTheirs:
    async def test_another_ones_request(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        kim = await story.person("Kim")
        request = await ask(story, mara)
        for person in (jonas, kim):
            await story.refused(Stale, person, space.back, request)
            await story.refused(Stale, person, space.withdraw, request)
            await story.refused(Stale, person, space.more_time, request, 20)
            await story.refused(Stale, person, space_return.offer_more, request)
        assert (await story.look(lambda uow: uow.space.get(request))).state == "open"

    async def test_another_ones_draft(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        draft = await prepare(story, mara)
        await story.refused(Stale, jonas, space.send, draft)
        await story.refused(Stale, jonas, space_form.choose_length, draft, 5)
        await story.refused(Stale, jonas, space_form.ask_words, draft)
        assert await story.heard(jonas) == []

    async def test_an_older_request_of_ones_own(self, story: Story, mara: PersonId) -> None:
        old = await ask(story, mara)
        await story.do(mara, space.back, old)
        new = await ask(story, mara)
        for stale in (space.back, space.withdraw, space_return.offer_more):
            await story.refused(Stale, mara, stale, old)
        await story.refused(Stale, mara, space.more_time, old, 20)
        assert (await story.look(lambda uow: uow.space.get(new))).state == "open"


class TestDrafts:
    async def test_a_question_waits_two_hours_for_a_typed_answer(self, story: Story, mara: PersonId) -> None:
        await story.do(mara, space_form.ask_length)
        await story.do(mara, space_form.ask_time, await draft_of(story, mara))
        await story.at(timedelta(hours=1, minutes=59))
        assert await story.awaiting(mara) is not None
        await story.at(minutes(1))
        assert await story.awaiting(mara) is None

    async def test_only_the_newest_question_waits(self, story: Story, mara: PersonId) -> None:
        await story.do(mara, space_form.ask_length)
        await story.do(mara, space_form.ask_time, await draft_of(story, mara))
        await story.do(mara, journal.ask)
        waiting = await story.awaiting(mara)
        assert waiting is not None
        assert waiting.kind == journal.DRAFT
        await story.do(mara, journal.write, "a line")
        assert await story.awaiting(mara) is None

    async def test_sent_twice(self, story: Story, mara: PersonId) -> None:
        draft = await prepare(story, mara)
        await story.do(mara, space.send, draft)
        await story.refused(Stale, mara, space.send, draft)
        assert len(await story.rows(tables.space_requests)) == 1

    async def test_one_that_is_not_there(self, story: Story, mara: PersonId) -> None:
        for turn in (
            (space_form.choose_length, 7, 20),
            (space_form.ask_time, 7),
            (space_form.choose_wording, 7, space_form.FEW_MINUTES, FEW),
            (space_form.ask_words, 7),
            (space_form.again, 7),
            (space.send, 7),
        ):
            await story.refused(Stale, mara, *turn)
        assert await story.heard(mara) == []

    async def test_the_id_of_another_one(self, story: Story, mara: PersonId) -> None:
        draft = await prepare(story, mara)
        for turn in (
            (space_form.choose_length, draft + 1, 20),
            (space_form.ask_time, draft + 1),
            (space_form.ask_words, draft + 1),
            (space_form.again, draft + 1),
            (space.send, draft + 1),
        ):
            await story.refused(Stale, mara, *turn)
        assert await story.rows(tables.space_requests) == []

    async def test_one_that_is_not_finished(self, story: Story, mara: PersonId) -> None:
        await story.do(mara, space_form.ask_length)
        draft = await draft_of(story, mara)
        await story.refused(Stale, mara, space.send, draft)
        await story.do(mara, space_form.choose_length, draft, 20)
        await story.refused(Stale, mara, space.send, draft)
        await story.refused(Stale, mara, space_form.choose_wording, draft, "shout", "GO AWAY")

    async def test_begun_anew_the_old_words_are_gone(self, story: Story, mara: PersonId) -> None:
        draft = await prepare(story, mara)
        await story.do(mara, space_form.ask_length, 5)
        await story.refused(Stale, mara, space.send, draft)

    async def test_changing_the_words(self, story: Story, mara: PersonId) -> None:
        draft = await prepare(story, mara)
        await story.do(mara, space_form.again, draft)
        await story.do(mara, space_form.choose_wording, draft, space_form.SETTLE, "Other words.")
        await story.do(mara, space.send, draft)
        sent = (await story.heard(mara))[-1]
        assert sent.private == {"words": "Other words."}

    async def test_own_words(self, story: Story, mara: PersonId) -> None:
        await story.do(mara, space_form.ask_length, 20)
        draft = await draft_of(story, mara)
        await story.do(mara, space_form.ask_words, draft)
        waiting = await story.awaiting(mara)
        assert (waiting.kind, waiting.awaits) == (space_form.DRAFT, space_form.WORDS)
        error = await story.refused(TooLong, mara, space_form.take_words, waiting, "x" * 201)
        assert error.parameters == {"limit": 200, "length": 201}
        waiting = await story.awaiting(mara)
        assert waiting is not None, "one can try again"
        await story.do(mara, space_form.take_words, waiting, "  I need\n  air. " + "x" * 187)
        preview = (await story.heard(mara))[-1]
        assert preview.private["words"] == "I need air. " + "x" * 187
        assert preview.parameters["draft"] == draft
        assert await story.awaiting(mara) is None

    @pytest.mark.parametrize("length", [0, 23 * 60 + 31, 24 * 60])
    async def test_a_length_out_of_range(self, story: Story, mara: PersonId, length: int) -> None:
        await story.do(mara, space_form.ask_length)
        draft = await draft_of(story, mara)
        await story.refused(TimeOutOfRange, mara, space_form.choose_length, draft, length)

    async def test_a_preview_whose_time_has_passed(self, story: Story, mara: PersonId) -> None:
        await story.do(mara, space_form.ask_length)
        await story.do(mara, space_form.ask_time, await draft_of(story, mara))
        await story.do(mara, space_form.take_time, "18:10")
        draft = await draft_of(story, mara)
        await story.do(mara, space_form.choose_wording, draft, space_form.FEW_MINUTES, FEW)
        await story.at(minutes(10))
        await story.refused(TimeOutOfRange, mara, space.send, draft)
        assert await story.rows(tables.space_requests) == []

    async def test_minutes_count_from_the_moment_it_is_sent(self, story: Story, mara: PersonId) -> None:
        draft = await prepare(story, mara)
        await story.at(minutes(7))
        await story.do(mara, space.send, draft)
        assert (await story.heard(mara))[-1].back_at == NOW + minutes(27)


class TestTypedTimes:
    async def take(self, story: Story, person: PersonId, text: str) -> datetime:
        await story.do(person, space_form.ask_length)
        await story.do(person, space_form.ask_time, await draft_of(story, person))
        await story.do(person, space_form.take_time, text)
        draft = await draft_of(story, person)
        await story.do(person, space_form.choose_wording, draft, space_form.FEW_MINUTES, FEW)
        preview = (await story.heard(person))[-1]
        assert preview.kind == "space.preview_alone"
        return preview.back_at

    @pytest.mark.parametrize(
        ("now", "zone", "text", "expected"),
        [
            ("2026-03-02T17:00Z", "Europe/Berlin", "21:30", "2026-03-02T20:30Z"),
            ("2026-03-02T17:00Z", "America/New_York", "21:30", "2026-03-03T02:30Z"),
            ("2026-03-02T17:00Z", "Asia/Kathmandu", "23:00", "2026-03-02T17:15Z"),
            ("2026-03-02T20:29Z", "Europe/Berlin", "21:30", "2026-03-02T20:30Z"),
            ("2026-03-02T22:30Z", "Europe/Berlin", "0:15", "2026-03-02T23:15Z"),
            ("2026-03-02T21:00Z", "Europe/Berlin", "7 am", "2026-03-03T06:00Z"),
            ("2026-03-02T17:00Z", "Pacific/Auckland", "21:30", "2026-03-03T08:30Z"),
            # the night the clocks go forward: 2:30 is skipped
            ("2026-03-28T22:00Z", "Europe/Berlin", "2:30", "2026-03-29T01:00Z"),
        ],
    )
    async def test_a_time_of_day_is_the_next_one_where_they_are(
        self, story: Story, now: str, zone: str, text: str, expected: str
    ) -> None:
        story.now = datetime.fromisoformat(now)
        kim = await story.person("Kim", zone)
        assert await self.take(story, kim, text) == datetime.fromisoformat(expected)

    @pytest.mark.parametrize("text", ["25 min", "25min", "25 minutes", " 25  MIN. ", "25m"])
    async def test_a_length(self, story: Story, mara: PersonId, text: str) -> None:
        assert await self.take(story, mara, text) == NOW + minutes(25)

    @pytest.mark.parametrize("text", ["soon", "", "25:00", "later today", "an eternity"])
    async def test_what_is_no_time_can_be_tried_again(self, story: Story, mara: PersonId, text: str) -> None:
        await story.do(mara, space_form.ask_length)
        await story.do(mara, space_form.ask_time, await draft_of(story, mara))
        await story.refused(TimeUnclear, mara, space_form.take_time, text)
        waiting = await story.awaiting(mara)
        assert waiting is not None
        assert waiting.awaits == space_form.TIME

    @pytest.mark.parametrize("text", ["0 min", "18:00", "17:45"])
    async def test_out_of_range(self, story: Story, mara: PersonId, text: str) -> None:
        await story.do(mara, space_form.ask_length)
        await story.do(mara, space_form.ask_time, await draft_of(story, mara))
        await story.refused(TimeOutOfRange, mara, space_form.take_time, text)

    async def test_up_to_23_hours_30(self, story: Story, mara: PersonId) -> None:
        assert await self.take(story, mara, "17:30") == NOW + timedelta(hours=23, minutes=30)


class TestAlone:
    async def test_the_time_is_kept_for_one(self, story: Story, mara: PersonId) -> None:
        draft = await prepare(story, mara)
        preview = (await story.heard(mara))[-1]
        assert (preview.kind, preview.private) == ("space.preview_alone", {"words": FEW})
        await story.do(mara, space.send, draft)
        [sent] = await story.heard(mara)
        assert sent.kind == "space.sent_alone"
        request = sent.parameters["request"]
        await story.at(minutes(20))
        assert await story.kinds(mara) == ["space.how_now.now"]
        await story.do(mara, space.more_time, request, 10)
        assert await story.kinds(mara) == ["space.extended_alone"]
        await story.at(minutes(20))
        assert await story.kinds(mara) == ["space.how_now.now", "space.still_there"]
        await story.do(mara, space.back)
        assert await story.kinds(mara) == ["space.back_alone"]
        assert await story.timers() == {}

    async def test_taken_back(self, story: Story, mara: PersonId) -> None:
        request = await ask(story, mara)
        await story.do(mara, space.withdraw, request)
        assert await story.kinds(mara) == ["space.back_alone"]
        assert await story.timers() == {}

    async def test_nobody_else_hears_of_it(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        await ask(story, mara)
        await story.at(timedelta(days=2))
        assert await story.heard(jonas) == []

    async def test_two_at_the_same_time_do_not_meet(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        one, other = await ask(story, mara), await ask(story, jonas)
        assert one != other
        await story.refused(Stale, jonas, space.back, one)
        await story.do(jonas, space.back)
        assert (await story.look(lambda uow: uow.space.get(one))).state == "open"


@pytest.mark.usefixtures("linked")
class TestSixADay:
    async def test_the_seventh_extension_is_refused_and_the_time_holds(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        """Each rings at the other's: a minute at a time would be a way to keep them from rest."""
        request = await ask(story, mara)
        for _ in range(6):
            await story.do(mara, space.more_time, request, 1)
        await story.heard(jonas)
        error = await story.refused(TooManyExtensions, mara, space.more_time, request, 60)
        assert error.parameters == {"limit": 6}
        await story.refused(TooManyExtensions, mara, space.more_until, request, story.now + minutes(60))
        assert await story.kinds(jonas) == []
        await story.do(mara, space.back)
        assert await story.kinds(jonas) == ["space.returned"]

    async def test_on_ones_own_there_is_nobody_to_spare(self, story: Story) -> None:
        noa = await story.person("Noa")
        request = await ask(story, noa)
        for _ in range(8):
            await story.do(noa, space.more_time, request, 1)

    async def test_the_seventh_is_refused_and_it_counts_by_person(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        for _ in range(6):
            await ask(story, mara)
            await story.do(mara, space.back)
            await story.at(minutes(1))
        await story.heard(mara)
        await story.heard(jonas)
        error = await story.refused(TooManyToday, mara, space_form.ask_length)
        assert error.parameters == {"limit": 6}
        assert await story.rows(tables.drafts) == []
        await ask(story, jonas)
        assert await story.kinds(mara) == ["space.request"]

    async def test_a_draft_made_before_does_not_get_round_it(self, story: Story, mara: PersonId) -> None:
        for _ in range(5):
            await ask(story, mara)
            await story.do(mara, space.back)
        first = await prepare(story, mara)
        await story.do(mara, space.send, first)
        await story.do(mara, space.back)
        async with story.storage.unit_of_work() as uow:
            draft = await uow.drafts.put(mara, space_form.DRAFT, story.now, {"minutes": 20}, private=FEW)
            await uow.commit(story.now)
        await story.refused(TooManyToday, mara, space.send, draft.id)

    async def test_a_day_later_there_is_room_again(self, story: Story, mara: PersonId) -> None:
        for _ in range(6):
            await ask(story, mara)
            await story.do(mara, space.back)
        await story.at(timedelta(hours=23, minutes=59))
        await story.refused(TooManyToday, mara, space_form.ask_length)
        await story.at(timedelta(minutes=1))
        await ask(story, mara)

    async def test_what_was_taken_back_counts(self, story: Story, mara: PersonId) -> None:
        for _ in range(6):
            await story.do(mara, space.withdraw, await ask(story, mara))
        await story.refused(TooManyToday, mara, space_form.ask_length)

    async def test_joining_again_and_again_counts(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await ask(story, mara, 60)
        await ask(story, jonas, 60)
        for _ in range(5):
            await story.do(mara, space.back)
            await ask(story, mara, 60)
        await story.do(mara, space.back)
        await story.refused(TooManyToday, mara, space_form.ask_length)
        assert (await story.kinds(jonas)).count("space.joined") == 5


async def test_a_time_kept_for_one_goes_on_after_linking(
    story: Story, mara: PersonId, jonas: PersonId
) -> None:
    request = await ask(story, mara)
    await story.link(mara, jonas)
    await story.at(minutes(20))
    assert await story.kinds(mara) == ["space.how_now.now"]
    await story.do(mara, space.back, request)
    assert await story.kinds(mara) == ["space.back_alone"]
    assert await story.timers() == {}
    assert await story.heard(jonas) == []


async def after_outage(story: Story, last_contact: datetime) -> None:
    async with story.storage.unit_of_work() as uow:
        await space.after_outage(uow, last_contact, story.now)
        await uow.commit(story.now)


class TestAfterAnOutage:
    async def test_what_was_asked_before_is_asked_again(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await story.link(mara, jonas)
        await ask(story, mara, 20)
        await story.at(timedelta(minutes=20))
        await story.heard(mara)
        contact = story.now
        story.now += timedelta(minutes=5)
        await after_outage(story, contact)
        assert await story.kinds(mara) == ["space.how_now.late"]

    async def test_what_came_due_meanwhile_is_asked_once(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await story.link(mara, jonas)
        await ask(story, mara, 20)
        await story.heard(mara)
        contact = story.now
        await story.jump(timedelta(minutes=60))
        await after_outage(story, contact)
        assert await story.kinds(mara) == ["space.how_now.late"]
