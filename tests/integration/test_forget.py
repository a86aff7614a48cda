"""/forget: whatever somebody did here, no table knows them afterwards, nor a word of theirs."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.content.catalog import Content
from bot.domain.errors import LinkEnded, NotLinked, Stale
from bot.domain.model import PersonId
from bot.services import (
    agreement_form,
    breathing,
    check_ins,
    forget,
    housekeeping,
    journal,
    partners,
    reminder_form,
    signals,
    space,
    space_form,
)
from bot.services.visit import Visit
from bot.storage import queue_tables, tables
from bot.storage.metadata import metadata
from bot.storage.outbox import FAILED, SENT, WAITING, Settled
from bot.storage.unit_of_work import Storage

from .conftest import Story
from .support import on_postgres
from .test_encryption import a_whole_story, deliver

pytestmark = pytest.mark.both

FIRST = 91_000_000
"""People's ids begin here, so that no other number is like one of theirs."""
HERS = [
    "marker-name-mara",
    "marker-name-new",
    "marker-own-words",
    "marker-unsent-words",
    "marker-journal",
    "marker-held",
    "marker-search",
    "marker-together",
    "marker-not-kept",
    "marker-topic",
    "marker-unsent-topic",
    "marker-hers-alone",
    "marker-reminder",
]


@pytest.fixture
async def story(storage: Storage, content: Content) -> Story:
    """Without a look at every notice at the end: those that were sent have no words any more."""
    return Story(storage, content)


@pytest.fixture(autouse=True)
async def large_ids(story: Story) -> None:
    async with story.storage.unit_of_work() as uow:
        for statement in (
            [f"ALTER TABLE people ALTER id RESTART WITH {FIRST + 1}"]
            if on_postgres()
            else [
                "DELETE FROM sqlite_sequence WHERE name = 'people'",
                f"INSERT INTO sqlite_sequence (name, seq) VALUES ('people', {FIRST})",
            ]
        ):
            await uow._connection.execute(text(statement))
        await uow.commit(story.now)


async def account_of(story: Story, person: PersonId) -> int:
    return int(await story.look(lambda uow: uow.people.account_of(person)))


async def ask(story: Story, person: PersonId) -> int:
    await story.do(person, forget.ask, 7)
    draft = await story.look(lambda uow: uow.drafts.get(person, forget.DRAFT))
    return int(draft.id)


async def all_gone(story: Story, person: PersonId, *, tell: bool = False) -> None:
    draft = await ask(story, person)
    async with story.storage.unit_of_work() as uow:
        visit = story_visit(uow, await uow.people.get(person), story)
        await forget.forget(visit, draft, tell=tell)
        await uow.commit(story.now)


def story_visit(uow: Any, person: Any, story: Story) -> Any:
    return Visit(uow, person, story.now, 77)


async def where(story: Story, *wanted: object) -> set[str]:
    """Every place in the database, decrypted, that holds one of these numbers or words."""
    marks = [re.compile(rf"(?<![\d]){each}(?![\d])") for each in wanted]
    found = set()
    for table in metadata.sorted_tables:
        for row in await story.rows(table):
            for column, value in row._mapping.items():
                found |= {f"{table.name}.{column}" for mark in marks if mark.search(repr(value))}
    return found


async def more_of_hers(story: Story, mara: PersonId, jonas: PersonId) -> None:
    """What the other story leaves out: timers, reminders, a check-in, an invitation, an agreement."""
    await story.do(mara, reminder_form.add_daily, "09:00")
    await story.do(mara, check_ins.start, story.content)
    await story.do(mara, breathing.start)
    await story.do(mara, agreement_form.begin)
    await story.do(mara, journal.write, "marker-hers-alone")
    # A break of the other that she answers: the key of that notice names who answered.
    await story.do(jonas, space_form.ask_length, 20)
    draft = await story.look(lambda uow: uow.drafts.get(jonas, space_form.DRAFT))
    await story.do(jonas, space_form.take_words, draft, "I need air.")
    await story.do(jonas, space.send, draft.id)
    request = (await story.rows(tables.space_requests))[-1]
    await story.do(mara, space.reply, request.id, space.REPLIES[0])
    update = {"message": {"from": {"id": await account_of(story, mara)}, "text": "marker-hers-alone"}}
    async with story.storage.unit_of_work() as uow:
        await uow.log.set_aside(2, str(update).replace("'", '"'), "KeyError", story.now)
        await uow.log.note_message(mara, 5, story.now)
        await uow.commit(story.now)


@pytest.mark.parametrize("delivered", [False, True])
@pytest.mark.parametrize("tell", [False, True])
async def test_no_table_holds_them_nor_their_words(story: Story, delivered: bool, tell: bool) -> None:
    mara, jonas = await a_whole_story(story)
    account = await account_of(story, mara)
    await more_of_hers(story, mara, jonas)
    if delivered:
        await deliver(story)
    assert len(await where(story, mara, account)) > 15
    assert len(await where(story, *HERS)) > 5
    theirs = await where(story, jonas)

    await all_gone(story, mara, tell=tell)
    assert await where(story, account) == {"telegram_accounts.user_id"}
    await deliver(story)

    assert await where(story, mara, account) == set()
    assert await where(story, *HERS) <= {"received.words"}
    assert (await where(story, *HERS) != set()) is delivered
    # Of the other's own nothing is gone: what they kept for her lies in their journal now.
    between = {"invitations.accepted_by", "kept_messages.person_id", "outbox.key"}
    assert await where(story, jonas) >= theirs - between
    assert await story.look(lambda uow: uow.journal.count(jonas)) >= 1
    still = {row.id for table in (tables.sessions, tables.reminders) for row in await story.rows(table)}
    subjects = {row.subject for row in await story.rows(queue_tables.timers)}
    requests = {row.id for row in await story.rows(tables.space_requests)}
    assert subjects <= still | requests | {jonas}


