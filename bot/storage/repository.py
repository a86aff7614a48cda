"""What every repository shares: the connection of its unit of work, and portable upserts."""

from typing import Any

from sqlalchemy import Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.ext.asyncio import AsyncConnection


class Repository:
    """Reads and writes one kind of thing on the connection of a unit of work. Never commits."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection

    def _insert(self, table: Table) -> Any:
        """An INSERT that knows ON CONFLICT: both databases have it, under two names."""
        dialect = postgresql if self._connection.dialect.name == "postgresql" else sqlite
        return dialect.insert(table)
