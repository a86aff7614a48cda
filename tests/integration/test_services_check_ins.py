"""Check-ins on a real database: every answer in a transaction of its own."""

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from bot.domain.conversation import LEFT_AFTER, HandOver
from bot.domain.errors import Stale, TooLong
from bot.domain.model import Lean, PersonId, SessionId
from bot.domain.script import Action
from bot.services import breathing, care, check_in_list, check_ins, reminder_form
from bot.storage import queue_tables, tables

from .conftest import NOW, Said, Story


class Pause:
    """One person's way through the shipped “pause” script."""

    def __init__(self, story: Story, person: PersonId) -> None:
        self.story, self.person = story, person
        self.session, self.seq = SessionId(0), 0

    async def begin(self, script: str = "pause") -> list[Said]:
        await self.story.do(self.person, check_ins.start, self.story.content, script)
        return await self.heard()

    async def answer(self, value: str) -> HandOver | None:
        """Tap this answer; what is handed over to. What is heard is left to `heard`."""
        onwards: HandOver | None = await self.story.do(
            self.person, check_ins.answer, self.session, self.seq, value
        )
        return onwards

    async def answers(self, *values: str) -> list[Said]:
        """Begin, and tap one after the other; what was heard last."""
        heard = await self.begin()
        for value in values:
            await self.answer(value)
            heard = await self.heard()
        return heard

    async def types(self, text: str) -> tuple[bool, HandOver | None]:
        taken: tuple[bool, HandOver | None] = await self.story.do(self.person, check_ins.typed_answer, text)
        return taken

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
    begins, need = await pause.begin()
    assert begins.kind == "check_in.begins"
    assert (need.kind, need.parameters["quote"]) == ("step.ask", "what_do_i_need")
    await pause.answer("calm")
    answered, strength = await pause.heard()
    assert (answered.kind, answered.operation) == ("step.answered", "edit")
    assert answered.parameters["said"] == "I need calm"
    assert strength.kind == "step.scale"
    await pause.answer("5")
    assert [said.kind for said in await pause.heard()] == ["step.answered", "step.say", "step.ask"]
    await pause.answer("breath")
    assert [said.kind for said in await pause.heard()] == ["step.answered", "step.breathe"]
    assert await story.timers() == {
        f"breath.end {pause.person}": NOW + timedelta(seconds=60),
        f"check_in.left {pause.session}": NOW + LEFT_AFTER,
    }
    await story.at(timedelta(seconds=60))
    assert [said.kind for said in await pause.heard()] == ["breath.ended", "step.scale"]
    assert list(await story.timers()) == [f"check_in.left {pause.session}"]
    await pause.answer("3")
    assert [said.kind for said in await pause.heard()] == ["step.answered", "step.offer"]
    assert await pause.answer("space") == HandOver(Action.SPACE, words=None)
    row = await pause.row()
    assert row.status == "finished"
    assert row.answers == {
        "need": "calm",
        "before": 5,
        "calm_how": "breath",
        "breathe": "done",
        "after": 3,
        "way_on": "space",
    }
    assert row.updated_at == story.now
    assert await story.timers() == {}
    assert await story.look(lambda uow: uow.sessions.active_of(pause.person)) is None


async def test_the_same_one_goes_on_where_it_was(story: Story, pause: Pause) -> None:
    await pause.answers("calm")
    session, seq = pause.session, pause.seq
    kinds = [said.kind for said in await pause.begin()]
    assert sorted(kinds) == ["check_in.again", "step.scale", "strip"]
    assert kinds.index("check_in.again") < kinds.index("step.scale")
    assert pause.session == session
    await story.refused(Stale, pause.person, check_ins.answer, session, seq, "5")
    assert len(await story.rows(tables.sessions)) == 1
    await pause.answer("5")


async def test_another_one_ends_it_and_keeps_what_was_written(story: Story, pause: Pause) -> None:
    await pause.answers("understanding", "5")
    await pause.types("that I try")
    await pause.heard()
    kinds = [said.kind for said in await pause.begin("body_scan")]
    assert kinds == ["strip", "check_in.begins", "step.ground"]
    first, second = await story.rows(tables.sessions)
    assert (first.status, second.status) == ("stopped", "active")
    assert first.answers["understanding"] == "written"
    [line] = await story.look(lambda uow: uow.journal.newest(pause.person, 5))
    assert line.text == "that I try"


