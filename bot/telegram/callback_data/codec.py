"""What a button means: small typed values, and their form in the 64 bytes Telegram allows."""

from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import Any, TypeVar, dataclass_transform

__all__ = ["LONGEST", "decode", "encode", "tap"]

LONGEST = 64
"""Bytes."""
_SEPARATOR = ":"

T = TypeVar("T")
_by_code: dict[str, type] = {}
_codes: dict[type, str] = {}


@dataclass_transform(frozen_default=True)
def tap(code: str) -> Callable[[type[T]], type[T]]:
    """Register a dataclass of ints and strings as something a button can mean."""

    def register(cls: type[T]) -> type[T]:
        assert code not in _by_code, f"two taps use {code}"
        made = dataclass(frozen=True)(cls)
        _by_code[code] = made
        _codes[made] = code
        return made

    return register


def encode(value: Any) -> str:
    """Raises ValueError if it does not fit a button."""
    parts = [_codes[type(value)], *map(str, vars(value).values())]
    data = _SEPARATOR.join(parts)
    if len(data.encode()) > LONGEST or any(_SEPARATOR in part for part in parts[:-1]):
        raise ValueError(f"does not fit a button: {data}")
    return data


def decode(data: str) -> Any | None:
    """The value behind a button; None for anything that was never one of ours."""
    code, *parts = data.split(_SEPARATOR)
    cls = _by_code.get(code)
    if cls is None:
        return None
    wanted = fields(cls)
    if len(parts) > len(wanted) > 0:
        parts = [*parts[: len(wanted) - 1], _SEPARATOR.join(parts[len(wanted) - 1 :])]
    if len(parts) != len(wanted):
        return None
    try:
        values = [_read(each.type, part) for each, part in zip(wanted, parts, strict=True)]
    except ValueError:
        return None
    return cls(*values)


def _read(kind: Any, part: str) -> int | str:
    if kind is not int:
        return part
    if not part.isascii() or not part.isdecimal() or len(part) > 18:
        raise ValueError(part)
    return int(part)
