"""The webhook: Telegram brings updates itself; 200 is said when they have been committed, and not before.

Requests that come while a batch is at work make the next one. Whoever does not know the secret is told
nothing: no answer has a body. Telegram brings again what was not taken: nothing is lost, whatever fails here.
"""

import asyncio
import hmac
import socket
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit

import structlog
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import Route
from telegram import Bot
from telegram.error import BadRequest, InvalidToken, TelegramError

from bot.clock import Activity, Bell, Clock
from bot.serving import Server
from bot.telegram.intake import ALLOWED, BATCH, Intake
from bot.telegram.polling import TokenRefusedError
from bot.telegram.request import loads, request_data

log = structlog.get_logger()

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"
LARGEST = 1024 * 1024
"""Bytes of a request. An update has a few thousand, 200,000 at most."""
BODY_SECONDS = 10.0
"""So long a request may take to arrive (real seconds)."""
MOST_CONNECTIONS = 100
"""So many requests Telegram makes at once; it is the most it can."""
MOST_OPEN = 2 * MOST_CONNECTIONS
LOOK_EVERY = timedelta(minutes=1)
"""So often Telegram is asked whether it brings updates, and here."""
LARGEST_ID = 2**63


class WebhookRefusedError(Exception):
    """Telegram does not take this address; says why."""


@dataclass(frozen=True)
class Address:
    """What Telegram is told, and where that arrives."""

    url: str
    secret: str
    listener: socket.socket

    @property
    def path(self) -> str:
        return urlsplit(self.url).path or "/"


@dataclass(frozen=True)
class _Brought:
    update: dict[str, Any]
    taken: asyncio.Future[bool]


class Webhook:
    """Takes what Telegram brings, and hands it to the intake."""

    def __init__(self, bot: Bot, intake: Intake, address: Address, clock: Clock, activity: Activity) -> None:
        self._bot = bot
        self._intake = intake
        self._address = address
        self._clock = clock
        self._activity = activity
        self._pause = Bell(clock, activity)
        self._waiting: asyncio.Queue[_Brought] = asyncio.Queue()
        self._refused = 0
        self._last_error: Any = None
        self._server = Server(self.application(), address.listener, limit_concurrency=MOST_OPEN)

    def application(self) -> Starlette:
        """Knows one address and one method."""
        routes = [Route(self._address.path, self._receive, methods=["POST"])]
        return Starlette(routes=routes, exception_handlers={HTTPException: _only_the_status})

    async def prepare(self) -> None:
        """Tell Telegram where to bring updates; what waits there is kept.

        Raises WebhookRefusedError, TelegramError.
        """
        parameters = {
            "url": self._address.url,
            "secret_token": self._address.secret,
            "allowed_updates": ALLOWED,
            "max_connections": MOST_CONNECTIONS,
        }
        try:
            await self._call("setWebhook", parameters)
        except BadRequest as error:  # it is a NetworkError to python-telegram-bot
            raise WebhookRefusedError(error.message) from error

    def close(self) -> None:
        """Listen no more, also if it never ran."""
        self._address.listener.close()

    async def run(self) -> None:
        """Serve until cancelled. Raises TokenRefusedError."""
        await self._server.start()
        batches = asyncio.create_task(self._batches())
        try:
            await self._look_now_and_then()
        finally:
            await self._server.stop()  # what has arrived is still handled
            batches.cancel()
            await asyncio.gather(batches, return_exceptions=True)
            await self._intake.wind_up()

    # requests

    async def _receive(self, request: Request) -> Response:
        with self._activity.working():
            status = await self._status_of(request)
        return Response(status_code=status)

    async def _status_of(self, request: Request) -> HTTPStatus:
        given = request.headers.get(SECRET_HEADER, "").encode("latin-1")
        if not hmac.compare_digest(given, self._address.secret.encode()):
            self._refused += 1
            return HTTPStatus.FORBIDDEN
        try:
            async with asyncio.timeout(BODY_SECONDS):
                body = await _body(request)
        except (TimeoutError, ClientDisconnect):
            return HTTPStatus.REQUEST_TIMEOUT
        if body is None:
            log.warning("webhook.too_large", limit=LARGEST)
            return HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        update = _update(body)
        if update is None:
            return HTTPStatus.BAD_REQUEST
        taken = asyncio.get_running_loop().create_future()
        self._waiting.put_nowait(_Brought(update, taken))
        return HTTPStatus.OK if await taken else HTTPStatus.SERVICE_UNAVAILABLE

    # batches

    async def _batches(self) -> None:
        batch: list[_Brought] = []
        try:
            while True:
                batch = [await self._waiting.get()]
                while not self._waiting.empty() and len(batch) < BATCH:
                    batch.append(self._waiting.get_nowait())
                _tell(batch, taken=await self._take([each.update for each in batch]))
        finally:
            while not self._waiting.empty():
                batch.append(self._waiting.get_nowait())
            _tell(batch, taken=False)

    async def _take(self, updates: Sequence[dict[str, Any]]) -> bool:
        try:
            await self._intake.take(sorted(updates, key=lambda each: int(each["update_id"])))
        except Exception as error:  # not confirmed: Telegram brings all of it again
            log.exception("intake.missed", error=type(error).__name__)
            return False
        return True

    # Telegram's side

    async def _look_now_and_then(self) -> None:
        while True:
            await self._pause.wait(self._clock.now() + await self._look())

    async def _look(self) -> timedelta:
        """Whether Telegram is there, and brings updates here; how long until the next look."""
        if self._refused:
            log.warning("webhook.refused", times=self._refused, hint="requests without the secret")
            self._refused = 0
        try:
            info = await self._call("getWebhookInfo", {})
            if isinstance(info, dict):
                await self._look_at(info)
        except InvalidToken as error:
            raise TokenRefusedError from error
        except TelegramError as error:
            return self._intake.contact.lost(error)
        with suppress(Exception):  # a database that is away tells the batches, which say so
            await self._intake.contact.made(quiet=True)
        return LOOK_EVERY

    async def _look_at(self, info: dict[str, Any]) -> None:
        if info.get("url") != self._address.url:
            log.warning("webhook.gone", hint="somebody took it off; it is set again")
            await self.prepare()
        elif (failed := info.get("last_error_date")) is not None and failed != self._last_error:
            self._last_error = failed
            log.warning("webhook.not_reached", said=str(info.get("last_error_message"))[:200])

    async def _call(self, method: str, parameters: dict[str, Any]) -> Any:
        url = f"{self._bot.base_url}/{method}"
        return await self._bot.request.post(url, request_data=request_data(parameters))


async def _body(request: Request) -> bytes | None:
    """The body, read no further than it may go; None if that is not all."""
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            return None
    return bytes(body)


def _update(body: bytes) -> dict[str, Any] | None:
    """None if it is no update."""
    try:
        update = loads(body)
    except ValueError:
        return None
    number = update.get("update_id") if isinstance(update, dict) else None
    if not isinstance(number, int) or isinstance(number, bool) or not 0 <= number < LARGEST_ID:
        return None
    return dict(update)


def _tell(batch: Sequence[_Brought], *, taken: bool) -> None:
    for each in batch:
        if not each.taken.done():  # whoever brought it may be gone
            each.taken.set_result(taken)


async def _only_the_status(_: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return Response(status_code=error.status_code, headers=error.headers)
