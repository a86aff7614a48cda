"""Time that is moved by hand, and who counts as at work."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import pytest

from bot.clock import Activity, Bell, SteppedClock, SystemClock, sleep

NOW = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


async def settle() -> None:
    """Let everybody who can do something do it."""
    for _ in range(10):
        await asyncio.sleep(0)


async def end(*tasks: asyncio.Task[None]) -> None:
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


class TestSteppedClock:
    async def test_it_stands_still_until_it_is_set(self) -> None:
        clock = SteppedClock(NOW)
        assert clock.now() == clock.now() == NOW
        clock.set(at(3600))
        assert clock.now() == at(3600)

    async def test_whoever_waits_is_called_in_order(self) -> None:
        clock = SteppedClock(NOW)
        called: list[str] = []
        for name, seconds in (("c", 3), ("a", 1), ("b", 2), ("a too", 1), ("later", 9)):
            clock.call_at(at(seconds), lambda name=name: called.append(name))
        clock.set(at(0.5))
        assert called == []
        clock.set(at(3))
        assert called == ["a", "a too", "b", "c"]
        clock.set(at(8.999))
        assert called == ["a", "a too", "b", "c"]
        clock.set(at(9))
        assert called[-1] == "later"
        assert clock.next_alarm() is None

    async def test_what_is_called_off_is_not_called(self) -> None:
        clock = SteppedClock(NOW)
        called: list[str] = []
        first = clock.call_at(at(1), lambda: called.append("first"))
        clock.call_at(at(2), lambda: called.append("second"))
        first.cancel()
        first.cancel()
        assert clock.next_alarm() == at(2)
        clock.set(at(5))
        assert called == ["second"]

    async def test_an_alarm_can_set_another_one(self) -> None:
        clock = SteppedClock(NOW)
        called: list[float] = []

        def again(seconds: float) -> None:
            called.append(seconds)
            clock.call_at(at(seconds + 1), lambda: again(seconds + 1))

        clock.call_at(at(1), lambda: again(1))
        clock.set(at(3))
        assert called == [1, 2, 3]
        assert clock.next_alarm() == at(4)

    async def test_an_alarm_can_call_off_the_next(self) -> None:
        clock = SteppedClock(NOW)
        called: list[str] = []
        second = clock.call_at(at(2), lambda: called.append("second"))
        clock.call_at(at(1), second.cancel)
        clock.set(at(3))
        assert called == []

    async def test_it_can_flow(self) -> None:
        clock = SteppedClock(NOW)
        rung = asyncio.Event()
        clock.call_at(at(0.01), rung.set)
        clock.set(NOW, flowing=True)
        async with asyncio.timeout(5):
            await rung.wait()
        assert at(0.01) <= clock.now() < at(5)
        clock.set(at(60))
        assert clock.now() == at(60)

    async def test_standing_still_again_it_wakes_nobody(self) -> None:
        clock = SteppedClock(NOW)
        called: list[str] = []
        clock.call_at(at(0.001), lambda: called.append("x"))
        clock.set(NOW, flowing=True)
        clock.set(NOW)
        rung = asyncio.Event()
        SystemClock().call_at(SystemClock().now() + timedelta(milliseconds=20), rung.set)
        await rung.wait()
        assert called == []


class TestSystemClock:
    async def test_it_is_aware_and_calls(self) -> None:
        clock = SystemClock()
        assert clock.now().utcoffset() == timedelta(0)
        rung = asyncio.Event()
        clock.call_at(clock.now() - timedelta(hours=1), rung.set)
        async with asyncio.timeout(5):
            await rung.wait()

    async def test_what_is_called_off_is_not_called(self) -> None:
        clock = SystemClock()
        called: list[str] = []
        clock.call_at(clock.now(), lambda: called.append("x")).cancel()
        await settle()
        assert called == []


class TestSleep:
    async def test_it_lasts_until_then(self) -> None:
        clock = SteppedClock(NOW)
        task = asyncio.create_task(sleep(clock, timedelta(seconds=5)))
        await settle()
        clock.set(at(4.9))
        await settle()
        assert not task.done()
        clock.set(at(5))
        await task

    async def test_cancelled_it_leaves_no_alarm(self) -> None:
        clock = SteppedClock(NOW)
        task = asyncio.create_task(sleep(clock, timedelta(seconds=5)))
        await settle()
        assert clock.next_alarm() == at(5)
        await end(task)
        assert clock.next_alarm() is None
        clock.set(at(6))


class TestActivity:
    async def test_it_counts_who_is_at_work(self) -> None:
        activity = Activity()
        assert activity.idle
        with activity.working():
            with activity.working():
                assert not activity.idle
            assert not activity.idle
        assert activity.idle

    async def test_a_failure_ends_work_too(self) -> None:
        activity = Activity()
        with pytest.raises(ZeroDivisionError), activity.working():
            _ = 1 / 0
        assert activity.idle

    async def test_waiting_until_idle(self) -> None:
        activity = Activity()
        await activity.until_idle()
        activity.begin()
        waiting = asyncio.create_task(activity.until_idle())
        await settle()
        assert not waiting.done()
        activity.end()
        await waiting


class Worker:
    """Does something each time its bell wakes it."""

    def __init__(self, clock: SteppedClock, activity: Activity) -> None:
        self.bell = Bell(clock, activity)
        self.until: datetime | None = None
        self.turns = 0
        self.work: Callable[[], Awaitable[object]] | None = None

    async def run(self) -> None:
        while True:
            await self.bell.wait(self.until)
            self.until = None
            self.turns += 1
            if self.work is not None:
                await self.work()


class TestBell:
    def setup_method(self) -> None:
        self.clock, self.activity = SteppedClock(NOW), Activity()

    async def test_a_worker_counts_from_the_moment_it_is_made(self) -> None:
        worker = Worker(self.clock, self.activity)
        assert not self.activity.idle
        task = asyncio.create_task(worker.run())
        await self.activity.until_idle()
        assert worker.turns == 0
        await end(task)

    async def test_a_ring_wakes_it_once(self) -> None:
        worker = Worker(self.clock, self.activity)
        task = asyncio.create_task(worker.run())
        await self.activity.until_idle()
        worker.bell.ring()
        worker.bell.ring()
        assert not self.activity.idle
        await self.activity.until_idle()
        assert worker.turns == 1
        await end(task)

    async def test_rung_at_work_it_looks_once_more(self) -> None:
        worker = Worker(self.clock, self.activity)
        task = asyncio.create_task(worker.run())
        await self.activity.until_idle()
        let_go = asyncio.Event()
        worker.work = let_go.wait
        worker.bell.ring()
        await settle()
        assert worker.turns == 1
        worker.bell.ring()
        worker.bell.ring()
        let_go.set()
        await self.activity.until_idle()
        assert worker.turns == 2
        await end(task)

    async def test_rung_before_it_waits_it_does_not_wait(self) -> None:
        worker = Worker(self.clock, self.activity)
        worker.bell.ring()
        task = asyncio.create_task(worker.run())
        await self.activity.until_idle()
        assert worker.turns == 1
        await end(task)

    async def test_a_time_wakes_it(self) -> None:
        worker = Worker(self.clock, self.activity)
        worker.until = at(10)
        task = asyncio.create_task(worker.run())
        await self.activity.until_idle()
        assert self.clock.next_alarm() == at(10)
        self.clock.set(at(9))
        await settle()
        assert worker.turns == 0
        self.clock.set(at(10))
        assert not self.activity.idle, "work counts from the ring, not from when the worker gets round to it"
        await self.activity.until_idle()
        assert worker.turns == 1
        await end(task)

    @pytest.mark.parametrize("seconds", [0, -5])
    async def test_a_time_that_is_past_makes_nobody_wait(self, seconds: float) -> None:
        worker = Worker(self.clock, self.activity)
        worker.until = at(seconds)
        task = asyncio.create_task(worker.run())
        await self.activity.until_idle()
        assert worker.turns == 1
        await end(task)

    async def test_rung_in_time_it_leaves_no_alarm(self) -> None:
        worker = Worker(self.clock, self.activity)
        worker.until = at(10)
        task = asyncio.create_task(worker.run())
        await self.activity.until_idle()
        worker.bell.ring()
        await self.activity.until_idle()
        assert self.clock.next_alarm() is None
        self.clock.set(at(20))
        await self.activity.until_idle()
        assert worker.turns == 1
        await end(task)

    async def test_a_ring_and_its_time_at_once_count_once(self) -> None:
        worker = Worker(self.clock, self.activity)
        worker.until = at(10)
        task = asyncio.create_task(worker.run())
        await self.activity.until_idle()
        worker.bell.ring()
        self.clock.set(at(10))
        await self.activity.until_idle()
        assert worker.turns == 1
        assert self.activity.idle
        await end(task)

    async def test_handing_over_nobody_looks_idle_in_between(self) -> None:
        workers = [Worker(self.clock, self.activity) for _ in range(3)]
        seen_idle: list[int] = []

        def hands_on_to(number: int) -> Callable[[], Awaitable[None]]:
            async def work() -> None:
                await asyncio.sleep(0)
                workers[number].bell.ring()
                seen_idle.append(-1 if self.activity.idle else number)

            return work

        workers[0].work, workers[1].work = hands_on_to(1), hands_on_to(2)
        tasks = [asyncio.create_task(worker.run()) for worker in workers]
        await self.activity.until_idle()
        was_idle = asyncio.create_task(self.activity.until_idle())
        await was_idle
        workers[0].bell.ring()
        turns_when_idle: list[int] = []
        while workers[2].turns == 0:
            turns_when_idle += [workers[2].turns] if self.activity.idle else []
            await asyncio.sleep(0)
        assert turns_when_idle == []
        assert seen_idle == [1, 2]
        await self.activity.until_idle()
        assert [worker.turns for worker in workers] == [1, 1, 1]
        await end(*tasks)

    async def test_a_cancelled_wait_leaves_no_alarm_and_no_work(self) -> None:
        worker = Worker(self.clock, self.activity)
        worker.until = at(10)
        task = asyncio.create_task(worker.run())
        await self.activity.until_idle()
        await end(task)
        assert self.clock.next_alarm() is None
        assert self.activity.idle
        worker.bell.ring()
        assert self.activity.idle, "nobody waits there any more"
