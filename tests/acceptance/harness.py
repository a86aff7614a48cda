"""The real playground server and the real bot process, driven over the playground's control API.

    async with Playground(folder) as playground:
        mara = await playground.person("Mara")
        await mara.say("/start")
        await mara.sees("start.hello")

Every action waits until the bot has handled it and is idle; nothing sleeps. When something is not as
expected, the failure shows the chat as the person sees it. See `docs/playground.md`. What people do and see
is `bot/playground/script`, which plays evenings on the page with it.
"""

import asyncio
import contextlib
import os
import re
import signal
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Self

from bot.playground.script.client import LINK, SETTLE_SECONDS, Client
from bot.playground.script.errors import UnexpectedError
from bot.playground.script.look import Chat, Message, buttons, from_bot, shown
from bot.playground.script.person import Expected, Person
from bot.playground.script.player import marker
from tests.acceptance import processes

__all__ = [
    "LINK",
    "ROOT",
    "SETTINGS",
    "SETTLE_SECONDS",
    "START_SECONDS",
    "Chat",
    "Expected",
    "Message",
    "Person",
    "Playground",
    "UnexpectedError",
    "buttons",
    "from_bot",
    "marker",
    "shown",
]

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60
STOP_SECONDS = 15
SETTINGS = re.compile(
    r"^(TELEGRAM_|BACKUP_|PLAYGROUND_|DATA_|DATABASE_|CONTENT_|HELPLINES_|WEBHOOK_|LOG_|FLOOD_|METRICS_|OPERATOR_)|^(PORT|HOST)$"
)


class Playground(Client):
    """A playground of its own: one folder, one port, two processes."""

    program: Sequence[str] = (sys.executable, "-m", "bot")
    """What is started, if not the bot of this repository."""

    def __init__(
        self, folder: Path, *, at: str | None = None, settings: Mapping[str, str] | None = None
    ) -> None:
        """`at`: the time at the first start (ISO, with its offset)."""
        super().__init__()
        self.folder = folder
        self._at = at
        self.output: list[str] = []
        self._settings = dict(settings or {})
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.stop(signal.SIGKILL)
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    # -- the processes

    async def start(self) -> None:
        """Starts server and bot, and waits until the bot is there and idle."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._process = await asyncio.create_subprocess_exec(
            *(*self.program, "playground"),
            *("--port", "0", "--frozen", "--folder", str(self.folder)),
            *(("--at", self._at) if self._at else ()),
            cwd=self.folder,  # not where a developer's .env may lie
            env=self.environment(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            limit=2**20,
        )
        started = asyncio.get_running_loop().create_future()
        self._reader = asyncio.create_task(self._read(self._process, started))
        try:
            self.url = await asyncio.wait_for(started, START_SECONDS)
        except TimeoutError:
            raise UnexpectedError(
                f"The playground did not start in {START_SECONDS} s\n{self.log()}"
            ) from None
        self._at = None  # from now on the folder knows the time
        await self.connect(self.url)
        await self.settle()

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ends both: SIGTERM asks server and bot to end, SIGKILL strikes the bot without warning.

        The server is the world, and is always asked: what people and Telegram know is never lost.
        """
        await self.disconnect()
        process, self._process = self._process, None
        if process is None:
            return 0
        started = processes.descendants(process.pid)
        try:
            for pid in started if how == signal.SIGKILL else []:
                _signal(pid, signal.SIGKILL)
            _signal(process.pid, signal.SIGTERM)
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            raise UnexpectedError(f"The playground did not end in {STOP_SECONDS} s\n{self.log()}") from None
        finally:
            left = processes.alive(started)
            for pid in [process.pid, *left]:
                _signal(pid, signal.SIGKILL)
            await process.wait()
            if self._reader is not None:
                await self._reader
        if left and how == signal.SIGTERM:
            raise UnexpectedError(f"The playground left processes behind\n{self.log()}")
        return process.returncode or 0

    async def restart(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Ends server and bot and starts them again on the same folder."""
        code = await self.stop(how)
        if how == signal.SIGTERM and code:
            raise UnexpectedError(f"The playground ended with {code} at SIGTERM\n{self.log()}")
        await self.start()
        self.something_happens()

    def log(self, lines: int = 40) -> str:
        """The last lines the processes printed."""
        return "\n".join(["── the processes said " + "─" * 44, *self.output[-lines:]])

    # -- inside

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not SETTINGS.match(name)}
        paths = [str(ROOT), *filter(None, [kept.get("PYTHONPATH")])]
        return kept | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONUNBUFFERED": "1"} | self._settings

    async def _read(self, process: asyncio.subprocess.Process, started: "asyncio.Future[str]") -> None:
        if process.stdout is None:
            return
        async for line in process.stdout:
            text = line.decode(errors="replace").rstrip()
            self.output.append(text)
            url = re.search(r"http://[\w.]+:\d+", text)
            if url and not started.done():
                started.set_result(url.group())
        if not started.done():
            started.set_exception(UnexpectedError(f"The playground ended before it was there\n{self.log()}"))


def _signal(pid: int, how: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, how)
