"""Time, and waiting for it: everything in the bot that waits, waits here.

`SystemClock` is the machine's; `SteppedClock` is moved from outside (by the playground, by tests).
"""

import asyncio
import heapq
import itertools
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Protocol


class Alarm(Protocol):
    """A callback that was asked for and can be called off."""

    def cancel(self) -> None: ...


class Clock(Protocol):
    """What the time is (aware, UTC), and a call when it is later."""

    def now(self) -> datetime: ...

    def call_at(self, instant: datetime, callback: Callable[[], None]) -> Alarm: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    def call_at(self, instant: datetime, callback: Callable[[], None]) -> Alarm:
        delay = max(0.0, (instant - self.now()).total_seconds())
        return asyncio.get_running_loop().call_later(delay, callback)


class _SteppedAlarm:
    def __init__(self, instant: datetime, callback: Callable[[], None]) -> None:
        self.instant = instant
        self.callback: Callable[[], None] | None = callback

    def cancel(self) -> None:
        self.callback = None


class SteppedClock:
    """A clock that is set from outside; between settings it stands still, or flows from there."""

    def __init__(self, now: datetime) -> None:
        self._base = now
        self._set_at: float | None = None
        self._alarms: list[tuple[datetime, int, _SteppedAlarm]] = []
        self._order = itertools.count()
        self._wakeup: asyncio.TimerHandle | None = None

    def now(self) -> datetime:
        if self._set_at is None:
            return self._base
        return self._base + timedelta(seconds=asyncio.get_running_loop().time() - self._set_at)

    def call_at(self, instant: datetime, callback: Callable[[], None]) -> Alarm:
        alarm = _SteppedAlarm(instant, callback)
        heapq.heappush(self._alarms, (instant, next(self._order), alarm))
        self._plan()
        return alarm

    def set(self, now: datetime, *, flowing: bool = False) -> None:
        """Make it `now`; whoever waited for this instant or an earlier one is called, in order."""
        self._base = now
        self._set_at = asyncio.get_running_loop().time() if flowing else None
        self._ring()

    def next_alarm(self) -> datetime | None:
        """The earliest instant somebody waits for."""
        while self._alarms and self._alarms[0][2].callback is None:
            heapq.heappop(self._alarms)
        return self._alarms[0][0] if self._alarms else None

    def _ring(self) -> None:
        while (instant := self.next_alarm()) is not None and instant <= self.now():
            callback = heapq.heappop(self._alarms)[2].callback
            if callback is not None:
                callback()
        self._plan()

    def _plan(self) -> None:
        if self._wakeup is not None:
            self._wakeup.cancel()
            self._wakeup = None
        instant = self.next_alarm()
        if self._set_at is not None and instant is not None:
            delay = max(0.0, (instant - self.now()).total_seconds())
            self._wakeup = asyncio.get_running_loop().call_later(delay, self._ring)


class Activity:
    """Counts who is at work. The playground moves its clock only when nobody is."""

    def __init__(self) -> None:
        self._working = 0
        self._idle = asyncio.Event()
        self._idle.set()

    def begin(self) -> None:
        self._working += 1
        self._idle.clear()

    def end(self) -> None:
        self._working -= 1
        if self._working == 0:
            self._idle.set()

    @property
    def idle(self) -> bool:
        return self._working == 0

    @contextmanager
    def working(self) -> Iterator[None]:
        self.begin()
        try:
            yield
        finally:
            self.end()

    async def until_idle(self) -> None:
        await self._idle.wait()


def back_off(failures: int, longest: float) -> timedelta:
    """How long to wait after so many failures in a row: 1, 2, 4 … `longest` seconds."""
    return timedelta(seconds=min(2.0 ** min(failures - 1, 16), longest))


async def sleep(clock: Clock, how_long: timedelta) -> None:
    """Wait this long by `clock`. For what is not counted as work; workers wait at a Bell."""
    over = asyncio.get_running_loop().create_future()
    alarm = clock.call_at(clock.now() + how_long, lambda: over.set_result(None))
    try:
        await over
    finally:
        alarm.cancel()


class Bell:
    """Where one worker waits until it is rung or a time has come.

    Work counts from the ring, not from the moment the worker gets round to it: so between two
    workers that hand over to each other, nobody looks idle.
    """

    def __init__(self, clock: Clock, activity: Activity) -> None:
        self._clock = clock
        self._activity = activity
        self._rung = False
        self._asleep: asyncio.Future[None] | None = None
        activity.begin()

    def ring(self) -> None:
        """Wake the worker; if it is at work, it will look once more before it waits again."""
        if self._asleep is None:
            self._rung = True
        elif not self._asleep.done():
            self._activity.begin()
            self._asleep.set_result(None)

    async def wait(self, until: datetime | None = None) -> None:
        """Wait for a ring, or `until` this instant."""
        if self._rung or (until is not None and until <= self._clock.now()):
            self._rung = False
            await asyncio.sleep(0)
            return
        self._asleep = asyncio.get_running_loop().create_future()
        alarm = self._clock.call_at(until, self.ring) if until is not None else None
        self._activity.end()
        try:
            await self._asleep
        finally:
            self._asleep = None
            if alarm is not None:
                alarm.cancel()
