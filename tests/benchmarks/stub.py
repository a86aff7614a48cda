"""A Bot API that only answers, as fast as it can, and notes what came when. It prints the port it is on.

A process of its own, so that its time is nobody else's. Updates wait in one queue: a `getUpdates` with an
`offset` confirms everything below it, and what is not confirmed is delivered again, as Telegram does.
Every other call is answered after `latency` seconds. `/bench/…` steers it and tells what it saw (Control).
"""

import argparse
import asyncio
import json
import re
import time
from array import array
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.request import urlopen

import orjson

FIRST_CHAT = 1_000_001
"""Of person 1; the rest follow."""
LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
CHAT = re.compile(rb"chat_id\D{1,12}(\d+)")
OFFSET = re.compile(rb"offset\D{1,12}(\d+)")
TIMEOUT = re.compile(rb'timeout"?\D{1,12}(\d+)')
TRUE = b'{"ok":true,"result":true}'
ME = orjson.dumps(
    {
        "ok": True,
        "result": {
            "id": 99,
            "is_bot": True,
            "first_name": "Bench",
            "username": "bench_bot",
            "can_join_groups": False,
            "can_read_all_group_messages": False,
            "supports_inline_queries": False,
        },
    }
)
MESSAGE = (
    b'{"ok":true,"result":{"message_id":%d,"date":1772500000,"chat":{"id":%d,"type":"private",'
    b'"first_name":"Somebody"},"from":{"id":99,"is_bot":true,"first_name":"Bench"},"text":"an answer"}}'
)
ANSWERS = {"sendMessage", "editMessageText"}
SENT = "sendMessage"


def tap(number: int, chat: int, data: str) -> dict[str, Any]:
    """Somebody's tap on a button of message 7."""
    user = {"id": chat, "is_bot": False, "first_name": "Somebody", "language_code": "en"}
    message = {
        "message_id": 7,
        "date": 1772500000,
        "chat": {"id": chat, "type": "private", "first_name": "Somebody"},
        "from": {"id": 99, "is_bot": True, "first_name": "Bench"},
        "text": "A question",
        "reply_markup": {"inline_keyboard": [[{"text": "An answer", "callback_data": data}]]},
    }
    query = {"id": str(number), "from": user, "message": message, "chat_instance": "1", "data": data}
    return {"update_id": number, "callback_query": query}


def text(number: int, chat: int, words: str) -> dict[str, Any]:
    """A text somebody typed."""
    user = {"id": chat, "is_bot": False, "first_name": "Somebody", "language_code": "en"}
    message = {
        "message_id": 8,
        "date": 1772500000,
        "chat": {"id": chat, "type": "private", "first_name": "Somebody"},
        "from": user,
        "text": words,
    }
    return {"update_id": number, "message": message}


class Bench:
    """The queue of updates, and what was seen."""

    def __init__(self) -> None:
        self.latency = 0.0
        self.queue: list[dict[str, Any]] = []
        self.confirmed = 0
        self.given: dict[int, float] = {}
        self.pollers: list[tuple[asyncio.Future[None], asyncio.TimerHandle]] = []
        self.polls = 0
        self.last_number = 0
        self.forget()

    def forget(self) -> None:
        """Begin to count anew."""
        self.calls: Counter[str] = Counter()
        self.first_given = 0.0
        self.sent: dict[int, list[float]] = {}
        self.times = array("d")
        self.idle_latencies: list[float] = []
        self.messages = 1000

    # -- what the bot calls

    async def updates(self, body: bytes) -> bytes:
        self.polls += 1
        found = OFFSET.search(body)
        if found:
            below = int(found[1])
            self.queue = [each for each in self.queue if each["update_id"] >= below]
            self.confirmed = max(self.confirmed, below - 1)
        span = TIMEOUT.search(body)
        if not self.queue and span and int(span[1]):
            loop = asyncio.get_running_loop()
            coming: asyncio.Future[None] = loop.create_future()
            over = loop.call_later(int(span[1]), lambda: coming.done() or coming.set_result(None))
            self.pollers.append((coming, over))
            await coming
        batch = self.queue[:100]
        now = time.perf_counter()
        for each in batch:
            self.given.setdefault(each["update_id"], now)
        self.first_given = self.first_given or (now if batch else 0.0)
        return orjson.dumps({"ok": True, "result": batch})

    def wake(self) -> None:
        for coming, over in self.pollers:
            over.cancel()
            if not coming.done():
                coming.set_result(None)
        self.pollers.clear()

    def call(self, method: str, body: bytes) -> bytes:
        now = time.perf_counter()
        self.calls[method] += 1
        if method == "getMe":
            return ME
        if method not in ANSWERS:
            return TRUE
        found = CHAT.search(body)
        chat = int(found[1]) if found else 0
        if method == SENT:
            self.messages += 1
            self.times.append(now)
            self.sent.setdefault(chat, []).append(now)
        return MESSAGE % (self.messages if method == SENT else 7, chat)

    # -- what the benchmark asks

    def steer(self, what: str, given: dict[str, Any]) -> Any:
        match what:
            case "set":
                self.latency = given["latency"]
            case "forget":
                self.forget()
            case "load":
                make: Callable[[int, int, str], dict[str, Any]] = tap if given["kind"] == "tap" else text
                self.given.clear()
                for chat in range(given["chat"], given["chat"] + given["count"]):
                    self.last_number += 1
                    data = given["data"].replace("{session}", str(chat - FIRST_CHAT + 1))
                    self.queue.append(make(self.last_number, chat, data))
                self.wake()
            case "drop":
                self.queue.clear()
        return None

    def state(self) -> dict[str, Any]:
        """All in seconds of one clock."""
        return {
            "calls": dict(self.calls),
            "chats": len(self.sent),
            "twice": sum(len(times) > 1 for times in self.sent.values()),
            "first_given": self.first_given,
            "last_sent": self.times[-1] if self.times else 0.0,
            "first_sent": self.times[0] if self.times else 0.0,
            "waiting": len(self.queue),
            "confirmed": self.confirmed,
            "polls": self.polls,
            "polling": len(self.pollers),
            "clock": time.perf_counter(),
        }

    def chats(self, which: list[int] | None) -> dict[str, float]:
        """When each of these chats first got a message, those that did."""
        return {str(chat): self.sent[chat][0] for chat in which or self.sent if chat in self.sent}


