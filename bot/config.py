"""The settings: from the environment and .env, read here and nowhere else."""

import re
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Any, TypeVar
from urllib.parse import SplitResult, urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError

Kind = TypeVar("Kind", bound=BaseSettings)

WEBHOOK_SECRET = re.compile(r"[A-Za-z0-9_-]{16,256}")
"""What Telegram takes (core.telegram.org/bots/api#setwebhook), but none that could be guessed."""
EMPTY_IS_NONE = ("helplines_file", "backup_dir", "metrics_port", "operator_chat_id")
OFFICIAL_API = "https://api.telegram.org"
FILE_URL = "sqlite+aiosqlite:///data/stillhere.db"
SERVER_URL = "postgresql+asyncpg://user:password@host/database"
SERVER_OPTIONS = {"host", "port", "ssl"}
"""`host` can be the folder of a socket; `ssl` is what others call sslmode."""


class SettingsError(Exception):
    """Something is set wrongly; one line says which setting, and the mend."""


class PlaygroundSettings(BaseSettings):
    """What the playground reads; nothing of a live bot keeps it from starting."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore")

    port: Annotated[int, Field(ge=0, le=65535)] = 8080
    playground_dir: Path = Path("data/playground")
    content_dir: Path | None = None

    @field_validator("content_dir", mode="before")
    @classmethod
    def _empty_content_is_none(cls, value: Any) -> Any:
        return value or None


class Settings(PlaygroundSettings):
    """Every setting; .env.example explains them for people."""

    telegram_token: SecretStr = SecretStr("")
    telegram_api_url: str = OFFICIAL_API
    database_url: str = FILE_URL
    data_key: SecretStr = SecretStr("")
    data_key_file: Path = Path("data/stillhere.key")
    helplines_file: Path | None = None
    backup_dir: Path | None = None
    backup_keep_days: Annotated[int, Field(ge=1)] = 7
    webhook_url: str = ""
    webhook_secret: SecretStr = SecretStr("")
    webhook_host: str = "127.0.0.1"
    webhook_port: Annotated[int, Field(ge=0, le=65535)] = 8443
    metrics_host: str = "127.0.0.1"
    metrics_port: Annotated[int | None, Field(ge=0, le=65535)] = None
    operator_chat_id: int | None = None
    log_level: str = "INFO"
    send_rate: Annotated[float, Field(gt=0)] = 30.0
    bulk_rate: Annotated[float | None, Field(gt=0)] = None
    flood_limit: Annotated[int, Field(ge=1)] = 60
    playground_url: str = ""

    @field_validator(*EMPTY_IS_NONE, mode="before")
    @classmethod
    def _empty_is_none(cls, value: Any) -> Any:
        return value or None

    @field_validator("telegram_token")
    @classmethod
    def _token(cls, value: SecretStr) -> SecretStr:
        token = value.get_secret_value().strip()
        number, colon, secret = token.partition(":")
        if token and not (number.isdecimal() and colon and secret):
            raise ValueError("looks like 123456:ABC…; copy it from @BotFather, or leave it empty to play")
        return SecretStr(token)

    @field_validator("telegram_api_url", "playground_url")
    @classmethod
    def _url(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and (parts.scheme not in ("http", "https") or not parts.hostname):
            raise ValueError("must be an address like https://api.telegram.org")
        return value.rstrip("/")

    @field_validator("webhook_url")
    @classmethod
    def _webhook(cls, value: str) -> str:
        parts = urlsplit(value)
        if value and not (parts.hostname and (parts.scheme == "https" or _is_loopback(parts))):
            raise ValueError("must be an address like https://bot.example.org/telegram: Telegram wants https")
        if parts.query or parts.fragment:
            raise ValueError("must have no ? and no # in it")
        return value

    @field_validator("webhook_secret")
    @classmethod
    def _secret(cls, value: SecretStr) -> SecretStr:
        secret = value.get_secret_value()
        if secret and not WEBHOOK_SECRET.fullmatch(secret):
            raise ValueError("must have 16 to 256 letters, digits, _ or -")
        return value

    @field_validator("database_url")
    @classmethod
    def _database(cls, value: str) -> str:
        return _database_url(value)

    @field_validator("log_level")
    @classmethod
    def _level(cls, value: str) -> str:
        levels = ("DEBUG", "INFO", "WARNING", "ERROR")
        if value.upper() not in levels:
            raise ValueError(f"must be one of {', '.join(levels)}")
        return value.upper()

    @property
    def bulk_share(self) -> float:
        """Messages a second for bulk: five sixths of all, if nothing else is said."""
        return self.send_rate * 5 / 6 if self.bulk_rate is None else min(self.bulk_rate, self.send_rate)

    @property
    def secret(self) -> str:
        """The webhook's."""
        return self.webhook_secret.get_secret_value()

    @property
    def database_password(self) -> str:
        """That of DATABASE_URL, if there is one in it."""
        return str(make_url(self.database_url).password or "")

    @property
    def token(self) -> str:
        return self.telegram_token.get_secret_value()


