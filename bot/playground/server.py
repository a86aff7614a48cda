"""The playground as a server: the Bot API, the control API and the page on one port."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from bot.playground.bot_api import BotApi
from bot.playground.control import ControlApi
from bot.playground.director import Bot, Director
from bot.playground.errors import ApiError, PortTaken
from bot.playground.script.words import CONTENT
from bot.playground.store import Store
from bot.playground.webhook import WebhookSender
from bot.playground.wire import Protocol, answer
from bot.playground.world import World

PAGE = Path(__file__).with_name("page")
_FRESH = {"Cache-Control": "no-cache"}
_FAREWELL_SECONDS = 2


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
        self._tasks: list[asyncio.Task[None]] = []
        self.url = ""

    async def start(self) -> None:
        """Raises PortTaken; OSError or DamagedFolder for a folder it cannot use or read."""
        listener = _listen(*self._address)
        try:
            self._store = Store(self._folder)
            self.world = World(self._store, flowing=self._flowing, start_ms=self._start_ms)
        except BaseException:
            listener.close()
            raise
        api = BotApi(self.world, self._token)
        if self._bot is not None:
            self.director = Director(self.world, self._bot, self._content)
        self._server = _Server(_config(application(self.world, api, self.director)))
        host, port = listener.getsockname()[:2]
        self.url = f"http://{f'[{host}]' if ':' in host else host}:{port}"
        serving = asyncio.create_task(self._server.serve(sockets=[listener]))
        webhooks = asyncio.create_task(WebhookSender(self.world, api.call).run())
        self._tasks = [serving, webhooks]
        await _either(serving, self._server.ready)

    async def stop(self) -> None:
        """Ends every open call, then saves."""
        if self.director is not None:
            await self.director.close()
        serving, webhooks = self._tasks
        webhooks.cancel()
        self.world.close()
        self._server.should_exit = True
        await asyncio.gather(serving, webhooks, return_exceptions=True)
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
    return Starlette(routes=routes, exception_handlers={404: _not_found})


async def _index(_: Request) -> Response:
    return FileResponse(PAGE / "index.html", headers=_FRESH)


async def _not_found(_: Request, __: Exception) -> Response:
    return answer({**ApiError(404, "Not Found").body(), "error": "Not Found"}, 404)


async def _either(serving: asyncio.Task[None], ready: asyncio.Event) -> None:
    """Wait for the server to be ready, or to fail."""
    waiting = asyncio.create_task(ready.wait())
    await asyncio.wait({serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    if serving.done():
        serving.result()


class _Page(StaticFiles):
    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers.update(_FRESH)
        return response


class _Server(uvicorn.Server):
    """Signals are the caller's."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


def _config(app: Starlette) -> uvicorn.Config:
    return uvicorn.Config(
        app,
        http=Protocol,
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="warning",
        access_log=False,
        timeout_keep_alive=60,
        timeout_graceful_shutdown=_FAREWELL_SECONDS,
    )


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # named, since asyncio sends small answers without delay only on what says it is TCP
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind((host, port))
        listener.listen(2048)
    except OSError as error:
        listener.close()
        raise PortTaken(error.strerror or "it cannot be listened on") from error
    return listener
