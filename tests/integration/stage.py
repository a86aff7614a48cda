"""Two people and the whole bot in one process: real intake, real database, real words; only HTTP is left out.

What is sent is rendered into chats in memory. Every tap is a transaction of its own, so everything is saved
and loaded again at every wait, as after a restart; hundreds of taps a minute fit in a test.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from aiosqlite import Connection
from sqlalchemy import event, select
from telegram import User

from bot.clock import Activity, SteppedClock
from bot.content.catalog import Content
from bot.domain.decision import Notice, Operation
from bot.domain.model import PersonId
from bot.places.lookup import Places
from bot.services import timers
from bot.storage.outbox import SENT, WAITING, Settled
from bot.storage.queue_tables import failed_updates, outbox
from bot.storage.unit_of_work import Storage
from bot.telegram.client import build_application, disconnect
from bot.telegram.context import Tools
from bot.telegram.intake import Intake
from bot.telegram.pace import Pace
from bot.telegram.render.render import Call, render
from bot.telegram.render.words import Words
from tests.integration.support import at_once, database, quicken

TOKEN = "4200001:of-the-stage"
ME = {"id": 4200001, "is_bot": True, "first_name": "StillHere", "username": "stillhere_bot"}


@dataclass
class Message:
    """What stands in a chat."""

    id: int
    kinds: list[str]
    """the kinds of the notices that made it and changed it"""
    text: str
    keyboard: list[dict[str, Any]] = field(default_factory=list)

    @property
    def data(self) -> list[str]:
        """What its buttons mean."""
        return [button["callback_data"] for button in self.keyboard if "callback_data" in button]


class Stage:
    """The bot, and the chats of whoever speaks with it."""

    def __init__(
        self,
        storage: Storage,
        content: Content,
        intake: Intake,
        clock: SteppedClock,
        calls: list[tuple[str, dict[str, Any]]],
    ) -> None:
        self.storage, self.content, self.clock, self.calls = storage, content, clock, calls
        self.chats: dict[int, list[Message]] = {}
        self.news: dict[int, list[Message]] = {}
        """what is new or changed since the person last did something"""
        self.deleted: dict[int, list[int]] = {}
        """the messages that were to be deleted, of both sides"""
        self.emitted: dict[int, dict[str, int]] = {}
        """every button there ever was in a chat: what it means, and under which message it stood last"""
        self._intake = intake
        self._ids = count(1)
        self._accounts = count(5_000_001)
        self._names: dict[int, dict[str, str]] = {}

    async def person(self, name: str, locale: str, zone: str = "Europe/Berlin") -> tuple[int, PersonId]:
        """Somebody who has said where they are: their account, and their id."""
        account = self.newcomer(name, locale)
        async with self.storage.unit_of_work() as uow:
            person = await uow.people.add(account, name, locale, self.clock.now())
            await uow.people.set_zone(person.id, zone)
            await uow.commit(self.clock.now())
        return account, person.id

    def newcomer(self, name: str, language: str) -> int:
        """The account of somebody the bot has not met."""
        account = next(self._accounts)
        self._names[account] = {"first_name": name, "language_code": language}
        self.chats[account], self.news[account], self.emitted[account] = [], [], {}
        return account

    async def says(self, account: int, text: str) -> list[Message]:
        """Type something; what the bot answers."""
        message: dict[str, Any] = {"text": text}
        if text.startswith("/"):
            length = len(text.split(maxsplit=1)[0])
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": length}]
        return await self.brings(account, message)

    async def brings(self, account: int, content: dict[str, Any], kind: str = "message") -> list[Message]:
        """Whatever else a message may hold, or an edited one; what the bot answers."""
        message = {"message_id": next(self._ids), "date": 0, **self._who(account), **content}
        await self._take(account, {kind: message})
        await asyncio.gather(*self._intake._spawned)  # a place may be looked up
        await self._deliver()
        return self.news[account]

    async def turns_away(self, account: int, status: str) -> None:
        """Block the bot (“kicked”), or let it in again (“member”)."""
        me = {"is_bot": True, "id": ME["id"], "first_name": ME["first_name"]}
        member = {"date": 0, **self._who(account), "old_chat_member": {"user": me, "status": "member"}}
        banned = {"until_date": 0} if status == "kicked" else {}
        new = {"user": me, "status": status, **banned}
        await self._take(account, {"my_chat_member": {**member, "new_chat_member": new}})

    async def taps(self, account: int, message: Message, data: str) -> list[Message]:
        """Tap a button; what the bot answers."""
        return await self._take(account, self.tap(account, message.id, data))

    def tap(self, account: int, message: int, data: str) -> dict[str, Any]:
        """A tap, as the bot is told of it."""
        under = {"message_id": message, "date": 1, "chat": self._who(account)["chat"], "text": "x"}
        query = {"id": str(next(self._ids)), "from": self._who(account)["from"], "chat_instance": "1"}
        return {"callback_query": {**query, "message": under, "data": data}}

    async def asks(self, account: int, query: str, **who: Any) -> dict[str, Any]:
        """Type something behind the bot's name in another chat; how the bot answers the query."""
        asked = {"id": str(next(self._ids)), "from": {**self._who(account)["from"], **who}, "offset": ""}
        await self._intake.take([{"update_id": next(self._ids), "inline_query": {**asked, "query": query}}])
        await asyncio.gather(*self._intake._spawned)
        await self._deliver()
        answers = [said for _, said in self.calls if said.get("inline_query_id") == asked["id"]]
        assert len(answers) == 1
        return answers[0]

    async def waits(self, account: int, until: datetime) -> list[Message]:
        """Let time pass; everything due on the way happens at its time."""
        self.news[account] = []
        await self.passes(until)
        return self.news[account]

    async def passes(self, until: datetime) -> None:
        """Let time pass, for everybody."""
        while True:
            async with self.storage.unit_of_work() as uow:
                due = await uow.timers.next_due()
                if due is None or due > until:
                    break
                self.clock.set(max(self.clock.now(), due))
                due_now = await uow.timers.take_due(self.clock.now(), 100)
                await timers.run(uow, due_now, self.clock.now(), self.content)
                await uow.commit(self.clock.now())
            await self._deliver()
        self.clock.set(until)

    def _who(self, account: int) -> dict[str, Any]:
        name = self._names.get(account, {"first_name": "Somebody", "language_code": "en"})
        chat = {"id": account, "type": "private", "first_name": name["first_name"]}
        return {"from": {"id": account, "is_bot": False, **name}, "chat": chat}

    async def takes(self, updates: list[dict[str, Any]]) -> None:
        """The bot is told of all this at once; nothing of what it says is delivered."""
        await self._intake.take([{"update_id": next(self._ids), **update} for update in updates])
        await asyncio.gather(*self._intake._spawned)

    async def _take(self, account: int, update: dict[str, Any]) -> list[Message]:
        self.news[account] = []
        await self._intake.take([{"update_id": next(self._ids), **update}])
        await self._deliver()
        return self.news[account]

    async def _deliver(self) -> None:
        """Send all that waits, in the order of the commits, one after the other."""
        now = self.clock.now()
        async with self.storage.unit_of_work() as uow:
            query = select(outbox.c.id).where(outbox.c.state == WAITING).order_by(outbox.c.id)
            for waiting in (await uow._connection.execute(query)).scalars().all():
                for envelope in await uow.outbox.claim([waiting], now):
                    words = Words(self.content, envelope.person, now, ME["username"])
                    call = render(envelope.notice, envelope.message, words)
                    shown = self._show(envelope.chat, envelope.notice, call)
                    await uow.outbox.settle([Settled(envelope, SENT, shown)], now)
            failed = (await uow._connection.execute(select(failed_updates.c.error))).scalars().all()
            assert not failed, failed
            await uow.commit(now)

    def _show(self, account: int, notice: Notice, call: Call | None) -> int | None:
        """What Telegram would do."""
        if call is None:
            return None
        markup = call.parameters.get("reply_markup", {})
        keyboard = [button for row in markup.get("inline_keyboard", []) for button in row]
        if call.method == "deleteMessages":
            gone = call.parameters["message_ids"]
            self.deleted.setdefault(account, []).extend(gone)
            self.chats[account] = [each for each in self.chats[account] if each.id not in gone]
            return None
        if call.method in ("sendMessage", "sendDocument", "sendAnimation", "sendPhoto"):
            text = call.parameters.get("text") or call.parameters["caption"]
            message = Message(next(self._ids), [notice.kind], text, keyboard)
            self.chats[account].append(message)
        else:
            found = [each for each in self.chats[account] if each.id == call.parameters["message_id"]]
            assert found, f"{call.method} of a message that is not there"
            message = found[0]
            message.keyboard = keyboard
            message.text = call.parameters.get("text", message.text)
            message.kinds.append(notice.kind)
        self.emitted.setdefault(account, {}).update(dict.fromkeys(message.data, message.id))
        if notice.operation is not Operation.STRIP:
            self.news[account].append(message)
        return message.id