async def test_a_script_there_is_not(story: Story, pause: Pause) -> None:
    await story.refused(Stale, pause.person, check_ins.start, story.content, "no_such_script")


async def test_it_goes_on_hours_later(story: Story, pause: Pause) -> None:
    await pause.answers("understanding")
    await story.at(timedelta(hours=11, minutes=59))
    await pause.answer("5")
    assert [said.kind for said in await pause.heard()] == ["step.answered", "step.write"]


class TestLeft:
    """Twelve hours later it has ended, quietly, and what was answered is kept."""

    async def test_by_itself(self, story: Story, pause: Pause) -> None:
        await pause.answers("understanding", "5")
        await story.at(timedelta(hours=1))
        await pause.types("that I try")
        await pause.heard()
        await story.at(timedelta(hours=11, minutes=59))
        assert await pause.heard() == []
        await story.at(timedelta(minutes=1))
        assert [said.kind for said in await pause.heard()] == ["strip"]
        row = await pause.row()
        assert (row.status, row.answers["before"], row.notes) == ("stopped", 5, {})
        [line] = await story.look(lambda uow: uow.journal.newest(pause.person, 5))
        assert line.text == "that I try"

    async def test_should_the_person_come_first(self, story: Story, pause: Pause) -> None:
        await pause.answers("calm")
        session, seq = pause.session, pause.seq
        story.now += timedelta(hours=12)  # and the timer is late
        await story.refused(Stale, pause.person, check_ins.answer, session, seq, "5")
        assert not await story.do(pause.person, check_ins.remind_current, "check_in.again")
        assert (await pause.row()).status == "stopped"
        assert [said.kind for said in await pause.begin()] == ["strip", "check_in.begins", "step.ask"]


async def test_it_goes_on_with_the_version_it_began_with(story: Story, pause: Pause) -> None:
    """Also with one that knew nothing of skips, conditions and wordings."""
    old = {
        "id": "pause",
        "version": 1,
        "title": "Pause",
        "promise": "2 minutes",
        "source": "As it was.",
        "start": "need",
        "steps": {
            "need": {
                "kind": "ask",
                "text": "What now?",
                "choices": [{"id": "calm", "label": "Calm", "next": "how"}],
            },
            "how": {"kind": "scale", "text": "How strong?", "next": "bye"},
            "bye": {"kind": "end", "text": "Bye."},
        },
    }
    async with story.storage.unit_of_work() as uow:
        await uow.sessions.keep_script("of an earlier version", "pause", 1, "en", old)
        session = await uow.sessions.add(pause.person, "of an earlier version", "pause", story.now)
        await uow.sessions.save(replace(session, step="need", seq=1), story.now)
        await uow.commit(story.now)
    await story.refused(Stale, pause.person, check_ins.answer, session.id, 1, "skipped")
    await story.do(pause.person, check_ins.answer, session.id, 1, "calm")
    answered, how = await pause.heard()
    assert (answered.parameters["text"], how.parameters["text"]) == ("What now?", "How strong?")
    await pause.answer("4")
    assert [said.parameters["text"] for said in await pause.heard()] == ["How strong?", "Bye."]


async def test_a_version_is_stored_once(story: Story, pause: Pause) -> None:
    await pause.begin()
    [version] = await story.rows(tables.script_versions)
    stored = story.content.script("en", "pause")
    assert (version.hash, version.version, version.locale) == (stored.hash, stored.script.version, "en")
    await story.do(pause.person, check_ins.stop_session)
    await pause.begin()
    assert len(await story.rows(tables.script_versions)) == 1


async def test_the_next_run_reads_differently(story: Story, pause: Pause) -> None:
    texts = []
    for _ in range(2):
        heard = await pause.answers("calm")
        texts.append(heard[-1].parameters["text"])
        await story.do(pause.person, check_ins.stop_session)
        await pause.heard()
    assert len(set(texts)) == 2


