"""Deleting what is kept no longer."""

from bot.clock import Clock
from bot.storage.unit_of_work import Storage


async def tidy(storage: Storage, clock: Clock) -> None:
    """Drop expired notices, and rows past the time they are kept."""
    now = clock.now()
    async with storage.unit_of_work() as uow:
        await uow.outbox.expire(now)
        await uow.log.tidy(now)
        await uow.commit(now)
