"""The one who waits: kept messages, a meeting later than the return, no sound until then."""

import sqlalchemy as sa
from alembic import op

from bot.storage import types

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "kept_messages",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("couple_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("request_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", types.Encrypted(), nullable=False),
        sa.Column("talk_at", types.Instant(), nullable=True),
        sa.Column("written_at", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["couple_id"], ["couples.id"], name=op.f("fk_kept_messages_couple_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_kept_messages_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["request_id"],
            ["space_requests.id"],
            name=op.f("fk_kept_messages_request_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_kept_messages")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("kept_messages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_kept_messages_couple_id"), ["couple_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_kept_messages_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_kept_messages_request_id"), ["request_id"], unique=False)

    with op.batch_alter_table("space_requests", schema=None) as batch_op:
        batch_op.add_column(sa.Column("ready_from", types.Instant(), nullable=True))
        batch_op.add_column(sa.Column("hushed", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("ended_at", types.Instant(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("space_requests", schema=None) as batch_op:
        batch_op.drop_column("ended_at")
        batch_op.drop_column("hushed")
        batch_op.drop_column("ready_from")

    with op.batch_alter_table("kept_messages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_kept_messages_request_id"))
        batch_op.drop_index(batch_op.f("ix_kept_messages_person_id"))
        batch_op.drop_index(batch_op.f("ix_kept_messages_couple_id"))

    op.drop_table("kept_messages")
