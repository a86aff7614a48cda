"""Backups: the whole database in one file, copied while the bot goes on writing.

SQLite copies from a connection that only reads: nobody waits for it, and it never takes part in writing the
log back into the file (up to 3.51.2, SQLite has a fault there that needs two who do). Nothing but SQLite may
open the file in the bot's own process: closing it again would drop the bot's locks.
"""

import os
import re
import sqlite3
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from bot.storage.trouble import trouble_of

DAY_BEGINS = timedelta(hours=2)
"""After midnight UTC: a backup made before belongs to the night before."""
IDS_JUMP = 1_000_000
"""Ids given out since a backup was made stand on buttons in people's chats: none of them may come again."""
STEPS = 2_000
"""So many of SQLite's own steps lie between two looks whether to stop."""

Stopped = Callable[[], bool]


class BackupError(Exception):
    """No backup, or none put back; one line says why, and the mend. What was there is as it was."""


@contextmanager
def reading(file: Path) -> Iterator[sqlite3.Connection]:
    """A connection that only reads, also while the bot writes. Raises sqlite3.Error."""
    address = f"{file.absolute().as_uri()}?mode=ro"
    with closing(sqlite3.connect(address, uri=True, timeout=5, check_same_thread=False)) as connection:
        yield connection


def back_up(source: Path, target: Path, stopped: Stopped = lambda: False) -> None:
    """Copy the database to a new file that only its owner reads; whole, or not at all.

    It may take its time: for a thread or a process of its own. `stopped` is looked at on the way.
    Raises BackupError, also where `target` is there already.
    """
    if not source.is_file():
        raise BackupError(f"{source} is not there")
    if target.exists():
        raise BackupError(f"{target} is there already; choose another name")
    with _copy_beside(source, target, stopped) as copy:
        try:
            _publish(copy, target)
        except FileExistsError:
            raise BackupError(f"{target} is there already; choose another name") from None


@contextmanager
def _copy_beside(source: Path, target: Path, stopped: Stopped = lambda: False) -> Iterator[Path]:
    """A checked copy with a name of its own in the folder of `target`; gone at the end, if still there."""
    try:
        handle, name = tempfile.mkstemp(".partial", f".{target.name}.", target.parent)  # mode 0600
        os.close(handle)
        copy = Path(name)
    except OSError as error:
        raise BackupError(f"{target.parent}: {error.strerror}") from error
    try:
        _copy(source, copy, stopped)
        _sync(copy)
        yield copy
    except sqlite3.Error as error:
        raise BackupError("it was stopped" if stopped() else _why(error, source, target)) from error
    except OSError as error:
        raise BackupError(f"{target}: {error.strerror}") from error
    finally:
        with suppress(OSError):
            copy.unlink(missing_ok=True)


def _copy(source: Path, copy: Path, stopped: Stopped) -> None:
    with reading(source) as connection:
        connection.set_progress_handler(lambda: int(stopped()), STEPS)
        connection.execute("VACUUM INTO ?", (str(copy),))
    with reading(copy) as connection:
        connection.set_progress_handler(lambda: int(stopped()), STEPS)
        if connection.execute("PRAGMA quick_check(1)").fetchone()[0] != "ok":
            raise BackupError(f"{source} cannot be copied as a whole; see: python -m bot db check")


def _why(error: sqlite3.Error, source: Path, target: Path) -> str:
    trouble = trouble_of(error)
    if trouble is not None:
        return f"{source} to {target}: {trouble.words}; {trouble.mend}"
    return f"{source} to {target}: {type(error).__name__}"


