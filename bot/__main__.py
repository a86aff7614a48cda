"""The command line. Imports stay inside the commands: a worker process imports this module, too."""

import asyncio
import gc
import os
import signal
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from bot import __version__, content_cli, db_cli
from bot.console import fail, settings_of

if TYPE_CHECKING:
    from bot.play import Opening

cli = typer.Typer(
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
)
cli.add_typer(content_cli.cli, name="content")
cli.add_typer(db_cli.cli, name="db")


def _say_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"StillHere {__version__}")
        raise typer.Exit


@cli.callback()
def _any_command(
    version: Annotated[
        bool,
        typer.Option("--version", is_eager=True, callback=_say_version, help="Say which this is."),
    ] = False,
) -> None:
    """StillHere: a Telegram bot for two people."""


@cli.command()
def run(
    until_input_ends: Annotated[
        bool, typer.Option(hidden=True, help="Stop when standard input is closed.")
    ] = False,
) -> None:
    """Run the bot; without TELEGRAM_TOKEN, the playground on this machine."""
    gc.disable()  # what starting makes stays: looking through it for cycles takes a fifth of the time
    from bot import config

    if not config.has_token():
        playground()
    from bot import app

    settings = settings_of(config.load)
    _exit(_until_stopped(lambda stop: app.run(settings, stop), watch_input=until_input_ends))


@cli.command()
def playground(
    *,
    folder: Annotated[Path | None, typer.Option(help="Where it keeps its people and chats.")] = None,
    port: Annotated[int | None, typer.Option(help="0 takes any free port.")] = None,
    frozen: Annotated[bool, typer.Option(help="Let the clock stand still until it is moved.")] = False,
    at: Annotated[str | None, typer.Option(help="The time a new playground begins at (ISO).")] = None,
    scene: Annotated[
        str | None, typer.Option(help="Begin with: first-contact, linked-couple, in-a-break, three-months.")
    ] = None,
    script: Annotated[Path | None, typer.Option(help="A transcript (YAML) to play on the page.")] = None,
    locale: Annotated[str | None, typer.Option(help="The language of the scene or the transcript.")] = None,
) -> None:
    """Two phones on a page, and the real bot: nothing leaves this machine.

    A scene and a transcript are played in a world of their own, which ends with the command, unless
    --folder names an empty one.
    """
    from datetime import datetime
    from tempfile import TemporaryDirectory

    from bot import config
    from bot.play import play
    from bot.serving import PortTaken

    settings = settings_of(config.load_playground)
    opening = _opening(scene, script, locale)
    own = TemporaryDirectory(prefix="stillhere-") if opening and folder is None else None
    where = Path(own.name) if own else (folder or settings.playground_dir).absolute()
    if opening and (where / "playground.json").exists():
        fail(f"--folder: {where} holds a world already; choose an empty one, or leave it out")
    on = settings.port if port is None else port
    try:
        begin = None if at is None else datetime.fromisoformat(at)
    except ValueError:
        fail(f"--at: “{at}” is no time; write it like 2026-03-02T18:40+01:00")
    try:
        _exit(
            _until_stopped(
                lambda stop: play(
                    where,
                    on,
                    stop,
                    frozen=frozen,
                    start=begin,
                    content=settings.content_dir,
                    opening=opening,
                )
            )
        )
    except PortTaken as error:
        fail(f"PORT: {on} cannot be used ({error}); choose another: PORT={on + 1} make run")
    except OSError as error:
        fail(f"PLAYGROUND_DIR: {where} cannot be used ({error.strerror})")
    finally:
        if own:
            own.cleanup()


