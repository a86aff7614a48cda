"""Strike the bot down at random instants under load, again and again, and look at what is left.

    python -m tests.torture --kills 200 --seed 7
    python -m tests.torture --replicas 4 --kills 40

The playground server lives in this process, the bot in one of its own. After every death the database is
looked at; at the end everybody has to have got everything, and nothing twice but what was in flight.
"""

import argparse
import asyncio
import random
import sys
import tempfile
import time
from collections import Counter
from contextlib import suppress
from pathlib import Path

from tests.acceptance.harness import UnexpectedError
from tests.acceptance.struck import Struck
from tests.torture.crowd import TICK, Crowd
from tests.torture.replicas import torture as of_replicas

ARRIVE_SECONDS = 120
FINISH_SECONDS = 120
EARLY = 0.25
"""Such a part of the deaths falls into the start, or right after it."""
LONGEST_START = 1.0
LONGEST_LIFE = 2.0
"""Real seconds, at most: from the start of the process, or from its first poll, to its death."""


async def torture(
    folder: Path, *, kills: int, seed: int, couples: int, singles: int, reminded: int
) -> dict[str, float]:
    """Do it; the figures. Raises AssertionError if anything was lost, or came twice out of the blue."""
    began = time.monotonic()
    instants = random.Random(f"instants {seed}")
    struck = Struck(folder, at="2026-03-02T09:00+01:00")
    try:
        await struck.start()
        world = struck.world
        world.store.touch = lambda: None  # type: ignore[method-assign] - nobody needs it after this
        first_update, began_ms = world.state.next_update_id, world.clock.now_ms
        crowd = Crowd(world, seed)
        flowing = asyncio.create_task(crowd.time(lambda: struck.dead))
        await asyncio.wait_for(crowd.arrive(couples, singles, reminded, over=6 + kills // 12), ARRIVE_SECONDS)
        say(f"{time.monotonic() - began:.0f} s: everybody is there")
        for _ in range(kills):
            await _a_random_instant(struck, instants)
            await struck.strike()
            crowd.check()
            check_effects(struck, crowd, at_most=True)
            await struck.begin()
        say(f"{time.monotonic() - began:.0f} s: that was the last time")
        await crowd.finish(FINISH_SECONDS)
        flowing.cancel()
        with suppress(asyncio.CancelledError):
            await flowing
        await struck.settle()
        await struck.advance(30)
        check_updates(struck, first_update)
        check_effects(struck, crowd, at_most=False)
        check_timers(struck)
        struck.check_integrity()
        return _figures(struck, crowd, first_update, began_ms) | {
            "seconds": round(time.monotonic() - began, 1)
        }
    except BaseException:
        say(struck.log())
        raise
    finally:
        await struck.stop()


async def _a_random_instant(struck: Struck, instants: random.Random) -> None:
    early, instant = instants.random() < EARLY, instants.random()
    while not early and not struck.world.queue.polled:  # noqa: ASYNC110 - it does not tell
        await asyncio.sleep(TICK)
    await asyncio.sleep(instant * (LONGEST_START if early else LONGEST_LIFE))


def check_updates(struck: Struck, first: int) -> None:
    """Every update was handled, and none failed."""
    wanted = set(range(first, struck.world.state.next_update_id))
    done = {number for (number,) in struck.rows("SELECT update_id FROM updates")}
    assert done >= wanted, f"{len(wanted - done)} updates were lost"
    assert struck.count("failed_updates") == 0


def check_effects(struck: Struck, crowd: Crowd, *, at_most: bool) -> None:
    """What people did had its effect once: meanwhile not more, at the end not less."""
    query = (
        "SELECT user_id, kind, count(*) FROM outbox JOIN telegram_accounts USING (person_id) GROUP BY 1, 2"
    )
    made = Counter({(account, kind): number for account, kind, number in struck.rows(query)})
    kinds = {kind for _, kind in crowd.expected}
    for each in {key for key in made if key[1] in kinds} | set(crowd.expected):
        wanted, found = crowd.expected[each], made[each]
        # What is expected is counted when somebody acts, at times a moment after the bot was quicker.
        assert found == wanted or (at_most and found <= wanted + 1), (each, f"{found} instead of {wanted}")
    if not at_most:
        assert struck.count("space_requests") == crowd.requests


def check_timers(struck: Struck) -> None:
    """Nothing is overdue, every reminder has its next time, and every break has ended."""
    now = struck.world.clock.iso.replace("T", " ").rstrip("Z")
    assert struck.count("timers WHERE due_at < ?", now) == 0
    idle = "reminders WHERE active AND id NOT IN (SELECT subject FROM timers WHERE kind = 'reminder')"
    assert struck.count(idle) == 0
    assert struck.count("space_requests WHERE state IN ('open', 'due')") == 0


def _figures(struck: Struck, crowd: Crowd, first_update: int, began_ms: int) -> dict[str, float]:
    twice = struck.check_deliveries()
    return {
        "kills": struck.ledger.deaths,
        "minutes on the clock": (struck.world.clock.now_ms - began_ms) // 60_000,
        "updates": struck.world.state.next_update_id - first_update,
        "effects": sum(crowd.expected.values()),
        "space requests": crowd.requests,
        "notices": struck.count("outbox"),
        "reminders": struck.count("outbox WHERE kind LIKE 'nudge.%'"),
        "in flight at a kill, urgent": sum(struck.ledger.urgent.values()),
        "in flight at a kill, bulk (dropped)": len(struck.ledger.bulk_ids),
        "said twice": twice,
    }


def say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.torture", description=__doc__)
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=None, help="to have the same instants again")
    parser.add_argument("--couples", type=int, default=12, help="asking for space in turn")
    parser.add_argument("--singles", type=int, default=10, help="checking in, and asking for help")
    parser.add_argument("--reminded", type=int, default=80, help="with reminders")
    parser.add_argument("--replicas", type=int, default=0, help="bots on PostgreSQL (0: one on SQLite)")
    given = parser.parse_args()
    seed = random.SystemRandom().randrange(10**6) if given.seed is None else given.seed
    say(f"seed {seed}")
    with tempfile.TemporaryDirectory(prefix="torture") as folder:
        try:
            more = {"replicas": given.replicas} if given.replicas else {}
            figures = asyncio.run(
                (of_replicas if given.replicas else torture)(
                    Path(folder) / "playground",
                    kills=given.kills,
                    seed=seed,
                    couples=given.couples,
                    singles=given.singles,
                    reminded=given.reminded,
                    **more,
                )
            )
        except (AssertionError, UnexpectedError) as error:
            say(f"FAILED with seed {seed}: {error}")
            return 1
    for name, figure in figures.items():
        say(f"{name:38} {figure:>10}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
