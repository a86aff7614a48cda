"""Rows of the outbox: notices to rows and back, and the parts of statements that are always the same."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Row, bindparam, literal_column, update

from bot.domain.decision import LIFETIME, Notice, Operation, Priority
from bot.domain.model import Parameters, PersonId
from bot.storage.queue_tables import outbox

WAITING, SENDING, SENT, DROPPED, FAILED = "waiting", "sending", "sent", "dropped", "failed"


def state_is(state: str, table: FromClause = outbox) -> ColumnElement[bool]:
    """Written out as in the partial indexes, so that they serve."""
    return table.c.state == literal_column(f"'{state}'")


EARLIER = outbox.alias("earlier")
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
