"""Whether the bot is alive and ready, and its figures: asked over real HTTP, of the whole bot."""

import asyncio
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from bot import config
from bot.config import SettingsError
from bot.domain.decision import Notice, Priority, Timer
from bot.domain.model import PersonId
from bot.health import MOST_LATE, MOST_WAITING, Health
from bot.metrics import Metrics
from bot.serving import listen
from bot.storage.lag import lag
from tests.acceptance.harness import marker
from tests.integration.test_machine_faults import RETRY, fill, make_room
from tests.integration.wire import Bot, wire

pytestmark = [pytest.mark.both, pytest.mark.usefixtures("no_tracebacks")]


@dataclass
class Watched:
    """A bot at work, and whoever asks how it is."""

    bot: Bot
    health: Health
    client: aiohttp.ClientSession

    async def ask(self, path: str, method: str = "GET") -> tuple[int, Any]:
        async with self.client.request(method, f"{self.health.url}{path}") as answer:
            is_json = answer.content_type == "application/json"
            return answer.status, await (answer.json() if is_json else answer.text())

    async def wrong(self) -> list[str]:
        """What keeps it from being ready."""
        status, said = await self.ask("/readyz")
        assert (status, said["ready"]) == ((503, False) if said["wrong"] else (200, True))
        return list(said["wrong"])

    async def figures(self) -> dict[str, float]:
        status, text = await self.ask("/metrics")
        assert status == 200
        lines = [line for line in text.splitlines() if not line.startswith("#")]
        return {name: float(value) for name, _, value in (line.rpartition(" ") for line in lines)}


@asynccontextmanager
async def watched(bot: Bot) -> AsyncIterator[Watched]:
    metrics = Metrics()
    health = Health(bot.base.storage, bot.clock, metrics, listen("127.0.0.1", 0))
    bot.intake.on_batch, bot.dispatcher.on_sent = metrics.batch, metrics.sent
    bot.heartbeat.on_run = metrics.late
    await health.start()
    health.started, health.in_contact = True, lambda: bot.intake.contact.there
    try:
        async with aiohttp.ClientSession() as client:
            yield Watched(bot, health, client)
    finally:
        await health.stop()


@pytest.fixture
async def here(tmp_path: Path) -> AsyncIterator[Watched]:
    async with wire(tmp_path) as bot, watched(bot) as all_of_it:
        yield all_of_it


async def test_it_is_alive_and_ready(here: Watched) -> None:
    status, said = await here.ask("/healthz")
    assert (status, said["alive"]) == (200, True)
    status, said = await here.ask("/readyz")
    assert status == 200
    assert said == {
        "ready": True,
        "wrong": [],
        "database": "ok",
        "telegram": "within reach",
        "outbox": {"oldest_seconds": 0.0, "limit": MOST_WAITING},
        "timers": {"late_seconds": 0.0, "limit": MOST_LATE},
        "version": said["version"],
    }
    assert (await here.ask("/readyz", "POST"))[0] == 405
    assert (await here.ask("/other"))[0] == 404


async def test_before_it_has_met_telegram_it_is_alive_but_not_ready(here: Watched) -> None:
    here.health.started = False
    assert (await here.ask("/healthz"))[0] == 200
    [why] = await here.wrong()
    assert "not started" in why


@pytest.mark.sqlite_only
async def test_a_database_that_is_away_is_said_and_so_is_its_return(here: Watched) -> None:
    file = Path(str(here.bot.base.engine.url.database))
    away = file.with_suffix(".away")
    os.rename(file, away)  # noqa: PTH104 - as another program would
    assert await here.wrong() == ["database: it cannot be opened"]
    figures = await here.figures()
    assert (figures["stillhere_database_up"], figures["stillhere_ready"]) == (0, 0)
    assert not any(name.startswith("stillhere_outbox") for name in figures), "nothing is known of it"
    assert (await here.ask("/healthz"))[0] == 200, "a restart would not help"
    os.rename(away, file)  # noqa: PTH104
    assert await here.wrong() == []
    assert (await here.figures())["stillhere_database_up"] == 1


@pytest.mark.sqlite_only
async def test_a_full_disk_is_said_until_something_was_written_again(here: Watched) -> None:
    bot = here.bot
    mara, _ = await bot.person("Mara")
    await fill(bot.base)
    for number in range(40):
        bot.telegram.says(mara, f"hm {number}")
    await bot.until(lambda: bot.base.storage.trouble is not None)
    assert await here.wrong() == ["database: the disk is full"]
    await make_room(bot.base)
    bot.set(bot.clock.now() + timedelta(seconds=RETRY))
    await bot.until(lambda: bot.base.storage.trouble is None)
    assert await here.wrong() == []


