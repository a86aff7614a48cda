"""The doctor, at the playground's server for Telegram, on set-ups in order and out of order."""

import sqlite3
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from cryptography.fernet import Fernet

from bot.config import Settings
from bot.doctor import MB, look
from bot.doctor_telegram import Answer, _clock, _webhook
from bot.findings import Level, all_well
from bot.keys import LOST, load_keys
from bot.playground import people
from bot.playground.server import PlaygroundServer
from bot.storage.backup import reading
from bot.storage.engine import DatabaseBusyError, is_in_use, only_writer, open_engine
from bot.storage.types import vault
from bot.storage.unit_of_work import Storage
from tests.integration.support import migrated, url_of
from tests.integration.test_backup import change, damage

pytestmark = pytest.mark.sqlite_only

TOKEN = "4200001:right-token"
NOW = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
PLENTY = 10_000 * MB


class Practice:
    """A bot's folder, in which all is well, and Telegram."""

    def __init__(self, folder: Path, server: PlaygroundServer) -> None:
        self.folder, self.server = folder, server
        self.file, self.key, self.backups = folder / "bot.db", folder / "bot.key", folder / "kept"
        self.given: dict[str, Any] = {
            "telegram_token": TOKEN,
            "telegram_api_url": server.url,
            "database_url": url_of(self.file),
            "data_key_file": self.key,
            "backup_dir": self.backups,
            "content_dir": self.folder,  # without any: reading it all takes a second each time
        }

    @property
    def settings(self) -> Settings:
        return Settings(_env_file=None, **self.given)

    async def furnish(self) -> None:
        """As after a first start, and a night."""
        keys = load_keys(self.settings, None)
        await migrated(self.file)
        vault.unlock(keys)
        engine = open_engine(url_of(self.file))
        async with Storage(engine).unit_of_work() as uow:
            await uow.log.check_key()
            await uow.commit(NOW)
        await engine.dispose()
        self.backups.mkdir()
        (self.backups / "bot-2026-03-02.db").touch()

    async def finds(self, **more: Any) -> dict[str, str]:
        """What is not well, and how bad; no line gives anything away."""
        findings = await look(self.settings, free=more.pop("free", lambda _: PLENTY), now=NOW)
        lines = "\n".join(str(finding) for finding in findings)
        assert "right-token" not in lines
        if self.key.exists():
            assert self.key.read_text() not in lines
        assert len({finding.what for finding in findings}) == len(findings), "a line each"
        findings = [each for each in findings if each.what != "content"]
        bad = {each.what: str(each.level) for each in findings if each.level is not Level.OK}
        assert all(each.mend for each in findings if each.what in bad)
        assert all_well(findings) == ("wrong" not in bad.values())
        return bad

    async def says_it_is_lost(self) -> list[str]:
        """Which lines say what is true if the key is gone for good."""
        findings = await look(self.settings, free=lambda _: PLENTY, now=NOW)
        return [each.what for each in findings if each.mend.endswith(LOST)]

    async def call(self, method: str, **parameters: Any) -> None:
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.server.url}/bot{TOKEN}/{method}", json=parameters) as answer,
        ):
            assert answer.status == 200


@pytest.fixture
async def practice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Practice]:
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    server = PlaygroundServer(
        host="127.0.0.1", port=0, folder=tmp_path / "telegram", token=TOKEN, flowing=True
    )
    await server.start()
    yield Practice(folder, server)
    await server.stop()


async def test_all_is_well_and_nothing_is_disturbed(practice: Practice) -> None:
    await practice.furnish()
    practice.given["content_dir"] = None
    before = sorted(practice.folder.iterdir()), practice.file.read_bytes()
    with only_writer(practice.given["database_url"]):
        findings = await look(practice.settings, free=lambda _: PLENTY, now=NOW)
    assert {finding.level for finding in findings} == {Level.OK}, [str(each) for each in findings]
    said = "\n".join(str(finding) for finding in findings)
    for word in ("token", "telegram", "webhook", "clock", "database", "integrity", "migrations", "content"):
        assert f" {word} " in said
    assert "it is running" in said
    assert "key file" in said
    assert practice.file.read_bytes() == before[1]
    left = {path.name for path in practice.folder.iterdir()} - {path.name for path in before[0]}
    assert left <= {"bot.db.lock", "bot.db-wal", "bot.db-shm"}
    address = f"{practice.server.url}/playground/calls?since=0"
    async with aiohttp.ClientSession() as session, session.get(address) as answer:
        calls = (await answer.json())["calls"]
    assert {call["method"] for call in calls} <= {"getMe", "getWebhookInfo"}


async def test_before_the_first_start_all_is_well_too(practice: Practice) -> None:
    assert await practice.finds() == {}
    assert not practice.key.exists(), "it makes nothing"
    assert not practice.file.exists()


async def test_a_webhook_left_behind(practice: Practice) -> None:
    await practice.call("setWebhook", url="https://example.org/right-token")
    assert await practice.finds() == {"webhook": "warn"}
    with only_writer(practice.given["database_url"]):
        assert await practice.finds() == {"webhook": "wrong"}


