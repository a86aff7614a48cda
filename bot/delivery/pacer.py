"""The pacer moves the message of a guided breath, gently: it gives way to everything else."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from bot.clock import Activity, Bell, Clock
from bot.delivery.messenger import BEAT, DeliveryError, GoneError, Messenger, Motion, TooFastError
from bot.delivery.rate_limit import RateLimiter

log = structlog.get_logger()

_BEAT = timedelta(seconds=BEAT)


@dataclass(frozen=True)
class _Breath:
    message: int
    motion: Motion
    started_at: datetime
    next_at: datetime


class Pacer:
    """One moving message a chat, in memory only: its end is a timer, so nothing is lost with it."""

    def __init__(self, messenger: Messenger, limiter: RateLimiter, clock: Clock, activity: Activity) -> None:
        self._messenger = messenger
        self._limiter = limiter
        self._clock = clock
        self._breaths: dict[int, _Breath] = {}
        self._activity = activity
        self._bell = Bell(clock, activity)
        self._beats: dict[int, asyncio.Task[None]] = {}
        self.on_free: Callable[[], None] = lambda: None
        self.in_flight: Callable[[int], bool] = lambda chat: False
        """Whether the dispatcher is sending to this chat: a beat then gives way."""

    @property
    def busy(self) -> set[int]:
        """Chats with a beat in flight."""
        return set(self._beats)

    def start(self, chat: int, message: int, motion: Motion) -> None:
        """Let this message breathe; one that moved in this chat before comes to rest."""
        now = self._clock.now()
        self._breaths[chat] = _Breath(message, motion, now, now + _BEAT)
        self._bell.ring()

    def rest(self, chat: int, message: int) -> None:
        """The dispatcher has written to this message: it moves no more."""
        breath = self._breaths.get(chat)
        if breath is not None and breath.message == message:
            del self._breaths[chat]

    def stop(self) -> None:
        """Another replica is the sender: move nothing more. The messages stay as they are until their end."""
        self._breaths.clear()

    async def run(self) -> None:
        """Move what moves until cancelled. One slow chat does not stop the others."""
        try:
            while True:
                now = self._clock.now()
                for chat in [chat for chat, breath in self._breaths.items() if breath.next_at <= now]:
                    self._beat(chat, now)
                await self._bell.wait(min((each.next_at for each in self._breaths.values()), default=None))
        finally:
            for task in self._beats.values():
                task.cancel()
            await asyncio.gather(*self._beats.values(), return_exceptions=True)

    async def quiet(self, chat: int) -> None:
        """Wait until no beat of this chat is in flight."""
        if chat in self._beats:
            await asyncio.wait((self._beats[chat],))

    def _beat(self, chat: int, now: datetime) -> None:
        """Start a beat; it is skipped rather than made to wait."""
        breath = self._breaths[chat]
        elapsed = (now - breath.started_at).total_seconds()
        if elapsed >= breath.motion.seconds:
            del self._breaths[chat]
            return
        self._breaths[chat] = replace(breath, next_at=now + _BEAT)
        held = chat in self._beats or chat in self._limiter.halted(now) or self.in_flight(chat)
        if held or self._limiter.free(now) < 1:
            return
        self._limiter.take(now, chat, bulk=False, edit=True)
        self._activity.begin()
        self._beats[chat] = asyncio.create_task(self._move(chat, breath, elapsed))

    async def _move(self, chat: int, breath: _Breath, elapsed: float) -> None:
        try:
            await self._messenger.move(chat, breath.message, breath.motion, elapsed)
        except TooFastError as error:
            self._limiter.halt(self._clock.now(), chat, error.seconds)
            self._breaths.pop(chat, None)
        except GoneError:
            self._breaths.pop(chat, None)
        except DeliveryError as error:
            log.debug("breath.beat_lost", error=type(error).__name__)
        except Exception:
            log.exception("breath.broken", pattern=breath.motion.pattern)
            self._breaths.pop(chat, None)
        finally:
            del self._beats[chat]
            self.on_free()
            self._activity.end()
