"""Check-ins on a real database: every answer in a transaction of its own."""

from datetime import timedelta
from typing import Any

import pytest

from bot.domain.errors import Stale, TooLong
from bot.domain.model import PersonId, SessionId
from bot.domain.script import Action
from bot.services import care, check_ins, reminders
from bot.storage import queue_tables, tables

from .conftest import NOW, Said, Story


class Pause:
    """One person's way through the shipped “pause” script."""

    def __init__(self, story: Story, person: PersonId) -> None:
        self.story, self.person = story, person
        self.session, self.seq = SessionId(0), 0

    async def begin(self) -> list[Said]:
        await self.story.do(self.person, check_ins.start, self.story.content)
        return await self.heard()

    async def answer(self, value: str) -> Action | None:
        action: Action | None = await self.story.do(
            self.person, check_ins.answer, self.session, self.seq, value
        )
        return action

    async def heard(self) -> list[Said]:
        """What is new; the question that waits is remembered."""
        heard = await self.story.heard(self.person)
        for said in heard:
            if "seq" in said.parameters:
                self.session, self.seq = SessionId(said.parameters["session"]), said.parameters["seq"]
        return heard

    async def row(self) -> Any:
        return (await self.story.rows(tables.sessions))[-1]


@pytest.fixture
def pause(story: Story, mara: PersonId) -> Pause:
    return Pause(story, mara)


async def test_from_the_first_question_to_the_way_on(story: Story, pause: Pause) -> None:
    [first] = await pause.begin()
    assert first.kind == "step.scale"
    await pause.answer("7")
    answered, need = await pause.heard()
    assert (answered.kind, answered.operation, answered.parameters["said"]) == ("step.answered", "edit", "7")
    assert (need.kind, need.parameters["quote"]) == ("step.ask", "what-do-i-need")
    await pause.answer("calm")
    assert [said.kind for said in await pause.heard()] == ["step.answered", "step.say", "step.breathe"]
    assert await story.timers() == {f"breath.end {pause.person}": NOW + timedelta(seconds=60)}
    await story.at(timedelta(seconds=60))
    assert [said.kind for said in await pause.heard()] == ["breath.ended", "step.scale"]
    assert await story.timers() == {}
    await pause.answer("3")
    assert [said.kind for said in await pause.heard()] == ["step.answered", "step.offer"]
    assert await pause.answer("space") is Action.SPACE
    row = await pause.row()
    assert row.status == "finished"
    assert row.answers == {"before": 7, "need": "calm", "breathe": "done", "after": 3, "way_on": "space"}
    assert row.updated_at == story.now
    assert await story.look(lambda uow: uow.sessions.active_of(pause.person)) is None


async def test_one_under_way_is_shown_instead_of_a_second(story: Story, pause: Pause) -> None:
    await pause.begin()
    await pause.answer("7")
    await pause.heard()
    session, seq = pause.session, pause.seq
    kinds = [said.kind for said in await pause.begin()]
    assert sorted(kinds) == ["check_in.again", "step.ask", "strip"]
    assert kinds.index("check_in.again") < kinds.index("step.ask")
    assert pause.session == session
    await story.refused(Stale, pause.person, check_ins.answer, session, seq, "calm")
    assert len(await story.rows(tables.sessions)) == 1
    await pause.answer("calm")


async def test_it_goes_on_days_later(story: Story, pause: Pause) -> None:
    await pause.begin()
    await pause.answer("7")
    await pause.heard()
    await story.at(timedelta(days=3))
    await pause.answer("understanding")
    assert [said.kind for said in await pause.heard()] == ["step.answered", "step.write"]


async def test_it_goes_on_with_the_version_it_began_with(story: Story, pause: Pause) -> None:
    await pause.begin()
    [version] = await story.rows(tables.script_versions)
    stored = story.content.script("en", "pause")
    assert (version.hash, version.version, version.locale) == (stored.hash, stored.script.version, "en")
    await story.do(pause.person, check_ins.stop_session)
    await pause.begin()
    assert len(await story.rows(tables.script_versions)) == 1


class TestStale:
    async def test_an_answer_to_an_earlier_question(self, story: Story, pause: Pause) -> None:
        await pause.begin()
        old = pause.seq
        await pause.answer("7")
        await pause.heard()
        await story.refused(Stale, pause.person, check_ins.answer, pause.session, old, "3")
        assert (await pause.row()).answers == {"before": 7}
        assert await story.do(pause.person, check_ins.remind_current, "errors.stale_question")
        kinds = [said.kind for said in await pause.heard()]
        assert sorted(kinds) == ["errors.stale_question", "step.ask", "strip"]
        assert kinds.index("errors.stale_question") < kinds.index("step.ask")

    async def test_an_answer_that_was_never_offered(self, story: Story, pause: Pause) -> None:
        await pause.begin()
        for value in ("11", "calm", "", "written"):
            await story.refused(Stale, pause.person, check_ins.answer, pause.session, pause.seq, value)
        assert (await pause.row()).answers == {}

    async def test_a_forged_tap_does_not_pass_for_a_line(self, story: Story, pause: Pause) -> None:
        await pause.begin()
        await pause.answer("7")
        await pause.heard()
        await pause.answer("understanding")
        await pause.heard()
        await story.refused(Stale, pause.person, check_ins.answer, pause.session, pause.seq, "written")

    async def test_another_ones_session(self, story: Story, pause: Pause, jonas: PersonId) -> None:
        await pause.begin()
        await story.refused(Stale, jonas, check_ins.answer, pause.session, pause.seq, "7")
        assert not await story.do(jonas, check_ins.stop_session, pause.session)
        theirs = Pause(story, jonas)
        await theirs.begin()
        await story.refused(Stale, jonas, check_ins.answer, pause.session, pause.seq, "7")
        row = (await story.rows(tables.sessions))[0]
        assert (row.person_id, row.status, row.answers) == (pause.person, "active", {})

    async def test_one_that_was_stopped(self, story: Story, pause: Pause) -> None:
        await pause.begin()
        await story.do(pause.person, check_ins.stop_session, pause.session)
        await story.refused(Stale, pause.person, check_ins.answer, pause.session, pause.seq, "7")

    async def test_without_a_check_in_there_is_no_question(self, story: Story, mara: PersonId) -> None:
        assert not await story.do(mara, check_ins.remind_current, "check_in.again")
        assert await story.do(mara, check_ins.typed_answer, "7") == (False, None)
        assert await story.heard(mara) == []


