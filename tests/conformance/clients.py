"""python-telegram-bot and aiogram behind one small face: what a test asks is asked by both, over real HTTP.

A call goes through the library's own method, model and transport, its answer through the library's parser.
What came over the wire is heard beside it, since the libraries reword the errors.
"""

from __future__ import annotations

import contextlib
import re
from abc import ABC, abstractmethod
from collections.abc import Mapping
from contextvars import ContextVar
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import orjson
import pytest
import telegram
from telegram.request import HTTPXRequest

if TYPE_CHECKING:
    import aiogram

Json = dict[str, Any]

_heard: ContextVar[list[Json]] = ContextVar("heard")
"""The bodies of the answers to the call that is under way."""


@dataclass(frozen=True)
class Refused:
    code: int
    description: str
    parameters: Json


class Client(ABC):
    """One library's bot."""

    async def call(self, method: str, **parameters: Any) -> Any:
        """What Telegram answered, as it came; the library has understood it."""
        _, raw = await self._ask(method, parameters)
        return raw["result"]

    async def typed(self, method: str, **parameters: Any) -> Any:
        """What the library made of the answer."""
        typed, _ = await self._ask(method, parameters)
        return typed

    async def refused(self, method: str, **parameters: Any) -> Refused:
        """The library must raise what it has for such an error."""
        with pytest.raises(self.any_error) as caught:
            await self._ask(method, parameters)
        raw = _heard.get()[-1]
        code, given = raw["error_code"], raw.get("parameters", {})
        assert isinstance(caught.value, self.errors[code])
        if "retry_after" in given:
            assert self.seconds_to_wait(caught.value) == given["retry_after"]
        return Refused(code, raw["description"], given)

    async def _ask(self, method: str, parameters: Json) -> tuple[Any, Json]:
        heard: list[Json] = []
        _heard.set(heard)
        typed = await self._send(method, parameters)
        assert heard[-1]["ok"] is True
        return typed, heard[-1]

    name: ClassVar[str]
    any_error: type[Exception]
    broken: tuple[type[Exception], ...]
    """What it raises for an answer that never came, or that is none."""
    errors: Mapping[int, type[Exception]]

    @abstractmethod
    async def _send(self, method: str, parameters: Json) -> Any: ...

    @abstractmethod
    def seconds_to_wait(self, error: Any) -> float: ...

    @abstractmethod
    def upload(self, data: bytes, name: str) -> Any: ...

    @abstractmethod
    async def download(self, path: str) -> bytes: ...

    @abstractmethod
    def update(self, raw: Json) -> Any:
        """An update as a webhook gets it."""

    @abstractmethod
    def marked(self, message: Any) -> list[tuple[str, str]]:
        """Each entity of a message, and the text that the library takes it to cover."""

    @abstractmethod
    async def close(self) -> None: ...


def _hear(body: bytes | str) -> None:
    with contextlib.suppress(orjson.JSONDecodeError):
        _heard.get().append(orjson.loads(body))


class _Request(HTTPXRequest):
    def __init__(self) -> None:
        super().__init__(httpx_kwargs={"verify": False})  # loopback: no certificates to load each time

    async def do_request(self, *args: Any, **kwargs: Any) -> tuple[int, bytes]:
        code, body = await super().do_request(*args, **kwargs)
        if "/file/" not in kwargs["url"]:
            _hear(body)
        return code, body


