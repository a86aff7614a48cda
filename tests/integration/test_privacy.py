"""What is kept no longer; being nobody after /forget; a clean chat; lines that can be closed."""

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from bot.content.catalog import Content
from bot.domain import retention
from bot.domain.decision import Notice
from bot.domain.model import PersonId
from bot.services import chat, housekeeping, journal
from bot.storage import queue_tables as queue
from bot.storage import tables
from bot.telegram.callback_data import encode
from bot.telegram.callback_data.privacy import Forget
from bot.telegram.render.render import Call, render
from bot.telegram.render.words import Words
from tests.integration.stage import Message, Stage, stage

from .conftest import Story


@pytest.fixture
async def on(tmp_path: Path, content: Content) -> AsyncIterator[Stage]:
    async with stage(tmp_path, content, datetime(2026, 3, 2, 17, 20, tzinfo=UTC)) as staged:
        yield staged


async def known(on: Stage) -> list[int]:
    async with on.storage.unit_of_work() as uow:
        return list((await uow._connection.execute(select(tables.telegram_accounts.c.user_id))).scalars())


async def asked_to_forget(on: Stage, account: int) -> tuple[Message, str]:
    [message] = await on.says(account, "/forget")
    return message, next(data for data in message.data if data.startswith("pf:"))


async def test_a_double_tap_on_forget_makes_nobody_again(on: Stage) -> None:
    account, _ = await on.person("Mara", "de")
    message, data = await asked_to_forget(on, account)
    [last] = await on.taps(account, message, data)
    assert last.kinds == ["forget.ask", "forget.done"]
    assert last.keyboard == []
    assert await known(on) == []
    assert await on.taps(account, message, data) == []
    assert await known(on) == []


async def test_both_taps_of_it_in_one_batch(on: Stage) -> None:
    account, _ = await on.person("Mara", "en")
    message, data = await asked_to_forget(on, account)
    who = on._who(account)
    under = {"message_id": message.id, "date": 1, "chat": who["chat"], "text": "x"}
    query = {"from": who["from"], "chat_instance": "1", "message": under, "data": data}
    await on._intake.take(
        [{"update_id": 900_000 + each, "callback_query": {"id": str(each), **query}} for each in (1, 2)]
    )
    await on._deliver()
    assert await known(on) == []


async def test_who_writes_before_the_last_message_has_gone_is_new(on: Stage) -> None:
    account, person = await on.person("Mara", "de")
    await on.says(account, "/forget")
    message, data = await asked_to_forget(on, account)
    who = on._who(account)
    under = {"message_id": message.id, "date": 1, "chat": who["chat"], "text": "x"}
    tap = {"id": "1", "from": who["from"], "chat_instance": "1", "message": under, "data": data}
    hello = {"message_id": 800_000, "date": 0, **who, "text": "hello again"}
    await on._intake.take(
        [{"update_id": 900_001, "callback_query": tap}, {"update_id": 900_002, "message": hello}]
    )
    await on._deliver()
    async with on.storage.unit_of_work() as uow:
        somebody = await uow.people.by_account(account)
    assert somebody is not None
    assert (somebody.leaving, somebody.name, somebody.zone) == (False, "Mara", None)
    assert somebody.id > person


async def test_old_buttons_and_a_block_of_nobody_make_nobody(on: Stage) -> None:
    account = 6_900_000_007
    on.chats[account], on.news[account] = [], []
    assert await on.taps(account, Message(5, [], "x"), encode(Forget(1, 0))) == []
    chat_of = on._who(account)
    member = {"user": {"id": 4200001, "is_bot": True, "first_name": "StillHere"}, "status": "member"}
    gone = {**member, "status": "kicked", "until_date": 0}
    change = {"date": 0, "old_chat_member": member, "new_chat_member": gone, **chat_of}
    await on._intake.take([{"update_id": 900_003, "my_chat_member": change}])
    assert await known(on) == []


# -- how long


