"""Replicas on one PostgreSQL beside one process on SQLite: updates a second, and how long nobody sends.

Updates are brought as Telegram brings them to a webhook, a hundred at once, to any replica. The server keeps
what it says it has kept (`fsync`), as SQLite does. With the driver, the stub and the server on the same few
cores it says what a replica more costs and brings there, and no more than that.
"""

import asyncio
import os
import random
import shutil
import socket
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy.engine import make_url

from bot.storage.copying import copy_over
from bot.telegram.webhook import SECRET_HEADER
from tests import postgres
from tests.benchmarks.seed import Seed, make
from tests.benchmarks.stage import Runner, start, stub, wait_for
from tests.benchmarks.stub import FIRST_CHAT, Control, text

Say = Callable[[str], None]
SECRET = "of-the-benchmark-alone"
AT_ONCE = 100
DURABLE = {"fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "max_connections": "80"}
TAKEOVERS = 5


class Bots:
    """So many processes, each with its ports."""

    def __init__(self, control: Control, url: str, folder: Path, count: int) -> None:
        self.control, self._url, self._folder = control, url, folder
        self.ports = [_free_port() for _ in range(count)]
        self.metrics = [_free_port() for _ in range(count)]
        self.runners: list[Runner] = [self._start(number) for number in range(count)]

    def _start(self, number: int) -> Runner:
        folder = self._folder / str(time.monotonic_ns())
        folder.mkdir()
        settings = {
            "DATABASE_URL": self._url,
            "WEBHOOK_URL": f"http://127.0.0.1:{self.ports[number]}/telegram",
            "WEBHOOK_SECRET": SECRET,
            "WEBHOOK_PORT": str(self.ports[number]),
            "METRICS_PORT": str(self.metrics[number]),
            "FLOOD_LIMIT": "1000000",
        }
        runner = start("StillHere", self.control, folder, **settings)
        os.sched_setaffinity(runner.process.pid, os.sched_getaffinity(0))
        return runner

    def again(self, number: int) -> None:
        self.runners[number] = self._start(number)

    def cpu_seconds(self) -> float:
        return sum(runner.cpu_seconds() for runner in self.runners)

    async def until_there(self, client: aiohttp.ClientSession) -> None:
        for number in range(len(self.runners)):
            while await self._asked(client, number, "/readyz") is None:  # noqa: ASYNC110 - another process
                await asyncio.sleep(0.05)

    async def sender(self, client: aiohttp.ClientSession, but: int | None = None) -> int:
        while True:
            for number in range(len(self.runners)):
                said = None if number == but else await self._asked(client, number, "/metrics")
                if said is not None and "\nstillhere_sender_leader 1.0" in said:
                    return number
            await asyncio.sleep(0.01)

    async def _asked(self, client: aiohttp.ClientSession, number: int, path: str) -> str | None:
        try:
            async with client.get(f"http://127.0.0.1:{self.metrics[number]}{path}") as answer:
                return await answer.text() if answer.status == 200 else None
        except aiohttp.ClientError:
            return None

    def end(self) -> None:
        for runner in self.runners:
            runner.end()


class Driver:
    """Telegram, as far as it brings updates."""

    def __init__(self, bots: Bots, client: aiohttp.ClientSession) -> None:
        self._bots, self._client = bots, client
        self._number = random.Random(1)
        self._update = int(time.time()) * 1000

    async def bring(self, chat: int, to: int | None = None) -> None:
        """One text, until it is taken."""
        self._update += 1
        port = self._bots.ports[self._number.randrange(len(self._bots.ports)) if to is None else to]
        body = text(self._update, chat, "Good morning")
        headers = {SECRET_HEADER: SECRET}
        async with self._client.post(
            f"http://127.0.0.1:{port}/telegram", json=body, headers=headers
        ) as answer:
            assert answer.status == 200, answer.status

    async def flood(self, first: int, count: int) -> dict[str, float]:
        """One each of so many people: taken, and answered, a second."""
        control, room = self._bots.control, asyncio.Semaphore(AT_ONCE)
        control.ask("forget")
        cpu, began = self._bots.cpu_seconds(), time.perf_counter()

        async def one(chat: int) -> None:
            async with room:
                await self.bring(chat)

        await asyncio.gather(*(one(chat) for chat in range(first, first + count)))
        taken = time.perf_counter()
        await asyncio.to_thread(wait_for, lambda: control.ask("state")["chats"] >= count)
        seen = control.ask("state")
        return {
            "taken": count / (taken - began),
            "answered": count / (seen["last_sent"] - began),
            "cpu_ms": (self._bots.cpu_seconds() - cpu) / count * 1000,
        }

    async def latency(self, first: int, count: int, to: int) -> float:
        """From an update at this replica to the message (ms): the median of so many, one after the other."""
        control, took = self._bots.control, []
        for chat in range(first, first + count):
            control.ask("forget")
            began = time.perf_counter()
            await self.bring(chat, to)
            await asyncio.to_thread(wait_for, lambda: control.ask("state")["chats"] == 1, every=0.001)
            took.append((control.ask("state")["last_sent"] - began) * 1000)
        return statistics.median(took)


async def measure(
    runs: int, people: int, say: Say, counts: tuple[int, ...] = (1, 2, 4), idle: int = 40
) -> dict[str, Any]:
    """By name (“SQLite”, “PostgreSQL, 2”): each run's figures."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="stillhere-bench-") as where:
        folder = Path(where)
        seeded = folder / "seeded.db"
        await make(seeded, Seed(people + 3 * idle + 10))
        for _ in range(runs):
            for count in (0, *counts):
                name = f"PostgreSQL, {count}" if count else "SQLite"
                url = await _on_server(seeded) if count else _in_a_file(seeded)
                result = await _run(url, folder, max(count, 1), people, idle)
                found.setdefault(name, []).append(result)
                say(f"{name}: {result}")
    return found


async def _run(url: str, folder: Path, count: int, people: int, idle: int) -> dict[str, float]:
    with stub() as control, _bots(control, url, folder, count) as bots:
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=AT_ONCE)) as client:
            await bots.until_there(client)
            sender, driver = await bots.sender(client), Driver(bots, client)
            after = FIRST_CHAT + people
            await driver.latency(after, 3, sender)  # what is done once is done
            result = await driver.flood(FIRST_CHAT, people)
            result["at_sender"] = await driver.latency(after + 5, idle, sender)
            if count > 1:
                other = (sender + 1) % count
                result["elsewhere"] = await driver.latency(after + 5 + idle, idle, other)
                takeovers = [await _takeover(bots, client) for _ in range(TAKEOVERS)]
                result["takeover"], result["longest_takeover"] = statistics.median(takeovers), max(takeovers)
            return result


async def _takeover(bots: Bots, client: aiohttp.ClientSession) -> float:
    """Kill the sender: how long (s) until another says that it is."""
    sender = await bots.sender(client)
    began = time.perf_counter()
    bots.runners[sender].kill()
    await bots.sender(client, but=sender)
    took = time.perf_counter() - began
    bots.again(sender)
    await bots.until_there(client)
    return took


@contextmanager
def _bots(control: Control, url: str, folder: Path, count: int) -> Iterator[Bots]:
    with ExitStack() as stack:
        bots = Bots(control, url, folder, count)
        stack.callback(bots.end)
        yield bots


async def _on_server(seeded: Path) -> str:
    postgres.SETTINGS.update(DURABLE)
    url = await postgres.empty()
    await copy_over(seeded, make_url(url))
    return url


def _in_a_file(seeded: Path) -> str:
    file = shutil.copy(seeded, seeded.with_name(f"{time.monotonic_ns()}.db"))
    return f"sqlite+aiosqlite:///{file}"


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])
