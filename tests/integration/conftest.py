"""A real database for each test, and a `Story`: people who use the services, one turn a transaction.

After each story every notice it left in the outbox is rendered with the shipped words, so that none is
made that could not be shown.
"""

import asyncio
import logging
import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog
from aiosqlite import Connection
from cryptography.fernet import Fernet
from sqlalchemy import Row, event, select
from sqlalchemy.ext.asyncio import AsyncEngine

from bot.content.catalog import Content, load
from bot.domain.decision import Notice, Operation, Priority
from bot.domain.errors import StillHereError
from bot.domain.model import CoupleId, Draft, InvitationId, Person, PersonId
from bot.services import partners, timers
from bot.services.visit import Visit
from bot.storage import queue_tables
from bot.storage.engine import open_engine
from bot.storage.migrate import migrate
from bot.storage.types import vault
from bot.storage.unit_of_work import Storage, UnitOfWork
from bot.telegram.render.render import render
from bot.telegram.render.words import Words
from tests import postgres

from . import support
from .support import at_once, quicken

NOW = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
"""18:00 in Berlin, a Monday in winter."""
BERLIN = "Europe/Berlin"


@pytest.fixture
def no_tracebacks() -> Iterator[None]:
    """For tests of failures: drawing a traceback for the terminal takes longer than everything else."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.CRITICAL))
    yield
    structlog.reset_defaults()


@pytest.fixture(scope="session")
def migrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database as the migrations leave it, made once."""
    file = tmp_path_factory.mktemp("migrated") / "stillhere.db"
    asyncio.run(migrate(f"sqlite+aiosqlite:///{file}"))
    return file


@pytest.fixture(scope="session")
def content() -> Content:
    """The shipped words."""
    return load()


@pytest.fixture
def database(tmp_path: Path, migrated: Path) -> Path:
    return Path(shutil.copy(migrated, tmp_path / "stillhere.db"))


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """What is marked `both` runs on SQLite and on PostgreSQL, unless DATABASE names one of them."""
    marked = metafunc.definition.get_closest_marker
    if postgres.CHOSEN == "both" and marked("both") and not marked("sqlite_only"):
        metafunc.parametrize("dbms", ["sqlite", "postgres"], indirect=True)


@pytest.fixture(autouse=True)
def dbms(request: pytest.FixtureRequest) -> Iterator[str]:
    """Which database this test works with."""
    name = getattr(request, "param", "postgres" if postgres.CHOSEN == "postgres" else "sqlite")
    if name == "postgres" and request.node.get_closest_marker("sqlite_only"):
        pytest.skip("it is about SQLite's file")
    for marker, fixed in (("postgres_only", "postgres"), ("from_file_to_server", "sqlite")):
        if request.node.get_closest_marker(marker):
            if postgres.CHOSEN == "sqlite":
                pytest.skip("it is about PostgreSQL")
            name = fixed
    support.dbms["name"] = name
    yield name
    support.dbms["name"] = "sqlite"


@pytest.fixture
def url(dbms: str, request: pytest.FixtureRequest) -> str:
    """Of a database as the migrations leave it."""
    if dbms == "postgres":
        return asyncio.run(postgres.migrated())
    return f"sqlite+aiosqlite:///{request.getfixturevalue('database')}"


