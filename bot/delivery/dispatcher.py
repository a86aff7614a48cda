"""The dispatcher: claim by priority, render and send, settle. Nothing else in the bot sends."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import structlog

from bot.clock import Activity, Bell, Clock, back_off
from bot.crash_points import reached
from bot.delivery.messenger import (
    DeliveryError,
    Messenger,
    NotDeliveredError,
    PerhapsDeliveredError,
    RefusedError,
    TooFastError,
    UnreachableError,
)
from bot.delivery.pacer import Pacer
from bot.delivery.rate_limit import RateLimiter
from bot.domain.decision import Operation
from bot.storage.outbox import DROPPED, FAILED, SENT, WAITING, Envelope, Settled
from bot.storage.unit_of_work import Storage, UnitOfWork

log = structlog.get_logger()

MOST_IN_FLIGHT = 32
LONGEST_BACK_OFF = 300.0
"""Seconds."""
AFTER_FAILURE = timedelta(seconds=5)


class Dispatcher:
    """Takes what may go now from the outbox, and keeps one send in flight a chat."""

    def __init__(
        self,
        storage: Storage,
        messenger: Messenger,
        *,
        limiter: RateLimiter,
        pacer: Pacer,
        clock: Clock,
        activity: Activity,
    ) -> None:
        self._storage = storage
        self._messenger = messenger
        self._limiter = limiter
        self._pacer = pacer
        self._clock = clock
        self._activity = activity
        self._flights: dict[asyncio.Task[None], int] = {}
        self._finished: list[Settled] = []
        self.bell = Bell(clock, activity)
        pacer.on_free = self.bell.ring
        pacer.in_flight = lambda chat: chat in self._flights.values()

    async def run(self) -> None:
        """Dispatch until cancelled; sends in flight are then given a moment to finish and are settled."""
        await self._recover()
        try:
            while True:
                try:
                    started, wake_at = await self._round()
                except Exception as error:
                    log.exception("dispatcher.missed", error=type(error).__name__)
                    started, wake_at = 0, self._clock.now() + AFTER_FAILURE
                if not started:
                    await self.bell.wait(wake_at)
        finally:
            await self._land()

    async def _recover(self) -> None:
        now = self._clock.now()
        async with self._storage.unit_of_work() as uow:
            recovered = await uow.outbox.recover(now)
            await uow.commit(now)
        if recovered:
            log.info("outbox.recovered", rows=recovered)

    async def _round(self) -> tuple[int, datetime | None]:
        """Settle what has finished, start what may go; how many were started, and when to look again."""
        now = self._clock.now()
        room = min(self._limiter.free(now), MOST_IN_FLIGHT - len(self._flights))
        held = self._limiter.halted(now) | set(self._flights.values()) | self._pacer.busy
        claimed = []
        async with self._settling(now) as uow:
            if room > 0:
                claimed = await uow.outbox.claim(
                    now, room, bulk=self._limiter.bulk_free(now), held=held, spent=self._limiter.spent(now)
                )
            wake_at = await uow.outbox.next_waiting(now)
        for envelope in claimed:
            self._start(envelope, now)
        changes = [at for at in (wake_at, self._limiter.next_change(now)) if at is not None]
        return len(claimed), min(changes, default=None)

    def _start(self, envelope: Envelope, now: datetime) -> None:
        notice = envelope.notice
        edit = notice.operation is not Operation.SEND
        self._limiter.take(now, envelope.chat, bulk=notice.priority.bulk, edit=edit)
        self._activity.begin()
        task = asyncio.create_task(self._send(envelope))
        self._flights[task] = envelope.chat
        task.add_done_callback(self._landed)

    def _landed(self, task: asyncio.Task[None]) -> None:
        del self._flights[task]
        self.bell.ring()
        self._activity.end()

    async def _send(self, envelope: Envelope) -> None:
        try:
            await self._pacer.quiet(envelope.chat)
            reached("before_send")
            receipt = await self._messenger.deliver(envelope)
            reached("after_send")
        except DeliveryError as error:
            self._finished.append(self._failed(envelope, error))
            return
        except Exception:
            log.exception("notice.broken", notice=envelope.id, kind=envelope.notice.kind)
            self._finished.append(Settled(envelope, FAILED, error="broken"))
            return
        log.debug("notice.sent", notice=envelope.id, kind=envelope.notice.kind)
        self._finished.append(Settled(envelope, SENT, receipt.message))
        if receipt.message is not None:
            self._pacer.rest(envelope.chat, receipt.message)
            if receipt.motion is not None:
                self._pacer.start(envelope.chat, receipt.message, receipt.motion)

    def _failed(self, envelope: Envelope, error: DeliveryError) -> Settled:
        """What to do about a failure: again later, not again, or never."""
        now = self._clock.now()
        name = type(error).__name__
        log.info("notice.failed", notice=envelope.id, kind=envelope.notice.kind, error=name)
        match error:
            case TooFastError(seconds=seconds):
                self._limiter.halt(now, envelope.chat, seconds)
                return Settled(envelope, WAITING, error=name, not_before=now + timedelta(seconds=seconds))
            case RefusedError():
                log.error("notice.refused", notice=envelope.id, kind=envelope.notice.kind, reason=str(error))
                return Settled(envelope, FAILED, error=name)
            case UnreachableError():
                return Settled(envelope, FAILED, error=name)
            case PerhapsDeliveredError() if envelope.notice.priority.bulk:
                return Settled(envelope, DROPPED, error=name)
            case PerhapsDeliveredError() | NotDeliveredError():
                return Settled(
                    envelope,
                    WAITING,
                    error=name,
                    not_before=now + back_off(envelope.attempts, LONGEST_BACK_OFF),
                )
        return Settled(envelope, FAILED, error=name)

    @asynccontextmanager
    async def _settling(self, now: datetime) -> AsyncIterator[UnitOfWork]:
        """A unit of work that first writes down what has finished; cut short, it will be written later."""
        finished, self._finished = self._finished, []
        try:
            async with self._storage.unit_of_work() as uow:
                await uow.outbox.settle(finished, now)
                for each in finished:
                    if each.error == UnreachableError.__name__:
                        await uow.people.set_reachable(each.envelope.person.id, False)
                yield uow
                await uow.commit(now)
        except BaseException:
            self._finished[:0] = finished
            raise

    async def _land(self) -> None:
        """On the way out: wait for what is in flight, and write down what became of it."""
        if self._flights:
            await asyncio.wait(self._flights, timeout=5)
        if self._finished:
            async with self._settling(self._clock.now()):
                pass