async def test_the_chat_of_whoever_runs_it(practice: Practice) -> None:
    practice.given["operator_chat_id"] = 4711
    assert await practice.finds() == {"operator": "wrong"}
    world = practice.server.world
    olga = people.add_person(world, {"first_name": "Olga"})
    practice.given["operator_chat_id"] = olga.id
    assert await practice.finds() == {"operator": "wrong"}, "nobody is written to who has not pressed Start"
    people.ACTIONS["say"](world, olga, {"text": "/start"})
    assert await practice.finds() == {}


async def test_a_webhook_of_ours(practice: Practice) -> None:
    practice.given |= {"webhook_url": "https://example.org/ours", "webhook_secret": "right-token-of-ours"}
    assert await practice.finds() == {"webhook": "warn"}
    await practice.call("setWebhook", url="https://example.org/another")
    assert await practice.finds() == {"webhook": "warn"}
    await practice.call("setWebhook", url="https://example.org/ours")
    assert await practice.finds() == {}
    for waiting, level in ((0, Level.OK), (3, Level.WRONG)):
        result = {"url": "ours", "pending_update_count": waiting, "last_error_message": "Connection failed"}
        answer = Answer(status=200, result=result, date=None, at=NOW, seconds=0.1)
        assert _webhook(answer, "ours", running=True).level is level


async def test_a_wrong_token_no_token_and_no_way_to_telegram(practice: Practice) -> None:
    practice.given["telegram_token"] = "4200001:other"
    assert await practice.finds() == {"token": "wrong"}
    practice.given["telegram_token"] = ""
    assert await practice.finds() == {"token": "wrong"}
    practice.given |= {"telegram_token": TOKEN, "telegram_api_url": "http://127.0.0.1:9"}
    assert await practice.finds() == {"telegram": "wrong"}


async def test_the_key_file_is_for_its_owner_alone_and_the_right_one(practice: Practice) -> None:
    await practice.furnish()
    practice.key.chmod(0o644)
    assert await practice.finds() == {"key file": "wrong"}
    practice.key.chmod(0o600)
    practice.key.write_text("rubbish, and others")
    assert await practice.finds() == {"key file": "wrong"}
    practice.key.write_text(Fernet.generate_key().decode())
    assert await practice.finds() == {"key": "wrong"}
    assert await practice.says_it_is_lost() == ["key"]
    practice.key.unlink()
    assert await practice.finds() == {"key file": "wrong"}
    assert await practice.says_it_is_lost() == ["key file"]
    assert not practice.key.exists()


async def test_a_newer_an_older_and_a_damaged_database(practice: Practice) -> None:
    await practice.furnish()
    change(practice.file, "UPDATE alembic_version SET version_num = '9999'")
    assert await practice.finds() == {"migrations": "wrong"}
    change(practice.file, "UPDATE alembic_version SET version_num = '0001'")
    assert await practice.finds() == {"migrations": "warn"}
    damage(practice.file)
    assert (await practice.finds())["integrity"] == "wrong"


async def test_little_room(practice: Practice) -> None:
    assert await practice.finds(free=lambda _: 300 * MB) == {"disk": "warn"}
    assert await practice.finds(free=lambda _: 10 * MB) == {"disk": "wrong"}


async def test_backups_that_are_not_made(practice: Practice) -> None:
    await practice.furnish()
    newest = practice.backups / "bot-2026-03-02.db"
    newest = newest.rename(practice.backups / "bot-2026-02-20.db")
    assert await practice.finds() == {"backups": "wrong"}
    newest.unlink()
    assert await practice.finds() == {"backups": "warn"}
    practice.given["backup_dir"] = None
    assert await practice.finds() == {"backups": "warn"}
    practice.given["backup_dir"] = practice.folder / "nowhere" / "kept"
    assert await practice.finds() == {"backups": "wrong"}


async def test_content_with_faults_and_settings_that_others_read(practice: Practice) -> None:
    env = practice.folder / ".env"
    env.touch()
    env.chmod(0o644)
    assert await practice.finds() == {"settings": "warn"}
    content = {each.what: each for each in await look(practice.settings, now=NOW)}["content"]
    assert content.level is Level.WRONG
    assert "content check" in content.mend


@pytest.mark.parametrize(
    ("seconds", "level"), [(0, "ok"), (4, "ok"), (-4, "ok"), (20, "warn"), (-20, "warn"), (3_600, "wrong")]
)
def test_a_clock_that_goes_wrong(seconds: float, level: str) -> None:
    found = _clock(Answer(200, {}, NOW, NOW + timedelta(seconds=seconds), 0.1))
    assert str(found.level) == level
    assert ("slow" in found.says) == (level != "ok" and seconds < 0)


def test_looking_whether_it_is_in_use_makes_nothing_and_hinders_nobody(tmp_path: Path) -> None:
    url = url_of(tmp_path / "bot.db")
    assert is_in_use(url) is False
    assert list(tmp_path.iterdir()) == []
    with only_writer(url):
        assert is_in_use(url) is True
        with pytest.raises(DatabaseBusyError), only_writer(url):
            pass
    assert is_in_use(url) is False
    with only_writer(url):
        pass


def test_the_check_reads_only(tmp_path: Path) -> None:
    change(tmp_path / "x.db", "CREATE TABLE t (i)")
    with reading(tmp_path / "x.db") as connection, pytest.raises(sqlite3.OperationalError):
        connection.execute("INSERT INTO t VALUES (1)")
