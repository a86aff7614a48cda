"""The answers to the weekly question. Every query takes the id of the person who looks."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, or_, select, update

from bot.domain.model import CoupleId, PersonId
from bot.domain.together import GONE, Answer
from bot.storage.repository import Repository
from bot.storage.tables import couple_members, together_answers

_t = together_answers.c


class Together(Repository):
    """A person finds their own answers, and those of the one they are linked with now."""

    async def of_week(
        self, person: PersonId, couple: CoupleId, week: str
    ) -> tuple[Answer | None, Answer | None]:
        """This person's answer of that week, and the other's."""
        query = self._seen_by(person).where(_t.couple_id == couple, _t.week == week)
        found = [_answer(row) for row in await self._connection.execute(query)]
        own = next((answer for answer in found if answer.person == person), None)
        return own, next((answer for answer in found if answer.person != person), None)

    async def done_among(self, persons: Collection[PersonId], week: str) -> set[tuple[PersonId, CoupleId]]:
        """Who of them answered that week's question, or left it out, and in which couple."""
        query = select(_t.person_id, _t.couple_id).where(_t.week == week, _t.person_id.in_(persons))
        found = await self._connection.execute(query) if persons else ()
        return {(PersonId(row.person_id), CoupleId(row.couple_id)) for row in found}

    async def all_of(self, person: PersonId) -> list[Answer]:
        """All this person gave, ever, and all the one they are linked with now gave as their partner."""
        return [_answer(row) for row in await self._connection.execute(self._seen_by(person))]

    async def own(self, person: PersonId, answer: int) -> Answer | None:
        query = select(together_answers).where(_t.id == answer, _t.person_id == person)
        row = (await self._connection.execute(query)).first()
        return None if row is None else _answer(row)

    async def was_shown(self, person: PersonId, answer: Answer) -> bool:
        """Whether the other had answered, too, and so could see this one of the person's own."""
        query = select(_t.text).where(
            _t.couple_id == answer.couple,
            _t.week == answer.week,
            _t.person_id != person,
            _t.text.is_not(None),
        )
        return answer.person == person and (await self._connection.execute(query)).first() is not None

    async def put(
        self, person: PersonId, couple: CoupleId, week: str, *, question: str, text: str | None, now: datetime
    ) -> Answer:
        """Keep this answer, in place of an earlier one of the same week (its id and its question stay)."""
        values = {"text": text, "answered_at": now}
        statement = (
            self._insert(together_answers)
            .values(person_id=person, couple_id=couple, week=week, question=question, **values)
            .on_conflict_do_update(index_elements=["couple_id", "week", "person_id"], set_=values)
            .returning(together_answers)
        )
        return _answer((await self._connection.execute(statement)).one())

    async def empty(self, person: PersonId, answer: int) -> None:
        """Delete the words; that there was an answer stays."""
        await self._connection.execute(
            update(together_answers).where(_t.id == answer, _t.person_id == person).values(text=GONE)
        )

    async def delete(self, person: PersonId, answer: int) -> None:
        """Delete it as if it had never been."""
        await self._connection.execute(
            delete(together_answers).where(_t.id == answer, _t.person_id == person)
        )

    def _seen_by(self, person: PersonId) -> Any:
        linked_now = select(couple_members.c.couple_id).where(
            couple_members.c.person_id == person, couple_members.c.active
        )
        return (
            select(together_answers)
            .where(or_(_t.person_id == person, _t.couple_id.in_(linked_now)))
            .order_by(_t.id)
        )


def _answer(row: Row[Any]) -> Answer:
    return Answer(row.id, CoupleId(row.couple_id), row.week, row.question, PersonId(row.person_id), row.text)
