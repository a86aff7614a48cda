"""One transaction: everything a batch of updates or a round of timers changes, or nothing of it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TypeVar

import structlog
from sqlalchemy import Connection, NullPool, create_engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.domain.model import PersonId
from bot.storage.agenda import Agenda
from bot.storage.agreements import Agreements
from bot.storage.couples import Couples, Invitations
from bot.storage.engine import file_of
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
from bot.storage.trouble import DatabaseTroubleError, Trouble, trouble_of

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
        try:
            async with self._turn, self._engine.connect() as connection:
                uow = UnitOfWork(connection)
                before = await _changes(connection) if self._trouble is not None else None
                await connection.begin()
                yield uow
                # A commit that changed nothing proves nothing: on a full disk it succeeds, too.
                if before is not None and uow.committed and await _changes(connection) > before:
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

    async def shorten_log(self) -> None:
        """Write SQLite's log into the file and empty it: what was deleted is in neither then."""
        async with self._engine.connect() as connection:
            driver = (await connection.get_raw_connection()).driver_connection
            assert driver is not None
            await driver.execute("PRAGMA wal_checkpoint(TRUNCATE)")

    async def aside(self, work: Callable[[Connection], T]) -> T:
        """Read something, in a thread and on a connection of its own that only reads: nobody waits for it."""
        file = file_of(self._engine.url.render_as_string(hide_password=False))

        def run() -> T:
            assert file is not None
            address = f"sqlite:///{file.absolute().as_uri()}?mode=ro&uri=true"
            engine = create_engine(address, poolclass=NullPool, hide_parameters=True)
            with engine.connect() as connection:
                return work(connection)

        return await asyncio.to_thread(run)

    def _told(self, trouble: Trouble) -> DatabaseTroubleError:
        """Say it once, when it begins: whoever tries again every few seconds would fill the disk with it."""
        error = DatabaseTroubleError(trouble, str(self._engine.url.database))
        if trouble is not self._trouble:
            log.error("database.trouble", reason=str(error), hint="it goes on by itself when this is mended")
        self._trouble = trouble
        return error

    async def close(self) -> None:
        await self._engine.dispose()


async def _changes(connection: AsyncConnection) -> int:
    """How many rows this connection has changed since it was opened."""
    driver = (await connection.get_raw_connection()).driver_connection
    return 0 if driver is None else int(driver.total_changes)
