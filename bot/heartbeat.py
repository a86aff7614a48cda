"""The heartbeat: wakes at the earliest due timer and runs what is due."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from bot.clock import Activity, Bell, Clock
from bot.content.catalog import Content
from bot.crash_points import reached
from bot.services import timers
from bot.storage.timers import DueTimer
from bot.storage.unit_of_work import DatabaseTroubleError, Storage

log = structlog.get_logger()

BATCH = 100
"""Rows in a transaction: whoever is in a hurry waits for one of them at most."""
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
    ) -> None:
        """`in_contact`: whether Telegram is within reach; noted with every batch, to know of an outage."""
        self._storage = storage
        self._content = content
        self._clock = clock
        self._in_contact = in_contact
        self.bell = Bell(clock, activity)

    async def run(self) -> None:
        """Beat until cancelled."""
        while True:
            try:
                next_due = await self._beat()
            except Exception as error:
                log.exception("heartbeat.missed", error=type(error).__name__)
                next_due = self._clock.now() + AFTER_FAILURE
            await self.bell.wait(next_due)

    async def _beat(self) -> datetime | None:
        """Run everything that is due; when the next one will be."""
        now = self._clock.now()
        while await self._run_batch(now, BATCH):
            now = self._clock.now()
        async with self._storage.unit_of_work() as uow:
            return await uow.timers.next_due()

    async def _run_batch(self, now: datetime, limit: int) -> bool:
        """One transaction; whether there may be more to do."""
        due: list[DueTimer] = []
        try:
            async with self._storage.unit_of_work() as uow:
                due = await uow.timers.take_due(now, limit)
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
        return bool(due)

    async def _put_off(self, due: list[DueTimer], now: datetime) -> None:
        async with self._storage.unit_of_work() as uow:
            for timer in due:
                await uow.timers.put_off(timer.id, now + timers.AGAIN_AFTER)
            await uow.commit(now)
