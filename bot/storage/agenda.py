"""What is due next, for people to look at: timers, and notices that wait for a later time."""

from collections.abc import Collection
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Table, select

from bot.storage.outbox_rows import WAITING, state_is
from bot.storage.queue_tables import outbox, timers
from bot.storage.repository import Repository
from bot.storage.tables import reminders, sessions, space_participants, telegram_accounts

NOTICE = "notice"
"""The kind of an entry that is no timer."""


class Entry(NamedTuple):
    """`accounts`: whom it concerns, as far as one of them is meant; by their Telegram ids."""

    at: datetime
    kind: str
    accounts: tuple[int, ...] = ()


class Agenda(Repository):
    """Reads, and changes nothing."""

    async def entries(self, now: datetime, limit: int) -> list[Entry]:
        """The next `limit` of all, the earliest first."""
        rows = (
            await self._connection.execute(
                select(timers.c.due_at, timers.c.kind, timers.c.subject)
                .order_by(timers.c.due_at)
                .limit(limit)
            )
        ).all()
        held = (
            await self._connection.execute(
                select(outbox.c.not_before, outbox.c.person_id)
                .where(state_is(WAITING), outbox.c.not_before > now)
                .order_by(outbox.c.not_before)
                .limit(limit)
            )
        ).all()
        owners = {row: person for row in rows for person in await self._owner(row.kind, row.subject)}
        accounts = await self._accounts({*owners.values(), *(row.person_id for row in held)})
        found = [
            Entry(row.due_at, row.kind, tuple(accounts.get(owners[row], ())) if row in owners else ())
            for row in rows
        ]
        found += [Entry(row.not_before, NOTICE, tuple(accounts.get(row.person_id, ()))) for row in held]
        return sorted(found, key=lambda entry: entry.at)[:limit]

    async def _owner(self, kind: str, subject: int) -> list[int]:
        """Whose it is; nobody, where it concerns two."""
        if kind == "breath.end":
            return [subject]
        if kind in ("reminder", "snooze"):
            return await self._person_of(reminders, subject)
        if kind.startswith("check_in."):
            return await self._person_of(sessions, subject)
        if kind in ("space.return", "space.unanswered"):
            query = select(space_participants.c.person_id).where(space_participants.c.request_id == subject)
            found = [int(row.person_id) for row in await self._connection.execute(query)]
            return found if len(found) == 1 else []
        return []

    async def _person_of(self, table: Table, subject: int) -> list[int]:
        query = select(table.c.person_id).where(table.c.id == subject)
        return [int(row.person_id) for row in await self._connection.execute(query)]

    async def _accounts(self, persons: Collection[int]) -> dict[int, list[int]]:
        if not persons:
            return {}
        query = select(telegram_accounts).where(telegram_accounts.c.person_id.in_(persons))
        return {row.person_id: [row.user_id] for row in await self._connection.execute(query)}