async def _scalar(uow: Any, query: Any) -> Any:
    return (await uow._connection.execute(query)).scalar_one()


async def aged(story: Story, mara: PersonId) -> dict[Any, timedelta]:
    """A row of each kind that is kept for a time, all of this moment; and for how long."""
    now = story.now
    await story.do(mara, journal.ask)
    rows: list[tuple[Any, dict[str, Any]]] = [
        (tables.daily_uses, {"person_id": mara, "kind": "space", "used_at": now}),
        (queue.updates, {"update_id": 1, "seen_at": now}),
        (queue.messages, {"person_id": mara, "message_id": 1, "outgoing": False, "seen_at": now}),
        (queue.failed_updates, {"update_id": 1, "body": "x", "error": "x", "failed_at": now}),
        (
            tables.invitations,
            {
                "code_hash": "x",
                "inviter_id": mara,
                "state": "open",
                "created_at": now - timedelta(days=2),
                "expires_at": now,
            },
        ),
        (
            tables.script_versions,
            {"hash": "h", "script_id": "pause", "version": 1, "locale": "en", "body": {}},
        ),
        *(
            (
                tables.sessions,
                {
                    "person_id": mara,
                    "script_hash": "h",
                    "script_id": "pause",
                    "status": status,
                    "step": "",
                    "seq": 0,
                    "answers": {},
                    "started_at": now,
                    "updated_at": now,
                },
            )
            for status in ("stopped", "active", "finished")
        ),
    ]
    async with story.storage.unit_of_work() as uow:
        for table, values in rows:
            await uow._connection.execute(insert(table).values(**values))
        await uow._connection.execute(
            queue.outbox.update().values(state="sent", settled_at=now, private=None)
        )
        await uow.commit(now)
    return {
        tables.drafts: retention.DRAFTS,
        tables.daily_uses: retention.USES,
        queue.updates: retention.UPDATES,
        queue.messages: retention.MESSAGES,
        queue.outbox: retention.OUTBOX,
        tables.invitations: retention.INVITATIONS,
        queue.failed_updates: retention.FAILED_UPDATES,
        tables.sessions: retention.UNFINISHED,
    }


async def test_each_goes_when_the_page_says_so_and_not_before(story: Story, mara: PersonId) -> None:
    began = story.now
    periods = await aged(story, mara)
    for late, left in ((timedelta(0), True), (timedelta(seconds=1), False)):
        for table, period in sorted(periods.items(), key=lambda each: each[1]):
            async with story.storage.unit_of_work() as uow:
                await housekeeping.tidy(uow, began + period + late)
                if not left:
                    await uow.commit(began + period + late)
                rows = await _scalar(uow, select(func.count()).select_from(table))
            expected = (3 if table is tables.sessions else 1) if left else int(table is tables.sessions)
            assert rows == expected, (table.name, late)
    [finished] = await story.rows(tables.sessions)
    assert finished.status == "finished"


async def test_the_page_says_the_periods_that_are_kept(
    story: Story, mara: PersonId, monkeypatch: pytest.MonkeyPatch
) -> None:
    words = Words(story.content, await story.whole(mara), story.now, "still_here_bot")

    def said(days: int | None) -> str:
        call = render(Notice("privacy.how_long", mara, {"backup_days": days}), None, words)
        assert call is not None
        return str(call.parameters["text"])

    assert "longer" in said(None)
    assert " 9 days longer" in said(9)
    assert " 14," in said(9)
    monkeypatch.setattr(retention, "FAILED_UPDATES", timedelta(days=5))
    assert " 14," not in said(9)
    assert "handle 5," in said(9)


