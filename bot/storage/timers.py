"""The timers table: the only truth about what is due when."""

from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Select, TextClause, bindparam, delete, func, select, text, update
from sqlalchemy.sql.dml import ReturningDelete

from bot.domain.decision import NoTimer, Timer
from bot.domain.model import Parameters
from bot.storage.queue_tables import IS_PROMISE, timers
from bot.storage.repository import Repository

_PROMISED = text(IS_PROMISE)


def _taking(which: TextClause) -> ReturningDelete[Any]:
    due = (
        select(timers.c.id)
        .where(timers.c.due_at <= bindparam("now", type_=timers.c.due_at.type), which)
        .order_by(timers.c.due_at, timers.c.id)
        .limit(bindparam("limit"))
    )
    return (
        delete(timers)
        .where(timers.c.id.in_(due.scalar_subquery()))
        .returning(timers.c.id, timers.c.kind, timers.c.subject, timers.c.due_at, timers.c.parameters)
    )


_REMINDERS = text(f"NOT ({IS_PROMISE})")
_TAKE_PROMISES, _TAKE_REMINDERS = _taking(_PROMISED), _taking(_REMINDERS)


def _finding(which: TextClause) -> Select[Any]:
    """On a server: what another replica is at is passed over."""
    return (
        select(timers.c.id, timers.c.kind, timers.c.subject, timers.c.due_at, timers.c.parameters)
        .where(timers.c.due_at <= bindparam("now", type_=timers.c.due_at.type), which)
        .order_by(timers.c.due_at, timers.c.id)
        .limit(bindparam("limit"))
        .with_for_update(skip_locked=True)
    )


_FIND_PROMISES, _FIND_REMINDERS = _finding(_PROMISED), _finding(_REMINDERS)


class DueTimer(NamedTuple):
    """A timer whose time has come."""

    id: int
    kind: str
    subject: int
    due_at: datetime
    parameters: Parameters


class Timers(Repository):
    """Sets, calls off, and hands out what is due."""

    changed = False
    """Whether this unit of work moved any timer: the heartbeat must look again."""
    earliest: datetime | None = None
    """The earliest instant that a timer was set to."""

    def _set(self, at: datetime) -> None:
        self.changed = True
        self.earliest = at if self.earliest is None else min(at, self.earliest)

    async def apply(self, timer: Timer | NoTimer) -> None:
        """Set a timer (moving the one of the same kind and subject), or call it off."""
        self.changed = True
        if isinstance(timer, NoTimer):
            await self._connection.execute(
                delete(timers).where(timers.c.kind == timer.kind, timers.c.subject == timer.subject)
            )
            return
        self._set(timer.due_at)
        values = {"due_at": timer.due_at, "parameters": dict(timer.parameters), "attempts": 0}
        await self._connection.execute(
            self._insert(timers)
            .values(kind=timer.kind, subject=timer.subject, **values)
            .on_conflict_do_update(index_elements=["kind", "subject"], set_=values)
        )

    async def apply_all(self, kind: str, wanted: Iterable[Timer | NoTimer]) -> None:
        """Set or call off many timers of one kind, in two statements."""
        last = {each.subject: each for each in wanted}
        gone = [each.subject for each in last.values() if isinstance(each, NoTimer)]
        rows = [
            {
                "kind": kind,
                "subject": each.subject,
                "due_at": each.due_at,
                "parameters": dict(each.parameters),
                "attempts": 0,
            }
            for each in last.values()
            if isinstance(each, Timer)
        ]
        self.changed = self.changed or bool(last)
        for each in last.values():
            if isinstance(each, Timer):
                self._set(each.due_at)
        if gone:
            await self._connection.execute(
                delete(timers).where(timers.c.kind == kind, timers.c.subject.in_(gone))
            )
        if rows:
            statement = self._insert(timers)
            taken = {name: statement.excluded[name] for name in ("due_at", "parameters", "attempts")}
            await self._connection.execute(
                statement.on_conflict_do_update(index_elements=["kind", "subject"], set_=taken), rows
            )

    async def due_of(self, kind: str, subjects: Collection[int]) -> dict[int, datetime]:
        """When each of these is due, as far as a timer is set."""
        query = select(timers.c.subject, timers.c.due_at).where(
            timers.c.kind == kind, timers.c.subject.in_(subjects)
        )
        return {row.subject: row.due_at for row in await self._connection.execute(query)}

    async def get(self, kind: str, subject: int) -> Timer | None:
        """The timer of this kind and subject, if it is set."""
        query = select(timers).where(timers.c.kind == kind, timers.c.subject == subject)
        row = (await self._connection.execute(query)).first()
        return None if row is None else Timer(row.kind, row.subject, row.due_at, row.parameters)

    async def take_due(self, now: datetime, limit: int, reminders: int | None = None) -> list[DueTimer]:
        """Take out up to `limit` due timers, the earliest first. A rollback puts them back.

        What was promised goes before reminders, of which there are up to `reminders` (None: any number).
        """
        return await self._due((_TAKE_PROMISES, _TAKE_REMINDERS), now, limit, reminders)

    async def find_due(self, now: datetime, limit: int, reminders: int | None = None) -> list[DueTimer]:
        """The same, on a server: they are locked, not yet taken out; what another replica is at is left."""
        return await self._due((_FIND_PROMISES, _FIND_REMINDERS), now, limit, reminders)

    async def take(self, due: Collection[DueTimer]) -> None:
        """Take out what was found."""
        if due:
            await self._connection.execute(delete(timers).where(timers.c.id.in_([each.id for each in due])))

    async def _due(
        self, which: tuple[Any, Any], now: datetime, limit: int, reminders: int | None
    ) -> list[DueTimer]:
        promises, nudges = which
        rows = list(await self._connection.execute(promises, {"now": now, "limit": limit}))
        room = min(limit - len(rows), limit if reminders is None else reminders)
        if room > 0:
            rows += await self._connection.execute(nudges, {"now": now, "limit": room})
        return sorted((DueTimer(*row) for row in rows), key=lambda row: (row.due_at, row.id))

    async def put_off(self, timer: int, until: datetime) -> int:
        """Move a timer that could not be handled; how often that has happened to it."""
        self._set(until)
        statement = (
            update(timers)
            .where(timers.c.id == timer)
            .values(due_at=until, attempts=timers.c.attempts + 1)
            .returning(timers.c.attempts)
        )
        return int((await self._connection.execute(statement)).scalar_one_or_none() or 0)

    async def next_due(self) -> datetime | None:
        """When the earliest timer is due."""
        earliest: datetime | None = (
            await self._connection.execute(select(func.min(timers.c.due_at)))
        ).scalar_one_or_none()
        return earliest

    async def next_promise(self) -> datetime | None:
        """When the earliest that is no reminder is due."""
        query = select(timers.c.due_at).where(_PROMISED).order_by(timers.c.due_at).limit(1)
        return (await self._connection.execute(query)).scalar_one_or_none()
