"""Whoever runs the bot is told what needs a person: once, and nothing of anybody."""

import ast
import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import pytest
import structlog
from structlog.testing import LogCapture

from bot import log as logs
from bot.alerts import GATHER, KINDS, PAUSE, Alerts, worded
from bot.delivery.rate_limit import RateLimiter
from bot.domain.decision import Notice
from bot.playground.raw_updates import put_raw
from bot.telegram.operator_chat import OperatorChat
from tests.acceptance.harness import ROOT, marker
from tests.integration.test_intake import unhandled
from tests.integration.test_machine_faults import RETRY, fill, make_room
from tests.integration.wire import Bot, wire

SOON = GATHER.total_seconds()
AN_HOUR = PAUSE.total_seconds()


class Run:
    """A bot at work, and the chat of whoever runs it."""

    def __init__(self, bot: Bot, chat: int, log: LogCapture) -> None:
        self.bot, self.chat, self.log = bot, chat, log
        self._updates = 1000

    def told(self) -> list[str]:
        return self.bot.telegram.chat(self.chat)

    def events(self) -> list[str]:
        return [entry["event"] for entry in self.log.entries]

    async def fails(self, account: int, words: str = "/help") -> None:
        """Somebody sends what no handler can do anything with."""
        self._updates += 1
        update = unhandled(self._updates, account, words)
        del update["update_id"]
        put_raw(self.bot.telegram.world, update)
        await self.bot.settled()


@asynccontextmanager
async def run(folder: Path, chat: int | None = None) -> AsyncIterator[Run]:
    async with wire(folder) as bot:
        operator = bot.telegram.person("Olga") if chat is None else chat
        alerts = Alerts(bot.clock, bot.activity)
        capture = LogCapture()
        structlog.configure(processors=[logs.leave_out_told, logs.Watched([alerts.heard]), capture])
        tell = OperatorChat(bot.application.bot, operator).tell
        bot.tasks.append(asyncio.create_task(alerts.run(tell, operator, RateLimiter(bot.clock.now()))))
        await bot.settled()
        try:
            yield Run(bot, operator, capture)
        finally:
            structlog.reset_defaults()


@pytest.fixture
async def at_work(tmp_path: Path) -> AsyncIterator[Run]:
    async with run(tmp_path) as running:
        yield running


async def test_what_was_set_aside_is_told_once_and_nothing_of_who_or_what(at_work: Run) -> None:
    bot, secret = at_work.bot, marker()
    mara, _ = await bot.person("Mara")
    await at_work.fails(mara, f"/help {secret}")
    assert at_work.told() == [], "what goes wrong together is told together"
    await bot.pass_time(SOON)
    assert at_work.told() == [worded({"update.set_aside": 1})]
    assert not any(private in at_work.told()[0] for private in (secret, str(mara), "Mara"))
    assert bot.telegram.chat(mara), "who sent it was told, too"


async def test_of_one_kind_there_is_one_an_hour_with_a_count(at_work: Run) -> None:
    bot = at_work.bot
    people = [bot.telegram.person(f"Person {number}") for number in range(3)]
    for account in people:
        await at_work.fails(account)
    await bot.pass_time(SOON)
    assert at_work.told() == [worded({"update.set_aside": 3})]
    for _ in range(10):
        await at_work.fails(people[0])
        await bot.pass_time(300)
    assert len(at_work.told()) == 1
    await bot.pass_time(AN_HOUR)
    assert at_work.told()[1:] == [worded({"update.set_aside": 10})]
    await bot.pass_time(AN_HOUR * 5)
    assert len(at_work.told()) == 2, "nothing new, nothing said"


async def test_another_kind_does_not_wait_for_the_hour(at_work: Run) -> None:
    bot = at_work.bot
    _, mara = await bot.person("Mara")
    await at_work.fails(bot.telegram.person("Kim"))
    await bot.pass_time(60)
    bot.telegram.fault("status", status=400, method="sendMessage", times=1)
    await bot.say(Notice("help.main", mara))
    await bot.pass_time(SOON)
    assert at_work.told() == [worded({"update.set_aside": 1}), worded({"notice.refused": 1})]


