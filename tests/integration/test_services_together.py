"""The weekly question for two, on a real database: who hears what, and when; and Sunday evenings."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.errors import LinkEnded, NotLinked, QuestionOver, Stale, TooLong
from bot.domain.model import CoupleId, PersonId, ReminderId
from bot.domain.nudging import Kind
from bot.services import (
    journal,
    nudge_answers,
    partners,
    reminder_form,
    reminder_list,
    reminder_plan,
    space,
    together,
)
from bot.storage import queue_tables, tables

from .conftest import NOW, Said, Story
from .test_services_space import ask as ask_for_space

WEEK = "2026-03-01"
SATURDAY_NIGHT = datetime(2026, 3, 7, 23, 59, tzinfo=UTC)
SUNDAY = datetime(2026, 3, 8, 0, 0, tzinfo=UTC)
SUNDAY_EVENING = datetime(2026, 3, 8, 17, 0, tzinfo=UTC)
"""18:00 in Berlin."""


@pytest.fixture
async def couple(story: Story, mara: PersonId, jonas: PersonId) -> CoupleId:
    return await story.link(mara, jonas)


async def look(story: Story, person: PersonId) -> Said:
    """What /together shows."""
    await story.heard(person)
    await story.do(person, together.show, story.content)
    [said] = await story.heard(person)
    return said


async def answer(story: Story, person: PersonId, text: str, week: str = WEEK) -> None:
    """Tap “Answer” and type."""
    await story.do(person, together.ask, story.content, week)
    await typed(story, person, text)


async def typed(story: Story, person: PersonId, text: str) -> None:
    draft = await story.awaiting(person)
    assert draft is not None
    assert (draft.kind, draft.awaits) == (together.DRAFT, together.ANSWER)
    await story.do(person, together.take_text, draft, text, story.content)
    [*_, preview] = await story.heard(person)
    assert preview.kind == "together.preview"
    await story.do(person, together.keep, story.content, preview.parameters["draft"])


async def skip(story: Story, person: PersonId, week: str = WEEK) -> None:
    await story.do(person, together.skip, story.content, week)


async def last(story: Story, person: PersonId) -> Said:
    return (await story.heard(person))[-1]


async def page(story: Story, person: PersonId, number: int = 0) -> Said:
    await story.do(person, together.show_earlier, number)
    return await last(story, person)


async def own_answer(story: Story, person: PersonId) -> int:
    """The id of this person's newest row."""
    return [row.id for row in await story.rows(tables.together_answers) if row.person_id == person][-1]


def words(said: Said) -> tuple[str | None, str | None]:
    """The reader's own answer, and the other's."""
    return said.private.get("own_words"), said.private.get("words")


