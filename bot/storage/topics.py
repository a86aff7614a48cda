"""Parked topics. Both of a couple see them; services see to it that nobody else names one."""

from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from bot.domain.model import Couple, CoupleId, PersonId
from bot.domain.topics import OPEN, State, Topic, TopicId, isoformats
from bot.storage.couple_tables import topics
from bot.storage.repository import Repository
from bot.storage.space_requests import ConcurrentChangeError
from bot.storage.tables import couple_members

_t = topics.c


class Topics(Repository):
    """Loads and saves whole topics."""

    async def reserve(self, couple: Couple, writer: PersonId, now: datetime) -> TopicId:
        """The id of a topic that is about to be made; `save` completes it in the same transaction."""
        statement = (
            insert(topics)
            .values(
                couple_id=couple.id,
                person_id=writer,
                state=State.PROPOSED,
                proposer_id=writer,
                offered=[],
                revision=1,
                created_at=now,
            )
            .returning(_t.id)
        )
        return TopicId((await self._connection.execute(statement)).scalar_one())

    async def get(self, topic: TopicId) -> Topic | None:
        row = (await self._connection.execute(select(topics).where(_t.id == topic))).first()
        return None if row is None else _topic(row, await self._members(row.couple_id))

    async def open_of_couple(self, couple: CoupleId) -> list[Topic]:
        """What these two have parked, in the order it was written."""
        query = select(topics).where(_t.couple_id == couple, _t.state.in_(OPEN)).order_by(_t.id)
        return await self._all(query, couple)

    async def all_of_couple(self, couple: CoupleId) -> list[Topic]:
        """Also those that were talked about; not those that are gone."""
        query = select(topics).where(_t.couple_id == couple, _t.state != State.GONE).order_by(_t.id)
        return await self._all(query, couple)

    async def save(self, topic: Topic) -> None:
        """Raises ConcurrentChangeError if the stored revision is not the one that was read."""
        statement = (
            update(topics)
            .where(_t.id == topic.id, _t.revision == topic.revision)
            .values(
                text=topic.text,
                state=topic.state,
                proposer_id=topic.proposer,
                offered=isoformats(topic.offered),
                talk_at=topic.talk_at,
                revision=topic.revision + 1,
            )
            .returning(_t.id)
        )
        if (await self._connection.execute(statement)).first() is None:
            raise ConcurrentChangeError

    async def _all(self, query: Any, couple: CoupleId) -> list[Topic]:
        members = await self._members(couple)
        return [_topic(row, members) for row in await self._connection.execute(query)]

    async def _members(self, couple: int) -> tuple[PersonId, PersonId]:
        query = (
            select(couple_members.c.person_id)
            .where(couple_members.c.couple_id == couple)
            .order_by(couple_members.c.person_id)
        )
        first, second = (await self._connection.execute(query)).scalars()
        return PersonId(first), PersonId(second)


def _topic(row: Row[Any], members: tuple[PersonId, PersonId]) -> Topic:
    return Topic(
        id=TopicId(row.id),
        couple=CoupleId(row.couple_id),
        members=members,
        writer=PersonId(row.person_id),
        text=row.text,
        state=State(row.state),
        proposer=PersonId(row.proposer_id),
        offered=tuple(datetime.fromisoformat(at) for at in row.offered),
        talk_at=row.talk_at,
        revision=row.revision,
    )
