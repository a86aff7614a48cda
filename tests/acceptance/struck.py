"""A playground whose bot is struck down: the server lives in this process, the bot in one of its own.

So the bot dies and is started again alone and quickly, Telegram's side is never lost, and a test can look at
both: what stands in the chats, and what stands in the database that the bot left behind.
"""

import signal
import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from bot.crash_points import VARIABLE
from bot.play import TOKEN
from bot.playground.server import PlaygroundServer
from bot.playground.world import World
from tests.acceptance.forked import Forked
from tests.acceptance.harness import START_SECONDS, Person, Playground, UnexpectedError, from_bot

NUDGE = 5
"""From this priority on a notice is bulk."""


@dataclass
class Ledger:
    """What was in flight when the bot died, by chat: only of these may somebody read something twice."""

    urgent: Counter[int] = field(default_factory=Counter)
    bulk: Counter[int] = field(default_factory=Counter)
    bulk_ids: set[int] = field(default_factory=set)
    deaths: int = 0


class Struck(Playground):
    """As `Playground`, but `start` and `restart` concern the bot alone; `strike` and `dies_at` end it."""

    def __init__(self, folder: Path, *, at: str = "2026-03-02T18:00+01:00") -> None:
        super().__init__(folder)
        self.ledger = Ledger()
        self._server = PlaygroundServer(
            host="127.0.0.1",
            port=0,
            folder=folder,
            token=TOKEN,
            flowing=False,
            start=datetime.fromisoformat(at),
        )
        self._begun = False
        self._bot: Forked | None = None

    @property
    def world(self) -> World:
        return self._server.world

    @property
    def dead(self) -> bool:
        return self._bot is None

    # -- the bot's process

    async def start(self) -> None:
        """Starts the bot, and waits until it is there and idle."""
        await self.begin()
        await self.settle()

    async def begin(self, crash_at: str = "") -> None:
        """Starts the bot and waits for nothing. `crash_at`: where it shall die."""
        if not self._begun:
            self.folder.mkdir(parents=True, exist_ok=True)
            await self._server.start()
            self._begun = True
            await self.connect(self._server.url)
        self._bot = Forked(self.folder, self.environment() | {VARIABLE: crash_at}, self.folder / "bot.log")

    async def ended(self) -> int:
        """Waits for the bot to end by itself; its exit code."""
        bot, self._bot = self._bot, None
        assert bot is not None
        try:
            return await bot.ended(START_SECONDS)
        except TimeoutError:
            bot.send(signal.SIGKILL)
            raise UnexpectedError(f"The bot goes on and on\n{self.log()}") from None

    async def dies_at(self, point: str) -> None:
        """Starts the bot, and waits until it has died there."""
        await self.begin(point)
        code = await self.ended()
        if code != -signal.SIGKILL:
            raise UnexpectedError(f"The bot did not die at {point}, but ended with {code}\n{self.log()}")
        self._look_at_the_dead()

    async def strike(self) -> None:
        """kill -9, wherever it is."""
        assert self._bot is not None
        self._bot.send(signal.SIGKILL)
        await self.ended()
        self._look_at_the_dead()

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ends the bot, and then the server."""
        code = 0
        if self._bot is not None:
            self._bot.send(how)
            code = await self.ended()
        if self._session is not None:
            await self._session.close()
            self._session = None
        if self._begun:
            await self._server.stop()
            self._begun = False
        return code

    async def restart(self, how: signal.Signals = signal.SIGKILL) -> None:
        """Strikes the bot down (or asks it to end), and starts it again on the same data."""
        if how == signal.SIGKILL:
            await self.strike()
        else:
            assert self._bot is not None
            self._bot.send(how)
            code = await self.ended()
            if code:
                raise UnexpectedError(f"The bot ended with {code}\n{self.log()}")
        await self.start()

    def environment(self) -> dict[str, str]:
        return super().environment() | {
            "TELEGRAM_TOKEN": TOKEN,
            "TELEGRAM_API_URL": self.url,
            "PLAYGROUND_URL": self.url,
            "DATABASE_URL": f"sqlite+aiosqlite:///{self.folder / 'bot.db'}",
            "DATA_KEY_FILE": str(self.folder / "bot.key"),
            "NO_PROXY": "127.0.0.1,localhost",
            "no_proxy": "127.0.0.1,localhost",
        }

    def log(self, lines: int = 40) -> str:
        """The last lines the bot said."""
        said = self.folder / "bot.log"
        self.output = said.read_text().splitlines() if said.exists() else []
        return super().log(lines)

    async def jump_at_once(self, seconds: float) -> None:
        """It is so much later; whatever that does to the bot is not waited for."""
        await self.post("clock/jump", {"seconds": seconds})

    # -- what is left behind

    def rows(self, query: str, parameters: Iterable[Any] = ()) -> list[Any]:
        """Read from the bot's database; [] while there are no tables yet."""
        connection = sqlite3.connect(f"file:{self.folder / 'bot.db'}?mode=ro", uri=True)
        try:
            return connection.execute(query, tuple(parameters)).fetchall()
        finally:
            connection.close()

    def count(self, query: str, *parameters: Any) -> int:
        return int(self.rows(f"SELECT count(*) FROM {query}", parameters)[0][0])

    def made(self, kind: str) -> int:
        """How often the bot decided to say this."""
        return self.count("outbox WHERE kind = ?", kind)

    def sends(self) -> list[dict[str, Any]]:
        """The calls that send something, of the last 2,000."""
        return [each for each in self.world.faults.calls(0) if each["method"] == "sendMessage"]

    def _look_at_the_dead(self) -> None:
        self.ledger.deaths += 1
        self.check_integrity()
        for person, number, priority in self.in_flight():
            if priority < NUDGE:
                self.ledger.urgent[person] += 1
            else:
                self.ledger.bulk[person] += 1
                self.ledger.bulk_ids.add(number)

    def check_integrity(self) -> None:
        """SQLite finds nothing wrong with the file as it was left."""
        for pragma in ("integrity_check", "foreign_key_check"):
            found = self.rows(f"PRAGMA {pragma}")
            assert found in ([], [("ok",)]), (pragma, found)

    def in_flight(self) -> list[tuple[int, int, int]]:
        """What is marked as being sent: the person's account, the row and its priority."""
        if not self.rows("SELECT 1 FROM sqlite_master WHERE name = 'outbox'"):
            return []
        query = (
            "SELECT user_id, outbox.id, priority FROM outbox JOIN telegram_accounts USING (person_id) "
            "WHERE state = 'sending'"
        )
        return [(int(person), int(number), int(priority)) for person, number, priority in self.rows(query)]

    def messages_to(self, person: int) -> int:
        """How many messages of the bot stand in this chat."""
        chat = self.world.state.chats.get(person)
        return 0 if chat is None else sum(from_bot(post.message) for post in chat.posts.values())

    def check_deliveries(self) -> int:
        """Every notice that is settled arrived, what was dropped was bulk in flight at a death, and nothing
        came twice but what was in flight then; how many came twice (or came though they were dropped)."""
        query = (
            "SELECT user_id, outbox.id, kind, operation, state, error, message_id "
            "FROM outbox JOIN telegram_accounts USING (person_id)"
        )
        arrived: Counter[int] = Counter()
        for person, number, kind, operation, state, error, message in self.rows(query):
            if state == "dropped" and error == "called off":
                continue
            if state == "dropped":
                assert number in self.ledger.bulk_ids, f"{kind} was lost: {error}"
                continue
            assert state == "sent", f"{kind} is {state}: {error}"
            if operation == "send":
                arrived[person] += 1
                assert message in self.world.state.chats[person].posts, f"{kind} never arrived"
        twice = 0
        for person in self.world.state.chats:
            more = self.messages_to(person) - arrived[person]
            assert more >= 0, "a message stands for two notices"
            assert more <= self.ledger.urgent[person] + self.ledger.bulk[person], "said twice out of the blue"
            twice += more
        return twice


async def says(person: Person, *texts: str) -> None:
    """Sends these without waiting for anything."""
    for text in texts:
        await person.playground.post(f"people/{person.id}/say", {"text": text})


async def taps(person: Person, label: str) -> None:
    """Taps the newest button with this label, without waiting for anything."""
    fits = person.words.label(label)
    for message in reversed((await person.chat()).messages):
        for row in (message.get("reply_markup") or {}).get("inline_keyboard", []):
            for button in row:
                if fits.match(" ".join(button["text"].split())):
                    data = {"message_id": message["message_id"], "data": button["callback_data"]}
                    await person.playground.post(f"people/{person.id}/tap", data)
                    return
    raise UnexpectedError(f"{person.name} finds no button {label}\n{await person.chat()}")
