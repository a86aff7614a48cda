"""Every table. What a person writes stands in Encrypted columns only."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    UniqueConstraint,
    false,
    text,
    true,
)

from bot.storage.types import Encrypted, EncryptedJson, Instant, Json

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# SQLite numbers rows by itself only where the key is INTEGER.
Id = BigInteger().with_variant(Integer, "sqlite")


def _person(name: str = "person_id", *, primary_key: bool = False, nullable: bool = False) -> Column[int]:
    return Column(
        name,
        Id,
        ForeignKey("people.id", ondelete="CASCADE"),
        primary_key=primary_key,
        nullable=nullable,
        index=not primary_key,
    )


people = Table(
    "people",
    metadata,
    Column("id", Id, primary_key=True),
    Column("name", Encrypted, nullable=False),
    Column("locale", String(16), nullable=False),
    Column("zone", String(64)),
    Column("quiet_from", String(5), nullable=False),
    Column("quiet_until", String(5), nullable=False),
    Column("reachable", Boolean, nullable=False, server_default=true()),
    Column("created_at", Instant, nullable=False),
)

# The only place where a Telegram id stands for a person.
telegram_accounts = Table(
    "telegram_accounts",
    metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    _person(),
    UniqueConstraint("person_id"),
)

couples = Table(
    "couples",
    metadata,
    Column("id", Id, primary_key=True),
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("ended_by", Id, ForeignKey("people.id", ondelete="SET NULL")),
    Column("farewell_sent", Boolean, nullable=False, server_default=false()),
)

couple_members = Table(
    "couple_members",
    metadata,
    Column("couple_id", Id, ForeignKey("couples.id", ondelete="CASCADE"), primary_key=True),
    _person(primary_key=True),
    Column("active", Boolean, nullable=False, server_default=true()),
    Column("told_ended", Boolean, nullable=False, server_default=false()),
)
# One partner at a time: the database says so too.
Index(
    "uq_couple_members_one_active",
    couple_members.c.person_id,
    unique=True,
    sqlite_where=text("active"),
    postgresql_where=text("active"),
)

invitations = Table(
    "invitations",
    metadata,
    Column("id", Id, primary_key=True),
    Column("code_hash", String(64), nullable=False, unique=True),
    _person("inviter_id"),
    Column("accepted_by", Id, ForeignKey("people.id", ondelete="SET NULL")),
    Column("state", String(16), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
)

space_requests = Table(
    "space_requests",
    metadata,
    Column("id", Id, primary_key=True),
    Column("couple_id", Id, ForeignKey("couples.id", ondelete="CASCADE"), index=True),
    Column("state", String(16), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("return_at", Instant, nullable=False),
    Column("revision", Integer, nullable=False, server_default="1"),
)
Index(
    "uq_space_requests_one_open",
    space_requests.c.couple_id,
    unique=True,
    sqlite_where=text("state IN ('open', 'due')"),
    postgresql_where=text("state IN ('open', 'due')"),
)

space_participants = Table(
    "space_participants",
    metadata,
    Column("request_id", Id, ForeignKey("space_requests.id", ondelete="CASCADE"), primary_key=True),
    _person(primary_key=True),
    Column("state", String(16), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("wording", Encrypted, nullable=False),
)

script_versions = Table(
    "script_versions",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("script_id", String(64), nullable=False),
    Column("version", Integer, nullable=False),
    Column("locale", String(16), nullable=False),
    Column("body", Json, nullable=False),
)

sessions = Table(
    "sessions",
    metadata,
    Column("id", Id, primary_key=True),
    _person(),
    Column("script_hash", String(64), ForeignKey("script_versions.hash"), nullable=False),
    Column("script_id", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("step", String(64), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("answers", Json, nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    CheckConstraint("status IN ('active', 'finished', 'stopped')", name="status"),
)
Index(
    "uq_sessions_one_active",
    sessions.c.person_id,
    unique=True,
    sqlite_where=text("status = 'active'"),
    postgresql_where=text("status = 'active'"),
)

journal = Table(
    "journal",
    metadata,
    Column("id", Id, primary_key=True),
    _person(),
    Column("text", Encrypted, nullable=False),
    Column("written_at", Instant, nullable=False),
    sqlite_autoincrement=True,  # an id that is gone never comes again: old buttons name nothing
)

reminders = Table(
    "reminders",
    metadata,
    Column("id", Id, primary_key=True),
    _person(),
    Column("kind", String(16), nullable=False),
    Column("rule", Json, nullable=False),
    Column("active", Boolean, nullable=False, server_default=true()),
    Column("created_at", Instant, nullable=False),
    sqlite_autoincrement=True,  # an id that is gone never comes again: old buttons name nothing
)

# What the daily limits count.
daily_uses = Table(
    "daily_uses",
    metadata,
    Column("id", Id, primary_key=True),
    _person(),
    Column("kind", String(16), nullable=False),
    Column("used_at", Instant, nullable=False, index=True),
)

received = Table(
    "received",
    metadata,
    Column("id", Id, primary_key=True),
    _person(),
    Column("kind", String(64), nullable=False),
    Column("parameters", Json, nullable=False),
    Column("words", EncryptedJson),
    Column("received_at", Instant, nullable=False),
)

drafts = Table(
    "drafts",
    metadata,
    Column("id", Id, primary_key=True),
    _person(),
    Column("kind", String(16), nullable=False),
    Column("parameters", Json, nullable=False),
    Column("private", Encrypted),
    Column("awaits", String(16)),
    Column("updated_at", Instant, nullable=False),
    UniqueConstraint("person_id", "kind"),
    sqlite_autoincrement=True,  # an id that is gone never comes again: old buttons name nothing
)

timers = Table(
    "timers",
    metadata,
    Column("id", Id, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("subject", Id, nullable=False),
    Column("due_at", Instant, nullable=False, index=True),
    Column("parameters", Json, nullable=False),
    Column("attempts", Integer, nullable=False, server_default="0"),
    UniqueConstraint("kind", "subject"),
)

outbox = Table(
    "outbox",
    metadata,
    Column("id", Id, primary_key=True),
    Column("key", String(128), unique=True),
    _person(),
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

messages = Table(
    "messages",
    metadata,
    _person(primary_key=True),
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
