"""What people keep for somebody who asked for space. Every query but one takes the id of who wrote it."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, delete, func, insert, select, update

from bot.domain.model import CoupleId, KeptMessage, PersonId
from bot.domain.space import SpaceRequest
from bot.storage.couple_tables import kept_messages
from bot.storage.repository import Repository

_k = kept_messages.c


class KeptMessages(Repository):
    """Nobody but who wrote it ever reads one of these."""

    async def add(
        self,
        person: PersonId,
        request: SpaceRequest,
        text: str,
        now: datetime,
        talk_at: datetime | None = None,
    ) -> KeptMessage:
        values = {"person_id": person, "couple_id": request.couple, "request_id": request.id}
        statement = (
            insert(kept_messages)
            .values(**values, text=text, written_at=now, talk_at=talk_at)
            .returning(kept_messages)
        )
        return _message((await self._connection.execute(statement)).one())

    async def get(self, person: PersonId, message: int) -> KeptMessage | None:
        query = select(kept_messages).where(_k.person_id == person, _k.id == message)
        row = (await self._connection.execute(query)).first()
        return None if row is None else _message(row)

    async def all_of(self, person: PersonId) -> list[KeptMessage]:
        """All they keep, in the order it was written."""
        query = select(kept_messages).where(_k.person_id == person).order_by(_k.id)
        return [_message(row) for row in await self._connection.execute(query)]

    async def of_couple(self, couple: CoupleId) -> list[KeptMessage]:
        """What the two keep for each other: each is then shown to its own writer alone."""
        query = select(kept_messages).where(_k.couple_id == couple).order_by(_k.id)
        return [_message(row) for row in await self._connection.execute(query)]

    async def count(self, person: PersonId) -> int:
        query = select(func.count()).select_from(kept_messages).where(_k.person_id == person)
        return int((await self._connection.execute(query)).scalar_one())

    async def change(self, person: PersonId, message: int, text: str) -> bool:
        """Other words in its place; whether it was still there. A time to talk goes with the old ones."""
        statement = (
            update(kept_messages)
            .where(_k.person_id == person, _k.id == message)
            .values(text=text, talk_at=None)
            .returning(_k.id)
        )
        return (await self._connection.execute(statement)).first() is not None

    async def delete(self, person: PersonId, message: int) -> bool:
        """Whether it was still there."""
        statement = delete(kept_messages).where(_k.person_id == person, _k.id == message).returning(_k.id)
        return (await self._connection.execute(statement)).first() is not None


def _message(row: Row[Any]) -> KeptMessage:
    return KeptMessage(
        row.id, CoupleId(row.couple_id), PersonId(row.person_id), row.text, row.written_at, row.talk_at
    )
