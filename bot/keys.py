"""The data key: given in the settings, or kept in a file that only its owner reads."""

import os
from pathlib import Path

from cryptography.fernet import Fernet

from bot.config import Settings, SettingsError

LOST = (
    "if it is lost for good, so is all that people wrote, in backups too: move the database away, begin anew"
)
"""What is true then, and nobody likes to hear; said wherever a key does not fit."""


def load_keys(settings: Settings, database: str | None) -> list[str]:
    """The keys, the writing one first. Makes a key file where there is neither key nor data.

    `database` is where there is data. Raises SettingsError if there is, but no key: a new key would make all
    of it unreadable.
    """
    path = settings.data_key_file
    if not given_keys(settings) and not path.exists():
        if database is not None:
            raise SettingsError(
                f"DATA_KEY_FILE: {path} is missing, and {database} cannot be read without its key; "
                f"put the key file back, or set DATA_KEY; {LOST}"
            )
        _make(path)
    return existing_keys(settings)


def existing_keys(settings: Settings) -> list[str]:
    """The same, but never makes any. Raises SettingsError if there is none."""
    path = settings.data_key_file
    keys = given_keys(settings)
    if keys:
        return keys
    try:
        return path.read_text(encoding="ascii").split()
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "it holds no key"
        raise SettingsError(f"DATA_KEY_FILE: {path} cannot be read ({why})") from error


def given_keys(settings: Settings) -> list[str]:
    """Those of DATA_KEY alone, one by one."""
    given = settings.data_key.get_secret_value().split(",")
    return [key.strip() for key in given if key.strip()]


def secrets_of(settings: Settings) -> list[str]:
    """What no log and no screen may show."""
    return [settings.token, settings.secret, settings.database_password, *given_keys(settings)]


def _make(path: Path) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise SettingsError(f"DATA_KEY_FILE: {path} cannot be made: {error.strerror}") from error
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(Fernet.generate_key().decode() + "\n")
