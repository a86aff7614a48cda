"""The heartbeat with very many reminders: how long, and in how much memory.

`rows` reminders, each with a timer, of which `due` come in one and the same minute.
"""

import argparse
import asyncio
import json
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import perf_counter
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import func, insert, select

from bot.clock import Activity, SteppedClock
from bot.content.catalog import Content, load
from bot.domain.schedule import Rule, following
from bot.heartbeat import BATCH, Heartbeat
from bot.places.zones import zone
from bot.services.reminder_plan import TIMER
from bot.storage import queue_tables, tables
from bot.storage.engine import open_engine
from bot.storage.migrate import migrate
from bot.storage.types import vault
from bot.storage.unit_of_work import Storage

CASES = ((10_000, 100), (100_000, 100), (1_000_000, 100), (1_000_000, 100_000))
DUE = datetime(2026, 3, 3, 8, tzinfo=UTC)
RULE = {"v": 1, "kind": "times", "times": ["09:00"], "days": []}
AT_ONCE = 20_000


def rss() -> float:
    """The memory of this process (MB)."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096 / 1e6


def _chunks(count: int) -> Iterator[range]:
    for start in range(0, count, AT_ONCE):
        yield range(start + 1, min(start + AT_ONCE, count) + 1)


async def fill(storage: Storage, rows: int, due: int) -> None:
    """A person and a daily reminder for each row; the first `due` are due at DUE, the rest a day later."""
    person = {
        "name": "Somebody",
        "locale": "en",
        "zone": "Europe/Berlin",
        "quiet_from": "22:00",
        "quiet_until": "08:00",
        "created_at": DUE,
    }
    sealed = vault.seal("Somebody")
    people = tables.people.c
    for ids in _chunks(rows):
        async with storage.unit_of_work() as uow:
            run = uow._connection.execute
            # Encrypted once: a million times it would be what takes longest.
            raw = [(each, sealed, *list(person.values())[1:5], "2026-03-03 08:00:00.000000") for each in ids]
            await uow._connection.exec_driver_sql(
                "INSERT INTO people (id, name, locale, zone, quiet_from, quiet_until, created_at)"
                " VALUES (?, ?, ?, ?, ?, ?, ?)",
                raw,
            )
            await run(
                insert(tables.reminders),
                [
                    {"id": each, "person_id": each, "kind": "breathe", "rule": RULE, "created_at": DUE}
                    for each in ids
                ],
            )
            await run(
                insert(queue_tables.timers),
                [
                    {
                        "kind": TIMER,
                        "subject": each,
                        "due_at": DUE if each <= due else DUE + timedelta(days=1),
                        "parameters": {},
                    }
                    for each in ids
                ],
            )
            await uow.commit(DUE)
    async with storage.unit_of_work() as uow:
        assert (await uow._connection.execute(select(func.count(people.id)))).scalar_one() == rows


async def measure(rows: int, due: int, folder: Path, content: Content) -> dict[str, Any]:
    """One case: fill a database, start on it, and beat when `due` reminders are due."""
    vault.unlock([Fernet.generate_key().decode()])
    url = f"sqlite+aiosqlite:///{folder / 'bench.db'}"
    await migrate(url)
    filling = Storage(open_engine(url))
    await fill(filling, rows, due)
    await filling.close()

    clock = SteppedClock(DUE - timedelta(minutes=1))
    empty = rss()
    began = perf_counter()
    storage = Storage(open_engine(url))
    heartbeat = Heartbeat(storage, content, clock, Activity(), lambda: False)
    assert await heartbeat._beat() == DUE
    started, loaded = perf_counter() - began, rss()
    clock.set(DUE)
    longest, most = 0.0, loaded
    began = perf_counter()
    while True:
        batch = perf_counter()
        more = await heartbeat._run_batch(DUE, BATCH)
        if not more:
            break
        longest, most = max(longest, perf_counter() - batch), max(most, rss())
    took = perf_counter() - began
    async with storage.unit_of_work() as uow:
        outbox = select(func.count(queue_tables.outbox.c.id))
        assert (await uow._connection.execute(outbox)).scalar_one() == due
        next_at = following(Rule.from_json(RULE), DUE, DUE, zone("Europe/Berlin"))
        assert await uow.timers.next_due() == next_at
    await storage.close()
    return {
        "rows": rows,
        "due": due,
        "start_ms": started * 1000,
        "start_mb": loaded - empty,
        "seconds": took,
        "a_second": due / took,
        "longest_ms": longest * 1000,
        "mb": most - loaded,
    }


def measure_apart(rows: int, due: int) -> dict[str, Any]:
    """One case in a process of its own: memory is only then what it is."""
    command = [sys.executable, "-m", "tests.benchmarks.heartbeat", str(rows), str(due)]
    done = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def main() -> None:
    """Measure one case, and print it as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("rows", type=int)
    parser.add_argument("due", type=int)
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        found = asyncio.run(measure(given.rows, given.due, Path(folder), load()))
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()
