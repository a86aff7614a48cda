"""SQLite by aiosqlite, with one trip to its thread a statement instead of four.

aiosqlite does each step of a statement (make a cursor, execute, fetch, close) as a task of its own in the
connection's thread, and every trip there and back costs more than most statements do. Here the steps are
made together, and all rows are brought along: SQLAlchemy reads them all at once in any case.
"""

import sqlite3
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Self

from aiosqlite import Connection

__all__ = ["OneHopConnection"]


class _Cursor:
    """As much of aiosqlite's cursor as SQLAlchemy uses. Kept in shape by test_one_hop."""

    arraysize = 1

    def __init__(self, connection: "OneHopConnection") -> None:
        self._connection = connection
        self._rows: Sequence[Any] = ()
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    async def execute(self, statement: str, parameters: Any = ()) -> Self:
        await self._connection.run(self._do, sqlite3.Cursor.execute, statement, parameters)
        return self

    async def executemany(self, statement: str, parameters: Any) -> Self:
        await self._connection.run(self._do, sqlite3.Cursor.executemany, statement, parameters)
        return self

    def _do(self, how: Any, statement: str, parameters: Any) -> None:
        """In the connection's thread."""
        cursor = self._connection.plain.cursor()
        try:
            how(cursor, statement, parameters)
            self.description = cursor.description
            self._rows = cursor.fetchall() if cursor.description else ()
            self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        finally:
            cursor.close()

    async def fetchall(self) -> Sequence[Any]:
        rows, self._rows = self._rows, ()
        return rows

    async def close(self) -> None: ...


class OneHopConnection(Connection):
    """For `create_async_engine(…, async_creator=…)`."""

    @property
    def plain(self) -> sqlite3.Connection:
        return self._conn

    async def run(self, work: Any, *given: Any) -> Any:
        """Do this in the connection's thread."""
        return await self._execute(work, *given)  # type: ignore[no-untyped-call]

    def cursor(self) -> Any:
        return _Cursor(self)


async def connect(file: str) -> OneHopConnection:
    """Open a database file."""
    connection = OneHopConnection(lambda: sqlite3.connect(file, check_same_thread=False), 64)
    connection._thread.daemon = True  # as SQLAlchemy does it: a forgotten connection does not hang the exit
    await connection
    return connection
