"""What belongs to one person: hello, settings, reminders, breaths. On a real database."""

from datetime import UTC, datetime, time, timedelta

import pytest

from bot.content.catalog import Content
from bot.domain.errors import NameEmpty, Stale, TimeUnclear, TooLong, TooMany
from bot.domain.model import Lean, PersonId, ReminderId
from bot.places.zones import UnknownZone
from bot.services import (
    breathing,
    care,
    hello,
    journal,
    nudge_answers,
    nudges,
    reminder_form,
    reminder_list,
    reminder_plan,
    settings,
    space,
)
from bot.storage import queue_tables, tables
from bot.storage.timers import DueTimer

from .conftest import NOW, Story
from .support import claim
from .test_services_space import ask


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class TestHello:
    async def test_a_newcomer_is_asked_where_they_are(self, story: Story) -> None:
        kim = await story.person("Kim", None)
        await story.do(kim, hello.start)
        assert await story.kinds(kim) == ["hello.first", "zone.ask_first"]
        waiting = await story.awaiting(kim)
        assert waiting.kind == hello.ZONE
        await story.do(kim, hello.set_zone, "Asia/Kathmandu")
        [kept, menu] = await story.heard(kim)
        assert (kept.kind, kept.parameters["place"], menu.kind) == ("zone.set", "Kathmandu", "menu.first")
        assert (await story.whole(kim)).zone == "Asia/Kathmandu"
        assert await story.awaiting(kim) is None

    async def test_somebody_known_sees_the_menu(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        await story.do(mara, hello.start)
        assert await story.kinds(mara) == ["menu.alone"]
        await story.link(mara, jonas)
        await story.do(mara, hello.start)
        assert await story.kinds(mara) == ["menu.linked"]

    async def test_not_now(self, story: Story) -> None:
        kim = await story.person("Kim", None)
        await story.do(kim, hello.start)
        await story.do(kim, hello.skip_zone)
        assert (await story.kinds(kim))[2:] == ["zone.skipped", "menu.first"]
        assert (await story.whole(kim)).zone is None

    async def test_another_zone_later(self, story: Story, mara: PersonId) -> None:
        await story.do(mara, hello.ask_zone)
        await story.do(mara, hello.set_zone, "America/New_York")
        assert await story.kinds(mara) == ["zone.ask", "zone.set"]

    async def test_a_zone_nobody_knows(self, story: Story, mara: PersonId) -> None:
        with pytest.raises(UnknownZone):
            await story.do(mara, hello.set_zone, "Europe/Atlantis")
        assert (await story.whole(mara)).zone == "Europe/Berlin"

    async def test_the_time_of_day_tells_the_zone(self, story: Story) -> None:
        kim = await story.person("Kim", None)
        assert await story.do(kim, hello.offer_zones_at, time(22, 47))
        [which] = await story.heard(kim)
        assert ["Asia/Kathmandu", "Kathmandu"] in which.parameters["zones"]
        assert 1 <= len(which.parameters["zones"]) <= hello.MOST_ZONES


class TestSettings:
    async def test_what_is_set(self, story: Story) -> None:
        kim = await story.person("Kim", quiet=True)
        await story.do(kim, settings.menu)
        [menu] = await story.heard(kim)
        assert menu.private == {"own_name": "Kim"}
        assert menu.parameters["zone"] == "Europe/Berlin"
        assert menu.parameters["quiet"] == ["22:00", "08:00"]

    async def test_a_new_name(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        await story.do(mara, settings.ask_name)
        await story.do(mara, settings.take_name, "  Ma ra\n<b>")
        assert (await story.whole(mara)).name == "Ma ra <b>"
        assert await story.awaiting(mara) is None
        await story.link(mara, jonas)
        await ask(story, mara)
        assert (await story.heard(jonas))[-1].private["name"] == "Ma ra <b>"

    async def test_names_that_do_not_do(self, story: Story, mara: PersonId) -> None:
        await story.do(mara, settings.ask_name)
        error = await story.refused(TooLong, mara, settings.take_name, "x" * 41)
        assert error.parameters == {"limit": 40, "length": 41}
        for name in ("", "   ", "!!", "💔"):
            await story.refused(NameEmpty, mara, settings.take_name, name)
        assert (await story.whole(mara)).name == "Mara"
        waiting = await story.awaiting(mara)
        assert waiting is not None, "one can try again"
        await story.do(mara, settings.take_name, "x" * 40)

    @pytest.mark.parametrize("text", ["23-7", "23:00 - 07:00", "23 – 7", "11 pm to 7 am", "23 bis 7"])
    async def test_quiet_hours(self, story: Story, mara: PersonId, text: str) -> None:
        await story.do(mara, settings.ask_quiet)
        await story.do(mara, settings.take_quiet, text)
        person = await story.whole(mara)
        assert (person.quiet_from, person.quiet_until) == (time(23), time(7))
        assert (await story.kinds(mara))[-1] == "settings.quiet_set"

    @pytest.mark.parametrize("text", ["", "23", "late", "23-", "-7", "23-7-8", "25-7"])
    async def test_what_is_no_stretch_of_time(self, story: Story, mara: PersonId, text: str) -> None:
        await story.do(mara, settings.ask_quiet)
        await story.refused(TimeUnclear, mara, settings.take_quiet, text)
        assert await story.awaiting(mara) is not None

    async def test_none(self, story: Story) -> None:
        kim = await story.person("Kim", quiet=True)
        await story.do(kim, settings.set_quiet, time(0), time(0))
        assert await story.kinds(kim) == ["settings.quiet_none"]
        assert (await story.whole(kim)).quiet_from == (await story.whole(kim)).quiet_until

    async def test_another_language(self, story: Story, mara: PersonId) -> None:
        english = story.content._locales["en"]
        content = Content({"en": english, "de": english}, story.content.helplines)
        await story.do(mara, settings.ask_language)
        await story.do(mara, settings.set_language, "de", content)
        assert await story.kinds(mara) == ["settings.ask_language", "settings.language_set"]
        assert (await story.whole(mara)).locale == "de"
        [envelope] = await story.look(lambda uow: claim(uow, story.now))
        assert envelope.person.locale == "de", "what is said from now on"
        for locale in ("fr", "", "DE"):
            await story.refused(Stale, mara, settings.set_language, locale, content)
        assert (await story.whole(mara)).locale == "de"

    async def test_how_i_lean_is_kept_changed_and_forgotten(self, story: Story, mara: PersonId) -> None:
        await story.do(mara, settings.show_lean)
        assert [said.private for said in await story.heard(mara)] == [{"leans": "none"}]
        for lean, kept in (("out", Lean.OUT), ("depends", Lean.DEPENDS), ("none", None)):
            await story.do(mara, settings.set_lean, lean)
            assert (await story.whole(mara)).leans is kept
            await story.do(mara, settings.show_lean)
            assert [said.private for said in await story.heard(mara)] == [{"leans": lean}] * 2
        await story.refused(Stale, mara, settings.set_lean, "over")

    async def test_how_i_lean_is_not_on_the_page_others_may_glimpse(
        self, story: Story, mara: PersonId
    ) -> None:
        await story.do(mara, settings.menu)
        before = await story.heard(mara)
        await story.do(mara, settings.set_lean, "back")
        await story.heard(mara)
        await story.do(mara, settings.menu)
        assert await story.heard(mara) == before


async def remind(story: Story, person: PersonId, clock: str) -> ReminderId:
    await story.do(person, reminder_form.add_daily, clock)
    added = (await story.heard(person))[-1]
    assert added.kind == "remind.added"
    return ReminderId(added.parameters["reminder"])


class TestReminders:
    @pytest.mark.parametrize(
        ("zone", "clock", "next_at"),
        [
            ("Europe/Berlin", "0900", "2026-03-03T08:00"),
            ("Europe/Berlin", "1801", "2026-03-02T17:01"),
            ("Europe/Berlin", "1800", "2026-03-03T17:00"),
            ("America/New_York", "0900", "2026-03-03T14:00"),
            ("Asia/Kathmandu", "0030", "2026-03-02T18:45"),
        ],
    )
    async def test_the_next_time_where_they_are(
        self, story: Story, zone: str, clock: str, next_at: str
    ) -> None:
        kim = await story.person("Kim", zone)
        reminder = await remind(story, kim, clock)
        assert await story.timers() == {f"reminder {reminder}": utc(next_at)}

    async def test_it_comes_every_day(self, story: Story, mara: PersonId) -> None:
        reminder = await remind(story, mara, "0900")
        for day in (3, 4, 5):
            await story.at(utc(f"2026-03-0{day}T08:00"))
            [nudge, *_] = await story.heard(mara)
            assert (nudge.kind, nudge.priority, nudge.silent) == ("nudge.breathe", 5, False)
            assert nudge.parameters["reminder"] == reminder
            assert nudge.expires_at == story.now + timedelta(hours=2)
            due = utc(f"2026-03-0{day + 1}T08:00")
            assert await story.timers() == {f"reminder {reminder}": due}

    async def test_the_clocks_change_and_nine_stays_nine(self, story: Story, mara: PersonId) -> None:
        story.now = utc("2026-03-28T12:00")
        reminder = await remind(story, mara, "0900")
        assert await story.timers() == {f"reminder {reminder}": utc("2026-03-29T07:00")}
        await story.at(utc("2026-03-29T07:00"))
        assert await story.kinds(mara) == ["nudge.breathe"]

    async def test_the_same_time_twice_is_one_reminder(self, story: Story, mara: PersonId) -> None:
        assert await remind(story, mara, "0900") == await remind(story, mara, "9:00")
        assert len(await story.rows(tables.reminders)) == 1

    async def test_eight_at_most(self, story: Story, mara: PersonId) -> None:
        for hour in range(8):
            await remind(story, mara, f"{10 + hour}00")
        error = await story.refused(TooMany, mara, reminder_form.add_daily, "2000")
        assert error.parameters == {"limit": 8}
        await remind(story, mara, "1000")

    async def test_switched_off_and_on(self, story: Story, mara: PersonId) -> None:
        reminder = await remind(story, mara, "0900")
        await story.do(mara, reminder_list.pause, reminder, "open")
        assert await story.kinds(mara) == ["remind.off"]
        await story.do(mara, reminder_list.show)
        [menu] = await story.heard(mara)
        rule = {"v": 1, "kind": "times", "times": ["09:00"], "days": []}
        assert menu.parameters["reminders"] == [[reminder, rule, "breathe", "off"]]
        assert await story.timers() == {}
        await story.at(timedelta(days=2))
        assert await story.heard(mara) == []
        await story.do(mara, reminder_list.resume, reminder)
        assert await story.timers() == {f"reminder {reminder}": utc("2026-03-05T08:00")}
        await story.at(timedelta(days=1))
        assert await story.kinds(mara) == ["remind.one", "nudge.breathe"]

    async def test_deleted_and_brought_back(self, story: Story, mara: PersonId) -> None:
        reminder = await remind(story, mara, "0900")
        await story.do(mara, nudge_answers.later, reminder, 60)
        await story.do(mara, reminder_list.delete, reminder)
        [*_, deleted] = await story.heard(mara)
        assert await story.timers() == {}
        assert await story.rows(tables.reminders) == []
        await story.do(mara, reminder_list.show)
        assert await story.kinds(mara) == ["remind.none"]
        await story.refused(Stale, mara, reminder_list.delete, reminder)
        await story.do(mara, reminder_list.undo, deleted.parameters["undo"])
        assert list((await story.timers()).values()) == [utc("2026-03-03T08:00")]
        await story.refused(Stale, mara, reminder_list.undo, deleted.parameters["undo"])

    async def test_another_ones_reminder(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        reminder = await remind(story, mara, "0900")
        timers = await story.timers()
        for turn in (
            (reminder_list.pause, reminder, "open"),
            (reminder_list.delete, reminder),
            (nudge_answers.later, reminder, 10),
            (nudge_answers.ask_later, reminder),
        ):
            await story.refused(Stale, jonas, *turn)
        assert await story.timers() == timers
        [row] = await story.rows(tables.reminders)
        assert row.active

    async def test_later(self, story: Story, mara: PersonId) -> None:
        reminder = await remind(story, mara, "0900")
        await story.at(utc("2026-03-03T08:05"))
        await story.do(mara, nudge_answers.ask_later, reminder)
        await story.do(mara, nudge_answers.later, reminder, 30)
        assert await story.kinds(mara) == ["nudge.breathe", "nudge.when", "nudge.later"]
        assert (await story.timers())[f"snooze {reminder}"] == utc("2026-03-03T08:35")
        await story.at(timedelta(minutes=30))
        assert await story.kinds(mara) == ["nudge.breathe"]
        assert set(await story.timers()) == {f"reminder {reminder}"}
        await story.refused(Stale, mara, nudge_answers.later, reminder, 7)

    async def test_later_never_means_in_quiet_hours(self, story: Story) -> None:
        kim = await story.person("Kim", quiet=True)
        reminder = await remind(story, kim, "2130")
        await story.at(utc("2026-03-02T20:45"))  # 21:45
        await story.do(kim, nudge_answers.later, reminder, 30)
        assert f"snooze {reminder}" not in await story.timers(), "they are asked"
        [asked] = [said for said in await story.heard(kim) if said.kind == "nudge.in_quiet"]
        await story.do(kim, nudge_answers.later_at, reminder, asked.parameters["end"])
        assert (await story.timers())[f"snooze {reminder}"] == utc("2026-03-03T07:00")
        await story.at(utc("2026-03-03T07:00"))
        assert (await story.kinds(kim))[-1] == "nudge.breathe"

    async def test_set_into_quiet_hours_on_purpose_it_comes(self, story: Story) -> None:
        kim = await story.person("Kim", quiet=True)
        await remind(story, kim, "2300")
        await story.at(utc("2026-03-02T22:00"))
        assert await story.kinds(kim) == ["nudge.breathe"]

    async def test_slipped_into_quiet_hours_it_waits(self, story: Story) -> None:
        kim = await story.person("Kim", quiet=True)
        reminder = await remind(story, kim, "2130")
        await story.jump(utc("2026-03-02T21:10"))  # 22:10, forty minutes late
        assert await story.heard(kim) == []
        assert await story.timers() == {f"reminder {reminder}": utc("2026-03-03T07:00")}
        await story.at(utc("2026-03-03T07:00"))
        assert await story.kinds(kim) == ["nudge.breathe"]
        assert await story.timers() == {f"reminder {reminder}": utc("2026-03-03T20:30")}

    @pytest.mark.parametrize(("late", "kinds"), [(120, ["nudge.breathe"]), (121, [])])
    async def test_two_hours_late_it_is_left_out(
        self, story: Story, mara: PersonId, late: int, kinds: list[str]
    ) -> None:
        reminder = await remind(story, mara, "0900")
        await story.jump(utc("2026-03-03T08:00") + timedelta(minutes=late))
        assert await story.kinds(mara) == kinds
        assert await story.timers() == {f"reminder {reminder}": utc("2026-03-04T08:00")}

    @pytest.mark.parametrize("who", ["mara", "jonas"])
    async def test_during_a_break_of_either_it_is_left_out(
        self, story: Story, mara: PersonId, jonas: PersonId, who: str
    ) -> None:
        await story.link(mara, jonas)
        reminder = await remind(story, mara, "1815")
        asking = mara if who == "mara" else jonas
        await ask(story, asking)
        await story.heard(mara)
        await story.at(NOW + timedelta(minutes=15))
        assert await story.heard(mara) == []
        assert (await story.timers())[f"reminder {reminder}"] == utc("2026-03-03T17:15")
        await story.do(asking, space.back)
        await story.heard(mara)
        await story.at(utc("2026-03-03T17:15"))
        assert await story.kinds(mara) == ["nudge.breathe"]

    async def test_a_break_of_ones_own_without_a_partner(self, story: Story, mara: PersonId) -> None:
        await remind(story, mara, "1815")
        await ask(story, mara)
        await story.at(NOW + timedelta(minutes=15))
        assert await story.heard(mara) == []

    async def test_they_move_with_the_zone(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        reminder, off = await remind(story, mara, "0900"), await remind(story, mara, "1200")
        await story.do(mara, reminder_list.pause, off, "open")
        other = await remind(story, jonas, "0900")
        await story.do(mara, hello.set_zone, "America/New_York")
        assert await story.timers() == {
            f"reminder {reminder}": utc("2026-03-03T14:00"),
            f"reminder {other}": utc("2026-03-03T08:00"),
        }

    async def test_nobody_is_nudged_who_cannot_be_reached(self, story: Story, mara: PersonId) -> None:
        reminder = await remind(story, mara, "0900")
        async with story.storage.unit_of_work() as uow:
            await uow.people.set_reachable(mara, False)
            await uow.commit(story.now)
        await story.at(utc("2026-03-03T08:00"))
        assert await story.heard(mara) == []
        assert await story.timers() == {f"reminder {reminder}": utc("2026-03-04T08:00")}

    async def test_run_twice_it_is_said_once(self, story: Story, mara: PersonId) -> None:
        reminder = await remind(story, mara, "0900")
        due = utc("2026-03-03T08:00")
        await story.at(due)
        async with story.storage.unit_of_work() as uow:
            again = DueTimer(1, reminder_plan.TIMER, reminder, due, {})
            await nudges.run_due(uow, [again], due)
            await uow.commit(due)
        assert await story.kinds(mara) == ["nudge.breathe"]


class TestBreathing:
    async def test_it_ends_by_itself(self, story: Story, mara: PersonId) -> None:
        await story.do(mara, breathing.start)
        [start] = await story.heard(mara)
        assert (start.kind, start.parameters) == (
            "breath.start",
            {"pattern": "slow", "seconds": 60, "minutes": 1},
        )
        assert await story.timers() == {f"breath.end {mara}": NOW + timedelta(seconds=60)}
        await story.at(timedelta(seconds=60))
        [done] = await story.heard(mara)
        assert (done.kind, done.operation) == ("breath.done", "edit")
        [row] = [row for row in await story.rows(queue_tables.outbox) if row.kind == "breath.done"]
        assert row.target_key == start.key
        assert await story.timers() == {}

    async def test_as_long_as_was_chosen_in_whole_breaths(self, story: Story, mara: PersonId) -> None:
        for pattern, minutes, seconds in (("slow", 3, 180), ("four_seven_eight", 5, 304), ("4-6", 1, 60)):
            story.now += timedelta(seconds=1)
            await story.do(mara, breathing.start, pattern, None, minutes)
            assert await story.timers() == {f"breath.end {mara}": story.now + timedelta(seconds=seconds)}
        await story.refused(Stale, mara, breathing.start, "slow", None, 2)
        await story.refused(Stale, mara, breathing.start, "4-60")

    @pytest.mark.parametrize(
        ("typed", "kind"), [("4-6", "breath.start"), ("4 7 8", "breath.start"), ("slowly", "breath.own_how")]
    )
    async def test_a_rhythm_of_ones_own(self, story: Story, mara: PersonId, typed: str, kind: str) -> None:
        await story.do(mara, breathing.start_own, typed)
        assert await story.kinds(mara) == [kind]

    async def test_stopped(self, story: Story, mara: PersonId) -> None:
        await story.do(mara, breathing.start)
        await story.do(mara, breathing.stop)
        await story.at(timedelta(hours=1))
        assert await story.kinds(mara) == ["breath.start", "breath.stopped"]

    async def test_a_second_one_ends_the_first(self, story: Story, mara: PersonId) -> None:
        await story.do(mara, breathing.start)
        await story.at(timedelta(seconds=30))
        await story.do(mara, breathing.start)
        await story.at(timedelta(hours=1))
        assert await story.kinds(mara) == ["breath.start", "clean", "breath.start", "breath.done"]


class TestCare:
    async def test_what_was_typed_is_held_and_given_back_once(self, story: Story, mara: PersonId) -> None:
        await story.do(mara, care.hold, "a heavy text")
        [page] = await story.heard(mara)
        assert page.kind == "care.crisis"
        assert await story.awaiting(mara) is None
        draft = page.parameters["draft"]
        assert await story.do(mara, care.release, draft) == "a heavy text"
        await story.refused(Stale, mara, care.release, draft)

    async def test_it_tells_nobody(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        await story.link(mara, jonas)
        await story.do(mara, care.hold, "a heavy text")
        assert await story.heard(jonas) == []

    async def test_cancel_leaves_forms_and_keeps_a_promise(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await story.link(mara, jonas)
        request = await ask(story, mara)
        await story.do(mara, journal.ask)
        await story.heard(mara)
        await story.do(mara, care.cancel)
        await story.do(mara, care.cancel)
        assert await story.kinds(mara) == ["cancel.done", "cancel.nothing"]
        assert (await story.look(lambda uow: uow.space.get(request))).open