async def test_messages_that_do_not_go_out_are_said_until_they_have(here: Watched) -> None:
    bot = here.bot
    _, mara = await bot.person("Mara")
    await bot.telegram.go()
    await bot.say(Notice("help.main", mara))
    await bot.pass_time(MOST_WAITING - 1)
    assert await here.wrong() == []
    await bot.pass_time(2)
    [why] = await here.wrong()
    assert why.startswith("outbox: a message has waited 12")
    figures = await here.figures()
    assert figures['stillhere_outbox_waiting{priority="answer"}'] == 1
    assert figures['stillhere_outbox_oldest_seconds{priority="answer"}'] > MOST_WAITING
    assert figures["stillhere_telegram_up"] == 0
    assert figures['stillhere_sends_total{result="not_delivered"}'] > 3
    await bot.telegram.come()
    await bot.pass_time(600)
    assert await here.wrong() == []
    assert (await here.figures())["stillhere_telegram_up"] == 1


async def test_bulk_may_wait(here: Watched) -> None:
    """A hundred thousand reminders at nine o'clock are no fault."""
    _, mara = await here.bot.person("Mara")
    await here.bot.telegram.go()
    await here.bot.say(Notice("help.main", mara, priority=Priority.NUDGE))
    await here.bot.pass_time(MOST_WAITING * 3)
    assert await here.wrong() == []
    assert (await here.figures())['stillhere_outbox_oldest_seconds{priority="nudge"}'] > MOST_WAITING


async def test_timers_that_do_not_run_are_said(here: Watched) -> None:
    bot = here.bot
    heart = bot.tasks[0]
    heart.cancel()
    await asyncio.gather(heart, return_exceptions=True)
    due = bot.clock.now() + timedelta(seconds=60)
    for kind in ("space.return", "reminder"):
        async with bot.base.storage.unit_of_work() as uow:
            await uow.timers.apply(Timer(kind, PersonId(1), due))
            await uow.commit(bot.clock.now())
    bot.clock.set(due + timedelta(seconds=MOST_LATE))
    assert await here.wrong() == []
    bot.clock.set(due + timedelta(seconds=MOST_LATE + 1))
    assert await here.wrong() == ["timers: one is 61 s late"]
    figures = await here.figures()
    for kind in ("promise", "reminder"):
        assert figures[f'stillhere_timers_overdue_seconds{{kind="{kind}"}}'] == MOST_LATE + 1
    bot.tasks[0] = asyncio.create_task(bot.heartbeat.run())
    await bot.until(lambda: here.bot.heartbeat.bell._asleep is not None)
    assert await here.wrong() == []
    figures = await here.figures()
    assert figures['stillhere_timer_lateness_seconds_count{kind="promise"}'] == 1
    assert figures['stillhere_timer_lateness_seconds_sum{kind="promise"}'] == 61


async def test_what_happens_is_counted_and_nothing_of_anybody(here: Watched) -> None:
    bot, secret = here.bot, marker()
    mara, _ = await bot.person("Mara")
    bot.telegram.says(mara, f"/help {secret}")
    await bot.settled()
    bot.telegram.fault("status", status=400, method="sendMessage", times=1)
    bot.telegram.says(mara, "/help")
    await bot.settled()
    figures = await here.figures()
    assert figures["stillhere_updates_total"] == 2
    assert figures["stillhere_batch_seconds_count"] == 2
    assert figures['stillhere_sends_total{result="sent"}'] == 1
    assert figures['stillhere_sends_total{result="refused"}'] == 1
    assert figures["stillhere_sender_leader"] == 1
    assert figures["process_resident_memory_bytes"] > 0
    _, text = await here.ask("/metrics")
    _, said = await here.ask("/readyz")
    for private in (secret, str(mara), "Mara"):
        assert private not in f"{text}{said}"


async def test_however_many_ask_the_database_is_read_once_at_a_time(here: Watched) -> None:
    reads = 0
    aside = here.bot.base.storage.aside

    async def counting(work: Any) -> Any:
        nonlocal reads
        reads += 1
        return await aside(work)

    here.bot.base.storage.aside = counting  # type: ignore[method-assign]
    states = await asyncio.gather(*(here.health.look() for _ in range(50)))
    assert all(state.ready for state in states)
    assert reads == 1


async def test_asking_takes_no_lock(here: Watched) -> None:
    """Not even while somebody writes."""
    bot = here.bot
    async with bot.base.storage.unit_of_work() as uow:
        await uow.people.add(77, "Kim", "en", bot.clock.now())
        assert await here.wrong() == []
        await uow.commit(bot.clock.now())
    assert (await bot.base.storage.aside(lambda connection: lag(connection, bot.clock.now()))).people == 0


@pytest.mark.parametrize("value", ["-1", "65536", "many"])
def test_a_port_that_is_none_is_one_line(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, value: str) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("METRICS_PORT", value)
    with pytest.raises(SettingsError, match=r"^METRICS_PORT: "):
        config.load()
