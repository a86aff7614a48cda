"""The rules for nudges, and what came of the nudges they sent."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from bot.domain.model import Parameters, PersonId, Reminder, ReminderId
from bot.storage.repository import Repository
from bot.storage.tables import nudged, reminders


class Reminders(Repository):
    """The rules for nudges. A tap reaches only its sender's own."""

    async def add(
        self, person: PersonId, kind: str, rule: Parameters, now: datetime, text: str | None = None
    ) -> Reminder:
        values = {"person_id": person, "kind": kind, "rule": dict(rule), "text": text, "created_at": now}
        return _reminder(
            (await self._connection.execute(insert(reminders).values(values).returning(reminders))).one()
        )

    async def all_of(self, person: PersonId) -> list[Reminder]:
        query = select(reminders).where(reminders.c.person_id == person).order_by(reminders.c.id)
        return [_reminder(row) for row in await self._connection.execute(query)]

    async def get(self, reminder: ReminderId, person: PersonId | None = None) -> Reminder | None:
        """A reminder; for a tap, only if it is this person's."""
        query = select(reminders).where(reminders.c.id == reminder)
        if person is not None:
            query = query.where(reminders.c.person_id == person)
        row = (await self._connection.execute(query)).first()
        return None if row is None else _reminder(row)

    async def many(self, ids: Collection[ReminderId]) -> dict[ReminderId, Reminder]:
        """Those of them that are there."""
        found = await self._connection.execute(select(reminders).where(reminders.c.id.in_(ids)))
        return {ReminderId(row.id): _reminder(row) for row in found}

    async def after(self, last: int, limit: int) -> list[Reminder]:
        """Active ones of whomever, by id, from the one after `last` on."""
        query = (
            select(reminders)
            .where(reminders.c.id > last, reminders.c.active)
            .order_by(reminders.c.id)
            .limit(limit)
        )
        return [_reminder(row) for row in await self._connection.execute(query)]

    async def change(self, reminder: ReminderId, **values: Any) -> None:
        """Set some of `kind`, `rule`, `text`, `active`, `rests_until`, `last_due_at`."""
        await self._connection.execute(update(reminders).where(reminders.c.id == reminder).values(**values))

    async def delete(self, reminder: ReminderId) -> None:
        await self._connection.execute(delete(reminders).where(reminders.c.id == reminder))


def _reminder(row: Row[Any]) -> Reminder:
    return Reminder(
        ReminderId(row.id),
        PersonId(row.person_id),
        row.kind,
        row.rule,
        row.active,
        row.text,
        row.rests_until,
        row.last_due_at,
    )


@dataclass(frozen=True)
class Nudged:
    """What came of a person's nudges. `unanswered`: how many in a row, the last one included."""

    last_at: datetime
    last_key: str | None
    """the key of the notice that made the last one"""
    unanswered: int = 0
    asked: bool = False
    """whether they were asked if these come at a wrong time, since they last answered one"""


class NudgedPeople(Repository):
    """One row a person who was ever nudged."""

    async def many(self, persons: Collection[PersonId]) -> dict[PersonId, Nudged]:
        found = await self._connection.execute(select(nudged).where(nudged.c.person_id.in_(persons)))
        return {
            PersonId(row.person_id): Nudged(row.last_at, row.last_key, row.unanswered, row.asked)
            for row in found
        }

    async def get(self, person: PersonId) -> Nudged | None:
        return (await self.many([person])).get(person)

    async def put(self, person: PersonId, state: Nudged) -> None:
        values = {
            "last_at": state.last_at,
            "last_key": state.last_key,
            "unanswered": state.unanswered,
            "asked": state.asked,
        }
        await self._connection.execute(
            self._insert(nudged)
            .values(person_id=person, **values)
            .on_conflict_do_update(index_elements=["person_id"], set_=values)
        )
