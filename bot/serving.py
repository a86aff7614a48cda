"""An ASGI application on a port of its own, inside this process: for the playground and for webhooks."""

import asyncio
import contextlib
import socket
from collections.abc import Iterator
from typing import Any

import uvicorn
from starlette.types import ASGIApp

FAREWELL_SECONDS = 2
"""How long open connections may go on once it is to stop."""


class PortTaken(Exception):
    """The address cannot be listened on; says why."""


class Server:
    """Start it, use `url`, stop it. Signals are the caller's."""

    def __init__(self, app: ASGIApp, listener: socket.socket, **options: Any) -> None:
        """`listener` is closed by the server. `options` are uvicorn's."""
        self._listener = listener
        self._config = uvicorn.Config(
            app,
            ws="none",
            lifespan="off",
            log_config=None,
            log_level="warning",
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=FAREWELL_SECONDS,
            **{"timeout_keep_alive": 60, **options},
        )
        self.url = _url_of(listener)

    async def start(self) -> None:
        """Returns when it can be asked."""
        self._server = _Uvicorn(self._config)
        self._serving = asyncio.create_task(self._server.serve(sockets=[self._listener]))
        ready = asyncio.create_task(self._server.ready.wait())
        await asyncio.wait({self._serving, ready}, return_when=asyncio.FIRST_COMPLETED)
        ready.cancel()
        if self._serving.done():
            self._serving.result()

    async def stop(self) -> None:
        """Waits for what is being answered, but not for long."""
        self._server.should_exit = True
        await asyncio.gather(self._serving, return_exceptions=True)


class _Uvicorn(uvicorn.Server):
    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.ready = asyncio.Event()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.ready.set()


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens here; port 0: any that is free. Raises PortTaken."""
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


def _url_of(listener: socket.socket) -> str:
    host, port = listener.getsockname()[:2]
    return f"http://{f'[{host}]' if ':' in host else host}:{port}"