class TestStale:
    async def test_an_answer_to_an_earlier_question(self, story: Story, pause: Pause) -> None:
        await pause.begin()
        old = pause.seq
        await pause.answer("calm")
        await pause.heard()
        await story.refused(Stale, pause.person, check_ins.answer, pause.session, old, "understanding")
        assert (await pause.row()).answers == {"need": "calm"}
        assert await story.do(pause.person, check_ins.remind_current, "errors.stale_question")
        kinds = [said.kind for said in await pause.heard()]
        assert sorted(kinds) == ["errors.stale_question", "step.scale", "strip"]
        assert kinds.index("errors.stale_question") < kinds.index("step.scale")

    async def test_an_answer_that_was_never_offered(self, story: Story, pause: Pause) -> None:
        await pause.begin()
        for value in ("11", "breath", "", "written", "done"):
            await story.refused(Stale, pause.person, check_ins.answer, pause.session, pause.seq, value)
        assert (await pause.row()).answers == {}

    async def test_a_forged_tap_does_not_pass_for_a_line(self, story: Story, pause: Pause) -> None:
        await pause.answers("understanding", "5")
        await story.refused(Stale, pause.person, check_ins.answer, pause.session, pause.seq, "written")

    async def test_another_ones_session(self, story: Story, pause: Pause, jonas: PersonId) -> None:
        await pause.begin()
        turns = [
            (check_ins.answer, pause.session, pause.seq, "calm"),
            (check_ins.go_back, pause.session, pause.seq),
            (check_ins.later, pause.session, pause.seq),
            (check_ins.go_on, pause.session),
        ]
        for turn in turns:
            await story.refused(Stale, jonas, *turn)
        assert not await story.do(jonas, check_ins.stop_session, pause.session)
        theirs = Pause(story, jonas)
        await theirs.begin()
        for turn in turns:
            await story.refused(Stale, jonas, *turn)
        row = (await story.rows(tables.sessions))[0]
        assert (row.person_id, row.status, row.answers) == (pause.person, "active", {})
        assert row.asleep_until is None

    async def test_one_that_was_stopped(self, story: Story, pause: Pause) -> None:
        await pause.begin()
        await story.do(pause.person, check_ins.stop_session, pause.session)
        await story.refused(Stale, pause.person, check_ins.answer, pause.session, pause.seq, "calm")

    async def test_without_a_check_in_there_is_no_question(self, story: Story, mara: PersonId) -> None:
        assert not await story.do(mara, check_ins.remind_current, "check_in.again")
        assert await story.do(mara, check_ins.typed_answer, "7") == (False, None)
        assert await story.heard(mara) == []


class TestBack:
    async def test_the_question_before_is_asked_again(self, story: Story, pause: Pause) -> None:
        await pause.answers("calm", "5")
        await story.do(pause.person, check_ins.go_back, pause.session, pause.seq)
        assert [said.kind for said in await pause.heard()] == ["strip", "step.scale"]
        assert (await pause.row()).answers == {"need": "calm"}
        await story.do(pause.person, check_ins.go_back, pause.session, pause.seq)
        await pause.heard()
        await story.refused(Stale, pause.person, check_ins.go_back, pause.session, pause.seq)
        await pause.answer("understanding")
        await pause.heard()
        await pause.answer("2")
        assert [said.kind for said in await pause.heard()] == ["step.answered", "step.write"]

    async def test_a_line_taken_back_is_not_kept(self, story: Story, pause: Pause) -> None:
        await pause.answers("understanding", "5")
        await pause.types("too sharp")
        await pause.heard()
        await story.do(pause.person, check_ins.go_back, pause.session, pause.seq)
        await pause.heard()
        await pause.types("softer")
        await story.do(pause.person, check_ins.stop_session)
        lines = await story.look(lambda uow: uow.journal.newest(pause.person, 5))
        assert [line.text for line in lines] == ["softer"]

    async def test_an_earlier_back_is_stale(self, story: Story, pause: Pause) -> None:
        await pause.answers("calm", "5")
        old = pause.seq
        await story.do(pause.person, check_ins.go_back, pause.session, old)
        await pause.heard()
        await story.refused(Stale, pause.person, check_ins.go_back, pause.session, old)
        assert (await pause.row()).answers == {"need": "calm"}


