"""When the zone data are others than last time, reminders are planned anew in the background."""

from datetime import timedelta

import structlog

from bot.clock import Activity, Bell, Clock
from bot.places.zones import DATA_VERSION
from bot.services import zone_data
from bot.storage.unit_of_work import Storage

log = structlog.get_logger()

AFTER_FAILURE = timedelta(minutes=1)


class ZoneWatch:
    """A transaction a batch; after a restart it goes on where it was."""

    def __init__(
        self, storage: Storage, clock: Clock, activity: Activity, version: str = DATA_VERSION
    ) -> None:
        self._storage = storage
        self._clock = clock
        self._version = version
        self.bell = Bell(clock, activity)

    async def run(self) -> None:
        """Work until all is done, then wait until cancelled."""
        while True:
            again = None
            try:
                while await self._step():
                    pass
            except Exception as error:
                log.exception("zone_data.failed", error=type(error).__name__)
                again = self._clock.now() + AFTER_FAILURE
            await self.bell.wait(again)

    async def _step(self) -> bool:
        now = self._clock.now()
        async with self._storage.unit_of_work() as uow:
            more = await zone_data.step(uow, self._version, now)
            await uow.commit(now)
        return more
