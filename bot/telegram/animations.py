"""Pictures that move: sent once as a file, and from then on by the name that Telegram gave it (`file_id`)."""

import asyncio
from pathlib import Path
from typing import Any

from bot.clock import Clock
from bot.storage.unit_of_work import Storage
from bot.telegram.request import File

FACT = "animation"


class Animations:
    """Remembers Telegram's names of files, over restarts, too."""

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock
        self._names: dict[str, str | None] = {}

    async def name_of(self, file: Path) -> str | None:
        """Telegram's name for it; None if it was never sent."""
        key = _key(file)
        if key not in self._names:
            async with self._storage.unit_of_work() as uow:
                self._names[key] = await uow.log.recall(key)
        return self._names[key]

    async def remember(self, file: Path, sent: Any) -> None:
        """Take the name out of the message that was sent; a GIF may come back as a document."""
        media: dict[str, Any] = next((sent[kind] for kind in ("animation", "document") if kind in sent), {})
        name = media.get("file_id")
        if not isinstance(name, str) or name == self._names.get(_key(file)):
            return
        self._names[_key(file)] = name
        async with self._storage.unit_of_work() as uow:
            await uow.log.remember(_key(file), name)
            await uow.commit(self._clock.now())

    def forget(self, file: Path) -> None:
        """Telegram does not know the name any more (another bot, another server)."""
        self._names[_key(file)] = None

    async def read(self, file: Path) -> File:
        return file.name, await asyncio.to_thread(file.read_bytes), "image/gif"


def _key(file: Path) -> str:
    """Another picture of the same name is another one."""
    stat = file.stat()
    return f"{FACT}:{file.parent.parent.name}:{file.stem}:{stat.st_size}"
