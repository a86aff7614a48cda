"""Reminders that are due, and what is tapped under them. On a real database."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from sqlalchemy import event, update

from bot.clock import Activity, SteppedClock
from bot.domain.decision import Timer
from bot.domain.errors import Stale
from bot.domain.model import PersonId, ReminderId
from bot.domain.nudging import Kind
from bot.domain.rules import Every, Once, Rule, Times
from bot.heartbeat import BATCH, HELD, Heartbeat
from bot.services import breathing, hello, nudge_answers, reminder_plan, space, zone_data
from bot.services.timers import AGAIN_AFTER
from bot.storage import queue_tables, tables
from bot.storage.unit_of_work import UnitOfWork
from bot.zone_watch import ZoneWatch

from .conftest import NOW, Said, Story
from .test_services_space import ask

DAY = timedelta(days=1)
NINE = Times((time(9),))


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


async def change(story: Story, what: Callable[[UnitOfWork], Awaitable[Any]]) -> Any:
    async with story.storage.unit_of_work() as uow:
        found = await what(uow)
        await uow.commit(story.now)
    return found


async def remind(
    story: Story, person: PersonId, rule: Rule, kind: str = "breathe", text: str | None = None
) -> ReminderId:
    async def add(uow: UnitOfWork) -> ReminderId:
        made = await uow.reminders.add(person, kind, rule.to_json(), story.now, text)
        await reminder_plan.plan(uow, made, await uow.people.get(person), story.now)
        return made.id

    found: ReminderId = await change(story, add)
    return found


async def nudges(story: Story, person: PersonId) -> list[str]:
    """The kinds of what came by itself, in short."""
    return [said.kind.removeprefix("nudge.") for said in await heard(story, person) if said.priority == 5]


async def heard(story: Story, person: PersonId) -> list[Said]:
    return [said for said in await story.heard(person) if said.operation != "strip"]


async def last(story: Story, person: PersonId) -> Said:
    return (await heard(story, person))[-1]


async def first_nudge(story: Story, person: PersonId, rule: Rule = NINE) -> ReminderId:
    """A reminder that has just come, at nine on Tuesday."""
    story.now = utc("2026-03-02T23:30")
    reminder = await remind(story, person, rule)
    await story.at(utc("2026-03-03T08:00"))
    assert await nudges(story, person) == ["breathe"]
    return reminder


class TestDue:
    async def test_every_kind_has_its_words(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        await story.link(mara, jonas)
        for number, kind in enumerate(Kind):
            words = "drink water" if kind == "own" else None
            await remind(story, mara, Times((time(9 + number),)), kind, words)
        said = []
        for number, kind in enumerate(Kind):
            await story.at(utc(f"2026-03-03T{8 + number:02}:00"))
            said += [each for each in await heard(story, mara) if each.priority == 5]
            await story.do(mara, nudge_answers.answered)
            assert said[-1].kind == f"nudge.{kind}"
        assert [each.private for each in said if each.private] == [{"words": "drink water"}]

    async def test_two_close_together_are_one(self, story: Story, mara: PersonId) -> None:
        first = await remind(story, mara, NINE)
        await remind(story, mara, Times((time(9, 9),)), "check_in")
        await remind(story, mara, Times((time(9, 10),)), "slow_down")
        await story.at(utc("2026-03-03T09:00"))
        assert await nudges(story, mara) == ["breathe", "slow_down"]
        assert (await story.timers())[f"reminder {first}"] == utc("2026-03-04T08:00")

    async def test_after_quiet_hours_one_comes(self, story: Story) -> None:
        kim = await story.person("Kim", quiet=True)
        await remind(story, kim, Every(60, time(20), time(23)))
        await remind(story, kim, Every(30, time(21), time(23, 30)), "check_in")
        await story.at(utc("2026-03-02T20:59"))
        await story.heard(kim)
        await story.at(utc("2026-03-03T06:59"))
        assert await nudges(story, kim) == []
        await story.at(utc("2026-03-03T07:30"))
        assert len(await nudges(story, kim)) == 1

    async def test_waiting_for_their_end_does_not_lose_the_next(self, story: Story) -> None:
        kim = await story.person("Kim", quiet=True)
        reminder = await remind(story, kim, Times((time(6), time(21, 30))))
        await story.jump(utc("2026-03-02T21:10"))  # 22:10
        assert await story.timers() == {f"reminder {reminder}": utc("2026-03-03T05:00")}
        await story.at(utc("2026-03-03T05:00"))
        assert await nudges(story, kim) == ["breathe"]

    async def test_after_a_weekend_out_of_order_one_each(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        for person in (mara, jonas):
            await remind(story, person, Every(30, time(8), time(22)))
            await remind(story, person, Every(60, time(8), time(20)), "check_in")
            await remind(story, person, Times((time(9), time(12), time(18))), "slow_down")
        await story.jump(NOW + 3 * DAY + timedelta(minutes=7))
        for person in (mara, jonas):
            assert len(await nudges(story, person)) == 1
        assert min((await story.timers()).values()) > story.now

    async def test_a_clock_that_jumps_an_hour(self, story: Story, mara: PersonId) -> None:
        story.now = utc("2026-03-03T06:00")
        reminder = await remind(story, mara, Every(30, time(9), time(21)))
        await story.at(utc("2026-03-03T08:30"))
        assert await nudges(story, mara) == ["breathe"] * 2
        await story.do(mara, nudge_answers.answered)
        story.now -= timedelta(hours=1)
        await story.at(utc("2026-03-03T08:30"))
        assert await nudges(story, mara) == [], "not once more"
        await story.jump(timedelta(hours=1))
        assert await nudges(story, mara) == ["breathe"], "what was due meanwhile is one"
        assert (await story.timers())[f"reminder {reminder}"] == utc("2026-03-03T10:00")

    @pytest.mark.parametrize("alone", [True, False])
    async def test_during_a_break(self, story: Story, mara: PersonId, jonas: PersonId, alone: bool) -> None:
        if not alone:
            await story.link(mara, jonas)
        await remind(story, mara, Times((time(18, 10),)))
        await remind(story, jonas, Times((time(18, 10),)))
        await ask(story, mara)
        await story.at(NOW + timedelta(minutes=12))
        assert await nudges(story, mara) == []
        assert await nudges(story, jonas) == (["breathe"] if alone else [])
        await story.do(mara, space.back)
        await story.at(NOW + DAY + timedelta(minutes=12))
        assert await nudges(story, mara) == ["breathe"]

    async def test_none_on_a_silent_day(self, story: Story, mara: PersonId) -> None:
        await remind(story, mara, NINE)
        await change(story, lambda uow: uow.people.set_silent_days(mara, {1, 2}))
        await story.at(utc("2026-03-04T23:00"))
        assert await nudges(story, mara) == []
        await story.at(utc("2026-03-05T08:00"))
        assert await nudges(story, mara) == ["breathe"]

    async def test_what_rests_does_not_come(self, story: Story, mara: PersonId) -> None:
        paused, other = await remind(story, mara, NINE), await remind(story, mara, Times((time(12),)))
        until = utc("2026-03-04T08:00")
        await change(story, lambda uow: uow.reminders.change(paused, rests_until=until))
        await story.at(until)
        said = await heard(story, mara)
        assert {each.parameters["reminder"] for each in said} == {other}
        await change(story, lambda uow: uow.people.rest_nudges(mara, story.now + DAY))
        await story.at(utc("2026-03-05T08:00"))
        assert await heard(story, mara) == []
        await story.at(utc("2026-03-05T11:00"))
        assert await nudges(story, mara) == ["breathe"]

    async def test_blocked_and_back(self, story: Story, mara: PersonId) -> None:
        await remind(story, mara, Times((time(9), time(12))))
        await change(story, lambda uow: uow.people.set_reachable(mara, False))
        await story.at(NOW + 5 * DAY)
        assert await nudges(story, mara) == []
        await change(story, lambda uow: uow.people.set_reachable(mara, True))
        await story.at(timedelta(hours=3))
        assert await nudges(story, mara) == [], "not what was missed"
        await story.at(utc("2026-03-08T08:00"))
        assert await nudges(story, mara) == ["breathe"]

    async def test_once_comes_once(self, story: Story, mara: PersonId) -> None:
        await remind(story, mara, Once(NOW + timedelta(minutes=40)))
        await story.at(timedelta(hours=1))
        assert await nudges(story, mara) == ["breathe"]
        assert await story.timers() == {}

    async def test_few_statements_for_many(self, story: Story) -> None:
        """What a batch asks of the database does not grow with the number of people in it."""
        statements: list[str] = []
        event.listen(
            story.storage._engine.sync_engine,
            "before_cursor_execute",
            lambda *about: statements.append(about[2]),
        )
        counts = []
        for size in (2, 30):
            people = [await story.person(f"Kim{size}" + "x" * n) for n in range(size)]
            for person in people:
                await remind(story, person, Once(story.now + timedelta(minutes=5)))
            story.now += timedelta(minutes=5)
            statements.clear()
            await story._beat()
            counts.append(len(statements))
            for person in people:
                assert await nudges(story, person) == ["breathe"]
        assert counts[0] == counts[1] < 25

    async def test_one_that_fails_is_put_off_alone(self, story: Story, mara: PersonId) -> None:
        bad = await remind(story, mara, NINE)
        persons = [await story.person("Kim" + "x" * n) for n in range(5)]
        for person in persons:
            await remind(story, person, NINE)
        await change(story, lambda uow: uow.reminders.change(bad, rule={"v": 1, "kind": "times"}))
        story.now = utc("2026-03-03T08:00")
        heartbeat = Heartbeat(
            story.storage, story.content, SteppedClock(story.now), Activity(), lambda: False
        )
        await heartbeat._beat()
        for person in persons:
            assert await nudges(story, person) == ["breathe"]
        assert await nudges(story, mara) == []
        assert (await story.timers())[f"reminder {bad}"] == story.now + AGAIN_AFTER


class TestMoreThanCanBeSent:
    """A hundred thousand are due at nine o'clock: they become notices only as fast as these can be sent."""

    def heart(self, story: Story, ahead: int) -> Heartbeat:
        clock = SteppedClock(story.now)
        return Heartbeat(story.storage, story.content, clock, Activity(), lambda: False, ahead=ahead)

    async def due_at_nine(self, story: Story, people: int) -> None:
        for number in range(people):
            await remind(story, await story.person("Kim" + "x" * number), NINE)
        story.now = utc("2026-03-03T08:00")

    async def waiting(self, story: Story) -> int:
        return sum(row.kind == "nudge.breathe" for row in await story.rows(queue_tables.outbox))

    async def test_the_rest_waits_and_is_looked_at_soon(self, story: Story) -> None:
        await self.due_at_nine(story, BATCH + 3)
        heart = self.heart(story, ahead=BATCH)
        assert await heart._beat() == story.now + HELD
        assert await self.waiting(story) == BATCH
        assert await heart._beat() == story.now + HELD, "none has been sent"
        assert await self.waiting(story) == BATCH
        await story.at(story.now + timedelta(minutes=1))
        assert await self.waiting(story) == BATCH + 3

    async def test_what_was_promised_does_not_wait_with_them(self, story: Story, mara: PersonId) -> None:
        await self.due_at_nine(story, BATCH)
        heart = self.heart(story, ahead=0)
        soon, later = story.now - timedelta(seconds=1), story.now + timedelta(milliseconds=200)
        over = Timer(breathing.END, mara, soon, {"key": "breath"})
        await change(story, lambda uow: uow.timers.apply(over))
        assert await heart._beat() == story.now + HELD
        assert [row.kind for row in await story.heard(mara)] == ["breath.done"]
        await change(story, lambda uow: uow.timers.apply(replace(over, due_at=later)))
        assert await heart._beat() == later
        assert await self.waiting(story) == 0


