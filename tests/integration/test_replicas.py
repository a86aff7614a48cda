"""Several processes on one PostgreSQL, each rule by itself: turns, timers, the sender's place, and versions.

Two replicas are two storages here, in one process. Four real processes are in `acceptance/test_replicas.py`.
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from alembic import command
from cryptography.fernet import Fernet
from sqlalchemy import text
from sqlalchemy.engine import make_url

from bot import replica as replicas
from bot.__main__ import _mendable
from bot.alerts import Alerts, worded
from bot.clock import Activity, SteppedClock
from bot.config import Settings
from bot.delivery.dispatcher import Dispatcher
from bot.delivery.pacer import Pacer
from bot.delivery.rate_limit import RateLimiter
from bot.domain import space as breaks
from bot.domain.decision import Notice, Priority, Timer
from bot.domain.model import PersonId
from bot.heartbeat import Heartbeat
from bot.keys import load_keys
from bot.replica import Replica
from bot.storage import migrate as migrating
from bot.storage import postgres as servers
from bot.storage.engine import DatabaseBusyError, open_engine
from bot.storage.migrate import OthersAtWorkError, migrate, newest_revision
from bot.storage.postgres import Hold, open_server
from bot.storage.rotation_server import rotate
from bot.storage.timers import DueTimer
from bot.storage.trouble import DeadlockError, MigrationError, OutdatedError
from bot.storage.turns import _CONCERNED, _family
from bot.storage.types import DataKeyError, vault
from bot.storage.unit_of_work import Storage, UnitOfWork
from bot.telegram import contact
from bot.telegram.contact import OUTAGE, Contact
from tests import postgres
from tests.integration.conftest import Story
from tests.integration.support import Database, database
from tests.integration.test_delivery import BEGIN, FAST, Platform

pytestmark = pytest.mark.postgres_only

PATIENCE = 20.0
"""Real seconds until what must come has come."""
MOMENT = 0.15
"""Real seconds in which what must not happen would have happened."""
TAKEN_OVER_WITHIN = 5.0


async def until(so: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE):
        while not so():  # noqa: ASYNC110 - it does not tell
            await asyncio.sleep(0.005)


@pytest.fixture
async def base(tmp_path: Path) -> AsyncIterator[Database]:
    async with database(tmp_path) as made:
        yield made


@pytest.fixture
async def two(base: Database) -> AsyncIterator[tuple[Storage, Storage]]:
    """The storages of two replicas."""
    url = base.engine.url.render_as_string(hide_password=False)
    other = Storage(open_engine(url, revision=newest_revision()))
    yield base.storage, other
    await other.close()


# -- turns


async def couple(base: Database) -> tuple[int, int]:
    """The accounts of two who are linked."""
    one, other = await base.people(2, BEGIN)
    async with base.storage.unit_of_work() as uow:
        await uow.couples.add(PersonId(one), PersonId(other), BEGIN)
        await uow.commit(BEGIN)
    return 1001, 1002


@pytest.mark.parametrize("whose", ["their own", "their partner's"])
async def test_one_transaction_at_a_time_for_a_couple(
    base: Database, two: tuple[Storage, Storage], whose: str
) -> None:
    """Whoever waited sees what was done meanwhile, and not what was there when they began to wait."""
    here, there = two
    mara, jonas = await couple(base)
    seen: list[str] = []

    async def second() -> None:
        async with there.unit_of_work() as uow:
            await uow.turns.take([mara if whose == "their own" else jonas])
            person = await uow.people.by_account(mara)
            assert person is not None
            seen.append(person.name)

    async with here.unit_of_work() as uow:
        await uow.turns.take([mara])
        person = await uow.people.by_account(mara)
        assert person is not None
        waiting = asyncio.create_task(second())
        await asyncio.sleep(MOMENT)
        assert not waiting.done()
        await uow.people.rename(person.id, "Mara, anew")
        await uow.commit(BEGIN)
    await waiting
    assert seen == ["Mara, anew"]


async def test_strangers_wait_for_nobody(base: Database, two: tuple[Storage, Storage]) -> None:
    here, there = two
    await base.people(2, BEGIN)
    async with here.unit_of_work() as uow, there.unit_of_work() as other:
        await uow.turns.take([1001, 999_999])
        await other.turns.take([1002, 888_888])


async def test_in_whatever_order_they_come_nobody_waits_crosswise(
    base: Database, two: tuple[Storage, Storage]
) -> None:
    await base.people(40, BEGIN)

    async def batches(storage: Storage, order: int) -> None:
        for number in range(60):
            async with storage.unit_of_work() as uow:
                accounts = [1001 + (number + each) % 40 for each in range(20)][::order]
                await uow.turns.take(accounts)
                for account in accounts:
                    person = await uow.people.by_account(account)
                    assert person is not None
                    await uow.people.set_discreet(person.id, on=bool(number % 2))
                await uow.commit(BEGIN)

    await asyncio.gather(batches(two[0], 1), batches(two[1], -1))  # raises DeadlockError else


async def test_an_update_that_reaches_two_replicas_is_handled_once(two: tuple[Storage, Storage]) -> None:
    async def take(storage: Storage, ids: list[int]) -> set[int]:
        async with storage.unit_of_work() as uow:
            fresh = await uow.log.mark_seen(ids, BEGIN)
            await asyncio.sleep(0)
            await uow.commit(BEGIN)
        return fresh

    for number in range(0, 200, 10):
        ids = list(range(number, number + 10))
        first, second = await asyncio.gather(take(two[0], ids), take(two[1], ids))
        assert first | second == set(ids)
        assert not first & second


# -- timers


async def set_timers(storage: Storage, *subjects: int, kind: str = "breath.end") -> None:
    async with storage.unit_of_work() as uow:
        for number, subject in enumerate(subjects):
            await uow.timers.apply(Timer(kind, subject, BEGIN + timedelta(seconds=number)))
        await uow.commit(BEGIN)


LATER = BEGIN + timedelta(hours=1)


async def due(uow: UnitOfWork, limit: int = 50) -> list[int]:
    found: list[DueTimer] = await uow.due_timers(LATER, limit, None)
    return [each.subject for each in found]


async def test_a_timer_is_run_by_one_replica_and_nobody_waits(
    base: Database, two: tuple[Storage, Storage]
) -> None:
    persons = await base.people(4, BEGIN)
    await set_timers(two[0], *persons)
    async with two[0].unit_of_work() as uow, two[1].unit_of_work() as other:
        assert await due(uow, 2) == persons[:2]
        assert await due(other) == persons[2:], "what the first is at is passed over"
        await other.commit(LATER)
    async with two[1].unit_of_work() as uow:  # the first has died: nothing is lost
        assert await due(uow) == persons[:2]


@pytest.mark.parametrize("busy", [1001, 1002])
async def test_a_timer_of_those_who_are_being_answered_is_left_for_a_moment(
    base: Database, two: tuple[Storage, Storage], busy: int
) -> None:
    """Of either of the two: what one of them does may call it off."""
    await couple(base)
    [stranger] = await base.people(1, BEGIN, first_account=2001)
    [mara, _, _] = await base.rows("SELECT person_id FROM telegram_accounts ORDER BY user_id")
    await set_timers(two[0], mara["person_id"], stranger)
    async with two[0].unit_of_work() as uow, two[1].unit_of_work() as other:
        await uow.turns.take([busy])
        assert await due(other) == [stranger]
        await other.commit(LATER)
    async with two[1].unit_of_work() as uow:
        assert await due(uow) == [mara["person_id"]]


async def test_every_kind_of_timer_knows_whom_it_is_about(story: Story) -> None:
    """Else it would run beside what these people do."""
    mara, jonas = await story.person("Mara"), await story.person("Jonas")

    kinds = {"reminder", "snooze", "breath.end", "check_in.left", "check_in.nap", "topic.talk"}
    kinds |= {breaks.RETURN, breaks.UNANSWERED, breaks.LAPSE, breaks.MEET, breaks.CLOSE, breaks.TALKED}
    assert {_family(kind) for kind in kinds} == _CONCERNED.keys()
    await story.link(mara, jonas)
    async with story.storage.unit_of_work() as uow:
        reminder = await uow.reminders.add(mara, "pause", {}, story.now)
        hers, his = await uow.people.account_of(mara), await uow.people.account_of(jonas)
        for kind, subject, whose in (("reminder", reminder.id, hers), ("breath.end", jonas, his)):
            [found] = (await uow.turns._concerned([DueTimer(1, kind, subject, story.now, {})])).values()
            assert found == {whose}


# -- the sender


class Process:
    """One replica, with a platform of its own."""

    def __init__(self, base: Database, clock: SteppedClock) -> None:
        url = base.engine.url.render_as_string(hide_password=False)
        self.storage = Storage(open_engine(url, revision=newest_revision()))
        self.replica = Replica(url, self.storage, clock)
        self.platform = Platform()
        activity, limiter = Activity(), RateLimiter(clock.now(), FAST, FAST)
        pacer = Pacer(self.platform, limiter, clock, activity)
        self.dispatcher = Dispatcher(
            self.replica.sender, self.platform, limiter=limiter, pacer=pacer, clock=clock, activity=activity
        )
        self.heartbeat = Heartbeat(self.storage, None, clock, activity, lambda: True)  # type: ignore[arg-type]
        self.replica.tie(self.dispatcher, self.heartbeat, pacer)
        self._clock = clock
        workers: list[Callable[[], Awaitable[None]]] = [self.dispatcher.run, *self.replica.workers]
        self.tasks = [asyncio.create_task(worker()) for worker in workers]

    @property
    def leads(self) -> bool:
        return self.replica.leadership.leading

    async def say(self, kind: str, person: int, priority: Priority = Priority.RELAY) -> None:
        async with self.storage.unit_of_work() as uow:
            uow.outbox.add(Notice(kind, PersonId(person), priority=priority, key=kind))
            await uow.commit(self._clock.now())

    async def end(self) -> None:
        for task in self.tasks:
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
        await self.storage.close()


class Processes:
    def __init__(self, base: Database) -> None:
        self.base, self.clock = base, SteppedClock(BEGIN)
        self.all: list[Process] = []

    async def start(self) -> Process:
        process = Process(self.base, self.clock)
        self.all.append(process)
        if len(self.all) == 1:
            await until(lambda: process.leads)
        return process

    @property
    def leader(self) -> Process | None:
        return next((each for each in self.all if each.leads), None)

    async def end(self) -> None:
        for each in self.all:
            await each.end()

    async def cut_off_the_sender(self) -> None:
        """The connection that holds the place is gone, as at kill -9."""
        await postgres.server().run(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = 'stillhere sender' AND pid IN"
            " (SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"
            f" AND (classid::bigint << 32) + objid::bigint = {servers.SENDER})",
            database=str(self.base.engine.url.database),
        )


@pytest.fixture
async def processes(base: Database) -> AsyncIterator[Processes]:
    made = Processes(base)
    yield made
    await made.end()


async def test_one_sends_and_is_woken_by_what_another_commits(
    base: Database, processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replicas, "LOOK_EVERY", 10**9)
    first, second = await processes.start(), await processes.start()
    persons = await base.people(20, BEGIN)
    await asyncio.sleep(MOMENT)  # its herald listens by now
    for number, person in enumerate(persons):
        await second.say(f"n{number}", person)
        await until(lambda: f"n{number}" in first.platform.kinds)  # noqa: B023 - it is over when it is so
    assert second.platform.started == []
    assert (first.leads, second.leads) == (True, False)


async def test_what_nobody_told_of_is_found_a_moment_later(base: Database, processes: Processes) -> None:
    """A replica may die between its commit and the word about it."""
    first, second = await processes.start(), await processes.start()
    [person] = await base.people(1, BEGIN)
    second.storage.on_notices = lambda: None
    await second.say("help.main", person)
    await until(lambda: first.platform.kinds == ["help.main"])


async def test_another_takes_over_what_waits_and_what_was_in_flight(
    base: Database, processes: Processes
) -> None:
    """As after a crash: what is urgent goes again, and bulk is dropped."""
    first, second = await processes.start(), await processes.start()
    persons = await base.people(3, BEGIN)
    for kind in ("urgent", "bulk"):
        first.platform.gates[kind] = asyncio.Event()
    await second.say("urgent", persons[0])
    await second.say("bulk", persons[1], Priority.NUDGE)
    await first.platform.until_started("urgent", "bulk")
    for task in first.tasks:  # it is struck down: nothing is written any more
        task.cancel()
    first.dispatcher._on_duty = False
    began = asyncio.get_running_loop().time()
    await processes.cut_off_the_sender()
    await second.say("afterwards", persons[2])
    await until(lambda: {"urgent", "afterwards"} <= set(second.platform.kinds))
    assert asyncio.get_running_loop().time() - began < TAKEN_OVER_WITHIN
    states = {row["kind"]: row["state"] for row in await base.rows("SELECT kind, state FROM outbox")}
    await until(lambda: second.leads)
    assert states["bulk"] == "dropped"
    assert "bulk" not in second.platform.attempted


async def test_who_gets_the_place_back_before_anybody_else_says_nothing_twice(
    base: Database, processes: Processes
) -> None:
    """The server was started anew in the middle of a send, whose end is written down afterwards."""
    only = await processes.start()
    persons = await base.people(2, BEGIN)
    only.platform.gates["long"] = asyncio.Event()
    await only.say("long", persons[0])
    await only.platform.until_started("long")
    lost = asyncio.Event()
    only.replica.leadership.on_lost = lambda: (only.dispatcher.stand_by(), lost.set())[0]
    await postgres.end_connections(base.engine.url.render_as_string(hide_password=False))
    await lost.wait()
    only.platform.gates["long"].set()
    await until(lambda: only.leads)
    await only.say("next", persons[1])
    await until(lambda: only.platform.kinds == ["long", "next"])
    await until(lambda: base.beside("SELECT DISTINCT state FROM outbox") == [("sent",)])
    assert only.platform.attempted == ["long", "next"]


async def test_who_lost_the_place_to_another_lets_go_of_what_was_in_flight(
    base: Database, processes: Processes
) -> None:
    first, second = await processes.start(), await processes.start()
    persons = await base.people(2, BEGIN)
    first.platform.gates["long"] = asyncio.Event()
    await first.say("long", persons[0])
    await first.platform.until_started("long")
    first.replica.leadership._place = servers.Place()  # it comes back too late
    await processes.cut_off_the_sender()
    await until(lambda: second.leads and "long" in second.platform.kinds)
    first.platform.gates["long"].set()
    await first.say("next", persons[1])
    await until(lambda: "next" in second.platform.kinds)
    assert first.platform.attempted == ["long"]
    rows = await base.rows("SELECT kind, state, attempts FROM outbox ORDER BY id")
    await until(lambda: second.leads)
    assert [(row["kind"], row["attempts"]) for row in rows] == [("long", 2), ("next", 1)]


async def test_a_sender_that_hangs_is_done_without(
    base: Database, processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its connections stand, but nothing is heard on them: the server ends the sender's."""
    first, second = await processes.start(), await processes.start()
    [person] = await base.people(1, BEGIN)
    monkeypatch.setattr(first.replica.leadership, "_beat", asyncio.Event().wait)
    await second.say("help.main", person)
    began = asyncio.get_running_loop().time()
    await until(lambda: second.leads and not first.leads)
    assert asyncio.get_running_loop().time() - began < TAKEN_OVER_WITHIN


