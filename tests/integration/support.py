"""What tests on a real database share: a migrated SQLite file, and rows to look at."""

import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet
from sqlalchemy import RowMapping, insert, select, text
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.storage.engine import open_engine
from bot.storage.migrate import migrate
from bot.storage.outbox import Envelope
from bot.storage.tables import people, telegram_accounts
from bot.storage.types import vault
from bot.storage.unit_of_work import Storage, UnitOfWork
from tests import postgres

KEY = Fernet.generate_key().decode()
_PERSON = {"name": "Somebody", "locale": "en", "quiet_from": "22:00", "quiet_until": "07:00"}
_template: list[Path] = []
dbms = {"name": "sqlite"}
"""Which database the test at hand works with; `conftest.dbms` says so."""


def on_postgres() -> bool:
    return dbms["name"] == "postgres"


async def claim(uow: UnitOfWork, now: datetime) -> list[Envelope]:
    """Mark whatever may go as being sent."""
    waiting = await uow.outbox.waiting(now, 100)
    return await uow.outbox.claim([each.id for each in waiting], now)


async def at_once(_connection: Any, work: Callable[..., Any], *args: Any, **more: Any) -> Any:
    """In the place of `aiosqlite`'s way to its thread (`Connection._execute`).

    Nothing else runs meanwhile: two changes of thread for each statement would be most of the time.
    """
    return work(*args, **more)


def quicken(connection: Any, _record: Any) -> None:
    """Listens to an engine's “connect”: nothing here has to outlive a crash."""
    if not on_postgres():
        connection.execute("PRAGMA synchronous=OFF")


def url_of(file: Path) -> str:
    return f"sqlite+aiosqlite:///{file}"


async def migrated(file: Path) -> str:
    """A database of its own (SQLite: at `file`); migrated once, and copied for whoever comes later."""
    vault.unlock([KEY])
    if on_postgres():
        return await postgres.migrated()
    if _template and _template[0].exists():
        shutil.copy(_template[0], file)
        return url_of(file)
    await migrate(url_of(file))
    blank = file.with_name("template.db")
    shutil.copy(file, blank)
    _template[:] = [blank]
    return url_of(file)


class Database:
    """A storage, and ways to look behind it and to put people in quickly."""

    def __init__(self, engine: AsyncEngine) -> None:
        self.engine = engine
        self.storage = Storage(engine)

    async def rows(self, query: Any, parameters: Mapping[str, Any] | None = None) -> list[RowMapping]:
        statement = text(query) if isinstance(query, str) else query
        async with self.engine.connect() as connection:
            return list((await connection.execute(statement, parameters or {})).mappings())

    async def run(self, statement: Any) -> None:
        async with self.engine.begin() as connection:
            await connection.execute(text(statement) if isinstance(statement, str) else statement)

    @asynccontextmanager
    async def locked(self) -> AsyncIterator[None]:
        """Another program keeps the updates for itself; the bot gives up after 20 ms, not after 5 s."""
        if on_postgres():
            async with self.engine.begin() as connection:
                await connection.execute(text("SET SESSION lock_timeout = 20"))
            other = await postgres.server().connect(str(self.engine.url.database))
            await other.execute("BEGIN; LOCK TABLE updates")
            yield
            await other.close()
            return
        async with self.engine.connect() as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None
            await driver.execute("PRAGMA busy_timeout = 20")
        holder = sqlite3.connect(str(self.engine.url.database), isolation_level=None)
        holder.execute("BEGIN IMMEDIATE")
        yield
        holder.execute("ROLLBACK")
        holder.close()

    def beside(self, query: str) -> list[tuple[Any, ...]]:
        """What somebody else sees meanwhile, on a connection that only reads."""
        if on_postgres():
            return postgres.fetch(str(self.engine.url.database), query)
        connection = sqlite3.connect(f"file:{self.engine.url.database}?mode=ro", uri=True)
        try:
            return connection.execute(query).fetchall()
        finally:
            connection.close()

    async def people(self, count: int, now: Any, *, first_account: int = 1001) -> list[int]:
        """So many people, with the accounts `first_account` and on; their ids."""
        async with self.engine.begin() as connection:
            await connection.execute(insert(people), [{**_PERSON, "created_at": now}] * count)
            ids = list((await connection.execute(select(people.c.id).order_by(people.c.id))).scalars())
            ids = ids[-count:]
            accounts = [
                {"user_id": first_account + place, "person_id": each} for place, each in enumerate(ids)
            ]
            await connection.execute(insert(telegram_accounts), accounts)
        return ids


@asynccontextmanager
async def database(folder: Path) -> AsyncIterator[Database]:
    """A migrated database in this folder, closed at the end."""
    engine = open_engine(await migrated(folder / "test.db"))
    try:
        yield Database(engine)
    finally:
        await engine.dispose()
