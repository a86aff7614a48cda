"""The disk is full, the database is locked or damaged: nothing is acknowledged, and it goes on by itself.

On the real engine: the room is what `PRAGMA max_page_count` leaves, the lock is another connection's.
"""

import asyncio
import os
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import structlog
from sqlalchemy import text as sql
from sqlalchemy.exc import OperationalError
from structlog.testing import LogCapture

from bot import log as logs
from bot.__main__ import _mendable
from bot.clock import Activity, SteppedClock
from bot.content import catalog
from bot.domain.decision import Priority, Timer
from bot.heartbeat import Heartbeat
from bot.services.breathing import END
from bot.storage import engine as engines
from bot.storage.engine import open_engine
from bot.storage.migrate import migrate
from bot.storage.trouble import DatabaseTroubleError, Trouble
from bot.storage.unit_of_work import Storage
from tests.integration.support import Database, database, migrated, url_of
from tests.integration.test_delivery import BEGIN, Office, at_work, to
from tests.integration.test_intake import Desk, desk, text, ticks, unhandled

pytestmark = pytest.mark.sqlite_only

__all__ = ["at_work", "desk"]

RETRY = 5.0
"""Seconds until intake, dispatcher and heartbeat try again."""


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[Any]]:
    """What the log would print."""
    capture = LogCapture()
    structlog.configure(processors=[logs.leave_out_told, capture])
    yield capture.entries
    structlog.reset_defaults()


def events(logged: list[Any]) -> list[str]:
    return [entry["event"] for entry in logged]


async def pragma(base: Database, setting: str) -> int:
    """Set something on the one connection, or ask for it."""
    async with base.engine.connect() as connection:
        driver = (await connection.get_raw_connection()).driver_connection
        assert driver is not None
        row = await (await driver.execute(f"PRAGMA {setting}")).fetchone()
        return int(row[0]) if row else 0


async def fill(base: Database) -> None:
    """From now on the file cannot grow, and hardly a page in it has room left."""
    await pragma(base, f"max_page_count = {await pragma(base, 'page_count')}")


async def make_room(base: Database) -> None:
    await pragma(base, "max_page_count = 1000000")


async def impatient(base: Database) -> None:
    """It gives up a lock after 20 ms, not after 5 s."""
    await pragma(base, "busy_timeout = 20")


async def fails(desk: Desk, times: int) -> None:
    """The intake tries, gives up and waits, so often; then it sleeps."""
    for round_ in range(times):
        if round_:
            await ticks(desk, RETRY)
        while desk.clock.next_alarm() is None:  # noqa: ASYNC110 - it does not tell
            await asyncio.sleep(0)


# -- the disk is full


async def test_on_a_full_disk_nothing_is_acknowledged_and_it_goes_on_when_there_is_room(
    desk: Desk, logged: list[Any]
) -> None:
    await fill(desk.base)
    await desk.telegram.put(*(text(number, 1001 + number % 7) for number in range(1, 41)))
    desk.poll()
    await fails(desk, 3)
    assert set(desk.telegram.polls) == {None}, "nothing is confirmed"
    assert desk.telegram.committed() == set()
    assert await desk.notices() == []
    told = [entry for entry in logged if entry["log_level"] in {"warning", "error"}]
    assert [entry["event"] for entry in told] == ["database.trouble"], "one line, however often it tries"
    assert "the disk is full; make room on it" in told[0]["reason"]

    await make_room(desk.base)
    await ticks(desk, RETRY)
    await desk.telegram.until(lambda: 41 in desk.telegram.polls)
    assert desk.telegram.committed() == set(range(1, 41))
    assert await desk.notices() == ["fallback.text"] * 40
    assert await desk.set_aside() == [], "it was no fault of theirs"
    assert events(logged).count("database.well_again") == 1


