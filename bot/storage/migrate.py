"""Bringing a database up to date, before anything else opens it.

Alembic is imported only where there is something to do: most starts find nothing.
"""

from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.storage.engine import open_engine
from bot.storage.trouble import (
    DatabaseBusyError,
    DatabaseTroubleError,
    Trouble,
    describe,
    opening_trouble,
    trouble_of,
)

if TYPE_CHECKING:
    from alembic.config import Config

FOLDER = Path(__file__).parent / "migrations"


class MigrationError(Exception):
    """The database could not be brought up to date; it is as it was before."""


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


def _upgrade(connection: Connection) -> None:
    current = revision_of(connection)
    if current == newest_revision():
        return
    if current is not None and current not in known_revisions():
        raise MigrationError("this database was written by a newer version of StillHere")
    from alembic import command

    command.upgrade(_config(connection), "head")
    if connection.dialect.name == "sqlite":
        broken = connection.execute(text("PRAGMA foreign_key_check")).first()
        if broken is not None:
            raise MigrationError(f"after the migration a row in {broken[0]} points nowhere")


async def migrate(url: str, engine: AsyncEngine | None = None) -> None:
    """Run all outstanding migrations in one transaction.

    SQLite's foreign keys are off meanwhile: rebuilding a parent table with them on would delete every child.
    On a server an `engine` can be given: it keeps its connection, and with it the lock, for what comes next.
    Raises MigrationError, DatabaseTroubleError, DatabaseBusyError.
    """
    engine, own = engine or open_engine(url, foreign_keys=False), engine is None
    try:
        await _within(engine)
    finally:
        if own:
            await engine.dispose()


async def found_revision(engine: AsyncEngine) -> str | None:
    """The revision it is at; None if no StillHere has been there. Raises as `migrate`."""
    connection = await _connected(engine)
    try:
        return await connection.run_sync(revision_of)
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


async def _within(engine: AsyncEngine) -> None:
    connection = await _connected(engine)
    try:
        async with connection.begin():
            await connection.run_sync(_upgrade)
    except MigrationError:
        raise
    except Exception as error:
        raise _failed(engine, error, trouble_of(error)) from error
    finally:
        await connection.close()


def _failed(engine: AsyncEngine, error: Exception, trouble: Trouble | None) -> Exception:
    if trouble is not None:
        return DatabaseTroubleError(trouble, describe(engine.url))
    return MigrationError(f"it could not be brought up to date ({type(error).__name__})")