class TestTyping:
    async def test_a_number_and_a_label_count_as_taps(self, story: Story, pause: Pause) -> None:
        await pause.begin()
        assert await story.do(pause.person, check_ins.typed_answer, "7") == (True, None)
        assert await story.do(pause.person, check_ins.typed_answer, " i don't KNOW yet") == (True, None)
        assert (await pause.row()).answers == {"before": 7, "need": "unsure"}

    async def test_what_is_no_answer_is_left_to_others(self, story: Story, pause: Pause) -> None:
        await pause.begin()
        assert await story.do(pause.person, check_ins.typed_answer, "very") == (False, None)
        assert (await pause.row()).answers == {}

    async def test_a_line_goes_to_the_journal_and_is_encrypted(
        self, story: Story, pause: Pause, jonas: PersonId, engine: Any
    ) -> None:
        await pause.begin()
        await pause.answer("7")
        await pause.heard()
        await pause.answer("understanding")
        await pause.heard()
        assert await story.do(pause.person, check_ins.typed_answer, "that I try") == (True, None)
        [line] = await story.look(lambda uow: uow.journal.newest(pause.person, 5))
        assert line.text == "that I try"
        assert await story.look(lambda uow: uow.journal.newest(jonas, 5)) == []
        row = await pause.row()
        assert row.answers["understanding"] == "written"
        assert "that I try" not in str(await story.rows(queue_tables.outbox))
        async with engine.connect() as connection:
            stored = (await connection.exec_driver_sql("SELECT text FROM journal")).scalar_one()
        assert b"that I try" not in stored
        assert [said.kind for said in await pause.heard()] == ["strip", "step.scale"]

    async def test_a_line_that_is_too_long(self, story: Story, pause: Pause) -> None:
        await pause.begin()
        await pause.answer("7")
        await pause.heard()
        await pause.answer("understanding")
        await pause.heard()
        await story.refused(TooLong, pause.person, check_ins.typed_answer, "x" * 2001)
        assert await story.rows(tables.journal) == []
        await pause.answer("skipped")
        assert (await pause.row()).answers["understanding"] == "skipped"


class TestStopping:
    async def test_half_way(self, story: Story, pause: Pause) -> None:
        await pause.begin()
        await pause.answer("7")
        await pause.heard()
        assert await story.do(pause.person, check_ins.stop_session, pause.session)
        assert [said.kind for said in await pause.heard()] == ["strip", "check_in.stopped"]
        row = await pause.row()
        assert (row.status, row.answers) == ("stopped", {"before": 7})
        assert not await story.do(pause.person, check_ins.stop_session)

    async def test_in_a_breath_its_timer_goes(self, story: Story, pause: Pause) -> None:
        await pause.begin()
        await pause.answer("7")
        await pause.heard()
        await pause.answer("calm")
        await pause.heard()
        await story.do(pause.person, care.cancel)
        assert [said.kind for said in await pause.heard()] == ["breath.ended", "check_in.stopped"]
        assert await story.timers() == {}

    async def test_afterwards_a_new_one_begins(self, story: Story, pause: Pause) -> None:
        await pause.begin()
        first = pause.session
        await story.do(pause.person, check_ins.stop_session)
        await pause.heard()
        assert [said.kind for said in await pause.begin()] == ["step.scale"]
        assert pause.session != first


class TestBreath:
    async def to_the_breath(self, pause: Pause) -> None:
        await pause.begin()
        await pause.answer("7")
        await pause.heard()
        await pause.answer("unsure")
        await pause.heard()

    async def test_skipped_it_does_not_end_again(self, story: Story, pause: Pause) -> None:
        await self.to_the_breath(pause)
        await story.at(timedelta(seconds=20))
        await pause.answer("skipped")
        assert await story.timers() == {}
        assert [said.kind for said in await pause.heard()] == ["breath.ended", "step.scale"]
        await story.at(timedelta(hours=1))
        assert await pause.heard() == []

    async def test_an_end_that_comes_too_late_decides_nothing(self, story: Story, pause: Pause) -> None:
        await self.to_the_breath(pause)
        old = pause.seq
        await pause.answer("skipped")
        await pause.heard()
        await story.do(pause.person, check_ins.breath_over, pause.session, old)
        await story.do(pause.person, check_ins.breath_over, SessionId(99), pause.seq)
        assert await pause.heard() == []
        assert (await pause.row()).step == "after"


async def test_just_checked_in_no_nudge_comes(story: Story, pause: Pause) -> None:
    await story.do(pause.person, reminders.add, "1820")
    await pause.begin()
    await pause.answer("7")
    await pause.heard()
    await pause.answer("understanding")
    await pause.heard()
    await pause.answer("skipped")
    await pause.heard()
    await pause.answer("2")
    await pause.heard()
    assert await pause.answer("done") is Action.DONE
    await pause.heard()
    await story.at(NOW + timedelta(minutes=20))
    assert await pause.heard() == []
    await story.at(NOW + timedelta(days=1, minutes=20))
    assert [said.kind for said in await pause.heard()] == ["nudge.breathe"]