async def test_on_a_disk_that_turns_read_only_it_is_the_same(desk: Desk, logged: list[Any]) -> None:
    await pragma(desk.base, "query_only = ON")
    await desk.telegram.put(text(1, 1001), text(2, 1002))
    desk.poll()
    await fails(desk, 2)
    assert set(desk.telegram.polls) == {None}
    assert [entry["reason"] for entry in logged if entry["event"] == "database.trouble"] == [
        str(DatabaseTroubleError(Trouble.READ_ONLY, str(desk.base.engine.url.database)))
    ]
    await pragma(desk.base, "query_only = OFF")
    await ticks(desk, RETRY)
    await desk.telegram.until(lambda: 3 in desk.telegram.polls)
    assert await desk.notices() == ["fallback.text"] * 2


async def test_a_poisoned_update_is_still_set_aside_after_the_disk_was_full(desk: Desk) -> None:
    await fill(desk.base)
    updates = [text(number, 1001 + number % 6) for number in range(1, 40)]
    await desk.telegram.put(*updates, unhandled(40, 1007))
    desk.poll()
    await fails(desk, 2)
    assert await desk.set_aside() == []
    await make_room(desk.base)
    await ticks(desk, RETRY)
    await desk.telegram.until(lambda: 41 in desk.telegram.polls)
    assert await desk.set_aside() == [40]
    assert await desk.said_to(1007) == ["errors.unknown"]


