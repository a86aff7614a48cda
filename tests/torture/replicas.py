"""The same with several bots on one PostgreSQL: killed one by one, hung, and cut off all at once.

python -m tests.torture --replicas 4 --kills 40 --seed 7
"""

import asyncio
import random
import signal
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from bot.domain.decision import Priority
from tests import postgres
from tests.acceptance.harness import UnexpectedError
from tests.acceptance.replicas import Replicas
from tests.torture.crowd import Crowd

BLOWS = {"a replica killed": 6, "the sender killed": 3, "the sender hung": 1, "PostgreSQL restarted": 2}
"""What befalls them, and how often beside the others."""
LONGEST_PAUSE = 2.0
"""Real seconds between one and the next."""
HUNG = 5.0
AWAY = 1.5
TAKEN_OVER_WITHIN = 5.0
PATIENCE = 120.0


async def torture(
    folder: Path, *, replicas: int, kills: int, seed: int, couples: int, singles: int, reminded: int
) -> dict[str, float]:
    """As for one bot. Raises AssertionError if anything was lost, or came twice out of the blue."""
    from tests.torture.__main__ import check_effects, check_timers, check_updates, say

    postgres.SETTINGS["synchronous_commit"] = "on"  # what it says is committed has to be
    began, instants = time.monotonic(), random.Random(f"instants {seed}")
    there = Replicas(folder, await postgres.empty(), replicas, at="2026-03-02T09:00+01:00", seed=seed)
    took: list[float] = []
    befell: Counter[str] = Counter()
    try:
        await there.start()
        world = there.world
        world.store.touch = lambda: None  # type: ignore[method-assign] - nobody needs it after this
        first_update, began_ms = world.state.next_update_id, world.clock.now_ms
        crowd = Crowd(world, seed)
        flowing = asyncio.create_task(crowd.time(lambda: False, lambda: there.settled))
        await asyncio.wait_for(crowd.arrive(couples, singles, reminded, over=6 + kills // 4), PATIENCE)
        say(f"{time.monotonic() - began:.0f} s: everybody is there")
        for _ in range(kills):
            await asyncio.sleep(instants.random() * LONGEST_PAUSE)
            await there.revive()
            [blow] = instants.choices(list(BLOWS), list(BLOWS.values()))
            befell[blow] += 1
            took += await _strike(there, blow, instants)
            crowd.check()
            check_effects(there, crowd, at_most=True)
        say(f"{time.monotonic() - began:.0f} s: that was the last time")
        await asyncio.gather(*(there.until_ready(number) for number in range(replicas)))
        await crowd.finish(PATIENCE)
        flowing.cancel()
        with suppress(asyncio.CancelledError):
            await flowing
        await there.until_settled()
        check_updates(there, first_update)
        check_effects(there, crowd, at_most=False)
        check_timers(there)
        twice = there.check_deliveries()
        assert max(took, default=0) < TAKEN_OVER_WITHIN, took
        dropped = f"outbox WHERE state = 'dropped' AND priority >= {Priority.NUDGE:d}"
        return dict(befell) | {
            "minutes on the clock": (world.clock.now_ms - began_ms) // 60_000,
            "updates": world.state.next_update_id - first_update,
            "effects": sum(crowd.expected.values()),
            "space requests": crowd.requests,
            "notices": there.count("outbox"),
            "claimed more than once": there.count("outbox WHERE attempts > 1"),
            "in flight at a loss, bulk (dropped)": there.count(dropped),
            "said twice": twice,
            "longest takeover, s": round(max(took, default=0), 2),
            "seconds": round(time.monotonic() - began, 1),
        }
    except BaseException:
        say(there.log())
        raise
    finally:
        postgres.server().come()
        await there.stop()


async def _strike(there: Replicas, blow: str, instants: random.Random) -> list[float]:
    """Do it, and mend it; how long (real seconds) nobody sent, if it was the sender's turn."""
    if blow == "PostgreSQL restarted":
        how = instants.choice((signal.SIGINT, signal.SIGQUIT))
        await asyncio.to_thread(postgres.server().go, how)
        await asyncio.sleep(instants.random() * AWAY)
        postgres.server().come()
        await asyncio.sleep(instants.random())
        return []
    if blow == "a replica killed":
        number = instants.choice([each for each, bot in enumerate(there.bots) if bot is not None])
        await there.kill(number)
        await asyncio.sleep(instants.random())
        there.launch(number)
        return []
    sender = await there.until_sender()
    began = time.monotonic()
    if blow == "the sender killed":
        await there.kill(sender)
        await there.until_sender(but=sender)
        took = time.monotonic() - began
        there.launch(sender)
        return [took]
    bot = there.bots[sender]
    if bot is None:
        raise UnexpectedError("the sender is none of them")
    bot.send(signal.SIGSTOP)
    there.hung.add(sender)
    try:
        await there.until_sender(but=sender)
        took = time.monotonic() - began
        await asyncio.sleep(max(0.0, HUNG - took))
    finally:
        bot.send(signal.SIGCONT)
        there.hung.discard(sender)
    return [took]
