"""People and their things. What a person writes stands in Encrypted columns only."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    UniqueConstraint,
    false,
    text,
    true,
)

from bot.storage.metadata import Id, counted_column, id_column, metadata, person_column
from bot.storage.types import Encrypted, EncryptedJson, Instant, Json

people = Table(
    "people",
    metadata,
    counted_column(),
    Column("name", Encrypted, nullable=False),
    Column("locale", String(16), nullable=False),
    Column("zone", String(64)),
    Column("quiet_from", String(5), nullable=False),
    Column("quiet_until", String(5), nullable=False),
    Column("reachable", Boolean, nullable=False, server_default=true()),
    Column("leans", String(16)),
    Column("silent_days", String(16), nullable=False, server_default=text("''")),
    Column("discreet", Boolean, nullable=False, server_default=false()),
    Column("nudges_rest_until", Instant),
    Column("leaving", Boolean, nullable=False, server_default=false()),
    Column("protected", Boolean, nullable=False, server_default=false()),
    Column("created_at", Instant, nullable=False),
    sqlite_autoincrement=True,  # an id that is gone never comes again: in a log it then means nobody
)

# The only place where a Telegram id stands for a person.
telegram_accounts = Table(
    "telegram_accounts",
    metadata,
    Column("user_id", BigInteger, primary_key=True, autoincrement=False),
    person_column(),
    UniqueConstraint("person_id"),
)

couples = Table(
    "couples",
    metadata,
    id_column(),
    Column("created_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("ended_by", Id, ForeignKey("people.id", ondelete="SET NULL")),
    Column("farewell_sent", Boolean, nullable=False, server_default=false()),
    sqlite_autoincrement=True,  # an id that is gone never comes again: old buttons name nothing
)

couple_members = Table(
    "couple_members",
    metadata,
    Column("couple_id", Id, ForeignKey("couples.id", ondelete="CASCADE"), primary_key=True),
    person_column(primary_key=True),
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
    id_column(),
    Column("code_hash", String(64), nullable=False, unique=True),
    person_column("inviter_id"),
    Column("accepted_by", Id, ForeignKey("people.id", ondelete="SET NULL")),
    Column("state", String(16), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    sqlite_autoincrement=True,  # an id that is gone never comes again: old buttons name nothing
)

space_requests = Table(
    "space_requests",
    metadata,
    id_column(),
    Column("couple_id", Id, ForeignKey("couples.id", ondelete="CASCADE"), index=True),
    Column("state", String(16), nullable=False),
    Column("started_at", Instant, nullable=False),
    Column("return_at", Instant, nullable=False),
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("ready_from", Instant),
    Column("hushed", Boolean, nullable=False, server_default=false()),
    Column("ended_at", Instant),
    Column("ready", Id, ForeignKey("people.id", ondelete="SET NULL")),
    sqlite_autoincrement=True,  # an id that is gone never comes again: old buttons name nothing
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
    person_column(primary_key=True),
    Column("state", String(16), nullable=False),
    Column("asked_at", Instant, nullable=False),
    Column("wording", Encrypted, nullable=False),
    Column("asked_for", Instant),
    Column("minutes", Integer),
    Column("intensity", Integer),
    Column("left_at", Instant),
    Column("promised", Instant),
)

# A person's own words for a space request, kept to be used again.
saved_wordings = Table(
    "saved_wordings",
    metadata,
    id_column(),
    person_column(),
    Column("text", Encrypted, nullable=False),
    Column("created_at", Instant, nullable=False),
    sqlite_autoincrement=True,  # an id that is gone never comes again: old buttons name nothing
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
    id_column(),
    person_column(),
    Column("script_hash", String(64), ForeignKey("script_versions.hash"), nullable=False),
    Column("script_id", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("step", String(64), nullable=False),
    Column("seq", Integer, nullable=False),
    Column("answers", Json, nullable=False),
    Column("trail", Json, nullable=False, server_default="[]"),
    Column("round", Integer, nullable=False, server_default="0"),
    Column("notes", EncryptedJson),
    Column("asleep_until", Instant),
    Column("intensity", Integer),
    Column("rated_at", Instant),
    Column("started_at", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    CheckConstraint("status IN ('active', 'finished', 'stopped')", name="status"),
    sqlite_autoincrement=True,  # an id that is gone never comes again: old buttons name nothing
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
    id_column(),
    person_column(),
    Column("kind", String(16), nullable=False, server_default="line"),
    Column("text", Encrypted, nullable=False),
    Column("written_at", Instant, nullable=False),
    sqlite_autoincrement=True,  # an id that is gone never comes again: old buttons name nothing
)

reminders = Table(
    "reminders",
    metadata,
    id_column(),
    person_column(),
    Column("kind", String(16), nullable=False),
    Column("rule", Json, nullable=False),
    Column("active", Boolean, nullable=False, server_default=true()),
    Column("text", Encrypted),
    Column("rests_until", Instant),
    Column("last_due_at", Instant),
    Column("created_at", Instant, nullable=False),
    sqlite_autoincrement=True,  # an id that is gone never comes again: old buttons name nothing
)

# What came of a person's last nudges: nobody shall be nagged.
nudged = Table(
    "nudged",
    metadata,
    person_column(primary_key=True),
    Column("last_at", Instant, nullable=False),
    Column("last_key", String(128)),
    Column("unanswered", Integer, nullable=False, server_default="0"),
    Column("asked", Boolean, nullable=False, server_default=false()),
)

# A person's own words for a signal; the ones that are not here are as shipped.
signal_wordings = Table(
    "signal_wordings",
    metadata,
    counted_column(),
    person_column(),
    Column("slot", String(16), nullable=False),
    Column("text", Encrypted, nullable=False),
    UniqueConstraint("person_id", "slot"),
)

# The answers to the weekly question. A skip is a row without a text.
together_answers = Table(
    "together_answers",
    metadata,
    id_column(),
    Column("couple_id", Id, ForeignKey("couples.id", ondelete="CASCADE"), nullable=False),
    Column("week", String(10), nullable=False),
    Column("question", String(32), nullable=False),
    person_column(),
    Column("text", Encrypted),
    Column("answered_at", Instant, nullable=False),
    UniqueConstraint("couple_id", "week", "person_id"),
    sqlite_autoincrement=True,  # an id that is gone never comes again: old buttons name nothing
)

# What the daily limits count.
daily_uses = Table(
    "daily_uses",
    metadata,
    counted_column(),
    person_column(),
    Column("kind", String(16), nullable=False),
    Column("used_at", Instant, nullable=False, index=True),
)

received = Table(
    "received",
    metadata,
    counted_column(),
    person_column(),
    Column("kind", String(64), nullable=False),
    Column("parameters", Json, nullable=False),
    Column("words", EncryptedJson),
    Column("received_at", Instant, nullable=False),
)

drafts = Table(
    "drafts",
    metadata,
    id_column(),
    person_column(),
    Column("kind", String(16), nullable=False),
    Column("parameters", Json, nullable=False),
    Column("private", Encrypted),
    Column("awaits", String(16)),
    Column("updated_at", Instant, nullable=False),
    UniqueConstraint("person_id", "kind"),
    sqlite_autoincrement=True,  # an id that is gone never comes again: old buttons name nothing
)