def _sync(path: Path) -> None:
    """SQLite does not see to it that such a copy has reached the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _publish(copy: Path, target: Path) -> None:
    """Give it its name, and never in place of something else. Raises FileExistsError."""
    try:
        os.link(copy, target)
    except FileExistsError:
        raise
    except OSError:  # no links on this kind of disk
        if target.exists():
            raise FileExistsError(target) from None
        copy.rename(target)
    _sync(target.parent)


# -- put back


def put_back(backup: Path, database: Path, now: datetime) -> Path | None:
    """Make `backup` the database; what was there is kept, under the name that is handed back.

    Nobody may have the database open: hold its lock. Raises BackupError; then all is as it was.
    """
    with _copy_beside(backup, database) as copy:
        with closing(sqlite3.connect(copy, isolation_level=None)) as connection:
            _let_ids_jump(connection)
        _sync(copy)
        kept = _keep(database, now) if database.exists() else None
        # A log or an index of the old file beside the new one would be taken for its own.
        for suffix in ("-wal", "-shm"):
            database.with_name(database.name + suffix).unlink(missing_ok=True)
        copy.replace(database)
        _sync(database.parent)
    return kept


def _let_ids_jump(connection: sqlite3.Connection) -> None:
    """Whatever was given out since the backup, the next id is one that nobody has seen."""
    connection.execute("BEGIN IMMEDIATE")
    connection.execute("UPDATE sqlite_sequence SET seq = seq + ?", (IDS_JUMP,))
    connection.execute(
        "INSERT INTO sqlite_sequence (name, seq) SELECT name, ? FROM sqlite_master WHERE type = 'table' "
        "AND sql LIKE '%AUTOINCREMENT%' AND name NOT IN (SELECT name FROM sqlite_sequence)",
        (IDS_JUMP,),
    )
    connection.execute("COMMIT")


def _keep(database: Path, now: datetime) -> Path:
    """Give what is there a second name, its log included: until the last step the first one holds, too."""
    stem = f"{database.name}.before-restore-{now.astimezone(UTC):%Y%m%d-%H%M%S}"
    names = (stem, *(f"{stem}-{number}" for number in range(2, 1_000)))
    kept = next(path for name in names if not (path := database.with_name(name)).exists())
    for suffix in ("-wal", ""):
        there = database.with_name(database.name + suffix)
        if there.exists():
            try:
                os.link(there, kept.with_name(kept.name + suffix))
            except OSError:
                there.rename(kept.with_name(kept.name + suffix))
    _sync(database.parent)
    return kept


# -- every night


class Nightly:
    """The backups of a folder, one a day, and of `keep_days` days; all named after the database."""

    def __init__(self, source: Path, folder: Path, keep_days: int) -> None:
        self._source, self.folder, self._keep = source, folder, timedelta(days=keep_days)
        stem = re.escape(source.stem)
        self._name = re.compile(rf"{stem}-(\d{{4}}-\d\d-\d\d)\.db")
        self._partial = re.compile(rf"\.{stem}-\d{{4}}-\d\d-\d\d\.db\.\w+\.partial")

    def due(self, now: datetime) -> Path | None:
        """The backup that is still to be made, if there is one."""
        target = self.folder / f"{self._source.stem}-{_day(now).isoformat()}.db"
        return None if target.exists() else target

    def newest(self) -> date | None:
        """The day of the newest backup there is."""
        return max(self._days().values(), default=None)

    def make(self, target: Path, now: datetime, stopped: Stopped = lambda: False) -> None:
        """Make it, then delete what is older than is kept. Blocks; raises BackupError."""
        try:
            self.folder.mkdir(mode=0o700, exist_ok=True)
            for file in self.folder.iterdir():  # of one that was struck down
                if self._partial.fullmatch(file.name):
                    file.unlink()
        except OSError as error:
            raise BackupError(f"BACKUP_DIR: {self.folder}: {error.strerror}") from error
        back_up(self._source, target, stopped)
        for file, day in self._days().items():
            if day <= _day(now) - self._keep:
                with suppress(OSError):
                    file.unlink()

    def _days(self) -> dict[Path, date]:
        """Our own backups; whatever else lies there is left alone."""
        found: dict[Path, date] = {}
        if self.folder.is_dir():
            for file in self.folder.iterdir():
                match = self._name.fullmatch(file.name)
                if match and file.is_file() and not file.is_symlink():
                    with suppress(ValueError):
                        found[file] = date.fromisoformat(match[1])
        return found


def _day(now: datetime) -> date:
    return (now.astimezone(UTC) - DAY_BEGINS).date()
