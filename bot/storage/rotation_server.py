"""Writing anew, with the newest key, what is stored on a server with an older one.

In batches, a transaction each: broken off, it is simply run again. What the newest key opens is left alone.
"""

from collections.abc import AsyncIterator, Callable, Sequence
from typing import Any

from sqlalchemy import LargeBinary, NullPool, Row, Table, literal, select, text, tuple_, type_coerce, update
from sqlalchemy.engine import URL
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.intake_log import KEY_CHECK
from bot.storage.metadata import metadata
from bot.storage.postgres import open_server
from bot.storage.queue_tables import facts
from bot.storage.rotation import BATCH, SEALED, Count, KeyRing


async def count_keys(connection: AsyncConnection, keys: Sequence[str]) -> Count:
    """Which keys what is stored needs. Raises DataKeyError for what is no key."""
    ring = KeyRing(keys)
    for name, columns in SEALED.items():
        async for rows in _batches(connection, metadata.tables[name], columns):
            for row in rows:
                for token in row[-len(columns) :]:
                    if token is not None:
                        ring.renewed(token)
    return ring.count


async def rotate(url: URL, keys: Sequence[str], said: Callable[[str, int], None] = lambda *_: None) -> Count:
    """Write everything anew with the first key.

    `said` hears of each table how many values were written anew. Raises DataKeyError, DatabaseBusyError while
    a bot works with it, DBAPIError, OSError.
    """
    ring = KeyRing(keys)
    engine = open_server(url)
    try:
        for name, columns in SEALED.items():
            before = ring.count.older
            await _renew_table(engine.connect, metadata.tables[name], columns, ring)
            if ring.count.older > before:
                said(name, ring.count.older - before)
                await _without_old_rows(url, name)
        # Last, for it stands for all of them: until then the old key is asked for at a start.
        if not ring.count.lost:
            async with engine.begin() as connection:
                await _renew_check(connection, KeyRing(keys))
    finally:
        await engine.dispose()
    return ring.count


async def _renew_table(
    connect: Callable[[], AsyncConnection], table: Table, columns: Sequence[str], ring: KeyRing
) -> None:
    async with connect() as connection:
        async for rows in _batches(connection, table, columns):
            for row in rows:
                tokens = zip(columns, row[-len(columns) :], strict=True)
                fresh = {name: ring.renewed(token) for name, token in tokens if token is not None}
                values = {name: type_coerce(token, LargeBinary) for name, token in fresh.items() if token}
                if values:
                    which = (key == value for key, value in zip(table.primary_key, row, strict=False))
                    await connection.execute(update(table).where(*which).values(values))
            await connection.commit()


async def _batches(
    connection: AsyncConnection, table: Table, columns: Sequence[str]
) -> AsyncIterator[Sequence[Row[Any]]]:
    """The key and the values as they are stored, some rows at a time."""
    keys = list(table.primary_key)
    sealed = [type_coerce(table.c[name], LargeBinary).label(f"sealed_{name}") for name in columns]
    query = select(*keys, *sealed).order_by(*keys).limit(BATCH)
    rows = (await connection.execute(query)).all()
    while rows:
        yield rows
        last = [literal(value, key.type) for key, value in zip(keys, rows[-1], strict=False)]
        rows = (await connection.execute(query.where(tuple_(*keys) > tuple_(*last)))).all()


async def _without_old_rows(url: URL, table: str) -> None:
    """What was written before stays until the server needs the room; in a table written anew it is gone."""
    engine = open_server(url, alone=False, poolclass=NullPool)
    async with engine.connect() as connection:
        await connection.execution_options(isolation_level="AUTOCOMMIT")
        await connection.execute(text(f"VACUUM FULL {table}"))


async def _renew_check(connection: AsyncConnection, ring: KeyRing) -> None:
    query = select(facts.c.value).where(facts.c.name == KEY_CHECK)
    sealed = (await connection.execute(query)).scalar_one_or_none()
    fresh = None if sealed is None else ring.renewed(str(sealed).encode())
    if fresh is not None:
        await connection.execute(update(facts).where(facts.c.name == KEY_CHECK).values(value=fresh.decode()))
