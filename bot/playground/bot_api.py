"""The Bot API over HTTP: `/bot<TOKEN>/<method>` and `/file/bot<TOKEN>/<path>`."""

from __future__ import annotations

import asyncio
import re
import secrets
from collections.abc import Awaitable, Callable
from http import HTTPStatus
from pathlib import Path

from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from bot.playground.errors import ApiError
from bot.playground.faults import Fault
from bot.playground.methods import METHODS, chat_of
from bot.playground.params import Params
from bot.playground.state import Json
from bot.playground.webhook_methods import remember_allowed
from bot.playground.wire import ClientGone, HalfResponse, answer, break_off, read_params, unless_closed
from bot.playground.world import World

Result = tuple[int, Json]
_POLL = "getupdates"
_TOKEN = re.compile(r"[1-9]\d{0,18}:[^/]{1,60}")
_UNAUTHORIZED = ApiError(401, "Unauthorized")
_NO_TOKEN = ApiError(401, "Unauthorized: invalid token specified")
_NOT_FOUND = ApiError(404, "Not Found")
_NO_METHOD = ApiError(404, "Not Found: method not found")


class BotApi:
    def __init__(self, world: World, token: str) -> None:
        self._world = world
        self._token = token

    def routes(self) -> list[Route]:
        return [
            Route("/bot{token}/{method}", self._method, methods=["GET", "POST"]),
            Route("/file/bot{token}/{path:path}", self._file, methods=["GET"]),
        ]

    def call(self, name: str, params: Params, fault: Fault | None = None) -> Result:
        """Do one call and put it on record."""
        method = METHODS.get(name.lower())
        try:
            if method is None:
                raise _NO_METHOD
            result: Result = 200, {"ok": True, "result": method(self._world, params)}
            self._world.store.touch()
        except ApiError as error:
            result = error.code, error.body()
        self._world.faults.record(name, params.shown(), result[0], fault)
        return result

    async def _method(self, request: Request) -> Response:
        if not self._is_ours(request):
            return _stranger(request)
        name = request.path_params["method"]
        try:
            params = await read_params(request)
        except ApiError as error:
            self._world.faults.record(name, {}, error.code)
            return answer(error.body(), error.code)
        fault = self._world.faults.take(name, chat_of(self._world, params))
        try:
            if name.lower() == _POLL:
                return await self._respond(request, fault, name, params, lambda: self._poll(request, params))
            with self._world.presence.call():
                return await self._respond(
                    request, fault, name, params, lambda: _at_once(self.call(name, params, fault))
                )
        except ClientGone:
            return Response()

    async def _respond(
        self,
        request: Request,
        fault: Fault | None,
        name: str,
        params: Params,
        do: Callable[[], Awaitable[Result]],
    ) -> Response:
        """Do the call as its fault, if there is one, wants it done."""
        if fault is None:
            status, body = await do()
            return answer(body, status)
        if fault.kind in ("status", "reset", "not_json"):
            status = {"status": fault.status, "reset": 0}.get(fault.kind, 200)
            self._world.faults.record(name, params.shown(), status, fault)
            if fault.kind == "reset":
                return await break_off(request, rudely=True)
            if fault.kind == "not_json":
                return Response("<html><body>Bad gateway</body></html>", media_type="text/html")
            error = fault.error()
            return answer(error.body(), error.code)
        if fault.kind == "slow":
            await unless_closed(request, asyncio.sleep(fault.seconds))
        status, body = await do()
        if fault.kind == "late":
            await unless_closed(request, asyncio.sleep(fault.seconds))
        if fault.kind == "after_delivery":
            return await break_off(request, rudely=False)
        response = answer(body, status)
        return HalfResponse(response.body, status, response.headers) if fault.kind == "half" else response

    async def _poll(self, request: Request, params: Params) -> Result:
        try:
            remember_allowed(self._world, params)
            poll = self._get_updates(params)
            at_once = self._world.queue.has_from(params.number("offset", 0))
            updates = await (poll if at_once else unless_closed(request, poll))
            if updates:
                self._world.store.touch()
                self._world.tell_clock()
            result: Result = 200, {"ok": True, "result": updates}
        except ApiError as error:
            result = error.code, error.body()
        self._world.faults.record_poll(params.shown(), result[0])
        return result

    async def _get_updates(self, params: Params) -> list[Json]:
        with self._world.presence.call():
            return await self._world.queue.get_updates(
                offset=params.number("offset", 0),
                limit=params.number("limit", 100),
                timeout=params.number("timeout", 0),
            )

    async def _file(self, request: Request) -> Response:
        if not self._is_ours(request):
            return _stranger(request)
        path = request.path_params["path"]
        if not any(path == stored.path for stored in self._world.state.files.values()):
            return answer(_NOT_FOUND.body(), HTTPStatus.NOT_FOUND)
        return FileResponse(Path(self._world.store.files) / path)

    def _is_ours(self, request: Request) -> bool:
        given = request.path_params["token"]
        return secrets.compare_digest(given.encode(), self._token.encode())


def _stranger(request: Request) -> Response:
    """Somebody else's token, or what is none at all."""
    error = _UNAUTHORIZED if _TOKEN.fullmatch(request.path_params["token"]) else _NO_TOKEN
    return answer(error.body(), error.code)


async def _at_once(result: Result) -> Result:
    return result
