"""What belongs to one person alone: drafts, journal lines, signals, reminders. Every query takes their id."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.model import (
    LINE,
    Draft,
    JournalLine,
    Parameters,
    PersonId,
    SavedWording,
)
from bot.storage.repository import Repository
from bot.storage.tables import daily_uses, drafts, journal, saved_wordings, signal_wordings

UNDO = "_undo"


class Drafts(Repository):
    """Forms half filled, one of each kind a person."""

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection)
        self._nothing_awaited: set[PersonId] = set()
        """Those of whom it is known."""

    async def prefetch(self, persons: Collection[PersonId]) -> None:
        """Learn at once which of these people have a draft that waits for a text."""
        awaits = drafts.c.awaits.is_not(None)
        query = select(drafts.c.person_id).where(drafts.c.person_id.in_(persons), awaits)
        waiting = set((await self._connection.execute(query)).scalars())
        self._nothing_awaited |= set(persons) - waiting

    async def put(
        self,
        person: PersonId,
        kind: str,
        now: datetime,
        parameters: Parameters | None = None,
        *,
        private: str | None = None,
        awaits: str | None = None,
    ) -> Draft:
        """Write the draft of this kind, in place of an older one (which keeps its id).

        If it waits for a text, no other one does any more.
        """
        if awaits is not None:
            await self.stop_awaiting(person)
            self._nothing_awaited.discard(person)
        values = {
            "parameters": dict(parameters or {}),
            "private": private,
            "awaits": awaits,
            "updated_at": now,
        }
        statement = (
            self._insert(drafts)
            .values(person_id=person, kind=kind, **values)
            .on_conflict_do_update(index_elements=["person_id", "kind"], set_=values)
            .returning(drafts)
        )
        return _draft((await self._connection.execute(statement)).one())

    async def get(self, person: PersonId, kind: str, since: datetime | None = None) -> Draft | None:
        """The draft of this kind; with `since` only if it was touched after that."""
        query = select(drafts).where(drafts.c.person_id == person, drafts.c.kind == kind)
        if since is not None:
            query = query.where(drafts.c.updated_at > since)
        row = (await self._connection.execute(query)).first()
        return None if row is None else _draft(row)

    async def awaiting(self, person: PersonId, since: datetime) -> Draft | None:
        """The draft that a typed text would fill in, if it was touched since then."""
        if person in self._nothing_awaited:
            return None
        query = select(drafts).where(
            drafts.c.person_id == person, drafts.c.awaits.is_not(None), drafts.c.updated_at > since
        )
        row = (await self._connection.execute(query)).first()
        return None if row is None else _draft(row)

    async def stop_awaiting(self, person: PersonId) -> None:
        """The person turned to something else: a typed text fills in nothing any more."""
        if person in self._nothing_awaited:
            return
        self._nothing_awaited.add(person)
        await self._connection.execute(
            update(drafts)
            .where(drafts.c.person_id == person, drafts.c.awaits.is_not(None))
            .values(awaits=None)
        )

    async def await_again(self, person: PersonId, kind: str, draft: int, awaits: str) -> bool:
        """This draft waits for a text again; False if it is not there any more."""
        self._nothing_awaited.discard(person)
        statement = (
            update(drafts)
            .where(drafts.c.person_id == person, drafts.c.kind == kind, drafts.c.id == draft)
            .values(awaits=awaits)
            .returning(drafts.c.id)
        )
        return (await self._connection.execute(statement)).first() is not None

    async def drop(self, person: PersonId, kind: str | None = None) -> bool:
        """Drop one draft, or all that this person began; whether there was any.

        What a change can be taken back by (a kind that ends in UNDO) is nothing they began: it stays.
        """
        begun = ~drafts.c.kind.endswith(UNDO, autoescape=True)
        statement = (
            delete(drafts)
            .where(drafts.c.person_id == person, begun if kind is None else drafts.c.kind == kind)
            .returning(drafts.c.id)
        )
        return bool((await self._connection.execute(statement)).all())


def _draft(row: Row[Any]) -> Draft:
    return Draft(row.id, PersonId(row.person_id), row.kind, row.parameters, row.private, row.awaits)


class Journal(Repository):
    """Lines people write for themselves."""

    async def add(self, person: PersonId, text: str, now: datetime, kind: str = LINE) -> JournalLine:
        values = {"person_id": person, "text": text, "written_at": now, "kind": kind}
        statement = insert(journal).values(values).returning(journal)
        return _line((await self._connection.execute(statement)).one())

    async def get(self, person: PersonId, line: int) -> JournalLine | None:
        query = select(journal).where(journal.c.person_id == person, journal.c.id == line)
        row = (await self._connection.execute(query)).first()
        return None if row is None else _line(row)

    async def newest(self, person: PersonId, limit: int | None = None, offset: int = 0) -> list[JournalLine]:
        """The newest first, after `offset` of them; without a limit all the rest."""
        query = (
            select(journal)
            .where(journal.c.person_id == person)
            .order_by(journal.c.written_at.desc(), journal.c.id.desc())
            .limit(limit)
            .offset(offset)
        )
        return [_line(row) for row in await self._connection.execute(query)]

    async def count(self, person: PersonId) -> int:
        query = select(func.count()).select_from(journal).where(journal.c.person_id == person)
        return int((await self._connection.execute(query)).scalar_one())

    async def set_kind(self, person: PersonId, line: int, kind: str) -> None:
        await self._connection.execute(
            update(journal).where(journal.c.person_id == person, journal.c.id == line).values(kind=kind)
        )

    async def delete(self, person: PersonId, line: int) -> bool:
        statement = (
            delete(journal).where(journal.c.person_id == person, journal.c.id == line).returning(journal.c.id)
        )
        return (await self._connection.execute(statement)).first() is not None


def _line(row: Row[Any]) -> JournalLine:
    return JournalLine(row.id, PersonId(row.person_id), row.text, row.written_at, row.kind)


class SignalWordings(Repository):
    """A person's own words for their signals, by slot."""

    async def all_of(self, person: PersonId) -> dict[str, str]:
        query = select(signal_wordings).where(signal_wordings.c.person_id == person)
        return {row.slot: row.text for row in await self._connection.execute(query)}

    async def get(self, person: PersonId, slot: str) -> str | None:
        return (await self.all_of(person)).get(slot)

    async def put(self, person: PersonId, slot: str, text: str) -> None:
        await self._connection.execute(
            self._insert(signal_wordings)
            .values(person_id=person, slot=slot, text=text)
            .on_conflict_do_update(index_elements=["person_id", "slot"], set_={"text": text})
        )

    async def delete(self, person: PersonId, slot: str) -> None:
        await self._connection.execute(
            delete(signal_wordings).where(
                signal_wordings.c.person_id == person, signal_wordings.c.slot == slot
            )
        )


class SavedWordings(Repository):
    """A person's own words for a space request, kept to be used again."""

    async def add(self, person: PersonId, text: str, now: datetime) -> SavedWording:
        values = {"person_id": person, "text": text, "created_at": now}
        statement = insert(saved_wordings).values(values).returning(saved_wordings)
        return _wording((await self._connection.execute(statement)).one())

    async def all_of(self, person: PersonId) -> list[SavedWording]:
        """In the order they were kept."""
        query = (
            select(saved_wordings).where(saved_wordings.c.person_id == person).order_by(saved_wordings.c.id)
        )
        return [_wording(row) for row in await self._connection.execute(query)]

    async def get(self, person: PersonId, wording: int) -> SavedWording | None:
        query = select(saved_wordings).where(
            saved_wordings.c.person_id == person, saved_wordings.c.id == wording
        )
        row = (await self._connection.execute(query)).first()
        return None if row is None else _wording(row)

    async def delete(self, person: PersonId, wording: int) -> bool:
        """Whether it was still there."""
        statement = (
            delete(saved_wordings)
            .where(saved_wordings.c.person_id == person, saved_wordings.c.id == wording)
            .returning(saved_wordings.c.id)
        )
        return (await self._connection.execute(statement)).first() is not None


def _wording(row: Row[Any]) -> SavedWording:
    return SavedWording(row.id, PersonId(row.person_id), row.text)


class DailyUses(Repository):
    """How often somebody used what is limited a day: each person's uses count for themselves alone."""

    async def add(self, person: PersonId, kind: str, now: datetime) -> None:
        await self._connection.execute(insert(daily_uses).values(person_id=person, kind=kind, used_at=now))

    async def count(
        self, person: PersonId, kind: str, now: datetime, within: timedelta = timedelta(days=1)
    ) -> int:
        """How often in the last 24 hours, or `within` another time that is no longer."""
        query = (
            select(func.count())
            .select_from(daily_uses)
            .where(
                daily_uses.c.person_id == person,
                daily_uses.c.kind == kind,
                daily_uses.c.used_at > now - within,
            )
        )
        return int((await self._connection.execute(query)).scalar_one())
