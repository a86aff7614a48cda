"""The network seam, against a small server: what arrives there, and what every kind of trouble becomes.

Also the contract with python-telegram-bot: `bot.request.post` with plain parameters, and the shape of
`telegram.request.RequestData` that this relies on.
"""

import asyncio
import json
import logging
import socket
import traceback
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, time
from typing import Any

import pytest
from aiohttp import web
from telegram import Bot, InlineKeyboardButton, InlineKeyboardMarkup, InputFile
from telegram.error import (
    BadRequest,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)
from telegram.request import RequestData

from bot.clock import SteppedClock
from bot.content.catalog import Content
from bot.delivery.messenger import Envelope
from bot.domain.decision import Notice, Operation
from bot.domain.model import Person, PersonId
from bot.telegram.client import build_application, disconnect
from bot.telegram.messenger import TelegramMessenger
from bot.telegram.request import (
    AiohttpRequest,
    BrokenOff,
    NotSent,
    PlainRequestData,
    dumps,
    loads,
    request_data,
    retry_after_seconds,
)

TOKEN = "4200001:secret-of-the-tests"
Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Server:
    """Keeps what it gets, and answers as the test says."""

    url: str = ""
    answer: Answer | None = None
    bodies: list[Any] = field(default_factory=list)
    types: list[str] = field(default_factory=list)
    connections: set[Any] = field(default_factory=set)
    release: asyncio.Event = field(default_factory=asyncio.Event)

    def at(self, method: str) -> str:
        return f"{self.url}/bot{TOKEN}/{method}"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.connections.add(request.transport)
        self.types.append(request.content_type)
        if request.content_type == "multipart/form-data":
            fields = await request.post()
            self.bodies.append(
                {
                    name: (value.filename, value.content_type, value.file.read())
                    if isinstance(value, web.FileField)
                    else value
                    for name, value in fields.items()
                }
            )
        else:
            body = await request.read()
            self.bodies.append(json.loads(body) if body else None)
        if self.answer is not None:
            return await self.answer(request)
        if request.path.endswith("/getMe"):
            me = {"id": 4200001, "is_bot": True, "first_name": "StillHere", "username": "stillhere_bot"}
            return web.json_response({"ok": True, "result": me})
        message = {"message_id": 9, "date": 0, "chat": {"id": 5, "type": "private"}, "text": "x"}
        return web.json_response({"ok": True, "result": message})


def refusing(status: int, description: str, **parameters: Any) -> Answer:
    async def answer(_: web.Request) -> web.Response:
        body = {"ok": False, "error_code": status, "description": description}
        return web.json_response(body | ({"parameters": parameters} if parameters else {}), status=status)

    return answer


def saying(body: bytes, status: int = 200) -> Answer:
    async def answer(_: web.Request) -> web.Response:
        return web.Response(body=body, status=status, content_type="text/html")

    return answer


