"""What is so on PostgreSQL alone: who is let in, one bot at a time, a server that comes and goes."""

import asyncio
import socket
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
import structlog
from cryptography.fernet import Fernet
from sqlalchemy import insert, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from structlog.testing import LogCapture
from typer.testing import CliRunner

from bot import log as logs
from bot.__main__ import _mendable
from bot.config import Settings
from bot.db_cli import cli
from bot.domain.model import PersonId
from bot.findings import Level
from bot.storage import postgres as servers
from bot.storage import tables
from bot.storage.engine import DatabaseBusyError, open_engine
from bot.storage.examine_server import examine_server
from bot.storage.migrate import migrate
from bot.storage.postgres import holder
from bot.storage.trouble import DatabaseTroubleError, Trouble, trouble_of
from bot.storage.types import vault
from bot.storage.unit_of_work import Storage
from tests import postgres

from .conftest import NOW, Story
from .test_encryption import a_whole_story

pytestmark = pytest.mark.postgres_only

OLD, NEW = (Fernet.generate_key().decode() for _ in range(2))


@pytest.fixture(autouse=True)
def logged() -> Iterator[list[Any]]:
    """What the log would print."""
    capture = LogCapture()
    structlog.configure(processors=[logs.leave_out_told, capture])
    yield capture.entries
    structlog.reset_defaults()


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """It asks for the lock twice only."""
    monkeypatch.setattr(servers, "TRIES", 2)
    monkeypatch.setattr(servers, "LOOKING", 0.0)


async def add_line(storage: Storage, person: PersonId, words: str) -> None:
    async with storage.unit_of_work() as uow:
        await uow.journal.add(person, words, NOW)
        await uow.commit(NOW)


async def lines(story: Story) -> list[str]:
    return [row.text for row in await story.rows(tables.journal)]


# -- who is let in


def nowhere(_: postgres.Server) -> str:
    return "postgresql+asyncpg://stillhere:not-to-be-shown@127.0.0.1:1/stillhere"


@pytest.mark.parametrize(
    ("url", "says"),
    [
        (nowhere, "stillhere at 127.0.0.1: the server cannot be reached; see that it runs"),
        (lambda server: server.tcp("postgres", "not-to-be-shown"), "does not let this user in; see user and"),
        (lambda server: server.tcp("postgres", "not-to-be-shown", "nobody"), "does not let this user in"),
        (lambda server: server.tcp("no_such"), "no_such at 127.0.0.1: there is no such database on the"),
        (lambda server: server.url("no_such").replace("stillhere-pg", "no-pg"), "cannot be reached"),
    ],
)
async def test_who_is_not_let_in_is_told_in_one_line(url: Any, says: str) -> None:
    given = url(postgres.server())
    for opening in (migrate(given), Storage(open_engine(given)).unit_of_work().__aenter__()):
        with pytest.raises(DatabaseTroubleError) as raised:
            await opening
        line = _mendable(raised.value)
        assert line is not None
        assert line.startswith("DATABASE_URL: ")
        assert says in line
        assert "not-to-be-shown" not in line
        assert postgres.PASSWORD not in line


async def test_a_user_who_may_make_no_tables(url: str) -> None:
    empty = make_url(await postgres.empty())
    server = postgres.server()
    await server.run("DROP ROLE IF EXISTS guest", "CREATE ROLE guest LOGIN PASSWORD 'guest'")
    theirs = server.tcp(str(empty.database), "guest", "guest")
    with pytest.raises(DatabaseTroubleError, match="this user may not do there what the bot has to"):
        await migrate(theirs)
    [line] = [each for each in await examine_server(make_url(theirs), None) if each.what == "database"]
    assert (line.level, "may make no tables" in line.says) == (Level.WRONG, True)


async def test_one_bot_at_a_time(url: str, impatient: None) -> None:
    first = open_engine(url)
    async with first.connect():
        pass  # the connection stays in the pool, and the lock with it
    assert await holder(make_url(url))
    with pytest.raises(DatabaseBusyError) as raised:
        await migrate(url)
    assert "is in use by another StillHere" in str(_mendable(raised.value))
    other = await postgres.migrated()
    assert not await holder(make_url(other)), "another database is another lock"
    await first.dispose()
    assert not await holder(make_url(url))
    await migrate(url)


async def test_who_lost_the_lock_to_another_writes_no_more(story: Story, url: str, impatient: None) -> None:
    mara = await story.person("Mara")
    await postgres.end_connections(url)
    other = open_engine(url)
    async with other.connect():
        with pytest.raises(DatabaseTroubleError, match="another StillHere uses it"):
            await add_line(story.storage, mara, "both at once")
    await other.dispose()
    await add_line(story.storage, mara, "alone again")
    assert await lines(story) == ["alone again"]


# -- a server that goes away


async def test_a_connection_that_was_lost_meanwhile_is_made_anew(story: Story, url: str, logged: Any) -> None:
    mara = await story.person("Mara")
    await postgres.end_connections(url)
    await add_line(story.storage, mara, "after it")
    assert await lines(story) == ["after it"]
    assert logged == []