async def test_who_asks_telegram_for_updates_is_one_replica(processes: Processes) -> None:
    first, second = await processes.start(), await processes.start()
    at_work: list[Process] = []

    async def polls(process: Process) -> None:
        async def work() -> None:
            at_work.append(process)
            try:
                await asyncio.Event().wait()
            finally:
                at_work.remove(process)

        await process.replica.alone(work)

    tasks = [asyncio.create_task(polls(each)) for each in (first, second)]
    await until(lambda: at_work == [first])
    assert (first.replica.stands_by, second.replica.stands_by) == (False, True)
    first.replica.leadership._place = servers.Place()
    await processes.cut_off_the_sender()
    await until(lambda: at_work == [second])
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_timers_that_another_sets_are_heard_of(base: Database, processes: Processes) -> None:
    first, second = await processes.start(), await processes.start()
    heard: list[datetime | None] = []
    first.replica._herald.on_timers = heard.append
    await asyncio.sleep(MOMENT)
    [person] = await base.people(1, BEGIN)
    async with second.storage.unit_of_work() as uow:
        await uow.timers.apply(Timer("breath.end", person, LATER))
        await uow.commit(BEGIN)
    await until(lambda: LATER in heard)


async def test_of_several_replicas_one_tells_whoever_runs_the_bot(processes: Processes) -> None:
    first, second = await processes.start(), await processes.start()
    hour = timedelta(hours=1)
    both = (first.replica, second.replica)
    told = await asyncio.gather(*(each.may_tell("database.trouble", hour) for each in both))
    assert sorted(told) == [False, True]
    assert not await first.replica.may_tell("database.trouble", hour)
    processes.clock.set(BEGIN + timedelta(minutes=61))
    assert await second.replica.may_tell("database.trouble", hour)


