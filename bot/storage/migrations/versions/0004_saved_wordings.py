"""Saved wordings; what somebody asked for, to ask for the same again; how it was at the return time."""

import sqlalchemy as sa
from alembic import op

from bot.storage import types

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "saved_wordings",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", types.Encrypted(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_saved_wordings_person_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_wordings")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("saved_wordings", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_saved_wordings_person_id"), ["person_id"], unique=False)

    with op.batch_alter_table("space_participants", schema=None) as batch_op:
        batch_op.add_column(sa.Column("asked_for", types.Instant(), nullable=True))
        batch_op.add_column(sa.Column("minutes", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("intensity", sa.Integer(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("space_participants", schema=None) as batch_op:
        batch_op.drop_column("intensity")
        batch_op.drop_column("minutes")
        batch_op.drop_column("asked_for")

    with op.batch_alter_table("saved_wordings", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_saved_wordings_person_id"))

    op.drop_table("saved_wordings")
