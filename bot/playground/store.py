"""The data folder: one JSON snapshot, replaced as a whole, and the files beside it."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import orjson

from bot.playground.errors import DamagedFolder
from bot.playground.state import (
    Chat,
    Json,
    Pending,
    Person,
    Post,
    Profile,
    Query,
    State,
    StoredFile,
    Webhook,
    first_state,
    skip_ids,
)

DELAY = 0.2
_VERSION = 1


class Store:
    """Writes soon after a change, never half."""

    def __init__(self, folder: Path) -> None:
        self._snapshot = folder / "playground.json"
        self.files = folder / "files"
        self._state: Callable[[], State] | None = None
        self._timer: asyncio.TimerHandle | None = None
        self._writing: asyncio.Task[None] | None = None
        self.files.mkdir(parents=True, exist_ok=True)

    def load(self, now_ms: int) -> State:
        if not self._snapshot.exists():
            return first_state(now_ms)
        try:
            return skip_ids(_read(orjson.loads(self._snapshot.read_bytes())))
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise DamagedFolder(
                f"cannot read the playground's saved state {self._snapshot} ({error!r}): "
                "move it away to start afresh"
            ) from error

    def forget_files(self) -> None:
        """Nothing names them any more."""
        for file in self.files.rglob("*"):
            if file.is_file():
                file.unlink()

    def watch(self, state: Callable[[], State]) -> None:
        self._state = state

    def touch(self) -> None:
        """Something changed: write in a moment."""
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(DELAY, self._start)

    async def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._writing is not None:
            await self._writing
        self._replace(self._dump())

    def _start(self) -> None:
        self._timer = None
        if self._writing is not None and not self._writing.done():
            self.touch()
            return
        data = self._dump()
        self._writing = asyncio.create_task(asyncio.to_thread(self._replace, data))

    def _dump(self) -> bytes:
        assert self._state is not None
        state = {"version": _VERSION, "state": self._state()}
        return orjson.dumps(state, option=orjson.OPT_NON_STR_KEYS)

    def _replace(self, data: bytes) -> None:
        replace_file(self._snapshot, data)


def replace_file(path: Path, data: bytes) -> None:
    """A reader, also one after a crash, finds the old or the new content, never a part."""
    beside = path.with_name(path.name + ".new")
    with beside.open("wb") as file:
        file.write(data)
        file.flush()
        with contextlib.suppress(OSError):  # some file systems cannot, and the rename still holds
            os.fsync(file.fileno())
    beside.replace(path)


def _read(saved: Any) -> State:
    if saved["version"] != _VERSION:
        raise ValueError(f"version {saved['version']}")
    raw: Json = saved["state"]
    raw["people"] = {int(key): Person(**each) for key, each in raw["people"].items()}
    raw["chats"] = {int(key): _chat(each) for key, each in raw["chats"].items()}
    raw["profile"] = Profile(**raw["profile"])
    raw["webhook"] = Webhook(**raw["webhook"])
    raw["pending"] = [Pending(**each) for each in raw["pending"]]
    raw["queries"] = {key: Query(**each) for key, each in raw["queries"].items()}
    raw["files"] = {key: StoredFile(**each) for key, each in raw["files"].items()}
    return State(**raw)


def _chat(raw: Json) -> Chat:
    raw["posts"] = {int(key): Post(**each) for key, each in raw["posts"].items()}
    return Chat(**raw)
