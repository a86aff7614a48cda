"""Four real bots on one real PostgreSQL; people go on with their evenings, whatever becomes of these."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path

import pytest

from tests import postgres
from tests.acceptance.replicas import Replicas
from tests.torture.__main__ import check_effects, check_timers, check_updates
from tests.torture.crowd import Crowd

TAKEN_OVER_WITHIN = 5.0
PATIENCE = 60.0

pytestmark = pytest.mark.skipif(postgres.CHOSEN == "sqlite", reason="it is about PostgreSQL")


@pytest.fixture
async def replicas(tmp_path: Path) -> AsyncIterator[Replicas]:
    made = Replicas(tmp_path, await postgres.empty(), at="2026-03-02T09:00+01:00")
    try:
        await made.start()
        yield made
    except BaseException:
        print(made.log())  # noqa: T201
        raise
    finally:
        postgres.server().come()
        await made.stop()


async def test_killed_and_cut_off_four_replicas_do_as_one_bot(replicas: Replicas) -> None:
    world = replicas.world
    first_update = world.state.next_update_id
    crowd = Crowd(world, seed=1)
    flowing = asyncio.create_task(crowd.time(lambda: False, lambda: replicas.settled))
    await asyncio.wait_for(crowd.arrive(2, 2, 4, over=3), PATIENCE)

    sender = await replicas.until_sender()
    another = (sender + 1) % 4
    await replicas.kill(another)
    replicas.launch(another)
    await asyncio.sleep(0.5)

    await replicas.kill(sender)
    killed_at = time.monotonic()
    await replicas.until_sender(but=sender)
    took = time.monotonic() - killed_at
    assert took < TAKEN_OVER_WITHIN
    replicas.launch(sender)
    await asyncio.gather(*(replicas.until_ready(number) for number in range(4)))
    crowd.check()

    server = postgres.server()
    await asyncio.to_thread(server.go)
    done = len(world.state.pending)
    await asyncio.sleep(0.5)
    for number in range(4):
        assert (await replicas.asked(number, "/healthz"))[0] == 200
        [why] = await replicas.wrong(number)
        assert why.startswith("database: ")
    assert len(world.state.pending) >= done, "nothing is acknowledged"
    server.come()
    await asyncio.gather(*(replicas.until_ready(number) for number in range(4)))
    assert len(await replicas.senders()) <= 1
    await replicas.until_sender()

    await crowd.finish(PATIENCE)
    flowing.cancel()
    with suppress(asyncio.CancelledError):
        await flowing
    await replicas.until_settled()
    check_updates(replicas, first_update)
    check_effects(replicas, crowd, at_most=False)
    check_timers(replicas)
    replicas.check_deliveries()
    assert min(replicas.brought.values()) > 0, "each had its share"
    assert len(replicas.holder()) == 1
