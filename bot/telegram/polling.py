"""Long polling: a batch is asked for when the one before has been committed, which confirms it."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import structlog
from telegram import Bot
from telegram.error import Conflict, InvalidToken, TelegramError

from bot.clock import Activity, Bell, Clock
from bot.crash_points import reached
from bot.telegram.intake import ALLOWED, BATCH, Intake
from bot.telegram.request import request_data

log = structlog.get_logger()

LONG_POLL = 25
"""Seconds Telegram holds a poll when there is nothing."""
CONFLICT_PATIENCE = 30.0
"""Seconds: of two pollers the older one is told first, so a restart may see this for a moment."""
CONFLICT_OVER = timedelta(minutes=1)
"""Two that poll take turns: only after so long without a conflict the other one is gone."""
AFTER_FAILURE = timedelta(seconds=5)


class TokenRefusedError(Exception):
    """Telegram does not know this token (any more)."""


class SecondInstanceError(Exception):
    """Another process polls with the same token."""


class Polling:
    """Asks Telegram for updates, and hands them to the intake."""

    def __init__(self, bot: Bot, intake: Intake, clock: Clock, activity: Activity) -> None:
        self._bot = bot
        self._intake = intake
        self._contact = intake.contact
        self._clock = clock
        self._activity = activity
        self._pause = Bell(clock, activity)
        self._conflict: tuple[datetime, datetime] | None = None
        """since when another process polls, too, and when that was seen last"""
        self._again_at: datetime | None = None
        self._confirmed = 0
        self.whenever: Callable[[Callable[[], Awaitable[None]]], Awaitable[None]] | None = None
        """Of several replicas one polls: does what it is given whenever that is this one."""

    def close(self) -> None:
        """There is nothing to close."""

    async def prepare(self) -> None:
        """A webhook left behind would keep polling from working. Raises TelegramError."""
        await self._bot.delete_webhook()

    async def run(self) -> None:
        """Poll until cancelled. Raises TokenRefusedError, SecondInstanceError."""
        # While it waits for Telegram it counts as idle: what was fetched counts as work.
        self._activity.end()
        try:
            await (self._poll() if self.whenever is None else self.whenever(self._poll))
        finally:
            await self._intake.wind_up()

    async def _poll(self) -> None:
        self._conflict = self._again_at = None
        while True:
            try:
                await self._once()
            except (TokenRefusedError, SecondInstanceError):
                raise
            except Exception as error:  # nothing was confirmed: it all comes again
                log.exception("intake.missed", error=type(error).__name__)
                self._again_at = self._clock.now() + AFTER_FAILURE
            if self._again_at is not None:
                with self._activity.working():
                    await self._pause.wait(self._again_at)

    async def _once(self) -> None:
        if self._contact.there:
            updates = await self._fetch(LONG_POLL)
        else:  # a short poll tells at once whether there is a way to Telegram
            with self._activity.working():
                updates = await self._fetch(0)
        if updates:
            reached("after_fetch")
            with self._activity.working():
                await self._intake.take(updates)
            # Ids may jump down after a quiet week: what is confirmed is this batch, no maximum of all times.
            self._confirmed = max(int(update["update_id"]) for update in updates)

    async def _fetch(self, seconds: int) -> list[dict[str, Any]]:
        """One poll. Where it fails, `_again_at` says when to try again."""
        self._again_at = None
        parameters = {
            "offset": self._confirmed + 1 if self._confirmed else None,
            "limit": BATCH,
            "timeout": seconds,
            "allowed_updates": ALLOWED,
        }
        try:
            updates = await self._bot.request.post(
                f"{self._bot.base_url}/getUpdates",
                request_data=request_data(parameters),
                read_timeout=seconds + 10,
            )
        except TelegramError as error:
            self._again_at = self._clock.now() + self._back_off(error)
            return []
        await self._contact.made(quiet=not updates)
        return list(updates) if isinstance(updates, list) else []

    def _back_off(self, error: TelegramError) -> timedelta:
        """How long to wait after this error. Raises TokenRefusedError, SecondInstanceError."""
        now = self._clock.now()
        if isinstance(error, InvalidToken):
            raise TokenRefusedError from error
        if isinstance(error, Conflict):
            since, seen = self._conflict or (now, now)
            self._conflict = (since if now - seen <= CONFLICT_OVER else now, now)
            log.warning("telegram.conflict", hint="another process polls with this token")
            if (now - self._conflict[0]).total_seconds() >= CONFLICT_PATIENCE:
                raise SecondInstanceError from error
        return self._contact.lost(error)
