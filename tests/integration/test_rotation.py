"""Changing the key: all that is stored is written anew, and then the old key is needed no more."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from cryptography.fernet import Fernet, InvalidToken
from typer.testing import CliRunner

from bot.content.catalog import Content
from bot.db_cli import cli
from bot.findings import Level
from bot.keys import LOST
from bot.storage import rotation
from bot.storage.backup import back_up
from bot.storage.engine import only_writer
from bot.storage.examine import examine
from bot.storage.rotation import SEALED, count_keys, rotate
from bot.storage.types import DataKeyError, vault
from bot.storage.unit_of_work import Storage

from .conftest import Story
from .test_encryption import a_whole_story, found

pytestmark = pytest.mark.sqlite_only

OLD, NEW, OTHER = (Fernet.generate_key().decode() for _ in range(3))


@pytest.fixture
async def story(storage: Storage, content: Content) -> Story:
    """Written with the old key, and closed so that nobody has the file open."""
    vault.unlock([OLD])
    return Story(storage, content)


async def written(story: Story, file: Path) -> int:
    """A whole story; how many values there are."""
    await a_whole_story(story)
    async with story.storage.unit_of_work() as uow:
        await uow.log.check_key()
        await uow.commit(story.now)
    await story.storage.close()
    with closing(sqlite3.connect(file)) as connection:
        return count_keys(connection, [OLD]).newest


def counted(file: Path, *keys: str) -> tuple[int, int, int]:
    with closing(sqlite3.connect(file)) as connection:
        count = count_keys(connection, keys)
    return count.newest, count.older, count.lost


def key_line(file: Path, *keys: str) -> tuple[Level, str]:
    [line] = [each for each in examine(file, keys) if each.what == "key"]
    return line.level, line.says


def tokens(file: Path) -> set[bytes]:
    with closing(sqlite3.connect(file)) as connection:
        return {
            token
            for table, columns in SEALED.items()
            for row in connection.execute(f"SELECT {', '.join(columns)} FROM {table}")
            for token in row
            if token is not None
        }


async def test_afterwards_the_new_key_alone_opens_everything(story: Story, database: Path) -> None:
    total = await written(story, database)
    assert total > 60
    before = tokens(database)
    assert key_line(database, NEW, OLD)[0] is Level.WARN

    said: dict[str, int] = {}
    count = rotate(database, [NEW, OLD], said.__setitem__)
    assert (count.older, count.lost) == (total, 0)
    assert {"people", "journal", "received"} - set(said) <= {"received"}
    assert sum(said.values()) == total
    assert counted(database, NEW) == (total, 0, 0)
    assert key_line(database, NEW, OLD) == (
        Level.OK,
        "the first key opens all that is stored; the others may go (older backups need theirs)",
    )
    assert key_line(database, NEW)[0] is Level.OK
    assert key_line(database, OLD)[0] is Level.WRONG
    # Nothing of the old is left: not in the file, not in its log, not in a backup.
    backup = database.with_name("backup.db")
    back_up(database, backup)
    for file in database.parent.iterdir():
        content = file.read_bytes()
        assert not [token for token in before if token in content], file.name
    assert found(database) == []

    vault.unlock([NEW])
    lines = [row.text for row in await story.rows(rotation.tables.journal)]
    assert "marker-journal" in lines
    assert rotate(database, [NEW, OLD]).older == 0


async def test_broken_off_it_is_run_again(
    story: Story, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    total = await written(story, database)
    monkeypatch.setattr(rotation, "BATCH", 2)

    class Broken(Exception):
        pass

    def stop(table: str, _values: int) -> None:
        if table == "people":
            raise Broken

    with pytest.raises(Broken):
        rotate(database, [NEW, OLD], stop)
    done = counted(database, NEW, OLD)
    assert 0 < done[0] < total
    assert key_line(database, NEW)[0] is Level.WRONG  # with half of it done the old key may not go
    assert rotate(database, [NEW, OLD]).older == total - done[0]
    assert counted(database, NEW) == (total, 0, 0)


async def test_what_no_key_opens_is_counted_and_left(story: Story, database: Path) -> None:
    total = await written(story, database)
    before = tokens(database)
    count = rotate(database, [NEW, OTHER])
    assert (count.older, count.lost) == (0, total)
    assert tokens(database) == before
    assert key_line(database, OLD)[0] is Level.OK
    with pytest.raises(DataKeyError):
        rotate(database, ["no key"])


def test_every_encrypted_column_is_known() -> None:
    assert {table: set(columns) for table, columns in SEALED.items()} == {
        "people": {"name"},
        "kept_messages": {"text"},
        "topics": {"text"},
        "space_participants": {"wording"},
        "saved_wordings": {"text"},
        "sessions": {"notes"},
        "journal": {"text"},
        "reminders": {"text"},
        "signal_wordings": {"text"},
        "together_answers": {"text"},
        "received": {"words"},
        "drafts": {"private"},
        "outbox": {"private"},
        "failed_updates": {"body"},
    }


async def test_nothing_readable_in_the_file_its_log_or_a_backup(story: Story, database: Path) -> None:
    """With the bot still at work: its log is there, too."""
    await a_whole_story(story)
    back_up(database, database.with_name("backup.db"))
    names = {each.name for each in database.parent.iterdir()}
    assert {"backup.db", f"{database.name}-wal"} <= names
    assert found(database) == []
    with closing(sqlite3.connect(database.with_name("backup.db"))) as connection:
        [(token,)] = connection.execute("SELECT text FROM journal LIMIT 1")
    with pytest.raises(InvalidToken):
        Fernet(NEW).decrypt(token)


async def test_the_command_refuses_while_the_bot_runs_and_says_what_it_did(
    story: Story, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    total = await written(story, database)
    url = f"sqlite+aiosqlite:///{database}"
    monkeypatch.chdir(database.parent)

    def command(keys: str) -> tuple[int, str]:
        result = CliRunner().invoke(cli, ["rotate-key"], env={"DATABASE_URL": url, "DATA_KEY": keys})
        return result.exit_code, result.output

    code, says = command(OLD)
    assert (code != 0, "one key only" in says) == (True, True)
    with only_writer(url):
        code, says = command(f"{NEW},{OLD}")
    assert (code != 0, "stop the bot first" in says) == (True, True)
    assert counted(database, OLD) == (total, 0, 0)
    code, says = command(f"{NEW},{OTHER}")
    assert (code != 0, f"{total} are opened by none" in says) == (True, True)
    code, says = command(f"{NEW},{OLD}")
    assert (code, f"{total} values were written anew" in says) == (0, True)
    assert counted(database, NEW) == (total, 0, 0)
    assert not [key for key in (OLD, NEW) if key in says]


async def test_with_its_key_lost_the_check_says_so_and_that_the_file_is_whole(
    story: Story, database: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await written(story, database)
    monkeypatch.chdir(database.parent)
    settings = {"DATABASE_URL": f"sqlite+aiosqlite:///{database}", "DATA_KEY_FILE": "lost.key"}

    def check(key: str) -> tuple[int, str]:
        result = CliRunner().invoke(cli, ["check"], env=settings | {"DATA_KEY": key})
        return result.exit_code, result.output

    for key, why in (("", "lost.key cannot be read"), (OTHER, "this key does not open what is stored")):
        code, says = check(key)
        assert (code, "the file is whole" in says, why in says, LOST in says) == (1, True, True, True), says
    assert check(OLD)[0] == 0
    assert not database.with_name("lost.key").exists()
