"""Who of the replicas is the sender: one holds the place, by a connection of its own, and another takes over.

What the sender writes to the outbox it writes on the connection that holds the place: whoever has lost it can
neither claim nor settle. The server ends that connection when nothing is heard on it for `LEASE`: also a
process that hangs, or a machine that fell silent, gives its place up.
"""

import asyncio
import secrets
from collections.abc import Awaitable, Callable
from datetime import datetime
from time import monotonic

import structlog

from bot.storage.postgres import LEASE, Place
from bot.storage.trouble import OutdatedError
from bot.storage.unit_of_work import Storage

log = structlog.get_logger()

FACT = "sender"
"""Who held the place last: a name made up at the start of its process."""
BEAT = 1.0
"""Seconds (real ones, like all here) from one word to the server to the next."""
PATIENCE = 1.5
"""Seconds for an answer. With BEAT less than LEASE: who has lost the place knows before it is taken."""
AGAIN = 0.25
assert BEAT + PATIENCE < LEASE


class Leadership:
    """Holds the place when it is free. `leading`: it is ours, as far as is known."""

    def __init__(self, storage: Storage, place: Place, now: Callable[[], datetime]) -> None:
        """`storage` is the sender's own, whose connection waits for the `place`."""
        self._storage = storage
        self._place = place
        self._now = now
        self._name = secrets.token_hex(8)
        self._leading = asyncio.Event()
        self._lost = asyncio.Event()
        self._heard_at = 0.0
        self.on_gained: Callable[[bool], None] = lambda _others: None
        """Called with whether anybody else may have been the sender since."""
        self.on_lost: Callable[[], None] = lambda: None
        self.on_beat: Callable[[], None] = lambda: None

    @property
    def leading(self) -> bool:
        return self._leading.is_set() and monotonic() - self._heard_at < LEASE

    async def run(self) -> None:
        """Until cancelled; then the place is free at once."""
        try:
            while True:
                try:
                    others = await self._take()
                except OutdatedError:
                    raise
                except Exception as error:
                    log.debug("sender.waits", error=type(error).__name__)
                    await asyncio.sleep(AGAIN)
                    continue
                await self._lead(others)
        finally:
            await self._storage.close()

    async def while_leading(self, work: Callable[[], Awaitable[None]]) -> None:
        """Do this whenever the place is ours, until cancelled; what it raises is raised."""
        while True:
            await self._leading.wait()
            doing = asyncio.ensure_future(work())
            losing = asyncio.ensure_future(self._lost.wait())
            try:
                await asyncio.wait((doing, losing), return_when=asyncio.FIRST_COMPLETED)
                if doing.done():
                    await doing
            finally:
                for each in (doing, losing):
                    each.cancel()
                await asyncio.gather(doing, losing, return_exceptions=True)

    async def _take(self) -> bool:
        """Wait for the place; whether anybody else may have held it since we did."""
        self._place.open = True
        try:
            now = self._now()
            async with self._storage.unit_of_work() as uow:
                self._heard_at = monotonic()
                others = await uow.log.recall(FACT) != self._name
                if others:
                    recovered = await uow.outbox.recover(now)
                    if recovered:
                        log.info("outbox.recovered", rows=recovered)
                    await uow.log.remember(FACT, self._name)
                    await uow.commit(now)
            return bool(others)
        finally:
            self._place.open = False

    async def _lead(self, others: bool) -> None:
        log.info("sender.here")
        self._lost.clear()
        self._leading.set()
        self.on_gained(others)
        try:
            while True:
                await asyncio.sleep(BEAT)
                await self._beat()
                self.on_beat()
        except OutdatedError:
            raise
        except Exception as error:
            log.info("sender.gone", error=type(error).__name__)
        finally:
            self._leading.clear()
            self._lost.set()
            self.on_lost()

    async def _beat(self) -> None:
        """Raises whatever shows that the connection, and with it the place, may be gone."""
        asked_at = monotonic()
        if not self._storage.busy:  # else the sender is just talking to the server, and hears from it
            async with asyncio.timeout(PATIENCE), self._storage.unit_of_work() as uow:
                await uow.turns.is_there()
        self._heard_at = asked_at