async def test_lost_in_the_middle_nothing_is_kept_and_it_goes_on_by_itself(
    story: Story, url: str, logged: Any
) -> None:
    mara = await story.person("Mara")

    async def half_way() -> None:
        async with story.storage.unit_of_work() as uow:
            await uow.journal.add(mara, "half", NOW)
            await postgres.end_connections(url)
            await uow.journal.add(mara, "way", NOW)
            await uow.commit(NOW)

    for _ in range(2):
        with pytest.raises(DatabaseTroubleError, match="cannot be reached"):
            await half_way()
    assert await lines(story) == []
    await add_line(story.storage, mara, "whole")
    assert await lines(story) == ["whole"]
    assert [entry["event"] for entry in logged] == ["database.trouble", "database.well_again"]


async def test_only_what_was_written_proves_that_it_is_well(story: Story, url: str, logged: Any) -> None:
    mara = await story.person("Mara")

    async def fails() -> None:
        async with story.storage.unit_of_work() as uow:
            await postgres.end_connections(url)
            await uow.people.get(mara)

    with pytest.raises(DatabaseTroubleError):
        await fails()
    async with story.storage.unit_of_work() as uow:
        await uow.people.get(mara)
        await uow.commit(NOW)
    assert [entry["event"] for entry in logged] == ["database.trouble"]


async def test_both_sides_notice_that_the_other_is_gone() -> None:
    name = str(make_url(await postgres.empty()).database)
    engine = open_engine(postgres.server().tcp(name))
    async with engine.connect() as connection:
        driver: Any = (await connection.get_raw_connection()).driver_connection
        ours = driver._transport.get_extra_info("socket")
        assert ours.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        assert ours.getsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE) == 15
        theirs = [await connection.execute(text(f"SHOW tcp_keepalives_{name}")) for name in ("idle", "count")]
        assert [each.scalar_one() for each in theirs] == ["15", "3"]
    await engine.dispose()


@asynccontextmanager
async def holding(url: str, *statements: str) -> AsyncIterator[Any]:
    other = await postgres.server().connect(str(make_url(url).database))
    await other.execute("; ".join(("BEGIN", *statements)))
    yield other
    await other.close()


async def test_a_lock_of_another_program_is_waited_for_and_told(story: Story, url: str) -> None:
    mara = await story.person("Mara")
    async with story.storage.unit_of_work() as uow:
        await uow._connection.execute(text("SET SESSION lock_timeout = 20"))
        await uow.commit(NOW)
    async with holding(url, "LOCK TABLE journal"):
        with pytest.raises(DatabaseTroubleError, match="other programs held it up") as raised:
            await add_line(story.storage, mara, "not now")
    assert raised.value.trouble is Trouble.HELD_UP
    await add_line(story.storage, mara, "now")


async def test_a_deadlock_is_no_fault_of_what_was_done(story: Story, url: str) -> None:
    mara = await story.person("Mara")
    async with story.storage.unit_of_work() as uow:
        await uow._connection.execute(text("SET SESSION deadlock_timeout = 10"))
        await uow.commit(NOW)
    async with holding(url, "SET LOCAL deadlock_timeout = '9s'", "LOCK TABLE journal") as other:
        waiting: list[asyncio.Task[Any]] = []

        async def crosses() -> None:
            async with story.storage.unit_of_work() as uow:
                await uow.reminders.add(mara, "pause", {}, NOW)
                waiting.append(asyncio.create_task(other.execute("LOCK TABLE reminders")))
                await asyncio.sleep(0)
                await uow.journal.add(mara, "crossed", NOW)

        with pytest.raises(DatabaseTroubleError) as raised:
            await crosses()
        await waiting[0]
    assert raised.value.trouble is Trouble.HELD_UP


def test_the_servers_errors_are_told_apart() -> None:
    class Raised(Exception):
        def __init__(self, state: str) -> None:
            self.sqlstate = state

    told = {
        "53100": Trouble.FULL,
        "53300": Trouble.CROWDED,
        "57P03": Trouble.UNREACHABLE,
        "08006": Trouble.UNREACHABLE,
        "25006": Trouble.ONLY_READS,
        "40001": Trouble.HELD_UP,
        "XX001": Trouble.SERVER_DAMAGED,
        "23505": None,  # unique: ours
        "42601": None,  # syntax: ours
        "22021": None,
    }
    for state, trouble in told.items():
        assert trouble_of(DBAPIError("…", None, Raised(state))) is trouble, state


# -- values


async def test_values_come_back_as_they_were(story: Story) -> None:
    odd = "zero \x00, half a pair \ud83d, a whole one \U0001f64f"
    mara = await story.person(f"Mara\x00{odd}")
    assert (await story.whole(mara)).name == f"Mara\x00{odd}"
    await add_line(story.storage, mara, odd)
    assert await lines(story) == [odd]
    async with story.storage.unit_of_work() as uow:
        draft = await uow.drafts.put(mara, "kind", NOW, {"words": "zero \x00"}, private=odd)
        await uow.commit(NOW)
    assert (draft.parameters["words"], draft.private) == ("zero \x00", odd)


