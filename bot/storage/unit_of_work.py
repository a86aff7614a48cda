"""One transaction: everything a batch of updates or a round of timers changes, or nothing of it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TypeVar

import structlog
from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.domain.model import PersonId
from bot.storage.agenda import Agenda
from bot.storage.agreements import Agreements
from bot.storage.aside import read_aside
from bot.storage.couples import Couples, Invitations
from bot.storage.erasure import Erasure
from bot.storage.intake_log import IntakeLog
from bot.storage.kept_messages import KeptMessages
from bot.storage.outbox import Outbox
from bot.storage.own_things import (
    DailyUses,
    Drafts,
    Journal,
    SavedWordings,
    SignalWordings,
)
from bot.storage.people import People
from bot.storage.reminders import NudgedPeople, Reminders
from bot.storage.sessions import Sessions
from bot.storage.space_requests import SpaceRequests
from bot.storage.timers import Timers
from bot.storage.together import Together
from bot.storage.topics import Topics
from bot.storage.trouble import DatabaseTroubleError, Trouble, describe, opening_trouble, trouble_of

__all__ = ["DatabaseTroubleError", "Storage", "UnitOfWork"]

log = structlog.get_logger()

T = TypeVar("T")


class UnitOfWork:
    """The repositories on one connection. Services change things through it and never commit."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self.people = People(connection)
        self.couples = Couples(connection)
        self.invitations = Invitations(connection)
        self.space = SpaceRequests(connection)
        self.kept = KeptMessages(connection)
        self.agreements = Agreements(connection)
        self.sessions = Sessions(connection)
        self.drafts = Drafts(connection)
        self.journal = Journal(connection)
        self.signal_wordings = SignalWordings(connection)
        self.saved_wordings = SavedWordings(connection)
        self.reminders = Reminders(connection)
        self.nudged = NudgedPeople(connection)
        self.uses = DailyUses(connection)
        self.together = Together(connection)
        self.topics = Topics(connection)
        self.timers = Timers(connection)
        self.outbox = Outbox(connection)
        self.agenda = Agenda(connection)
        self.log = IntakeLog(connection)
        self.committed = False
        self.on_commit: Callable[[], Awaitable[None]] | None = None
        """Looks at the transaction before it ends."""

    async def erase(self, person: PersonId) -> None:
        """Delete this person, with what waits to be told them. Their link has to have ended before."""
        self.outbox.added = [each for each in self.outbox.added if each.recipient != person]
        await Erasure(self._connection).everything_of(person, await self.people.account_of(person))
        for repository in (self.people, self.couples, self.sessions):
            repository.clear()
        self.timers.changed = True

    async def commit(self, now: datetime) -> None:
        """Write the collected notices and commit."""
        await self.sessions.flush()
        # Who waits may want no sound until the break is over: that holds for whatever comes to them.
        hushed = await self.space.hushed_among(self.outbox.sounding())
        await self.outbox.flush(now, hushed)
        if self.on_commit is not None:
            await self.on_commit()
        await self._connection.commit()
        self.committed = True


class Storage:
    """Hands out units of work, and tells whoever listens what a commit brought."""

    def __init__(self, engine: AsyncEngine) -> None:
        self._engine = engine
        # The pool gives its one connection to whoever asks first, and that is who has just given it back.
        self._turn = asyncio.Lock()
        self.on_notices: Callable[[], None] = lambda: None
        self.on_timers: Callable[[], None] = lambda: None
        self._trouble: Trouble | None = None

    @property
    def trouble(self) -> Trouble | None:
        """What the machine did to the database, if it was not well when it was last used."""
        return self._trouble

    @asynccontextmanager
    async def unit_of_work(self) -> AsyncIterator[UnitOfWork]:
        """A unit of work that rolls back unless it was committed. Whoever waits for one gets it in turn.

        Raises DatabaseTroubleError where the machine failed, not who uses it: then it was rolled back, too.
        """
        async with self._turn, self._connected() as connection:
            try:
                uow = UnitOfWork(connection)
                probe = None if self._trouble is None else _Probe(connection)
                if probe is not None:
                    await probe.begin()
                    uow.on_commit = probe.end
                await connection.begin()
                yield uow
                # A commit that changed nothing proves nothing: on a full disk it succeeds, too.
                if probe is not None and uow.committed and probe.changed:
                    self._trouble = None
                    log.info("database.well_again")
            except DBAPIError as error:
                trouble = trouble_of(error)
                if trouble is None:
                    raise
                raise self._told(trouble) from error
        if uow.committed and uow.outbox.added:
            self.on_notices()
        if uow.committed and uow.timers.changed:
            self.on_timers()

    @asynccontextmanager
    async def _connected(self) -> AsyncIterator[AsyncConnection]:
        """The engine's one connection; opened anew where it was lost. Raises DatabaseTroubleError."""
        connection = self._engine.connect()
        try:
            await connection.start()
        except Exception as error:
            trouble = opening_trouble(error)
            if trouble is None:
                raise
            raise self._told(trouble) from error
        try:
            yield connection
        finally:
            await connection.close()

    async def shorten_log(self) -> None:
        """Write SQLite's log into the file and empty it: what was deleted is in neither then.

        PostgreSQL's is the server's own affair.
        """
        if self._engine.dialect.name != "sqlite":
            return
        async with self._engine.connect() as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None
            await driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    async def aside(self, work: Callable[[Connection], T]) -> T:
        """Read something, in a thread and on a connection of its own that only reads: nobody waits for it."""
        return await asyncio.to_thread(read_aside, self._engine.url, work)

    def _told(self, trouble: Trouble) -> DatabaseTroubleError:
        """Say it once, when it begins: whoever tries again every few seconds would fill the disk with it."""
        error = DatabaseTroubleError(trouble, describe(self._engine.url))
        if trouble is not self._trouble:
            log.error("database.trouble", reason=str(error), hint="it goes on by itself when this is mended")
        self._trouble = trouble
        return error

    async def close(self) -> None:
        await self._engine.dispose()


class _Probe:
    """Whether a transaction changes anything."""

    changed = False

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self._before = 0

    async def begin(self) -> None:
        """Before it begins."""
        self._before = await self._changes()

    async def end(self) -> None:
        """Before it is committed."""
        self.changed = await self._changes() > self._before

    async def _changes(self) -> int:
        """Rows changed since the connection was opened; on a server 1 for a transaction that changed any."""
        if self._connection.dialect.name == "sqlite":
            driver = (await self._connection.get_raw_connection()).driver_connection
            return 0 if driver is None else int(driver.total_changes)
        if not self._connection.in_transaction():
            return 0
        wrote = text("SELECT pg_current_xact_id_if_assigned() IS NOT NULL")
        return int((await self._connection.execute(wrote)).scalar_one())
