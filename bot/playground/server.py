"""The playground as a server: the Bot API, the control API and the page on one port."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.playground.bot_api import BotApi
from bot.playground.control import ControlApi
from bot.playground.director import Bot, Director
from bot.playground.errors import ApiError
from bot.playground.script.words import CONTENT
from bot.playground.store import Store
from bot.playground.webhook import WebhookSender
from bot.playground.wire import Protocol, answer
from bot.playground.world import World
from bot.serving import Server, listen

PAGE = Path(__file__).with_name("page")
_FRESH = {"Cache-Control": "no-cache"}


class PlaygroundServer:
    """Start it, use `url`, stop it; the data folder then holds everything."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        folder: Path,
        token: str,
        flowing: bool,
        start: datetime | None = None,
        bot: Bot | None = None,
        content: Path = CONTENT,
    ) -> None:
        """`start` is the time on the clock of a folder that is new (None: the real time).

        With a `bot` worlds can be begun anew; `content` is where its words are.
        """
        self._address = (host, port)
        self._folder = folder
        self._token = token
        self._flowing = flowing
        self._start_ms = None if start is None else round(start.timestamp() * 1000)
        self._bot = bot
        self._content = content
        self.director: Director | None = None
        self.url = ""

    async def start(self) -> None:
        """Raises PortTaken; OSError or DamagedFolder for a folder it cannot use or read."""
        listener = listen(*self._address)
        try:
            self._store = Store(self._folder)
            self.world = World(self._store, flowing=self._flowing, start_ms=self._start_ms)
        except BaseException:
            listener.close()
            raise
        api = BotApi(self.world, self._token)
        if self._bot is not None:
            self.director = Director(self.world, self._bot, self._content)
        self._server = Server(application(self.world, api, self.director), listener, http=Protocol)
        self.url = self._server.url
        await self._server.start()
        self._webhooks = asyncio.create_task(WebhookSender(self.world, api.call).run())

    async def stop(self) -> None:
        """Ends every open call, then saves."""
        if self.director is not None:
            await self.director.close()
        self._webhooks.cancel()
        self.world.close()
        await self._server.stop()
        await asyncio.gather(self._webhooks, return_exceptions=True)
        await self._store.close()


async def serve(
    *,
    host: str,
    port: int,
    folder: Path,
    token: str,
    flowing: bool,
    ready: Callable[[str], None] | None = None,
    stop: asyncio.Event | None = None,
    start: datetime | None = None,
) -> None:
    """Serve until `stop` is set or the task is cancelled."""
    server = PlaygroundServer(host=host, port=port, folder=folder, token=token, flowing=flowing, start=start)
    await server.start()
    try:
        if ready is not None:
            ready(server.url)
        await (stop or asyncio.Event()).wait()
    finally:
        await server.stop()


def application(world: World, api: BotApi, director: Director | None = None) -> Starlette:
    routes: list[BaseRoute] = [
        *api.routes(),
        *ControlApi(world, director).routes(),
        Route("/", _index),
        Mount("/static", _Page(directory=PAGE, check_dir=False)),
    ]
    # A name of the net's that leads to this machine is not ours: no page from elsewhere gets in by it.
    hosts = Middleware(TrustedHostMiddleware, allowed_hosts=["127.0.0.1", "localhost"], www_redirect=False)
    return Starlette(routes=routes, middleware=[hosts], exception_handlers={404: _not_found})


async def _index(_: Request) -> Response:
    return FileResponse(PAGE / "index.html", headers=_FRESH)


async def _not_found(_: Request, __: Exception) -> Response:
    return answer({**ApiError(404, "Not Found").body(), "error": "Not Found"}, 404)


class _Page(StaticFiles):
    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers.update(_FRESH)
        return response
