"""What two people have between them, beside their requests. What somebody writes is Encrypted."""

from sqlalchemy import Column, ForeignKey, Integer, String, Table

from bot.storage.metadata import Id, id_column, metadata, person_column
from bot.storage.types import Encrypted, Instant, Json

# What somebody writes to the one who asked for space; delivered after it, and only on a second yes.
kept_messages = Table(
    "kept_messages",
    metadata,
    id_column(),
    Column("couple_id", Id, ForeignKey("couples.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("request_id", Id, ForeignKey("space_requests.id", ondelete="CASCADE"), nullable=False, index=True),
    person_column(),
    Column("text", Encrypted, nullable=False),
    Column("talk_at", Instant),
    Column("written_at", Instant, nullable=False),
    sqlite_autoincrement=True,  # an id that is gone never comes again: old buttons name nothing
)

# What a couple agreed on for its breaks, and the open proposal. With the link it ends.
agreements = Table(
    "agreements",
    metadata,
    id_column(),
    Column("couple_id", Id, ForeignKey("couples.id", ondelete="CASCADE"), nullable=False, unique=True),
    Column("agreed", Json, nullable=False),
    Column("proposed", Json),
    Column("proposed_by", Id, ForeignKey("people.id", ondelete="SET NULL")),
    Column("revision", Integer, nullable=False),
    sqlite_autoincrement=True,  # an id that is gone never comes again: old buttons name nothing
)

# What one of the two likes to hear from the other after a hard moment: their own mark.
welcome_phrases = Table(
    "welcome_phrases",
    metadata,
    Column("couple_id", Id, ForeignKey("couples.id", ondelete="CASCADE"), primary_key=True),
    person_column(primary_key=True),
    Column("phrase", String(16), primary_key=True),
)

# Topics parked for a talk later, and the times that were offered. The text of one that is gone is erased.
topics = Table(
    "topics",
    metadata,
    id_column(),
    Column("couple_id", Id, ForeignKey("couples.id", ondelete="CASCADE"), nullable=False, index=True),
    person_column(),
    Column("text", Encrypted),
    Column("state", String(16), nullable=False),
    person_column("proposer_id"),
    Column("offered", Json, nullable=False),
    Column("talk_at", Instant),
    Column("revision", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    sqlite_autoincrement=True,  # an id that is gone never comes again: old buttons name nothing
)
