"""HTTP as the playground needs it: reading calls, answering, and breaking connections on purpose."""

from __future__ import annotations

import asyncio
import json
import mimetypes
import socket
import struct
from collections.abc import Awaitable
from typing import Any, TypeVar, cast

import orjson
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from bot.playground.errors import ControlError, bad_request
from bot.playground.params import Params, Upload
from bot.playground.state import Json
from bot.playground.text import without_surrogates

_ANYTHING = "application/octet-stream"
_LARGEST_PART = 64 * 1024 * 1024
T = TypeVar("T")


class Protocol(H11Protocol):
    """Hands the connection to the application, which has to be able to break it."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        self.app_state = {**self.app_state, "transport": transport}
        super().connection_made(transport)


class ClientGone(Exception):
    """The client closed the connection while it was waiting."""


def answer(body: Any, status: int = 200) -> Response:
    content = orjson.dumps(body, option=orjson.OPT_NON_STR_KEYS)
    return Response(content, status, _retry_after(body), media_type="application/json")


def _retry_after(body: Any) -> dict[str, str] | None:
    """A 429 says it in its header, too."""
    parameters = body.get("parameters") if isinstance(body, dict) else None
    seconds = parameters.get("retry_after") if isinstance(parameters, dict) else None
    return {"Retry-After": str(seconds)} if isinstance(seconds, int) else None


async def unless_closed(request: Request, work: Awaitable[T]) -> T:
    """Wait for `work`, but give it up when the client goes. The request's body must have been read."""
    task = asyncio.ensure_future(work)
    watch = asyncio.create_task(closed(request))
    try:
        await asyncio.wait({task, watch}, return_when=asyncio.FIRST_COMPLETED)
        if not task.done():
            raise ClientGone
        return task.result()
    finally:
        task.cancel()
        watch.cancel()
        await asyncio.gather(task, watch, return_exceptions=True)


async def closed(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def read_params(request: Request) -> Params:
    """A Bot API call's parameters, from wherever they are."""
    values: Json = dict(request.query_params)
    uploads: dict[str, Upload] = {}
    kind = request.headers.get("content-type", "")
    if kind.startswith("application/json"):
        values.update(_json_object(await request.body()))
    elif kind.startswith(("multipart/form-data", "application/x-www-form-urlencoded")):
        await _read_form(request, values, uploads)
    else:
        await request.body()
    return Params(values, uploads)


async def _read_form(request: Request, values: Json, uploads: dict[str, Upload]) -> None:
    try:
        async with request.form(max_part_size=_LARGEST_PART) as form:
            for name, value in form.multi_items():
                if isinstance(value, UploadFile):
                    uploads[name] = Upload(value.filename or name, _mime(value), await value.read())
                else:
                    values[name] = value
    except HTTPException as error:
        raise bad_request(f"can't parse the form: {error.detail}") from None


def _mime(file: UploadFile) -> str:
    """As the client says; one that does not know leaves it to the name."""
    said = file.content_type or _ANYTHING
    return said if said != _ANYTHING else mimetypes.guess_type(file.filename or "")[0] or _ANYTHING


def _json_object(body: bytes) -> Json:
    if not body:
        return {}
    try:
        values = orjson.loads(body)
    except orjson.JSONDecodeError:
        try:
            json.loads(body)
        except ValueError:
            raise bad_request("can't parse request: not valid JSON") from None
        raise bad_request("strings must be encoded in UTF-8") from None
    if not isinstance(values, dict):
        raise bad_request("can't parse request: object expected")
    return values


async def read_control(request: Request) -> Json:
    """A control call's body; half characters, which a text field can produce, become U+FFFD."""
    body = await request.body()
    if not body:
        return {}
    try:
        values = orjson.loads(body)
    except orjson.JSONDecodeError:
        try:
            values = json.loads(without_surrogates(json.dumps(json.loads(body), ensure_ascii=False)))
        except ValueError:
            raise ControlError("the body is not JSON") from None
    if not isinstance(values, dict):
        raise ControlError("the body is not a JSON object")
    return values


async def break_off(request: Request, *, rudely: bool) -> Response:
    """Close the connection without an answer; rudely: by a reset."""
    transport = cast(asyncio.Transport, request.scope["state"]["transport"])
    if rudely:
        connection = transport.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    transport.abort()
    await closed(request)
    return Response()


class HalfResponse(Response):
    """Promises its whole length, sends half of it, and closes."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        half = bytes(self.body)[: len(self.body) // 2]
        await send({"type": "http.response.start", "status": self.status_code, "headers": self.raw_headers})
        await send({"type": "http.response.body", "body": half, "more_body": True})
        cast(asyncio.Transport, scope["state"]["transport"]).close()
        await closed(Request(scope, receive))
