"""Starting the bot with settings, files and networks that are not as they should be."""

import asyncio
import hashlib
import os
import re
import shutil
import signal
import socket
import sqlite3
import sys
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import aiohttp
import pytest
from cryptography.fernet import Fernet

from bot.keys import LOST
from bot.playground.server import PlaygroundServer
from tests import postgres
from tests.acceptance import processes
from tests.acceptance.harness import ROOT, SETTINGS, Playground

TOKEN = "4200001:right-token"
PATIENCE = 60


@dataclass
class Started:
    """A `python -m bot …` in a folder of its own, and what it printed."""

    process: asyncio.subprocess.Process
    lines: list[str] = field(default_factory=list)
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)
    _readers: list["asyncio.Task[None]"] = field(default_factory=list)

    def listen(self) -> None:
        for stream in (self.process.stdout, self.process.stderr):
            self._readers.append(asyncio.create_task(self._read(stream)))

    async def until(self, words: str) -> str:
        """The first line with these words."""

        def found() -> str | None:
            return next((line for line in self.lines if words in line), None)

        async with self._news:
            ends = lambda: found() or all(reader.done() for reader in self._readers)  # noqa: E731
            await asyncio.wait_for(self._news.wait_for(ends), PATIENCE)
        line = found()
        assert line is not None, self.lines
        return line

    async def ended(self, how: signal.Signals | None = None) -> int:
        """Its exit code."""
        if how is not None:
            self.process.send_signal(how)
        try:
            code = await asyncio.wait_for(self.process.wait(), PATIENCE)
        finally:
            if self.process.returncode is None:
                self.process.kill()
        await asyncio.gather(*self._readers)
        return code

    async def _read(self, stream: Any) -> None:
        async for line in stream:
            self.lines.append(line.decode().rstrip())
            async with self._news:
                self._news.notify_all()
        async with self._news:
            self._news.notify_all()


