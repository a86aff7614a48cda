"""Alembic's entry: it runs on the connection it is handed, never on one of its own."""

from alembic import context

from bot.crash_points import reached
from bot.storage import couple_tables, queue_tables, tables  # noqa: F401 - they fill the metadata
from bot.storage.metadata import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    user_module_prefix="types.",
    transactional_ddl=False,  # the caller's transaction holds everything
    on_version_apply=lambda **_: reached("in_migration"),
)
context.run_migrations()
