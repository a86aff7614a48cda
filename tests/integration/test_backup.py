"""Backups: made while the bot writes, kept by name, and put back with nothing lost."""

import asyncio
import sqlite3
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography.fernet import Fernet
from structlog.testing import capture_logs

from bot.clock import Activity, SteppedClock
from bot.domain.decision import Notice, Priority
from bot.domain.model import PersonId
from bot.findings import Level, all_well
from bot.housekeeper import Housekeeper
from bot.storage import backup as backups
from bot.storage.backup import BackupError, Nightly, back_up, put_back
from bot.storage.engine import open_engine
from bot.storage.examine import examine
from tests.integration.support import KEY, Database, database, migrated, url_of

pytestmark = pytest.mark.sqlite_only

NOW = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)


async def written(base: Database, words: str = "words") -> None:
    """Somebody writes something."""
    async with base.storage.unit_of_work() as uow:
        await uow.log.check_key()
        await uow.journal.add(PersonId(1), words, NOW)
        await uow.commit(NOW)


async def lines(file: Path) -> list[str]:
    async with database_at(file) as base, base.storage.unit_of_work() as uow:
        return [entry.text for entry in await uow.journal.newest(PersonId(1))]


def mode(file: Path) -> int:
    return file.stat().st_mode & 0o777


def names(folder: Path) -> list[str]:
    """Beside the database."""
    own = ("test.db", "template.db")
    return sorted(file.name for file in folder.iterdir() if not file.name.startswith(own))


def beside(file: Path) -> list[str]:
    """The log and the index of a database, as far as they are there."""
    return [each.name for each in file.parent.iterdir() if each.name.startswith(f"{file.name}-")]


def whole(file: Path) -> bool:
    with closing(sqlite3.connect(file)) as connection:
        return bool(connection.execute("PRAGMA integrity_check").fetchone() == ("ok",))


# -- made


async def test_a_backup_holds_what_was_committed_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    async with database(tmp_path) as base:
        await base.people(1, NOW)
        await written(base)
        back_up(tmp_path / "test.db", tmp_path / "copy.db")
        await written(base, "later")
    assert names(tmp_path) == ["copy.db"]
    assert mode(tmp_path / "copy.db") == 0o600
    assert whole(tmp_path / "copy.db")
    assert await lines(tmp_path / "copy.db") == ["words"]


async def test_nobody_waits_while_a_backup_is_made(tmp_path: Path) -> None:
    """A database of some size; what is urgent is committed all the while, and the event loop goes on."""
    async with database(tmp_path) as base:
        await base.people(1, NOW)
        await base.run(
            "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 200000) INSERT INTO "
            "failed_updates SELECT i, randomblob(300), 'Error', '2026-03-02 18:00:00.000000' FROM n"
        )
        waits: list[float] = []
        begin = time.monotonic()
        copying = asyncio.ensure_future(
            asyncio.to_thread(back_up, tmp_path / "test.db", tmp_path / "copy.db")
        )
        while not copying.done():
            before = time.monotonic()
            async with base.storage.unit_of_work() as uow:
                uow.outbox.add(Notice("space.request", PersonId(1), priority=Priority.RELAY))
                await uow.commit(NOW)
            waits.append(time.monotonic() - before)
        took = time.monotonic() - begin
        await copying
        assert len(waits) > 10
        assert max(waits) < took / 3, "nobody waited for the backup"
        assert len(await base.rows("SELECT id FROM outbox")) == len(waits)
    assert whole(tmp_path / "copy.db")


