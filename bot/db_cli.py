"""The commands about the database. Imports stay inside them: a worker process imports this module, too."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.console import fail, settings_of

if TYPE_CHECKING:
    from bot.config import Settings

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
    from bot.config import SettingsError
    from bot.findings import all_well, wrong
    from bot.keys import LOST, existing_keys
    from bot.storage.examine import examine

    settings = _settings()
    database = file or _database(settings)
    try:
        findings = examine(database, existing_keys(settings))
    except SettingsError as error:  # the file itself can be whole all the same
        findings = [*examine(database, None), wrong("key", str(error), f"put the key back; {LOST}")]
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

    from bot.storage.engine import DatabaseBusyError, only_writer
    from bot.storage.rotation import rotate
    from bot.storage.types import DataKeyError

    settings = _settings()
    database, keys = _database(settings), _keys(settings)
    if len(keys) < 2:
        fail("There is one key only; put the new one before it (DATA_KEY=new,old, or lines of the key file)")
    try:
        with only_writer(settings.database_url):
            _check_version(database)
            count = rotate(database, keys, lambda table, values: typer.echo(f"{table}: {values} values"))
    except DatabaseBusyError:
        fail(f"{database} is in use; stop the bot first")
    except DataKeyError as error:
        fail(f"DATA_KEY: {error}")
    except sqlite3.Error as error:
        fail(f"{database}: {type(error).__name__}; what was done so far stays, run it again")
    if count.lost:
        fail(f"{count.older} values were written anew, but {count.lost} are opened by none of these keys")
    typer.echo(f"{count.older} values were written anew, {count.newest} had the new key already.")
    typer.echo("Look with “db check”; then the old key may go, but older backups still need it.")


def _check_version(database: Path) -> None:
    """Which columns there are is known for the newest version alone."""
    from bot.findings import Level
    from bot.storage.examine import version_of

    if not database.is_file():
        fail(f"{database} is not there")
    found = version_of(database)
    if found.level is not Level.OK:
        fail(f"{found.says}; {found.mend or 'start the bot once'}")


def _settings() -> "Settings":
    from bot import config

    return settings_of(config.load)


def _database(settings: "Settings") -> Path:
    from bot.storage.engine import file_of

    file = file_of(settings.database_url)
    if file is None:
        fail("DATABASE_URL: there is no file behind it")
    return file


def _keys(settings: "Settings") -> list[str]:
    from bot.keys import existing_keys

    return settings_of(lambda: existing_keys(settings))
