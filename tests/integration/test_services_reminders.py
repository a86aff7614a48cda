"""Reminders in words, and the list of them: said back, kept, paused, skipped, changed, and undone."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.errors import Stale, TooMany, WishUnclear
from bot.domain.model import PersonId, ReminderId
from bot.services import reminder_form, reminder_list, settings
from bot.storage import tables

from .conftest import NOW, Said, Story

pytestmark = pytest.mark.both


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


async def types(story: Story, person: PersonId, text: str) -> Said:
    """The form is open, and they type this; what is said back."""
    await story.do(person, reminder_list.show)
    await story.do(person, reminder_form.take, story.content, text)
    return (await story.heard(person))[-1]


async def keep(story: Story, person: PersonId, text: str) -> Said:
    preview = await types(story, person, text)
    await story.do(person, reminder_form.save, preview.parameters["draft"])
    added = (await story.heard(person))[-1]
    assert added.kind == "remind.added"
    return added


async def one(story: Story, person: PersonId, reminder: int) -> dict[str, Any]:
    await story.do(person, reminder_list.show_one, ReminderId(reminder))
    page = (await story.heard(person))[-1]
    assert page.kind == "remind.one"
    return page.parameters


async def timers(story: Story) -> list[datetime]:
    return sorted((await story.timers()).values())


class TestInWords:
    async def test_it_is_said_back_with_the_next_three_before_it_is_kept(
        self, story: Story, mara: PersonId
    ) -> None:
        preview = await types(story, mara, "weekdays at 9 and 14:30: lean in")
        assert preview.kind == "remind.preview"
        assert preview.parameters["what"] == "lean_in"
        assert preview.parameters["next"] == [
            "2026-03-03T08:00:00+00:00",
            "2026-03-03T13:30:00+00:00",
            "2026-03-04T08:00:00+00:00",
        ]
        assert await story.rows(tables.reminders) == []
        assert await story.timers() == {}
        await story.do(mara, reminder_form.save, preview.parameters["draft"])
        assert await timers(story) == [utc("2026-03-03T08:00")]
        await story.refused(Stale, mara, reminder_form.save, preview.parameters["draft"])
        assert len(await story.rows(tables.reminders)) == 1

    async def test_own_words_are_kept_encrypted_and_shown(self, story: Story, mara: PersonId) -> None:
        added = await keep(story, mara, "every day at 21: drink zq4711 tea")
        assert added.private == {"words": "drink zq4711 tea"}
        [row] = await story.rows(tables.reminders)
        assert (row.kind, row.text) == ("own", "drink zq4711 tea")

    async def test_what_is_not_plain_is_asked_for_again(self, story: Story, mara: PersonId) -> None:
        await story.do(mara, reminder_list.show)
        await story.refused(WishUnclear, mara, reminder_form.take, story.content, "at 9 or maybe 10")
        awaiting = await story.awaiting(mara)
        assert awaiting is not None
        await story.do(mara, reminder_form.take, story.content, "at 9")
        assert (await story.heard(mara))[-1].kind == "remind.preview"

    async def test_typed_again_it_is_another_preview_and_the_first_keeps_nothing(
        self, story: Story, mara: PersonId
    ) -> None:
        first = await types(story, mara, "at 9")
        await story.do(mara, reminder_form.take, story.content, "at 10")
        second = (await story.heard(mara))[-1]
        await story.refused(Stale, mara, reminder_form.save, first.parameters["draft"])
        await story.do(mara, reminder_form.save, second.parameters["draft"])
        assert await timers(story) == [utc("2026-03-03T09:00")]

    async def test_what_it_is_for_can_be_chosen(self, story: Story, mara: PersonId) -> None:
        preview = await types(story, mara, "Sundays at 19")
        draft = preview.parameters["draft"]
        await story.refused(Stale, mara, reminder_form.choose_kind, draft, "harvest")
        await story.do(mara, reminder_form.choose_kind, draft, "check_in")
        assert (await story.heard(mara))[-1].parameters["what"] == "check_in"
        await story.do(mara, reminder_form.save, draft)
        [row] = await story.rows(tables.reminders)
        assert (row.kind, row.rule["days"]) == ("check_in", [6])

    async def test_once_comes_once_and_leaves_the_list(self, story: Story, mara: PersonId) -> None:
        await keep(story, mara, "in 40 minutes: breathe")
        assert await timers(story) == [NOW + timedelta(minutes=40)]
        await story.at(NOW + timedelta(minutes=40))
        assert await story.kinds(mara) == ["nudge.breathe"]
        await story.at(timedelta(days=2))
        await story.do(mara, reminder_list.show)
        assert await story.kinds(mara) == ["remind.none"]

    async def test_the_time_passes_while_the_preview_stands(self, story: Story, mara: PersonId) -> None:
        preview = await types(story, mara, "in 40 minutes: breathe")
        await story.at(timedelta(minutes=41))
        await story.refused(Stale, mara, reminder_form.save, preview.parameters["draft"])
        assert await story.rows(tables.reminders) == []

    async def test_more_than_two_a_day_and_quiet_hours_are_said(self, story: Story) -> None:
        kim = await story.person("Kim", quiet=True)
        plain = await types(story, kim, "at 9 and 18")
        assert (plain.parameters["much"], plain.parameters["quiet_ones"]) == (False, None)
        named = await types(story, kim, "at 9, 18 and 23")
        assert (named.parameters["much"], named.parameters["quiet_ones"]) == (True, "come")
        window = await types(story, kim, "every 2 hours from 10 to 23")
        assert (window.parameters["much"], window.parameters["quiet_ones"]) == (True, "wait")

    async def test_eight_and_no_more(self, story: Story, mara: PersonId) -> None:
        for hour in range(8):
            await keep(story, mara, f"at {10 + hour}:00")
        preview = await types(story, mara, "at 20:00")
        await story.refused(TooMany, mara, reminder_form.save, preview.parameters["draft"])


class TestTheList:
    async def test_the_next_one_is_skipped_and_only_that(self, story: Story, mara: PersonId) -> None:
        reminder = (await keep(story, mara, "every day at 9")).parameters["reminder"]
        await story.do(mara, reminder_list.skip, reminder)
        skipped = (await story.heard(mara))[-1]
        assert skipped.parameters["skipped_at"] == "2026-03-03T08:00:00+00:00"
        assert await timers(story) == [utc("2026-03-04T08:00")]
        await story.do(mara, reminder_list.undo, skipped.parameters["undo"])
        assert await timers(story) == [utc("2026-03-03T08:00")]

    @pytest.mark.parametrize(
        ("until", "next_at"),
        [
            ("tomorrow", "2026-03-03T08:00"),
            ("monday", "2026-03-09T08:00"),
            ("week", "2026-03-09T08:00"),
        ],
    )
    async def test_paused_until_a_day_it_comes_on_that_day(
        self, story: Story, mara: PersonId, until: str, next_at: str
    ) -> None:
        reminder = (await keep(story, mara, "every day at 9")).parameters["reminder"]
        await story.do(mara, reminder_list.pause, reminder, until)
        assert (await story.heard(mara))[-1].kind == "remind.paused"
        assert await timers(story) == [utc(next_at)]
        await story.do(mara, reminder_list.resume, reminder)
        assert await timers(story) == [utc("2026-03-03T08:00")]

    async def test_off_until_they_say_so(self, story: Story, mara: PersonId) -> None:
        reminder = (await keep(story, mara, "every day at 9")).parameters["reminder"]
        await story.do(mara, reminder_list.pause, reminder, "open")
        off = (await story.heard(mara))[-1]
        assert off.kind == "remind.off"
        assert await story.timers() == {}
        assert (await one(story, mara, reminder))["state"] == "off"
        await story.do(mara, reminder_list.undo, off.parameters["undo"])
        assert await timers(story) == [utc("2026-03-03T08:00")]

    async def test_all_rest_and_come_again(self, story: Story, mara: PersonId) -> None:
        await keep(story, mara, "every day at 9")
        reminder = (await keep(story, mara, "every day at 18:30")).parameters["reminder"]
        await story.do(mara, reminder_list.pause, reminder_list.ALL, "monday")
        undo = (await story.heard(mara))[-1].parameters["undo"]
        assert (await one(story, mara, reminder))["next"][0] == "2026-03-09T17:30:00+00:00"
        await story.do(mara, reminder_list.undo, undo)
        assert (await one(story, mara, reminder))["next"][0] == "2026-03-02T17:30:00+00:00"
        await story.do(mara, reminder_list.pause, reminder_list.ALL, "open")
        assert (await one(story, mara, reminder))["next"] == []
        await story.do(mara, reminder_list.resume, reminder_list.ALL)
        assert (await one(story, mara, reminder))["next"][0] == "2026-03-02T17:30:00+00:00"

    async def test_changed_and_back(self, story: Story, mara: PersonId) -> None:
        reminder = (await keep(story, mara, "every day at 9: tea")).parameters["reminder"]
        await story.do(mara, reminder_form.ask, ReminderId(reminder))
        await story.do(mara, reminder_form.take, story.content, "weekends at 11: coffee")
        draft = (await story.heard(mara))[-1].parameters["draft"]
        await story.do(mara, reminder_form.save, draft)
        changed = (await story.heard(mara))[-1]
        assert (changed.parameters["reminder"], changed.private) == (reminder, {"words": "coffee"})
        assert await timers(story) == [utc("2026-03-07T10:00")]
        await story.do(mara, reminder_list.undo, changed.parameters["undo"])
        assert (await story.heard(mara))[-1].private == {"words": "tea"}
        assert await timers(story) == [utc("2026-03-03T08:00")]

    async def test_a_new_one_can_be_undone_and_a_deleted_one_comes_back(
        self, story: Story, mara: PersonId
    ) -> None:
        added = await keep(story, mara, "every day at 9: tea")
        await story.do(mara, reminder_list.undo, added.parameters["undo"])
        assert await story.rows(tables.reminders) == []
        assert await story.timers() == {}
        reminder = (await keep(story, mara, "every day at 9: tea")).parameters["reminder"]
        await story.do(mara, reminder_list.delete, reminder)
        deleted = (await story.heard(mara))[-1]
        await story.do(mara, reminder_list.undo, deleted.parameters["undo"])
        back = (await story.heard(mara))[-1]
        assert (back.kind, back.private) == ("remind.one", {"words": "tea"})
        assert await timers(story) == [utc("2026-03-03T08:00")]

    async def test_an_undo_stands_for_the_last_change_alone(self, story: Story, mara: PersonId) -> None:
        first = await keep(story, mara, "every day at 9")
        await keep(story, mara, "every day at 10")
        await story.refused(Stale, mara, reminder_list.undo, first.parameters["undo"])
        assert len(await story.rows(tables.reminders)) == 2

    async def test_nobody_elses(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        added = await keep(story, mara, "every day at 9")
        reminder, before = added.parameters["reminder"], await story.timers()
        for turn in (
            (reminder_list.show_one, reminder),
            (reminder_list.skip, reminder),
            (reminder_list.ask_pause, reminder),
            (reminder_list.pause, reminder, "week"),
            (reminder_list.resume, reminder),
            (reminder_list.delete, reminder),
            (reminder_list.undo, added.parameters["undo"]),
            (reminder_form.ask, reminder),
        ):
            await story.refused(Stale, jonas, *turn)
        assert await story.timers() == before

    async def test_silent_days_and_discreet_ones_are_settings(self, story: Story, mara: PersonId) -> None:
        await story.do(mara, lambda visit: settings.set_silent_day(visit, 6, on=True))
        await story.do(mara, reminder_list.set_discreet, True)
        person = await story.whole(mara)
        assert (person.silent_days, person.discreet) == (frozenset({6}), True)
