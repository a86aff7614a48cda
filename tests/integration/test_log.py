"""What the logs may not carry: the token, and what people write."""

import re
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from tests.acceptance.harness import ROOT, Playground, marker

pytestmark = pytest.mark.sqlite_only

TOKEN = "4200001:AA-secret_of-the-tests"

SCRIPT = f"""
import logging
import structlog
from bot import log

TOKEN = {TOKEN!r}
log.configure("DEBUG", [TOKEN, ""])
ours = structlog.get_logger("bot.some.module")
ours.info("ours.plain", address=f"https://api.telegram.org/bot{{TOKEN}}/getMe")
ours.info(f"ours.event {{TOKEN}}")
theirs = logging.getLogger("somebody.else")
theirs.warning("theirs %s and %s", TOKEN, {{"in": TOKEN}})
logging.getLogger("telegram.ext").info("below their level")
logging.getLogger("telegram.ext").warning("theirs, known %s", TOKEN)
for talkative in ("aiosqlite", "sqlalchemy.engine", "httpx", "aiohttp.client", "telegram.Bot", "bots"):
    logging.getLogger(talkative).setLevel(logging.DEBUG)  # whoever asked for that
    logging.getLogger(talkative).debug("below their level")
    logging.getLogger(talkative).info("below their level")
ours.debug("ours.talkative")
try:
    raise ValueError(f"no way to /bot{{TOKEN}}/getMe")
except ValueError:
    ours.exception("ours.exception")
    theirs.exception("theirs exception")
"""


def test_the_token_is_taken_out_of_every_line() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert ended.stdout == "", "logs go to standard error"
    events = (
        "ours.talkative",
        "ours.plain",
        "ours.event",
        "theirs",
        "theirs, known",
        "ours.exception",
        "theirs exception",
    )
    for event in events:
        assert event in ended.stderr
    assert "below their level" not in ended.stderr
    assert TOKEN not in ended.stderr
    assert TOKEN.partition(":")[2] not in ended.stderr
    assert ended.stderr.count("Traceback") == 2
    assert ended.stderr.count("[redacted]") == 7


async def test_nothing_people_write_is_in_the_logs_or_readable_on_the_disk(tmp_path: Path) -> None:
    """A short story at the most talkative level; every free text carries a word nobody else uses."""
    word = marker()
    settings = {"LOG_LEVEL": "DEBUG"}
    async with Playground(tmp_path / "playground", settings=settings) as playground:
        mara = await playground.person(f"Mara{word}")
        jonas = await playground.person("Jonas")
        for person in (mara, jonas):
            await person.say("/start")
            await person.say("Berlin")
        await mara.say("/link")
        await jonas.open(await playground.last_link())
        await jonas.tap("link.accept")
        await mara.tap("link.confirm_yes")
        await mara.say("/space")
        await mara.tap("space.minutes.20")
        await mara.tap("space.choose.own")
        await mara.say(f"I need air {word}")
        await mara.tap("space.send")
        await jonas.sees(re.compile(word))
        await jonas.say(f"What did I do? {word}")
        await jonas.edit(f"Never mind {word}")
        await jonas.say(f"/{word} {word}")
        await playground.fault("status", status=502, method="sendMessage", person=jonas)
        await playground.fault("status", status=400, description=f"Bad Request: {word}", method="sendMessage")
        await jonas.say(f"Hello? {word}")
        await playground.advance(30)
        await playground.update(_forged(jonas.id, word))
        await playground.advance(20 * 60)
        await playground.stop()
        printed = "\n".join(playground.output)
        assert "level='debug'" in printed
        assert "update.set_aside" in printed
        assert word not in printed
        assert "playground" not in _tokens(printed)
    files = [file for file in playground.folder.iterdir() if file.name.startswith("bot.")]
    assert files
    for file in files:
        assert word.encode() not in file.read_bytes(), file
    connection = sqlite3.connect(playground.folder / "bot.db")
    assert connection.execute("SELECT count(*) FROM received").fetchone()[0] >= 1
    connection.close()


def _tokens(printed: str) -> list[str]:
    return re.findall(r"\d{6,}:([\w-]+)", printed)


def _forged(account: int, word: str) -> dict[str, object]:
    """An update that a handler fails on, with something written in it."""
    message = {
        "message_id": 77,
        "date": 0,
        "from": {"id": account, "is_bot": False, "first_name": word},
        "chat": {"id": account, "type": "private", "first_name": word},
        "text": f"/help {word}",
        "entities": [{"type": "bot_command", "offset": 0, "length": word}],
    }
    return {"message": message}


def test_a_level_is_heeded() -> None:
    quiet = SCRIPT.replace('"DEBUG"', '"ERROR"')
    ended = subprocess.run(
        [sys.executable, "-c", quiet], cwd=ROOT, capture_output=True, text=True, check=True, timeout=60
    )
    assert "ours.plain" not in ended.stderr
    assert "ours.exception" in ended.stderr
