from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web

from bot.playground.clock import Clock, from_iso, to_iso
from bot.playground.errors import ControlError
from tests.unit.playground.conftest import START
from tests.unit.playground.harness import MARA, FakeBot, Playground


def after(minutes: float) -> Any:
    return START + timedelta(minutes=minutes)


async def moved(playground: Playground, how: str = "advance", **body: Any) -> Any:
    status, clock = await playground.post(f"clock/{how}", **body)
    assert status == 200, clock
    return clock


def test_times_round_up_to_the_millisecond() -> None:
    assert to_iso(from_iso("2026-03-01T20:40:00.000001+01:00")) == "2026-03-01T19:40:00.001Z"
    for bad in ("soon", "2026-03-01T19:40:00", None):
        with pytest.raises(ControlError):
            from_iso(bad)


def test_a_held_clock_stands_still() -> None:
    clock = Clock(1000, flowing=True)
    assert clock.running
    clock.hold(held=True)
    before = clock.now_ms
    assert not clock.running
    assert clock.now_ms == before
    clock.hold(held=False)
    assert clock.running
    with pytest.raises(ControlError):
        clock.move(0)


async def test_without_a_bot_advance_simply_moves(playground: Playground) -> None:
    clock = await moved(playground, seconds=90)
    assert clock == {
        "now": "2026-03-01T19:41:30.000Z",
        "flowing": False,
        "idle": False,
        "connected": False,
        "due": [],
    }
    clock = await moved(playground, until="2026-03-01T21:00:00+01:00")
    assert clock["now"] == "2026-03-01T20:00:00.000Z"
    for body in ({"next": True}, {"until": "2026-01-01T00:00:00Z"}, {}, {"seconds": -1}):
        status, error = await playground.post("clock/advance", **body)
        assert (status, list(error)) == (400, ["error"])


async def test_settle_without_a_bot_says_so(playground: Playground) -> None:
    status, body = await playground.post("settle", timeout=0.05)
    assert (status, body) == (504, {"error": "the bot did not settle within 0.05 s: no bot is connected"})


async def test_settled_means_everything_delivered_is_handled(playground: Playground) -> None:
    async with FakeBot(playground).running():
        for number in range(5):
            await playground.do(MARA, "say", text=f"{number}")
        clock = (await playground.post("settle"))[1]
        assert clock["idle"] is True
        assert clock["connected"] is True
        assert (await playground.texts(MARA))[-1] == "echo 4"


async def test_advance_stops_at_every_due_instant(playground: Playground) -> None:
    async with FakeBot(playground, [after(10), after(25), after(90)]).running() as bot:
        clock = await moved(playground, seconds=3600)
        assert bot.fired == [(after(10), after(10)), (after(25), after(25))]
        assert clock["now"] == "2026-03-01T20:40:00.000Z"
        assert clock["idle"] is True
        assert clock["due"] == [{"at": "2026-03-01T21:10:00.000Z", "what": "timer"}]
        assert bot.now == after(60)


async def test_advance_to_the_next_instant(playground: Playground) -> None:
    async with FakeBot(playground, [after(10), after(25)]).running() as bot:
        clock = await moved(playground, next=True)
        assert clock["now"] == "2026-03-01T19:50:00.000Z"
        await moved(playground, next=True)
        assert bot.fired == [(after(10), after(10)), (after(25), after(25))]
        status, _ = await playground.post("clock/advance", next=True)
        assert status == 400


async def test_a_jump_goes_there_at_once(playground: Playground) -> None:
    async with FakeBot(playground, [after(10), after(25)]).running() as bot:
        await playground.post("settle")
        await moved(playground, "jump", seconds=3600)
        await playground.post("settle")
        assert bot.fired == [(after(10), after(60)), (after(25), after(60))]


async def test_an_instant_between_milliseconds_is_reached(playground: Playground) -> None:
    due = after(10) + timedelta(microseconds=1)
    async with FakeBot(playground, [due]).running() as bot:
        await moved(playground, seconds=700)
        assert bot.fired == [(due, after(10) + timedelta(milliseconds=1))]


async def test_messages_said_before_are_handled_before_the_clock_moves(playground: Playground) -> None:
    async with FakeBot(playground).running():
        await playground.do(MARA, "say", text="a")
        await moved(playground, seconds=60)
        messages = (await playground.get(f"people/{MARA}/messages"))["messages"]
        assert [(each["text"], each["date"]) for each in messages] == [
            ("a", int(START.timestamp())),
            ("echo a", int(START.timestamp())),
        ]


