"""A statement in one trip to SQLite's thread behaves as in four."""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from bot.storage.engine import open_engine
from bot.storage.one_hop import OneHopConnection, connect

pytestmark = pytest.mark.sqlite_only


async def test_what_a_cursor_tells(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path / 'one.db'}")
    try:
        async with engine.begin() as connection:
            await connection.execute(text("CREATE TABLE t (id INTEGER PRIMARY KEY, word TEXT UNIQUE)"))
            added = await connection.execute(text("INSERT INTO t (word) VALUES ('a') RETURNING id"))
            assert added.all() == [(1,)]
            await connection.execute(
                text("INSERT INTO t (word) VALUES (:word)"), [{"word": "b"}, {"word": "c"}]
            )
            changed = await connection.execute(text("UPDATE t SET word = word || '!'"))
            assert changed.rowcount == 3
            found = await connection.execute(text("SELECT id, word FROM t ORDER BY id"))
            assert list(found.keys()) == ["id", "word"]
            assert found.all() == [(1, "a!"), (2, "b!"), (3, "c!")]
    finally:
        await engine.dispose()


async def test_errors_are_sqlalchemys_and_the_connection_goes_on(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path / 'one.db'}")
    try:
        async with engine.begin() as connection:
            await connection.execute(text("CREATE TABLE t (word TEXT UNIQUE)"))
            await connection.execute(text("INSERT INTO t VALUES ('a')"))
        for statement, error in (
            ("INSERT INTO t VALUES ('a')", IntegrityError),
            ("SELECT nothing", OperationalError),
        ):
            with pytest.raises(error):
                async with engine.begin() as connection:
                    await connection.execute(text(statement))
        async with engine.connect() as connection:
            assert (await connection.execute(text("SELECT count(*) FROM t"))).scalar_one() == 1
    finally:
        await engine.dispose()


async def test_the_engine_uses_it(tmp_path: Path) -> None:
    engine = open_engine(f"sqlite+aiosqlite:///{tmp_path / 'one.db'}")
    try:
        async with engine.connect() as connection:
            raw = await connection.get_raw_connection()
            assert isinstance(raw.driver_connection, OneHopConnection)
    finally:
        await engine.dispose()


async def test_it_closes(tmp_path: Path) -> None:
    connection = await connect(str(tmp_path / "one.db"))
    await connection.close()
    with pytest.raises(ValueError, match="closed"):
        await connection.run(print)
