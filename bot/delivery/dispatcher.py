"""The dispatcher: look, choose by priority, render and send, settle. Nothing else in the bot sends.

The outbox is the truth; what is held in memory is a window on it, the notices that are nearest to going.
A notice is chosen from it only when there is a token for it, marked as being sent, and sent once that is
committed. Bulk is settled in batches; people's notices at once.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

import structlog

from bot.clock import Activity, Bell, Clock
from bot.crash_points import reached
from bot.delivery.failures import failed
from bot.delivery.messenger import DeliveryError, Messenger, UnreachableError
from bot.delivery.pacer import Pacer
from bot.delivery.rate_limit import RateLimiter
from bot.delivery.window import Room, choose
from bot.storage.outbox import FAILED, SENT, WAITING, Envelope, Settled, Waiting
from bot.storage.unit_of_work import DeadlockError, Storage, UnitOfWork

log = structlog.get_logger()

MOST_SENDING = 96
"""Chats that something is being sent to, or was and is not settled yet: after a crash they get it again.
An edit that has landed does not count, for nobody sees it happen twice."""
MOST_BULK = 64
"""Of these, so many may be bulk."""
BATCH = 32
"""So much bulk is settled at once."""
SOON = timedelta(milliseconds=100)
"""What has landed waits so long for the next that start: both are written down together."""
WINDOW = 256
AFTER_FAILURE = timedelta(seconds=5)


class Dispatcher:
    """Takes what may go now from the outbox, and makes one call at a time to a chat."""

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
        self._flights: dict[int, asyncio.Task[None]] = {}
        """By chat: a message, and the edits before it."""
        self._bulk_flights: set[int] = set()
        self._finished: list[Settled] = []
        self._window: list[Waiting] = []
        self._stale = True
        """Whether something may wait that is more urgent than what the window shows."""
        self._is_more = False
        """Whether something may wait that comes after all the window shows."""
        self._passed_over: set[int] = set()
        """Chats that the window was not to show."""
        self._later: datetime | None = None
        """When the first notice may go that has to wait until then."""
        self._is_later_known = True
        self._bell = Bell(clock, activity)
        self._on_duty = True
        self._tenure = 0
        """Counts how often another replica may have been the sender."""
        self.on_sent: Callable[[str | None], None] = lambda _error: None
        pacer.on_free = self._bell.ring
        pacer.in_flight = self._flights.__contains__

    def notice(self) -> None:
        """Something new is in the outbox: look."""
        self._stale = True
        self._bell.ring()

    def stand_by(self) -> None:
        """Another replica is the sender, or may be soon: start nothing."""
        self._on_duty = False

    def take_over(self, others: bool) -> None:
        """Be the sender. `others`: somebody else may have been, and has taken what was in flight here."""
        if others:
            self._tenure += 1
            self._finished, self._window = [], []
            self._later, self._is_later_known, self._is_more = None, True, False
            self._passed_over = set()
        self._on_duty = True
        self.notice()

    async def run(self) -> None:
        """Dispatch until cancelled; sends in flight are then given a moment to finish and are settled."""
        if self._on_duty:
            await self._recover()
        try:
            while True:
                try:
                    wake_at = await self._round() if self._on_duty else None
                except DeadlockError:
                    self._stale, wake_at = True, self._clock.now()
                except Exception as error:
                    log.exception("dispatcher.missed", error=type(error).__name__)
                    self._stale, wake_at = True, self._clock.now() + AFTER_FAILURE
                await self._bell.wait(wake_at)
        finally:
            await self._land()

    async def _recover(self) -> None:
        now = self._clock.now()
        async with self._storage.unit_of_work() as uow:
            recovered = await uow.outbox.recover(now)
            await uow.commit(now)
        if recovered:
            log.info("outbox.recovered", rows=recovered)

    async def _round(self) -> datetime | None:
        """Settle what has finished, start what may go; when to do so again (None: when it rings)."""
        now = self._clock.now()
        chosen = self._choose(now)
        is_due = self._is_to_look(now, chosen) or self._is_time_to_settle() or not self._is_later_known
        if not chosen and not is_due:
            return self._next_change(now)
        async with self._settling(now) as uow:
            chosen = self._choose(now)
            if self._is_to_look(now, chosen):
                await self._look(uow, now)
                chosen = self._choose(now)
            if not chosen and not self._is_later_known:  # those who need not wait do not wait for this
                self._later, self._is_later_known = await uow.outbox.next_waiting(now), True
            envelopes = await uow.outbox.claim([each.id for each in chosen], now)
        gone = {each.id for each in chosen}
        self._window = [each for each in self._window if each.id not in gone]
        flights: dict[int, list[Envelope]] = {}
        for envelope in envelopes:
            flights.setdefault(envelope.chat, []).append(envelope)
        for chat, together in flights.items():
            self._start(chat, together, now)
        return now if chosen else self._next_change(now)

    def _choose(self, now: datetime) -> list[Waiting]:
        held = self._limiter.halted(now) | self._flights.keys() | self._pacer.busy
        return choose(self._window, self._room(now), held=held, spent=self._limiter.spent(now))

    def _room(self, now: datetime) -> Room:
        """What the limiter allows, as far as not too much is under way. Bulk takes several places or none."""
        sending = len(self._flights) + sum(not each.envelope.edits for each in self._finished)
        bulk = MOST_BULK - len(self._bulk_flights) - sum(each.bulk for each in self._finished)
        return Room(
            self._limiter.free(now),
            min(self._limiter.bulk_free(now), bulk if bulk >= BATCH else 0),
            MOST_SENDING - sending,
        )

    def _is_to_look(self, now: datetime, chosen: list[Waiting]) -> bool:
        """Whether the window does not show what goes next, or less than there is room for."""
        room = self._room(now)
        return (
            self._stale
            or (self._later is not None and self._later <= now)
            or bool(self._passed_over - self._limiter.halted(now) - self._limiter.spent(now))
            or (self._is_more and len(chosen) < min(room.all, room.bulk, room.chats))
        )

    async def _look(self, uow: UnitOfWork, now: datetime) -> None:
        halted, spent = self._limiter.halted(now), self._limiter.spent(now)
        self._stale = False  # before reading: what comes meanwhile is looked at once more
        try:
            self._window = await uow.outbox.waiting(now, WINDOW, halted=halted, spent=spent)
        except BaseException:
            self._stale = True
            raise
        self._passed_over, self._is_more = halted | spent, len(self._window) == WINDOW
        self._is_later_known = False

    def _next_change(self, now: datetime) -> datetime | None:
        """When to look again if nothing rings. With nothing to send, no token is waited for."""
        waits = self._window or self._passed_over or self._is_more
        changes = [self._later, self._limiter.next_change(now) if waits else None]
        return min((at for at in changes if at is not None), default=None)

    def _start(self, chat: int, envelopes: Sequence[Envelope], now: datetime) -> None:
        for envelope in envelopes:
            self._limiter.take(now, chat, bulk=envelope.bulk, edit=envelope.edits)
        if envelopes[0].bulk:
            self._bulk_flights.add(chat)
        self._activity.begin()
        self._flights[chat] = asyncio.create_task(self._fly(chat, envelopes))

    async def _fly(self, chat: int, envelopes: Sequence[Envelope]) -> None:
        """Send these one after the other; if one has to wait, those behind it wait with it."""
        until: datetime | None = None
        tenure = self._tenure
        try:
            for envelope in envelopes:
                if tenure != self._tenure:  # another replica has taken over these, too
                    break
                if until is None:
                    settled = await self._send(envelope)
                    self.on_sent(settled.error)
                    until = settled.not_before
                else:
                    settled = Settled(envelope, WAITING, not_before=until)
                if tenure != self._tenure:
                    break
                self._finished.append(settled)
                # Bulk has shown all it has of one chat; after anything else there may be more for it.
                if settled.bulk and settled.state == SENT:
                    self._is_more = True
                else:
                    self._stale = True
        finally:
            del self._flights[chat]
            self._bulk_flights.discard(chat)
            self._bell.ring()
            self._activity.end()

    def _is_time_to_settle(self) -> bool:
        """Bulk waits for company; people do not."""
        if len(self._finished) >= BATCH or any(not each.bulk for each in self._finished):
            return True
        return bool(self._finished) and not self._flights and not self._is_bulk_soon()

    def _is_bulk_soon(self) -> bool:
        now = self._clock.now()
        return bool(self._window) and self._limiter.bulk_ready_at(now) <= now + SOON

    async def _send(self, envelope: Envelope) -> Settled:
        try:
            await self._pacer.quiet(envelope.chat)
            reached("before_send")
            receipt = await self._messenger.deliver(envelope)
            reached("after_send")
        except DeliveryError as error:
            return failed(envelope, error, self._clock.now(), self._limiter)
        except Exception:
            log.exception("notice.broken", notice=envelope.id, kind=envelope.notice.kind)
            return Settled(envelope, FAILED, error="broken")
        log.debug("notice.sent", notice=envelope.id, kind=envelope.notice.kind)
        for message in (envelope.message, receipt.message):  # a new one may have taken its place
            if message is not None:
                self._pacer.rest(envelope.chat, message)
        if receipt.message is not None and receipt.motion is not None:
            self._pacer.start(envelope.chat, receipt.message, receipt.motion)
        return Settled(envelope, SENT, receipt.message)

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
            await asyncio.wait(list(self._flights.values()), timeout=5)
        if self._finished and self._on_duty:
            async with self._settling(self._clock.now()):
                pass
