"""The migrations, each on a database of its own: a file, or one on a server."""

import asyncio
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Identity, insert, inspect, select, text
from sqlalchemy.types import TypeDecorator

from bot.storage import migrate as migrating
from bot.storage import tables
from bot.storage.engine import open_engine
from bot.storage.metadata import metadata
from bot.storage.migrate import MigrationError, known_revisions, migrate, newest_revision, revision_of
from bot.storage.types import vault
from tests import postgres
from tests.integration.conftest import NOW
from tests.integration.support import KEY, on_postgres, url_of

pytestmark = pytest.mark.both

FAILING = '''
"""Does something, and then fails."""

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{head}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("UPDATE facts SET value = '\\"changed\\"'")
    op.create_table("half", sa.Column("id", sa.Integer()))
    op.drop_table("journal")
    {fault}


def downgrade() -> None:
    pass
'''


@pytest.fixture
def url(tmp_path: Path, dbms: str) -> str:
    vault.unlock([KEY])
    return asyncio.run(postgres.empty()) if dbms == "postgres" else url_of(tmp_path / "stillhere.db")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "stillhere.db"


@pytest.fixture
def newer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Adds one more migration, with this as its last line."""

    def add(fault: str) -> None:
        head = newest_revision()
        folder = tmp_path / "migrations"
        shutil.copytree(migrating.FOLDER, folder, ignore=shutil.ignore_patterns("__pycache__"))
        (folder / "versions" / "9999_failing.py").write_text(FAILING.format(head=head, fault=fault))
        monkeypatch.setattr(migrating, "FOLDER", folder)

    return add


def test_the_revisions_are_read_off_the_names_of_their_files() -> None:
    scripts = ScriptDirectory(str(migrating.FOLDER))
    assert newest_revision() == scripts.get_current_head()
    assert known_revisions() == {script.revision for script in scripts.walk_revisions()}


def mode(file: Path) -> int:
    return file.stat().st_mode & 0o777


async def within(url: str, work: Callable[[Connection], Any], *, foreign_keys: bool = False) -> Any:
    engine = open_engine(url, foreign_keys=foreign_keys)
    try:
        async with engine.begin() as connection:
            return await connection.run_sync(work)
    finally:
        await engine.dispose()


# Columns in any order: one that goes and comes again stands last.
ON_SERVER = """
SELECT 'column', table_name, column_name, data_type || coalesce(character_maximum_length::text, '')
       || is_nullable || is_identity || coalesce(column_default, '')