class TestUntilBothHaveAnswered:
    async def test_both_are_asked_the_same(
        self, story: Story, mara: PersonId, jonas: PersonId, couple: CoupleId
    ) -> None:
        one, other = await look(story, mara), await look(story, jonas)
        assert one.kind == other.kind == "together.question"
        assert one.parameters == other.parameters
        assert one.parameters["question"] in story.content.ids("en", together.QUESTIONS)
        assert (one.private, other.private) == ({"name": "Jonas"}, {"name": "Mara"})

    async def test_what_one_does_looks_to_the_other_like_nothing(
        self, story: Story, mara: PersonId, jonas: PersonId, couple: CoupleId
    ) -> None:
        """After nothing, a question asked, a skip, an answer, a change, a deletion: the same to the other."""

        async def delete() -> None:
            await story.do(mara, together.delete, await own_answer(story, mara))

        async def seen_by_jonas() -> tuple[list[Said], Any, Any, dict[str, datetime]]:
            heard = await story.heard(jonas)
            now = await look(story, jonas)
            then = await page(story, jonas)
            return heard, now, then, await story.timers()

        steps: list[Callable[[], Awaitable[None]]] = [
            lambda: story.do(mara, together.ask, story.content, WEEK),
            lambda: skip(story, mara),
            lambda: skip(story, mara),
            lambda: answer(story, mara, "first"),
            lambda: answer(story, mara, "changed"),
            delete,
            lambda: answer(story, mara, "again"),
        ]
        after_nothing = await seen_by_jonas()
        assert after_nothing[0] == []
        assert after_nothing[1].kind == "together.question"
        for step in steps:
            await step()
            assert await seen_by_jonas() == after_nothing
        assert [row.person_id for row in await story.rows(tables.together_answers)] == [mara]

    async def test_to_who_has_answered_a_skip_is_no_answer_yet(
        self, story: Story, mara: PersonId, jonas: PersonId, couple: CoupleId
    ) -> None:
        await answer(story, mara, "mine")
        waiting = await look(story, mara)
        assert (waiting.kind, words(waiting)) == ("together.waiting", ("mine", None))
        await skip(story, jonas)
        assert await story.heard(mara) == []
        assert await look(story, mara) == waiting

    async def test_the_first_answer_is_shown_to_its_writer_alone(
        self, story: Story, mara: PersonId, jonas: PersonId, couple: CoupleId
    ) -> None:
        await answer(story, mara, "  my <b>line</b>\n")
        [kept] = await story.heard(mara)
        assert (kept.kind, kept.private["own_words"], kept.relayed) == (
            "together.waiting",
            "my <b>line</b>",
            False,
        )
        assert await story.awaiting(mara) is None
        assert await story.heard(jonas) == []

    async def test_it_is_stored_encrypted(
        self, story: Story, mara: PersonId, couple: CoupleId, engine: Any
    ) -> None:
        await answer(story, mara, "only for two")
        async with engine.connect() as connection:
            stored = (await connection.exec_driver_sql("SELECT text FROM together_answers")).scalar_one()
        assert isinstance(stored, bytes)
        assert b"only for two" not in stored

    async def test_a_skip_is_taken_back_by_answering(
        self, story: Story, mara: PersonId, jonas: PersonId, couple: CoupleId
    ) -> None:
        await skip(story, mara)
        skipped = await last(story, mara)
        assert (skipped.kind, skipped.parameters["ends_at"]) == ("together.skipped", SUNDAY.isoformat())
        assert (await look(story, mara)).kind == "together.question"
        await answer(story, jonas, "his")
        story.now = SATURDAY_NIGHT
        await answer(story, mara, "hers after all")
        assert words(await last(story, jonas)) == ("his", "hers after all")

    async def test_an_answer_is_not_lost_by_an_old_skip_button(
        self, story: Story, mara: PersonId, couple: CoupleId
    ) -> None:
        await answer(story, mara, "mine")
        await story.refused(Stale, mara, together.skip, story.content, WEEK)
        assert words(await look(story, mara)) == ("mine", None)

    async def test_changed_and_deleted_as_if_never_answered(
        self, story: Story, mara: PersonId, jonas: PersonId, couple: CoupleId
    ) -> None:
        await answer(story, mara, "mine")
        first = await own_answer(story, mara)
        await answer(story, mara, "better")
        assert await own_answer(story, mara) == first
        await story.do(mara, together.delete, first)
        assert await last(story, mara) is not None
        assert await story.rows(tables.together_answers) == []
        assert (await look(story, mara)).kind == "together.question"
        await answer(story, jonas, "his")
        assert words(await last(story, jonas)) == ("his", None)
        assert (await look(story, jonas)).kind == "together.waiting"

    async def test_three_hundred_characters(self, story: Story, mara: PersonId, couple: CoupleId) -> None:
        await story.do(mara, together.ask, story.content, WEEK)
        draft = await story.awaiting(mara)
        turn = (mara, together.take_text, draft)
        error = await story.refused(TooLong, *turn, "x" * 301, story.content)
        assert error.parameters == {"limit": 300, "length": 301}
        assert await story.awaiting(mara) == draft, "one can try again"
        await typed(story, mara, f" {'x' * 300} ")
        assert words(await last(story, mara)) == ("x" * 300, None)

    async def test_whatever_people_type_comes_back(
        self, story: Story, mara: PersonId, couple: CoupleId
    ) -> None:
        for text in ("a\nb", "<b>&amp;", "🫂", "\ud800", "\x00"):
            await answer(story, mara, text)
            assert (await look(story, mara)).private["own_words"] == text.replace("\ud800", "\ufffd")

    async def test_turning_to_something_else_takes_no_answer(
        self, story: Story, mara: PersonId, couple: CoupleId
    ) -> None:
        await story.do(mara, together.ask, story.content, WEEK)
        await story.do(mara, journal.ask)
        draft = await story.awaiting(mara)
        assert draft is not None
        assert draft.kind == journal.DRAFT