class TestNotANuisance:
    async def test_the_earlier_one_loses_its_buttons(self, story: Story, mara: PersonId) -> None:
        await first_nudge(story, mara)
        [first] = [row for row in await story.rows(queue_tables.outbox) if row.kind == "nudge.breathe"]
        await story.at(story.now + DAY)
        [_, strip] = await story.heard(mara)
        assert (strip.operation, strip.priority) == ("strip", 5)
        [row] = [row for row in await story.rows(queue_tables.outbox) if row.operation == "strip"]
        assert row.target_key == first.key

    async def test_three_without_an_answer(self, story: Story, mara: PersonId) -> None:
        await remind(story, mara, Times((time(9), time(18))))
        await story.at(utc("2026-03-04T08:00"))
        assert await nudges(story, mara) == ["breathe"] * 3
        await story.at(utc("2026-03-04T17:00"))
        question = await last(story, mara)
        assert (question.kind, question.parameters) == ("nudge.wrong_time", {"fewer": True})
        await story.at(utc("2026-03-11T17:00"))
        assert await nudges(story, mara) == [], "a week without"
        await story.at(utc("2026-03-26T12:00"))
        assert await nudges(story, mara) == ["breathe"] * 3, "one a week"
        await story.do(mara, nudge_answers.answered)
        await story.at(utc("2026-03-27T12:00"))
        assert await nudges(story, mara) == ["breathe"] * 2, "as before"

    async def test_a_breath_to_its_end_is_an_answer(self, story: Story, mara: PersonId) -> None:
        await remind(story, mara, NINE)
        await story.at(utc("2026-03-05T10:00"))
        assert await nudges(story, mara) == ["breathe"] * 3
        await story.do(mara, breathing.start)
        await story.at(utc("2026-03-06T08:00"))
        assert await nudges(story, mara) == ["breathe"]

    @pytest.mark.parametrize(
        ("answer", "kind"),
        [
            (nudge_answers.one_a_day, "nudge.one_a_day"),
            (nudge_answers.long_break, "nudge.break_begins"),
            (nudge_answers.they_are_fine, "nudge.fine_done"),
        ],
    )
    async def test_what_can_be_said_to_the_question(
        self, story: Story, mara: PersonId, answer: Callable[..., Any], kind: str
    ) -> None:
        await remind(story, mara, Times((time(9), time(18))))
        await story.at(utc("2026-03-04T17:00"))
        assert (await last(story, mara)).kind == "nudge.wrong_time"
        await story.do(mara, answer)
        said = await last(story, mara)
        assert said.kind == kind
        await story.at(utc("2026-03-07T12:00"))
        many = {"nudge.one_a_day": 3, "nudge.break_begins": 0, "nudge.fine_done": 3}[kind]
        assert (await nudges(story, mara)).count("breathe") == many
        if "undo" in said.parameters:
            await story.do(mara, nudge_answers.undo, said.parameters["undo"])
            await story.refused(Stale, mara, nudge_answers.undo, said.parameters["undo"])
        if kind == "nudge.one_a_day":
            [row] = await story.rows(tables.reminders)
            assert row.rule["times"] == ["09:00", "18:00"]

    async def test_fewer_is_offered_only_where_it_is_fewer(self, story: Story, mara: PersonId) -> None:
        await remind(story, mara, NINE)
        await story.at(utc("2026-03-06T08:00"))
        question = await last(story, mara)
        assert (question.kind, question.parameters) == ("nudge.wrong_time", {"fewer": False})
        await story.refused(Stale, mara, nudge_answers.one_a_day)