class PythonTelegramBot(Client):
    name = "python-telegram-bot"
    any_error = telegram.error.TelegramError
    broken = (telegram.error.TelegramError,)
    errors: Mapping[int, type[Exception]] = {
        400: telegram.error.BadRequest,
        401: telegram.error.InvalidToken,
        403: telegram.error.Forbidden,
        404: telegram.error.InvalidToken,
        409: telegram.error.Conflict,
        413: telegram.error.NetworkError,
        429: telegram.error.RetryAfter,
        502: telegram.error.NetworkError,
    }

    def __init__(self, url: str, token: str) -> None:
        self._bot = telegram.Bot(
            token,
            base_url=f"{url}/bot",
            base_file_url=f"{url}/file/bot",
            request=_Request(),
            get_updates_request=_Request(),
        )

    async def _send(self, method: str, parameters: Json) -> Any:
        wrapped = getattr(self._bot, re.sub("[A-Z]", lambda found: f"_{found[0].lower()}", method), None)
        if wrapped is None:
            return await self._bot.do_api_request(method, api_kwargs=parameters)
        return await wrapped(**parameters)

    def seconds_to_wait(self, error: Any) -> float:
        return float(error.retry_after.total_seconds())

    def upload(self, data: bytes, name: str) -> Any:
        return telegram.InputFile(data, filename=name)

    async def download(self, path: str) -> bytes:
        file = telegram.File("f", "u", file_path=f"{self._bot.base_file_url}/{path}")
        file.set_bot(self._bot)
        return bytes(await file.download_as_bytearray())

    def update(self, raw: Json) -> Any:
        return telegram.Update.de_json(raw, self._bot)

    def marked(self, message: telegram.Message) -> list[tuple[str, str]]:
        found = message.parse_entities() if message.text else message.parse_caption_entities()
        return [(str(entity.type), text) for entity, text in found.items()]

    async def close(self) -> None:
        for request in self._bot._request:
            await request.shutdown()


class Aiogram(Client):
    name = "aiogram"

    def __init__(self, url: str, token: str) -> None:
        import aiogram
        from aiogram import exceptions
        from aiogram.client.telegram import TelegramAPIServer

        self.any_error = exceptions.TelegramAPIError
        self.broken = (exceptions.TelegramNetworkError, exceptions.ClientDecodeError)
        self.errors = {
            400: exceptions.TelegramBadRequest,
            401: exceptions.TelegramUnauthorizedError,
            403: exceptions.TelegramForbiddenError,
            404: exceptions.TelegramNotFound,
            409: exceptions.TelegramConflictError,
            413: exceptions.TelegramEntityTooLarge,
            429: exceptions.TelegramRetryAfter,
            502: exceptions.TelegramServerError,
        }
        self._bot = aiogram.Bot(token, session=_session(TelegramAPIServer.from_base(url)))

    async def _send(self, method: str, parameters: Json) -> Any:
        return await self._bot(_method(method)(**parameters))

    def seconds_to_wait(self, error: Any) -> float:
        return float(error.retry_after)

    def upload(self, data: bytes, name: str) -> Any:
        from aiogram.types import BufferedInputFile

        return BufferedInputFile(data, filename=name)

    async def download(self, path: str) -> bytes:
        found = await self._bot.download_file(path)
        assert found is not None
        return found.read()

    def update(self, raw: Json) -> Any:
        from aiogram.types import Update

        return Update.model_validate(raw, context={"bot": self._bot})

    def marked(self, message: aiogram.types.Message) -> list[tuple[str, str]]:
        text = message.text or message.caption or ""
        entities = message.entities or message.caption_entities or []
        return [(str(entity.type), entity.extract_from(text)) for entity in entities]

    async def close(self) -> None:
        session: Any = self._bot.session
        if session._session is not None:
            await session._session.close()  # its own way waits a quarter of a second for TLS


CLIENTS: tuple[type[Client], ...] = (PythonTelegramBot, Aiogram)


def _session(server: Any) -> Any:
    from aiogram.client.session.aiohttp import AiohttpSession

    class Session(AiohttpSession):
        def check_response(self, bot: Any, method: Any, status_code: int, content: str) -> Any:
            _hear(content)
            return super().check_response(bot, method, status_code, content)

    return Session(api=server)


def _method(name: str) -> Any:
    from aiogram import methods
    from aiogram.methods.base import TelegramMethod

    known = getattr(methods, name[0].upper() + name[1:], None)
    if known is not None:
        return known
    fields = {"__module__": __name__, "__api_method__": name, "__returning__": bool}
    return type(name, (TelegramMethod[bool],), fields)
