"""The outbox: every notice, from the commit that made it until it is settled."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Row, exists, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.decision import LIFETIME, Notice, Operation, Priority
from bot.domain.model import Parameters, Person, PersonId
from bot.storage.people import People, person_of
from bot.storage.queue_tables import messages, outbox
from bot.storage.repository import Repository
from bot.storage.tables import people, received, telegram_accounts

WAITING, SENDING, SENT, DROPPED, FAILED = "waiting", "sending", "sent", "dropped", "failed"


@dataclass(frozen=True)
class Envelope:
    """A notice on its way: whom it goes to, and which message it changes."""

    id: int
    notice: Notice
    person: Person
    chat: int
    message: int | None
    attempts: int


@dataclass(frozen=True)
class Settled:
    """What became of a notice. `waiting` with `not_before` means: once more, then."""

    envelope: Envelope
    state: str
    message: int | None = None
    error: str | None = None
    not_before: datetime | None = None


class Outbox(Repository):
    """Collects the notices of a unit of work and writes them when it commits."""

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection)
        self.added: list[Notice] = []

    def add(self, *notices: Notice) -> None:
        self.added += notices

    def sounding(self) -> set[PersonId]:
        """Who would hear a sound of what was added."""
        return {each.recipient for each in self.added if each.operation is Operation.SEND and not each.silent}

    async def flush(self, now: datetime, hushed: Collection[PersonId] = ()) -> None:
        """Write what was added; to those who are hushed without sound.

        A notice whose key is there already was said before: it is left out.
        """
        if self.added:
            rows = [_row(notice, now) for notice in self.added]
            for row in rows:
                row["silent"] = row["silent"] or row["person_id"] in hushed
            await self._connection.execute(self._insert(outbox).on_conflict_do_nothing(), rows)

    async def knows(self, keys: Iterable[str | None]) -> bool:
        """Whether a notice with one of these keys was made before."""
        wanted = {key for key in keys if key}
        if any(notice.key in wanted for notice in self.added):
            return True
        query = select(outbox.c.id).where(outbox.c.key.in_(wanted)).limit(1)
        return (await self._connection.execute(query)).first() is not None

    async def rewrote(self, person: PersonId, message: int, since: datetime) -> bool:
        """Whether this message was given new content or other buttons since then."""
        made = select(outbox.c.key).where(outbox.c.person_id == person, outbox.c.message_id == message)
        keys = set((await self._connection.execute(made)).scalars()) - {None}
        aims = {message, *keys}
        if any(notice.recipient == person and notice.target in aims for notice in self.added):
            return True
        query = select(outbox.c.id).where(
            outbox.c.person_id == person,
            (outbox.c.target_message == message) | outbox.c.target_key.in_(keys),
            outbox.c.created_at > since,
        )
        return (await self._connection.execute(query.limit(1))).first() is not None

    async def call_off(self, persons: Collection[PersonId], kinds: Sequence[str], now: datetime) -> None:
        """Drop what still waits for these people and is of a kind that begins like one of these.

        What is in flight cannot be held back, but will not be tried a second time.
        """
        self.added = [
            notice
            for notice in self.added
            if notice.recipient not in persons or not notice.kind.startswith(tuple(kinds))
        ]
        begins = or_(*(outbox.c.kind.startswith(kind, autoescape=True) for kind in kinds))
        await self._drop(outbox.c.person_id.in_(persons) & begins, now)

    async def call_off_keyed(self, person: PersonId, beginning: str) -> None:
        """The same for one person's, by what the key begins with."""
        self.added = [
            each
            for each in self.added
            if each.recipient != person or not (each.key or "").startswith(beginning)
        ]
        begins = outbox.c.key.startswith(beginning, autoescape=True)
        await self._drop((outbox.c.person_id == person) & begins, outbox.c.created_at)

    async def _drop(self, which: ColumnElement[bool], at: Any) -> None:
        dropped = {"state": DROPPED, "private": None, "settled_at": at, "error": "called off"}
        waiting, sending = (which & (outbox.c.state == state) for state in (WAITING, SENDING))
        await self._connection.execute(update(outbox).where(waiting).values(dropped))
        await self._connection.execute(update(outbox).where(sending).values(expires_at=at))

    async def claim(
        self,
        now: datetime,
        limit: int,
        *,
        bulk: int,
        held: Collection[int] = (),
        spent: Collection[int] = (),
    ) -> list[Envelope]:
        """Mark up to `limit` notices as being sent: the most urgent, one a chat, in commit order.

        At most `bulk` of them are bulk. Chats that are `held` (a call in flight, or told to wait) are passed
        over; those whose rate is `spent` get edits only.
        """
        allowed = [outbox.c.priority < Priority.NUDGE] if bulk < 1 else []
        if held:
            allowed.append(telegram_accounts.c.user_id.not_in(held))
        if spent:
            allowed.append(telegram_accounts.c.user_id.not_in(spent) | (outbox.c.operation != Operation.SEND))
        candidates = await self._candidates(now, limit * 4, allowed)
        chosen: dict[int, Row[Any]] = {}
        for row in candidates:
            chosen.setdefault(row.user_id, row)
        people_first = [row for row in chosen.values() if row.priority < Priority.NUDGE]
        bulky = [row for row in chosen.values() if row.priority >= Priority.NUDGE]
        rows = (people_first + bulky[:bulk])[:limit]
        if rows:
            await self._connection.execute(
                update(outbox)
                .where(outbox.c.id.in_([row.id for row in rows]), outbox.c.state == WAITING)
                .values(state=SENDING, attempts=outbox.c.attempts + 1)
            )
        return [await self._envelope(row) for row in rows]

    async def _candidates(
        self, now: datetime, limit: int, allowed: Sequence[ColumnElement[bool]]
    ) -> Sequence[Row[Any]]:
        """The first of each person's queues: one that waits for its retry holds back those behind it."""
        earlier = outbox.alias("earlier")
        is_behind = exists().where(
            earlier.c.person_id == outbox.c.person_id,
            earlier.c.priority == outbox.c.priority,
            earlier.c.state == WAITING,
            earlier.c.expires_at > now,
            earlier.c.id < outbox.c.id,
        )
        query = (
            select(outbox, telegram_accounts.c.user_id)
            .join(telegram_accounts, telegram_accounts.c.person_id == outbox.c.person_id)
            .where(
                outbox.c.state == WAITING,
                outbox.c.not_before <= now,
                outbox.c.expires_at > now,
                ~is_behind,
                *allowed,
            )
            .order_by(outbox.c.priority, outbox.c.id)
            .limit(limit)
        )
        return (await self._connection.execute(query)).all()

    async def _envelope(self, row: Row[Any]) -> Envelope:
        person = (await self._connection.execute(select(people).where(people.c.id == row.person_id))).one()
        message = row.target_message
        if message is None and row.target_key is not None:
            made_it = select(outbox.c.message_id).where(outbox.c.key == row.target_key)
            message = (await self._connection.execute(made_it)).scalar_one_or_none()
        return Envelope(row.id, _notice(row), person_of(person), row.user_id, message, row.attempts + 1)

    async def settle(self, settled: Sequence[Settled], now: datetime) -> None:
        """Write down what became of these. What was private is erased; relayed words go to `received`."""
        for each in settled:
            done = each.state != WAITING
            values: dict[str, Any] = {"state": each.state, "error": each.error}
            if each.not_before is not None:
                values["not_before"] = each.not_before
            if done:
                values |= {"private": None, "settled_at": now, "message_id": each.message}
            statement = (
                update(outbox)
                .where(outbox.c.id == each.envelope.id, outbox.c.state == SENDING)
                .values(**values)
                .returning(outbox.c.id)
            )
            still_there = (await self._connection.execute(statement)).first() is not None
            if each.state == SENT and still_there:
                await self._remember(each, now)
        if any(each.envelope.person.leaving and each.state != WAITING for each in settled):
            await People(self._connection).let_go()

    async def _remember(self, each: Settled, now: datetime) -> None:
        notice = each.envelope.notice
        if notice.relayed:
            kept = {key: value for key, value in notice.parameters.items() if key != "from"}
            await self._connection.execute(
                insert(received).values(
                    person_id=notice.recipient,
                    kind=notice.kind,
                    parameters=kept,
                    words=dict(notice.private),
                    received_at=now,
                )
            )
        if each.message is not None and notice.operation is not Operation.DELETE:
            await self._connection.execute(
                self._insert(messages)
                .values(person_id=notice.recipient, message_id=each.message, outgoing=True, seen_at=now)
                .on_conflict_do_nothing()
            )

    async def next_waiting(self, after: datetime) -> datetime | None:
        """When the next notice that must wait may go."""
        query = (
            select(outbox.c.not_before)
            .where(outbox.c.state == WAITING, outbox.c.not_before > after)
            .order_by(outbox.c.not_before)
            .limit(1)
        )
        return (await self._connection.execute(query)).scalar_one_or_none()

    async def expire(self, now: datetime) -> int:
        """Drop what has waited too long to be true."""
        statement = (
            update(outbox)
            .where(outbox.c.state == WAITING, outbox.c.expires_at <= now)
            .values(state=DROPPED, private=None, settled_at=now, error="expired")
            .returning(outbox.c.id)
        )
        return len((await self._connection.execute(statement)).all())

    async def recover(self, now: datetime) -> int:
        """After a crash: what was in flight goes again, except bulk, which is dropped. How many rows."""
        bulk = outbox.c.priority >= Priority.NUDGE
        dropped = (
            update(outbox)
            .where(outbox.c.state == SENDING, or_(bulk, outbox.c.expires_at <= now))
            .values(state=DROPPED, private=None, settled_at=now, error="in flight at a crash")
            .returning(outbox.c.id)
        )
        again = update(outbox).where(outbox.c.state == SENDING).values(state=WAITING).returning(outbox.c.id)
        rows = (await self._connection.execute(dropped)).all()
        return len(rows) + len((await self._connection.execute(again)).all())


def _row(notice: Notice, now: datetime) -> dict[str, Any]:
    target = notice.target
    return {
        "key": notice.key,
        "person_id": notice.recipient,
        "kind": notice.kind,
        "parameters": dict(notice.parameters),
        "private": dict(notice.private),
        "priority": int(notice.priority),
        "operation": notice.operation,
        "target_message": target if isinstance(target, int) else None,
        "target_key": target if isinstance(target, str) else None,
        "silent": notice.silent,
        "relayed": notice.relayed,
        "state": WAITING,
        "not_before": notice.not_before or now,
        "expires_at": notice.expires_at or now + LIFETIME,
        "created_at": now,
    }


def _notice(row: Row[Any]) -> Notice:
    parameters: Parameters = row.parameters
    return Notice(
        kind=row.kind,
        recipient=PersonId(row.person_id),
        parameters=parameters,
        private=row.private,
        priority=Priority(row.priority),
        operation=Operation(row.operation),
        target=row.target_message or row.target_key,
        key=row.key,
        silent=row.silent,
        relayed=row.relayed,
        not_before=row.not_before,
        expires_at=row.expires_at,
    )
