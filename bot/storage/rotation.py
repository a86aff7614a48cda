"""Writing anew, with the newest key, what is stored with an older one.

In batches, a transaction each: broken off, it is simply run again. What the newest key opens is left alone.
"""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import orjson
from cryptography.fernet import Fernet, InvalidToken, MultiFernet

from bot.storage import couple_tables, queue_tables, tables  # noqa: F401 - all tables have to be known
from bot.storage.intake_log import KEY_CHECK
from bot.storage.metadata import metadata
from bot.storage.types import DataKeyError, Encrypted, EncryptedJson

BATCH = 500
"""Rows of one transaction."""

SEALED: dict[str, tuple[str, ...]] = {
    table.name: columns
    for table in metadata.sorted_tables
    if (columns := tuple(c.name for c in table.c if isinstance(c.type, Encrypted | EncryptedJson)))
}
"""Every column that holds what people write, by its table."""


@dataclass
class Count:
    """Values, by the key that opens them."""

    newest: int = 0
    older: int = 0
    lost: int = 0
    """opened by none of the keys"""


class KeyRing:
    """The keys as they are given: the first one writes."""

    def __init__(self, keys: Sequence[str]) -> None:
        try:
            fernets = [Fernet(key) for key in keys]
        except ValueError as error:
            raise DataKeyError("a data key must be 32 bytes, url-safe base64") from error
        self._newest, self._all = fernets[0], MultiFernet(fernets)
        self.count = Count()

    def renewed(self, token: bytes) -> bytes | None:
        """The same under the newest key; None if it is so already, or if no key opens it."""
        try:
            self._newest.decrypt(token)
        except InvalidToken:
            pass
        else:
            self.count.newest += 1
            return None
        try:
            fresh = self._all.rotate(token)
        except InvalidToken:
            self.count.lost += 1
            return None
        self.count.older += 1
        return fresh


def count_keys(connection: sqlite3.Connection, keys: Sequence[str]) -> Count:
    """Which keys what is stored needs. Raises DataKeyError for what is no key, sqlite3.Error."""
    ring = KeyRing(keys)
    for table, columns in SEALED.items():
        for rows in _batches(connection, table, columns):
            for _, *values in rows:
                for token in values:
                    if token is not None:
                        ring.renewed(token)
    return ring.count


def rotate(file: Path, keys: Sequence[str], said: Callable[[str, int], None] = lambda *_: None) -> Count:
    """Write everything anew with the first key. Nobody else may have the file open.

    `said` hears of each table how many values were written anew. Raises DataKeyError, sqlite3.Error.
    """
    ring = KeyRing(keys)
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA secure_delete=ON")
        for table, columns in SEALED.items():
            before = ring.count.older
            for rows in _batches(connection, table, columns):
                _renew(connection, table, columns, rows, ring)
            if ring.count.older > before:
                said(table, ring.count.older - before)
        # Last, for it stands for all of them: until then the old key is asked for at a start.
        if not ring.count.lost:
            _renew_check(connection, KeyRing(keys))
        # The log holds what was written before; so would a copy of it.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return ring.count


def _batches(
    connection: sqlite3.Connection, table: str, columns: Sequence[str]
) -> Iterator[list[tuple[int, *tuple[bytes | None, ...]]]]:
    """`rowid` and the values, some rows at a time; names are the tables' own, nobody gives them."""
    query = f"SELECT rowid, {', '.join(columns)} FROM {table} WHERE rowid > ? ORDER BY rowid LIMIT ?"
    last = -1
    while rows := connection.execute(query, (last, BATCH)).fetchall():
        last = rows[-1][0]
        yield rows


def _renew(
    connection: sqlite3.Connection,
    table: str,
    columns: Sequence[str],
    rows: Sequence[tuple[int, *tuple[bytes | None, ...]]],
    ring: KeyRing,
) -> None:
    """One batch, in one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        for rowid, *values in rows:
            for column, token in zip(columns, values, strict=True):
                fresh = None if token is None else ring.renewed(token)
                if fresh is not None:
                    statement = f"UPDATE {table} SET {column} = ? WHERE rowid = ?"
                    connection.execute(statement, (fresh, rowid))
        connection.execute("COMMIT")
    except BaseException:
        connection.execute("ROLLBACK")
        raise


def _renew_check(connection: sqlite3.Connection, ring: KeyRing) -> None:
    row = connection.execute("SELECT value FROM facts WHERE name = ?", (KEY_CHECK,)).fetchone()
    fresh = None if row is None else ring.renewed(str(orjson.loads(row[0])).encode())
    if fresh is not None:
        value = orjson.dumps(fresh.decode()).decode()
        connection.execute("UPDATE facts SET value = ? WHERE name = ?", (value, KEY_CHECK))