async def test_an_alert_of_which_another_told_counts_as_told(processes: Processes) -> None:
    """Each has met it; whoever runs the bot reads of it once."""
    every = [await processes.start(), await processes.start()]
    told: list[str] = []

    async def tell(message: str) -> None:
        told.append(message)

    all_alerts = [Alerts(processes.clock, Activity()) for _ in every]
    for process, alerts in zip(every, all_alerts, strict=True):
        alerts.may_tell = process.replica.may_tell
    limiter = RateLimiter(BEGIN)
    tasks = [asyncio.create_task(each.run(tell, 1, limiter)) for each in all_alerts]
    for alerts in all_alerts:
        alerts.heard("error", "update.set_aside")
    processes.clock.set(BEGIN + timedelta(seconds=6))
    await until(lambda: all(each._kinds["update.set_aside"].told_at for each in all_alerts))
    assert told == [worded({"update.set_aside": 1})]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


# -- what is done by one


async def test_housekeeping_is_one_replicas(two: tuple[Storage, Storage]) -> None:
    async with two[0].unit_of_work() as uow, two[1].unit_of_work() as other:
        assert await uow.turns.alone("housekeeping")
        assert not await other.turns.alone("housekeeping")
        assert await other.turns.alone("something else")


async def test_after_an_outage_one_replica_asks_again(two: tuple[Storage, Storage]) -> None:
    async with two[0].unit_of_work() as uow:
        await uow.log.note_contact(BEGIN)
        await uow.commit(BEGIN)
    clock = SteppedClock(BEGIN + OUTAGE * 2)
    asked: list[datetime] = []

    async def after(_uow: UnitOfWork, last: datetime, _now: datetime) -> None:
        asked.append(last)
        await asyncio.sleep(MOMENT)

    patch = pytest.MonkeyPatch()
    patch.setattr(contact.space, "after_outage", after)
    try:
        await asyncio.gather(*(Contact(each, clock).made(quiet=True) for each in two))
    finally:
        patch.undo()
    assert asked == [BEGIN]