class TestWhenBothHaveAnswered:
    async def test_both_see_both(
        self, story: Story, mara: PersonId, jonas: PersonId, couple: CoupleId
    ) -> None:
        await answer(story, mara, "hers")
        await answer(story, jonas, "his")
        to_jonas, to_mara = await last(story, jonas), await last(story, mara)
        assert to_jonas.kind == to_mara.kind == "together.both"
        assert to_jonas.private == {
            "own_name": "Jonas",
            "own_words": "his",
            "name": "Mara",
            "words": "hers",
        }
        assert to_mara.private == {"own_name": "Mara", "own_words": "hers", "name": "Jonas", "words": "his"}
        assert (to_jonas.priority, to_mara.priority) == (1, 0)
        assert to_jonas.relayed
        assert to_mara.relayed
        assert not to_mara.silent
        assert to_mara.parameters["question"] == to_jonas.parameters["question"]
        assert to_mara.parameters["answer"] == (await story.rows(tables.together_answers))[0].id

    async def test_without_sound_in_quiet_hours(self, story: Story, jonas: PersonId) -> None:
        kim = await story.person("Kim", quiet=True)
        await story.link(kim, jonas)
        await answer(story, kim, "hers")
        await story.at(timedelta(hours=5))  # 23:00
        await answer(story, jonas, "his")
        assert [(said.kind, said.silent) for said in (await story.heard(kim))[-1:]] == [
            ("together.both", True)
        ]
        assert not (await last(story, jonas)).silent

    async def test_looked_at_again_it_is_shown_but_not_relayed_again(
        self, story: Story, mara: PersonId, jonas: PersonId, couple: CoupleId
    ) -> None:
        await answer(story, mara, "hers")
        await answer(story, jonas, "his")
        for person in (mara, jonas):
            again = await look(story, person)
            assert (again.kind, again.relayed, again.key) == ("together.both", False, None)

    async def test_it_stays_as_it_was_seen(
        self, story: Story, mara: PersonId, jonas: PersonId, couple: CoupleId
    ) -> None:
        """Also for who was about to change theirs when the other answered."""
        await answer(story, mara, "hers")
        await story.do(mara, together.ask, story.content, WEEK)
        draft = await story.awaiting(mara)
        await answer(story, jonas, "his")
        await story.refused(QuestionOver, mara, together.take_text, draft, "changed", story.content)
        assert await story.awaiting(mara) is None
        for turn in (together.ask, together.skip):
            await story.refused(Stale, jonas, turn, story.content, WEEK)
        assert words(await look(story, jonas)) == ("his", "hers")

    async def test_deleted_afterwards(
        self, story: Story, mara: PersonId, jonas: PersonId, couple: CoupleId
    ) -> None:
        await answer(story, mara, "hers")
        await answer(story, jonas, "his")
        await story.heard(jonas)
        mine = await own_answer(story, mara)
        await story.do(mara, together.delete, mine)
        assert (await last(story, mara)).kind == "together.deleted_after"
        assert await story.heard(jonas) == [], "nothing is said about it"
        assert words(await look(story, jonas)) == ("his", None)
        seen = await look(story, mara)
        assert (words(seen), seen.parameters["answer"]) == ((None, "his"), None)
        assert all(row.text != "hers" for row in await story.rows(tables.together_answers))
        await story.refused(Stale, mara, together.delete, mine)

    async def test_deleted_afterwards_it_cannot_be_answered_anew(
        self, story: Story, mara: PersonId, jonas: PersonId, couple: CoupleId
    ) -> None:
        """Else one could say something new to the other again and again."""
        await answer(story, mara, "hers")
        await answer(story, jonas, "his")
        await story.do(mara, together.delete, await own_answer(story, mara))
        await story.refused(Stale, mara, together.ask, story.content, WEEK)

    async def test_deleted_before_it_went_out_it_does_not_go_out(
        self, story: Story, mara: PersonId, jonas: PersonId, couple: CoupleId
    ) -> None:
        await answer(story, jonas, "his")
        await answer(story, mara, "hers")
        await story.do(mara, together.delete, await own_answer(story, mara))
        said = await last(story, jonas)
        assert (said.kind, said.state, said.private) == ("together.both", "dropped", {})


