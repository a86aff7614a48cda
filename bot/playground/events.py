"""What happens, told to every open page."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import orjson

from bot.playground.state import Json

_END: tuple[str, Json] = ("", {})
_ALWAYS = frozenset({"world", "stage"})


class Events:
    def __init__(self) -> None:
        self._listeners: set[asyncio.Queue[tuple[str, Json]]] = set()
        self._closed = False
        self._muted = False

    def publish(self, name: str, data: Json) -> None:
        if self._muted and name not in _ALWAYS:
            return
        for listener in self._listeners:
            listener.put_nowait((name, data))

    @property
    def heard(self) -> bool:
        """Whether it is worth the trouble of making an event."""
        return bool(self._listeners) and not self._muted

    @contextmanager
    def muted(self) -> Iterator[None]:
        """The pages hear nothing of single messages: they will read it all when it is over."""
        self._muted = True
        try:
            yield
        finally:
            self._muted = False

    def close(self) -> None:
        self._closed = True
        for listener in self._listeners:
            listener.put_nowait(_END)

    async def listen(self, first: Json) -> AsyncIterator[Json]:
        """Events as sse-starlette takes them, the whole state first."""
        listener: asyncio.Queue[tuple[str, Json]] = asyncio.Queue()
        self._listeners.add(listener)
        try:
            yield _event("state", first)
            while not self._closed:
                name, data = await listener.get()
                if name:
                    yield _event(name, data)
        finally:
            self._listeners.discard(listener)


def _event(name: str, data: Json) -> Json:
    return {"event": name, "data": orjson.dumps(data).decode()}