async def test_of_two_that_begin_with_different_keys_one_is_told(two: tuple[Storage, Storage]) -> None:
    vault.unlock([Fernet.generate_key().decode()])
    async with two[0].unit_of_work() as uow:
        await uow.log.check_key()
        await uow.commit(BEGIN)
    vault.unlock([Fernet.generate_key().decode()])
    async with two[1].unit_of_work() as uow:
        with pytest.raises(DataKeyError):
            await uow.log.check_key()


def test_several_that_start_at_once_make_one_key(tmp_path: Path) -> None:
    settings = Settings(_env_file=None, data_key_file=tmp_path / "the.key")  # type: ignore[call-arg]
    with ThreadPoolExecutor(8) as beside:
        found = list(beside.map(lambda _: load_keys(settings, None), range(8)))
    assert len({tuple(each) for each in found}) == 1
    assert len(found[0]) == 1


# -- versions


@asynccontextmanager
async def newer(url: str) -> AsyncIterator[None]:
    """A newer StillHere has been there."""
    name = str(make_url(url).database)
    await postgres.server().run("UPDATE alembic_version SET version_num = '9999'", database=name)
    yield
    back = f"UPDATE alembic_version SET version_num = '{newest_revision()}'"
    await postgres.server().run(back, database=name)


async def test_an_older_version_beside_a_newer_one_does_not_start(base: Database) -> None:
    url = base.engine.url.render_as_string(hide_password=False)
    async with newer(url):
        with pytest.raises(MigrationError) as raised:
            await migrate(url)
    assert "written by a newer version" in str(_mendable(raised.value))