@asynccontextmanager
async def stage(
    folder: Path, content: Content, begin: datetime, shared: Places | None = None
) -> AsyncIterator[Stage]:
    """A stage on a database of its own, with a clock that stands still; `shared`: a look-up of places."""
    calls: list[tuple[str, dict[str, Any]]] = []

    async def answered(method: str, parameters: dict[str, Any]) -> None:
        """In the place of a call to Telegram: only answers to taps and queries come here."""
        calls.append((method, parameters))

    application = build_application(TOKEN, "http://127.0.0.1:9")
    application.bot._bot_user = User.de_json(ME, application.bot)  # `initialize` would ask Telegram who it is
    application._initialized = True
    places = shared or Places()
    clock = SteppedClock(begin)
    way, Connection._execute = Connection._execute, at_once
    try:
        async with database(folder) as base:
            pace = Pace(1_000_000)  # the clock stands still: what follows was not typed at once
            event.listen(base.engine.sync_engine, "connect", quicken)
            intake = Intake(application, Tools(content, places), base.storage, clock, Activity(), pace=pace)
            intake._post = answered  # type: ignore[method-assign]
            yield Stage(base.storage, content, intake, clock, calls)
            await asyncio.gather(*intake._spawned, return_exceptions=True)
    finally:
        Connection._execute = way
        if shared is None:
            await places.close()
        await disconnect(application)
