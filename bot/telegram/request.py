"""HTTP to Telegram on one aiohttp session, with JSON bodies: a third of the time httpx's pool takes.

What went wrong is told apart by what may have arrived:

    NotSent        surely not: no connection was made
    TimedOut       perhaps: no answer in time
    BrokenOff      perhaps: the connection broke, or the answer made no sense
    NetworkError   no: Telegram answered that it could not (5xx)

and what Telegram itself answers, python-telegram-bot's `BaseRequest` turns into errors as ever. No text
of an error carries the address that was called, for the token is a part of it.
"""

import errno
import json
import os
from collections.abc import Mapping
from typing import Any, Final, cast
from urllib.request import getproxies

import aiohttp
import orjson
from telegram.error import NetworkError, RetryAfter, TimedOut
from telegram.request import BaseRequest, RequestData

# Spans of time as timedelta, its future way: else making a RetryAfter warns.
os.environ.setdefault("PTB_TIMEDELTA", "true")

CONNECTIONS: Final = 160
"""As many as sends are under way at most, and room for what is answered at once."""

File = tuple[str, bytes, str]  # name, content, MIME type
Span = float | None  # seconds; None: without end

NEVER_SENT: Final = (
    aiohttp.ClientConnectorError,  # refused, unreachable, no such host, no TLS
    aiohttp.ConnectionTimeoutError,  # no connection in time, or none free
    aiohttp.ClientHttpProxyError,
    aiohttp.InvalidURL,
)


class BrokenOff(NetworkError):
    """The connection broke, or the answer made no sense: the call may have reached Telegram."""


class NotSent(NetworkError):
    """There was no connection: the call has surely not reached Telegram."""


def retry_after_seconds(error: RetryAfter) -> float:
    """How long a 429 asks to wait."""
    asked = error.retry_after
    return asked if isinstance(asked, int) else asked.total_seconds()


class PlainRequestData:
    """The parameters of one call as they are, in the shape of `telegram.request.RequestData`."""

    __slots__ = ("contains_files", "multipart_data", "parameters")

    def __init__(self, parameters: dict[str, Any], files: Mapping[str, File] | None = None) -> None:
        self.parameters = {name: value for name, value in parameters.items() if value is not None}
        self.multipart_data = dict(files or {})
        self.contains_files = bool(files)

    @property
    def json_parameters(self) -> dict[str, str]:
        given = self.parameters.items()
        return {name: value if isinstance(value, str) else dumps(value).decode() for name, value in given}


def request_data(parameters: dict[str, Any], files: Mapping[str, File] | None = None) -> RequestData:
    """For the hot path: `bot.request.post(url, request_data({"chat_id": …, "text": …}))`."""
    return cast(RequestData, PlainRequestData(parameters, files))


def dumps(value: Any) -> bytes:
    """JSON; a lone surrogate, which is no text, becomes U+FFFD."""
    try:
        return orjson.dumps(value)
    except TypeError:
        return _whole(json.dumps(value, ensure_ascii=False)).encode()


def loads(payload: bytes) -> Any:
    """The reverse. Raises ValueError."""
    try:
        return orjson.loads(payload)
    except ValueError:
        value = json.loads(payload.decode(errors="replace"))
        return json.loads(_whole(json.dumps(value, ensure_ascii=False)))


def _whole(text: str) -> str:
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


class AiohttpRequest(BaseRequest):
    """python-telegram-bot's way to the network."""

    __slots__ = ("_connect", "_connections", "_pool", "_read", "_session", "_write")

    def __init__(
        self,
        *,
        connections: int = CONNECTIONS,
        read_timeout: Span = 10.0,
        write_timeout: Span = 30.0,
        connect_timeout: Span = 5.0,
        pool_timeout: Span = 10.0,
    ) -> None:
        self._connections, self._connect, self._pool = connections, connect_timeout, pool_timeout
        self._read, self._write = read_timeout, write_timeout
        self._session: aiohttp.ClientSession | None = None

    @property
    def read_timeout(self) -> Span:
        return self._read

    async def initialize(self) -> None:
        self._running_session()

    async def shutdown(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        try:
            answer = loads(payload)
        except ValueError:
            answer = None
        if not isinstance(answer, dict) or not ("result" in answer or "description" in answer):
            raise BrokenOff("The answer is not Telegram's JSON")
        return answer

    async def do_request(  # noqa: PLR0917 - the signature is BaseRequest's
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: Any = BaseRequest.DEFAULT_NONE,
        write_timeout: Any = BaseRequest.DEFAULT_NONE,
        connect_timeout: Any = BaseRequest.DEFAULT_NONE,
        pool_timeout: Any = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        timeout = _timeout(
            read=_given(read_timeout, self._read),
            write=_given(write_timeout, self._write),
            connect=_given(connect_timeout, self._connect),
            pool=_given(pool_timeout, self._pool),
        )
        body, headers = _body(request_data)
        options: Any = {"data": body, "headers": headers, "timeout": timeout, "allow_redirects": False}
        try:
            async with self._running_session().request(method, url, **options) as response:
                return response.status, await response.read()
        except NEVER_SENT as error:
            raise NotSent(f"Not sent: {_reason(error)}") from None
        except TimeoutError as error:
            raise TimedOut(f"Timed out: {_reason(error)}") from None
        except (aiohttp.ClientError, OSError) as error:
            raise BrokenOff(f"Broken off: {_reason(error)}") from None

    def _running_session(self) -> aiohttp.ClientSession:
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=self._connections, keepalive_timeout=30),
                cookie_jar=aiohttp.DummyCookieJar(),
                headers={"User-Agent": self.USER_AGENT},
                # HTTPS_PROXY and NO_PROXY. Where there are none, aiohttp need not look again at every call.
                trust_env=bool(getproxies()),
            )
        return self._session


def _given(value: Any, default: Span) -> Span:
    return default if value is BaseRequest.DEFAULT_NONE else value


def _timeout(*, read: Span, write: Span, connect: Span, pool: Span) -> aiohttp.ClientTimeout:
    """aiohttp counts the wait for a free connection and connecting as one, and knows no time for writing:
    that is what is left of the whole."""
    ready = None if connect is None or pool is None else connect + pool
    total = None if ready is None or read is None or write is None else ready + write + read
    return aiohttp.ClientTimeout(total=total, connect=ready, sock_connect=connect, sock_read=read)


def _body(data: RequestData | None) -> tuple[aiohttp.FormData | bytes | None, dict[str, str]]:
    if data is None:
        return None, {}
    if not data.contains_files:
        return dumps(data.parameters), {"Content-Type": "application/json"}
    form = aiohttp.FormData(quote_fields=False)
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime_type) in data.multipart_data.items():
        form.add_field(name, content, filename=filename, content_type=mime_type)
    return form, {}


def _reason(error: BaseException) -> str:
    """What happened, by kind only: texts of aiohttp's errors may carry the address."""
    system = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    detail = errno.errorcode.get(system.errno or 0) if isinstance(system, OSError) else None
    return f"{type(error).__name__} ({detail})" if detail else type(error).__name__