class TestNotNow:
    async def test_it_comes_again_in_twenty_minutes(self, story: Story, pause: Pause) -> None:
        await pause.answers("calm")
        await story.do(pause.person, check_ins.later, pause.session, pause.seq)
        assert [said.kind for said in await pause.heard()] == ["strip", "check_in.asleep"]
        await story.at(timedelta(minutes=19, seconds=59))
        assert await pause.heard() == []
        await story.at(timedelta(seconds=1))
        assert [said.kind for said in await pause.heard()] == ["strip", "check_in.awake", "step.scale"]
        await pause.answer("5")
        assert (await pause.row()).answers == {"need": "calm", "before": 5}

    async def test_meanwhile_nothing_typed_is_an_answer(self, story: Story, pause: Pause) -> None:
        await pause.answers("understanding", "5")
        await story.do(pause.person, check_ins.later, pause.session, pause.seq)
        assert await pause.types("a text about something else") == (False, None)
        if_awake = partial(check_ins.remind_current, if_awake=True)
        assert not await story.do(pause.person, if_awake, "fallback.question")
        assert (await pause.row()).notes == {}

    async def test_earlier_if_the_person_wants(self, story: Story, pause: Pause) -> None:
        await pause.answers("calm")
        await story.do(pause.person, check_ins.later, pause.session, pause.seq)
        await pause.heard()
        await story.do(pause.person, check_ins.go_on, pause.session)
        assert [said.kind for said in await pause.heard()] == ["strip", "check_in.again", "step.scale"]
        assert list(await story.timers()) == [f"check_in.left {pause.session}"]
        await story.at(timedelta(hours=1))
        assert await pause.heard() == []

    async def test_stopped_meanwhile_it_does_not_come(self, story: Story, pause: Pause) -> None:
        await pause.answers("calm")
        await story.do(pause.person, check_ins.later, pause.session, pause.seq)
        await story.do(pause.person, check_ins.stop_session)
        assert await story.timers() == {}
        await story.at(timedelta(hours=1))
        assert "check_in.awake" not in await story.kinds(pause.person)

    async def test_in_a_breath(self, story: Story, pause: Pause) -> None:
        await pause.answers("calm", "5", "breath")
        await story.do(pause.person, check_ins.later, pause.session, pause.seq)
        assert [said.kind for said in await pause.heard()] == ["breath.ended", "check_in.asleep"]
        await story.at(timedelta(minutes=20))
        assert [said.kind for said in await pause.heard()] == ["strip", "check_in.awake", "step.breathe"]
        await story.at(timedelta(minutes=1))
        assert [said.kind for said in await pause.heard()] == ["breath.ended", "step.scale"]


class TestTyping:
    async def test_a_number_and_a_label_count_as_taps(self, story: Story, pause: Pause) -> None:
        await pause.begin()
        assert await pause.types(" i don't KNOW yet") == (True, None)
        assert await pause.types("7") == (True, None)
        assert (await pause.row()).answers == {"need": "unsure", "before": 7}

    async def test_what_is_no_answer_is_left_to_others(self, story: Story, pause: Pause) -> None:
        await pause.begin()
        assert await pause.types("very") == (False, None)
        assert (await pause.row()).answers == {}

    async def test_a_line_waits_encrypted_and_then_goes_to_the_journal(
        self, story: Story, pause: Pause, jonas: PersonId, engine: Any
    ) -> None:
        await pause.answers("understanding", "5")
        assert await pause.types("that I try") == (True, None)
        assert [said.kind for said in await pause.heard()] == ["strip", "step.ask"]
        assert await story.look(lambda uow: uow.journal.newest(pause.person, 5)) == []
        async with engine.connect() as connection:
            waiting = (await connection.exec_driver_sql("SELECT notes FROM sessions")).scalar_one()
        assert b"that I try" not in waiting
        await story.do(pause.person, check_ins.stop_session)
        [line] = await story.look(lambda uow: uow.journal.newest(pause.person, 5))
        assert line.text == "that I try"
        assert await story.look(lambda uow: uow.journal.newest(jonas, 5)) == []
        row = await pause.row()
        assert (row.answers["understanding"], row.notes) == ("written", {})
        assert "that I try" not in str(await story.rows(queue_tables.outbox))
        async with engine.connect() as connection:
            stored = (await connection.exec_driver_sql("SELECT text FROM journal")).scalar_one()
        assert b"that I try" not in stored

    async def test_a_line_that_is_too_long(self, story: Story, pause: Pause) -> None:
        await pause.answers("understanding", "5")
        await story.refused(TooLong, pause.person, check_ins.typed_answer, "x" * 2001)
        assert await story.rows(tables.journal) == []
        await pause.answer("skipped")
        assert (await pause.row()).answers["understanding"] == "skipped"

    async def test_one_that_may_be_sent_is_shorter(self, story: Story, pause: Pause) -> None:
        await pause.begin("reach_out")
        for value in ("3", "done", "skipped", "skipped"):
            await pause.answer(value)
            await pause.heard()
        error = await story.refused(TooLong, pause.person, check_ins.typed_answer, "x" * 201)
        assert error.parameters["limit"] == 200


