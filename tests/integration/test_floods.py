"""Somebody who sends far more than a person can: slowed, told once, and nobody else notices."""

from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from bot.content.catalog import load
from bot.storage import queue_tables
from bot.telegram.pace import A_MINUTE, Pace
from tests.integration.stage import Stage, stage

from .conftest import NOW

BATCH = 100


@pytest.fixture
async def crowd(tmp_path: Path) -> Any:
    async with stage(tmp_path, load(), NOW) as made:
        made._intake._pace = Pace()
        yield made


def text(stage: Stage, account: int, words: str) -> dict[str, Any]:
    who = stage._who(account)
    message = {"message_id": next(stage._ids), "date": 0, **who, "text": words}
    return {"update_id": next(stage._ids), "message": message}


async def waiting(stage: Stage) -> Counter[str]:
    """What waits to be sent, by kind."""
    async with stage.storage.unit_of_work() as uow:
        query = select(queue_tables.outbox.c.kind, func.count()).group_by(queue_tables.outbox.c.kind)
        return Counter({row[0]: row[1] for row in await uow._connection.execute(query)})


async def test_a_thousand_in_a_minute_get_no_thousand_answers(crowd: Stage) -> None:
    mallory, _ = await crowd.person("Mallory", "en")
    for _ in range(10):
        await crowd._intake.take([text(crowd, mallory, "hm") for _ in range(BATCH)])
        crowd.clock.set(crowd.clock.now() + timedelta(seconds=6))
    said = await waiting(crowd)
    assert said["errors.too_fast"] == 1
    assert said.total() <= 2 * A_MINUTE + 1, "a burst, and a minute's worth"


async def test_nobody_else_is_slowed(crowd: Stage) -> None:
    mallory, _ = await crowd.person("Mallory", "en")
    mara, _ = await crowd.person("Mara", "en")
    flood = [text(crowd, mallory, "hm") for _ in range(BATCH - 1)]
    await crowd._intake.take([*flood[:50], text(crowd, mara, "/help"), *flood[50:]])
    assert (await waiting(crowd))["help.main"] == 1


async def test_words_of_crisis_are_read_at_any_pace(crowd: Stage) -> None:
    mara, _ = await crowd.person("Mara", "en")
    await crowd._intake.take([text(crowd, mara, "hm") for _ in range(A_MINUTE + 5)])
    await crowd._intake.take([text(crowd, mara, "I want to kill myself")])
    assert (await waiting(crowd))["care.crisis"] == 1


async def test_after_a_quiet_minute_all_is_as_before(crowd: Stage) -> None:
    mara, _ = await crowd.person("Mara", "en")
    await crowd._intake.take([text(crowd, mara, "hm") for _ in range(A_MINUTE + 5)])
    await crowd._intake.take([text(crowd, mara, "/help")])
    assert (await waiting(crowd))["help.main"] == 0
    crowd.clock.set(crowd.clock.now() + timedelta(minutes=1))
    await crowd._intake.take([text(crowd, mara, "/help")])
    assert (await waiting(crowd))["help.main"] == 1
    await crowd._intake.take([text(crowd, mara, "hm") for _ in range(A_MINUTE + 5)])
    assert (await waiting(crowd))["errors.too_fast"] == 2, "a second flood is told of, too"


async def test_whoever_has_been_quiet_is_forgotten(crowd: Stage) -> None:
    pace = crowd._intake._pace
    for number in range(0, 3_000, BATCH):
        strangers = range(9_000_000 + number, 9_000_000 + number + BATCH)
        for account in strangers:
            pace._counted((account, False), crowd.clock.now())
        crowd.clock.set(crowd.clock.now() + timedelta(seconds=10))
    assert len(pace) <= 8 * BATCH
