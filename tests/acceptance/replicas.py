"""Several bots on one PostgreSQL, with a webhook: Telegram's side lives in this process, and so does what a
load balancer does. They may be struck down one by one, or together with the server.
"""

import asyncio
import json
import random
import signal
import time
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any

import aiohttp
import asyncpg
from aiohttp import web
from cryptography.fernet import Fernet
from sqlalchemy.engine import make_url

from bot.storage.postgres import SENDER
from bot.telegram.webhook import SECRET_HEADER
from tests import postgres
from tests.acceptance.forked import Forked
from tests.acceptance.harness import START_SECONDS, UnexpectedError
from tests.acceptance.struck import NUDGE, Struck
from tests.acceptance.test_starting import free_port

SECRET = "brought-to_whoever-is-there"
POLL_SECONDS = 20.0


class Replicas(Struck):
    """`replicas` bots; what people do is brought to any of them."""

    def __init__(self, folder: Path, url: str, replicas: int = 4, *, at: str, seed: int = 1) -> None:
        super().__init__(folder, at=at)
        self.database = url
        self.count_of = replicas
        self.key = Fernet.generate_key().decode()
        self.ports = [free_port() for _ in range(replicas)]
        self.metrics = [free_port() for _ in range(replicas)]
        self.bots: list[Forked | None] = [None] * replicas
        self.brought: Counter[int] = Counter()
        """How many updates were brought to each."""
        self.hung: set[int] = set()
        """Who is stopped, and asked for nothing."""
        self._reports: dict[int, tuple[int, bool]] = {}
        self._random = random.Random(f"balancer {seed}")
        self._runner: web.AppRunner | None = None
        self._client: aiohttp.ClientSession | None = None
        self._here = ""

    # -- the processes

    async def start(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        await self._server.start()
        self._begun = True
        await self.connect(self._server.url)
        self._client = aiohttp.ClientSession()
        application = web.Application()
        application.router.add_post("/telegram", self._bring)
        application.router.add_post("/{number}/playground/clock/poll", self._clock)
        self._runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
        await self._runner.setup()
        port = free_port()
        await web.TCPSite(self._runner, "127.0.0.1", port).start()
        self._here = f"http://127.0.0.1:{port}"
        for number in range(self.count_of):
            self.launch(number)
        await asyncio.gather(*(self.until_ready(number) for number in range(self.count_of)))

    def launch(self, number: int) -> None:
        """Starts this one, and waits for nothing."""
        said = self.folder / f"bot{number}.log"
        self.bots[number] = Forked(self.folder, self.settings_of(number), said)

    def settings_of(self, number: int) -> dict[str, str]:
        return self.environment() | {
            "PLAYGROUND_URL": f"{self._here}/{number}",
            "DATA_KEY": self.key,
            "WEBHOOK_URL": f"{self._here}/telegram",
            "WEBHOOK_SECRET": SECRET,
            "WEBHOOK_PORT": str(self.ports[number]),
            "METRICS_PORT": str(self.metrics[number]),
            "LOG_LEVEL": "INFO",
        }

    async def revive(self) -> None:
        """Start again who ended by itself, as a supervisor does: the database was away when it began."""
        for number, bot in enumerate(self.bots):
            if bot is not None and not bot.runs:
                self.bots[number] = None
                code = await bot.ended(START_SECONDS)
                if code != 2:
                    raise UnexpectedError(f"bot {number} ended with {code}")
                self.launch(number)

    async def kill(self, number: int) -> None:
        """kill -9."""
        bot, self.bots[number] = self.bots[number], None
        self._reports.pop(number, None)
        assert bot is not None
        bot.send(signal.SIGKILL)
        await bot.ended(START_SECONDS)
        self.ledger.deaths += 1

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        for bot in self.bots:
            if bot is not None:
                bot.send(how)
        codes = [await bot.ended(START_SECONDS) for bot in self.bots if bot is not None]
        self.bots = [None] * self.count_of
        if self._runner is not None:
            await self._runner.cleanup()
        if self._client is not None:
            await self._client.close()
        await super().stop()
        return max((abs(code) for code in codes), default=0)

    def log(self, lines: int = 60) -> str:
        every = [
            f"-- bot {number}\n" + "\n".join(file.read_text().splitlines()[-lines:])
            for number in range(self.count_of)
            if (file := self.folder / f"bot{number}.log").exists()
        ]
        return "\n".join(every)

    @property
    def at_work(self) -> list[int]:
        return [each for each, bot in enumerate(self.bots) if bot is not None and each not in self.hung]

    # -- what they say

    async def asked(self, number: int, path: str) -> tuple[int, str]:
        """Status and body; (0, "") where nobody answers."""
        assert self._client is not None
        try:
            async with self._client.get(f"http://127.0.0.1:{self.metrics[number]}{path}") as answer:
                return answer.status, await answer.text()
        except aiohttp.ClientError:
            return 0, ""

    async def until_ready(self, number: int) -> None:
        async with asyncio.timeout(START_SECONDS):
            while (await self.asked(number, "/readyz"))[0] != 200:
                await self.revive()
                await asyncio.sleep(0.02)

    async def wrong(self, number: int) -> list[str]:
        """What keeps it from being ready."""
        found: list[str] = json.loads((await self.asked(number, "/readyz"))[1])["wrong"]
        return found

    async def senders(self) -> list[int]:
        """Who says of itself that it is the sender."""
        asked = [number for number in range(self.count_of) if number not in self.hung]
        said = {number: (await self.asked(number, "/metrics"))[1] for number in asked}
        return [number for number, text in said.items() if "\nstillhere_sender_leader 1.0" in text]

    async def until_sender(self, but: int | None = None) -> int:
        async with asyncio.timeout(START_SECONDS):
            while True:
                found = [each for each in await self.senders() if each != but]
                if len(found) == 1:
                    return found[0]
                await asyncio.sleep(0.02)

    def holder(self) -> list[int]:
        """The server's word: the process ids of its sessions that hold the sender's place."""
        rows = self.rows(
            "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted AND database ="
            " (SELECT oid FROM pg_database WHERE datname = current_database())"
            f" AND (classid::bigint << 32) + objid::bigint = {SENDER}"
        )
        return [int(pid) for (pid,) in rows]

    @property
    def settled(self) -> bool:
        """Whether all that live are idle at this time."""
        seq = self.world.clock.seq
        reported = all(self._reports.get(each) == (seq, True) for each in self.at_work)
        return self.world.queue.all_given and reported

    async def until_settled(self, patience: float = START_SECONDS) -> None:
        """Until nothing is left to do at this time."""
        async with asyncio.timeout(patience):
            while not self.settled or self.count("outbox WHERE state IN ('waiting', 'sending')"):
                self.world.clock.move(self.world.clock.now_ms + 1000)
                await asyncio.sleep(0.05)

    # -- what a balancer does, and the clock

    async def _bring(self, request: web.Request) -> web.Response:
        """To any; where nobody listens, to the next. One that was begun is not brought to another."""
        assert self._client is not None
        body, headers = await request.read(), {SECRET_HEADER: request.headers.get(SECRET_HEADER, "")}
        order = self.at_work
        self._random.shuffle(order)
        for number in order:
            url = f"http://127.0.0.1:{self.ports[number]}/telegram"
            try:
                async with self._client.post(url, data=body, headers=headers) as answer:
                    self.brought[number] += 1
                    return web.Response(status=answer.status)
            except aiohttp.ClientConnectorError:
                continue
            except (aiohttp.ClientError, OSError):
                break
        return web.Response(status=502)

    async def _clock(self, request: web.Request) -> web.Response:
        """As the playground's own, for several."""
        report, clock = await request.json(), self.world.clock
        number = int(request.match_info["number"])
        self._reports[number] = (int(report["seq"]), bool(report["idle"]))
        await clock.changed.wait_until(lambda: clock.seq != report["seq"], POLL_SECONDS)
        self._reports.pop(number, None)
        told = {"seq": clock.seq, "now": clock.iso, "flowing": clock.running, "delivered": 0}
        return web.json_response(told)

    # -- what is left behind

    def rows(self, query: str, parameters: Iterable[Any] = ()) -> list[Any]:
        for each in parameters:
            query = query.replace("?", str(each) if isinstance(each, int) else f"'{each}'", 1)
        until = time.monotonic() + START_SECONDS
        while True:
            try:
                return postgres.fetch(str(make_url(self.database).database), query)
            except (asyncpg.CannotConnectNowError, OSError):  # it is just coming back
                if time.monotonic() > until:
                    raise
                time.sleep(0.02)

    def check_integrity(self) -> None:
        """That is the server's."""

    def check_deliveries(self) -> int:
        """As for one bot; what was in flight when its sender was lost is what was claimed more than once, or
        what was dropped then.
        """
        query = (
            "SELECT user_id, outbox.id, kind, operation, state, error, message_id, attempts, priority "
            "FROM outbox JOIN telegram_accounts USING (person_id)"
        )
        arrived: Counter[int] = Counter()
        perhaps: Counter[int] = Counter()
        for person, _, kind, operation, state, error, message, attempts, priority in self.rows(query):
            if state == "dropped" and error == "called off":
                continue
            perhaps[person] += attempts - 1
            if state == "dropped":
                assert (error, priority >= NUDGE) == ("in flight at a crash", True), (
                    f"{kind} was lost: {error}"
                )
                perhaps[person] += 1
                continue
            assert state == "sent", f"{kind} is {state}: {error}"
            if operation == "send":
                arrived[person] += 1
                assert message in self.world.state.chats[person].posts, f"{kind} never arrived"
        twice = 0
        for person in self.world.state.chats:
            more = self.messages_to(person) - arrived[person]
            assert more >= 0, "a message stands for two notices"
            assert more <= perhaps[person], "said twice out of the blue"
            twice += more
        return twice


async def away(server: postgres.Server, seconds: float) -> None:
    """The database server is stopped, and there again after so long."""
    await asyncio.to_thread(server.go)
    with suppress(asyncio.CancelledError):
        await asyncio.sleep(seconds)
    server.come()
