"""The housekeeper: deletes, now and then, what is kept no longer."""

import structlog

from bot.clock import Activity, Bell, Clock
from bot.crash_points import reached
from bot.services import housekeeping
from bot.storage.unit_of_work import Storage

log = structlog.get_logger()


class Housekeeper:
    """Tidies at the start, and whenever its bell is rung."""

    def __init__(self, storage: Storage, clock: Clock, activity: Activity) -> None:
        self._storage = storage
        self._clock = clock
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
            except Exception as error:
                log.exception("housekeeping.failed", error=type(error).__name__)
            await self.bell.wait()