async def test_the_poll_is_answered_after_every_batch(playground: Playground) -> None:
    world = playground.server.world
    _, first = await playground.post("clock/poll", seq=0, idle=True, handled=0, next=None, due=[])
    assert first == {
        "seq": world.clock.seq,
        "now": "2026-03-01T19:40:00.000Z",
        "flowing": False,
        "delivered": 0,
    }
    poll = asyncio.create_task(
        playground.post("clock/poll", seq=first["seq"], idle=True, handled=0, next=None, due=[])
    )
    await world.clock.changed.wait_until(lambda: world.steering.settled, 5)
    await playground.do(MARA, "say", text="a")
    assert not world.steering.settled
    [update] = await playground.ok("getUpdates")
    _, second = await poll
    assert second["seq"] > first["seq"]
    assert second["delivered"] == update["update_id"]


async def test_a_second_poll_ends_the_first(playground: Playground) -> None:
    world = playground.server.world
    report = {"seq": world.clock.seq, "idle": True, "handled": 0, "next": None, "due": []}
    polls = [asyncio.create_task(playground.post("clock/poll", **report))]
    await world.clock.changed.wait_until(lambda: world.steering.settled, 5)
    polls.append(asyncio.create_task(playground.post("clock/poll", **report)))
    status, answer = await polls[0]
    assert (status, answer["seq"]) == (200, report["seq"])
    world.clock.bump()
    await polls[1]


async def test_a_bot_that_is_not_idle_is_waited_for(playground: Playground) -> None:
    world = playground.server.world
    report = {"seq": world.clock.seq, "idle": False, "handled": 0, "next": None, "due": []}
    poll = asyncio.create_task(playground.post("clock/poll", **report))
    await world.clock.changed.wait_until(lambda: world.presence.connected, 5)
    status, body = await playground.post("settle", timeout=0.05)
    assert (status, body["error"].rpartition(": ")[2]) == (504, "it says it is not idle")
    status, _ = await playground.post("clock/advance", seconds=1, timeout=0.05)
    assert status == 504
    world.clock.bump()
    await poll


async def test_a_bot_that_forgets_its_due_work_is_named(playground: Playground) -> None:
    async def forgetful() -> None:
        seq = 0
        past = after(-5).isoformat()
        while True:
            _, answer = await playground.post("clock/poll", seq=seq, idle=True, handled=0, next=past, due=[])
            seq = answer["seq"]

    bot = asyncio.create_task(forgetful())
    await playground.post("settle")
    status, body = await playground.post("clock/advance", seconds=60)
    assert (status, "which is past" in body["error"]) == (504, True)
    bot.cancel()
    await asyncio.gather(bot, return_exceptions=True)


async def test_advance_while_the_clock_flows(playground: Playground) -> None:
    async with FakeBot(playground, [after(10)]).running() as bot:
        clock = await moved(playground, "flow", flowing=True)
        assert clock["flowing"] is True
        clock = await moved(playground, seconds=3600)
        assert clock["flowing"] is True
        assert clock["now"] >= "2026-03-01T20:40:00.000Z"
        [(due, fired)] = bot.fired
        assert due == fired == after(10)
        assert bot.answers[-1]["flowing"] is True
        clock = await moved(playground, "flow", flowing=False)
        assert clock["flowing"] is False


async def test_a_bot_that_left_is_not_waited_for(playground: Playground) -> None:
    async with FakeBot(playground, [after(10)]).running():
        await playground.post("settle")
    clock = await moved(playground, seconds=3600)
    assert clock["now"] == "2026-03-01T20:40:00.000Z"
    assert clock["connected"] is False


async def test_two_advances_follow_each_other(playground: Playground) -> None:
    async with FakeBot(playground, [after(n) for n in range(1, 9)]).running() as bot:
        await asyncio.gather(moved(playground, seconds=240), moved(playground, seconds=240))
        assert [at for at, _ in bot.fired] == [now for _, now in bot.fired]
        assert bot.now == after(8)


class HookBot(FakeBot):
    """Has a webhook, which takes nothing at first."""

    def __init__(self, playground: Playground, failures: int) -> None:
        super().__init__(playground)
        self._failures = failures
        self.posts: list[Any] = []

    async def _intake(self) -> None:
        app = web.Application()
        app.router.add_post("/", self._handle)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        try:
            await web.TCPSite(runner, "127.0.0.1", 0).start()
            await self._playground.ok("setWebhook", url=f"http://127.0.0.1:{runner.addresses[0][1]}/")
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()

    async def _handle(self, request: web.Request) -> web.Response:
        update = await request.json()
        self.posts.append(self._playground.server.world.clock.iso)
        if len(self.posts) <= self._failures:
            return web.Response(status=503)
        async with self._changed:
            self._handled = update["update_id"]
            self._changed.notify_all()
        return web.Response()


async def test_advance_stops_where_a_webhook_is_tried_again(playground: Playground) -> None:
    async with HookBot(playground, 2).running() as bot:
        await playground.do(MARA, "say", text="a")
        clock = await moved(playground, seconds=60)
        assert clock["now"] == "2026-03-01T19:41:00.000Z"
        assert bot.posts == [f"2026-03-01T19:40:{second}.000Z" for second in ("00", "01", "03")]