@pytest.mark.parametrize("locale", ["en", "de"])
async def test_an_invitation_says_on_both_sides_who_reads_what_as_the_page_does(
    on: Stage, locale: str
) -> None:
    """The same sentences, before anybody is linked; they have one place only."""
    mara, _ = await on.person("Mara", locale)
    jonas, _ = await on.person("Jonas", locale)
    [page] = await on.says(mara, "/privacy")
    [invite] = await on.says(mara, "/link")
    code = re.search(r"start=([\w-]+)", invite.text)
    assert code is not None
    [invited] = await on.says(jonas, f"/start {code[1]}")
    sentences = [on.content.text(locale, f"privacy.reads.{who}") for who in ("partner", "operator", "thief")]
    for message in (page, invite, invited):
        for sentence in sentences:
            assert sentence in message.text
    assert len(invited.data) == 2  # yes or no: what they agree to stands above


# -- a clean chat


async def test_a_hundred_at_once_and_nothing_too_old(story: Story, mara: PersonId) -> None:
    async with story.storage.unit_of_work() as uow:
        for each in range(1, 251):
            await uow.log.note_message(mara, each, story.now)
        await uow.log.note_message(mara, 999, story.now - timedelta(hours=48))
        await uow.commit(story.now)
    await story.do(mara, chat.ask)
    draft = await story.look(lambda uow: uow.drafts.get(mara, chat.DRAFT))
    await story.do(mara, chat.clean, draft.id)
    said = await story.heard(mara)
    assert [each.kind for each in said] == ["clean.ask", "clean", "clean", "clean", "clean.done"]
    ids = [each.parameters["messages"] for each in said if each.kind == "clean"]
    assert [len(each) for each in ids] == [100, 100, 50]
    assert sorted(each for some in ids for each in some) == list(range(1, 251))
    assert await story.rows(queue.messages) == []


# -- lines that can be closed


def shown(story: Story, person: Any, kind: str, **parameters: Any) -> Call:
    words = Words(story.content, person, story.now, "still_here_bot")
    call = render(Notice(kind, person.id, parameters, {"words": "w", "name": "Jonas"}), None, words)
    assert call is not None
    return call


async def test_closed_lines_come_closed_and_words_of_the_other_never(story: Story, mara: PersonId) -> None:
    line = {"line": 1, "page": 0, "search": 0, "written": story.now.isoformat()}
    for on in (False, True):
        await _protect(story, mara, on)
        person = await story.whole(mara)
        assert shown(story, person, "journal.line", **line).parameters.get("protect_content", False) is on
        assert "protect_content" not in shown(story, person, "relay.words").parameters


async def _protect(story: Story, mara: PersonId, on: bool) -> None:
    async with story.storage.unit_of_work() as uow:
        await uow.people.set_protected(mara, on)
        await uow.commit(story.now)


async def test_closing_them_is_a_setting(on: Stage) -> None:
    account, _ = await on.person("Mara", "en")
    [menu] = await on.says(account, "/settings")
    button = next(each for each in menu.data if each.endswith(":protection"))
    [page] = await on.taps(account, menu, button)
    assert page.data[0] == "pp:1"
    [page] = await on.taps(account, page, "pp:1")
    assert page.data[0] == "pp:0"
    async with on.storage.unit_of_work() as uow:
        person = await uow.people.by_account(account)
    assert person is not None
    assert person.protected


async def test_closed_lines_come_in_a_message_of_their_own(on: Stage) -> None:
    account, _ = await on.person("Mara", "en")
    for data, apart in (("pp:1", True), ("pp:0", False)):
        [page] = await on.says(account, "/privacy")
        [page] = await on.taps(account, page, "o:protection")
        await on.taps(account, page, data)
        await on.says(account, "/journal")
        await on.says(account, "/cancel")
        async with on.storage.unit_of_work() as uow:
            person = await uow.people.by_account(account)
            assert person is not None
            await uow.journal.add(person.id, "A line.", on.clock.now())
            await uow.commit(on.clock.now())
        [listed] = await on.says(account, "/journal")
        row = next(each for each in listed.data if each.startswith("jo:"))
        [line] = await on.taps(account, listed, row)
        assert (line.id != listed.id) is apart
        assert (listed.keyboard == []) is apart
