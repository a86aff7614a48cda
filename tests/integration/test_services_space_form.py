"""The form of a space request in full, and the return: what is offered, kept, and asked."""

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import pytest

from bot.domain.conversation import Session
from bot.domain.errors import Stale, TimeOutOfRange, TimeUnclear, TooManyWordings
from bot.domain.model import PersonId, SpaceId
from bot.services import check_ins, partners, saved_words, space, space_form, space_return
from bot.storage import tables

from .conftest import NOW, Said, Story
from .test_services_space import FEW, ask, draft_of, minutes

OWN = "Too loud inside. I'll be back."


def utc(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}Z")


def minute(at: datetime) -> int:
    return int(at.timestamp()) // 60


async def last(story: Story, person: PersonId) -> Said:
    return (await story.heard(person))[-1]


async def rated(story: Story, person: PersonId, intensity: int) -> None:
    """They said in a check-in how strong it is."""
    await story.do(person, check_ins.start, story.content, "how_am_i")
    async with story.storage.unit_of_work() as uow:
        session: Session | None = await uow.sessions.active_of(person)
        assert session is not None
        await uow.sessions.save(session, story.now, intensity)
        await uow.commit(story.now)
    await story.heard(person)


async def ask_in_own_words(story: Story, person: PersonId, words: str = OWN, length: int = 20) -> SpaceId:
    await story.do(person, space_form.ask_length, length)
    await story.do(person, space_form.ask_words, await draft_of(story, person))
    await story.do(person, space_form.take_words, await story.awaiting(person), words)
    await story.do(person, space.send, await draft_of(story, person))
    sent = await last(story, person)
    assert sent.kind in ("space.sent", "space.sent_alone")
    assert sent.parameters["own"]
    return SpaceId(sent.parameters["request"])


@pytest.fixture
async def linked(story: Story, mara: PersonId, jonas: PersonId) -> None:
    await story.link(mara, jonas)


class TestTimes:
    async def test_offered_times_are_those_of_the_person(self, story: Story, mara: PersonId) -> None:
        await story.do(mara, space_form.ask_length)
        length = await last(story, mara)
        assert [datetime.fromisoformat(at) for at in length.parameters["untils"]] == [
            utc("2026-03-02T19:00"),
            utc("2026-03-02T21:00"),
            utc("2026-03-03T07:00"),
        ]
        draft = length.parameters["draft"]
        await story.do(mara, space_form.choose_until, draft, minute(utc("2026-03-03T07:00")))
        await story.do(mara, space_form.choose_wording, draft, space_form.FEW_MINUTES, FEW)
        assert (await last(story, mara)).back_at == utc("2026-03-03T07:00")
        await story.do(mara, space.send, draft)
        assert (await last(story, mara)).back_at == utc("2026-03-03T07:00")

    async def test_none_are_offered_to_somebody_who_is_nowhere(self, story: Story) -> None:
        kim = await story.person("Kim", None)
        await story.do(kim, space_form.ask_length)
        assert (await last(story, kim)).parameters["untils"] == []

    async def test_an_offered_time_that_has_passed(self, story: Story, mara: PersonId) -> None:
        await story.do(mara, space_form.ask_length)
        draft = await draft_of(story, mara)
        await story.at(timedelta(hours=3))
        for at in (minute(utc("2026-03-02T19:00")), 0, 10**18 - 1, minute(NOW + timedelta(hours=30))):
            await story.refused(TimeOutOfRange, mara, space_form.choose_until, draft, at)

    @pytest.mark.usefixtures("linked")
    @pytest.mark.parametrize(
        ("now", "text", "expected"),
        [
            ("2026-03-02T17:00", "2 h", "2026-03-02T19:00"),
            ("2026-03-02T17:00", "tomorrow 8:00", "2026-03-03T07:00"),
            ("2026-03-02T17:00", "morgen 8 Uhr", "2026-03-03T07:00"),
            # the clocks change between request and return
            ("2026-03-28T21:00", "tomorrow 8:00", "2026-03-29T06:00"),
            ("2026-10-24T20:00", "tomorrow 8:00", "2026-10-25T07:00"),
        ],
    )
    async def test_typed(self, story: Story, mara: PersonId, now: str, text: str, expected: str) -> None:
        story.now = utc(now)
        await story.do(mara, space_form.ask_length)
        draft = await draft_of(story, mara)
        await story.do(mara, space_form.ask_time, draft)
        await story.do(mara, space_form.take_time, text)
        await story.do(mara, space_form.choose_wording, draft, space_form.FEW_MINUTES, FEW)
        await story.do(mara, space.send, draft)
        assert (await last(story, mara)).back_at == utc(expected)
        await story.at(utc(expected) - timedelta(seconds=1))
        assert await story.heard(mara) == []
        await story.at(utc(expected))
        assert await story.kinds(mara) == ["space.how_now.now"]

    @pytest.mark.parametrize("text", ["tomorrow 18:00", "today 8:00", "24 hours"])
    async def test_typed_out_of_range(self, story: Story, mara: PersonId, text: str) -> None:
        await story.do(mara, space_form.ask_length)
        await story.do(mara, space_form.ask_time, await draft_of(story, mara))
        await story.refused(TimeOutOfRange, mara, space_form.take_time, text)
        assert await story.awaiting(mara) is not None, "one can try again"


