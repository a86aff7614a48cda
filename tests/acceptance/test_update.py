"""An update of the bot with migrations: what people sent meanwhile is answered, soon, and nothing is lost."""

import signal
import time
from pathlib import Path

from alembic import command
from sqlalchemy import create_engine, text

from bot.storage.migrate import _config, newest_revision, revision_of
from tests.acceptance.hosted import Hosted
from tests.acceptance.test_faults import at_home, look

OLDER = "0008"
PEOPLE = 2_000
ANSWERS_WITHIN = 5.0
"""Real seconds from the start of the new version; on a machine that is busy, two starts' worth."""


def as_before(file: Path, revision: str) -> None:
    """The database as an older version left it, and many more people in it."""
    engine = create_engine(f"sqlite:///{file}")
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA foreign_keys = OFF")
        command.downgrade(_config(connection), revision)
        [person] = connection.execute(text("SELECT * FROM people LIMIT 1")).mappings().all()
        names = [name for name in person if name != "id"]
        copied = (
            f"INSERT INTO people ({', '.join(names)}) SELECT {', '.join(names)} FROM people WHERE id = :id"
        )
        connection.execute(text(copied), [{"id": person["id"]}] * PEOPLE)
        connection.commit()
        assert revision_of(connection) == revision
    engine.dispose()


async def start(playground: Hosted) -> float:
    """How long it takes, until all that waited is answered."""
    begin = time.monotonic()
    await playground.start()
    return time.monotonic() - begin


async def test_an_update_with_migrations_loses_nothing_and_answers_soon(tmp_path: Path) -> None:
    async with Hosted(tmp_path) as playground:
        people = [await playground.person(f"Person {number}") for number in range(5)]
        await at_home(*people)
        await people[0].say("/remind every 2 hours from 9 to 18")
        before = look(playground, "SELECT count(*) FROM people"), look(playground, "SELECT kind FROM timers")
        await playground.end_bot(signal.SIGTERM)
        as_before(tmp_path / "bot.db", OLDER)
        for person in people:
            await playground.post(f"people/{person.id}/say", {"text": "/help"})
        took = await start(playground)
        for person in people:
            assert await person.has("help.main")
        [(count,)] = before[0]
        assert look(playground, "SELECT count(*) FROM people") == [(count + PEOPLE,)]
        assert look(playground, "SELECT kind FROM timers") == before[1]
        assert look(playground, "SELECT version_num FROM alembic_version") == [(newest_revision(),)]
        await playground.end_bot(signal.SIGTERM)
        without = await start(playground)
    assert took < max(ANSWERS_WITHIN, 2 * without), f"{took:.1f} s; without migrations {without:.1f} s"
