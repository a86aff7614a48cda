"""A playground whose bot is struck down, and what it leaves behind: in the chats, and in its database."""

import signal
import sqlite3
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tests.acceptance.harness import Person, UnexpectedError, from_bot
from tests.acceptance.hosted import Hosted

NUDGE = 5
"""From this priority on a notice is bulk."""


@dataclass
class Ledger:
    """What was in flight when the bot died, by chat: only of these may somebody read something twice."""

    urgent: Counter[int] = field(default_factory=Counter)
    bulk: Counter[int] = field(default_factory=Counter)
    bulk_ids: set[int] = field(default_factory=set)
    deaths: int = 0


class Struck(Hosted):
    """`strike` and `dies_at` end the bot, and what it left in flight goes down in the ledger."""

    def __init__(self, folder: Path, *, at: str = "2026-03-02T18:00+01:00") -> None:
        super().__init__(folder, at=at)
        self.ledger = Ledger()

    @property
    def dead(self) -> bool:
        return self._bot is None

    async def dies_at(self, point: str) -> None:
        """Starts the bot, and waits until it has died there."""
        await self.begin(point)
        code = await self.ended()
        if code != -signal.SIGKILL:
            raise UnexpectedError(f"The bot did not die at {point}, but ended with {code}\n{self.log()}")
        self._look_at_the_dead()

    async def strike(self) -> None:
        """kill -9, wherever it is."""
        await self.end_bot(signal.SIGKILL)

    async def end_bot(self, how: signal.Signals) -> None:
        await super().end_bot(how)
        if how == signal.SIGKILL:
            self._look_at_the_dead()

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