class TestDuringABreak:
    async def test_who_asked_for_space_is_not_pinged_but_finds_it(
        self, story: Story, mara: PersonId, jonas: PersonId, couple: CoupleId
    ) -> None:
        await answer(story, mara, "hers")
        await ask_for_space(story, mara)
        await story.heard(mara)
        await answer(story, jonas, "his")
        assert (await last(story, jonas)).kind == "together.both"
        assert await story.heard(mara) == []
        found = await look(story, mara)
        assert words(found) == ("hers", "his")
        assert found.relayed, "it is theirs to keep, also if they found it themselves"
        assert not (await look(story, mara)).relayed

    async def test_who_waits_gets_it_without_sound(
        self, story: Story, mara: PersonId, jonas: PersonId, couple: CoupleId
    ) -> None:
        await answer(story, jonas, "his")
        await ask_for_space(story, mara)
        await answer(story, mara, "hers")
        said = await last(story, jonas)
        assert (said.kind, said.silent) == ("together.both", True)

    async def test_afterwards_it_comes_as_always(
        self, story: Story, mara: PersonId, jonas: PersonId, couple: CoupleId
    ) -> None:
        await answer(story, mara, "hers")
        await ask_for_space(story, mara)
        await story.do(mara, space.back)
        await answer(story, jonas, "his")
        said = await last(story, mara)
        assert (said.kind, said.silent) == ("together.both", False)


class TestWeeks:
    async def test_a_new_week_has_a_new_question(
        self, story: Story, mara: PersonId, jonas: PersonId, couple: CoupleId
    ) -> None:
        old = await look(story, mara)
        await answer(story, mara, "hers")
        story.now = SUNDAY
        new = await look(story, mara)
        assert (new.kind, new.parameters["week"]) == ("together.question", "2026-03-08")
        assert new.parameters["question"] != old.parameters["question"]
        await answer(story, jonas, "his", "2026-03-08")
        assert (await look(story, mara)).kind == "together.question", "the old one counts no more"

    async def test_old_buttons_and_half_typed_answers(
        self, story: Story, mara: PersonId, couple: CoupleId
    ) -> None:
        story.now = SATURDAY_NIGHT
        await story.do(mara, together.ask, story.content, WEEK)
        draft = await story.awaiting(mara)
        story.now = SUNDAY
        await story.refused(QuestionOver, mara, together.take_text, draft, "late", story.content)
        for turn in (together.ask, together.skip):
            await story.refused(Stale, mara, turn, story.content, WEEK)
            await story.refused(Stale, mara, turn, story.content, "2026-03-15")
        assert await story.rows(tables.together_answers) == []

    async def test_the_question_somebody_answered_holds_when_the_list_has_changed(
        self, story: Story, mara: PersonId, jonas: PersonId, couple: CoupleId
    ) -> None:
        async with story.storage.unit_of_work() as uow:
            await uow.together.put(mara, couple, WEEK, question="of_another_time", text="hers", now=story.now)
            await uow.commit(story.now)
        assert (await look(story, jonas)).parameters["question"] == "of_another_time"
        await answer(story, jonas, "his")
        assert {row.question for row in await story.rows(tables.together_answers)} == {"of_another_time"}


