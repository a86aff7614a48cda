"""Couples, and the invitations they begin with."""

from collections.abc import Collection
from datetime import datetime
from typing import Any

from sqlalchemy import Row, insert, select, update

from bot.domain.model import Couple, CoupleId, Invitation, InvitationId, InvitationState, PersonId
from bot.storage.repository import Repository, among
from bot.storage.tables import couple_members, couples, invitations

_mine = couple_members.alias("mine")
_ACTIVE_OF = (
    select(_mine.c.person_id.label("asked"), couples, couple_members.c.person_id)
    .join(couples, couples.c.id == _mine.c.couple_id)
    .join(couple_members, couple_members.c.couple_id == couples.c.id)
    .where(among(_mine.c.person_id, "persons"), _mine.c.active)
    .order_by(couple_members.c.person_id)
)
_UNTOLD = select(couple_members.c.person_id, couple_members.c.couple_id).where(
    among(couple_members.c.person_id, "persons"), ~couple_members.c.active, ~couple_members.c.told_ended
)


class Couples(Repository):
    """Who is linked to whom."""

    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        self._active: dict[PersonId, Couple | None] = {}
        self._told: set[PersonId] = set()
        """Who is known to have nothing left to be told."""

    async def prefetch(self, persons: Collection[PersonId]) -> None:
        """Load the couples of all these people at once."""
        self._active.update(dict.fromkeys(persons))
        rows: dict[PersonId, list[Row[Any]]] = {}
        for row in await self._connection.execute(_ACTIVE_OF, {"persons": list(persons)}):
            rows.setdefault(PersonId(row.asked), []).append(row)
        for person, pair in rows.items():
            self._active[person] = _couple(pair)

    def clear(self) -> None:
        """What was read may be so no more."""
        self._active.clear()

    async def active_of(self, person: PersonId) -> Couple | None:
        """The couple this person is in now."""
        if person not in self._active:
            await self.prefetch([person])
        return self._active[person]

    async def get(self, couple: CoupleId) -> Couple | None:
        """None also where one of the two was forgotten: nothing can come of that link any more."""
        query = (
            select(couples, couple_members.c.person_id)
            .join(couple_members)
            .where(couples.c.id == couple)
            .order_by(couple_members.c.person_id)
        )
        rows = list(await self._connection.execute(query))
        return _couple(rows) if len(rows) == 2 else None

    async def add(self, first: PersonId, second: PersonId, now: datetime) -> None:
        couple = CoupleId(
            (
                await self._connection.execute(insert(couples).values(created_at=now).returning(couples.c.id))
            ).scalar_one()
        )
        await self._connection.execute(
            insert(couple_members),
            [{"couple_id": couple, "person_id": person} for person in (first, second)],
        )
        self._active.clear()
        self._told.clear()

    async def end(self, couple: Couple, by: PersonId, now: datetime) -> None:
        """End it. Who ended it knows; the other is told when they next use a partner feature."""
        await self._connection.execute(
            update(couples).where(couples.c.id == couple.id).values(ended_at=now, ended_by=by)
        )
        await self._connection.execute(
            update(couple_members).where(couple_members.c.couple_id == couple.id).values(active=False)
        )
        await self._mark_told(couple.id, by)
        self._active.clear()
        self._told.clear()

    async def take_untold_ending(self, person: PersonId) -> bool:
        """True once, for somebody whose link was ended by the other."""
        if person in self._told:
            return False
        untold = (await self._untold([person]))[person]
        for couple in untold:
            await self._mark_told(couple, person)
        return bool(untold)

    async def prefetch_untold(self, persons: Collection[PersonId]) -> None:
        """Ask for all these people at once."""
        await self._untold(persons)

    async def _untold(self, persons: Collection[PersonId]) -> dict[PersonId, list[CoupleId]]:
        found: dict[PersonId, list[CoupleId]] = {person: [] for person in persons}
        for row in await self._connection.execute(_UNTOLD, {"persons": list(persons)}):
            found[PersonId(row.person_id)].append(CoupleId(row.couple_id))
        self._told |= {person for person, couples_ in found.items() if not couples_}
        return found

    async def take_farewell(self, couple: CoupleId) -> bool:
        """True once: the leaver may send one neutral line."""
        statement = (
            update(couples)
            .where(couples.c.id == couple, ~couples.c.farewell_sent)
            .values(farewell_sent=True)
            .returning(couples.c.id)
        )
        return (await self._connection.execute(statement)).first() is not None

    async def _mark_told(self, couple: CoupleId, person: PersonId) -> None:
        await self._connection.execute(
            update(couple_members)
            .where(couple_members.c.couple_id == couple, couple_members.c.person_id == person)
            .values(told_ended=True)
        )


def _couple(rows: list[Row[Any]]) -> Couple:
    first, second = rows
    return Couple(
        id=CoupleId(first.id),
        members=(PersonId(first.person_id), PersonId(second.person_id)),
        created_at=first.created_at,
        ended_at=first.ended_at,
        ended_by=first.ended_by,
    )


class Invitations(Repository):
    """Invitations, found by the hash of their code."""

    async def add(self, inviter: PersonId, code_hash: str, now: datetime, expires_at: datetime) -> Invitation:
        row = (
            await self._connection.execute(
                insert(invitations)
                .values(
                    code_hash=code_hash,
                    inviter_id=inviter,
                    state=InvitationState.OPEN,
                    created_at=now,
                    expires_at=expires_at,
                )
                .returning(invitations)
            )
        ).one()
        return _invitation(row)

    async def by_hash(self, code_hash: str) -> Invitation | None:
        query = select(invitations).where(invitations.c.code_hash == code_hash)
        row = (await self._connection.execute(query)).first()
        return None if row is None else _invitation(row)

    async def get(self, invitation: InvitationId) -> Invitation | None:
        query = select(invitations).where(invitations.c.id == invitation)
        row = (await self._connection.execute(query)).first()
        return None if row is None else _invitation(row)

    async def move(
        self, invitation: Invitation, state: InvitationState, accepted_by: PersonId | None = None
    ) -> bool:
        """Change its state if it is still the one read; False if somebody was faster."""
        statement = (
            update(invitations)
            .where(invitations.c.id == invitation.id, invitations.c.state == invitation.state)
            .values(state=state, accepted_by=accepted_by or invitation.accepted_by)
            .returning(invitations.c.id)
        )
        return (await self._connection.execute(statement)).first() is not None

    async def withdraw_all(self, inviter: PersonId) -> None:
        """Make every invitation of this person that still waits void."""
        waiting = (InvitationState.OPEN, InvitationState.ACCEPTED)
        statement = (
            update(invitations)
            .where(invitations.c.inviter_id == inviter, invitations.c.state.in_(waiting))
            .values(state=InvitationState.WITHDRAWN)
        )
        await self._connection.execute(statement)


def _invitation(row: Row[Any]) -> Invitation:
    return Invitation(
        id=InvitationId(row.id),
        inviter=PersonId(row.inviter_id),
        state=InvitationState(row.state),
        created_at=row.created_at,
        expires_at=row.expires_at,
        accepted_by=None if row.accepted_by is None else PersonId(row.accepted_by),
    )
