"""Moving everything from a file to a server: in one transaction, counted, compared before it is committed.

Values travel as they are stored: what people wrote stays sealed, and no key is needed. Broken off, nothing
has happened. A second time it replaces what the first one brought, as long as nobody has changed that.
"""

import base64
import hashlib
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
from sqlalchemy import (
    Connection,
    LargeBinary,
    Table,
    TableClause,
    Text,
    cast,
    column,
    delete,
    false,
    func,
    insert,
    inspect,
    select,
    table,
    text,
)
from sqlalchemy.dialects.postgresql import REGCLASS
from sqlalchemy.engine import URL
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.storage import couple_tables, queue_tables, tables  # noqa: F401 - all tables have to be known
from bot.storage.aside import reader
from bot.storage.intake_log import KEY_CHECK
from bot.storage.metadata import metadata
from bot.storage.migrate import found_revision, migrate, newest_revision
from bot.storage.postgres import open_server
from bot.storage.queue_tables import facts
from bot.storage.trouble import DatabaseTroubleError, describe, trouble_of
from bot.storage.types import Encrypted, EncryptedJson, Json

BATCH = 1_000
COPY = "copied"
"""The fact that tells a copy: of which database it is, and its sums."""

Row = Sequence[Any]


class CopyError(Exception):
    """Not copied; one line says why, and the mend. The target is as it was."""


@dataclass
class Sum:
    """How many rows, and a sum of their fingerprints: the order they are read in does not matter."""

    rows: int = 0
    total: int = 0

    def add(self, row: Row) -> None:
        made = hashlib.sha256(orjson.dumps([_plain(value) for value in row])).digest()
        self.rows += 1
        self.total = (self.total + int.from_bytes(made)) % 2**256

    def __str__(self) -> str:
        return f"{self.total:064x}"


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    return value.isoformat() if isinstance(value, datetime) else value


async def copy_over(source: Path, target: URL, said: Callable[[str, Sum], None] = lambda *_: None) -> None:
    """`said` hears of each table. Nobody else may have the file open: hold its lock.

    Raises CopyError, MigrationError, DatabaseTroubleError, DatabaseBusyError.
    """
    engine, reading = open_server(target), reader(source)
    try:
        await _make_tables(engine)
        with reading.connect() as here:
            async with engine.begin() as there:
                sums = await _copy(here, there, describe(target))
        for name, each in sums.items():
            said(name, each)
    except DBAPIError as error:
        trouble = trouble_of(error)
        if trouble is None:
            raise
        raise DatabaseTroubleError(trouble, describe(target)) from error
    finally:
        await engine.dispose()


async def _make_tables(engine: AsyncEngine) -> None:
    """Only where nothing is: what is somebody else's is not even brought up to date. Raises CopyError."""
    revision = await found_revision(engine)
    if revision not in (None, newest_revision()):
        raise CopyError(f"{describe(engine.url)} is of another version; name an empty database (createdb)")
    async with engine.connect() as connection:
        found = await connection.run_sync(lambda each: inspect(each).get_table_names())
    if found and revision is None:
        raise CopyError(f"{describe(engine.url)} holds tables of something else; name an empty database")
    await migrate(engine.url.render_as_string(hide_password=False), engine)


async def _copy(here: Connection, there: AsyncConnection, name: str) -> dict[str, Sum]:
    origin = _origin(here)
    await _make_way(there, origin, name)
    sums = {}
    for each in metadata.sorted_tables:
        sums[each.name] = await _copy_table(here, there, each)
    found = await _sums(there)
    for table_name, wanted in sums.items():
        if found[table_name] != wanted:
            raise CopyError(f"{table_name} came out differently; nothing was changed. This should not happen")
    await _count_on(here, there)
    told = {"of": origin, "sums": _written(found)}
    await there.execute(insert(facts).values(name=COPY, value=told))
    return sums


async def _make_way(there: AsyncConnection, origin: str, name: str) -> None:
    """Empty the target, if what it holds is an older copy of the same. Raises CopyError."""
    held = await _sums(there)
    if not any(each.rows for each in held.values()):
        return
    told = (await there.execute(select(facts.c.value).where(facts.c.name == COPY))).scalar_one_or_none()
    if told is None or told["of"] != origin:
        raise CopyError(f"{name} holds other data; name an empty database (createdb)")
    if told["sums"] != _written(held):
        raise CopyError(f"{name} was changed since it was copied to; empty it first (dropdb, createdb)")
    for each in reversed(metadata.sorted_tables):
        await there.execute(delete(each))


async def _copy_table(here: Connection, there: AsyncConnection, which: Table) -> Sum:
    stored, made = _as_stored(which), Sum()
    for rows in here.execute(select(stored)).partitions(BATCH):
        for row in rows:
            if not _is_copy(which, row):
                made.add(row)
        given = [dict(row._mapping) for row in rows if not _is_copy(which, row)]
        if not given:
            continue
        try:
            await there.execute(insert(stored), given)
        except DBAPIError as error:
            if trouble_of(error) is not None:
                raise
            what = type(error.orig).__name__
            raise CopyError(f"a row of {which.name} does not fit into PostgreSQL ({what})") from error
    return made


async def _sums(there: AsyncConnection) -> dict[str, Sum]:
    made: dict[str, Sum] = {}
    for each in metadata.sorted_tables:
        made[each.name] = Sum()
        async for rows in _read(there, each):
            for row in rows:
                if not _is_copy(each, row):
                    made[each.name].add(row)
    return made


def _written(sums: Mapping[str, Sum]) -> dict[str, str]:
    return {str(name): str(each) for name, each in sums.items()}


async def _read(there: AsyncConnection, which: Table) -> AsyncIterator[Iterable[Row]]:
    async with there.stream(select(_as_stored(which))) as found:
        async for rows in found.partitions(BATCH):
            yield rows


def _as_stored(which: Table) -> TableClause:
    """The table with sealed values as bytes, and JSON as its text."""

    def plain(kind: Any) -> Any:
        if isinstance(kind, Encrypted | EncryptedJson):
            return LargeBinary()
        return Text() if isinstance(kind, Json) else kind

    return table(which.name, *(column(each.name, plain(each.type)) for each in which.c))


def _is_copy(which: Table, row: Any) -> bool:
    return which is facts and row.name == COPY


def _origin(here: Connection) -> str:
    """Of which database this is: what tries the key is like no other's."""
    found = here.execute(select(facts.c.value).where(facts.c.name == KEY_CHECK)).scalar_one_or_none()
    return hashlib.sha256(str(found).encode()).hexdigest()


async def _count_on(here: Connection, there: AsyncConnection) -> None:
    """The server counts on from where the file was: also an id that is gone never comes again."""
    known = text("SELECT name, seq FROM sqlite_sequence")
    given: Mapping[str, int] = {row.name: row.seq for row in here.execute(known)}
    for each in metadata.sorted_tables:
        if any(counted.identity is not None for counted in each.c):
            highest = (await there.execute(select(func.max(each.c.id)))).scalar_one() or 0
            begin = max(highest, given.get(each.name, 0)) + 1
            sequence = cast(func.pg_get_serial_sequence(each.name, "id"), REGCLASS)
            await there.execute(select(func.setval(sequence, begin, false())))
