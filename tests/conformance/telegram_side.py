"""What happens on Telegram's side: people act, time passes. And a webhook, which is there to be called."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from typing import Any

from aiohttp import web

from bot.playground import people
from bot.playground.pace import Pace
from bot.playground.raw_updates import put_raw
from bot.playground.server import PlaygroundServer
from bot.playground.state import first_state
from bot.playground.world import World

TOKEN = "4200001:conformance"
BEGIN = datetime(2026, 3, 1, 19, 40, tzinfo=UTC)
MARA, JONAS = 5_012_345_678, 6_098_765_432
NOBODY = 99
PATIENCE = 10.0
"""Real seconds, for what comes at once."""


class TelegramSide:
    def __init__(self, server: PlaygroundServer) -> None:
        self._server = server

    @property
    def url(self) -> str:
        return self._server.url

    @property
    def world(self) -> World:
        return self._server.world

    def begin_anew(self) -> None:
        """As at the first start, but for the time, which never goes back."""
        state, fresh = self.world.state, first_state(self.world.clock.now_ms)
        for each in fields(state):
            setattr(state, each.name, getattr(fresh, each.name))
        self.world.pace = Pace()
        self.world.inline_cache.clear()
        self.world.faults.clear()
        self.world.webhook_changed()

    def act(self, person: int, action: str, **how: Any) -> Any:
        return people.ACTIONS[action](self.world, self.world.person(person), how)

    def says(self, person: int, *texts: str) -> None:
        for text in texts:
            self.act(person, "say", text=text)

    def starts(self, *persons: int) -> None:
        """They press Start, and the bot has been told."""
        for person in persons:
            self.act(person, "say", text="/start")
        self.world.queue.drop_all()

    def person(self, name: str) -> int:
        """Somebody more, who has pressed Start."""
        person = people.add_person(self.world, {"first_name": name})
        self.starts(person.id)
        return person.id

    def update(self, **update: Any) -> int:
        return put_raw(self.world, update)

    def later(self, seconds: float) -> None:
        self.world.clock.move(self.world.clock.now_ms + round(seconds * 1000))

    async def until(self, so: Callable[[], bool]) -> None:
        assert await self.world.clock.changed.wait_until(so, PATIENCE), "it does not come"

    async def on_their_way(self) -> int:
        """How many updates are being posted, once the sender has had its turn."""
        for _ in range(20):
            await asyncio.sleep(0)
        return sum(each.given for each in self.world.state.pending)

    async def polled(self) -> None:
        """Until a poll is open."""
        await self.until(lambda: self.world.queue.polled)

    async def delivered(self) -> None:
        """Until nothing is left to deliver."""
        await self.until(lambda: not self.world.state.pending)


@dataclass
class Hook:
    """A bot's webhook, which answers as it is told: at once, or when it is let."""

    url: str = ""
    got: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    answers: list[web.Response] = field(default_factory=list)
    held: bool = False
    _open: list[asyncio.Future[None]] = field(default_factory=list)
    _came: asyncio.Event = field(default_factory=asyncio.Event)

    async def open(self) -> None:
        app = web.Application()
        app.router.add_post("/hook", self._handle)
        self._runner = web.AppRunner(app, shutdown_timeout=0.1)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{self._runner.addresses[0][1]}/hook"

    async def close(self) -> None:
        await self._runner.cleanup()

    @property
    def waiting(self) -> int:
        """How many posts are open and unanswered."""
        return len(self._open)

    async def has(self, posts: int) -> None:
        """Until so many posts wait at once."""
        async with asyncio.timeout(PATIENCE):
            while self.waiting < posts:
                self._came.clear()
                await self._came.wait()

    def let(self) -> None:
        """Answer the oldest that waits."""
        self._open.pop(0).set_result(None)

    def texts(self) -> list[str]:
        return [update["message"]["text"] for update in self.got]

    async def _handle(self, request: web.Request) -> web.Response:
        self.got.append(await request.json())
        self.headers.append(dict(request.headers))
        if self.held:
            self._open.append(asyncio.get_running_loop().create_future())
            self._came.set()
            await self._open[-1]
        return self.answers.pop(0) if self.answers else web.Response()
