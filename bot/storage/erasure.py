"""Everything of one person, gone; what others received from them is theirs and stays."""

import re
from typing import Any

from sqlalchemy import LargeBinary, delete, exists, or_, select, type_coerce, update

from bot.domain.model import InvitationState, PersonId
from bot.storage.outbox import WAITING
from bot.storage.queue_tables import failed_updates, outbox, timers
from bot.storage.repository import Repository
from bot.storage.tables import (
    couple_members,
    couples,
    invitations,
    people,
    reminders,
    sessions,
    space_participants,
    space_requests,
)
from bot.storage.types import DataKeyError, vault

OF_SESSION, OF_REMINDER, OF_REQUEST, OF_PERSON = "check_in.", ("reminder", "snooze"), "space.", "breath."


class Erasure(Repository):
    """Walks over what the tables' own cascades do not reach."""

    async def everything_of(self, person: PersonId, account: int) -> None:
        """Delete this person. Their link has to have ended before."""
        await self._call_off_timers(person)
        await self._void_accepted(person)
        await self._out_of_others_outboxes(person)
        await self._failed_updates(account)
        # What names them by their id goes with them: by ON DELETE CASCADE, or becomes NULL.
        # Before them what is on its way: the sender, who writes down what becomes of it, begins there, too.
        await self._connection.execute(delete(outbox).where(outbox.c.person_id == person))
        await self._connection.execute(delete(people).where(people.c.id == person))
        await self._without_anybody()

    async def _call_off_timers(self, person: PersonId) -> None:
        mine = {
            OF_SESSION: select(sessions.c.id).where(sessions.c.person_id == person),
            OF_REMINDER: select(reminders.c.id).where(reminders.c.person_id == person),
            OF_PERSON: select(people.c.id).where(people.c.id == person),
            # Those of a couple were called off when its link ended.
            OF_REQUEST: select(space_participants.c.request_id)
            .join(space_requests)
            .where(space_participants.c.person_id == person, space_requests.c.couple_id.is_(None)),
        }
        for kinds, subjects in mine.items():
            begin = (kinds,) if isinstance(kinds, str) else kinds
            any_of = or_(*(timers.c.kind.startswith(each, autoescape=True) for each in begin))
            await self._connection.execute(delete(timers).where(any_of, timers.c.subject.in_(subjects)))

    async def _void_accepted(self, person: PersonId) -> None:
        """Invitations of others that this person accepted, and the question whether to confirm them."""
        voided = (
            update(invitations)
            .where(invitations.c.accepted_by == person, invitations.c.state == InvitationState.ACCEPTED)
            .values(state=InvitationState.WITHDRAWN)
            .returning(invitations.c.id, invitations.c.inviter_id)
        )
        for invitation, inviter in (await self._connection.execute(voided)).all():
            asked = select(outbox).where(
                outbox.c.person_id == inviter, outbox.c.state == WAITING, outbox.c.kind == "link.confirm"
            )
            for row in (await self._connection.execute(asked)).all():
                if row.parameters.get("invitation") == invitation:
                    await self._connection.execute(delete(outbox).where(outbox.c.id == row.id))

    async def _out_of_others_outboxes(self, person: PersonId) -> None:
        """Keys of notices can name who a promise was of; nobody asks for those keys any more."""
        mine = select(couple_members.c.couple_id).where(couple_members.c.person_id == person)
        others = select(couple_members.c.person_id).where(
            couple_members.c.couple_id.in_(mine), couple_members.c.person_id != person
        )
        query = select(outbox.c.id, outbox.c.key, outbox.c.target_key, outbox.c.parameters)
        for row in (await self._connection.execute(query.where(outbox.c.person_id.in_(others)))).all():
            changed = _unnamed(row, person)
            if changed:
                await self._connection.execute(update(outbox).where(outbox.c.id == row.id).values(**changed))

    async def _failed_updates(self, account: int) -> None:
        """Updates set aside that come from this account, or only speak of it."""
        body = type_coerce(failed_updates.c.body, LargeBinary)
        query = select(failed_updates.c.update_id, body.label("sealed"))
        named = re.compile(rf"(?<!\d){account}(?!\d)")
        for row in (await self._connection.execute(query)).all():
            if _speaks_of(named, row.sealed):
                await self._connection.execute(
                    delete(failed_updates).where(failed_updates.c.update_id == row.update_id)
                )

    async def _without_anybody(self) -> None:
        """Requests that nobody takes part in any more, and links of nobody."""
        asked = exists().where(space_participants.c.request_id == space_requests.c.id)
        linked = exists().where(couple_members.c.couple_id == couples.c.id)
        await self._connection.execute(delete(space_requests).where(~asked))
        await self._connection.execute(delete(couples).where(~linked))


def _unnamed(row: Any, person: PersonId) -> dict[str, Any]:
    """What to change in a notice that names this person."""
    mark = str(person)
    changed: dict[str, Any] = {
        name: None for name in ("key", "target_key") if mark in (getattr(row, name) or "").split(":")
    }
    if row.parameters.get("from") == person:
        changed["parameters"] = {name: value for name, value in row.parameters.items() if name != "from"}
    return changed


def _speaks_of(named: re.Pattern[str], sealed: bytes) -> bool:
    try:
        return named.search(vault.open(sealed)) is not None
    except DataKeyError:  # written with a key that is gone: nobody reads it, and it is deleted in its time
        return False
