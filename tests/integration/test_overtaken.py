"""Telegram has two queues for a person, one of messages and one of taps: what was done first may arrive last.

With replicas the two may be handled by two processes. What was overtaken is judged by what is so now, not by
what stood there when it was done.
"""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.clock import Activity
from bot.content.catalog import Content
from bot.storage.engine import open_engine
from bot.storage.migrate import newest_revision
from bot.storage.unit_of_work import Storage, UnitOfWork
from bot.telegram import callback_data as to
from bot.telegram.intake import Intake
from tests.integration.stage import Message, Stage, stage

pytestmark = pytest.mark.postgres_only

PATIENCE = 20.0
"""Real seconds."""


@pytest.fixture
async def on(tmp_path: Path, content: Content) -> AsyncIterator[Stage]:
    async with stage(tmp_path, content, datetime(2026, 3, 2, 18, tzinfo=UTC)) as staged:
        yield staged


@pytest.fixture
async def others(on: Stage) -> AsyncIterator[tuple[Storage, Storage]]:
    """The storages of two more replicas."""
    url = on.storage._engine.url.render_as_string(hide_password=False)
    made = [Storage(open_engine(url, revision=newest_revision())) for _ in range(2)]
    yield made[0], made[1]
    for each in made:
        await each.close()


@pytest.fixture
async def couple(on: Stage) -> tuple[int, int]:
    mara, one = await on.person("Mara", "en")
    jonas, other = await on.person("Jonas", "en")
    async with on.storage.unit_of_work() as uow:
        await uow.couples.add(one, other, on.clock.now())
        await uow.commit(on.clock.now())
    return mara, jonas


def under(messages: list[Message], kind: type) -> tuple[int, str]:
    """The first message with a button that means this, and its data."""
    found = [
        (message.id, data)
        for message in messages
        for data in message.data
        if isinstance(to.decode(data), kind)
    ]
    return found[0]


async def until_waiting(uow: UnitOfWork, count: int) -> None:
    """Until so many wait for somebody's turn."""
    waiting = text("SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND NOT granted")
    async with asyncio.timeout(PATIENCE):
        while (await uow._connection.execute(waiting)).scalar_one() < count:  # noqa: ASYNC110 - it does not tell
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("first", ["the message", "the tap"])
async def test_more_time_is_judged_by_whether_she_is_back(
    on: Stage, couple: tuple[int, int], others: tuple[Storage, Storage], first: str
) -> None:
    """She types how much more time, and taps “I'm back”: two replicas get one each; a third has her turn."""
    mara, jonas = couple
    await on.says(mara, "/space")
    for kind in (to.SpaceLength, to.SpaceWording, to.SpaceSend, to.SpaceMore, to.SpaceMoreTyped):
        message, data = under(on.chats[mara], kind)
        await on._take(mara, on.tap(mara, message, data))
    here = on._intake
    there = Intake(here._application, here._tools, others[0], on.clock, Activity(), pace=here._pace)
    there._post = here._post  # type: ignore[method-assign]
    typed = {"message": {"message_id": 9_001, "date": 0, **on._who(mara), "text": "40 minutes"}}
    tap = on.tap(mara, *under(on.chats[mara], to.SpaceBack))
    steps = [there.take([{"update_id": 80_001, **typed}]), here.take([{"update_id": 80_002, **tap}])]
    on.news[jonas] = []

    doing = []
    async with others[1].unit_of_work() as uow:
        await uow.turns.take([mara])
        for number, step in enumerate(steps if first == "the message" else steps[::-1], 1):
            doing.append(asyncio.create_task(step))
            await until_waiting(uow, number)
    await asyncio.gather(*doing)
    await on._deliver()

    heard = [message.kinds[-1] for message in on.news[jonas]]
    if first == "the message":
        assert heard == ["space.more_time", "space.returned"]
    else:
        assert heard == ["space.returned"], "who is back needs no more time"
        assert on.chats[mara][-1].kinds == ["errors.stale"]
    assert on.chats[mara][0].kinds[-1] == "space.back"
