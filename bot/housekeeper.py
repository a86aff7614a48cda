"""The housekeeper: deletes, now and then, what is kept no longer, and makes the backup of the night."""

import asyncio
import threading
from datetime import datetime

import structlog

from bot.clock import Activity, Bell, Clock
from bot.crash_points import reached
from bot.services import housekeeping
from bot.storage.backup import BackupError, Nightly
from bot.storage.unit_of_work import Storage

log = structlog.get_logger()


class Housekeeper:
    """Tidies at the start, and whenever its bell is rung; backs up once a day, if it is to."""

    def __init__(
        self, storage: Storage, clock: Clock, activity: Activity, nightly: Nightly | None = None
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._nightly = nightly
        self.bell = Bell(clock, activity)

    async def run(self) -> None:
        """Tidy until cancelled; a failure is for the next time."""
        while True:
            now = self._clock.now()
            try:
                async with self._storage.unit_of_work() as uow:
                    await housekeeping.tidy(uow, now)
                    reached("in_housekeeping")
                    await uow.commit(now)
                await self._storage.shorten_log()
            except Exception as error:
                log.exception("housekeeping.failed", error=type(error).__name__)
            if self._nightly is not None:
                await self._back_up(self._nightly, now)
            await self.bell.wait()

    async def _back_up(self, nightly: Nightly, now: datetime) -> None:
        """In a thread, since it may take minutes; it ends at once when the bot is to stop."""
        stop = threading.Event()
        try:
            target = nightly.due(now)
            if target is None:
                return
            await asyncio.to_thread(nightly.make, target, now, stop.is_set)
        except BackupError as error:
            log.error("backup.failed", reason=str(error), hint="tried again in an hour")
        except Exception as error:
            log.exception("backup.failed", error=type(error).__name__)
        else:
            log.info("backup.made", file=str(target))
        finally:
            stop.set()
