"""Topics parked for a talk later."""

import sqlalchemy as sa
from alembic import op

from bot.storage import types

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "topics",
        sa.Column(
            "id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=False, nullable=False
        ),
        sa.Column("couple_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("person_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("text", types.Encrypted(), nullable=True),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("proposer_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("offered", types.Json(), nullable=False),
        sa.Column("talk_at", types.Instant(), nullable=True),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("created_at", types.Instant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["couple_id"], ["couples.id"], name=op.f("fk_topics_couple_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["person_id"], ["people.id"], name=op.f("fk_topics_person_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["proposer_id"], ["people.id"], name=op.f("fk_topics_proposer_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topics")),
        sqlite_autoincrement=True,
    )
    with op.batch_alter_table("topics", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_topics_couple_id"), ["couple_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_topics_person_id"), ["person_id"], unique=False)
        batch_op.create_index(batch_op.f("ix_topics_proposer_id"), ["proposer_id"], unique=False)


def downgrade() -> None:
    with op.batch_alter_table("topics", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_topics_proposer_id"))
        batch_op.drop_index(batch_op.f("ix_topics_person_id"))
        batch_op.drop_index(batch_op.f("ix_topics_couple_id"))

    op.drop_table("topics")
