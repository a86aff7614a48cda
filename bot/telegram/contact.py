"""Whether Telegram is within reach, and since when: an outage is noticed when it is over."""

from datetime import datetime, timedelta

import structlog
from telegram.error import RetryAfter, TelegramError

from bot.clock import Clock, back_off
from bot.services import space
from bot.storage.unit_of_work import Storage
from bot.telegram.request import retry_after_seconds

log = structlog.get_logger()

OUTAGE = timedelta(minutes=2)
NOTE_EVERY = timedelta(minutes=1)
"""So often it is written down that Telegram is there, to know later how long an outage was."""
LONGEST_BACK_OFF = 30.0


class Contact:
    """`there`: whether the last call got through."""

    def __init__(self, storage: Storage, clock: Clock) -> None:
        self._storage = storage
        self._clock = clock
        self._failures = 0
        self._noted_at = clock.now()
        self.there = False

    def is_to_be_noted(self, now: datetime) -> bool:
        """Whether the transaction that is under way should write the contact down, too."""
        return abs(now - self._noted_at) > NOTE_EVERY

    def noted(self, now: datetime) -> None:
        """It was, and has been committed."""
        self._noted_at = now

    async def made(self, *, quiet: bool) -> None:
        """Telegram has answered; `quiet`: no update came with it, whose transaction would note that."""
        if self._failures:
            log.info("telegram.reached_again")
        if not self.there:
            await self._after_outage()
        elif quiet and self._clock.now() - self._noted_at > NOTE_EVERY:
            await self._note()
        self._failures, self.there = 0, True

    def lost(self, error: TelegramError) -> timedelta:
        """A call failed; how long to wait before the next."""
        if not self._failures:
            log.warning("telegram.unreachable", error=type(error).__name__, hint="trying again by itself")
        self._failures += 1
        self.there = False
        if isinstance(error, RetryAfter):
            return timedelta(seconds=retry_after_seconds(error))
        return back_off(self._failures, LONGEST_BACK_OFF)

    async def _after_outage(self) -> None:
        """Telegram keeps a tap for two and a half minutes only: ask again what is still open."""
        now = self._clock.now()
        async with self._storage.unit_of_work() as uow:
            await uow.turns.wait_for("contact")  # of several replicas one asks
            last = await uow.log.last_contact()
            if last is not None and now - last > OUTAGE:
                log.info("telegram.outage", seconds=round((now - last).total_seconds()))
                await space.after_outage(uow, last, now)
            await uow.log.note_contact(now)
            await uow.commit(now)

    async def _note(self) -> None:
        now = self._noted_at = self._clock.now()
        async with self._storage.unit_of_work() as uow:
            await uow.log.note_contact(now)
            await uow.commit(now)