@pytest.mark.parametrize("outcome", [SENT, WAITING, FAILED])
async def test_what_is_in_flight_at_that_moment_brings_nothing_back(story: Story, outcome: str) -> None:
    """Sends that began before end afterwards, and are written down by what the dispatcher remembers."""
    mara, jonas = await a_whole_story(story)
    account = await account_of(story, mara)
    waiting = [row.id for row in await story.rows(queue_tables.outbox) if row.state == WAITING]
    async with story.storage.unit_of_work() as uow:
        flying = await uow.outbox.claim(waiting, story.now)
        await uow.commit(story.now)
    assert {each.notice.recipient for each in flying} == {mara, jonas}

    await all_gone(story, mara)
    assert await where(story, account) == {"telegram_accounts.user_id"}
    async with story.storage.unit_of_work() as uow:
        again = story.now if outcome == WAITING else None
        ended = [Settled(each, outcome, 100 + each.id, not_before=again) for each in flying]
        await uow.outbox.settle(ended, story.now)
        await uow.commit(story.now)
    assert await where(story, mara) == set()

    await deliver(story)
    assert await where(story, mara, account) == set()
    async with story.storage.unit_of_work() as uow:
        await uow.outbox.expire(story.now)  # as the dispatcher does before it looks what waits
        await uow.commit(story.now)
    assert await where(story, *HERS) == ({"received.words"} if outcome == SENT else set())


async def test_the_partner_is_told_one_line_only_if_wanted(story: Story) -> None:
    for tell in (False, True):
        mara, jonas = await story.person(f"Mara{tell}"), await story.person(f"Jonas{tell}")
        await story.link(mara, jonas)
        await all_gone(story, mara, tell=tell)
        assert await story.kinds(jonas) == (["unlink.line"] if tell else [])
        await story.refused(NotLinked if tell else LinkEnded, jonas, signals.choose)
        await story.refused(NotLinked, jonas, signals.choose)


async def test_an_open_break_ends_with_them_and_nothing_is_due(story: Story) -> None:
    mara, jonas = await story.person("Mara"), await story.person("Jonas")
    await story.link(mara, jonas)
    await story.do(mara, space_form.ask_length, 20)
    draft = await story.look(lambda uow: uow.drafts.get(mara, space_form.DRAFT))
    await story.do(mara, space_form.take_words, draft, "I need air.")
    await story.do(mara, space.send, draft.id)
    await story.heard(jonas)
    await all_gone(story, mara)
    assert await story.timers() == {}
    await story.at(timedelta(days=2))
    assert await story.kinds(jonas) == []


async def test_who_writes_again_is_somebody_new(story: Story) -> None:
    mara = await story.person("Mara")
    account = await account_of(story, mara)
    await all_gone(story, mara)
    await deliver(story)
    assert await story.look(lambda uow: uow.people.by_account(account)) is None
    assert [row.kind for row in await story.rows(queue_tables.outbox)] == []
    again = await story.person("Mara")
    assert await account_of(story, again) == account
    assert again > mara + 1  # and not the one in between, either


async def test_only_the_newest_confirmation_counts_and_not_for_ever(story: Story) -> None:
    mara, jonas = await story.person("Mara"), await story.person("Jonas")
    first = await ask(story, mara)
    second = await ask(story, mara)
    assert second > first
    for whose, draft in ((mara, first), (jonas, second)):
        async with story.storage.unit_of_work() as uow:
            with pytest.raises(Stale):
                await forget.forget(story_visit(uow, await uow.people.get(whose), story), draft, tell=False)
    story.now += timedelta(hours=3)
    async with story.storage.unit_of_work() as uow:
        with pytest.raises(Stale):
            await forget.forget(story_visit(uow, await uow.people.get(mara), story), second, tell=False)


async def test_an_invitation_they_accepted_is_void(story: Story) -> None:
    mara, jonas = await story.person("Mara"), await story.person("Jonas")
    _, code = await story.invitation(jonas)
    await story.do(mara, partners.accept, code)
    await all_gone(story, mara)
    assert await story.kinds(jonas) == []
    [row] = await story.rows(tables.invitations)
    assert (row.state, row.accepted_by) == ("withdrawn", None)


async def test_the_last_message_that_cannot_go_leaves_nothing(story: Story) -> None:
    mara = await story.person("Mara")
    await all_gone(story, mara)
    story.now += timedelta(hours=13)
    async with story.storage.unit_of_work() as uow:
        await housekeeping.tidy(uow, story.now)
        await uow.commit(story.now)
    assert await story.rows(tables.people) == []


@pytest.mark.sqlite_only
async def test_the_files_hold_their_account_no_longer_than_an_hour(story: Story, database: Path) -> None:
    """Telegram ids are plain: after the next housekeeping they are in no page and in no log."""
    mara = await story.person("Mara")
    account = (await account_of(story, mara)).to_bytes(6, "big")

    def holding() -> list[str]:
        return [each.name for each in database.parent.iterdir() if account in each.read_bytes()]

    assert holding()
    await all_gone(story, mara)
    await deliver(story)
    async with story.storage.unit_of_work() as uow:
        await housekeeping.tidy(uow, story.now)
        await uow.commit(story.now)
    await story.storage.shorten_log()
    assert holding() == []


async def test_both_forgotten_nothing_of_the_two_is_left(story: Story) -> None:
    mara, jonas = await a_whole_story(story)
    for person in (mara, jonas):
        await all_gone(story, person)
        await deliver(story)
    kept = {"script_versions", "facts", "failed_updates"}
    for table in metadata.sorted_tables:
        if table.name not in kept:
            assert await story.rows(table) == [], table.name