async def test_an_older_version_that_lost_its_connection_writes_no_more(two: tuple[Storage, Storage]) -> None:
    """While it had one, nobody could change the tables."""
    url = two[1]._engine.url.render_as_string(hide_password=False)
    async with two[1].unit_of_work() as uow:
        await uow.turns.is_there()
    await postgres.end_connections(url)
    async with newer(url):
        with pytest.raises(OutdatedError) as raised:
            async with two[1].unit_of_work() as uow:
                await uow.log.note_contact(BEGIN)
    assert two[1].outdated.is_set()
    assert "too old for it now" in str(_mendable(raised.value))


async def test_tables_are_changed_only_when_the_others_have_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    url = await postgres.empty()
    vault.unlock([Fernet.generate_key().decode()])
    await migrate(url)
    engine = open_server(make_url(url), Hold.ALONE)
    async with engine.begin() as connection:
        await connection.run_sync(lambda each: command.downgrade(migrating._config(each), "0010"))
    await engine.dispose()
    older = open_engine(url)
    async with older.connect() as connection:
        await connection.execute(text("SELECT 1"))
    monkeypatch.setattr(migrating, "OTHERS_END", 0.3)
    with pytest.raises(OthersAtWorkError) as raised:
        await migrate(url)
    assert "stop all of them" in str(_mendable(raised.value))
    waiting = asyncio.gather(*(migrate(url) for _ in range(3)))
    await older.dispose()
    await waiting
    newest = open_engine(url, revision=newest_revision())
    async with newest.connect() as connection:
        await connection.execute(text("SELECT 1"))
    await newest.dispose()