def _opening(scene: str | None, script: Path | None, locale: str | None) -> "Opening | None":
    """What the playground shall begin with, if anything."""
    import yaml

    from bot.playground.script.errors import TranscriptError
    from bot.playground.script.scenes import SCENES
    from bot.playground.script.transcript import load

    if scene is None and script is None:
        return None
    if scene is not None and script is not None:
        fail("--scene and --script do not go together; choose one")
    if script is None:
        if scene not in SCENES:
            fail(f"--scene: there is no “{scene}”; there are: {', '.join(SCENES)}")
        return lambda director: director.begin(scene, locale or "en")
    try:
        transcript = load(script)
    except (OSError, KeyError, TypeError, yaml.YAMLError, TranscriptError) as error:
        fail(f"--script: {script} cannot be read ({error})")
    chosen = locale or transcript.locales[0]
    if chosen not in transcript.locales:
        fail(f"--locale: {script} is not written for “{chosen}”, but for: {', '.join(transcript.locales)}")
    return lambda director: director.show(transcript, chosen)


@cli.command()
def doctor() -> None:
    """Look at token, network, database, key, content and disk: a line each. The bot may be running."""
    from bot import config
    from bot import doctor as doctors
    from bot.findings import all_well, wrong

    try:
        settings = config.load()
    except config.SettingsError as error:
        typer.echo(str(wrong("settings", str(error))))
        _exit(1)
    findings = asyncio.run(doctors.look(settings))
    for finding in findings:
        typer.echo(str(finding))
    _exit(0 if all_well(findings) else 1)


@cli.command()
def alive() -> None:
    """Ask the running bot at METRICS_PORT whether it is alive: 0 if so, 1 if not. For containers."""
    from http.client import HTTPConnection, HTTPException

    from bot import config

    settings = settings_of(config.load)
    if settings.metrics_port is None:
        fail("METRICS_PORT: is not set, so nobody can be asked; set it for the bot, too")
    everywhere = {"0.0.0.0": "127.0.0.1", "::": "::1"}
    host = everywhere.get(settings.metrics_host, settings.metrics_host)
    connection = HTTPConnection(host, settings.metrics_port, timeout=3)
    try:
        connection.request("GET", "/healthz")
        status = connection.getresponse().status
    except (OSError, HTTPException) as error:
        typer.echo(f"No answer at {host}:{settings.metrics_port} ({type(error).__name__})", err=True)
        _exit(1)
    _exit(0 if status == 200 else 1)


def _until_stopped(
    main: Callable[[asyncio.Event], Awaitable[int | None]], *, watch_input: bool = False
) -> int:
    """Run until Ctrl-C or SIGTERM; the exit code. What the user can mend is one line."""

    async def body() -> int:
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, stop.set)
        if watch_input:
            loop.add_reader(sys.stdin.fileno(), _stop_at_end, stop)
        return await main(stop) or 0

    try:
        return asyncio.run(body())
    except Exception as error:
        line = _mendable(error)
        if line is None:
            raise
        fail(line)


def _stop_at_end(stop: asyncio.Event) -> None:
    if not os.read(sys.stdin.fileno(), 1):
        asyncio.get_running_loop().remove_reader(sys.stdin.fileno())
        stop.set()


def _mendable(error: Exception) -> str | None:
    """One line for what a person can put right; None for anything else."""
    from bot.config import SettingsError
    from bot.domain.errors import ContentInvalid
    from bot.playground.errors import DamagedFolder
    from bot.storage.engine import DatabaseBusyError
    from bot.storage.trouble import DatabaseTroubleError, MigrationError
    from bot.telegram.polling import SecondInstanceError, TokenRefusedError
    from bot.telegram.webhook import WebhookRefusedError

    match error:
        case SettingsError() | DamagedFolder():
            return str(error)
        case ContentInvalid():
            return str(error)
        case DatabaseBusyError():
            return f"DATABASE_URL: {error} is in use by another StillHere; stop that one first"
        case DatabaseTroubleError():
            return f"DATABASE_URL: {error}"
        case MigrationError():
            return f"DATABASE_URL: {error}; nothing was changed"
        case TokenRefusedError():
            return "TELEGRAM_TOKEN: Telegram does not know this token; copy it again from @BotFather"
        case WebhookRefusedError():
            return f"WEBHOOK_URL: Telegram does not take it: {error}"
        case SecondInstanceError():
            return "TELEGRAM_TOKEN: another bot is running with this token; stop one of the two"
    return None


def _exit(code: int) -> NoReturn:
    raise SystemExit(code)


def main() -> None:
    cli()


if __name__ == "__main__":
    main()
