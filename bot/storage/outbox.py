"""The outbox: every notice, from the commit that made it until it is settled."""

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.decision import Notice, Operation, Priority
from bot.domain.model import PersonId
from bot.storage.outbox_rows import (
    CLAIM,
    DONE,
    DROPPED,
    FAILED,
    MAY_GO,
    NEXT_WAITING,
    SENDING,
    SENT,
    STILL_SENDING,
    WAITING,
    Envelope,
    Settled,
    Waiting,
    notice_of,
    row_of,
    state_is,
)
from bot.storage.people import WITH_ACCOUNTS, People, person_of
from bot.storage.queue_tables import messages, outbox
from bot.storage.repository import Repository
from bot.storage.tables import received, telegram_accounts

__all__ = ["DROPPED", "FAILED", "SENDING", "SENT", "WAITING", "Envelope", "Outbox", "Settled", "Waiting"]


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
            rows = [row_of(notice, now) for notice in self.added]
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
        waiting, sending = (which & state_is(state) for state in (WAITING, SENDING))
        await self._connection.execute(update(outbox).where(waiting).values(dropped))
        await self._connection.execute(update(outbox).where(sending).values(expires_at=at))

    async def waiting(
        self, now: datetime, limit: int, *, halted: Collection[int] = (), spent: Collection[int] = ()
    ) -> list[Waiting]:
        """The next `limit` that may go, the most urgent first, and within that in commit order.

        Of each person's queues only the first message is shown, and the edits before it: one that waits for
        its retry holds back those behind it. Chats that are `halted` are left out; of those whose rate is
        `spent`, all but edits.
        """
        query = MAY_GO
        if halted:
            query = query.where(telegram_accounts.c.user_id.not_in(halted))
        if spent:
            is_spent = telegram_accounts.c.user_id.in_(spent)
            query = query.where(~is_spent | (outbox.c.operation != Operation.SEND))
        rows = await self._connection.execute(query, {"now": now, "limit": limit})
        return [
            Waiting(row.id, row.user_id, row.priority >= Priority.NUDGE, row.operation != Operation.SEND)
            for row in rows
        ]

    async def claim(self, ids: Sequence[int], now: datetime) -> list[Envelope]:
        """Mark these as being sent; those that were called off or have expired meanwhile are left out."""
        if not ids:
            return []
        claimed = await self._connection.execute(CLAIM, {"ids": list(ids), "now": now})
        rows = {row.id: row for row in claimed}
        owners = {"persons": list({row.person_id for row in rows.values()})}
        found_people = await self._connection.execute(WITH_ACCOUNTS, owners) if rows else ()
        persons = {row.id: row for row in found_people}
        made = await self._messages_of({row.target_key for row in rows.values()} - {None})
        found = [(rows[each], persons[rows[each].person_id]) for each in ids if each in rows]
        return [
            Envelope(
                row.id,
                notice_of(row),
                person_of(person),
                person.user_id,
                row.target_message if row.target_message is not None else made.get(row.target_key),
                row.attempts,
            )
            for row, person in found
        ]

    async def _messages_of(self, keys: Collection[str]) -> dict[str, int]:
        """The messages that the notices with these keys have become."""
        if not keys:
            return {}
        query = select(outbox.c.key, outbox.c.message_id).where(outbox.c.key.in_(keys))
        return {row.key: row.message_id for row in await self._connection.execute(query)}

    async def trail_of(self, person: PersonId, kinds: tuple[str, ...], since: datetime) -> set[int]:
        """The messages that show now what begins like one of these kinds, made since then; and those of the
        person that led to them (`said` in the parameters).
        """
        query = select(outbox).where(
            outbox.c.person_id == person,
            outbox.c.operation.in_((Operation.SEND, Operation.EDIT)),
            outbox.c.created_at > since,
        )
        shows: dict[int, str] = {}
        said: set[int] = set()
        for row in await self._connection.execute(query.order_by(outbox.c.id)):
            if (message := row.message_id or row.target_message) is not None:
                shows[message] = row.kind
            if row.kind.startswith(kinds) and row.parameters.get("said") is not None:
                said.add(row.parameters["said"])
        return said | {message for message, kind in shows.items() if kind.startswith(kinds)}

    async def settle(self, settled: Sequence[Settled], now: datetime) -> None:
        """Write down what became of these. What was private is erased; relayed words go to `received`."""
        if not settled:
            return
        ids = [each.envelope.id for each in settled]
        found = await self._connection.execute(STILL_SENDING, {"ids": ids})
        there = set(found.scalars())  # who has left took theirs along
        still = [each for each in settled if each.envelope.id in there]
        done = [each for each in still if each.state != WAITING]
        again = [each for each in still if each.state == WAITING]
        if done:
            rows = [
                {"which": each.envelope.id, "was": each.state, "fault": each.error, "made": each.message}
                for each in done
            ]
            await self._connection.execute(DONE, [{**row, "at": now} for row in rows])
        for each in again:
            values = {"state": WAITING, "error": each.error, "not_before": each.not_before}
            await self._connection.execute(
                update(outbox).where(outbox.c.id == each.envelope.id).values(values)
            )
        await self._remember([each for each in done if each.state == SENT], now)
        if any(each.envelope.person.leaving for each in done):
            await People(self._connection).let_go()

    async def _remember(self, sent: Sequence[Settled], now: datetime) -> None:
        relayed = [
            {
                "person_id": notice.recipient,
                "kind": notice.kind,
                "parameters": {key: value for key, value in notice.parameters.items() if key != "from"},
                "words": dict(notice.private),
                "received_at": now,
            }
            for notice in (each.envelope.notice for each in sent)
            if notice.relayed
        ]
        if relayed:
            await self._connection.execute(insert(received), relayed)
        made = [
            {
                "person_id": each.envelope.notice.recipient,
                "message_id": each.message,
                "outgoing": True,
                "seen_at": now,
            }
            for each in sent
            if each.message is not None and each.envelope.notice.operation is not Operation.DELETE
        ]
        if made:
            await self._connection.execute(self._insert(messages).on_conflict_do_nothing(), made)

    async def bulk_waiting(self, most: int) -> int:
        """How much bulk waits; what is more than `most` is not counted."""
        bulk = select(outbox.c.id).where(state_is(WAITING), outbox.c.priority >= Priority.NUDGE).limit(most)
        return (
            await self._connection.execute(select(func.count()).select_from(bulk.subquery()))
        ).scalar_one()

    async def next_waiting(self, after: datetime) -> datetime | None:
        """When the next notice that must wait may go."""
        return (await self._connection.execute(NEXT_WAITING, {"now": after})).scalar_one_or_none()

    async def expire(self, now: datetime) -> int:
        """Drop what has waited too long to be true."""
        statement = (
            update(outbox)
            .where(state_is(WAITING), outbox.c.expires_at <= now)
            .values(state=DROPPED, private=None, settled_at=now, error="expired")
            .returning(outbox.c.id)
        )
        return len((await self._connection.execute(statement)).all())

    async def recover(self, now: datetime) -> int:
        """After a crash: what was in flight goes again, except bulk, which is dropped. How many rows."""
        bulk = outbox.c.priority >= Priority.NUDGE
        dropped = (
            update(outbox)
            .where(state_is(SENDING), or_(bulk, outbox.c.expires_at <= now))
            .values(state=DROPPED, private=None, settled_at=now, error="in flight at a crash")
            .returning(outbox.c.id)
        )
        again = update(outbox).where(state_is(SENDING)).values(state=WAITING).returning(outbox.c.id)
        rows = (await self._connection.execute(dropped)).all()
        return len(rows) + len((await self._connection.execute(again)).all())
