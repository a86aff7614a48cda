"""What is to be done, and what came in: timers, the outbox, message and update ids. And a few facts."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    text,
)

from bot.storage.metadata import Id, counted_column, metadata, person_column
from bot.storage.types import Encrypted, EncryptedJson, Instant, Json

timers = Table(
    "timers",
    metadata,
    counted_column(),
    Column("kind", String(32), nullable=False),
    Column("subject", Id, nullable=False),
    Column("due_at", Instant, nullable=False, index=True),
    Column("parameters", Json, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    UniqueConstraint("kind", "subject"),
)

IS_PROMISE = "kind NOT IN ('reminder', 'snooze')"
"""A timer that must not wait behind a hundred thousand reminders."""

# However many reminders are due, what must not wait is found without reading them.
Index(
    "ix_timers_promised",
    timers.c.due_at,
    sqlite_where=text(IS_PROMISE),
    postgresql_where=text(IS_PROMISE),
)

outbox = Table(
    "outbox",
    metadata,
    counted_column(),
    Column("key", String(128), unique=True),
    person_column(),
    Column("kind", String(64), nullable=False),
    Column("parameters", Json, nullable=False),
    Column("private", EncryptedJson),
    Column("priority", Integer, nullable=False),
    Column("operation", String(8), nullable=False),
    Column("target_message", BigInteger),
    Column("target_key", String(128)),
    Column("silent", Boolean, nullable=False),
    Column("relayed", Boolean, nullable=False),
    Column("state", String(16), nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("not_before", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("settled_at", Instant),
    Column("message_id", BigInteger),
    Column("error", String(64)),
)
# The claim reads this index and nothing else, however many settled rows there are.
Index(
    "ix_outbox_waiting",
    outbox.c.priority,
    outbox.c.id,
    sqlite_where=text("state = 'waiting'"),
    postgresql_where=text("state = 'waiting'"),
)

# And this one, to see whether something of the same person comes before.
Index(
    "ix_outbox_waiting_person",
    outbox.c.person_id,
    outbox.c.priority,
    outbox.c.id,
    sqlite_where=text("state = 'waiting'"),
    postgresql_where=text("state = 'waiting'"),
)

# Which of them waits for a later time, and until when.
Index(
    "ix_outbox_waiting_until",
    outbox.c.not_before,
    sqlite_where=text("state = 'waiting'"),
    postgresql_where=text("state = 'waiting'"),
)

# What a crash leaves behind is found at the next start, however much is kept.
Index(
    "ix_outbox_sending",
    outbox.c.id,
    sqlite_where=text("state = 'sending'"),
    postgresql_where=text("state = 'sending'"),
)

messages = Table(
    "messages",
    metadata,
    person_column(primary_key=True),
    Column("message_id", BigInteger, primary_key=True, autoincrement=False),
    Column("outgoing", Boolean, nullable=False),
    Column("seen_at", Instant, nullable=False, index=True),
)

updates = Table(
    "updates",
    metadata,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("seen_at", Instant, nullable=False, index=True),
)

failed_updates = Table(
    "failed_updates",
    metadata,
    Column("update_id", BigInteger, primary_key=True, autoincrement=False),
    Column("body", Encrypted, nullable=False),
    Column("error", String(200), nullable=False),
    Column("failed_at", Instant, nullable=False),
)

facts = Table(
    "facts",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Json, nullable=False),
)
