"""LISTEN and NOTIFY: what one replica has committed wakes the others: nobody waits for a look now and then.

It is told right after the commit, on a connection of its own: a NOTIFY within the transaction would make all
commits of the server follow each other. What is not told, because a process dies in between, is found a
moment later (`Leadership.on_beat`).
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from typing import Any

import structlog
from sqlalchemy.engine import URL

from bot.storage.postgres import SETTINGS, arguments

log = structlog.get_logger()

CHANNEL = "stillhere"
NOTICES, TIMERS = "notices", "timers"
AGAIN = 1.0
"""Seconds until the server is tried again."""
PATIENCE = 5.0
IDLE_CHECK = 15.0
"""Seconds without a word to the server after which it is asked whether it is there."""


class Herald:
    """Tells what this replica has committed, and calls when another tells."""

    def __init__(self, url: URL) -> None:
        self._url = url
        self._news = asyncio.Event()
        self._notices = False
        self._earliest: datetime | None = None
        self.on_notices: Callable[[], None] = lambda: None
        self.on_timers: Callable[[datetime | None], None] = lambda _at: None
        """Called with the earliest instant, or None if that is not known."""

    def notices(self) -> None:
        """There are new ones in the outbox."""
        self._notices = True
        self._news.set()

    def timers(self, earliest: datetime | None) -> None:
        """Some were set, the earliest to this instant."""
        if earliest is None:
            return
        self._earliest = earliest if self._earliest is None else min(earliest, self._earliest)
        self._news.set()

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            try:
                await self._speak()
            except Exception as error:
                log.debug("herald.lost", error=type(error).__name__)
            await asyncio.sleep(AGAIN)

    async def _speak(self) -> None:
        import asyncpg

        settings = SETTINGS | {"application_name": "stillhere herald"}
        connection = await asyncpg.connect(**arguments(self._url, settings))
        try:
            await connection.add_listener(CHANNEL, self._heard)
            connection.add_termination_listener(lambda _connection: self._news.set())
            self.on_notices()  # what was told while nobody listened
            self.on_timers(None)
            while not connection.is_closed():
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._news.wait(), IDLE_CHECK)
                self._news.clear()
                for told in self._take() or ["SELECT 1"]:
                    await connection.execute(told, timeout=PATIENCE)
        finally:
            connection.terminate()

    def _take(self) -> list[str]:
        notices, self._notices = self._notices, False
        earliest, self._earliest = self._earliest, None
        told = [f"NOTIFY {CHANNEL}, '{NOTICES}'"] if notices else []
        if earliest is not None:
            told.append(f"NOTIFY {CHANNEL}, '{TIMERS} {earliest.isoformat()}'")
        return told

    def _heard(self, connection: Any, by: int, _channel: str, said: object) -> None:
        if by == connection.get_server_pid():
            return
        what, _, at = str(said).partition(" ")
        if what == NOTICES:
            self.on_notices()
        elif what == TIMERS:
            with suppress(ValueError):
                self.on_timers(datetime.fromisoformat(at))
