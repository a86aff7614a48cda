"""The playground and the real bot beside it: two processes, one window."""

import asyncio
import contextlib
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.playground.director import Director
from bot.playground.script.words import CONTENT
from bot.playground.server import PlaygroundServer

HOST = "127.0.0.1"
TOKEN = "4200001:playground"
"""Only the stand-in knows this one."""
PACKAGES = Path(__file__).parents[1]
"""Where this very package is."""
STOPS_WITHIN = 10.0
"""Seconds."""

Opening = Callable[[Director], Awaitable[None]]
"""What is begun as soon as the server is there: a scene, or a transcript that is played."""


class BotProcess:
    """The bot as a child of this process, on the playground's folder. The server may begin anew with it."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._child: asyncio.subprocess.Process | None = None
        self._watching: set[asyncio.Task[None]] = set()
        self.url = ""
        self.ended: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        """its exit code, once it ended by itself"""

    async def start(self) -> None:
        """Start it, if it does not run; it is there when the server says that it is connected."""
        if self._child is not None:
            return
        # The bot ends when its standard input does: it never outlives this process, however that ends.
        self._child = await asyncio.create_subprocess_exec(
            sys.executable,
            "-P",  # this bot, and not what may be called so in the folder where it was started
            "-m",
            "bot",
            "run",
            "--until-input-ends",
            env=_environment(self.url, self._folder),
            stdin=asyncio.subprocess.PIPE,
            start_new_session=True,  # Ctrl-C is for this process; it then ends the bot in order
        )
        watch = asyncio.create_task(self._watch(self._child))
        self._watching.add(watch)
        watch.add_done_callback(self._watching.discard)

    async def stop(self, *, kill: bool = False) -> None:
        """End it in order, or strike it down."""
        child, self._child = self._child, None
        if child is None:
            return
        with contextlib.suppress(ProcessLookupError):
            child.kill() if kill else child.terminate()
        try:
            await asyncio.wait_for(asyncio.shield(child.wait()), STOPS_WITHIN)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await child.wait()

    def forget(self) -> None:
        """Delete its database and its key. Only what `_environment` named: whatever else lies there stays."""
        for name in ("bot.db", "bot.db-wal", "bot.db-shm", "bot.db-journal", "bot.key"):
            (self._folder / name).unlink(missing_ok=True)

    async def _watch(self, child: asyncio.subprocess.Process) -> None:
        code = await child.wait()
        if self._child is child and not self.ended.done():
            self.ended.set_result(code)


async def play(
    folder: Path,
    port: int,
    stop: asyncio.Event,
    *,
    frozen: bool = False,
    start: datetime | None = None,
    content: Path | None = None,
    opening: Opening | None = None,
) -> int:
    """Serve the playground and run the bot on it until `stop` is set; the exit code.

    Raises OSError for a busy port, and what the server raises for a damaged folder, or `opening` does.
    """
    bot = BotProcess(folder)
    server = PlaygroundServer(
        host=HOST,
        port=port,
        folder=folder,
        token=TOKEN,
        flowing=not frozen,
        start=start,
        bot=bot,
        content=content or CONTENT,
    )
    await server.start()
    bot.url = server.url
    try:
        if opening is None:
            await bot.start()  # else it is started for a new world
        print(f"StillHere's playground: {server.url}   (Ctrl-C stops it)", flush=True)  # noqa: T201
        print("It is for this machine alone, not for the open net: it asks nobody who they are.", flush=True)  # noqa: T201
        return await _until_over(bot, stop, server.director, opening)
    finally:
        await bot.stop()
        await server.stop()


async def _until_over(
    bot: BotProcess, stop: asyncio.Event, director: Director | None, opening: Opening | None
) -> int:
    stopping = asyncio.ensure_future(stop.wait())
    begun = asyncio.ensure_future(opening(director)) if opening and director else None
    waited: set[asyncio.Future[Any]] = {bot.ended, stopping}
    if begun is not None:
        await asyncio.wait({*waited, begun}, return_when=asyncio.FIRST_COMPLETED)
        if begun.done():
            begun.result()
    await asyncio.wait(waited, return_when=asyncio.FIRST_COMPLETED)
    for each in filter(None, (stopping, begun)):
        each.cancel()
    return bot.ended.result() if bot.ended.done() else 0


def _environment(url: str, folder: Path) -> dict[str, str]:
    """The bot's settings in the playground: nothing of the live ones, not from .env either."""
    paths = [str(PACKAGES), *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {
        "PYTHONPATH": os.pathsep.join(paths),
        "TELEGRAM_TOKEN": TOKEN,
        "TELEGRAM_API_URL": url,
        "PLAYGROUND_URL": url,
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'bot.db'}",
        "DATA_KEY": "",
        "DATA_KEY_FILE": str(folder / "bot.key"),
        "BACKUP_DIR": "",
        "WEBHOOK_URL": "",
        "WEBHOOK_SECRET": "",
        "METRICS_PORT": "",
        "OPERATOR_CHAT_ID": "",
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }
