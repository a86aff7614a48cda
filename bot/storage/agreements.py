"""What couples agreed on, and what each of the two likes to hear."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from bot.domain.agreement import PHRASES, Agreement, Terms
from bot.domain.model import CoupleId, PersonId
from bot.storage.couple_tables import agreements, welcome_phrases
from bot.storage.repository import Repository
from bot.storage.space_requests import ConcurrentChangeError

_w = welcome_phrases.c


class Agreements(Repository):
    """One a couple. What a service asks for is always about the couple that is linked now."""

    async def of_couple(self, couple: CoupleId) -> Agreement:
        """What stands; an empty one before the first proposal."""
        query = select(agreements).where(agreements.c.couple_id == couple)
        row = (await self._connection.execute(query)).first()
        return Agreement(couple) if row is None else _agreement(row)

    async def save(self, agreement: Agreement) -> Agreement:
        """Write what follows from the one that was read; with its id. Raises ConcurrentChangeError."""
        proposed = agreement.proposed
        values = {
            "agreed": asdict(agreement.agreed),
            "proposed": None if proposed is None else asdict(proposed),
            "proposed_by": agreement.proposed_by,
            "revision": agreement.revision,
        }
        statement: Any = insert(agreements).values(couple_id=agreement.couple, **values)
        if agreement.id is not None:
            read = agreements.c.revision == agreement.revision - 1
            statement = update(agreements).where(agreements.c.id == agreement.id, read).values(**values)
        row = (await self._connection.execute(statement.returning(agreements))).first()
        if row is None:
            raise ConcurrentChangeError
        return _agreement(row)

    async def end(self, couple: CoupleId) -> None:
        """The link ended: nothing of it is kept."""
        await self._connection.execute(delete(agreements).where(agreements.c.couple_id == couple))
        await self._connection.execute(delete(welcome_phrases).where(_w.couple_id == couple))

    async def welcome(self, couple: CoupleId, person: PersonId) -> list[str]:
        """What this person likes to hear from this partner, in the order of the list."""
        query = select(_w.phrase).where(_w.couple_id == couple, _w.person_id == person)
        marked = set((await self._connection.execute(query)).scalars())
        return [phrase for phrase in PHRASES if phrase in marked]

    async def mark(self, couple: CoupleId, person: PersonId, phrase: str, on: bool) -> bool:
        """Mark it, or take the mark away; False if it stands so already."""
        if on:
            statement = (
                self._insert(welcome_phrases)
                .values(couple_id=couple, person_id=person, phrase=phrase)
                .on_conflict_do_nothing()
            )
        else:
            statement = delete(welcome_phrases).where(
                _w.couple_id == couple, _w.person_id == person, _w.phrase == phrase
            )
        return (await self._connection.execute(statement.returning(_w.phrase))).first() is not None


def _agreement(row: Row[Any]) -> Agreement:
    open_now = row.proposed is not None and row.proposed_by is not None
    return Agreement(
        couple=CoupleId(row.couple_id),
        agreed=Terms(**row.agreed),
        proposed=Terms(**row.proposed) if open_now else None,
        proposed_by=PersonId(row.proposed_by) if open_now else None,
        revision=row.revision,
        id=row.id,
    )
