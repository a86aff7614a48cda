"""The commands about the database. Imports stay inside them: a worker process imports this module, too."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.console import fail, settings_of

if TYPE_CHECKING:
    from sqlalchemy.engine import URL

    from bot.config import Settings
    from bot.storage.rotation import Count

File = Annotated[Path, typer.Argument(metavar="FILE", help="The backup.", dir_okay=False)]

cli = typer.Typer(no_args_is_help=True, help="The database: back it up, check it, put a backup back.")


@cli.command("backup")
def backup(file: File) -> None:
    """Copy the database to a new FILE; the bot may be running."""
    from bot.storage.backup import BackupError, back_up

    database = _database(_settings())
    try:
        back_up(database, file)
    except BackupError as error:
        fail(f"No backup: {error}")
    size = file.stat().st_size / 2**20
    typer.echo(f"{file}: {size:,.1f} MB. Keep it apart from the key; without the key nobody reads it.")


@cli.command("check")
def check(
    file: Annotated[Path | None, typer.Argument(metavar="[FILE]", help="A backup.")] = None,
) -> None:
    """Look whether the database, or the backup in FILE, is whole; the bot may be running."""
    import asyncio

    from bot.config import SettingsError
    from bot.findings import Finding, all_well, wrong
    from bot.keys import LOST, existing_keys
    from bot.storage.examine import examine
    from bot.storage.examine_server import examine_server

    settings = _settings()
    server = None if file is not None else _server(settings)

    def look(keys: list[str] | None) -> list[Finding]:
        if server is not None:
            return asyncio.run(examine_server(server, keys))
        return examine(file or _database(settings), keys)

    try:
        findings = look(existing_keys(settings))
    except SettingsError as error:  # the database itself can be whole all the same
        findings = [*look(None), wrong("key", str(error), f"put the key back; {LOST}")]
    for finding in findings:
        typer.echo(str(finding))
    raise typer.Exit(0 if all_well(findings) else 1)


@cli.command("restore")
def restore(file: File) -> None:
    """Make the backup in FILE the database; the bot must have been stopped. What is there is kept."""
    from datetime import UTC, datetime

    from bot.findings import Level
    from bot.storage.backup import BackupError, put_back
    from bot.storage.engine import DatabaseBusyError, only_writer
    from bot.storage.examine import examine

    settings = _settings()
    database, keys = _database(settings), _keys(settings)
    try:
        with only_writer(settings.database_url):
            findings = examine(file, keys)
            bad = [finding for finding in findings if finding.level is Level.WRONG]
            for finding in bad:
                typer.echo(str(finding), err=True)
            if bad:
                fail(f"{file} was not put back, and nothing was changed")
            kept = put_back(file, database, datetime.now(UTC))
    except DatabaseBusyError:
        fail(f"{database} is in use; stop the bot first")
    except BackupError as error:
        fail(f"Not put back, and nothing was changed: {error}")
    except OSError as error:
        fail(f"DATABASE_URL: {database}: {error.strerror}")
    typer.echo(f"{database} is now what {file} holds.")
    if kept is not None:
        typer.echo(f"What was there is kept as {kept}; delete it when you need it no more.")


@cli.command("rotate-key")
def rotate_key() -> None:
    """Write all that is stored anew with the first of several keys; the bot must have been stopped."""
    import sqlite3

    from sqlalchemy.exc import DBAPIError

    from bot.storage.engine import DatabaseBusyError
    from bot.storage.trouble import describe
    from bot.storage.types import DataKeyError

    settings = _settings()
    keys, server = _keys(settings), _server(settings)
    name = _database(settings) if server is None else describe(server)
    if len(keys) < 2:
        fail("There is one key only; put the new one before it (DATA_KEY=new,old, or lines of the key file)")
    try:
        count = _rotated(settings, keys)
    except DatabaseBusyError:
        fail(f"{name} is in use; stop the bot first")
    except DataKeyError as error:
        fail(f"DATA_KEY: {error}")
    except (sqlite3.Error, DBAPIError, OSError) as error:
        fail(f"{name}: {type(error).__name__}; what was done so far stays, run it again")
    if count.lost:
        fail(f"{count.older} values were written anew, but {count.lost} are opened by none of these keys")
    typer.echo(f"{count.older} values were written anew, {count.newest} had the new key already.")
    typer.echo("Look with “db check”; then the old key may go, but older backups still need it.")


@cli.command("copy")
def copy(
    source: Annotated[str, typer.Argument(metavar="FROM", help="Its DATABASE_URL: an SQLite file.")],
    target: Annotated[str, typer.Argument(metavar="TO", help="The new one: a PostgreSQL server.")],
) -> None:
    """Copy everything from a file to a server; the bot must have been stopped. FROM stays as it is."""
    import asyncio

    from sqlalchemy.engine import make_url

    from bot.config import SettingsError, checked_database
    from bot.findings import Level
    from bot.storage.copying import CopyError, Sum, copy_over
    from bot.storage.engine import DatabaseBusyError, file_of, only_writer
    from bot.storage.examine import version_of
    from bot.storage.migrate import MigrationError
    from bot.storage.trouble import DatabaseTroubleError

    try:
        file, url = file_of(checked_database(source, "FROM")), make_url(checked_database(target, "TO"))
    except SettingsError as error:
        fail(str(error))
    if file is None or url.get_backend_name() == "sqlite":
        fail("FROM has to be an SQLite file, TO a database on a PostgreSQL server (for others: pg_dump)")
    if not file.is_file():
        fail(f"FROM: {file} is not there")
    copied: list[Sum] = []

    def said(table: str, made: Sum) -> None:
        copied.append(made)
        typer.echo(f"{table:<18} {made.rows:>9,} rows, sum {str(made)[:16]}")

    try:
        with only_writer(source):
            version = version_of(file)
            if version.level is not Level.OK:
                fail(f"FROM: {version.says}; {version.mend or 'start the bot on it once'}")
            asyncio.run(copy_over(file, url, said))
    except DatabaseBusyError as error:
        fail(f"{error} is in use; stop the bot first")
    except (CopyError, MigrationError, DatabaseTroubleError) as error:
        fail(f"Not copied: {error}")
    rows = sum(each.rows for each in copied)
    typer.echo(f"{rows:,} rows were copied, read again, and are the same.")
    typer.echo("Now set DATABASE_URL to it; the key stays as it is.")


def _rotated(settings: "Settings", keys: list[str]) -> "Count":
    """Which columns there are is known for the newest version alone."""
    import asyncio

    from bot.findings import Level
    from bot.storage.engine import only_writer
    from bot.storage.examine import version_of
    from bot.storage.examine_server import examine_server
    from bot.storage.rotation import rotate
    from bot.storage.rotation_server import rotate as rotate_server

    def said(table: str, values: int) -> None:
        typer.echo(f"{table}: {values} values")

    server = _server(settings)
    if server is not None:
        for found in asyncio.run(examine_server(server, None)):
            if found.level is not Level.OK:
                fail(f"{found.says}; {found.mend or 'start the bot once'}")
        return asyncio.run(rotate_server(server, keys, said))
    database = _database(settings)
    with only_writer(settings.database_url):
        if not database.is_file():
            fail(f"{database} is not there")
        version = version_of(database)
        if version.level is not Level.OK:
            fail(f"{version.says}; {version.mend or 'start the bot once'}")
        return rotate(database, keys, said)


def _settings() -> "Settings":
    from bot import config

    return settings_of(config.load)


def _database(settings: "Settings") -> Path:
    from bot.storage.engine import file_of

    file = file_of(settings.database_url)
    if file is None:
        fail(
            "DATABASE_URL: this is for a database in a file; one on PostgreSQL is backed up with pg_dump and "
            "put back with pg_restore (docs/operating.md)"
        )
    return file


def _server(settings: "Settings") -> "URL | None":
    """Where the database is, if it is on a server."""
    from sqlalchemy.engine import make_url

    url = make_url(settings.database_url)
    return None if url.get_backend_name() == "sqlite" else url


def _keys(settings: "Settings") -> list[str]:
    from bot.keys import existing_keys

    return settings_of(lambda: existing_keys(settings))