class TestEarlier:
    async def test_a_page_each_the_newest_first(
        self, story: Story, mara: PersonId, jonas: PersonId, couple: CoupleId
    ) -> None:
        assert (await page(story, mara)).kind == "together.no_earlier"
        for week in (WEEK, "2026-03-08", "2026-03-15"):
            await answer(story, mara, f"hers {week}", week)
            await answer(story, jonas, f"his {week}", week)
            story.now += timedelta(weeks=1)
        for number, (week, older) in enumerate(
            [("2026-03-15", True), ("2026-03-08", True), (WEEK, False), (WEEK, False)]
        ):
            said = await page(story, mara, number)
            assert (said.kind, said.relayed) == ("together.earlier", False)
            assert words(said) == (f"hers {week}", f"his {week}")
            assert (said.parameters["page"], said.parameters["older"]) == (min(number, 2), older)
        assert words(await page(story, jonas)) == ("his 2026-03-15", "hers 2026-03-15")

    async def test_ones_own_is_deleted_and_the_others_stays(
        self, story: Story, mara: PersonId, jonas: PersonId, couple: CoupleId
    ) -> None:
        await answer(story, mara, "hers")
        await answer(story, jonas, "his")
        story.now = SUNDAY
        said = await page(story, mara)
        await story.do(mara, together.delete, said.parameters["answer"])
        assert words(await page(story, mara)) == (None, "his")
        assert words(await page(story, jonas)) == ("his", None)
        await story.do(jonas, together.delete, (await page(story, jonas)).parameters["answer"])
        for person in (mara, jonas):
            assert (await page(story, person)).kind == "together.no_earlier"

    async def test_what_the_other_never_answered_stays_ones_own_and_can_go(
        self, story: Story, mara: PersonId, jonas: PersonId, couple: CoupleId
    ) -> None:
        await answer(story, mara, "hers")
        await skip(story, jonas)
        story.now = SUNDAY
        said = await page(story, mara)
        assert (said.kind, words(said)) == ("together.earlier_alone", ("hers", None))
        assert (await page(story, jonas)).kind == "together.no_earlier"
        await story.do(mara, together.delete, said.parameters["answer"])
        assert (await last(story, mara)).kind == "together.deleted"
        assert (await page(story, mara)).kind == "together.no_earlier"


class TestWhoseItIs:
    async def test_another_ones_answer(
        self, story: Story, mara: PersonId, jonas: PersonId, couple: CoupleId
    ) -> None:
        kim = await story.person("Kim")
        await answer(story, mara, "hers")
        mine = await own_answer(story, mara)
        for person in (jonas, kim):
            await story.refused(Stale, person, together.delete, mine)
            assert (await page(story, person)).kind == "together.no_earlier"
        await answer(story, jonas, "his")
        await story.refused(Stale, jonas, together.delete, mine)
        await story.refused(Stale, kim, together.delete, 10**12)
        assert [row.text for row in await story.rows(tables.together_answers)] == ["hers", "his"]

    async def test_the_repository_itself_shows_it_to_nobody_else(
        self, story: Story, mara: PersonId, jonas: PersonId, couple: CoupleId
    ) -> None:
        kim, noor = await story.person("Kim"), await story.person("Noor")
        await story.link(kim, noor)
        await answer(story, mara, "hers")
        await answer(story, jonas, "his")
        assert await story.look(lambda uow: uow.together.of_week(kim, couple, WEEK)) == (None, None)
        assert await story.look(lambda uow: uow.together.all_of(kim)) == []
        assert len(await story.look(lambda uow: uow.together.all_of(mara))) == 2
        await story.do(jonas, partners.unlink)
        assert [each.text for each in await story.look(lambda uow: uow.together.all_of(mara))] == ["hers"]
        own, other = await story.look(lambda uow: uow.together.of_week(mara, couple, WEEK))
        assert (own.text, other) == ("hers", None)

    async def test_without_a_partner(self, story: Story, mara: PersonId) -> None:
        for turn in ((together.show,), (together.ask, WEEK), (together.skip, WEEK)):
            await story.refused(NotLinked, mara, turn[0], story.content, *turn[1:])

    async def test_after_the_link_has_ended(
        self, story: Story, mara: PersonId, jonas: PersonId, couple: CoupleId
    ) -> None:
        await answer(story, mara, "hers")
        await answer(story, jonas, "his")
        await story.do(mara, partners.unlink)
        await story.heard(mara)
        waiting = [said for said in await story.heard(jonas) if said.kind == "together.both"]
        assert {said.state for said in waiting} == {"dropped"}
        assert (await look(story, jonas)).kind == "together.not_linked"
        said = await page(story, mara)
        assert (said.kind, words(said)) == ("together.earlier_alone", ("hers", None))
        await story.do(mara, together.delete, said.parameters["answer"])
        await story.refused(NotLinked, mara, together.show, story.content)
        assert words(await page(story, jonas)) == ("his", None)

    async def test_who_answered_nothing_is_told_like_elsewhere(
        self, story: Story, mara: PersonId, jonas: PersonId, couple: CoupleId
    ) -> None:
        await skip(story, jonas)
        await story.do(mara, partners.unlink)
        await story.refused(LinkEnded, jonas, together.show, story.content)
        await story.refused(NotLinked, jonas, together.show, story.content)

    async def test_what_was_half_typed_does_not_reach_another_partner(
        self, story: Story, mara: PersonId, jonas: PersonId, couple: CoupleId
    ) -> None:
        await story.do(mara, together.ask, story.content, WEEK)
        draft = await story.awaiting(mara)
        await story.do(mara, partners.unlink)
        kim = await story.person("Kim")
        await story.link(mara, kim)
        assert await story.awaiting(mara) == draft
        await story.refused(QuestionOver, mara, together.take_text, draft, "for Jonas", story.content)
        assert await story.rows(tables.together_answers) == []

    async def test_unlinked_while_typing(
        self, story: Story, mara: PersonId, jonas: PersonId, couple: CoupleId
    ) -> None:
        await story.do(mara, together.ask, story.content, WEEK)
        draft = await story.awaiting(mara)
        await story.do(jonas, partners.unlink)
        await story.refused(LinkEnded, mara, together.take_text, draft, "words", story.content)
        assert await story.awaiting(mara) is None

    async def test_a_new_partner_sees_nothing_of_before(
        self, story: Story, mara: PersonId, jonas: PersonId, couple: CoupleId
    ) -> None:
        await answer(story, mara, "hers")
        await answer(story, jonas, "his")
        await story.do(mara, partners.unlink)
        kim = await story.person("Kim")
        await story.link(mara, kim)
        assert (await look(story, kim)).kind == (await look(story, mara)).kind == "together.question"
        assert (await page(story, kim)).kind == "together.no_earlier"
        assert words(await page(story, mara)) == ("hers", None)
        assert words(await page(story, jonas)) == ("his", None)