async def test_what_was_sent_while_the_disk_was_full_is_settled_later_and_not_sent_again(
    at_work: Office, logged: list[Any]
) -> None:
    gate = at_work.platform.gates["first"] = asyncio.Event()
    await at_work.say(to(1, "first", Priority.RELAY, private={"text": "words"}), to(2, "other"))
    await at_work.platform.until_started("first", "other")
    await impatient(at_work.base)
    other = sqlite3.connect(str(at_work.base.engine.url.database), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")  # settling frees room and so fits on a full disk: here it is locked
    gate.set()
    while "database.trouble" not in events(logged):  # noqa: ASYNC110 - it does not tell
        await asyncio.sleep(0)
    assert at_work.platform.kinds.count("first") == 1
    other.execute("ROLLBACK")
    other.close()
    await at_work.pass_time(RETRY + 1)
    assert await at_work.states() == {"first": "sent", "other": "sent"}
    assert sorted(at_work.platform.attempted) == ["first", "other"]


async def test_on_a_full_disk_nobody_s_timer_is_put_off(tmp_path: Path) -> None:
    clock = SteppedClock(BEGIN)
    async with database(tmp_path) as base:
        people = await base.people(400, BEGIN)
        async with base.storage.unit_of_work() as uow:
            await uow.timers.apply_all(END, [Timer(END, person, BEGIN, {"key": "k"}) for person in people])
            await uow.commit(BEGIN)
        before = await base.rows("SELECT id, due_at, attempts FROM timers ORDER BY id")
        await fill(base)
        heart = Heartbeat(base.storage, catalog.load(), clock, Activity(), lambda: True)
        with pytest.raises(DatabaseTroubleError):
            await heart._beat()
        assert await base.rows("SELECT id, due_at, attempts FROM timers ORDER BY id") == before


# -- locked, damaged


async def test_while_another_program_locks_it_nothing_is_acknowledged(desk: Desk, logged: list[Any]) -> None:
    other = sqlite3.connect(str(desk.base.engine.url.database), isolation_level=None)
    await impatient(desk.base)
    other.execute("BEGIN IMMEDIATE")
    await desk.telegram.put(text(1, 1001), text(2, 1002))
    desk.poll()
    await fails(desk, 2)
    assert set(desk.telegram.polls) == {None}
    assert desk.telegram.committed() == set()
    assert events(logged).count("database.trouble") == 1
    assert "another program keeps it locked" in logged[events(logged).index("database.trouble")]["reason"]
    other.execute("ROLLBACK")
    other.close()
    await ticks(desk, RETRY)
    await desk.telegram.until(lambda: 3 in desk.telegram.polls)
    assert await desk.notices() == ["fallback.text"] * 2


def damage(file: Path, *, first: int = 1) -> None:
    """Overwrite all pages from this one on (from 0) with rubbish."""
    size = file.stat().st_size
    with file.open("r+b") as raw:
        raw.seek(4096 * first)
        raw.write(b"\xa5" * (size - 4096 * first))


async def test_damaged_in_the_middle_nothing_is_acknowledged_and_one_line_says_how_to_restore(
    tmp_path: Path, logged: list[Any]
) -> None:
    url = await migrated(tmp_path / "test.db")
    damage(tmp_path / "test.db")
    engine = open_engine(url)
    storage = Storage(engine)
    for _ in range(3):
        with pytest.raises(DatabaseTroubleError, match="db restore") as caught:
            async with storage.unit_of_work() as uow:
                await uow.people.by_account(1)
        assert caught.value.trouble is Trouble.DAMAGED
    assert events(logged) == ["database.trouble"]
    await engine.dispose()


async def test_what_is_no_database_is_said_at_the_start(tmp_path: Path) -> None:
    file = tmp_path / "stillhere.db"
    file.write_bytes(b"no database at all, and long enough to be looked at" * 100)
    with pytest.raises(DatabaseTroubleError) as caught:
        await migrate(url_of(file))
    assert caught.value.trouble is Trouble.DAMAGED
    assert str(file) in str(caught.value)


async def test_locked_at_the_start_it_says_by_whom(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engines, "PATIENCE_MS", 20)
    url = await migrated(tmp_path / "test.db")
    other = sqlite3.connect(tmp_path / "test.db", isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with pytest.raises(DatabaseTroubleError) as caught:
        await migrate(url)
    other.close()
    assert caught.value.trouble is Trouble.LOCKED
    line = _mendable(caught.value)
    assert line is not None
    assert line.startswith(f"DATABASE_URL: {tmp_path / 'test.db'}: another program keeps it locked; end")


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everything")
async def test_a_file_that_cannot_be_written_is_said_at_the_start(tmp_path: Path) -> None:
    url = await migrated(tmp_path / "test.db")
    (tmp_path / "test.db").chmod(0o400)
    with pytest.raises(DatabaseTroubleError) as caught:
        await migrate(url)
    assert caught.value.trouble is Trouble.READ_ONLY


async def test_a_fault_of_the_program_is_none_of_the_machine(tmp_path: Path) -> None:
    async with database(tmp_path) as base:
        with pytest.raises(OperationalError):
            async with base.storage.unit_of_work() as uow:
                await uow._connection.execute(sql("SELECT * FROM no_such_table"))


# -- very large updates


def large(update_id: int, account: int, how: str) -> dict[str, Any]:
    """Ten megabytes, in one place or another."""
    update = text(update_id, account)
    message = update["message"]
    if how == "text":
        message["text"] = "I need space. " * 750_000
    elif how == "entities":
        message["entities"] = [{"type": "bold", "offset": 0, "length": 1}] * 230_000
    elif how == "name":
        message["from"]["first_name"] = "M" * 10_000_000
    else:
        message["something_new"] = [{"key": "x" * 50}] * 160_000
    return update


@pytest.mark.parametrize("how", ["text", "entities", "name", "unknown"])
async def test_an_update_of_ten_megabytes_harms_none_of_its_neighbours(desk: Desk, how: str) -> None:
    await desk.telegram.put(text(1, 1001), large(2, 1002, how), text(3, 1003))
    stall = asyncio.create_task(longest_stall())
    desk.poll()
    await desk.telegram.until(lambda: 4 in desk.telegram.polls)
    stall.cancel()
    assert await stall < 2, "it is parsed, cut down, and no more"
    assert await desk.said_to(1001) == await desk.said_to(1003) == ["fallback.text"]
    assert desk.telegram.committed() == {1, 2, 3}
    assert await desk.set_aside() == []


async def longest_stall() -> float:
    longest, last = 0.0, time.monotonic()
    try:
        while True:
            await asyncio.sleep(0.005)
            longest, last = max(longest, time.monotonic() - last), time.monotonic()
    except asyncio.CancelledError:
        return max(longest, time.monotonic() - last)
