"""The whole bot in one process, on a real database and over real HTTP to the playground's Bot API.

For what Telegram and the net do to it: faults are ordered from the playground, or its server goes away. Time
moves when a test moves it, on both sides.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

from bot.clock import Activity, SteppedClock
from bot.content import catalog
from bot.delivery.dispatcher import Dispatcher
from bot.delivery.pacer import Pacer
from bot.delivery.rate_limit import RateLimiter
from bot.domain.decision import Notice
from bot.domain.model import PersonId
from bot.heartbeat import Heartbeat
from bot.pictures.studio import Studio
from bot.places.lookup import Places
from bot.playground import people
from bot.playground.server import PlaygroundServer
from bot.playground.state import Json
from bot.playground.world import World
from bot.telegram.animations import Animations
from bot.telegram.client import REQUESTS, build_application, disconnect
from bot.telegram.context import Tools
from bot.telegram.intake import Intake
from bot.telegram.messenger import TelegramMessenger
from bot.telegram.polling import Polling
from bot.telegram.webhook import Address, Webhook
from tests.acceptance.harness import from_bot, shown
from tests.integration.support import Database, database

BEGIN = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
TOKEN = "4200001:of-the-wire"
PATIENCE = 20.0
"""Real seconds."""


@cache
def content() -> catalog.Content:
    return catalog.load()


class Telegram:
    """The playground's server, which can go away and come back at the same address."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._port = 0
        self._server: PlaygroundServer | None = None
        self.url = ""

    @property
    def there(self) -> bool:
        return self._server is not None

    @property
    def world(self) -> World:
        assert self._server is not None
        return self._server.world

    async def come(self) -> None:
        self._server = PlaygroundServer(
            host="127.0.0.1", port=self._port, folder=self._folder, token=TOKEN, flowing=False, start=BEGIN
        )
        await self._server.start()
        self.url = self._server.url
        self._port = int(self.url.rpartition(":")[2])

    async def go(self) -> None:
        """From now on connections are refused."""
        server, self._server = self._server, None
        if server is not None:
            await server.stop()

    def fault(self, kind: str, **details: Any) -> None:
        self.world.faults.add({"kind": kind, **details})

    def person(self, name: str) -> int:
        """Somebody who has pressed Start; the bot has not been told."""
        person = people.add_person(self.world, {"first_name": name})
        people.ACTIONS["say"](self.world, person, {"text": "/start"})
        self.world.queue.drop_all()
        return person.id

    def says(self, account: int, text: str) -> Json:
        said: Json = people.ACTIONS["say"](self.world, self.world.person(account), {"text": text})
        return said

    def taps_raw(self, account: int, data: str) -> None:
        body = {"message_id": 1, "data": data}
        people.ACTIONS["tap_raw"](self.world, self.world.person(account), body)

    def chat(self, account: int) -> list[str]:
        """What the bot's messages say."""
        posts = self.world.state.chats[account].posts.values()
        return [shown(post.message) for post in posts if from_bot(post.message)]

    def calls(self, *methods: str) -> list[tuple[str, int, int]]:
        """(method, chat, status) of the calls there were; all that concern a chat, if none is named."""
        return [
            (call["method"], call["parameters"]["chat_id"], call["status"])
            for call in self.world.faults.calls(0)
            if "chat_id" in call["parameters"] and (not methods or call["method"] in methods)
        ]