async def remind(story: Story, person: PersonId, kind: str) -> ReminderId:
    await story.do(person, reminder_form.add_weekly, kind)
    added = await last(story, person)
    assert added.kind == "remind.added"
    return ReminderId(added.parameters["reminder"])


class TestSundays:
    @pytest.mark.parametrize(
        ("kind", "zone", "first"),
        [
            (Kind.TOGETHER, "Europe/Berlin", "2026-03-08T17:00"),
            (Kind.LOOK_BACK, "Europe/Berlin", "2026-03-08T18:00"),
            (Kind.TOGETHER, "America/New_York", "2026-03-08T22:00"),
            (Kind.TOGETHER, "Pacific/Auckland", "2026-03-08T05:00"),
        ],
    )
    async def test_the_first_one_where_they_are(self, story: Story, kind: str, zone: str, first: str) -> None:
        kim = await story.person("Kim", zone)
        reminder = await remind(story, kim, kind)
        due = datetime.fromisoformat(first).replace(tzinfo=UTC)
        assert await story.timers() == {f"reminder {reminder}": due}

    async def test_every_sunday_to_who_asked_for_it(
        self, story: Story, mara: PersonId, jonas: PersonId, couple: CoupleId
    ) -> None:
        assert not (await look(story, mara)).parameters["sundays"]
        reminder = await remind(story, mara, Kind.TOGETHER)
        assert (await look(story, mara)).parameters["sundays"]
        for week in range(3):
            await story.at(SUNDAY_EVENING + timedelta(weeks=week))
            [nudge, *_] = await story.heard(mara)
            assert (nudge.kind, nudge.priority, nudge.silent) == ("nudge.together", 5, False)
            assert nudge.parameters["reminder"] == reminder
        assert await story.heard(jonas) == []

    async def test_added_twice_it_is_one(self, story: Story, mara: PersonId) -> None:
        first = await remind(story, mara, Kind.TOGETHER)
        assert await remind(story, mara, Kind.TOGETHER) == first
        await story.do(mara, reminder_list.pause, first, "open")
        assert await story.timers() == {}
        await story.heard(mara)
        assert await remind(story, mara, Kind.TOGETHER) == first
        assert len(await story.rows(tables.reminders)) == 1
        assert list(await story.timers()) == [f"reminder {first}"]

    async def test_other_kinds_there_are_none(self, story: Story, mara: PersonId) -> None:
        for kind in ("", "breathe", "harvest"):
            await story.refused(Stale, mara, reminder_form.add_weekly, kind)

    async def test_beside_daily_ones(self, story: Story, mara: PersonId) -> None:
        """A daily pause at the same hour is another reminder; and weekly ones do not count as daily ones."""
        weekly = await remind(story, mara, Kind.TOGETHER)
        for hour in range(6):
            await story.do(mara, reminder_form.add_daily, f"{18 - hour}00")
        await remind(story, mara, Kind.LOOK_BACK)
        await story.do(mara, reminder_list.show)
        rows = (await last(story, mara)).parameters["reminders"]
        assert rows[0][0] == weekly
        assert [row[2] for row in rows] == ["together", *["breathe"] * 6, "look_back"]

    async def test_deleted_and_brought_back_it_is_what_it_was(self, story: Story, mara: PersonId) -> None:
        reminder = await remind(story, mara, Kind.LOOK_BACK)
        await story.do(mara, reminder_list.delete, reminder)
        undo = (await last(story, mara)).parameters["undo"]
        assert await story.timers() == {}
        await story.do(mara, reminder_list.undo, undo)
        assert (await last(story, mara)).parameters["what"] == "look_back"

    @pytest.mark.parametrize("done", ["answered", "left out"])
    async def test_nobody_is_asked_who_has_answered_already(
        self, story: Story, mara: PersonId, couple: CoupleId, done: str
    ) -> None:
        reminder = await remind(story, mara, Kind.TOGETHER)
        await story.at(SUNDAY + timedelta(hours=9))
        week = "2026-03-08"
        await (answer(story, mara, "early", week) if done == "answered" else skip(story, mara, week))
        await story.heard(mara)
        await story.at(SUNDAY_EVENING)
        assert await story.heard(mara) == []
        assert (await story.timers())[f"reminder {reminder}"] == SUNDAY_EVENING + timedelta(weeks=1)

    async def test_what_the_other_did_changes_nothing(
        self, story: Story, mara: PersonId, jonas: PersonId, couple: CoupleId
    ) -> None:
        await remind(story, mara, Kind.TOGETHER)
        await story.at(SUNDAY + timedelta(hours=9))
        await answer(story, jonas, "early", "2026-03-08")
        await story.at(SUNDAY_EVENING)
        assert await story.kinds(mara) == ["nudge.together"]

    async def test_after_the_link_has_ended_there_is_nothing_to_ask(
        self, story: Story, mara: PersonId, jonas: PersonId, couple: CoupleId
    ) -> None:
        await remind(story, mara, Kind.TOGETHER)
        await remind(story, mara, Kind.LOOK_BACK)
        await story.do(jonas, partners.unlink)
        await story.at(SUNDAY_EVENING + timedelta(hours=1))
        assert await story.kinds(mara) == ["nudge.look_back"]

    async def test_without_sound_in_quiet_hours(self, story: Story) -> None:
        kim = await story.person("Kim")
        async with story.storage.unit_of_work() as uow:
            sundays = {"v": 1, "kind": "times", "times": ["18:30"], "days": [6]}
            daily = await uow.reminders.add(kim, Kind.BREATHE, sundays, story.now)
            await reminder_plan.plan(uow, daily, await uow.people.get(kim), story.now)
            await uow.commit(story.now)
        await remind(story, kim, Kind.LOOK_BACK)
        async with story.storage.unit_of_work() as uow:
            await uow.people.set_quiet_hours(kim, NOW.time().replace(17), NOW.time().replace(23))
            await uow.commit(story.now)
        await story.at(SUNDAY_EVENING + timedelta(hours=1))
        nudges = {said.kind: said.silent for said in await story.heard(kim) if said.kind != "strip"}
        assert nudges == {"nudge.breathe": False, "nudge.look_back": True}, "that hour nobody chose"

    async def test_later(self, story: Story, mara: PersonId, couple: CoupleId) -> None:
        reminder = await remind(story, mara, Kind.TOGETHER)
        await story.at(SUNDAY_EVENING)
        await story.do(mara, nudge_answers.later, reminder, 30)
        await story.at(timedelta(minutes=30))
        assert await story.kinds(mara) == ["nudge.together", "nudge.later", "nudge.together"]


async def test_what_was_relayed_is_the_recipients_to_keep(
    story: Story, mara: PersonId, jonas: PersonId, couple: CoupleId
) -> None:
    await answer(story, mara, "hers")
    await answer(story, jonas, "his")
    relayed = [row for row in await story.rows(queue_tables.outbox) if row.relayed]
    assert {(row.person_id, row.private["words"]) for row in relayed} == {(mara, "his"), (jonas, "hers")}
