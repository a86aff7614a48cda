"""The rules for nudges, and what came of the nudges they sent."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select, update

from bot.domain.model import Parameters, PersonId, Reminder, ReminderId
from bot.domain.nudging import Nudged
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

    async def of_people(self, persons: Collection[PersonId]) -> dict[PersonId, list[Reminder]]:
        """The active ones of all these people."""
        query = (
            select(reminders)
            .where(reminders.c.person_id.in_(persons), reminders.c.active)
            .order_by(reminders.c.id)
        )
        found: dict[PersonId, list[Reminder]] = {}
        for row in await self._connection.execute(query) if persons else ():
            found.setdefault(PersonId(row.person_id), []).append(_reminder(row))
        return found

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

    async def saw(self, occurrences: Mapping[ReminderId, datetime]) -> None:
        """Remember which occurrence of each was seen last."""
        if occurrences:
            statement = (
                update(reminders)
                .where(reminders.c.id == bindparam("reminder"))
                .values(last_due_at=bindparam("due"))
            )
            rows = [{"reminder": each, "due": due} for each, due in occurrences.items()]
            await self._connection.execute(statement, rows)

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
        await self.put_many({person: state})

    async def put_many(self, states: Mapping[PersonId, Nudged]) -> None:
        if not states:
            return
        rows = [
            {
                "person_id": person,
                "last_at": state.last_at,
                "last_key": state.last_key,
                "unanswered": state.unanswered,
                "asked": state.asked,
            }
            for person, state in states.items()
        ]
        statement = self._insert(nudged)
        taken = {name: statement.excluded[name] for name in rows[0] if name != "person_id"}
        await self._connection.execute(
            statement.on_conflict_do_update(index_elements=["person_id"], set_=taken), rows
        )

    async def answered(self, person: PersonId) -> None:
        """The person did something with the bot's help: so the last nudges were not for nothing."""
        await self._connection.execute(
            update(nudged).where(nudged.c.person_id == person).values(unanswered=0, asked=False)
        )