class TestWhatIsKept:
    async def test_reframe_keeps_nothing(self, story: Story, pause: Pause) -> None:
        await pause.begin("reframe")
        await pause.answer("own")
        await pause.heard()
        await pause.types("they do not care <at all>")
        await pause.heard()
        await story.do(pause.person, check_ins.stop_session)
        row = await pause.row()
        assert (row.answers, row.notes, row.trail) == ({}, {}, [])
        assert await story.rows(tables.journal) == []

    async def test_unless_it_is_asked_to(self, story: Story, pause: Pause) -> None:
        await pause.begin("reframe")
        await pause.answer("own")
        await pause.heard()
        await pause.types("they do not care")
        await pause.heard()
        for value in ("8", "distance", "4", "skipped", "3"):
            await pause.answer(value)
            heard = await pause.heard()
        assert heard[-1].kind == "step.offer"
        assert await pause.answer("keep") == HandOver(Action.KEEP, words="they do not care")

    async def test_how_somebody_leans(self, story: Story, pause: Pause) -> None:
        await pause.begin("pattern")
        for value in ("toward", "silence", "lose_them", "word", "i_go", "out"):
            await pause.answer(value)
            await pause.heard()
        assert (await story.whole(pause.person)).leans is Lean.OUT

    async def test_how_strong_it_was_lately(self, story: Story, pause: Pause) -> None:
        await pause.answers("calm", "8")
        await story.do(pause.person, check_ins.stop_session)
        await pause.heard()
        await story.do(pause.person, check_in_list.choose, story.content)
        [choose] = await story.heard(pause.person)
        assert "trigger" not in choose.parameters["scripts"]
        await story.at(timedelta(minutes=31))
        await story.do(pause.person, check_in_list.choose, story.content)
        [choose] = await story.heard(pause.person)
        assert "trigger" in choose.parameters["scripts"]

    async def test_how_true_a_story_feels_is_not_how_strong_it_is(self, story: Story, pause: Pause) -> None:
        await pause.begin("reframe")
        await pause.answer("ignoring")
        await pause.heard()
        await pause.answer("9")
        assert (await pause.row()).intensity is None


async def test_what_fits_the_leaning_comes_first(story: Story, mara: PersonId) -> None:
    async def order() -> list[str]:
        await story.do(mara, check_in_list.choose, story.content)
        listed: list[str] = (await story.heard(mara))[-1].parameters["scripts"]
        return listed

    plain = await order()
    assert plain[:2] == ["pause", "how_am_i"]
    assert sorted(plain) == story.content.script_ids("en")
    for lean, first in ((Lean.OUT, "reach_out"), (Lean.BACK, "lean_in")):
        async with story.storage.unit_of_work() as uow:
            await uow.people.set_leans(mara, lean)
            await uow.commit(story.now)
        assert (await order())[:3] == ["pause", "how_am_i", first]