FROM information_schema.columns WHERE table_schema = 'public'
UNION ALL SELECT 'index', tablename, indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'
UNION ALL SELECT 'constraint', conrelid::regclass::text, conname, pg_get_constraintdef(oid)
FROM pg_constraint WHERE connamespace = 'public'::regnamespace
ORDER BY 1, 2, 3, 4
"""


def schema(connection: Connection) -> list[list[str]]:
    """Line by line: a table that is rebuilt has its constraints in any order."""
    if connection.dialect.name == "postgresql":
        return [list(map(str, row)) for row in connection.execute(text(ON_SERVER))]
    query = text("SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY name")
    statements = connection.execute(query).scalars()
    return [sorted(line.strip(" ,\t") for line in sql.splitlines()) for sql in statements]


def facts(connection: Connection) -> list[tuple[Any, ...]]:
    return [tuple(row) for row in connection.execute(text("SELECT * FROM facts"))]


def differs(context: Any, _column: Any, __: Any, inspected: Any, declared: Any) -> bool | None:
    """Our own types are compared by what they are made of; the others as Alembic does it."""
    if isinstance(declared, TypeDecorator):
        return inspected._type_affinity is not declared.load_dialect_impl(context.dialect)._type_affinity
    return None


def is_counting(difference: Any) -> bool:
    """SQLite counts its INTEGER keys without being told to, and shows nothing of it."""
    return isinstance(difference, list) and all(
        change[0] == "modify_default" and isinstance(change[-1], Identity) for change in difference
    )


async def test_an_empty_database_is_brought_up_to_date(url: str) -> None:
    await migrate(url)
    assert await within(url, revision_of) == newest_revision()
    tables = await within(url, lambda connection: set(inspect(connection).get_table_names()))
    assert tables == {*metadata.tables, "alembic_version"}


async def test_doing_it_again_changes_nothing(url: str) -> None:
    await migrate(url)
    before = await within(url, schema)
    await migrate(url)
    assert await within(url, schema) == before


async def test_the_models_are_what_the_migrations_make(url: str) -> None:
    await migrate(url)

    def differences(connection: Connection) -> list[Any]:
        options = {"compare_type": differs, "compare_server_default": True}
        found = compare_metadata(MigrationContext.configure(connection, opts=options), metadata)
        return [each for each in found if on_postgres() or not is_counting(each)]

    assert await within(url, differences) == []


async def test_checks_and_partial_indexes_are_there_too(url: str, tmp_path: Path) -> None:
    """What Alembic does not compare."""
    await migrate(url)
    made = await postgres.empty() if on_postgres() else url_of(tmp_path / "made.db")
    await within(made, metadata.create_all)
    if on_postgres():
        await within(url, lambda connection: connection.execute(text("DROP TABLE alembic_version")))
        assert await within(url, schema) == await within(made, schema)
        return

    def shape(connection: Connection) -> dict[str, Any]:
        query = text("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
        indexes = {name: " ".join(sql.split()) for name, sql in connection.execute(query)}
        checks = {table: inspect(connection).get_check_constraints(table) for table in metadata.tables}
        return indexes | checks

    assert await within(url, shape) == await within(made, shape)


async def test_down_and_up_again(url: str) -> None:
    await migrate(url)
    before = await within(url, schema)
    await within(url, lambda connection: command.downgrade(migrating._config(connection), "base"))
    left = await within(url, lambda connection: inspect(connection).get_table_names())
    assert left == ["alembic_version"]
    await migrate(url)
    assert await within(url, schema) == before


async def test_every_step_goes_down_and_up_with_rows_in_place(url: str) -> None:
    """From the newest on, one revision at a time; nobody's row may point nowhere afterwards."""
    await migrate(url)
    somebody = insert(tables.people).values(
        id=1, name="Mara", locale="en", quiet_from="22:00", quiet_until="07:00", created_at=NOW
    )
    await within(url, lambda connection: connection.execute(somebody))
    line = insert(tables.journal).values(person_id=1, text="line", written_at=NOW)
    await within(url, lambda connection: connection.execute(line), foreign_keys=True)
    revisions = [each.revision for each in ScriptDirectory(str(migrating.FOLDER)).walk_revisions()]
    for revision in revisions[1:]:  # down to the first, which is tried above
        await within(url, lambda c, to=revision: command.downgrade(migrating._config(c), to))
        await migrate(url)
    rows = await within(url, lambda c: c.execute(select(tables.journal.c.text)).scalars().all())
    assert rows == ["line"]
    if not on_postgres():
        assert await within(url, lambda c: c.execute(text("PRAGMA foreign_key_check")).all()) == []


@pytest.mark.sqlite_only
async def test_a_row_that_points_nowhere_is_found_and_nothing_stays(
    url: str, newer: Callable[[str], None]
) -> None:
    await migrate(url)
    before = await within(url, schema)
    columns = "person_id, message_id, outgoing, seen_at"
    newer(f"op.execute(\"INSERT INTO messages ({columns}) VALUES (77, 1, 1, '2026-03-02')\")")
    with pytest.raises(MigrationError, match="messages"):
        await migrate(url)
    assert await within(url, schema) == before
    assert await within(url, lambda c: c.execute(text("SELECT count(*) FROM messages")).scalar_one()) == 0


async def test_a_newer_database_is_refused_and_left_alone(url: str) -> None:
    await migrate(url)
    await within(url, lambda c: c.execute(text("UPDATE alembic_version SET version_num = '9999'")))
    before = await within(url, schema)
    with pytest.raises(MigrationError, match="newer version"):
        await migrate(url)
    assert (await within(url, schema), await within(url, revision_of)) == (before, "9999")


@pytest.mark.parametrize(
    "fault", ['op.execute("SELECT * FROM nowhere")', 'raise ValueError("half way")', "1 / 0"]
)
async def test_one_that_fails_midway_leaves_all_as_it_was(
    url: str, newer: Callable[[str], None], fault: str
) -> None:
    await migrate(url)
    await within(url, lambda c: c.execute(text("INSERT INTO facts VALUES ('name', '\"kept\"')")))
    before = await within(url, schema), await within(url, facts), await within(url, revision_of)
    newer(fault)
    with pytest.raises(MigrationError, match="could not be brought up to date"):
        await migrate(url)
    assert (await within(url, schema), await within(url, facts), await within(url, revision_of)) == before


async def test_on_an_empty_file_a_failure_leaves_it_empty(url: str, newer: Callable[[str], None]) -> None:
    newer("1 / 0")
    with pytest.raises(MigrationError, match="ZeroDivisionError"):
        await migrate(url)
    assert await within(url, schema) == []


@pytest.mark.sqlite_only
async def test_only_its_owner_can_read_the_file(url: str, file: Path) -> None:
    await migrate(url)
    assert mode(file) == 0o600
