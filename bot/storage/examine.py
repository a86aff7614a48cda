"""Looking into a database file, without changing it and without disturbing a bot that has it open."""

import sqlite3
from collections.abc import Sequence
from pathlib import Path

import orjson

from bot.findings import Finding, Level, ok, warn, wrong
from bot.keys import LOST
from bot.storage.backup import reading
from bot.storage.intake_log import KEY_CHECK
from bot.storage.migrate import known_revisions, newest_revision
from bot.storage.rotation import Count, count_keys
from bot.storage.trouble import Trouble, trouble_of
from bot.storage.types import DataKeyError, Vault


def examine(file: Path, keys: Sequence[str] | None, *, quick: bool = False) -> list[Finding]:
    """Whether it is whole, of what version, and whether the key fits. It may take its time.

    `quick` leaves out comparing every index with its table. Without `keys` nothing is said about them.
    """
    if not file.is_file():
        return [wrong("integrity", f"{file} is not there")]
    try:
        with reading(file) as connection:
            found = [_integrity(connection, quick=quick), _references(connection), _version(connection)]
            return found if keys is None else [*found, _key(connection, keys, found[-1], quick=quick)]
    except sqlite3.Error as error:
        trouble = trouble_of(error)
        if trouble is None:
            return [wrong("integrity", f"{file} cannot be read ({type(error).__name__})")]
        return [wrong("integrity", f"{file}: {trouble.words}", trouble.mend)]


def version_of(file: Path) -> Finding:
    """Whether it is of the version that this StillHere works with. Raises sqlite3.Error."""
    with reading(file) as connection:
        return _version(connection)


def _integrity(connection: sqlite3.Connection, *, quick: bool) -> Finding:
    pragma = "quick_check" if quick else "integrity_check"
    faults = [row[0] for row in connection.execute(f"PRAGMA {pragma}(100)")]
    if faults == ["ok"]:
        return ok("integrity", "the file is whole")
    return wrong("integrity", f"the file is damaged in {len(faults)} places or more", Trouble.DAMAGED.mend)


def _references(connection: sqlite3.Connection) -> Finding:
    tables = sorted({str(row[0]) for row in connection.execute("PRAGMA foreign_key_check")})
    if not tables:
        return ok("references", "no row points nowhere")
    return wrong("references", f"rows of {', '.join(tables)} point nowhere", "put a backup back")


def _version(connection: sqlite3.Connection) -> Finding:
    there = "SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'"
    row = None
    if connection.execute(there).fetchone():
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    if row is None:
        return wrong("migrations", "this is no database of StillHere")
    return of_revision(str(row[0]))


def of_revision(revision: str) -> Finding:
    """Whether this StillHere can work with it."""
    newest = newest_revision()
    if revision == newest:
        return ok("migrations", f"{revision}, that of this StillHere")
    if revision in known_revisions():
        return warn("migrations", f"{revision}, older than {newest}", "the next start brings it up to date")
    return wrong("migrations", f"{revision} is newer than this StillHere ({newest})", "update StillHere")


def _key(connection: sqlite3.Connection, keys: Sequence[str], version: Finding, *, quick: bool) -> Finding:
    there = "SELECT 1 FROM sqlite_master WHERE name = 'facts'"
    row = None
    if connection.execute(there).fetchone():
        row = connection.execute("SELECT value FROM facts WHERE name = ?", (KEY_CHECK,)).fetchone()
    if row is None:
        return warn("key", "nothing was written with any key yet")
    fits = of_key(orjson.loads(row[0]), keys)
    # Columns are looked for where this version has them.
    if quick or not version.level is fits.level is Level.OK:
        return fits
    return every_value(count_keys(connection, keys), alone=len(keys) == 1)


def of_key(sealed: str, keys: Sequence[str]) -> Finding:
    """Whether one of these keys opens what was sealed to try it by."""
    vault = Vault()
    try:
        vault.unlock(keys)
        vault.open(sealed.encode())
    except DataKeyError:
        mend = f"use the key it was written with (DATA_KEY, DATA_KEY_FILE); {LOST}"
        return wrong("key", "this key does not open what is stored", mend)
    return ok("key", "it opens what is stored")


def every_value(count: Count, *, alone: bool) -> Finding:
    """Whether an older key can go, or one is missing."""
    if count.lost:
        mend = "add the key they were written with (DATA_KEY=new,old, or lines of the key file)"
        return wrong("key", f"{count.lost} values are opened by none of the keys", mend)
    if count.older:
        mend = "stop the bot, then: python -m bot db rotate-key"
        return warn("key", f"{count.older} values still need an older key than the first", mend)
    if alone:
        return ok("key", "it opens what is stored")
    return ok("key", "the first key opens all that is stored; the others may go (older backups need theirs)")