@pytest.mark.sqlite_only
async def test_a_database_in_trouble_is_told_while_it_is(at_work: Run) -> None:
    """Past the outbox, which cannot be written; and when it is over."""
    bot = at_work.bot
    mara, _ = await bot.person("Mara")
    await fill(bot.base)
    for number in range(40):
        bot.telegram.says(mara, f"hm {number}")
    await bot.until(lambda: bot.base.storage.trouble is not None)
    bot.set(bot.clock.now() + timedelta(seconds=RETRY))
    await bot.until(lambda: bool(at_work.told()))
    assert at_work.told() == [worded({"database.trouble": 1})]
    await make_room(bot.base)
    bot.set(bot.clock.now() + timedelta(seconds=RETRY))
    await bot.until(lambda: bot.base.storage.trouble is None)
    await bot.pass_time(SOON)
    assert at_work.told()[1:] == [worded({"database.well_again": 1})]


async def test_without_a_way_to_telegram_it_is_told_when_there_is_one(at_work: Run) -> None:
    bot = at_work.bot
    await bot.telegram.go()
    structlog.get_logger().error("backup.failed", reason="not yours to know")
    await bot.pass_time(900)
    await bot.telegram.come()
    await bot.pass_time(400)
    assert at_work.told() == [worded({"backup.failed": 1})]


async def test_what_perhaps_arrived_is_not_said_twice(at_work: Run) -> None:
    bot = at_work.bot
    bot.telegram.fault("after_delivery", method="sendMessage", times=1)
    structlog.get_logger().error("backup.failed")
    await bot.pass_time(AN_HOUR * 2)
    assert at_work.told() == [worded({"backup.failed": 1})]


async def test_a_chat_that_takes_nothing_is_no_loop(tmp_path: Path) -> None:
    async with run(tmp_path, chat=4711) as running:
        for _ in range(3):
            structlog.get_logger().error("backup.failed")
            await running.bot.pass_time(AN_HOUR)
        assert running.events().count("operator.not_told") == 3
        assert len(running.bot.telegram.calls("sendMessage")) == 3


async def test_it_hears_whatever_is_logged_by_a_thread(at_work: Run) -> None:
    await asyncio.to_thread(structlog.get_logger().error, "backup.failed")
    await at_work.bot.pass_time(SOON)
    assert at_work.told() == [worded({"backup.failed": 1})]


# -- the table of events


def logged() -> dict[str, set[str]]:
    """Every event in the source, and the levels it is logged at."""
    found: dict[str, set[str]] = {}
    for file in (ROOT / "bot").rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id="log"), attr=level),
                    args=[ast.Constant(value=str(event)), *_],
                ):
                    found.setdefault(event, set()).add(level)
    return found


NEEDS_NOBODY = {"breath.broken"}
"""A guided breath that stops moving."""


def test_every_error_there_is_needs_a_person_and_every_kind_is_logged_where_it_is_heard() -> None:
    events = logged()
    errors = {event for event, levels in events.items() if levels & {"error", "exception", "critical"}}
    assert errors - set(KINDS) == NEEDS_NOBODY
    assert set(KINDS) - set(events) == set()
    assert [event for event in KINDS if events[event] == {"debug"}] == []


def test_the_page_for_operators_knows_every_event() -> None:
    page = (ROOT / "docs/operating.md").read_text("utf-8")
    named = set(re.findall(r"`([a-z_]+\.[a-z_]+)`", page))
    loud = {event for event, levels in logged().items() if levels - {"debug", "info"}}
    assert (loud | set(KINDS)) - named == set()


@pytest.mark.parametrize("level", ["ERROR", "WARNING", "DEBUG"])
def test_what_is_not_written_is_heard_all_the_same(level: str) -> None:
    heard: list[str] = []
    try:
        logs.configure(level, [], [lambda _, event: heard.append(event)])
        log = structlog.get_logger()
        log.info("database.well_again")
        log.warning("webhook.gone")
    finally:
        structlog.reset_defaults()
    assert heard == ["database.well_again", "webhook.gone"]


def test_the_words_are_plain() -> None:
    text = worded(dict.fromkeys(KINDS, 1000))
    assert len(text) < 4096
    assert text.count("1000 × ") == len(KINDS)
    for words in KINDS.values():
        assert len(words) < 100
        assert not words.endswith(".")
