"""PostgreSQL: the one connection of the one process that writes, and who holds it.

The lock that keeps a second StillHere away belongs to the connection that writes, so whoever can write holds
it, also after the server was started anew; it goes with its connection, at kill -9 too.
"""

import asyncio
import socket
from functools import partial
from typing import Any

from sqlalchemy import event
from sqlalchemy.engine import URL
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from bot.storage.trouble import DatabaseBusyError, describe

LOCK = 0x5374_696C_6C48_6572
"""“StillHer”: of an advisory lock, which is known by a number alone. Locks of other databases are others."""
PATIENCE = 5.0
"""Seconds; so long a statement waits for what another program locks."""
LOOKING = 0.1
TRIES = 30
"""So often, so far apart (s), the lock is asked for: the server may not know yet that its holder is gone."""
CONNECTING = 10.0
"""Seconds."""
IDLE = 60.0
"""Seconds; a transaction in which nothing happens for so long is broken off by the server."""
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


def open_server(url: URL, *, alone: bool = True, **more: Any) -> AsyncEngine:
    """An engine with one connection; `alone`: it is had only together with the lock.

    Its isolation is READ COMMITTED (docs/decisions/0024). Connecting raises DatabaseBusyError where somebody
    else holds the lock.
    """
    engine = create_async_engine(
        url,
        async_creator=partial(_connect, url, alone=alone),
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


def arguments(url: URL) -> dict[str, Any]:
    """What asyncpg is to be called with."""
    dialect: Any = url.get_dialect()()
    given: dict[str, Any] = dialect.create_connect_args(url)[1]
    return given | {"timeout": CONNECTING, "server_settings": SETTINGS}


async def _connect(url: URL, *, alone: bool) -> Any:
    import asyncpg

    connection = await asyncpg.connect(**arguments(url))
    _keep_alive(connection)
    try:
        if alone and not await _held(connection):
            raise DatabaseBusyError(describe(url))
    except BaseException:
        connection.terminate()
        raise
    return connection


def _keep_alive(connection: Any) -> None:
    """A server that lost its power says nothing: without this its answer would be waited for for ever."""
    found = connection._transport.get_extra_info("socket")
    if found.family not in (socket.AF_INET, socket.AF_INET6):
        return
    found.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in KEEPALIVE.items():
        if hasattr(socket, name):
            found.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)


async def _held(connection: Any) -> bool:
    for _ in range(TRIES):
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
