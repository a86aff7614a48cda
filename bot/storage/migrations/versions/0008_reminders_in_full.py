"""Reminders in full: own words, pauses, silent days, discreet nudges, and what came of the last nudge."""

import sqlalchemy as sa
from alembic import op

from bot.storage import types

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "nudged",
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("last_at", types.Instant(), nullable=False),
        sa.Column("last_key", sa.String(length=128), nullable=True),
        sa.Column("unanswered", sa.Integer(), server_default="0", nullable=False),
        sa.Column("asked", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_nudged_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("person_id", name=op.f("pk_nudged")),
    )
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("silent_days", sa.String(length=16), server_default=sa.text("''"), nullable=False)
        )
        batch_op.add_column(sa.Column("discreet", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("nudges_rest_until", types.Instant(), nullable=True))

    with op.batch_alter_table("reminders", schema=None) as batch_op:
        batch_op.add_column(sa.Column("text", types.Encrypted(), nullable=True))
        batch_op.add_column(sa.Column("rests_until", types.Instant(), nullable=True))
        batch_op.add_column(sa.Column("last_due_at", types.Instant(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("reminders", schema=None) as batch_op:
        batch_op.drop_column("last_due_at")
        batch_op.drop_column("rests_until")
        batch_op.drop_column("text")

    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.drop_column("nudges_rest_until")
        batch_op.drop_column("discreet")
        batch_op.drop_column("silent_days")

    op.drop_table("nudged")