async def test_several_that_start_at_once_make_the_tables_once() -> None:
    url = await postgres.empty()
    await asyncio.gather(*(migrate(url) for _ in range(4)))


async def test_what_changes_all_rows_needs_it_alone(base: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(servers, "TRIES", 2)
    monkeypatch.setattr(servers, "LOOKING", 0.0)
    await base.rows("SELECT 1")
    with pytest.raises(DatabaseBusyError):
        await rotate(make_url(base.engine.url), [Fernet.generate_key().decode()])


# -- a deadlock, should there be one


async def test_a_deadlock_is_told_nobody(two: tuple[Storage, Storage]) -> None:
    ready = asyncio.Event()

    async def crosses(storage: Storage, first: str, second: str) -> None:
        async with storage.unit_of_work() as uow:
            await uow._connection.execute(text("SET LOCAL deadlock_timeout = 20"))
            await uow.turns.wait_for(first)
            if ready.is_set():
                await uow.turns.wait_for(second)
            else:
                ready.set()
                await asyncio.sleep(MOMENT)
                await uow.turns.wait_for(second)

    ended = await asyncio.gather(crosses(two[0], "a", "b"), crosses(two[1], "b", "a"), return_exceptions=True)
    assert [type(each) for each in ended if each is not None] == [DeadlockError]
    assert (two[0].trouble, two[1].trouble) == (None, None)
