"""What every repository shares: the connection of its unit of work, portable upserts, lists in conditions.

Statements that each tap needs are made once, as constants with parameters: to make one takes longer than
SQLite takes to carry it out.
"""

from typing import Any

from sqlalchemy import ColumnElement, Table, bindparam
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


def among(column: ColumnElement[Any], parameter: str) -> ColumnElement[bool]:
    """Whether the column's value is one of those given as `parameter`."""
    return column.in_(bindparam(parameter, expanding=True))


class Repository:
    """Reads and writes one kind of thing on the connection of a unit of work. Never commits."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    def _insert(self, table: Table) -> Any:
        """An INSERT that knows ON CONFLICT: both databases have it, under two names."""
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        return dialect.insert(table)
