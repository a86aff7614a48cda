"""Sessions (runs of a script), and the script versions they run on."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, Update, bindparam, func, insert, select, update

from bot.domain.conversation import Session, Status
from bot.domain.model import PersonId, SessionId
from bot.storage.repository import Repository, among
from bot.storage.tables import script_versions, sessions


@dataclass(frozen=True)
class Answers:
    """What was answered in one session, whatever became of it."""

    person: PersonId
    at: datetime
    """when it began"""
    answers: Mapping[str, int | str]


_STATE = ("status", "step", "seq", "answers", "trail", "notes", "asleep_until", "updated_at")
_RATING = ("intensity", "rated_at")


def _saving(*columns: str) -> Update:
    values = {name: bindparam(f"new_{name}", type_=sessions.c[name].type) for name in columns}
    return (
        update(sessions)
        .where(sessions.c.id == bindparam("which"), sessions.c.person_id == bindparam("whose"))
        .values(values)
    )


_SAVE, _SAVE_RATED = _saving(*_STATE), _saving(*_STATE, *_RATING)
_ACTIVE_OF = select(sessions).where(
    among(sessions.c.person_id, "persons"), sessions.c.status == Status.ACTIVE
)


class Sessions(Repository):
    """One active session a person, at most."""

    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        self._active: dict[PersonId, Session | None] = {}
        self._to_write: dict[SessionId, dict[str, Any]] = {}

    async def prefetch(self, persons: Collection[PersonId]) -> None:
        """Load the active sessions of all these people at once."""
        self._active.update(dict.fromkeys(persons))
        for row in await self._connection.execute(_ACTIVE_OF, {"persons": list(persons)}):
            self._active[PersonId(row.person_id)] = _session(row)

    def clear(self) -> None:
        """What was read may be so no more."""
        self._active.clear()

    async def active_of(self, person: PersonId) -> Session | None:
        if person not in self._active:
            await self.prefetch([person])
        return self._active[person]

    async def get(self, session: SessionId) -> Session | None:
        await self.flush()
        row = (await self._connection.execute(select(sessions).where(sessions.c.id == session))).first()
        return None if row is None else _session(row)

    async def add(self, person: PersonId, script_hash: str, script_id: str, now: datetime) -> Session:
        """A new session; its `round` is how many this person had of this script."""
        await self.flush()
        mine = (sessions.c.person_id == person, sessions.c.script_id == script_id)
        before = select(func.count()).select_from(sessions).where(*mine).scalar_subquery()
        statement = (
            insert(sessions)
            .values(
                person_id=person,
                script_hash=script_hash,
                script_id=script_id,
                status=Status.ACTIVE,
                step="",
                seq=0,
                answers={},
                round=before,
                started_at=now,
                updated_at=now,
            )
            .returning(sessions)
        )
        session = _session((await self._connection.execute(statement)).one())
        self._active[person] = session
        return session

    async def save(self, session: Session, now: datetime, rated: int | None = None) -> None:
        """Write its state, when all is committed at the latest.

        `rated` is how strong it is, if the person has just said so.
        """
        values = {
            "which": session.id,
            "whose": session.person,
            "new_status": session.status,
            "new_step": session.step,
            "new_seq": session.seq,
            "new_answers": dict(session.answers),
            "new_trail": list(session.trail),
            "new_notes": dict(session.notes) or None,
            "new_asleep_until": session.asleep_until,
            "new_updated_at": now,
        }
        if rated is not None:
            values |= {"new_intensity": rated, "new_rated_at": now}
        self._to_write[session.id] = {**self._to_write.get(session.id, {}), **values}
        kept = replace(session, updated_at=now)
        self._active[session.person] = kept if session.status is Status.ACTIVE else None

    async def flush(self) -> None:
        """Write what was saved, the sessions of a whole batch of people together."""
        written, self._to_write = self._to_write, {}
        plain = [values for values in written.values() if "new_rated_at" not in values]
        rated = [values for values in written.values() if "new_rated_at" in values]
        for statement, rows in ((_SAVE, plain), (_SAVE_RATED, rated)):
            if rows:
                await self._connection.execute(statement, rows)

    async def intensity_since(self, person: PersonId, moment: datetime) -> int | None:
        """How strong this person last said it is, if they said so since then."""
        await self.flush()
        query = (
            select(sessions.c.intensity)
            .where(sessions.c.person_id == person, sessions.c.rated_at >= moment)
            .order_by(sessions.c.rated_at.desc())
            .limit(1)
        )
        return (await self._connection.execute(query)).scalar_one_or_none()

    async def last_finished_at(self, person: PersonId) -> datetime | None:
        """When this person last finished a check-in."""
        await self.flush()
        query = (
            select(sessions.c.updated_at)
            .where(sessions.c.person_id == person, sessions.c.status == Status.FINISHED)
            .order_by(sessions.c.updated_at.desc())
            .limit(1)
        )
        return (await self._connection.execute(query)).scalar_one_or_none()

    async def last_finished_of(self, persons: Collection[PersonId]) -> dict[PersonId, datetime]:
        """When each of them last finished a check-in; who never did is not in it."""
        await self.flush()
        query = (
            select(sessions.c.person_id, func.max(sessions.c.updated_at).label("last"))
            .where(sessions.c.person_id.in_(persons), sessions.c.status == Status.FINISHED)
            .group_by(sessions.c.person_id)
        )
        return {PersonId(row.person_id): row.last for row in await self._connection.execute(query)}

    async def begun_since(self, persons: Collection[PersonId], moment: datetime) -> list[Answers]:
        """What these people answered in the sessions they began since then, the earliest first."""
        await self.flush()
        query = (
            select(sessions.c.person_id, sessions.c.started_at, sessions.c.answers)
            .where(sessions.c.person_id.in_(persons), sessions.c.started_at >= moment)
            .order_by(sessions.c.started_at)
        )
        rows = await self._connection.execute(query)
        return [Answers(PersonId(row.person_id), row.started_at, row.answers) for row in rows]

    async def keep_script(
        self, script_hash: str, script_id: str, version: int, locale: str, body: Any
    ) -> None:
        """Store this version of a script, once."""
        await self._connection.execute(
            self._insert(script_versions)
            .values(hash=script_hash, script_id=script_id, version=version, locale=locale, body=body)
            .on_conflict_do_nothing()
        )

    async def script_body(self, script_hash: str) -> Any:
        """The body of a stored version, as its file had it."""
        query = select(script_versions.c.body).where(script_versions.c.hash == script_hash)
        return (await self._connection.execute(query)).scalar_one()


def _session(row: Row[Any]) -> Session:
    return Session(
        id=SessionId(row.id),
        person=PersonId(row.person_id),
        script_hash=row.script_hash,
        script_id=row.script_id,
        step=row.step,
        seq=row.seq,
        answers=row.answers,
        status=Status(row.status),
        trail=tuple(row.trail),
        notes=row.notes or {},
        round=row.round,
        asleep_until=row.asleep_until,
        updated_at=row.updated_at,
    )
