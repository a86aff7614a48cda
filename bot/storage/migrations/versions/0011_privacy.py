"""Privacy: who is leaving, whether echoes of lines can be passed on, and ids that never come again."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

NUMBERED = ("couples", "invitations", "people", "sessions", "space_requests")
"""Rows of these can be deleted from now on, and their ids stand on buttons and in logs."""


def upgrade() -> None:
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.add_column(sa.Column("leaving", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.add_column(sa.Column("protected", sa.Boolean(), server_default=sa.false(), nullable=False))
    for table in NUMBERED:
        _rebuild(table, sqlite_autoincrement=True)


def downgrade() -> None:
    for table in NUMBERED:
        _rebuild(table)
    with op.batch_alter_table("people", schema=None) as batch_op:
        batch_op.drop_column("protected")
        batch_op.drop_column("leaving")


def _rebuild(table: str, **options: bool) -> None:
    """SQLite numbers anew only in a new table. On a server these ids were never counted."""
    if op.get_bind().dialect.name != "sqlite":
        return
    with op.batch_alter_table(table, schema=None, recreate="always", table_kwargs=options):
        pass