async def half(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": "1000"})
    await response.prepare(request)
    await response.write(b'{"ok": true, "res')
    assert request.transport
    request.transport.close()
    return response


async def reset(request: web.Request) -> web.StreamResponse:
    assert request.transport
    request.transport.abort()
    return web.Response()


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    kept = Server()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", kept.handle)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    kept.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    yield kept
    kept.release.set()
    await runner.cleanup()


@pytest.fixture
async def request_() -> AsyncIterator[AiohttpRequest]:
    request = AiohttpRequest()
    yield request
    await request.shutdown()


async def fails(request: AiohttpRequest, url: str, **timeouts: float) -> TelegramError:
    """The error of a call, in which nothing may tell the token."""
    with pytest.raises(TelegramError) as caught:
        await request.post(url, request_data({"chat_id": 5, "text": "hello"}), **timeouts)
    assert TOKEN not in "".join(traceback.format_exception(caught.value))
    return caught.value


async def test_plain_parameters_travel_as_json(server: Server, request_: AiohttpRequest) -> None:
    parameters = {"chat_id": 5, "text": "Ruhe… 🌊", "reply_markup": {"inline_keyboard": []}, "caption": None}
    result = await request_.post(server.at("sendMessage"), request_data(parameters))

    assert isinstance(result, dict)
    assert result["message_id"] == 9
    assert server.types == ["application/json"]
    assert server.bodies == [{"chat_id": 5, "text": "Ruhe… 🌊", "reply_markup": {"inline_keyboard": []}}]


async def test_files_travel_as_multipart(server: Server, request_: AiohttpRequest) -> None:
    files = {"photo": ("series.png", b"\x89PNG", "image/png")}
    parameters = {"chat_id": 5, "reply_markup": {"inline_keyboard": []}, "caption": "Eine Woche"}
    await request_.post(server.at("sendPhoto"), request_data(parameters, files))

    assert server.bodies == [
        {
            "chat_id": "5",
            "reply_markup": '{"inline_keyboard":[]}',
            "caption": "Eine Woche",
            "photo": ("series.png", "image/png", b"\x89PNG"),
        }
    ]


async def test_it_serves_python_telegram_bot(server: Server) -> None:
    keyboard = InlineKeyboardMarkup([[InlineKeyboardButton("Breathe", callback_data="b")]])
    bot = Bot(TOKEN, f"{server.url}/bot", request=AiohttpRequest(), get_updates_request=AiohttpRequest())
    async with bot:
        server.bodies.clear()
        message = await bot.send_message(5, "hello", reply_markup=keyboard, disable_notification=True)
        await bot.send_photo(5, InputFile(b"\x89PNG", filename="a.png"), caption="c")
        server.answer = saying(b'{"ok": true, "result": []}')
        assert await bot.get_updates(offset=3, timeout=0, allowed_updates=["message"]) == ()

    assert message.message_id == 9
    text, photo, updates = server.bodies
    assert text["reply_markup"] == {"inline_keyboard": [[{"text": "Breathe", "callback_data": "b"}]]}
    assert (text["chat_id"], text["disable_notification"]) == (5, True)
    assert "a.png" in [value[0] for value in photo.values() if isinstance(value, tuple)]
    assert (updates["offset"], updates["allowed_updates"]) == (3, ["message"])


def test_the_shape_of_request_data_is_still_known() -> None:
    for name in ("contains_files", "parameters", "json_parameters", "multipart_data"):
        assert hasattr(RequestData(), name)
        assert hasattr(PlainRequestData({}), name)


async def test_connections_are_kept(server: Server, request_: AiohttpRequest) -> None:
    for _ in range(5):
        await request_.post(server.at("sendMessage"), request_data({"chat_id": 5}))
    assert len(server.connections) == 1


async def test_it_can_be_used_again_after_shutdown(server: Server, request_: AiohttpRequest) -> None:
    await request_.initialize()
    await request_.shutdown()
    assert await request_.retrieve(f"{server.url}/file/bot{TOKEN}/a.png")


@pytest.mark.parametrize(
    ("status", "description", "kind"),
    [
        (400, "Bad Request: chat not found", BadRequest),
        (401, "Unauthorized", InvalidToken),
        (403, "Forbidden: bot was blocked by the user", Forbidden),
        (404, "Not Found", InvalidToken),
        (409, "Conflict: terminated by other getUpdates request", Conflict),
        (500, "Internal Server Error", NetworkError),
        (502, "Bad Gateway", NetworkError),
        (302, "Found", NetworkError),
    ],
)
async def test_what_telegram_answers(
    server: Server, request_: AiohttpRequest, status: int, description: str, kind: type[TelegramError]
) -> None:
    server.answer = refusing(status, description)
    error = await fails(request_, server.at("sendMessage"))
    assert type(error) is kind
    assert description.removeprefix("Bad Request: ").lower() in str(error).lower()


async def test_too_many_requests(server: Server, request_: AiohttpRequest) -> None:
    server.answer = refusing(429, "Too Many Requests: retry after 7", retry_after=7)
    error = await fails(request_, server.at("sendMessage"))
    assert isinstance(error, RetryAfter)
    assert retry_after_seconds(error) == 7


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        (saying(b"<html>"), "not Telegram's JSON"),
        (saying(b'{"ok": tr'), "not Telegram's JSON"),
        (saying(b"[]"), "not Telegram's JSON"),
        (saying(b'{"ok": true}'), "not Telegram's JSON"),
        (half, "Broken off: ClientPayloadError"),
        (reset, "Broken off: "),
    ],
    ids=["no JSON", "half JSON", "a list", "no result", "half an answer", "reset"],
)
async def test_perhaps_delivered(
    server: Server, request_: AiohttpRequest, answer: Answer, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    server.answer = answer
    error = await fails(request_, server.at("sendMessage"))

    assert type(error) is BrokenOff
    assert text in str(error)
    assert len(server.bodies) == 1, "nobody but the caller may send it again"
    ours = [record for record in caplog.records if not record.name.startswith("aiohttp.access")]
    assert TOKEN not in "".join(record.getMessage() for record in ours)


async def test_no_answer_in_time_is_perhaps_delivered(server: Server, request_: AiohttpRequest) -> None:
    async def never(_: web.Request) -> web.Response:
        with suppress(asyncio.CancelledError):
            await server.release.wait()
        return web.Response()

    server.answer = never
    error = await fails(request_, server.at("sendMessage"), read_timeout=0.05)
    assert isinstance(error, TimedOut)
    assert len(server.bodies) == 1


async def test_refused_is_surely_not_sent(request_: AiohttpRequest) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    error = await fails(request_, f"http://127.0.0.1:{port}/bot{TOKEN}/sendMessage")
    assert isinstance(error, NotSent)
    assert "refused" in str(error).lower()


async def test_no_such_host_is_surely_not_sent(request_: AiohttpRequest) -> None:
    assert isinstance(await fails(request_, f"http://nowhere.invalid/bot{TOKEN}/sendMessage"), NotSent)


async def test_an_impossible_address_is_surely_not_sent(request_: AiohttpRequest) -> None:
    assert isinstance(await fails(request_, f"http://[bad/bot{TOKEN}/sendMessage"), NotSent)


async def test_no_free_connection_is_surely_not_sent(server: Server) -> None:
    request = AiohttpRequest(connections=1, connect_timeout=0.03, pool_timeout=0.02)
    taken = asyncio.Event()

    async def slow(_: web.Request) -> web.Response:
        taken.set()
        await server.release.wait()
        return web.json_response({"ok": True, "result": True})

    server.answer = slow
    first = asyncio.create_task(request.post(server.at("sendMessage"), request_data({})))
    await taken.wait()
    error = await fails(request, server.at("sendMessage"))
    server.release.set()

    assert isinstance(error, NotSent)
    assert await first is True
    assert len(server.bodies) == 1
    await request.shutdown()


async def test_a_proxy_from_the_environment_is_asked(
    server: Server, request_: AiohttpRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("http_proxy", server.url)
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    result = await request_.post(f"http://api.invalid/bot{TOKEN}/sendMessage", request_data({"chat_id": 5}))
    assert isinstance(result, dict)
    assert server.bodies == [{"chat_id": 5}]


def test_lone_surrogates_are_replaced_both_ways() -> None:
    assert loads(dumps({"text": "a\ud83d b \ud83c\udf0a \udf0a"})) == {"text": "a\ufffd b 🌊 \ufffd"}
    assert loads(b'{"text": "\\ud83d! \\ud83c\\udf0a"}') == {"text": "\ufffd! 🌊"}
    assert loads(b'{"text": "\xff"}') == {"text": "\ufffd"}
    with pytest.raises(ValueError, match="Expecting"):
        loads(b"{")


# -- the messenger

NOW = datetime(2026, 3, 2, 18, tzinfo=UTC)
SOMEBODY = Person(PersonId(1), "Mara", "en", "UTC", time(22), time(7), True, NOW)


@pytest.mark.parametrize("paid", [False, True])
async def test_above_the_free_rate_messages_are_paid_for_and_edits_are_not(
    server: Server, content: Content, paid: bool
) -> None:
    application = build_application("1:token", server.url)
    try:
        await application.bot.initialize()
        messenger = TelegramMessenger(application.bot, content, SteppedClock(NOW), paid=paid)
        notice = Notice("check_in.stopped", PersonId(1))
        await messenger.deliver(Envelope(1, notice, SOMEBODY, 5, None, 1))
        sent = server.bodies[-1]
        await messenger.deliver(
            Envelope(2, Notice("strip", PersonId(1), operation=Operation.STRIP), SOMEBODY, 5, 9, 1)
        )
        stripped = server.bodies[-1]
    finally:
        await application.bot.shutdown()
        await disconnect(application)
    assert sent["chat_id"] == 5
    assert sent.get("allow_paid_broadcast", False) is paid
    assert "allow_paid_broadcast" not in stripped
