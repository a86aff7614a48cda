"""Ways to drive the playground, and a bot that is small enough to understand."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any

import aiohttp

from bot.playground import people
from bot.playground.bot_api import BotApi
from bot.playground.params import Params, Upload
from bot.playground.server import PlaygroundServer
from bot.playground.world import World

TOKEN = "4200001:test-token"
MARA = 5_012_345_678
JONAS = 6_098_765_432
PIXEL = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR\x00\x00\x00\x07\x00\x00\x00\x05"


class Core:
    def __init__(self, world: World) -> None:
        self.world = world
        self.api = BotApi(world, TOKEN)

    def call(self, method: str, uploads: dict[str, Upload] | None = None, **values: Any) -> tuple[int, Any]:
        return self.api.call(method, Params(values, uploads or {}))

    def ok(self, method: str, uploads: dict[str, Upload] | None = None, **values: Any) -> Any:
        status, body = self.call(method, uploads, **values)
        assert status == 200, body
        return body["result"]

    def refused(self, method: str, **values: Any) -> str:
        status, body = self.call(method, **values)
        assert status != 200, body
        assert body["error_code"] == status
        return str(body["description"])

    def do(self, person: int, action: str, **body: Any) -> Any:
        return people.ACTIONS[action](self.world, self.world.person(person), body)

    def start(self, *who: int) -> None:
        for person in who or (MARA,):
            self.do(person, "say", text="/start")
        self.world.queue.drop_all()

    async def updates(self, offset: int = 0, limit: int = 100) -> list[Any]:
        return await self.world.queue.get_updates(offset=offset, limit=limit, timeout=0)

    def later(self, seconds: float) -> None:
        self.world.clock.move(self.world.clock.now_ms + round(seconds * 1000))

    def keyboard(self, *buttons: dict[str, Any]) -> dict[str, Any]:
        return {"inline_keyboard": [list(buttons)]}


class Playground:
    def __init__(self, server: PlaygroundServer, http: aiohttp.ClientSession) -> None:
        self.server = server
        self.http = http

    @property
    def url(self) -> str:
        return self.server.url

    async def call(self, method: str, **values: Any) -> tuple[int, Any]:
        async with self.http.post(f"{self.url}/bot{TOKEN}/{method}", json=values) as answer:
            return answer.status, await answer.json()

    async def ok(self, method: str, **values: Any) -> Any:
        status, body = await self.call(method, **values)
        assert status == 200, body
        return body["result"]

    async def post(self, path: str, **body: Any) -> tuple[int, Any]:
        async with self.http.post(f"{self.url}/playground/{path}", json=body) as answer:
            return answer.status, await answer.json()

    async def get(self, path: str) -> Any:
        async with self.http.get(f"{self.url}/playground/{path}") as answer:
            assert answer.status == 200
            return await answer.json()

    async def do(self, person: int, action: str, **body: Any) -> Any:
        status, result = await self.post(f"people/{person}/{action}", **body)
        assert status == 200, result
        return result

    async def texts(self, person: int) -> list[str]:
        return [each.get("text", "") for each in (await self.get(f"people/{person}/messages"))["messages"]]


class FakeBot:
    """Echoes what it is told, has timers, and keeps the playground informed as the real bot does."""

    def __init__(self, playground: Playground, timers: list[datetime] | None = None) -> None:
        self._playground = playground
        self._timers = sorted(timers or [])
        self._handled = 0
        self._changed = asyncio.Condition()
        self.now: datetime | None = None
        self.fired: list[tuple[datetime, datetime]] = []
        self.answers: list[dict[str, Any]] = []

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator[FakeBot]:
        tasks = [asyncio.create_task(self._intake()), asyncio.create_task(self._clock())]
        try:
            assert (await self._playground.post("settle"))[0] == 200
            yield self
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _intake(self) -> None:
        offset = 0
        while True:
            for update in await self._playground.ok("getUpdates", offset=offset, timeout=20):
                offset = update["update_id"] + 1
                message = update.get("message", {})
                if message:
                    await self._playground.ok(
                        "sendMessage", chat_id=message["chat"]["id"], text=f"echo {message['text']}"
                    )
                async with self._changed:
                    self._handled = update["update_id"]
                    self._changed.notify_all()

    async def _clock(self) -> None:
        answer: dict[str, Any] = {"seq": 0, "delivered": 0}
        while True:
            async with self._changed:
                delivered = answer["delivered"]
                await self._changed.wait_for(lambda wanted=delivered: self._handled >= wanted)
            if "now" in answer:
                self.now = datetime.fromisoformat(answer["now"])
                self.answers.append(answer)
                while self._timers and self._timers[0] <= self.now:
                    self.fired.append((self._timers.pop(0), self.now))
            status, answer = await self._playground.post(
                "clock/poll",
                seq=answer["seq"],
                now=answer.get("now"),
                idle=True,
                handled=self._handled,
                next=self._timers[0].isoformat() if self._timers else None,
                due=[{"at": each.isoformat(), "what": "timer"} for each in self._timers],
            )
            assert status == 200
