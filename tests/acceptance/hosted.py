"""A playground whose server lives in this process, and its bot in one of its own that is forked off.

It starts in a moment, the bot can be struck down and started again alone, and Telegram's side is never lost.
What `make run` starts, server and bot as two commands, is `harness.Playground`.
"""

import signal
from datetime import datetime
from pathlib import Path

from bot.crash_points import VARIABLE
from bot.play import TOKEN
from bot.playground.server import PlaygroundServer
from bot.playground.world import World
from tests.acceptance.forked import Forked
from tests.acceptance.harness import START_SECONDS, Playground, UnexpectedError


class Hosted(Playground):
    """As `Playground`, but `restart` concerns the bot alone."""

    def __init__(
        self, folder: Path, *, at: str = "2026-03-02T18:00+01:00", database: str | None = None
    ) -> None:
        """`database`: a URL, if it shall be no file in this folder."""
        super().__init__(folder)
        self.database = database or f"sqlite+aiosqlite:///{folder / 'bot.db'}"
        self._server = PlaygroundServer(
            host="127.0.0.1",
            port=0,
            folder=folder,
            token=TOKEN,
            flowing=False,
            start=datetime.fromisoformat(at),
        )
        self._begun = False
        self._bot: Forked | None = None

    @property
    def world(self) -> World:
        return self._server.world

    async def start(self) -> None:
        """Starts the bot, and waits until it is there and idle."""
        await self.begin()
        await self.settle()

    async def begin(self, crash_at: str = "") -> None:
        """Starts the bot and waits for nothing. `crash_at`: where it shall die."""
        if not self._begun:
            self.folder.mkdir(parents=True, exist_ok=True)
            await self._server.start()
            self._begun = True
            await self.connect(self._server.url)
        self._bot = Forked(self.folder, self.environment() | {VARIABLE: crash_at}, self.folder / "bot.log")

    async def ended(self) -> int:
        """Waits for the bot to end by itself; its exit code."""
        bot, self._bot = self._bot, None
        assert bot is not None
        try:
            return await bot.ended(START_SECONDS)
        except TimeoutError:
            bot.send(signal.SIGKILL)
            raise UnexpectedError(f"The bot goes on and on\n{self.log()}") from None
        finally:
            said = self.folder / "bot.log"
            self.output = said.read_text().splitlines() if said.exists() else []

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ends the bot, and then the server."""
        code = 0
        if self._bot is not None:
            self._bot.send(how)
            code = await self.ended()
        await self.disconnect()
        if self._begun:
            await self._server.stop()
            self._begun = False
        return code

    async def restart(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Strikes the bot down (or asks it to end), and starts it again on the same data."""
        await self.end_bot(how)
        await self.start()
        self.something_happens()

    async def end_bot(self, how: signal.Signals) -> None:
        """Strikes the bot down, or asks it to end."""
        assert self._bot is not None
        self._bot.send(how)
        code = await self.ended()
        if how == signal.SIGTERM and code:
            raise UnexpectedError(f"The bot ended with {code} at SIGTERM\n{self.log()}")

    def environment(self) -> dict[str, str]:
        return super().environment() | {
            "TELEGRAM_TOKEN": TOKEN,
            "TELEGRAM_API_URL": self.url,
            "PLAYGROUND_URL": self.url,
            "DATABASE_URL": self.database,
            "DATA_KEY_FILE": str(self.folder / "bot.key"),
            "LOG_LEVEL": "DEBUG",  # what must not be in a log must not be there at this level either
            "FLOOD_LIMIT": "100000",  # the clock stands still: nobody types as fast as it looks
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
        }
