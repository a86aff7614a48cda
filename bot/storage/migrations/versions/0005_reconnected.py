"""After the return: who is ready to talk; when each came back, and what they had promised."""

import sqlalchemy as sa
from alembic import op

from bot.storage import types

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("space_requests", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("ready", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True)
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_space_requests_ready"), "people", ["ready"], ["id"], ondelete="SET NULL"
        )

    with op.batch_alter_table("space_participants", schema=None) as batch_op:
        batch_op.add_column(sa.Column("left_at", types.Instant(), nullable=True))
        batch_op.add_column(sa.Column("promised", types.Instant(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table("space_participants", schema=None) as batch_op:
        batch_op.drop_column("promised")
        batch_op.drop_column("left_at")

    with op.batch_alter_table("space_requests", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_space_requests_ready"), type_="foreignkey")
        batch_op.drop_column("ready")
