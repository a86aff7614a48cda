"""Deleting what is kept no longer."""

from datetime import datetime

from bot.storage.unit_of_work import UnitOfWork


async def tidy(uow: UnitOfWork, now: datetime) -> None:
    """Drop expired notices, and rows past the time they are kept (`domain.retention`)."""
    if not await uow.turns.alone("housekeeping"):
        return  # another replica is at it
    await uow.outbox.expire(now)
    await uow.people.let_go()
    await uow.log.tidy(now)
