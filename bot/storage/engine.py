"""Opening the database: one read-write connection, held by one process, to a file or to a server."""

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.storage.one_hop import OneHopConnection, connect
from bot.storage.postgres import open_server
from bot.storage.trouble import DatabaseBusyError

PATIENCE_MS = 5_000
"""So long a statement waits for another program's lock; the event loop does not wait with it."""
LOOKING = 0.1
"""Seconds; who looks whether the database is in use holds the lock for a moment of that."""
__all__ = ["DatabaseBusyError", "file_of", "has_data", "is_in_use", "only_writer", "open_engine"]


def file_of(url: str) -> Path | None:
    """The file behind a SQLite URL."""
    parsed = make_url(url)
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        return None
    return Path(str(parsed.database))


def has_data(file: Path) -> bool:
    """Whether there is anything in it yet."""
    return file.exists() and file.stat().st_size > 0


@contextmanager
def only_writer(url: str) -> Iterator[None]:
    """Hold the lock file beside the database. (On a server the lock comes with the connection.)

    Raises DatabaseBusyError if somebody else holds it. The lock goes with its process, also at kill -9.
    """
    path = file_of(url)
    if path is None:
        yield
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path.with_name(path.name + ".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            _lock(handle)
        except BlockingIOError as error:
            raise DatabaseBusyError(str(path)) from error
        yield
    finally:
        os.close(handle)


def _lock(handle: int) -> None:
    """Twice, for somebody may just be looking (`is_in_use`). Raises BlockingIOError."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        time.sleep(LOOKING)
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)


def is_in_use(url: str) -> bool | None:
    """Whether somebody holds the lock; None if this user may not look."""
    path = file_of(url)
    try:
        if path is None:
            return False
        handle = os.open(path.with_name(path.name + ".lock"), os.O_RDONLY)
    except FileNotFoundError:
        return False
    except OSError:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(handle)
    return False


def open_engine(url: str, *, foreign_keys: bool = True) -> AsyncEngine:
    """An engine with the project's settings; migrations of a file ask for it with foreign keys off."""
    parsed: URL = make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return open_server(parsed)
    path = file_of(url)
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            path.touch(mode=0o600)
    more: dict[str, Any] = {} if path is None else {"async_creator": partial(connect, str(path))}
    engine = create_async_engine(
        parsed,
        pool_size=1,
        max_overflow=0,
        pool_timeout=60,
        pool_reset_on_return=None,  # what was not committed is rolled back before it comes to that
        hide_parameters=True,
        **more,
    )
    pragmas = (
        "journal_mode=WAL",
        "synchronous=FULL",
        "secure_delete=ON",
        f"busy_timeout={PATIENCE_MS}",
        f"foreign_keys={'ON' if foreign_keys else 'OFF'}",
    )

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(connection: Any, _record: Any) -> None:
        # The driver's own BEGIN is deferred and would fail when it turns into a write; ours is below.
        connection.isolation_level = None
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        driver = connection.connection.driver_connection
        if isinstance(driver, OneHopConnection):
            driver.begin()
        else:
            connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