async def test_nothing_is_overwritten_and_nothing_half_is_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backups, "STEPS", 10)
    source = tmp_path / "test.db"
    await migrated(source)
    (tmp_path / "copy.db").write_text("mine")
    with pytest.raises(BackupError, match="is there already"):
        back_up(source, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "mine"
    with pytest.raises(BackupError, match="stopped"):
        back_up(source, tmp_path / "other.db", lambda: True)
    with pytest.raises(BackupError, match="nowhere"):
        back_up(source, tmp_path / "nowhere" / "copy.db")
    with pytest.raises(BackupError, match="is not there"):
        back_up(tmp_path / "none.db", tmp_path / "other.db")
    assert names(tmp_path) == ["copy.db"]


async def test_what_is_damaged_is_not_passed_off_as_a_backup(tmp_path: Path) -> None:
    source = tmp_path / "test.db"
    await migrated(source)
    damage(source)
    with pytest.raises(BackupError, match="damaged"):
        back_up(source, tmp_path / "copy.db")
    assert names(tmp_path) == []


def damage(file: Path) -> None:
    size = file.stat().st_size
    with file.open("r+b") as raw:
        raw.seek(4096 * 3)
        raw.write(b"\xa5" * (size - 4096 * 3))


# -- looked into


async def test_what_a_check_finds(tmp_path: Path) -> None:
    file = tmp_path / "test.db"
    async with database(tmp_path) as base:
        await base.people(1, NOW)
        await written(base)
        assert [finding.level for finding in examine(file, [KEY])] == [Level.OK] * 4, "while it is open"

    def wrong(keys: list[str]) -> list[str]:
        findings = examine(file, keys)
        assert not all_well(findings)
        return [finding.what for finding in findings if finding.level is Level.WRONG]

    assert wrong([Fernet.generate_key().decode()]) == ["key"]
    change(file, "UPDATE alembic_version SET version_num = '9999'")
    assert wrong([KEY]) == ["migrations"]
    change(file, "UPDATE alembic_version SET version_num = '0001'")
    assert [finding.level for finding in examine(file, [KEY])].count(Level.WARN) == 1, "only older"
    change(file, "DELETE FROM people")
    assert wrong([KEY]) == ["references"]
    damage(file)
    assert "integrity" in wrong([KEY])
    file.write_bytes(b"no database " * 1000)
    assert wrong([KEY]) == ["integrity"]
    file.unlink()
    assert wrong([KEY]) == ["integrity"]
    change(file, "CREATE TABLE other (id INTEGER)")
    assert wrong([KEY]) == ["migrations"]


def change(file: Path, statement: str) -> None:
    with closing(sqlite3.connect(file)) as connection:
        connection.execute(statement)
        connection.commit()


# -- put back


async def test_put_back_everything_is_there_and_what_was_there_is_kept(tmp_path: Path) -> None:
    file, copy = tmp_path / "test.db", tmp_path / "copy.db"
    async with database(tmp_path) as base:
        await base.people(1, NOW)
        await written(base)
        back_up(file, copy)
        await written(base, "later")
        crashed = {each: each.read_bytes() for each in (file, Path(f"{file}-wal"))}
    for each, content in crashed.items():  # as if struck down: the later line is in the log alone
        each.write_bytes(content)
    kept = put_back(copy, file, NOW)
    assert kept == tmp_path / "test.db.before-restore-20260302-180000"
    assert "-wal" not in str(beside(file))
    assert mode(file) == 0o600
    assert await lines(file) == ["words"]
    assert sorted(await lines(kept)) == ["later", "words"]
    again = put_back(copy, file, NOW)
    assert again is not None
    assert again != kept
    assert copy.exists()


async def test_ids_on_buttons_in_peoples_chats_never_come_again(tmp_path: Path) -> None:
    file, copy = tmp_path / "test.db", tmp_path / "copy.db"
    async with database(tmp_path) as base:
        await base.people(1, NOW)
        await written(base)
        back_up(file, copy)
    put_back(copy, file, NOW)
    async with database_at(file) as base:
        await written(base, "new")
        (newest,) = await base.rows("SELECT max(id) AS id FROM journal")
        assert newest["id"] > backups.IDS_JUMP
        tables = await base.rows("SELECT name FROM sqlite_master WHERE sql LIKE '%AUTOINCREMENT%'")
        jumped = await base.rows("SELECT name FROM sqlite_sequence WHERE seq >= 1000000")
        assert {row["name"] for row in tables} == {row["name"] for row in jumped}


@asynccontextmanager
async def database_at(file: Path) -> AsyncIterator[Database]:
    engine = open_engine(url_of(file))
    try:
        yield Database(engine)
    finally:
        await engine.dispose()


async def test_a_backup_that_cannot_be_read_changes_nothing(tmp_path: Path) -> None:
    file, copy = tmp_path / "test.db", tmp_path / "copy.db"
    await migrated(file)
    before = file.read_bytes()
    copy.write_bytes(b"no database " * 1000)
    with pytest.raises(BackupError):
        put_back(copy, file, NOW)
    assert file.read_bytes() == before
    assert names(tmp_path) == ["copy.db"]


# -- every night


def nightly(folder: Path, days: int = 3) -> Nightly:
    return Nightly(folder / "test.db", folder / "kept", days)


async def test_a_backup_a_day_is_kept_so_many_days_and_nothing_else_is_deleted(tmp_path: Path) -> None:
    await migrated(tmp_path / "test.db")
    keeper = nightly(tmp_path)
    others = ["test-2026-01-01.db.txt", "other-2026-01-01.db", "test-2026-99-99.db", "test.db", "notes"]
    keeper.folder.mkdir()
    for name in others:
        (keeper.folder / name).touch()
    (keeper.folder / "test-2020-01-01.db").mkdir()
    (keeper.folder / ".test-2026-02-28.db.abc123_x.partial").touch()
    for day in range(6):
        now = NOW + timedelta(days=day)
        target = keeper.due(now)
        assert target is not None
        keeper.make(target, now)
        assert keeper.due(now) is None, "once a day"
        assert keeper.due(now.replace(hour=23)) is None
        assert keeper.due(now.replace(hour=1)) is not None or day, "before two it is the night before"
    made = ["test-2026-03-05.db", "test-2026-03-06.db", "test-2026-03-07.db"]
    assert names(keeper.folder) == sorted(set(made + others + ["test-2020-01-01.db"]) - {"test.db"})
    assert {mode(keeper.folder / name) for name in made} == {0o600}
    assert keeper.newest() == (NOW + timedelta(days=5)).date()


async def test_the_housekeeper_makes_it_and_says_plainly_when_it_cannot(tmp_path: Path) -> None:
    async with database(tmp_path) as base:
        keeper, clock, activity = nightly(tmp_path), SteppedClock(NOW), Activity()
        activity.begin()
        housekeeper = Housekeeper(base.storage, clock, activity, keeper)
        activity.end()
        (tmp_path / "kept").write_text("a file where the folder should be")
        with capture_logs() as logged:
            working = asyncio.create_task(housekeeper.run())
            await activity.until_idle()
            failed = [entry for entry in logged if entry["event"] == "backup.failed"]
            assert len(failed) == 1
            assert failed[0]["log_level"] == "error"
            assert "BACKUP_DIR: " in failed[0]["reason"]
            (tmp_path / "kept").unlink()
            housekeeper.bell.ring()
            await activity.until_idle()
            housekeeper.bell.ring()
            await activity.until_idle()
        assert [entry["event"] for entry in logged].count("backup.made") == 1
        assert [file.name for file in (tmp_path / "kept").iterdir()] == ["test-2026-03-02.db"]
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)


async def test_a_bot_that_is_to_stop_does_not_wait_for_its_backup(tmp_path: Path) -> None:
    began, ended, last = threading.Event(), threading.Event(), time.monotonic() + 10

    class Slow(Nightly):
        def make(self, target: Path, now: datetime, stopped: backups.Stopped = lambda: False) -> None:
            began.set()
            while not stopped() and time.monotonic() < last:
                time.sleep(0.001)
            if stopped():
                ended.set()

    async with database(tmp_path) as base:
        slow = Slow(tmp_path / "test.db", tmp_path / "kept", 3)
        housekeeper = Housekeeper(base.storage, SteppedClock(NOW), Activity(), slow)
        working = asyncio.create_task(housekeeper.run())
        await asyncio.to_thread(began.wait, 20)
        working.cancel()
        await asyncio.gather(working, return_exceptions=True)
        assert await asyncio.to_thread(ended.wait, 20)
