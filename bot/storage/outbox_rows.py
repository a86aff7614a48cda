"""Rows of the outbox: notices to rows and back, and the parts of statements that are always the same."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    FromClause,
    Row,
    bindparam,
    exists,
    literal_column,
    select,
    update,
)

from bot.domain.decision import LIFETIME, Notice, Operation, Priority
from bot.domain.model import Parameters, Person, PersonId
from bot.storage.queue_tables import outbox
from bot.storage.repository import among
from bot.storage.tables import telegram_accounts

WAITING, SENDING, SENT, DROPPED, FAILED = "waiting", "sending", "sent", "dropped", "failed"


@dataclass(frozen=True)
class Envelope:
    """A notice on its way: whom it goes to, and which message it changes."""

    id: int
    notice: Notice
    person: Person
    chat: int
    message: int | None
    attempts: int

    @property
    def bulk(self) -> bool:
        return self.notice.priority.bulk

    @property
    def edits(self) -> bool:
        """Whether it makes no message of its own."""
        return self.notice.operation is not Operation.SEND


@dataclass(frozen=True)
class Settled:
    """What became of a notice. `waiting` with `not_before` means: once more, then."""

    envelope: Envelope
    state: str
    message: int | None = None
    error: str | None = None
    not_before: datetime | None = None

    @property
    def bulk(self) -> bool:
        return self.envelope.bulk


@dataclass(frozen=True, slots=True)
class Waiting:
    """As much of a notice as it takes to choose what goes next. `edits`: it makes no message of its own."""

    id: int
    chat: int
    bulk: bool
    edits: bool


def state_is(state: str, table: FromClause = outbox) -> ColumnElement[bool]:
    """Written out as in the partial indexes, so that they serve."""
    return table.c.state == literal_column(f"'{state}'")


_earlier = outbox.alias("earlier")
_now = bindparam("now", type_=outbox.c.not_before.type)
_IS_BEHIND = exists().where(
    _earlier.c.person_id == outbox.c.person_id,
    _earlier.c.priority == outbox.c.priority,
    state_is(WAITING, _earlier),
    _earlier.c.expires_at > _now,
    _earlier.c.id < outbox.c.id,
    (_earlier.c.operation == Operation.SEND) | (_earlier.c.not_before > _now),
)
MAY_GO = (
    select(outbox.c.id, outbox.c.priority, outbox.c.operation, telegram_accounts.c.user_id)
    .join(telegram_accounts, telegram_accounts.c.person_id == outbox.c.person_id)
    .where(state_is(WAITING), outbox.c.not_before <= _now, outbox.c.expires_at > _now, ~_IS_BEHIND)
    .order_by(outbox.c.priority, outbox.c.id)
    .limit(bindparam("limit"))
)
NEXT_WAITING = (
    select(outbox.c.not_before)
    .where(state_is(WAITING), outbox.c.not_before > _now)
    .order_by(outbox.c.not_before)
    .limit(1)
)
CLAIM = (
    update(outbox)
    .where(among(outbox.c.id, "ids"), outbox.c.state == WAITING, outbox.c.expires_at > _now)
    .values(state=SENDING, attempts=outbox.c.attempts + 1)
    .returning(outbox)
)
STILL_SENDING = (
    select(outbox.c.id)
    .where(among(outbox.c.id, "ids"), outbox.c.state == SENDING)
    .order_by(outbox.c.id)
    .with_for_update()  # on a server: who is being forgotten meanwhile is waited for
)
DONE = (
    update(outbox)
    .where(outbox.c.id == bindparam("which"))
    .values(
        state=bindparam("was"),
        error=bindparam("fault"),
        message_id=bindparam("made"),
        settled_at=bindparam("at"),
        private=None,
    )
)


def row_of(notice: Notice, now: datetime) -> dict[str, Any]:
    target = notice.target
    return {
        "key": notice.key,
        "person_id": notice.recipient,
        "kind": notice.kind,
        "parameters": dict(notice.parameters),
        "private": dict(notice.private),
        "priority": int(notice.priority),
        "operation": notice.operation,
        "target_message": target if isinstance(target, int) else None,
        "target_key": target if isinstance(target, str) else None,
        "silent": notice.silent,
        "relayed": notice.relayed,
        "state": WAITING,
        "not_before": notice.not_before or now,
        "expires_at": notice.expires_at or now + LIFETIME,
        "created_at": now,
    }


def notice_of(row: Row[Any]) -> Notice:
    parameters: Parameters = row.parameters
    return Notice(
        kind=row.kind,
        recipient=PersonId(row.person_id),
        parameters=parameters,
        private=row.private,
        priority=Priority(row.priority),
        operation=Operation(row.operation),
        target=row.target_message or row.target_key,
        key=row.key,
        silent=row.silent,
        relayed=row.relayed,
        not_before=row.not_before,
        expires_at=row.expires_at,
    )