@pytest.fixture
async def engine(url: str, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[AsyncEngine]:
    vault.unlock([Fernet.generate_key().decode()])
    monkeypatch.setattr(Connection, "_execute", at_once)
    opened = open_engine(url)
    event.listen(opened.sync_engine, "connect", quicken)
    yield opened
    await opened.dispose()


@pytest.fixture
def storage(engine: AsyncEngine) -> Storage:
    return Storage(engine)


@dataclass(frozen=True)
class Said:
    """An outbox row, in short."""

    kind: str
    parameters: dict[str, Any]
    private: dict[str, Any]
    priority: int
    silent: bool
    relayed: bool
    state: str
    key: str | None
    operation: str
    expires_at: datetime

    @property
    def back_at(self) -> datetime:
        return datetime.fromisoformat(self.parameters["back_at"])


class Story:
    """People, the time, and what the outbox and the timers hold."""

    def __init__(self, storage: Storage, content: Content) -> None:
        self.storage = storage
        self.content = content
        self.now = NOW
        self._read: dict[PersonId, int] = {}

    async def person(self, name: str, zone: str | None = BERLIN, *, quiet: bool = False) -> PersonId:
        """Somebody new. Unless `quiet`, they have no quiet hours."""
        async with self.storage.unit_of_work() as uow:
            account = 7_000_000_000 + sum(map(ord, name))
            person = await uow.people.add(account, name, "en", self.now)
            if zone is not None:
                await uow.people.set_zone(person.id, zone)
            if not quiet:
                await uow.people.set_quiet_hours(
                    person.id, person.quiet_from.replace(0), person.quiet_from.replace(0)
                )
            await uow.commit(self.now)
        return person.id

    async def do(
        self, person: PersonId, service: Callable[..., Any], *args: Any, message: int | None = None
    ) -> Any:
        """One turn in a transaction of its own. As in the bot, what a service refuses is committed, too."""
        async with self.storage.unit_of_work() as uow:
            visit = Visit(uow, await uow.people.get(person), self.now, message)
            try:
                result = service(visit, *args)
                return await result if isinstance(result, Awaitable) else result
            finally:
                await uow.commit(self.now)

    async def refused(self, error: type[StillHereError], *turn: Any) -> StillHereError:
        """The turn is refused with exactly this error."""
        with pytest.raises(error) as raised:
            await self.do(*turn)
        assert type(raised.value) is error
        return raised.value

    async def look(self, query: Callable[[UnitOfWork], Awaitable[Any]]) -> Any:
        """Read something from the repositories."""
        async with self.storage.unit_of_work() as uow:
            return await query(uow)

    async def awaiting(self, person: PersonId) -> Draft | None:
        """The form that a typed text would fill in now."""
        async with self.storage.unit_of_work() as uow:
            return await Visit(uow, await uow.people.get(person), self.now).awaiting()

    async def rows(self, table: Any) -> list[Row[Any]]:
        async with self.storage.unit_of_work() as uow:
            query = select(table).order_by(*table.primary_key.columns)
            return list(await uow._connection.execute(query))

    async def whole(self, person: PersonId) -> Person:
        found: Person = await self.look(lambda uow: uow.people.get(person))
        return found

    async def heard(self, person: PersonId) -> list[Said]:
        """What was added to this person's outbox since this was last asked."""
        after = self._read.get(person, 0)
        rows = [
            row for row in await self.rows(queue_tables.outbox) if row.person_id == person and row.id > after
        ]
        if rows:
            self._read[person] = rows[-1].id
        return [Said(**{name: getattr(row, name) for name in Said.__dataclass_fields__}) for row in rows]

    async def kinds(self, person: PersonId) -> list[str]:
        return [said.kind for said in await self.heard(person)]

    async def timers(self) -> dict[str, datetime]:
        """All timers as “kind subject”."""
        return {f"{row.kind} {row.subject}": row.due_at for row in await self.rows(queue_tables.timers)}

    async def at(self, moment: datetime | timedelta) -> None:
        """Time goes on; every timer on the way runs at its time."""
        until = self.now + moment if isinstance(moment, timedelta) else moment
        while True:
            due = await self.look(lambda uow: uow.timers.next_due())
            if due is None or due > until:
                break
            self.now = max(self.now, due)
            await self._beat()
        self.now = until

    async def jump(self, moment: datetime | timedelta) -> None:
        """It is that late at once, as if the machine had slept; then what is due runs."""
        self.now = self.now + moment if isinstance(moment, timedelta) else moment
        while await self._beat():
            pass

    async def _beat(self) -> bool:
        async with self.storage.unit_of_work() as uow:
            due = await uow.timers.take_due(self.now, 100)
            await timers.run(uow, due, self.now, self.content)
            await uow.commit(self.now)
        return bool(due)

    async def invitation(self, inviter: PersonId) -> tuple[InvitationId, str]:
        """Make an invitation: its id and its code."""
        await self.do(inviter, partners.invite)
        said = (await self.heard(inviter))[-1]
        assert said.kind == "link.invite"
        return InvitationId(said.parameters["invitation"]), said.private["code"]

    async def link(self, one: PersonId, other: PersonId) -> CoupleId:
        """Link two people; nobody has heard anything afterwards."""
        invitation, code = await self.invitation(one)
        await self.do(other, partners.open_invitation, code)
        await self.do(other, partners.accept, code)
        await self.do(one, partners.confirm, invitation)
        await self.heard(one)
        await self.heard(other)
        couple = await self.look(lambda uow: uow.couples.active_of(one))
        assert couple is not None
        return CoupleId(couple.id)

    async def check_rendering(self) -> None:
        """Every notice there is can be shown with the shipped words."""
        for row in await self.rows(queue_tables.outbox):
            if row.state == "dropped":
                continue
            notice = Notice(
                kind=row.kind,
                recipient=PersonId(row.person_id),
                parameters=row.parameters,
                private=row.private,
                priority=Priority(row.priority),
                operation=Operation(row.operation),
                silent=row.silent,
            )
            words = Words(self.content, await self.whole(notice.recipient), row.created_at, "still_here_bot")
            call = render(notice, 42, words)
            assert call is not None, row.kind
            text = call.parameters.get("text", "")
            assert "{" not in text, (row.kind, text)


@pytest.fixture
async def story(storage: Storage, content: Content) -> AsyncIterator[Story]:
    told = Story(storage, content)
    yield told
    await told.check_rendering()


@pytest.fixture
async def mara(story: Story) -> PersonId:
    return await story.person("Mara")


@pytest.fixture
async def jonas(story: Story) -> PersonId:
    return await story.person("Jonas")
