"""The heartbeat: wakes at the earliest due timer and runs what is due, what was promised before reminders.

Reminders become notices only as fast as they can be sent: what lies in the outbox is decided, and a hundred
thousand that are due at nine o'clock shall keep nobody waiting.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from bot.clock import Activity, Bell, Clock
from bot.content.catalog import Content
from bot.crash_points import reached
from bot.services import timers
from bot.storage.timers import DueTimer
from bot.storage.unit_of_work import DatabaseTroubleError, DeadlockError, Storage

log = structlog.get_logger()

BATCH = 50
"""Rows in a transaction: whoever is in a hurry waits for one of them at most."""
AHEAD = 2_000
"""So many reminders may wait in the outbox: two seconds' worth at the highest rate there is."""
HELD = timedelta(seconds=0.5)
"""While that many wait, the rest is looked at again after this."""
BUSY = timedelta(seconds=0.05)
"""After this is looked again at what another replica is at, or whose people are just being answered."""
AFTER_FAILURE = timedelta(seconds=5)


class Heartbeat:
    """Runs due timers in batches, a transaction each; one that fails is put off alone."""

    def __init__(
        self,
        storage: Storage,
        content: Content,
        clock: Clock,
        activity: Activity,
        in_contact: Callable[[], bool],
        *,
        ahead: int = AHEAD,
    ) -> None:
        """`in_contact`: whether Telegram is within reach; noted with every batch, to know of an outage."""
        self._ahead = ahead
        self._storage = storage
        self._content = content
        self._clock = clock
        self._in_contact = in_contact
        self.bell = Bell(clock, activity)
        self._next: datetime | None = None
        """When it will look again, as far as it knows."""
        self.on_run: Callable[[str, float], None] = lambda _kind, _seconds: None

    def look(self, _earliest: datetime | None = None) -> None:
        """Timers were changed here."""
        self.bell.ring()

    def hear(self, earliest: datetime | None) -> None:
        """Another replica has set some, the earliest to this instant (None: that is not known)."""
        if earliest is None or self._next is None or earliest < self._next:
            self.bell.ring()

    async def run(self) -> None:
        """Beat until cancelled."""
        while True:
            try:
                self._next = await self._beat()
            except DeadlockError:
                self._next = self._clock.now()
            except Exception as error:
                log.exception("heartbeat.missed", error=type(error).__name__)
                self._next = self._clock.now() + AFTER_FAILURE
            await self.bell.wait(self._next)

    async def _beat(self) -> datetime | None:
        """Run everything that is due; when the next one will be."""
        now = self._clock.now()
        while await self._run_batch(now, BATCH):
            now = self._clock.now()
        async with self._storage.unit_of_work() as uow:
            next_due = await uow.timers.next_due()
            if next_due is None or next_due > now:
                return next_due
            promise = await uow.timers.next_promise()  # only reminders are left that are due
            if promise is not None and promise <= now:  # or another replica is at it
                return now + BUSY
            return now + HELD if promise is None else min(promise, now + HELD)

    async def _run_batch(self, now: datetime, limit: int) -> bool:
        """One transaction; whether there may be more to do."""
        due: list[DueTimer] = []
        try:
            async with self._storage.unit_of_work() as uow:
                room = self._ahead - await uow.outbox.bulk_waiting(self._ahead)
                due = await uow.due_timers(now, limit, reminders=limit if room >= limit else 0)
                await timers.run(uow, due, now, self._content)
                if due:
                    reached("in_due_timers")
                    if self._in_contact():
                        await uow.log.note_contact(now)
                await uow.commit(now)
        except DatabaseTroubleError:  # no fault of the timers: they stay due
            raise
        except Exception as error:
            if not due:
                raise
            log.exception("timers.failed", timers=len(due), error=type(error).__name__)
            if limit > 1:
                for _ in due:
                    await self._run_batch(now, 1)
                return True
            await self._put_off(due, now)
            return True
        for timer in due:
            self.on_run(timer.kind, (now - timer.due_at).total_seconds())
        return bool(due)

    async def _put_off(self, due: list[DueTimer], now: datetime) -> None:
        async with self._storage.unit_of_work() as uow:
            for timer in due:
                await uow.timers.put_off(timer.id, now + timers.AGAIN_AFTER)
            await uow.commit(now)
