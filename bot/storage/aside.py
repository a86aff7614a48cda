"""Reading beside the bot, on a connection of its own that cannot write: nobody waits for it."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine, NullPool, create_engine
from sqlalchemy.engine import URL

from bot.storage.postgres import open_server

T = TypeVar("T")


def read_aside(url: URL, work: Callable[[Connection], T]) -> T:
    """Blocks: for a thread. All is read as it was at one instant."""
    if url.get_backend_name() == "sqlite":
        with reader(Path(str(url.database))).connect() as connection:
            return work(connection)
    return asyncio.run(_of_server(url, work))  # a loop for this thread


def reader(file: Path) -> Engine:
    """For connections to this file that only read."""
    address = f"sqlite:///{file.absolute().as_uri()}?mode=ro&uri=true"
    return create_engine(address, poolclass=NullPool, hide_parameters=True)


async def _of_server(url: URL, work: Callable[[Connection], T]) -> T:
    engine = open_server(url, alone=False, poolclass=NullPool)
    snapshot = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
    async with engine.connect() as connection:
        await connection.execution_options(**snapshot)
        return await connection.run_sync(work)
