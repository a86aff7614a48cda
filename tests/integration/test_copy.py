"""From a file to a server: all of it, the same, as often as one likes, and never over anything else."""

import asyncio
import re
from pathlib import Path
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import create_engine, select, text
from sqlalchemy.engine import make_url
from typer.testing import CliRunner

from bot.content.catalog import Content
from bot.db_cli import cli
from bot.storage import copying, tables
from bot.storage import postgres as servers
from bot.storage.engine import only_writer, open_engine
from bot.storage.metadata import metadata
from bot.storage.types import vault
from bot.storage.unit_of_work import Storage
from tests import postgres

from .conftest import NOW, Story
from .test_encryption import a_whole_story

pytestmark = pytest.mark.from_file_to_server

KEY = Fernet.generate_key().decode()


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "TRIES", 2)
    monkeypatch.setattr(servers, "LOOKING", 0.0)


@pytest.fixture
async def story(storage: Storage, content: Content) -> Story:
    """A whole one, and the bot has been stopped."""
    vault.unlock([KEY])
    told = Story(storage, content)
    await a_whole_story(told)
    async with storage.unit_of_work() as uow:
        await uow.log.check_key()
        await uow.commit(told.now)
    await storage.close()
    return told


async def copied(file: Path, target: str) -> tuple[int, str]:
    words = ["copy", f"sqlite+aiosqlite:///{file}", target]
    result = await asyncio.to_thread(CliRunner().invoke, cli, words, catch_exceptions=False)
    return result.exit_code, result.output


def of_file(file: Path) -> dict[str, list[Any]]:
    with create_engine(f"sqlite:///{file}").connect() as connection:
        return {
            name: sorted(map(repr, connection.execute(select(table))))
            for name, table in metadata.tables.items()
        }


async def of_server(url: str) -> dict[str, list[Any]]:
    engine = open_engine(url)
    async with engine.connect() as connection:
        found = {
            name: sorted(map(repr, await connection.execute(select(table))))
            for name, table in metadata.tables.items()
        }
    await engine.dispose()
    found["facts"] = [each for each in found["facts"] if "'copied'" not in each]
    return found


async def test_all_of_it_arrives_and_the_ids_go_on(story: Story, database: Path) -> None:
    target = postgres.server().tcp(str(make_url(await postgres.empty()).database))
    code, says = await copied(database, target)
    assert code == 0, says
    assert postgres.PASSWORD not in says
    there = of_file(database)
    assert await of_server(target) == there
    lines = re.finditer(r"^(\w+) +(\d+) rows, sum \w{16}$", says, re.MULTILINE)
    counted = {found[1]: int(found[2]) for found in lines}
    assert counted == {name: len(rows) for name, rows in there.items()}
    assert f"{sum(counted.values()):,} rows were copied, read again, and are the same" in says

    moved = Story(Storage(open_engine(target)), story.content)
    async with moved.storage.unit_of_work() as uow:
        await uow.log.check_key()
        before = max((await uow._connection.execute(select(tables.people.c.id))).scalars())
        somebody = await uow.people.add(77, "Somebody", "en", NOW)
        assert somebody.id == before + 1
    await moved.storage.close()


async def test_an_id_that_is_gone_does_not_come_again(story: Story, database: Path) -> None:
    with create_engine(f"sqlite:///{database}").begin() as connection:
        connection.execute(text("UPDATE sqlite_sequence SET seq = 500 WHERE name = 'people'"))
    target = await postgres.empty()
    assert (await copied(database, target))[0] == 0
    [(last,)] = postgres.fetch(str(make_url(target).database), "SELECT nextval('people_id_seq')")
    assert last == 501


async def test_it_can_be_run_again_and_brings_what_is_new(story: Story, database: Path) -> None:
    target = await postgres.empty()
    for _ in range(2):
        code, says = await copied(database, target)
        assert code == 0, says
    with create_engine(f"sqlite:///{database}").begin() as connection:
        connection.execute(text("DELETE FROM journal"))
        connection.execute(text("UPDATE people SET locale = 'de'"))
    assert (await copied(database, target))[0] == 0
    assert await of_server(target) == of_file(database)


