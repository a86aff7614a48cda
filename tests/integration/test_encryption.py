"""What people write is found in no byte of the database, whatever the bot did with it."""

import asyncio
import os
import stat
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from bot.content.catalog import Content
from bot.domain.errors import TooLong
from bot.domain.model import PersonId
from bot.domain.together import week_of
from bot.services import (
    care,
    check_ins,
    journal,
    kept,
    partners,
    relay,
    reminder_form,
    reminder_list,
    saved_words,
    settings,
    signal_lines,
    space,
    space_form,
    together,
    topics,
    topics_form,
)
from bot.storage import queue_tables, tables
from bot.storage.backup import back_up
from bot.storage.engine import open_engine
from bot.storage.metadata import metadata
from bot.storage.migrate import migrate
from bot.storage.outbox import SENT, Settled
from bot.storage.rotation import SEALED
from bot.storage.types import DataKeyError, vault
from bot.storage.unit_of_work import Storage

from .conftest import Story
from .support import claim
from .test_services_relay import send_signal

pytestmark = pytest.mark.sqlite_only

WORDS = [
    "marker-name-mara",
    "marker-name-jonas",
    "marker-name-new",
    "marker-own-words",
    "marker-unsent-words",
    "marker-joined",
    "marker-kept",
    "marker-journal",
    "marker-deleted-line",
    "marker-check-in-line",
    "marker-crisis",
    "marker-too-long",
    "marker-update",
    "marker-own-line",
    "marker-relayed",
    "marker-not-relayed",
    "marker-held",
    "marker-search",
    "marker-together",
    "marker-not-kept",
    "marker-topic",
    "marker-unsent-topic",
    "marker-reminder",
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A database made by the migrations themselves: its mode is theirs, too."""
    made = tmp_path / "data" / "stillhere.db"
    umask = os.umask(0)
    try:
        asyncio.run(migrate(f"sqlite+aiosqlite:///{made}"))
    finally:
        os.umask(umask)
    return made


@pytest.fixture
async def told(file: Path, content: Content) -> AsyncIterator[Story]:
    vault.unlock([Fernet.generate_key().decode()])
    engine = open_engine(f"sqlite+aiosqlite:///{file}")
    yield Story(Storage(engine), content)
    await engine.dispose()


def everything_in(file: Path) -> Iterator[tuple[Path, bytes]]:
    for each in sorted(file.parent.iterdir()):
        yield each, each.read_bytes()


def found(file: Path) -> list[tuple[str, str]]:
    """Markers that can be read, and where."""
    return [
        (each.name, word)
        for each, content in everything_in(file)
        for word in WORDS
        for form in (word, word[::-1], word.upper())
        if form.encode() in content or form.encode("utf-16-le") in content
    ]


async def a_whole_story(story: Story) -> tuple[PersonId, PersonId]:
    mara, jonas = await story.person("marker-name-mara"), await story.person("marker-name-jonas")
    await story.do(mara, settings.take_name, "marker-name-new")
    await story.link(mara, jonas)

    await story.do(mara, space_form.ask_length, 20)
    draft = await story.look(lambda uow: uow.drafts.get(mara, space_form.DRAFT))
    await story.do(mara, space_form.take_words, draft, "marker-own-words")
    await story.do(mara, space.send, draft.id)
    [request] = await story.rows(tables.space_requests)
    await story.do(mara, saved_words.keep, request.id)
    await story.do(jonas, space_form.ask_length, 30)
    draft = await story.look(lambda uow: uow.drafts.get(jonas, space_form.DRAFT))
    await story.do(jonas, space_form.take_words, draft, "marker-joined")
    await story.do(jonas, space.send, draft.id)
    await story.do(jonas, kept.ask)
    draft = await story.look(lambda uow: uow.drafts.get(jonas, kept.DRAFT))
    await story.do(jonas, kept.take_words, draft, "marker-kept")
    await story.at(timedelta(minutes=45))
    await story.do(jonas, space.back)
    await story.do(mara, space.back)
    await story.do(jonas, signal_lines.ask, "own_1")
    draft = await story.look(lambda uow: uow.drafts.get(jonas, signal_lines.DRAFT))
    await story.do(jonas, signal_lines.take, draft, "marker-own-line")
    await send_signal(story, jonas, "own_1")
    await story.do(jonas, relay.preview, "marker-relayed")
    draft = await story.look(lambda uow: uow.drafts.get(jonas, relay.DRAFT))
    await story.do(jonas, relay.send, draft.id)
    await story.do(jonas, relay.preview, "marker-not-relayed")
    await story.do(mara, relay.hold_words, "marker-held")

    await story.do(mara, space_form.ask_length, 20)
    draft = await story.look(lambda uow: uow.drafts.get(mara, space_form.DRAFT))
    await story.do(mara, space_form.take_words, draft, "marker-unsent-words")
    await story.refused(TooLong, mara, space_form.take_words, draft, "marker-too-long" * 20)

    await story.do(mara, journal.write, "marker-journal")
    await story.do(mara, journal.write, "marker-deleted-line")
    line = (await story.rows(tables.journal))[-1]
    await story.do(mara, journal.delete, line.id)
    await story.do(mara, journal.show)
    await story.do(mara, journal.find, "marker-search")
    await story.do(mara, together.ask, story.content, week_of(story.now))
    for text in ("marker-together", "marker-not-kept"):
        draft = await story.look(lambda uow: uow.drafts.get(mara, together.DRAFT))
        await story.do(mara, together.take_text, draft, text, story.content)
        draft = await story.look(lambda uow: uow.drafts.get(mara, together.DRAFT))
        if text == "marker-together":
            await story.do(mara, together.keep, story.content, draft.id)
            await story.do(mara, together.ask, story.content, week_of(story.now))
    for text in ("marker-topic", "marker-unsent-topic"):
        await story.do(mara, topics_form.ask_topic)
        draft = await story.look(lambda uow: uow.drafts.get(mara, topics_form.DRAFT))
        await story.do(mara, topics_form.take_topic, story.content, draft, text)
        if text == "marker-topic":
            draft = await story.look(lambda uow: uow.drafts.get(mara, topics_form.DRAFT))
            await story.do(mara, topics_form.take_time, draft, "tomorrow 19:00")
            draft = await story.look(lambda uow: uow.drafts.get(mara, topics_form.DRAFT))
            await story.do(mara, topics_form.preview, story.content, draft.id)
            draft = await story.look(lambda uow: uow.drafts.get(mara, topics_form.DRAFT))
            await story.do(mara, topics.send, story.content, draft.id)
    await story.do(mara, reminder_form.take, story.content, "every day at 9: marker-reminder")
    draft = await story.look(lambda uow: uow.drafts.get(mara, reminder_list.DRAFT))
    await story.do(mara, reminder_form.save, draft.id)
    await story.do(jonas, check_ins.start, story.content)
    for text in ("I need understanding", "5", "marker-check-in-line"):
        assert (await story.do(jonas, check_ins.typed_answer, text))[0]
    await story.do(jonas, care.hold, "marker-crisis")
    async with story.storage.unit_of_work() as uow:
        await uow.log.set_aside(1, '{"text": "marker-update"}', "KeyError", story.now)
        await uow.commit(story.now)
    return mara, jonas


async def deliver(story: Story) -> int:
    """Settle what waits as if it had been sent; how much it was."""
    count = 0
    while True:
        async with story.storage.unit_of_work() as uow:
            envelopes = await claim(uow, story.now)
            sent = [Settled(each, SENT, 100 + each.id) for each in envelopes]
            await uow.outbox.settle(sent, story.now)
            await uow.commit(story.now)
        if not envelopes:
            return count
        count += len(envelopes)


async def deliver_some(story: Story) -> None:
    """What goes first in each chat: the rest still waits with its words."""
    for _ in range(4):
        async with story.storage.unit_of_work() as uow:
            waiting = await uow.outbox.waiting(story.now, 100)
            first = {each.chat: each.id for each in reversed(waiting)}
            envelopes = await uow.outbox.claim(list(first.values()), story.now)
            await uow.outbox.settle([Settled(each, SENT, 100 + each.id) for each in envelopes], story.now)
            await uow.commit(story.now)


async def test_nothing_people_wrote_can_be_read(told: Story, file: Path) -> None:
    mara, jonas = await a_whole_story(told)
    names = {each.name for each, _ in everything_in(file)}
    assert f"{file.name}-wal" in names
    assert found(file) == []
    await deliver_some(told)
    for table, columns in SEALED.items():  # the story leaves out nothing that people can write
        rows = await told.rows(metadata.tables[table])
        for column in columns:
            assert any(getattr(row, column) for row in rows), f"{table}.{column}"
    back_up(file, file.with_name("backup.db"))
    assert found(file) == []
    assert sum(len(content) for _, content in everything_in(file)) > 100_000

    assert await deliver(told) > 20
    assert found(file) == []
    received = await told.rows(tables.received)
    assert {row.words["words"] for row in received if "words" in row.words} == {
        "marker-own-words",
        "marker-joined",
        "marker-own-line",
        "marker-relayed",
        "marker-topic",
    }
    assert all(row.private == {} for row in await told.rows(queue_tables.outbox))

    await told.do(mara, partners.unlink)
    assert found(file) == []
    lines = [row.text for row in await told.rows(tables.journal) if row.person_id == mara]
    assert lines == ["marker-held", "marker-journal", "marker-topic"]
    [session] = await told.rows(tables.sessions)
    assert (session.person_id, session.notes) == (jonas, {"understanding": "marker-check-in-line"})
    [answer] = await told.rows(tables.together_answers)
    assert answer.text == "marker-together"


async def test_the_markers_would_be_found(told: Story, file: Path) -> None:
    """The search itself: a plain column shows its text, in the file or in its journal."""
    async with told.storage.unit_of_work() as uow:
        await uow.log.remember("plain", "marker-journal")
        await uow.commit(told.now)
    assert {word for _, word in found(file)} == {"marker-journal"}


async def test_received_words_are_kept_without_their_sender(told: Story) -> None:
    mara, jonas = await a_whole_story(told)
    await deliver(told)
    for row in await told.rows(tables.received):
        assert "from" not in row.parameters
        sender = jonas if row.person_id == mara else mara
        plain = {key: value for key, value in row.parameters.items() if key not in ("request", "topic")}
        assert sender not in plain.values()


async def test_only_the_owner_may_read_the_file(told: Story, file: Path) -> None:
    await a_whole_story(told)
    modes = {each.name: stat.S_IMODE(each.stat().st_mode) for each, _ in everything_in(file)}
    assert modes[file.name] == 0o600
    assert modes[f"{file.name}-wal"] == 0o600
    assert set(modes.values()) == {0o600}


async def test_without_the_key_nothing_opens(told: Story) -> None:
    mara, _ = await a_whole_story(told)
    vault.unlock([Fernet.generate_key().decode()])
    for query in (
        lambda uow: uow.people.get(mara),
        lambda uow: uow.journal.newest(mara, 1),
        lambda uow: uow.drafts.get(mara, space_form.DRAFT),
    ):
        with pytest.raises(DataKeyError):
            await told.look(query)


async def test_after_a_change_of_keys_the_old_words_are_read(told: Story, file: Path) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    vault.unlock([old])
    kim = await told.person("Kim")
    await told.do(kim, journal.write, "marker-journal")
    vault.unlock([new, old])
    await told.do(kim, journal.write, "marker-deleted-line")
    lines = await told.look(lambda uow: uow.journal.newest(kim, 2))
    assert [line.text for line in lines] == ["marker-deleted-line", "marker-journal"]
    vault.unlock([new])
    assert (await told.look(lambda uow: uow.journal.newest(kim, 1)))[0].text == "marker-deleted-line"
    assert found(file) == []