def _is_loopback(parts: SplitResult) -> bool:
    """Without https: only what listens on this machine, like the playground."""
    return parts.scheme == "http" and parts.hostname in ("127.0.0.1", "::1", "localhost")


def _database_url(value: str) -> str:
    """Raises ValueError; the URL itself is never repeated, for there may be a password in it."""
    try:
        url = make_url(value)
    except (ArgumentError, ValueError) as error:
        raise ValueError(f"must look like {FILE_URL} or {SERVER_URL}") from error
    if url.drivername == "sqlite+aiosqlite":
        return value
    if url.drivername != "postgresql+asyncpg":
        raise ValueError(f"must begin with sqlite+aiosqlite: or postgresql+asyncpg:, not {url.drivername}:")
    if find_spec("asyncpg") is None:
        raise ValueError("needs the extra “postgres”; to get it: .venv/bin/python -m pip install asyncpg")
    if not url.database:
        raise ValueError(f"must name a database at its end, like {SERVER_URL}")
    unknown = sorted(set(url.query) - SERVER_OPTIONS)
    if unknown:
        known = ", ".join(sorted(SERVER_OPTIONS))
        raise ValueError(f"{unknown[0]} is not known; after the ? may stand {known}")
    return value


def checked_database(value: str, name: str) -> str:
    """A database that is no setting, but was given as `name`. Raises SettingsError."""
    try:
        return _database_url(value)
    except ValueError as error:
        raise SettingsError(f"{name}: {error}") from error


class _TokenOnly(BaseSettings):
    model_config = PlaygroundSettings.model_config

    telegram_token: str = ""


def has_token() -> bool:
    """Whether the bot is to run on Telegram; an empty token counts as none."""
    return bool(_TokenOnly().telegram_token.strip())


def load_playground() -> PlaygroundSettings:
    """Read what the playground needs. Raises SettingsError."""
    return _read(PlaygroundSettings)


def _read(kind: type[Kind]) -> Kind:
    try:
        return kind()
    except ValidationError as error:
        first = error.errors()[0]
        name = "_".join(str(part) for part in first["loc"]).upper() or "a setting"
        message = first["msg"].removeprefix("Value error, ")
        raise SettingsError(f"{name}: {message} (in .env or the environment)") from error


def load() -> Settings:
    """Read the settings. Raises SettingsError."""
    settings = _read(Settings)
    if settings.playground_url and settings.telegram_api_url == OFFICIAL_API:
        raise SettingsError(
            "PLAYGROUND_URL: the playground's clock and the real Telegram do not mix; "
            "unset it, or set TELEGRAM_API_URL to the playground"
        )
    if settings.webhook_url and not settings.secret:
        raise SettingsError(
            "WEBHOOK_SECRET: is needed with WEBHOOK_URL, so that nobody but Telegram brings updates; "
            'to make one: python3 -c "import secrets; print(secrets.token_urlsafe(32))"'
        )
    return settings
