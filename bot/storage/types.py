"""The column types: instants are UTC, what people write is encrypted, values are JSON."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import orjson
from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import DateTime, LargeBinary, Text
from sqlalchemy.engine import Dialect
from sqlalchemy.types import TypeDecorator


class DataKeyError(Exception):
    """The key is no key, or not the one this database was written with."""


class Vault:
    """Encrypts and decrypts with the operator's keys; the first one writes, all of them read."""

    def __init__(self) -> None:
        self._fernet: MultiFernet | None = None

    def unlock(self, keys: Sequence[str]) -> None:
        """Raises DataKeyError for something that is no Fernet key."""
        try:
            self._fernet = MultiFernet([Fernet(key) for key in keys])
        except ValueError as error:
            raise DataKeyError("a data key must be 32 bytes, url-safe base64") from error

    def seal(self, text: str) -> bytes:
        return self._open_fernet().encrypt(text.encode("utf-8", "surrogatepass"))

    def open(self, token: bytes) -> str:
        """Raises DataKeyError if none of the keys opens it."""
        try:
            return self._open_fernet().decrypt(token).decode("utf-8", "surrogatepass")
        except InvalidToken as error:
            raise DataKeyError("none of the data keys opens what is stored") from error

    def _open_fernet(self) -> MultiFernet:
        if self._fernet is None:
            raise DataKeyError("no data key was given")
        return self._fernet


vault = Vault()
"""One per process: column types have no other way to be handed a key."""


class Instant(TypeDecorator[datetime]):
    """An aware UTC datetime. SQLite keeps it as naive UTC text, which sorts as time does."""

    impl = DateTime
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> Any:
        return dialect.type_descriptor(DateTime(timezone=dialect.name != "sqlite"))

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("instants are aware; this one has no time zone")
        utc = value.astimezone(UTC)
        return utc.replace(tzinfo=None) if dialect.name == "sqlite" else utc

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return None if value is None else value.replace(tzinfo=UTC)


class Encrypted(TypeDecorator[str]):
    """Text that only the holder of the data key reads."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> bytes | None:
        return None if value is None else vault.seal(value)

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> str | None:
        return None if value is None else vault.open(value)


class EncryptedJson(TypeDecorator[Any]):
    """A JSON value that only the holder of the data key reads; empty ones are stored as NULL."""

    impl = LargeBinary
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> bytes | None:
        return vault.seal(to_json(value)) if value else None

    def process_result_value(self, value: bytes | None, dialect: Dialect) -> Any:
        return {} if value is None else orjson.loads(vault.open(value))


class Json(TypeDecorator[Any]):
    """A plain JSON value."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        return None if value is None else to_json(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> Any:
        return None if value is None else orjson.loads(value)


def to_json(value: Any) -> str:
    """JSON text; lone surrogates, which orjson refuses, become U+FFFD."""
    return orjson.dumps(_clean(value)).decode()


def _clean(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, dict):
        return {key: _clean(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_clean(item) for item in value]
    return value
