"""What every command of the command line does alike."""

from collections.abc import Callable
from typing import NoReturn, TypeVar

import typer

T = TypeVar("T")


def settings_of(load: Callable[[], T]) -> T:
    """The settings; what is set wrongly ends the command with one line."""
    from bot.config import SettingsError

    try:
        return load()
    except SettingsError as error:
        fail(str(error))


def fail(line: str) -> NoReturn:
    """End with one line that says what is wrong, and how to mend it."""
    typer.echo(line, err=True)
    raise SystemExit(2)