async def test_instants_are_utc_whatever_the_zone_they_are_given_in(story: Story) -> None:
    mara = await story.person("Mara")
    given = datetime(2026, 7, 1, 1, 30, 0, 123456, tzinfo=timezone(timedelta(hours=5, minutes=30)))
    async with story.storage.unit_of_work() as uow:
        await uow._connection.execute(text("SET SESSION timezone = 'America/New_York'"))
        statement = insert(tables.journal).values(person_id=mara, text="x", written_at=given)
        await uow._connection.execute(statement)
        found = (await uow._connection.execute(select(tables.journal.c.written_at))).scalar_one()
    assert (found, found.tzinfo) == (given, UTC)


async def test_the_isolation_is_the_one_that_was_chosen(story: Story) -> None:
    async with story.storage.unit_of_work() as uow:
        found = await uow._connection.execute(text("SHOW transaction_isolation"))
        assert found.scalar_one() == "read committed"


async def test_what_is_read_aside_is_of_one_instant_and_cannot_write(story: Story) -> None:
    assert await story.storage.aside(lambda c: c.execute(text("SHOW transaction_isolation")).scalar()) == (
        "repeatable read"
    )
    with pytest.raises(DBAPIError, match="read-only"):
        await story.storage.aside(lambda c: c.execute(text("DELETE FROM people")))


# -- the commands


def command(url: str, *words: str, keys: str = OLD) -> tuple[int, str]:
    result = CliRunner().invoke(cli, list(words), env={"DATABASE_URL": url, "DATA_KEY": keys})
    return result.exit_code, result.output


def test_what_is_for_files_names_the_servers_own(url: str) -> None:
    for words in (("backup", "x.db"), ("restore", __file__)):
        code, says = command(url, *words)
        assert code != 0
        assert "pg_dump" in says
        assert "pg_restore" in says


async def test_the_check_of_a_database_on_a_server(story: Story, url: str) -> None:
    found = await examine_server(make_url(await postgres.empty()), [OLD])
    assert ["it is empty" in each.says for each in found] == [False, True]
    vault.unlock([OLD])
    await a_whole_story(story)
    async with story.storage.unit_of_work() as uow:
        await uow.log.check_key()
        await uow.commit(NOW)
    whole = await examine_server(make_url(url), [OLD])
    assert [(each.level, each.what) for each in whole] == [
        (Level.OK, "database"),
        (Level.OK, "migrations"),
        (Level.OK, "key"),
    ]
    assert (await examine_server(make_url(url), [NEW]))[-1].level is Level.WRONG
    assert (await examine_server(make_url(url), [NEW, OLD]))[-1].level is Level.WARN


async def test_the_key_is_changed_on_a_server_too(story: Story, url: str, impatient: None) -> None:
    vault.unlock([OLD])
    await a_whole_story(story)
    async with story.storage.unit_of_work() as uow:
        await uow.log.check_key()
        await uow.commit(NOW)
    both = f"{NEW},{OLD}"
    code, says = await asyncio.to_thread(command, url, "rotate-key", keys=both)
    assert (code != 0, "stop the bot first" in says) == (True, True)
    await story.storage.close()
    code, says = await asyncio.to_thread(command, url, "rotate-key", keys=both)
    assert code == 0, says
    assert " values were written anew, 0 had the new key already" in says
    code, says = await asyncio.to_thread(command, url, "check", keys=NEW)
    assert (code, "it opens what is stored" in says) == (0, True), says
    code, says = await asyncio.to_thread(command, url, "rotate-key", keys=both)
    assert (code, says.startswith("0 values were written anew")) == (0, True)
    vault.unlock([NEW])
    assert "marker-journal" in await lines(story)


def test_the_doctor_of_a_server(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    from bot import doctor

    async def nobody_asked(*_: Any, **__: Any) -> list[Any]:
        return []

    monkeypatch.setattr(doctor, "ask_telegram", nobody_asked)

    def look(given: str) -> dict[str, tuple[Level, str]]:
        settings = Settings(_env_file=None, database_url=given, data_key=OLD)
        return {each.what: (each.level, each.says) for each in asyncio.run(doctor.look(settings))}

    found = look(url)
    assert "disk" not in found
    assert found["bot"] == (Level.OK, "it is not running")
    assert found["database"][0] is Level.OK
    assert "PostgreSQL 1" in found["database"][1]
    assert found["backups"] == (Level.OK, f"those of a server are made with {doctor.PG_DUMP}, not by the bot")
    found = look(postgres.server().tcp("postgres", "not-to-be-shown"))
    assert found["bot"][0] is Level.WARN
    assert found["database"][0] is Level.WRONG
