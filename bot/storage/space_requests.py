"""Space requests and who takes part in them."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, exists, insert, or_, select, text, true, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.domain.breaks import LoggedBreak
from bot.domain.model import CoupleId, PersonId, SpaceId
from bot.domain.space import Part, Participant, SpaceRequest, State
from bot.storage.repository import Repository, among
from bot.storage.tables import couple_members, space_participants, space_requests

OPEN = (State.OPEN, State.DUE)
_IS_AWAY = exists().where(
    space_participants.c.request_id == space_requests.c.id,
    space_participants.c.person_id == couple_members.c.person_id,
    space_participants.c.state == Part.AWAY,
)
_HUSHED = (
    select(couple_members.c.person_id)
    .join(space_requests, space_requests.c.couple_id == couple_members.c.couple_id)
    .where(
        # Written out as in the two partial indexes, so that this costs next to nothing.
        text("couple_members.active AND space_requests.state IN ('open', 'due')"),
        among(couple_members.c.person_id, "persons"),
        space_requests.c.hushed == true(),
        ~_IS_AWAY,
    )
)


class ConcurrentChangeError(Exception):
    """Somebody else changed it since it was read: read again and decide again."""


class SpaceRequests(Repository):
    """Loads and saves whole requests."""

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection)
        self._free: set[PersonId] = set()
        """Who is known to have no open request."""

    async def prefetch(self, persons: Collection[PersonId]) -> None:
        """Find out for all these people at once who has an open request at all."""
        self._free |= set(persons) - await self.busy_among(persons)

    async def reserve(self, couple: CoupleId | None, now: datetime, return_at: datetime) -> SpaceId:
        """The id of a request that is about to be made; `save` completes it in the same transaction."""
        self._free.clear()
        statement = (
            insert(space_requests)
            .values(couple_id=couple, state=State.OPEN, started_at=now, return_at=return_at, revision=1)
            .returning(space_requests.c.id)
        )
        return SpaceId((await self._connection.execute(statement)).scalar_one())

    async def get(self, request: SpaceId) -> SpaceRequest | None:
        query = select(space_requests).where(space_requests.c.id == request)
        row = (await self._connection.execute(query)).first()
        return None if row is None else await self._whole(row)

    async def open_of(self, person: PersonId, couple: CoupleId | None) -> SpaceRequest | None:
        """The open request of this person: one they made alone (it outlives linking), or their couple's."""
        if person in self._free:
            return None
        alone = space_requests.c.couple_id.is_(None) & exists().where(
            space_participants.c.request_id == space_requests.c.id, space_participants.c.person_id == person
        )
        mine = alone if couple is None else or_(alone, space_requests.c.couple_id == couple)
        query = (
            select(space_requests)
            .where(space_requests.c.state.in_(OPEN), mine)
            .order_by(space_requests.c.couple_id.is_not(None))
        )
        row = (await self._connection.execute(query)).first()
        if row is None:
            self._free.add(person)
            return None
        return await self._whole(row)

    async def open_of_couple(self, couple: CoupleId) -> SpaceRequest | None:
        """The one open request of these two."""
        query = select(space_requests).where(
            space_requests.c.couple_id == couple, space_requests.c.state.in_(OPEN)
        )
        row = (await self._connection.execute(query)).first()
        return None if row is None else await self._whole(row)

    async def latest_of_couple(self, couple: CoupleId) -> SpaceRequest | None:
        """The newest request of these two, open or over: only this one can still have something to come."""
        query = (
            select(space_requests)
            .where(space_requests.c.couple_id == couple)
            .order_by(space_requests.c.id.desc())
            .limit(1)
        )
        row = (await self._connection.execute(query)).first()
        return None if row is None else await self._whole(row)

    async def log_of(self, person: PersonId) -> list[LoggedBreak]:
        """The breaks this person asked for, the newest first."""
        part = space_participants.c
        query = (
            select(
                part.asked_at,
                part.state.label("part"),
                space_requests.c.state.label("became"),
                part.left_at,
                part.promised,
                space_requests.c.return_at,
            )
            .join(space_requests, space_requests.c.id == part.request_id)
            .where(part.person_id == person)
            .order_by(part.asked_at.desc(), space_requests.c.id.desc())
        )
        return [
            LoggedBreak(
                row.asked_at, Part(row.part), State(row.became), row.left_at, row.promised or row.return_at
            )
            for row in await self._connection.execute(query)
        ]

    async def before(self, request: SpaceRequest, limit: int) -> list[SpaceRequest]:
        """The requests of the same couple before this one, the newest first."""
        query = (
            select(space_requests)
            .where(space_requests.c.couple_id == request.couple, space_requests.c.id < request.id)
            .order_by(space_requests.c.id.desc())
            .limit(limit)
        )
        return [await self._whole(row) for row in (await self._connection.execute(query)).all()]

    async def last_asked(self, person: PersonId) -> Participant | None:
        """What this person asked for last, alone or with whomever."""
        query = (
            select(space_participants)
            .where(space_participants.c.person_id == person)
            .order_by(space_participants.c.asked_at.desc(), space_participants.c.request_id.desc())
            .limit(1)
        )
        row = (await self._connection.execute(query)).first()
        return None if row is None else _participant(row)

    async def hushed_among(self, persons: Collection[PersonId]) -> set[PersonId]:
        """Those of them who wait for somebody's return and want no sound until then."""
        if not persons:
            return set()
        found = await self._connection.execute(_HUSHED, {"persons": list(persons)})
        return {PersonId(person) for person in found.scalars()}

    async def busy_among(self, persons: Collection[PersonId]) -> set[PersonId]:
        """Those of them with an open request: one made alone, or their couple's, whoever asked."""
        is_open = text("space_requests.state IN ('open', 'due')")
        alone = (
            select(space_participants.c.person_id)
            .join(space_requests, space_requests.c.id == space_participants.c.request_id)
            .where(is_open, space_requests.c.couple_id.is_(None), space_participants.c.person_id.in_(persons))
        )
        together = (
            select(couple_members.c.person_id)
            .join(space_requests, space_requests.c.couple_id == couple_members.c.couple_id)
            .where(is_open, text("couple_members.active"), couple_members.c.person_id.in_(persons))
        )
        found = [await self._connection.execute(query) for query in (alone, together)]
        return {PersonId(person) for rows in found for person in rows.scalars()}

    async def all_due(self) -> list[SpaceRequest]:
        """Every request whose return time has come and whose question is open."""
        query = select(space_requests).where(space_requests.c.state == State.DUE)
        return [await self._whole(row) for row in (await self._connection.execute(query)).all()]

    async def save(self, request: SpaceRequest) -> None:
        """Raises ConcurrentChangeError if the stored revision is not the one that was read."""
        self._free.clear()
        statement = (
            update(space_requests)
            .where(space_requests.c.id == request.id, space_requests.c.revision == request.revision)
            .values(
                state=request.state,
                return_at=request.return_at,
                ready_from=request.ready_from,
                hushed=request.hushed,
                ended_at=request.ended_at,
                ready=request.ready,
                revision=request.revision + 1,
            )
            .returning(space_requests.c.id)
        )
        if (await self._connection.execute(statement)).first() is None:
            raise ConcurrentChangeError
        for part in request.participants:
            values = {
                "state": part.state,
                "asked_at": part.asked_at,
                "wording": part.wording,
                "asked_for": part.asked_for,
                "minutes": part.minutes,
                "intensity": part.intensity,
                "left_at": part.left_at,
                "promised": part.promised,
            }
            await self._connection.execute(
                self._insert(space_participants)
                .values(request_id=request.id, person_id=part.person, **values)
                .on_conflict_do_update(index_elements=["request_id", "person_id"], set_=values)
            )

    async def _whole(self, row: Row[Any]) -> SpaceRequest:
        parts = await self._connection.execute(
            select(space_participants)
            .where(space_participants.c.request_id == row.id)
            .order_by(space_participants.c.asked_at)
        )
        participants = tuple(_participant(part) for part in parts)
        return SpaceRequest(
            id=SpaceId(row.id),
            couple=None if row.couple_id is None else CoupleId(row.couple_id),
            members=await self._members(row.couple_id, participants),
            state=State(row.state),
            started_at=row.started_at,
            return_at=row.return_at,
            participants=participants,
            revision=row.revision,
            ready_from=row.ready_from,
            hushed=row.hushed,
            ended_at=row.ended_at,
            ready=None if row.ready is None else PersonId(row.ready),
        )

    async def _members(
        self, couple: int | None, participants: tuple[Participant, ...]
    ) -> tuple[PersonId, ...]:
        if couple is None:
            return tuple(part.person for part in participants)
        query = (
            select(couple_members.c.person_id)
            .where(couple_members.c.couple_id == couple)
            .order_by(couple_members.c.person_id)
        )
        return tuple(PersonId(person) for person in (await self._connection.execute(query)).scalars())


def _participant(row: Row[Any]) -> Participant:
    return Participant(
        PersonId(row.person_id),
        Part(row.state),
        row.asked_at,
        row.wording,
        row.asked_for,
        row.minutes,
        row.intensity,
        row.left_at,
        row.promised,
    )