class TestStopping:
    async def test_half_way(self, story: Story, pause: Pause) -> None:
        await pause.answers("calm")
        assert await story.do(pause.person, check_ins.stop_session, pause.session)
        assert [said.kind for said in await pause.heard()] == ["strip", "check_in.stopped"]
        row = await pause.row()
        assert (row.status, row.answers) == ("stopped", {"need": "calm"})
        assert not await story.do(pause.person, check_ins.stop_session)

    async def test_in_a_breath_its_timer_goes(self, story: Story, pause: Pause) -> None:
        await pause.answers("calm", "5", "breath")
        await story.do(pause.person, care.cancel)
        assert [said.kind for said in await pause.heard()] == ["breath.ended", "check_in.stopped"]
        assert await story.timers() == {}

    async def test_afterwards_a_new_one_begins(self, story: Story, pause: Pause) -> None:
        await pause.begin()
        first = pause.session
        await story.do(pause.person, check_ins.stop_session)
        await pause.heard()
        assert [said.kind for said in await pause.begin()] == ["check_in.begins", "step.ask"]
        assert pause.session != first


class TestBreath:
    async def test_skipped_it_does_not_end_again(self, story: Story, pause: Pause) -> None:
        await pause.answers("calm", "5", "breath")
        await story.at(timedelta(seconds=20))
        await pause.answer("skipped")
        assert list(await story.timers()) == [f"check_in.left {pause.session}"]
        assert [said.kind for said in await pause.heard()] == ["breath.ended", "step.scale"]
        await story.at(timedelta(hours=1))
        assert await pause.heard() == []

    async def test_an_end_that_comes_too_late_decides_nothing(self, story: Story, pause: Pause) -> None:
        await pause.answers("calm", "5", "breath")
        old = pause.seq
        await pause.answer("skipped")
        await pause.heard()
        await story.do(pause.person, check_ins.breath_over, pause.session, old)
        await story.do(pause.person, check_ins.breath_over, SessionId(99), pause.seq)
        assert await pause.heard() == []
        assert (await pause.row()).step == "after"

    async def test_no_breath_is_cut_in_two(self, story: Story, mara: PersonId) -> None:
        await story.do(mara, breathing.start, "box")
        assert await story.timers() == {f"breath.end {mara}": NOW + timedelta(seconds=64)}
        await story.refused(Stale, mara, breathing.start, "no_such_way")


class TestGround:
    async def test_a_tap_a_part_in_the_same_message(self, story: Story, pause: Pause) -> None:
        [_, first] = await pause.begin("body_scan")
        parts = [first.parameters["part"]]
        for _ in range(5):
            await story.do(pause.person, check_ins.answer, pause.session, pause.seq, "done", message=77)
            [said] = await pause.heard()
            assert (said.kind, said.operation) == ("step.ground", "edit")
            parts.append(said.parameters["part"])
        assert len(set(parts)) == 6
        await pause.answer("done")
        assert [said.kind for said in await pause.heard()] == ["strip", "step.ask"]

    async def test_back_within_it(self, story: Story, pause: Pause) -> None:
        [_, first] = await pause.begin("body_scan")
        await pause.answer("done")
        await pause.heard()
        await story.do(pause.person, check_ins.go_back, pause.session, pause.seq)
        assert (await pause.heard())[-1].parameters["part"] == first.parameters["part"]

    async def test_what_is_typed_goes_on_and_is_not_kept(self, story: Story, pause: Pause) -> None:
        await pause.begin("body_scan")
        assert await pause.types("my left foot") == (True, None)
        *_, second = await pause.heard()
        assert (second.operation, second.parameters["number"]) == ("send", 2)
        assert (await pause.row()).notes == {}


async def test_just_checked_in_no_nudge_comes(story: Story, pause: Pause) -> None:
    await story.do(pause.person, reminder_form.add_daily, "1820")
    await pause.heard()
    await pause.answers("understanding", "5", "skipped", "2")
    onwards = await pause.answer("done")
    assert onwards is not None
    assert onwards.action is Action.DONE
    await pause.heard()
    await story.at(NOW + timedelta(minutes=20))
    assert await pause.heard() == []
    await story.at(NOW + timedelta(days=1, minutes=20))
    assert [said.kind for said in await pause.heard()] == ["nudge.breathe"]
