"""This process as one of several on one server: who is the sender, and what the others are told.

With a file there is one process, and none of this.
"""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from sqlalchemy.engine import make_url

from bot.clock import Clock
from bot.delivery.dispatcher import Dispatcher
from bot.delivery.pacer import Pacer
from bot.heartbeat import Heartbeat
from bot.storage.herald import Herald
from bot.storage.leadership import Leadership
from bot.storage.migrate import newest_revision
from bot.storage.postgres import Hold, Place, open_server
from bot.storage.trouble import OutdatedError
from bot.storage.unit_of_work import Storage

LOOK_EVERY = 2
"""Beats of the sender: so often it looks for what nobody told of, for who should have died right then."""
TOLD = "told"
"""The facts that begin so: when an event was told to whoever runs the bot."""


class Replica:
    """Ties the parts of this process to those of the others. `sender` is where the dispatcher works."""

    def __init__(self, url: str, storage: Storage, clock: Clock) -> None:
        place = Place()
        engine = open_server(make_url(url), Hold.SHARED, revision=newest_revision(), place=place)
        self._storage = storage
        self._clock = clock
        self.sender = Storage(engine, quiet=True)
        self.leadership = Leadership(self.sender, place, clock.now)
        self._herald = Herald(make_url(url))
        self._beats = 0
        self._was_sender = False
        self._polls = False

    @property
    def workers(self) -> list[Callable[[], Awaitable[None]]]:
        return [self._while_up_to_date, self.leadership.run, self._herald.run]

    def tie(self, dispatcher: Dispatcher, heartbeat: Heartbeat, pacer: Pacer) -> None:
        """Before they run: the dispatcher waits until this replica is the sender."""
        self._dispatcher, self._heartbeat, self._pacer = dispatcher, heartbeat, pacer
        dispatcher.stand_by()
        self.leadership.on_gained, self.leadership.on_lost = self._gained, dispatcher.stand_by
        self.leadership.on_beat = self._beat
        self._herald.on_notices, self._herald.on_timers = self._told_of_notices, heartbeat.hear
        self._storage.on_notices = self._notices
        self._storage.on_timers = self._timers

    def _gained(self, others: bool) -> None:
        self._was_sender = True
        if others:
            self._pacer.stop()
        self._dispatcher.take_over(others=others)

    def _told_of_notices(self) -> None:
        if self.leadership.leading:
            self._dispatcher.notice()

    def _notices(self) -> None:
        if self.leadership.leading:
            self._dispatcher.notice()
        else:
            self._herald.notices()

    def _timers(self, earliest: datetime | None) -> None:
        self._heartbeat.look()
        self._herald.timers(earliest)

    def _beat(self) -> None:
        self._beats += 1
        if self._beats % LOOK_EVERY == 0:
            self._dispatcher.notice()
            self._heartbeat.look()

    async def alone(self, work: Callable[[], Awaitable[None]]) -> None:
        """Ask for updates, as one replica alone may: the sender."""
        self._polls = True
        await self.leadership.while_leading(work)

    @property
    def stands_by(self) -> bool:
        """Whether it is another one's to ask for updates."""
        return self._polls and not self.leadership.leading

    async def may_tell(self, event: str, pause: timedelta) -> bool:
        """Whether none of the replicas has told of this within `pause`; then it is ours to tell.

        Where the database does not say, who was the sender last tells.
        """
        now = self._clock.now()
        try:
            async with self._storage.unit_of_work() as uow:
                may = await uow.log.claim(f"{TOLD}:{event}", now, pause)
                await uow.commit(now)
        except Exception:
            return self._was_sender
        return may

    async def _while_up_to_date(self) -> None:
        """Raises OutdatedError as soon as a newer StillHere has changed the tables."""
        await self._storage.outdated.wait()
        raise OutdatedError


def replica_of(url: str, storage: Storage, clock: Clock) -> Replica | None:
    """None for SQLite: there is one process."""
    return None if make_url(url).get_backend_name() == "sqlite" else Replica(url, storage, clock)
