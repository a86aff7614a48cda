"""Whether the bot is alive and ready, and figures for Prometheus: on a port of their own, for machines.

`/healthz`: the process answers. `/readyz`: 200 if the database works, messages go out and timers run in time,
else 503; one JSON object says what is wrong. `/metrics`: figures. None of it says anything of anybody.
"""

import asyncio
import socket
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from bot import __version__
from bot.clock import Clock
from bot.metrics import CONTENT_TYPE, Metrics
from bot.serving import Server
from bot.storage.lag import Lag, lag
from bot.storage.trouble import trouble_of
from bot.storage.unit_of_work import Storage

PATIENCE = 3.0
"""Real seconds the database has to answer."""
MOST_WAITING = 120.0
"""Seconds a message that is no bulk may have waited."""
MOST_LATE = 60.0
"""Seconds a timer that somebody counts on may be late."""
MOST_OPEN = 20
"""Connections at once: a scraper and a load balancer have one each."""


@dataclass
class State:
    """How things are. `wrong` names what keeps the bot from being ready; nothing in it: it is ready."""

    wrong: list[str] = field(default_factory=list)
    lag: Lag | None = None
    """None: the database does not say."""
    database: str = "ok"
    telegram: bool = False

    @property
    def ready(self) -> bool:
        return not self.wrong

    def as_json(self) -> dict[str, Any]:
        seconds = None if self.lag is None else round(self.lag.people, 1)
        late = None if self.lag is None else round(self.lag.promises, 1)
        return {
            "ready": self.ready,
            "wrong": self.wrong,
            "database": self.database,
            "telegram": "within reach" if self.telegram else "out of reach",
            "outbox": {"oldest_seconds": seconds, "limit": MOST_WAITING},
            "timers": {"late_seconds": late, "limit": MOST_LATE},
            "version": __version__,
        }


class Health:
    """Answers on its port while the bot works. Being asked changes nothing, and keeps nobody waiting."""

    def __init__(self, storage: Storage, clock: Clock, metrics: Metrics, listener: socket.socket) -> None:
        self._storage = storage
        self._clock = clock
        self._metrics = metrics
        self._looking: asyncio.Task[Lag | str] | None = None
        self._server = Server(self.application(), listener, limit_concurrency=MOST_OPEN)
        self.url = self._server.url
        self.started = False
        """Whether the bot has said hello to Telegram, and works."""
        self.in_contact: Callable[[], bool] = lambda: False
        self.is_sender: Callable[[], bool] = lambda: self.started

    def application(self) -> Starlette:
        routes = [
            Route("/healthz", self._alive, methods=["GET"]),
            Route("/readyz", self._is_ready, methods=["GET"]),
            Route("/metrics", self._figures, methods=["GET"]),
        ]
        return Starlette(routes=routes)

    async def start(self) -> None:
        await self._server.start()

    async def stop(self) -> None:
        await self._server.stop()
        if self._looking is not None:
            await asyncio.gather(self._looking, return_exceptions=True)

    async def _alive(self, _: Request) -> Response:
        return JSONResponse({"alive": True, "version": __version__})

    async def _is_ready(self, _: Request) -> Response:
        state = await self.look()
        return JSONResponse(state.as_json(), status_code=200 if state.ready else 503)

    async def _figures(self, _: Request) -> Response:
        state = await self.look()
        self._show(state)
        return Response(self._metrics.text(), headers={"Content-Type": CONTENT_TYPE})

    async def look(self) -> State:
        """How things are now."""
        state = State(telegram=self.in_contact())
        if not self.started:
            state.wrong.append("it has not started yet: Telegram did not answer so far")
        found = await self._ask()
        trouble = self._storage.trouble
        if isinstance(found, str) or trouble is not None:
            state.database = found if isinstance(found, str) else str(trouble and trouble.words)
            state.wrong.append(f"database: {state.database}")
        if isinstance(found, Lag):
            state.lag = found
            if found.people > MOST_WAITING:
                state.wrong.append(f"outbox: a message has waited {found.people:.0f} s")
            if found.promises > MOST_LATE:
                state.wrong.append(f"timers: one is {found.promises:.0f} s late")
        return state

    async def _ask(self) -> Lag | str:
        """How far behind the queues are; in words, why the database does not say.

        However many ask, it is read once at a time: one that hangs is not asked by a second thread.
        """
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._read())
        try:
            return await asyncio.wait_for(asyncio.shield(self._looking), PATIENCE)
        except TimeoutError:
            return f"no answer within {PATIENCE:.0f} s"

    async def _read(self) -> Lag | str:
        now = self._clock.now()
        try:
            return await self._storage.aside(lambda connection: lag(connection, now))
        except Exception as error:  # whatever it is, it is what to say
            trouble = trouble_of(error)
            return type(error).__name__ if trouble is None else trouble.words

    def _show(self, state: State) -> None:
        if state.lag is None:
            self._metrics.unknown()
        else:
            queues = {
                each.name.lower(): (queue.waiting, queue.oldest) for each, queue in state.lag.outbox.items()
            }
            overdue = {"promise": state.lag.promises, "reminder": state.lag.reminders}
            self._metrics.queues(queues, overdue)
        self._metrics.state(
            ready=state.ready,
            database=state.database == "ok",
            telegram=state.telegram,
            leader=self.is_sender(),
        )