class Connection(asyncio.Protocol):
    """HTTP/1.1, as much of it as the clients here use: one call at a time, with a Content-Length."""

    def __init__(self, bench: Bench) -> None:
        self.bench = bench
        self.buffer = b""
        self.transport: asyncio.Transport | None = None
        self.tasks: set[asyncio.Task[None]] = set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport

    def connection_lost(self, _: Exception | None) -> None:
        self.transport = None
        for task in self.tasks:
            task.cancel()

    def data_received(self, data: bytes) -> None:
        self.buffer += data
        while (end := self.buffer.find(b"\r\n\r\n")) >= 0:
            head = self.buffer[:end]
            found = LENGTH.search(head)
            whole = end + 4 + (int(found[1]) if found else 0)
            if len(self.buffer) < whole:
                return
            body, self.buffer = self.buffer[end + 4 : whole], self.buffer[whole:]
            path = head.split(b" ", 2)[1].decode()
            self.answer(path, body)

    def answer(self, path: str, body: bytes) -> None:
        area, _, method = path.lstrip("/").partition("/")
        if area == "bench":
            match method:
                case "state":
                    self.write(orjson.dumps(self.bench.state()))
                case "given":
                    self.write(orjson.dumps(max(self.bench.given.values(), default=0.0)))
                case "chats":
                    self.write(orjson.dumps(self.bench.chats(orjson.loads(body or b"{}").get("of"))))
                case _:
                    self.bench.steer(method, orjson.loads(body or b"{}"))
                    self.write(b"{}")
        elif method.lower() == "getupdates":
            task = asyncio.get_running_loop().create_task(self.poll(body))
            self.tasks.add(task)
            task.add_done_callback(self.tasks.discard)
        else:
            answer = self.bench.call(method, body)
            if self.bench.latency:
                asyncio.get_running_loop().call_later(self.bench.latency, self.write, answer)
            else:
                self.write(answer)

    async def poll(self, body: bytes) -> None:
        answer = await self.bench.updates(body)
        if self.bench.latency:
            await asyncio.sleep(self.bench.latency)
        self.write(answer)

    def write(self, body: bytes) -> None:
        if self.transport is not None:
            head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(
                body
            )
            self.transport.write(head + body)


class Control:
    """Steers a stub from another process."""

    def __init__(self, port: int) -> None:
        self.url = f"http://127.0.0.1:{port}"

    def ask(self, what: str, **given: Any) -> Any:
        with urlopen(f"{self.url}/bench/{what}", json.dumps(given).encode(), timeout=30) as answer:
            return json.loads(answer.read())


async def serve() -> None:
    """Serve on a free port, which is printed, until killed."""
    bench = Bench()
    server = await asyncio.get_running_loop().create_server(lambda: Connection(bench), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    argparse.ArgumentParser(description=__doc__).parse_args()
    asyncio.run(serve())
