"""How far behind the queues are: read aside, only when somebody asks, so that nobody waits for it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, TextClause, case, func, select, text

from bot.domain.decision import Priority
from bot.storage.outbox_rows import WAITING, state_is
from bot.storage.queue_tables import IS_PROMISE, outbox, timers


@dataclass(frozen=True)
class Queue:
    """Notices of one priority that should have gone: how many, and the seconds the oldest has waited."""

    waiting: int = 0
    oldest: float = 0.0


@dataclass(frozen=True)
class Lag:
    """Seconds that the earliest due timer is late: what was promised, and reminders."""

    outbox: Mapping[Priority, Queue]
    promises: float
    reminders: float

    @property
    def people(self) -> float:
        """Seconds that the oldest notice has waited that is no bulk."""
        return max(queue.oldest for priority, queue in self.outbox.items() if not priority.bulk)


def lag(connection: Connection, now: datetime) -> Lag:
    """How far behind everything is at this moment."""
    retried = outbox.c.attempts > 0  # then `not_before` says when it is tried again
    query = (
        select(
            outbox.c.priority,
            func.count().label("waiting"),
            func.min(case((retried, outbox.c.created_at), else_=outbox.c.not_before)).label("since"),
        )
        .where(state_is(WAITING), retried | (outbox.c.not_before <= now), outbox.c.expires_at > now)
        .group_by(outbox.c.priority)
    )
    rows = {row.priority: row for row in connection.execute(query)}
    queues = {
        each: Queue(rows[each].waiting, _seconds(rows[each].since, now)) if each in rows else Queue()
        for each in Priority
    }
    return Lag(queues, _late(connection, IS_PROMISE, now), _late(connection, f"NOT ({IS_PROMISE})", now))


def _late(connection: Connection, which: str, now: datetime) -> float:
    condition: TextClause = text(which)
    query = select(timers.c.due_at).where(condition).order_by(timers.c.due_at).limit(1)
    return _seconds(connection.execute(query).scalar_one_or_none(), now)


def _seconds(since: datetime | None, now: datetime) -> float:
    return 0.0 if since is None else max(0.0, (now - since).total_seconds())
