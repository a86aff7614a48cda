"""PostgreSQL: how a connection is made, and what it holds while it is there.

Any number of StillHeres work with one database. Whoever writes holds a lock together with all others; whoever
changes what the tables are, or all of what is in them, holds it alone. One of them is the sender
(docs/decisions/0026). These locks belong to the connections that write, so whoever can write holds them, also
after the server was started anew; they go with their connection, at kill -9 too.
"""

import asyncio
import socket
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.storage.trouble import DatabaseBusyError, OutdatedError, describe

LOCK = 0x5374_696C_6C48_6572
"""“StillHer”: of an advisory lock, which is known by a number alone. Locks of other databases are others."""
SENDER = LOCK + 1
PATIENCE = 5.0
"""Seconds; so long a statement waits for what another program locks."""
LOOKING = 0.1
TRIES = 30
"""So often, so far apart (s), the lock is asked for: the server may not know yet that its holder is gone."""
CONNECTING = 10.0
"""Seconds."""
IDLE = 10.0
"""Seconds; a transaction in which nothing happens for so long is broken off by the server: a StillHere that
hangs in the middle of one keeps the others no longer from these people."""
KEEPALIVE = {"TCP_KEEPIDLE": 15, "TCP_KEEPINTVL": 5, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 30_000}
"""Both sides notice after half a minute that the other is gone. Seconds, times, and milliseconds."""
SETTINGS = {
    "application_name": "stillhere",
    "timezone": "UTC",
    "lock_timeout": f"{PATIENCE * 1000:.0f}",
    "idle_in_transaction_session_timeout": f"{IDLE * 1000:.0f}",
    "tcp_keepalives_idle": str(KEEPALIVE["TCP_KEEPIDLE"]),
    "tcp_keepalives_interval": str(KEEPALIVE["TCP_KEEPINTVL"]),
    "tcp_keepalives_count": str(KEEPALIVE["TCP_KEEPCNT"]),
    "jit": "off",  # it pays for reports, not for statements of a millisecond
}
LEASE = 3.5
"""Seconds: a sender that says nothing for so long has its connection ended by the server."""
OF_THE_SENDER = SETTINGS | {
    "application_name": "stillhere sender",
    "lock_timeout": "2000",
    "idle_session_timeout": f"{LEASE * 1000:.0f}",
    "idle_in_transaction_session_timeout": f"{LEASE * 1000:.0f}",
    "tcp_keepalives_idle": "1",
    "tcp_keepalives_interval": "1",
    "tcp_keepalives_count": "3",
}
ASKING = 0.25
"""Seconds from one time to the next that a replica asks whether the sender's place is free."""
_REVISION = "SELECT version_num FROM alembic_version"


class Hold(Enum):
    """What a connection holds of the lock."""

    NOTHING = 0
    SHARED = 1
    """It writes, and so do others."""
    ALONE = 2


@dataclass
class Place:
    """The sender's. A connection waits for it while `open`; else it does without, and is none."""

    open: bool = False


@dataclass(frozen=True)
class Terms:
    """What a connection is had on. `revision`: of the tables; with others it is none."""

    hold: Hold = Hold.ALONE
    revision: str | None = None
    place: Place | None = None


def open_server(
    url: URL,
    hold: Hold = Hold.ALONE,
    *,
    revision: str | None = None,
    place: Place | None = None,
    **more: Any,
) -> AsyncEngine:
    """An engine with one connection, which is had only together with the lock, and with the `place`.

    Its isolation is READ COMMITTED (docs/decisions/0024). Connecting raises DatabaseBusyError where somebody
    else holds the lock or the place, OutdatedError where the tables are of another `revision`.
    """
    engine = create_async_engine(
        url,
        async_creator=partial(_connect, url, Terms(hold, revision, place)),
        isolation_level="READ COMMITTED",
        hide_parameters=True,
        **(more or {"pool_size": 1, "max_overflow": 0, "pool_timeout": 60}),
    )

    @event.listens_for(engine.sync_engine, "checkout")
    def _is_there(connection: Any, _record: Any, _proxy: Any) -> None:
        # What the driver knows costs nothing; a question to the server would be a trip each time.
        if connection.driver_connection.is_closed():
            raise DisconnectionError

    return engine


def arguments(url: URL, settings: dict[str, str] = SETTINGS) -> dict[str, Any]:
    """What asyncpg is to be called with."""
    dialect: Any = url.get_dialect()()
    given: dict[str, Any] = dialect.create_connect_args(url)[1]
    return given | {"timeout": CONNECTING, "server_settings": settings}


async def _connect(url: URL, terms: Terms) -> Any:
    import asyncpg

    if terms.place is not None and not terms.place.open:
        raise DatabaseBusyError(describe(url))
    settings = SETTINGS if terms.place is None else OF_THE_SENDER
    connection = await asyncpg.connect(**arguments(url, settings))
    _keep_alive(connection, settings)
    try:
        if terms.hold is Hold.ALONE and not await held(connection):
            raise DatabaseBusyError(describe(url))
        if terms.hold is Hold.SHARED:
            await _share(connection, terms.revision)
        if terms.place is not None:
            await _wait_for(connection, terms.place)
    except BaseException:
        connection.terminate()
        raise
    return connection


async def _share(connection: Any, revision: str | None) -> None:
    """Raises OutdatedError: while the lock is held, nobody changes the revision any more."""
    await connection.execute(f"SELECT pg_advisory_lock_shared({LOCK})")
    if revision is not None and await connection.fetchval(_REVISION) != revision:
        raise OutdatedError


async def _wait_for(connection: Any, place: Place) -> None:
    while not await connection.fetchval("SELECT pg_try_advisory_lock($1)", SENDER):
        if not place.open:
            raise DatabaseBusyError
        await asyncio.sleep(ASKING)


def _keep_alive(connection: Any, settings: dict[str, str]) -> None:
    """A server that lost its power says nothing: without this its answer would be waited for for ever."""
    found = connection._transport.get_extra_info("socket")
    if found.family not in (socket.AF_INET, socket.AF_INET6):
        return
    found.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    brisk = settings is OF_THE_SENDER
    values = KEEPALIVE if not brisk else dict(zip(KEEPALIVE, (1, 1, 3, round(LEASE * 1000)), strict=True))
    for name, value in values.items():
        if hasattr(socket, name):
            found.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


async def held(connection: Any, tries: int | None = None) -> bool:
    """Ask for the lock, alone, so often; whether it was given."""
    for _ in range(TRIES if tries is None else tries):
        if await connection.fetchval("SELECT pg_try_advisory_lock($1)", LOCK):
            return True
        await asyncio.sleep(LOOKING)
    return False


async def holder(url: URL) -> bool:
    """Whether somebody holds the lock; asked without taking it."""
    import asyncpg

    query = (
        "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND objsubid = 1 AND granted"
        " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
        " AND (classid::bigint << 32) + objid::bigint = $1)"
    )
    connection = await asyncpg.connect(**arguments(url))
    try:
        return bool(await connection.fetchval(query, LOCK))
    finally:
        await connection.close()
