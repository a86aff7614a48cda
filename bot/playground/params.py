"""A call's parameters, as JSON, form, multipart or query may bring them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import orjson

from bot.playground.errors import bad_request
from bot.playground.state import Json


@dataclass(frozen=True)
class Upload:
    name: str
    mime: str
    data: bytes


@dataclass(frozen=True)
class Params:
    values: Json
    uploads: dict[str, Upload] = field(default_factory=dict)

    def has(self, name: str) -> bool:
        return self.values.get(name) not in (None, "")

    def text(self, name: str, default: str = "") -> str:
        value = self.values.get(name)
        if value is None:
            return default
        if isinstance(value, str):
            return value
        return orjson.dumps(value).decode()

    def integer(self, name: str, default: int | None = None) -> int | None:
        value = self.values.get(name)
        if isinstance(value, bool) or value is None:
            return default
        try:
            return int(value)
        except (TypeError, ValueError):
            return default

    def number(self, name: str, default: int) -> int:
        value = self.integer(name)
        return default if value is None else value

    def flag(self, name: str) -> bool:
        value = self.values.get(name)
        if isinstance(value, str):
            return value.strip().lower() in ("true", "yes", "1")
        return bool(value)

    def json(self, name: str, what: str) -> Any:
        """A structured parameter; `what` names it in the error."""
        value = self.values.get(name)
        if not isinstance(value, str):
            return value
        if not value:
            return None
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            raise bad_request(f"can't parse {what} JSON object") from None

    def chat_id(self) -> int | None:
        if not self.has("chat_id"):
            raise bad_request("chat_id is empty")
        return self.integer("chat_id")

    def shown(self) -> Json:
        """For the record: values as they came, files by name and size."""
        shown: Json = {}
        for name, value in self.values.items():
            shown[name] = _unpacked(value)
        for name, upload in self.uploads.items():
            shown[name] = {"file": upload.name, "mime_type": upload.mime, "size": len(upload.data)}
        return shown


def _unpacked(value: Any) -> Any:
    """A form's `[…]` or `{…}` reads like JSON's."""
    if isinstance(value, str) and value[:1] in ("{", "["):
        try:
            return orjson.loads(value)
        except orjson.JSONDecodeError:
            return value
    return value