class Bot:
    """One instance: intake, heartbeat, dispatcher and pacer at work."""

    def __init__(
        self, base: Database, telegram: Telegram, clock: SteppedClock, address: Address | None = None
    ) -> None:
        """`address`: of a webhook; without one it polls."""
        self.base, self.telegram, self.clock = base, telegram, clock
        self._address = address
        self.activity = Activity()
        self.application = build_application(TOKEN, telegram.url)
        self.places = Places()
        storage = base.storage
        self.intake = Intake(self.application, Tools(content(), self.places), storage, clock, self.activity)
        bot, intake, activity = self.application.bot, self.intake, self.activity
        self._receiving = (
            Polling(bot, intake, clock, activity)
            if address is None
            else Webhook(bot, intake, address, clock, activity)
        )
        in_contact = lambda: self.intake.contact.there  # noqa: E731
        heartbeat = self.heartbeat = Heartbeat(storage, content(), clock, self.activity, in_contact)
        limiter = RateLimiter(clock.now())
        animations = Animations(storage, clock)
        self.studio = Studio()
        messenger = TelegramMessenger(
            self.application.bot, content(), clock, animations=animations, studio=self.studio
        )
        self.messenger = messenger
        pacer = Pacer(messenger, limiter, clock, self.activity)
        dispatcher = self.dispatcher = Dispatcher(
            storage, messenger, limiter=limiter, pacer=pacer, clock=clock, activity=self.activity
        )
        storage.on_notices, storage.on_timers = dispatcher.notice, heartbeat.look
        self._workers = [heartbeat.run, self._receiving.run, pacer.run, dispatcher.run]
        self.tasks: list[asyncio.Task[None]] = []

    @property
    def polling(self) -> asyncio.Task[None]:
        """The intake's task, which ends with an error when the bot is to stop."""
        return self.tasks[1]

    def answers_within(self, seconds: float) -> None:
        """How long it waits for an answer of Telegram: real seconds."""
        for request in self.application.bot_data[REQUESTS]:
            request._read = seconds

    async def open(self) -> None:
        await self.application.initialize()
        await self._receiving.prepare()
        self.tasks = [asyncio.create_task(worker()) for worker in self._workers]
        await self.settled()

    async def close(self) -> None:
        for task in self.tasks:
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        if self._address is not None:
            self._address.listener.close()
        await self.places.close()
        await self.studio.close()
        await disconnect(self.application)

    async def until(self, so: Callable[[], bool]) -> None:
        """Real time passes until it is so."""
        deadline = asyncio.get_running_loop().time() + PATIENCE
        while not so():
            assert asyncio.get_running_loop().time() < deadline, "it does not come"
            await asyncio.sleep(0.001)

    def _at_rest(self) -> bool:
        if not self.activity.idle:
            return False
        if not self.telegram.there or not self.intake.contact.there or self.polling.done():
            return True
        queue = self.telegram.world.queue
        awaits = queue.polled or isinstance(self._receiving, Webhook)
        return awaits and queue.all_given and self.intake.handled >= queue.delivered

    async def settled(self) -> None:
        """Until nothing is left to do at this time."""
        await self.until(self._at_rest)

    async def pass_time(self, seconds: float) -> None:
        """Time goes on, minding every instant at which something waits."""
        until = self.clock.now() + timedelta(seconds=seconds)
        await self.settled()
        while (instant := self.clock.next_alarm()) is not None and instant <= until:
            self.set(max(instant, self.clock.now()))
            await self.settled()
        self.set(until)
        await self.settled()

    def set(self, now: datetime) -> None:
        """The time is this, for the bot and for Telegram (whose clock never goes back)."""
        if self.telegram.there and now.timestamp() * 1000 > self.telegram.world.clock.now_ms:
            self.telegram.world.clock.move(round(now.timestamp() * 1000))
        self.clock.set(now)

    async def say(self, *notices: Notice) -> None:
        async with self.base.storage.unit_of_work() as uow:
            uow.outbox.add(*notices)
            await uow.commit(self.clock.now())

    async def person(self, name: str, *, zone: str = "Europe/Berlin") -> tuple[int, PersonId]:
        """Somebody who has said where they are, without quiet hours: their account, and their id."""
        account = self.telegram.person(name)
        async with self.base.storage.unit_of_work() as uow:
            person = await uow.people.add(account, name, "en", self.clock.now())
            await uow.people.set_zone(person.id, zone)
            midnight = person.quiet_from.replace(0)
            await uow.people.set_quiet_hours(person.id, midnight, midnight)
            await uow.commit(self.clock.now())
        return account, person.id

    async def made(self) -> list[tuple[str, str]]:
        """Every notice and what became of it."""
        rows = await self.base.rows("SELECT kind, state FROM outbox ORDER BY id")
        return [(row["kind"], row["state"]) for row in rows]


@asynccontextmanager
async def wire(folder: Path, address: Address | None = None) -> AsyncIterator[Bot]:
    """A bot at work, and its Telegram; `address`: of a webhook, if it does not poll."""
    telegram = Telegram(folder / "telegram")
    await telegram.come()
    try:
        async with database(folder) as base:
            bot = Bot(base, telegram, SteppedClock(BEGIN), address)
            try:
                await bot.open()
                yield bot
            finally:
                await bot.close()
    finally:
        await telegram.go()
