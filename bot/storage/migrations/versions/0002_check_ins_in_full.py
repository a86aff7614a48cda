"""Check-ins in full."""

import sqlalchemy as sa
from alembic import op

from bot.storage import types

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "signal_wordings",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), sa.Identity(), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slot", sa.String(length=16), nullable=False),
        sa.Column("text", types.Encrypted(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_signal_wordings_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signal_wordings")),
        sa.UniqueConstraint("person_id", "slot", name=op.f("uq_signal_wordings_person_id_slot")),
    )
    with op.batch_alter_table("signal_wordings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_signal_wordings_person_id"), ["person_id"], unique=False)

    op.create_table(
        "together_answers",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("couple_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("week", sa.String(length=10), nullable=False),
        sa.Column("question", sa.String(length=32), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", types.Encrypted(), nullable=True),
        sa.Column("answered_at", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["couple_id"], ["couples.id"], name=op.f("fk_together_answers_couple_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_together_answers_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_together_answers")),
        sa.UniqueConstraint(
            "couple_id", "week", "person_id", name=op.f("uq_together_answers_couple_id_week_person_id")
        ),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("together_answers", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_together_answers_person_id"), ["person_id"], unique=False)

    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.add_column(sa.Column("kind", sa.String(length=16), server_default="line", nullable=False))

    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.add_column(sa.Column("leans", sa.String(length=16), nullable=True))

    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.add_column(sa.Column("trail", types.Json(), server_default="[]", nullable=False))
        batch_op.add_column(sa.Column("round", sa.Integer(), server_default="0", nullable=False))
        batch_op.add_column(sa.Column("notes", types.EncryptedJson(), nullable=True))
        batch_op.add_column(sa.Column("asleep_until", types.Instant(), nullable=True))
        batch_op.add_column(sa.Column("intensity", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("rated_at", types.Instant(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("sessions", schema=None) as batch_op:
        batch_op.drop_column("rated_at")
        batch_op.drop_column("intensity")
        batch_op.drop_column("asleep_until")
        batch_op.drop_column("notes")
        batch_op.drop_column("round")
        batch_op.drop_column("trail")

    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.drop_column("leans")

    with op.batch_alter_table("journal", schema=None) as batch_op:
        batch_op.drop_column("kind")

    with op.batch_alter_table("together_answers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_together_answers_person_id"))

    op.drop_table("together_answers")
    with op.batch_alter_table("signal_wordings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_signal_wordings_person_id"))

    op.drop_table("signal_wordings")
