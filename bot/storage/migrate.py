"""Bringing a database up to date, before anything else opens it.

Alembic is imported only where there is something to do: most starts find nothing.
"""

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import structlog
from sqlalchemy import Connection, inspect, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.storage.engine import open_engine
from bot.storage.postgres import LOCK, LOOKING, Hold, open_server
from bot.storage.trouble import (
    DatabaseBusyError,
    DatabaseTroubleError,
    MigrationError,
    Trouble,
    describe,
    opening_trouble,
    trouble_of,
)

if TYPE_CHECKING:
    from alembic.config import Config

log = structlog.get_logger()

FOLDER = Path(__file__).parent / "migrations"
OTHERS_END = 20.0
"""Seconds: so long a StillHere that has to change the tables waits for those of an older version to end."""


class OthersAtWorkError(MigrationError):
    """Replicas of an older version still work with the tables that have to be changed."""

    def __init__(self) -> None:
        super().__init__(
            "its tables have to be changed for this version, and other StillHeres still work with them; "
            "stop all of them, then start this one"
        )


def _config(connection: Connection) -> "Config":
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.attributes["connection"] = connection
    return config


def newest_revision() -> str:
    """The revision this version of the bot works with."""
    return max(known_revisions())


def known_revisions() -> set[str]:
    """Every revision this version of the bot has heard of: their files' names begin with it."""
    return {file.name.partition("_")[0] for file in (FOLDER / "versions").glob("[0-9]*.py")}


def revision_of(connection: Connection) -> str | None:
    """The revision a database is at; None for an empty one."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return None if found is None else str(found)


def _check_known(current: str | None) -> None:
    if current is not None and current not in known_revisions():
        raise MigrationError("this database was written by a newer version of StillHere")


def _upgrade(connection: Connection) -> None:
    current = revision_of(connection)
    if current == newest_revision():
        return
    _check_known(current)
    from alembic import command

    command.upgrade(_config(connection), "head")
    if connection.dialect.name == "sqlite":
        broken = connection.execute(text("PRAGMA foreign_key_check")).first()
        if broken is not None:
            raise MigrationError(f"after the migration a row in {broken[0]} points nowhere")


async def migrate(url: str, engine: AsyncEngine | None = None) -> None:
    """Run all outstanding migrations in one transaction.

    SQLite's foreign keys are off meanwhile: rebuilding a parent table with them on would delete every child.
    On a server an `engine` can be given, which holds the lock alone. Without one, nobody is disturbed where
    there is nothing to do; where there is, others have to end first, and are waited for (OTHERS_END).
    Raises MigrationError, DatabaseTroubleError, DatabaseBusyError.
    """
    if engine is None and make_url(url).get_backend_name() != "sqlite":
        await _when_alone(url)
        return
    engine, own = engine or open_engine(url, foreign_keys=False), engine is None
    try:
        await _within(engine)
    finally:
        if own:
            await engine.dispose()


async def _when_alone(url: str) -> None:
    """Several may start at once: one of them changes the tables, and the others find that it was done."""
    engine = open_server(make_url(url), Hold.NOTHING)
    tries, told = round(OTHERS_END / LOOKING), False
    try:
        for _ in range(tries):
            current = await found_revision(engine)
            if current == newest_revision():
                return
            _check_known(current)
            connection = await _connected(engine)
            try:
                if await _alone(connection):
                    await _within(engine, connection)
                    return
            finally:
                await connection.invalidate()
                await connection.close()
            if not told:
                log.info(
                    "database.waiting", reason="its tables are to be changed, and others still work with it"
                )
            told = True
            await asyncio.sleep(LOOKING)
        raise OthersAtWorkError
    finally:
        await engine.dispose()


async def _alone(connection: AsyncConnection) -> bool:
    try:
        found = await connection.execute(text(f"SELECT pg_try_advisory_lock({LOCK})"))
        await connection.rollback()
    except DBAPIError as error:
        raise _failed(connection.engine, error, trouble_of(error)) from error
    return bool(found.scalar_one())


async def found_revision(engine: AsyncEngine) -> str | None:
    """The revision it is at; None if no StillHere has been there. Raises as `migrate`."""
    connection = await _connected(engine)
    try:
        return await connection.run_sync(revision_of)
    except DBAPIError as error:
        raise _failed(engine, error, trouble_of(error)) from error
    finally:
        await connection.close()


async def _connected(engine: AsyncEngine) -> AsyncConnection:
    connection = engine.connect()
    try:
        return await connection.start()
    except DatabaseBusyError:
        raise
    except Exception as error:
        raise _failed(engine, error, opening_trouble(error)) from error


async def _within(engine: AsyncEngine, given: AsyncConnection | None = None) -> None:
    connection = given or await _connected(engine)
    try:
        async with connection.begin():
            await connection.run_sync(_upgrade)
    except MigrationError:
        raise
    except Exception as error:
        raise _failed(engine, error, trouble_of(error)) from error
    finally:
        if given is None:
            await connection.close()


def _failed(engine: AsyncEngine, error: Exception, trouble: Trouble | None) -> Exception:
    if trouble is not None:
        return DatabaseTroubleError(trouble, describe(engine.url))
    return MigrationError(f"it could not be brought up to date ({type(error).__name__})")
