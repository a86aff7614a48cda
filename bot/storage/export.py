"""Everything of one person, read: for a copy that they get themselves.

On a connection that only reads, in a thread: nobody waits for it. Of the partner there is nothing but what
they sent; no id of anybody, and nothing that is to stay secret (the hash of an invitation).
"""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, FromClause, Table, select

from bot.domain.model import PersonId
from bot.storage.couple_tables import agreements, kept_messages, topics, welcome_phrases
from bot.storage.tables import (
    couple_members,
    couples,
    drafts,
    invitations,
    journal,
    people,
    received,
    reminders,
    saved_wordings,
    sessions,
    signal_wordings,
    space_participants,
    space_requests,
    telegram_accounts,
    together_answers,
)

Rows = list[dict[str, Any]]
LEFT_OUT = {
    "daily_uses": "how often today: counted, and gone after two days",
    "messages": "ids of messages in the chat itself",
    "nudged": "how the last reminders went: counted, to hold back",
    "outbox": "what the chat itself shows",
}
"""Tables that hold something of a person and are not in their copy, and why."""

_PLAIN: dict[str, tuple[Table, Sequence[str]]] = {
    "lines": (journal, ("kind", "written_at", "text")),
    "check_ins": (
        sessions,
        ("script_id", "status", "started_at", "updated_at", "intensity", "rated_at", "answers", "notes"),
    ),
    "reminders": (reminders, ("kind", "rule", "active", "text", "rests_until", "created_at")),
    "saved_words": (saved_wordings, ("text", "created_at")),
    "own_signals": (signal_wordings, ("slot", "text")),
    "together_answers": (together_answers, ("week", "question", "text", "answered_at")),
    "kept_messages": (kept_messages, ("text", "talk_at", "written_at")),
    "topics": (topics, ("state", "text", "talk_at", "created_at")),
    "welcome_phrases": (welcome_phrases, ("phrase",)),
    "unfinished": (drafts, ("kind", "private", "updated_at")),
    "received": (received, ("kind", "received_at", "parameters", "words")),
}
"""What is named by `person_id`, and the columns that are the person's own."""


def everything_of(connection: Connection, person: PersonId) -> dict[str, Any]:
    """By name of the part: a row each, with instants as aware datetimes."""

    def rows(table: FromClause, columns: Sequence[ColumnElement[Any]], *where: ColumnElement[bool]) -> Rows:
        query = select(*columns).select_from(table).where(*where)
        return [dict(row) for row in connection.execute(query).mappings()]

    [me] = rows(
        people.join(telegram_accounts),
        [telegram_accounts.c.user_id.label("telegram_id"), *_but(people, "id", "leaving")],
        people.c.id == person,
    )
    found: dict[str, Any] = {"you": me}
    for name, (table, columns) in _PLAIN.items():
        mine = table.c.person_id == person
        found[name] = rows(table, [table.c[column] for column in columns], mine)
    found["breaks"] = rows(
        space_participants.join(space_requests),
        [*_but(space_participants, "request_id", "person_id"), space_requests.c.ended_at],
        space_participants.c.person_id == person,
    )
    found["links"] = rows(
        couple_members.join(couples),
        [couples.c.created_at, couples.c.ended_at, couple_members.c.active],
        couple_members.c.person_id == person,
    )
    found["agreements"] = rows(
        agreements.join(couple_members, agreements.c.couple_id == couple_members.c.couple_id),
        [agreements.c.agreed],
        couple_members.c.person_id == person,
    )
    found["invitations"] = rows(
        invitations,
        [invitations.c.state, invitations.c.created_at, invitations.c.expires_at],
        invitations.c.inviter_id == person,
    )
    return found


def _but(table: Table, *left_out: str) -> list[ColumnElement[Any]]:
    return [column for column in table.c if column.name not in left_out]