class Place:
    """A folder, settings for what is started there, and a Telegram of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.settings: dict[str, str] = {"TELEGRAM_TOKEN": TOKEN, "DATABASE_URL": self.url("bot.db")}
        self._servers: list[PlaygroundServer] = []
        self._started: list[Started] = []

    def url(self, name: str) -> str:
        return f"sqlite+aiosqlite:///{self.folder / name}"

    async def telegram(self, *, port: int = 0, token: str = TOKEN) -> str:
        folder = self.folder.parent / f"telegram{len(self._servers)}"
        server = PlaygroundServer(host="127.0.0.1", port=port, folder=folder, token=token, flowing=True)
        await server.start()
        self._servers.append(server)
        self.settings["TELEGRAM_API_URL"] = server.url
        return server.url

    async def start(self, *arguments: str, settings: Mapping[str, str] | None = None) -> Started:
        kept = {name: value for name, value in os.environ.items() if not SETTINGS.match(name)}
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "bot", *(arguments or ("run",))),
            cwd=self.folder,
            env={
                **kept,
                "PYTHONPATH": str(ROOT),
                "PYTHONUNBUFFERED": "1",
                **self.settings,
                **(settings or {}),
            },
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            start_new_session=True,
        )
        started = Started(process)
        started.listen()
        self._started.append(started)
        return started

    async def complains(self, *arguments: str, settings: Mapping[str, str] | None = None) -> str:
        """It does not start, and says why in one line."""
        started = await self.start(*arguments, settings=settings)
        code = await started.ended()
        assert code == 2, started.lines
        assert len(started.lines) == 1, started.lines
        return started.lines[0]

    async def close(self) -> None:
        for started in self._started:
            if started.process.returncode is None:
                await started.ended(signal.SIGKILL)
        for server in self._servers:
            await server.stop()


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    folder = tmp_path / "here"
    folder.mkdir()
    made = Place(folder)
    yield made
    await made.close()


def names(folder: Path) -> list[str]:
    return sorted(file.name for file in folder.iterdir())


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


# -- settings


@pytest.mark.parametrize(
    ("setting", "value", "mend"),
    [
        ("TELEGRAM_TOKEN", "12a:b", "@BotFather"),
        ("DATABASE_URL", "mysql://x/y", "sqlite+aiosqlite:"),
        ("DATA_KEY", "too-short", "32 bytes"),
    ],
)
async def test_a_wrong_setting_is_one_line_with_the_mend(
    place: Place, setting: str, value: str, mend: str
) -> None:
    line = await place.complains(settings={setting: value})
    assert line.startswith(f"{setting}: ")
    assert mend in line
    assert "token" not in setting.lower() or value not in line, "never the token itself"


async def test_a_wrong_setting_in_the_env_file_is_found_too(place: Place) -> None:
    (place.folder / ".env").write_text("LOG_LEVEL=loud\n")
    assert (await place.complains()).startswith("LOG_LEVEL: ")


async def test_the_playground_clock_and_the_real_telegram_do_not_mix(place: Place) -> None:
    line = await place.complains(settings={"PLAYGROUND_URL": "http://127.0.0.1:1"})
    assert line.startswith("PLAYGROUND_URL: ")


async def test_a_busy_port(place: Place) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        port = listener.getsockname()[1]
        line = await place.complains("playground", settings={"PORT": str(port)})
    assert re.fullmatch(rf"PORT: {port} cannot be used \(.+\); choose another: PORT=\d+ make run", line)


async def test_content_with_faults_does_not_start_and_every_fault_is_named(place: Place) -> None:
    content = place.folder / "content"
    shutil.copytree(ROOT / "content", content)
    strings = content / "en" / "strings.yaml"
    lines = strings.read_text().splitlines()
    strings.write_text("\n".join([*lines, "broken_number: 5", 'broken_brace: "{"', ""]))
    script = sorted((content / "en" / "scripts").glob("*.yaml"))[0]
    script.write_text("id: [\n")
    started = await place.start(settings={"CONTENT_DIR": str(content)})
    assert await started.ended() == 2
    printed = "\n".join(started.lines)
    assert f"{strings}:{len(lines) + 1}: " in printed
    assert f"{strings}:{len(lines) + 2}: " in printed
    assert re.search(rf"^{re.escape(str(script))}:\d+: ", printed, re.MULTILINE)
    assert "Traceback" not in printed
    assert not (place.folder / "bot.db").exists()


# -- the database and its key


async def test_what_is_wrong_with_the_database_or_its_key_is_one_line(place: Place) -> None:
    await place.telegram()
    running = await place.start()
    await running.until("bot.started")
    line = await place.complains()
    assert line.startswith("DATABASE_URL: ")
    assert "in use" in line
    assert await running.ended(signal.SIGTERM) == 0

    key, database = place.folder / "data" / "stillhere.key", place.folder / "bot.db"
    assert key.stat().st_mode & 0o777 == 0o600
    kept = fingerprint(database)
    line = await place.complains(settings={"DATA_KEY": Fernet.generate_key().decode()})
    assert line.startswith("DATA_KEY: this key does not open the database; use the key it was written with")
    assert LOST in line
    assert fingerprint(database) == kept

    hidden = key.rename(key.with_name("hidden"))
    line = await place.complains()
    assert line.startswith("DATA_KEY_FILE: ")
    assert str(key.name) in line
    assert LOST in line
    assert not key.exists(), "no new key is made: it would make everything unreadable"
    assert fingerprint(database) == kept
    hidden.rename(key)

    connection = sqlite3.connect(database)
    connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.commit()
    connection.close()
    kept = fingerprint(database)
    line = await place.complains()
    assert line.startswith("DATABASE_URL: ")
    assert "newer" in line
    assert fingerprint(database) == kept


@pytest.mark.skipif(postgres.CHOSEN == "sqlite", reason="it is about PostgreSQL")
async def test_what_is_wrong_with_a_server_is_one_line(place: Place) -> None:
    await place.telegram()
    url = await postgres.empty()
    place.settings["DATABASE_URL"] = url
    running = await place.start()
    await running.until("bot.started")
    line = await place.complains(settings={"DATA_KEY": Fernet.generate_key().decode()})
    assert line.startswith("DATA_KEY: this key does not open the database; "), (
        "beside it, too, the key counts"
    )
    assert await running.ended(signal.SIGTERM) == 0
    (place.folder / "data" / "stillhere.key").unlink()
    line = await place.complains()
    assert line.startswith("DATA_KEY_FILE: ")
    assert LOST in line
    assert names(place.folder / "data") == [], "no new key is made: it would make everything unreadable"

    refused = postgres.server().tcp("postgres", "not-to-be-shown")
    line = await place.complains(settings={"DATABASE_URL": refused})
    assert line.startswith("DATABASE_URL: postgres at 127.0.0.1: the server does not let this user in; ")
    assert "not-to-be-shown" not in line


def fingerprint(file: Path) -> str:
    return hashlib.sha256(file.read_bytes()).hexdigest()


# -- the network


async def test_a_token_that_telegram_does_not_know(place: Place) -> None:
    await place.telegram(token="4200001:another")
    started = await place.start()
    assert await started.ended() == 2
    (line,) = [line for line in started.lines if not line.startswith("timestamp=")]
    assert line.startswith("TELEGRAM_TOKEN: ")
    assert "right-token" not in "\n".join(started.lines)


async def test_without_telegram_it_says_so_once_and_goes_on_when_it_is_there(place: Place) -> None:
    port = free_port()
    settings = {"TELEGRAM_API_URL": f"http://127.0.0.1:{port}"}
    started = await place.start(settings=settings)
    await started.until("telegram.unreachable")
    other = await place.start(settings=settings | {"DATABASE_URL": place.url("other.db")})
    await other.until("telegram.unreachable")
    assert await other.ended(signal.SIGTERM) == 0, "it can be ended while it waits"
    await place.telegram(port=port)
    await started.until("bot.started")
    assert sum("telegram.unreachable" in line for line in started.lines) == 1
    assert await started.ended(signal.SIGTERM) == 0
    assert "right-token" not in "\n".join(started.lines + other.lines)


# -- the playground


LIVE = """
TELEGRAM_TOKEN=1234567:live-token
TELEGRAM_API_URL=http://127.0.0.1:1
DATABASE_URL=sqlite+aiosqlite:///{elsewhere}/live.db
DATA_KEY={key}
DATA_KEY_FILE={elsewhere}/live.key
BACKUP_DIR=../backups
PLAYGROUND_DIR={elsewhere}/play
PORT=1
"""


async def test_the_playground_uses_nothing_of_the_live_settings(tmp_path: Path) -> None:
    key = Fernet.generate_key().decode()
    folder, elsewhere = tmp_path / "playground", tmp_path / "elsewhere"
    folder.mkdir()
    (folder / ".env").write_text(LIVE.format(elsewhere=elsewhere, key=key))
    async with Playground(folder) as playground:
        mara = await playground.person("Mara")
        await mara.say("/start")
        await mara.sees("hello.first")
    assert names(tmp_path) == ["playground"]
    assert {"bot.db", "bot.key", "playground.json"} <= set(names(folder))
    assert (folder / "bot.key").read_text().strip() != key
    printed = "\n".join(playground.output)
    assert "live" not in printed


async def test_without_a_token_it_plays_and_ctrl_c_ends_it_with_the_page_open(place: Place) -> None:
    """The empty token of the environment holds, whatever .env says."""
    (place.folder / ".env").write_text("TELEGRAM_TOKEN=1234567:live-token\n")
    folder = place.folder / "play"
    started = await place.start(
        settings={"TELEGRAM_TOKEN": "", "PORT": "0", "PLAYGROUND_DIR": str(folder)},
    )
    line = await started.until("http://")
    match = re.search(r"http://[\w.]+:\d+", line)
    assert match
    async with aiohttp.ClientSession() as session:
        async with session.post(f"{match.group()}/playground/settle", json={"timeout": 30}) as answer:
            assert answer.status == 200
        async with session.get(f"{match.group()}/playground/events") as events:
            assert await events.content.readline()
            below = processes.descendants(started.process.pid)
            assert below
            os.killpg(started.process.pid, signal.SIGINT)
            assert await started.ended() == 0
            assert processes.alive(below) == []
    assert "Traceback" not in "\n".join(started.lines)
    assert (folder / "bot.db").exists()
    assert names(place.folder) == [".env", "play"]