class TestUnderANudge:
    async def test_not_today_and_after_all(self, story: Story, mara: PersonId) -> None:
        await first_nudge(story, mara, Times((time(9), time(12), time(23, 59))))
        await remind(story, mara, Times((time(0),)), "check_in")
        await story.do(mara, nudge_answers.not_today)
        undo = (await last(story, mara)).parameters["undo"]
        await story.at(utc("2026-03-03T22:59"))
        assert await nudges(story, mara) == []
        await story.at(utc("2026-03-03T23:00"))
        assert await nudges(story, mara) == ["check_in"], "midnight is tomorrow"
        await story.do(mara, nudge_answers.not_today)
        await story.refused(Stale, mara, nudge_answers.undo, undo)
        await story.do(mara, nudge_answers.undo, (await last(story, mara)).parameters["undo"])
        await story.at(utc("2026-03-04T12:00"))
        assert await nudges(story, mara) == ["breathe"] * 2

    async def test_later_is_not_one_with_what_it_puts_off(self, story: Story, mara: PersonId) -> None:
        reminder = await first_nudge(story, mara)
        await story.do(mara, nudge_answers.later, reminder, 10)
        await story.at(timedelta(minutes=10))
        assert await nudges(story, mara) == ["breathe"]
        await story.do(mara, nudge_answers.later_at, reminder, int(story.now.timestamp()) + 60)
        await story.at(timedelta(minutes=1))
        assert await nudges(story, mara) == ["breathe"], "a minute later, as it was said"

    async def test_tonight(self, story: Story) -> None:
        kim = await story.person("Kim", quiet=True)
        reminder = await first_nudge(story, kim)
        await story.do(kim, nudge_answers.ask_later, reminder)
        at = (await last(story, kim)).parameters["tonight"]
        assert datetime.fromtimestamp(at, UTC) == utc("2026-03-03T19:00")
        await story.do(kim, nudge_answers.later_at, reminder, at)
        await story.at(utc("2026-03-03T19:00"))
        assert await nudges(story, kim) == ["breathe"]

    @pytest.mark.parametrize(("choice", "comes"), [("end", "03T07:00"), ("wished", "02T21:15")])
    async def test_later_in_quiet_hours_is_asked_about(self, story: Story, choice: str, comes: str) -> None:
        kim = await story.person("Kim", quiet=True)
        reminder = await remind(story, kim, Times((time(21, 45),)))
        await story.at(utc("2026-03-02T20:45"))
        await story.do(kim, nudge_answers.later, reminder, 30)
        asked = await last(story, kim)
        assert asked.kind == "nudge.in_quiet"
        await story.do(kim, nudge_answers.later_at, reminder, asked.parameters[choice])
        due = utc(f"2026-03-{comes}")
        assert (await story.timers())[f"snooze {reminder}"] == due
        await story.heard(kim)
        await story.at(due)
        assert await nudges(story, kim) == ["breathe"]

    async def test_no_time_that_is_past_or_far(self, story: Story, mara: PersonId) -> None:
        reminder = await first_nudge(story, mara)
        now = int(story.now.timestamp())
        for stamp in (0, now, now + 3 * 86400, 10**17):
            await story.refused(Stale, mara, nudge_answers.later_at, reminder, stamp)

    @pytest.mark.parametrize("way", nudge_answers.FEWER)
    async def test_fewer_of_these_and_back(self, story: Story, mara: PersonId, way: str) -> None:
        reminder = await first_nudge(story, mara, Times((time(9), time(18))))
        before = await story.rows(tables.reminders)
        await story.do(mara, nudge_answers.ask_fewer, reminder)
        assert (await last(story, mara)).parameters["ways"] == list(nudge_answers.FEWER)
        await story.do(mara, nudge_answers.fewer, reminder, way)
        said = await last(story, mara)
        assert said.kind == f"nudge.fewer_done.{way}"
        await story.at(utc("2026-03-04T12:00"))
        assert len(await nudges(story, mara)) == {"workdays": 2, "once": 1, "week": 0, "delete": 0}[way]
        await story.do(mara, nudge_answers.undo, said.parameters["undo"])
        [row] = await story.rows(tables.reminders)
        assert row.rule == before[0].rule
        assert (row.active, row.rests_until) == (True, None)
        assert min((await story.timers()).values()) > story.now

    async def test_only_ways_that_change_something(self, story: Story, mara: PersonId) -> None:
        reminder = await remind(story, mara, Times((time(9),), frozenset({1})))
        await story.do(mara, nudge_answers.ask_fewer, reminder)
        assert (await last(story, mara)).parameters["ways"] == ["week", "delete"]
        for way in ("workdays", "once", "burn"):
            await story.refused(Stale, mara, nudge_answers.fewer, reminder, way)

    async def test_another_ones(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        reminder = await first_nudge(story, mara)
        await story.do(mara, nudge_answers.not_today)
        undo = (await last(story, mara)).parameters["undo"]
        stamp = int(story.now.timestamp()) + 600
        for turn in (
            (nudge_answers.show, reminder),
            (nudge_answers.ask_fewer, reminder),
            (nudge_answers.fewer, reminder, "delete"),
            (nudge_answers.later_at, reminder, stamp),
            (nudge_answers.undo, undo),
        ):
            await story.refused(Stale, jonas, *turn)

    async def test_discreet_shows_nothing_until_asked(self, story: Story, mara: PersonId) -> None:
        await change(story, lambda uow: uow.people.set_discreet(mara, True))
        reminder = await remind(story, mara, NINE, "own", "call her")
        await story.at(utc("2026-03-03T08:00"))
        said = await last(story, mara)
        assert (said.kind, said.private) == ("nudge.discreet", {})
        await story.do(mara, nudge_answers.show, reminder, message=7)
        [full] = await story.heard(mara)
        assert (full.kind, full.operation, full.private) == ("nudge.own", "edit", {"words": "call her"})

    async def test_after_the_breath_it_asks_how_it_is(self, story: Story, mara: PersonId) -> None:
        await story.do(mara, breathing.start, "slow", "how_am_i")
        await story.at(timedelta(minutes=2))
        kinds = await story.kinds(mara)
        assert kinds == ["breath.start", "breath.ended", "check_in.begins", "step.scale"]


class TestNothingStale:
    async def test_what_waits_is_called_off(self, story: Story, mara: PersonId) -> None:
        reminder, other = await first_nudge(story, mara), await remind(story, mara, Times((time(9, 30),)))
        await story.at(timedelta(minutes=30))
        whole = await story.look(lambda uow: uow.reminders.get(reminder))
        await change(story, lambda uow: reminder_plan.unplan(uow, whole))
        states = {
            row.parameters["reminder"]: row.state
            for row in await story.rows(queue_tables.outbox)
            if row.kind == "nudge.breathe"
        }
        assert states == {reminder: "dropped", other: "waiting"}

    async def test_changed_it_is_planned_anew_and_said_no_more(self, story: Story, mara: PersonId) -> None:
        reminder = await first_nudge(story, mara, Times((time(9), time(12))))
        await story.do(mara, nudge_answers.fewer, reminder, "once")
        [row] = [row for row in await story.rows(queue_tables.outbox) if row.kind == "nudge.breathe"]
        assert row.state == "dropped"


class TestAnotherZone:
    async def test_west_what_came_does_not_come_again(self, story: Story, mara: PersonId) -> None:
        reminder = await first_nudge(story, mara)
        await story.do(mara, nudge_answers.later, reminder, 60)
        await story.do(mara, hello.set_zone, "America/New_York")
        await story.heard(mara)
        assert await story.timers() == {
            f"reminder {reminder}": utc("2026-03-04T14:00"),
            f"snooze {reminder}": utc("2026-03-03T09:00"),
        }
        await story.at(utc("2026-03-03T10:00"))
        assert await nudges(story, mara) == ["breathe"], "the snooze keeps its instant"
        await story.do(mara, hello.set_zone, "Europe/London")
        assert (await story.timers())[f"reminder {reminder}"] == utc("2026-03-04T09:00")

    async def test_east_what_is_ahead_comes(self, story: Story, mara: PersonId) -> None:
        reminder = await first_nudge(story, mara, Times((time(9), time(20))))
        await story.do(mara, hello.set_zone, "Asia/Tokyo")
        assert (await story.timers())[f"reminder {reminder}"] == utc("2026-03-03T11:00")

    async def test_the_same_zone_changes_nothing(self, story: Story, mara: PersonId) -> None:
        reminder = await first_nudge(story, mara)
        before = await story.rows(tables.reminders)
        await story.do(mara, hello.set_zone, "Europe/Berlin")
        assert await story.rows(tables.reminders) == before
        assert (await story.timers())[f"reminder {reminder}"] == utc("2026-03-04T08:00")


class TestNewZoneData:
    async def test_all_is_planned_anew_in_batches(self, story: Story, mara: PersonId) -> None:
        """The planned times are those of other data: an hour late."""
        every = [await remind(story, mara, Times((time(9 + n),))) for n in range(5)]
        off = await remind(story, mara, NINE)
        await change(story, lambda uow: uow.reminders.change(off, active=False))
        right = await story.timers()
        for kind, due in right.items():
            if kind != f"reminder {off}":
                await self._move(story, int(kind.split()[1]), due + timedelta(hours=1))
        steps = 0
        while await change(story, lambda uow: zone_data.step(uow, "2026z", story.now, 2)):
            steps += 1
            if steps == 1:
                moved = [name for name, due in (await story.timers()).items() if due == right[name]]
                assert len(moved) == 2 + 1, "one batch (and the one that is off)"
        assert steps == 3
        timers = await story.timers()
        assert {f"reminder {each}": timers[f"reminder {each}"] for each in every} == {
            f"reminder {each}": right[f"reminder {each}"] for each in every
        }
        assert not await change(story, lambda uow: zone_data.step(uow, "2026z", story.now, 2))

    async def _move(self, story: Story, reminder: int, due: datetime) -> None:
        table = queue_tables.timers
        statement = update(table).where(table.c.subject == reminder).values(due_at=due)
        await change(story, lambda uow: uow._connection.execute(statement))

    async def test_it_counts_as_work_and_goes_on_after_a_restart(self, story: Story, mara: PersonId) -> None:
        for _ in range(3):
            await remind(story, mara, NINE)
        await change(story, lambda uow: zone_data.step(uow, "2026z", story.now, 1))
        activity = Activity()
        watch = ZoneWatch(story.storage, SteppedClock(story.now), activity, "2026z")
        assert not activity.idle
        task = asyncio.ensure_future(watch.run())
        await activity.until_idle()
        assert await story.look(lambda uow: uow.log.recall(zone_data.VERSION)) == "2026z"
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
