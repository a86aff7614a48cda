"""What must not wait is found among the timers without reading the reminders that are due."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

IS_PROMISE = "kind NOT IN ('reminder', 'snooze')"


def upgrade() -> None:
    op.create_index(
        "ix_timers_promised",
        "timers",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text(IS_PROMISE),
        postgresql_where=sa.text(IS_PROMISE),
    )


def downgrade() -> None:
    op.drop_index("ix_timers_promised", table_name="timers")
