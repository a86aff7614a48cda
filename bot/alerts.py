"""Tells whoever runs the bot what needs a person: one message, at most once an hour for each kind of thing.

It listens to the log, whose events are what docs/operating.md explains. Of an event it takes the name, and
nothing that stands beside it: so a message can hold nothing that anybody wrote. It is sent past the outbox,
for that may be what is in trouble (decision 25).
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.clock import Activity, Bell, Clock, back_off
from bot.delivery.messenger import DeliveryError, NotDeliveredError, TooFastError
from bot.delivery.rate_limit import RateLimiter

log = structlog.get_logger()

PAUSE = timedelta(hours=1)
"""So long nothing more is said of the same kind."""
GATHER = timedelta(seconds=5)
"""What goes wrong together is told together."""
LONGEST_BACK_OFF = 300.0
"""Seconds."""
FAULT = "something in the bot failed; it tries again by itself"
KINDS: Mapping[str, str] = {
    "update.set_aside": "what somebody sent could not be handled, and was set aside; they were told",
    "notice.refused": "Telegram did not take a message, and will not",
    "notice.broken": "a message could not be made: a fault of the program or of the content",
    "timers.failed": "what was due could not be done; it is tried again every five minutes",
    "backup.failed": "there is no backup of this night; it is tried again in an hour",
    "housekeeping.failed": "what should be deleted was not; it is tried again in an hour",
    "database.trouble": "the database does not work, so the bot stands still; nothing is lost",
    "database.well_again": "the database works again, and so does the bot",
    "webhook.not_reached": "Telegram cannot bring updates to WEBHOOK_URL; it tries again",
    "webhook.gone": "somebody took the webhook off; it is set again. Does anybody else know the token?",
    "telegram.conflict": "another program asks Telegram for this bot's updates; one of the two has to go",
    "intake.missed": FAULT,
    "dispatcher.missed": FAULT,
    "heartbeat.missed": FAULT,
    "job.failed": FAULT,
    "zone_data.failed": FAULT,
}
"""The events that need a person, in words."""

Tell = Callable[[str], Awaitable[None]]
"""Send a text to the chat of whoever runs the bot. Raises DeliveryError."""
MayTell = Callable[[str, timedelta], Awaitable[bool]]
"""Whether nobody else has told of this event within that time."""


@dataclass
class _Kind:
    """What is to be told of one event. `since`: when the first of it came."""

    count: int = 0
    since: datetime | None = None
    told_at: datetime | None = None

    def due_at(self) -> datetime | None:
        if self.since is None:
            return None
        soon = self.since + GATHER
        return soon if self.told_at is None else max(soon, self.told_at + PAUSE)


class Alerts:
    """Hears of events (`heard`), and tells of them while it runs."""

    def __init__(self, clock: Clock, activity: Activity) -> None:
        self.may_tell: MayTell | None = None
        """Of several replicas, whether this one is to tell."""
        self._clock = clock
        self._kinds = {name: _Kind() for name in KINDS}
        self._failures = 0
        self._again_at: datetime | None = None
        self._loop = asyncio.get_running_loop()
        self._bell = Bell(clock, activity)

    def heard(self, _level: str, event: str) -> None:
        """Something was logged, by whatever thread."""
        if event not in KINDS:
            return
        try:
            asyncio.get_running_loop()
        except RuntimeError:
            self._loop.call_soon_threadsafe(self._note, event)
        else:
            self._note(event)

    def _note(self, event: str) -> None:
        kind = self._kinds[event]
        kind.count += 1
        if kind.since is None:
            kind.since = self._clock.now()
            self._bell.ring()

    async def run(self, tell: Tell, chat: int, limiter: RateLimiter) -> None:
        """Tell until cancelled."""
        while True:
            await self._bell.wait(await self._round(tell, chat, limiter))

    async def _round(self, tell: Tell, chat: int, limiter: RateLimiter) -> datetime | None:
        """Tell what is due; when there will be more."""
        now = self._clock.now()
        due = {name: kind for name, kind in self._kinds.items() if (at := kind.due_at()) and at <= now}
        if due and (self._again_at is None or self._again_at <= now):
            due = await self._ours(due, now)
        if due and (self._again_at is None or self._again_at <= now):
            limiter.take(now, chat, bulk=False, edit=False)
            self._again_at = await self._tell(tell, due, now)
        upcoming = min((at for kind in self._kinds.values() if (at := kind.due_at())), default=None)
        return max(upcoming, self._again_at) if upcoming and self._again_at else upcoming

    async def _ours(self, due: dict[str, _Kind], now: datetime) -> dict[str, _Kind]:
        """Those that no other replica has told of; the others count as told."""
        if self.may_tell is None or self._failures:
            return due
        ours = {name: kind for name, kind in due.items() if await self.may_tell(name, PAUSE)}
        for name in due.keys() - ours.keys():
            kind = due[name]
            kind.count, kind.since, kind.told_at = 0, None, now
        return ours

    async def _tell(self, tell: Tell, due: Mapping[str, _Kind], now: datetime) -> datetime | None:
        """When to try again, if it did not arrive."""
        counts = {name: kind.count for name, kind in due.items()}
        try:
            await tell(worded(counts))
        except TooFastError as error:
            return now + timedelta(seconds=error.seconds)
        except NotDeliveredError:
            self._failures += 1
            return now + back_off(self._failures, LONGEST_BACK_OFF)
        except DeliveryError as error:  # refused, or perhaps delivered: it is not said a second time
            log.warning("operator.not_told", error=type(error).__name__, hint="see OPERATOR_CHAT_ID")
        self._failures = 0
        for name, kind in due.items():
            kind.count -= counts[name]  # what came while it was being sent is told in an hour
            kind.since = now if kind.count else None
            kind.told_at = now
        return None


def worded(counts: Mapping[str, int]) -> str:
    """The message: each kind of event, and how often it came."""
    lines = [f"• {_times(count)}{name}: {KINDS[name]}." for name, count in counts.items()]
    return "\n".join(
        [
            "StillHere, to whoever runs it:",
            *lines,
            "The log says more, and docs/operating.md what to do. No more of the same within an hour.",
        ]
    )


def _times(count: int) -> str:
    return "" if count == 1 else f"{count} × "