class TestTheSameAsLastTime:
    async def test_not_the_first_time(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        await ask(story, jonas)
        await story.do(mara, space_form.ask_length)
        length = await last(story, mara)
        assert not length.parameters["same"]
        await story.refused(Stale, mara, space_form.same_as_last, length.parameters["draft"])

    @pytest.mark.usefixtures("linked")
    async def test_two_taps(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        request = await ask_in_own_words(story, mara, length=30)
        await story.do(mara, space.more_time, request, 60)
        await story.do(mara, space.back)
        await story.at(timedelta(days=2))
        await story.heard(jonas)
        await story.do(mara, space_form.ask_length)
        length = await last(story, mara)
        assert length.parameters["same"]
        await story.do(mara, space_form.same_as_last, length.parameters["draft"])
        preview = await last(story, mara)
        assert (preview.kind, preview.private["words"]) == ("space.preview", OWN)
        assert preview.back_at == story.now + minutes(30), "what was asked for, without what came on top"
        assert await story.heard(jonas) == []
        await story.do(mara, space.send, preview.parameters["draft"])
        assert (await story.kinds(jonas)) == ["space.request"]

    async def test_a_time_of_day_is_the_next_one(self, story: Story, mara: PersonId) -> None:
        await story.do(mara, space_form.ask_length)
        draft = await draft_of(story, mara)
        await story.do(mara, space_form.choose_until, draft, minute(utc("2026-03-03T07:00")))
        await story.do(mara, space_form.choose_wording, draft, space_form.FEW_MINUTES, FEW)
        await story.do(mara, space.send, draft)
        await story.do(mara, space.back)
        await story.at(utc("2026-03-04T20:00"))
        await story.do(mara, space_form.ask_length)
        await story.do(mara, space_form.same_as_last, await draft_of(story, mara))
        assert (await last(story, mara)).back_at == utc("2026-03-05T07:00")
        await story.at(utc("2026-03-05T07:15"))
        await story.do(mara, space_form.ask_length)
        assert not (await last(story, mara)).parameters["same"], "a day is too long"

    async def test_another_ones_form(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        await ask(story, mara)
        await story.do(mara, space.back)
        await story.do(mara, space_form.ask_length)
        await story.refused(Stale, jonas, space_form.same_as_last, await draft_of(story, mara))


class TestWhyTwenty:
    @pytest.mark.parametrize(
        ("rating", "length", "told"),
        [
            ((7, 0), 19, True),
            ((10, 30), 5, True),
            ((6, 0), 5, False),
            ((9, 31), 5, False),
            ((9, 0), 20, False),
        ],
    )
    async def test_when(
        self, story: Story, mara: PersonId, rating: tuple[int, int], length: int, told: bool
    ) -> None:
        intensity, ago = rating
        await rated(story, mara, intensity)
        story.now += minutes(ago)
        await story.do(mara, space_form.ask_length, length)
        said = await last(story, mara)
        assert said.kind == ("space.why_twenty" if told else "space.wording")
        if told:
            assert said.parameters["minutes"] == length

    @pytest.mark.parametrize("stay", [True, False])
    async def test_then_it_is_their_choice(self, story: Story, mara: PersonId, stay: bool) -> None:
        await rated(story, mara, 8)
        await story.do(mara, space_form.ask_length)
        draft = await draft_of(story, mara)
        await story.do(mara, space_form.choose_length, draft, 10)
        if stay:
            await story.do(mara, space_form.stay, draft)
        else:
            await story.do(mara, space_form.choose_length, draft, 20)
        assert (await last(story, mara)).kind == "space.wording"
        await story.do(mara, space_form.choose_wording, draft, space_form.FEW_MINUTES, FEW)
        assert (await last(story, mara)).back_at == story.now + minutes(10 if stay else 20)

    async def test_once_in_a_form(self, story: Story, mara: PersonId) -> None:
        await rated(story, mara, 8)
        await story.do(mara, space_form.ask_length, 10)
        draft = await draft_of(story, mara)
        await story.do(mara, space_form.ask_time, draft)
        await story.do(mara, space_form.take_time, "5 min")
        await story.do(mara, space_form.choose_length, draft, 15)
        assert (await story.kinds(mara)) == [
            "space.why_twenty",
            "space.ask_time",
            "space.wording",
            "space.wording",
        ]
        await story.do(mara, space_form.ask_length, 10)
        assert (await last(story, mara)).kind == "space.why_twenty", "another form, another time"

    async def test_the_same_as_last_time_keeps_its_words(self, story: Story, mara: PersonId) -> None:
        await ask(story, mara, 10)
        await story.do(mara, space.back)
        await rated(story, mara, 8)
        await story.do(mara, space_form.ask_length)
        draft = await draft_of(story, mara)
        await story.do(mara, space_form.same_as_last, draft)
        assert (await last(story, mara)).kind == "space.why_twenty"
        await story.do(mara, space_form.choose_length, draft, 20)
        preview = await last(story, mara)
        assert (preview.kind, preview.private["words"]) == ("space.preview_alone", FEW)
        assert preview.back_at == story.now + minutes(20)

    async def test_how_strong_it_is_for_the_other_says_nothing(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await rated(story, jonas, 9)
        await story.do(mara, space_form.ask_length, 5)
        assert (await last(story, mara)).kind == "space.wording"


class TestSavedWords:
    async def test_kept_chosen_and_deleted(self, story: Story, mara: PersonId) -> None:
        request = await ask_in_own_words(story, mara)
        await story.do(mara, saved_words.keep, request)
        await story.do(mara, saved_words.keep, request)
        assert await story.kinds(mara) == ["words.kept", "words.kept"]
        [row] = await story.rows(tables.saved_wordings)
        assert row.text == OWN
        await story.do(mara, space.back)

        await story.do(mara, space_form.ask_length, 20)
        wording = await last(story, mara)
        assert (wording.private, wording.parameters["saved"]) == ({"line_1": OWN}, [row.id])
        draft = wording.parameters["draft"]
        await story.do(mara, space_form.choose_saved, draft, row.id)
        assert (await last(story, mara)).private["words"] == OWN
        await story.do(mara, space.send, draft)
        assert not (await last(story, mara)).parameters["own"], "they are kept already"

        await story.do(mara, saved_words.show_all)
        await story.do(mara, saved_words.show, row.id)
        await story.do(mara, saved_words.delete, row.id)
        await story.do(mara, saved_words.show_all)
        assert await story.kinds(mara) == ["words.list", "words.one", "words.deleted", "words.none"]
        assert await story.rows(tables.saved_wordings) == []
        for service in (saved_words.show, saved_words.delete):
            await story.refused(Stale, mara, service, row.id)

    async def test_six_at_most(self, story: Story, mara: PersonId) -> None:
        request = await ask_in_own_words(story, mara)
        async with story.storage.unit_of_work() as uow:
            for number in range(6):
                await uow.saved_wordings.add(mara, f"words {number}", story.now)
            await uow.commit(story.now)
        error = await story.refused(TooManyWordings, mara, saved_words.keep, request)
        assert error.parameters == {"limit": 6}
        await story.do(mara, space.back)
        await story.do(mara, space_form.ask_length, 20)
        assert len((await last(story, mara)).private) == 6

    @pytest.mark.usefixtures("linked")
    async def test_they_are_their_own_alone(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        request = await ask_in_own_words(story, mara)
        await story.do(mara, saved_words.keep, request)
        [row] = await story.rows(tables.saved_wordings)
        await story.refused(Stale, jonas, saved_words.keep, request)
        await story.refused(Stale, jonas, saved_words.show, row.id)
        await story.refused(Stale, jonas, saved_words.delete, row.id)
        await story.do(jonas, space_form.ask_length, 20)
        wording = await last(story, jonas)
        assert wording.parameters["saved"] == []
        draft = wording.parameters["draft"]
        await story.refused(Stale, jonas, space_form.choose_saved, draft, row.id)

    async def test_the_articles_words_are_not_kept(self, story: Story, mara: PersonId) -> None:
        await story.do(mara, space_form.ask_length, 20)
        draft = await draft_of(story, mara)
        await story.do(mara, space_form.ask_words, draft)
        await story.do(mara, space_form.take_words, await story.awaiting(mara), OWN)
        await story.do(mara, space_form.again, draft)
        await story.do(mara, space_form.choose_wording, draft, space_form.FEW_MINUTES, FEW)
        await story.do(mara, space.send, draft)
        assert not (await last(story, mara)).parameters["own"]


class TestDuringTheBreak:
    async def test_something_absorbing(self, story: Story, mara: PersonId) -> None:
        request = await ask(story, mara)
        await story.do(mara, space_return.absorb, request, 0)
        first = await last(story, mara)
        await story.do(mara, space_return.absorb, request, first.parameters["page"] + 1)
        second = await last(story, mara)
        count = len(story.content.all_of("en", "space.absorbing"))
        assert first.kind == second.kind == "space.absorb"
        assert first.parameters["variant"] % count != second.parameters["variant"] % count
        for yes, kind in ((True, "space.replaying"), (False, "space.not_replaying")):
            await story.do(mara, partial(space_return.replaying, yes=yes), request)
            assert (await last(story, mara)).kind == kind

    @pytest.mark.usefixtures("linked")
    async def test_it_is_nothing_of_the_others(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        request = await ask(story, mara)
        await story.heard(jonas)
        await story.do(mara, space_return.absorb, request, 0)
        await story.do(mara, space_return.rate, request, 8)
        assert await story.heard(jonas) == []
        for turn in (
            (space_return.absorb, request, 1),
            (space_return.rate, request, 3),
            (space_return.not_today, request),
            (space_return.ask_time, request),
            (space.more_until, request, NOW + minutes(50)),
        ):
            await story.refused(Stale, jonas, *turn)
        await story.do(mara, space.back)
        await story.refused(Stale, mara, space_return.absorb, request, 1)
        await story.refused(Stale, mara, space_return.rate, request, 3)


@pytest.mark.usefixtures("linked")
class TestAtTheReturnTime:
    async def due(self, story: Story, *people: PersonId, length: int = 20) -> SpaceId:
        request = await ask(story, people[0], length)
        await story.at(minutes(length))
        for person in people:
            await story.heard(person)
        return request

    async def test_a_number_is_kept_for_oneself(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        request = await self.due(story, mara, jonas)
        timers = await story.timers()
        await story.do(mara, space_return.rate, request, 8)
        said = await last(story, mara)
        assert (said.kind, said.parameters["intensity"]) == ("space.rated", 8)
        [row] = await story.rows(tables.space_participants)
        assert row.intensity == 8
        assert await story.heard(jonas) == []
        assert await story.timers() == timers, "it is no answer yet"
        await story.refused(Stale, mara, space_return.rate, request, 11)
        await story.do(mara, space.back, request)
        assert await story.kinds(jonas) == ["space.returned"]

    async def test_the_ladder_and_tomorrow(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        request = await self.due(story, mara, jonas)
        await story.do(mara, space_return.offer_more, request)
        said = await last(story, mara)
        tomorrow = utc("2026-03-03T07:00")
        assert said.kind == "space.how_much_more"
        assert said.parameters["steps"] == [20, 60, 120, 360]
        assert said.parameters["untils"] == [tomorrow.isoformat()]
        await story.do(mara, space_return.not_today, request)
        said = await last(story, mara)
        assert (said.kind, said.parameters["untils"]) == ("space.not_today", [tomorrow.isoformat()])
        await story.do(mara, space.more_until, request, tomorrow)
        [told] = await story.heard(jonas)
        assert (told.kind, told.back_at) == ("space.more_time", tomorrow)
        await story.at(tomorrow)
        assert (await last(story, mara)).kind == "space.how_now.now"

    async def test_not_today_when_tomorrow_is_too_far(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        story.now = utc("2026-03-02T06:00")
        request = await self.due(story, mara, jonas)
        await story.do(mara, space_return.not_today, request)
        said = await last(story, mara)
        latest = utc("2026-03-03T05:30")
        assert (said.kind, said.parameters["untils"]) == ("space.not_that_long", [latest.isoformat()])
        assert said.parameters["latest_at"] == latest.isoformat()
        await story.do(mara, space.more_until, request, latest)
        await story.at(latest)
        await story.heard(mara)
        for turn in (space_return.not_today, space_return.offer_more, space_return.ask_time):
            await story.do(mara, turn, request)
        assert await story.kinds(mara) == ["space.no_more"] * 3
        assert await story.awaiting(mara) is None

    async def test_near_the_end_the_last_time_is_offered(self, story: Story, mara: PersonId) -> None:
        request = await self.due(story, mara, length=23 * 60 + 15)
        await story.do(mara, space_return.offer_more, request)
        said = await last(story, mara)
        assert (said.parameters["steps"], said.parameters["untils"]) == (
            [],
            [(NOW + timedelta(hours=23, minutes=30)).isoformat()],
        )

    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("45 min", NOW + minutes(65)),
            ("2 h", NOW + minutes(140)),
            ("21:30", utc("2026-03-02T20:30")),
            ("tomorrow 8:00", utc("2026-03-03T07:00")),
        ],
    )
    async def test_another_time(
        self, story: Story, mara: PersonId, jonas: PersonId, text: str, expected: datetime
    ) -> None:
        request = await self.due(story, mara, jonas)
        await story.do(mara, space_return.ask_time, request)
        draft = await story.awaiting(mara)
        await story.refused(TimeUnclear, mara, space_return.take_time, draft, "later")
        await story.refused(TimeOutOfRange, mara, space_return.take_time, draft, "tomorrow 18:00")
        assert await story.awaiting(mara) == draft, "one can try again"
        await story.do(mara, space_return.take_time, draft, text)
        assert (await last(story, mara)).kind == "space.extended"
        [told] = await story.heard(jonas)
        assert (told.kind, told.back_at) == ("space.more_time", expected)
        assert await story.awaiting(mara) is None

    async def test_another_time_once_it_is_over(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        request = await self.due(story, mara, jonas)
        await story.do(mara, space_return.ask_time, request)
        draft: Any = await story.awaiting(mara)
        await story.do(mara, partners.unlink)
        await story.heard(jonas)
        await story.refused(Stale, mara, space_return.take_time, draft, "21:30")
        assert await story.awaiting(mara) is None
        assert await story.heard(jonas) == []

    async def test_past_midnight(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        story.now = utc("2026-03-02T22:50")  # 23:50 where she is
        request = await self.due(story, mara, jonas)
        await story.do(mara, space_return.not_today, request)
        said = await last(story, mara)
        assert said.parameters["untils"] == [utc("2026-03-03T07:00").isoformat()], "the same date, by now"

    async def test_no_chasing_after_a_number(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        request = await self.due(story, mara, jonas)
        await story.do(mara, space_return.rate, request, 9)
        await story.heard(mara)
        await story.at(minutes(10))
        assert await story.kinds(mara) == ["space.still_there"]
        assert await story.kinds(jonas) == ["space.no_word"]
        await story.at(timedelta(hours=23))
        assert await story.kinds(mara) == []
        await story.at(timedelta(hours=1))
        assert await story.kinds(mara) == await story.kinds(jonas) == ["space.lapsed"]

    async def test_due_while_the_bot_was_down(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        await ask(story, mara)
        await story.heard(jonas)
        await story.jump(minutes(49))
        assert await story.kinds(mara) == ["space.how_now.now"]
        assert await story.kinds(jonas) == ["space.time_is_up.now"]