async def test_nothing_else_is_ever_overwritten(story: Story, database: Path, tmp_path: Path) -> None:
    target = await postgres.empty()
    name = str(make_url(target).database)

    async def refused(why: str) -> None:
        before = postgres.fetch(name, "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'")
        code, says = await copied(database, target)
        assert code != 0
        assert says.startswith("Not copied: ")
        assert why in says
        after = postgres.fetch(name, "SELECT tablename::text FROM pg_tables WHERE schemaname = 'public'")
        assert after == before

    await postgres.server().run("CREATE TABLE invoices (id int)", database=name)
    await refused("holds tables of something else")
    await postgres.server().run("DROP TABLE invoices", database=name)
    assert (await copied(database, target))[0] == 0

    await postgres.server().run("UPDATE people SET locale = 'de'", database=name)
    await refused("was changed since it was copied to")
    await postgres.server().run("DELETE FROM facts WHERE name = 'copied'", database=name)
    await refused("holds other data")
    await postgres.server().run("UPDATE alembic_version SET version_num = '0004'", database=name)
    await refused("is of another version")


async def test_a_copy_of_another_bot_is_not_overwritten(story: Story, database: Path) -> None:
    target = await postgres.empty()
    assert (await copied(database, target))[0] == 0
    with create_engine(f"sqlite:///{database}").begin() as connection:
        connection.execute(text("UPDATE facts SET value = '\"another\"' WHERE name = 'key_check'"))
    code, says = await copied(database, target)
    assert (code != 0, "holds other data" in says) == (True, True)


async def test_broken_off_nothing_has_happened(
    story: Story, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def broken(*_: Any) -> None:
        raise copying.CopyError("broken off")

    target = await postgres.empty()
    with monkeypatch.context() as patch:
        patch.setattr(copying, "_count_on", broken)
        assert (await copied(database, target))[0] != 0
    assert not any((await of_server(target)).values())
    assert (await copied(database, target))[0] == 0


async def test_what_comes_out_differently_is_noticed(story: Story, database: Path) -> None:
    target = await postgres.migrated()
    await postgres.server().run(
        "CREATE FUNCTION spoil() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN NEW.written_at = NEW.written_at + interval '1 microsecond'; RETURN NEW; END $$",
        "CREATE TRIGGER spoil BEFORE INSERT ON journal FOR EACH ROW EXECUTE FUNCTION spoil()",
        database=str(make_url(target).database),
    )
    code, says = await copied(database, target)
    assert (code != 0, "journal came out differently" in says) == (True, True)
    assert not any((await of_server(target)).values())
    await postgres.server().run("DROP FUNCTION spoil CASCADE", database=str(make_url(target).database))


async def test_nobody_may_be_at_work_on_either_side(story: Story, database: Path) -> None:
    target = await postgres.empty()
    with only_writer(f"sqlite+aiosqlite:///{database}"):
        code, says = await copied(database, target)
    assert (code != 0, "in use; stop the bot first" in says) == (True, True)
    busy = open_engine(target)
    async with busy.connect():
        code, says = await copied(database, target)
    assert (code != 0, "in use; stop the bot first" in says) == (True, True)
    await busy.dispose()


@pytest.mark.parametrize(
    ("source", "target", "says"),
    [
        ("nonsense", "postgresql+asyncpg://h/d", "FROM: must look like"),
        ("sqlite+aiosqlite:///x.db", "postgresql://h/d", "TO: must begin with"),
        ("sqlite+aiosqlite:///x.db", "sqlite+aiosqlite:///y.db", "TO a database on a PostgreSQL server"),
        ("sqlite+aiosqlite:///not-there.db", "postgresql+asyncpg://h/d", "not-there.db is not there"),
    ],
)
def test_what_it_is_given_is_looked_at(source: str, target: str, says: str) -> None:
    result = CliRunner().invoke(cli, ["copy", source, target])
    assert (result.exit_code != 0, says in result.output) == (True, True), result.output
