"""The dispatcher and the pacer on a real database, with a platform that does as the test says."""

import asyncio
from collections import defaultdict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.clock import Activity, SteppedClock, back_off
from bot.delivery.dispatcher import LONGEST_BACK_OFF, Dispatcher
from bot.delivery.messenger import (
    DeliveryError,
    Envelope,
    Motion,
    NotDeliveredError,
    PerhapsDeliveredError,
    Receipt,
    RefusedError,
    TooFastError,
    UnreachableError,
)
from bot.delivery.pacer import Pacer
from bot.delivery.rate_limit import CHAT_BURST, RateLimiter
from bot.domain.decision import LIFETIME, Notice, Operation, Priority
from bot.domain.model import PersonId
from bot.storage.tables import received
from tests.integration.support import Database, claim, database

pytestmark = pytest.mark.both

BEGIN = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
FAST = 100_000.0
MOTION = Motion("slow", 60, "Breathe", "en", [])


@dataclass
class Platform:
    """Somebody's messaging platform: keeps what it is given; trouble and delays are ordered beforehand."""

    trouble: dict[str, deque[Exception]] = field(default_factory=lambda: defaultdict(deque))
    """By the kind of notice."""
    beat_trouble: deque[Exception] = field(default_factory=deque)
    motions: dict[str, Motion] = field(default_factory=dict)
    started: list[Envelope] = field(default_factory=list)
    delivered: list[Envelope] = field(default_factory=list)
    beats: list[tuple[int, int, float]] = field(default_factory=list)
    busy: set[int] = field(default_factory=set)
    gates: dict[str, asyncio.Event] = field(default_factory=dict)
    beat_gate: asyncio.Event | None = None
    _news: asyncio.Condition = field(default_factory=asyncio.Condition)
    _last_message: int = 500

    async def deliver(self, envelope: Envelope) -> Receipt:
        kind = envelope.notice.kind
        assert envelope.chat not in self.busy, "two sends at once in one chat"
        self.busy.add(envelope.chat)
        self.started.append(envelope)
        await self._tell()
        try:
            if kind in self.gates:
                await self.gates[kind].wait()
            if self.trouble[kind]:
                raise self.trouble[kind].popleft()
        finally:
            self.busy.discard(envelope.chat)
        self.delivered.append(envelope)
        if envelope.notice.operation is not Operation.SEND:
            return Receipt(envelope.message)
        self._last_message += 1
        return Receipt(self._last_message, self.motions.get(kind))

    async def move(self, chat: int, message: int, motion: Motion, elapsed: float) -> None:
        self.beats.append((chat, message, elapsed))
        await self._tell()
        if self.beat_gate is not None:
            await self.beat_gate.wait()
        if self.beat_trouble:
            raise self.beat_trouble.popleft()

    async def until_started(self, *kinds: str) -> None:
        """Until calls for these kinds have been made."""
        async with self._news:
            await self._news.wait_for(lambda: set(kinds) <= {each.notice.kind for each in self.started})

    async def until_beats(self, count: int) -> None:
        async with self._news:
            await self._news.wait_for(lambda: len(self.beats) >= count)

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()

    @property
    def kinds(self) -> list[str]:
        return [each.notice.kind for each in self.delivered]

    @property
    def attempted(self) -> list[str]:
        return [each.notice.kind for each in self.started]


class Office:
    """Dispatcher and pacer at work; the time moves when a test moves it."""

    def __init__(self, base: Database, limiter: RateLimiter) -> None:
        self.base = base
        self.clock = SteppedClock(BEGIN)
        self.activity = Activity()
        self.limiter = limiter
        self.platform = Platform()
        self._workers: list[asyncio.Task[None]] = []

    def open(self) -> None:
        """(Re)start: what was in memory is gone."""
        pacer = Pacer(self.platform, self.limiter, self.clock, self.activity)
        dispatcher = Dispatcher(
            self.base.storage,
            self.platform,
            limiter=self.limiter,
            pacer=pacer,
            clock=self.clock,
            activity=self.activity,
        )
        self.base.storage.on_notices = dispatcher.notice
        self._workers = [asyncio.create_task(pacer.run()), asyncio.create_task(dispatcher.run())]

    async def close(self) -> None:
        for worker in self._workers:
            worker.cancel()
        for worker in self._workers:
            with suppress(asyncio.CancelledError):
                await worker

    async def settled(self) -> None:
        """Until nobody is at work; a worker that died says why."""
        idle = asyncio.ensure_future(self.activity.until_idle())
        await asyncio.wait({idle, *self._workers}, return_when=asyncio.FIRST_COMPLETED)
        for worker in self._workers:
            if worker.done():
                worker.result()
        await idle

    async def say(self, *notices: Notice) -> None:
        """Commit these."""
        async with self.base.storage.unit_of_work() as uow:
            uow.outbox.add(*notices)
            await uow.commit(self.clock.now())

    async def deliver(self, *notices: Notice) -> None:
        await self.say(*notices)
        await self.settled()

    async def pass_time(self, seconds: float) -> None:
        """Time goes on, minding every instant somebody waits for."""
        until = self.clock.now() + timedelta(seconds=seconds)
        await self.settled()
        while (instant := self.clock.next_alarm()) is not None and instant <= until:
            self.clock.set(max(instant, self.clock.now()))
            await self.settled()
        self.clock.set(until)
        await self.settled()

    async def row(self, kind: str) -> dict[str, object]:
        return dict((await self.base.rows("SELECT * FROM outbox WHERE kind = :kind", {"kind": kind}))[0])

    async def states(self) -> dict[str, str]:
        rows = await self.base.rows("SELECT kind, state FROM outbox ORDER BY id")
        return {row["kind"]: row["state"] for row in rows}


@asynccontextmanager
async def office(
    folder: Path, limiter: RateLimiter | None = None, *, people: int = 4
) -> AsyncIterator[Office]:
    async with database(folder) as base:
        await base.people(people, BEGIN)
        place = Office(base, limiter or RateLimiter(BEGIN, FAST, FAST))
        try:
            yield place
        finally:
            await place.close()


@pytest.fixture
async def at_work(tmp_path: Path) -> AsyncIterator[Office]:
    async with office(tmp_path) as place:
        place.open()
        yield place


def to(person: int, kind: str, priority: Priority = Priority.ANSWER, **more: object) -> Notice:
    return replace(Notice(kind, PersonId(person), priority=priority), **more)  # type: ignore[arg-type]


# -- who goes first


async def test_the_more_urgent_goes_first_whenever_it_came(tmp_path: Path) -> None:
    async with office(tmp_path, RateLimiter(BEGIN, 1, 1), people=5) as place:
        orders = (Priority.SUMMARY, Priority.NUDGE, Priority.PROMISE, Priority.ANSWER, Priority.RELAY)
        await place.say(*(to(person, each.name, each) for person, each in enumerate(orders, 1)))
        place.open()
        await place.pass_time(10)
        assert place.platform.kinds == ["RELAY", "ANSWER", "PROMISE", "NUDGE", "SUMMARY"]


async def test_a_space_request_passes_a_thousand_reminders(tmp_path: Path) -> None:
    async with office(tmp_path, RateLimiter(BEGIN), people=1_010) as place:
        await place.say(*(to(person, "reminder", Priority.NUDGE) for person in range(1, 1_001)))
        place.open()
        await place.settled()
        for number in range(10):
            await place.pass_time(0.11 + number * 0.037)
            before = len(place.platform.started)
            await place.deliver(to(1_001 + number, f"space{number}", Priority.RELAY))
            while f"space{number}" not in place.platform.attempted:
                await place.pass_time(0.005)
            between = place.platform.attempted[before:].index(f"space{number}")
            assert between <= 1
        assert place.platform.attempted.count("reminder") < 200, "they were still waiting"


async def test_bulk_keeps_to_the_rate_and_all_of_it_arrives(tmp_path: Path) -> None:
    async with office(tmp_path, RateLimiter(BEGIN), people=60) as place:
        await place.say(*(to(person, "reminder", Priority.NUDGE) for person in range(1, 61)))
        place.open()
        await place.pass_time(1)
        assert 25 <= len(place.platform.delivered) <= 30 + 30 / 4
        await place.pass_time(2)
        assert place.platform.kinds == ["reminder"] * 60


async def test_a_chat_has_one_send_in_flight_and_others_go_on(at_work: Office) -> None:
    gate = at_work.platform.gates["first"] = asyncio.Event()
    await at_work.say(to(1, "first"), to(1, "second"), to(1, "third"), to(2, "other"))
    await at_work.platform.until_started("first", "other")
    await at_work.say(to(3, "later"))
    await at_work.platform.until_started("later")
    assert "second" not in at_work.platform.attempted
    gate.set()
    await at_work.settled()
    mine = [each.notice.kind for each in at_work.platform.delivered if each.chat == 1001]
    assert mine == ["first", "second", "third"]


async def test_more_urgent_things_pass_within_a_chat(at_work: Office) -> None:
    gate = at_work.platform.gates["first"] = asyncio.Event()
    await at_work.say(to(1, "first"))
    await at_work.platform.until_started("first")
    await at_work.say(to(1, "answer"), to(1, "reminder", Priority.NUDGE), to(1, "relay", Priority.RELAY))
    gate.set()
    await at_work.settled()
    assert at_work.platform.kinds == ["first", "relay", "answer", "reminder"]


async def test_who_is_in_a_hurry_passes_what_the_window_shows(at_work: Office) -> None:
    """The urgent one comes while the chat is busy with bulk, and the window is full of bulk."""
    gate = at_work.platform.gates["bulk1"] = asyncio.Event()
    await at_work.say(to(1, "bulk1", Priority.NUDGE), to(1, "bulk2", Priority.NUDGE))
    await at_work.platform.until_started("bulk1")
    await at_work.say(to(1, "relay", Priority.RELAY), to(2, "other", Priority.NUDGE))
    await at_work.platform.until_started("other")
    gate.set()
    await at_work.settled()
    assert [each for each in at_work.platform.kinds if each != "other"] == ["bulk1", "relay", "bulk2"]


async def test_bulk_beyond_the_window_goes_too(tmp_path: Path) -> None:
    async with office(tmp_path, people=700) as place:
        await place.say(*(to(person, "reminder", Priority.NUDGE) for person in range(1, 701)))
        await place.say(*(to(person, "second", Priority.NUDGE) for person in range(1, 11)))
        place.open()
        await place.settled()
        assert place.platform.kinds.count("reminder") == 700
        assert place.platform.kinds.count("second") == 10
        assert set((await place.states()).values()) == {"sent"}


@pytest.mark.parametrize("rate", [30, 1000])
async def test_bulk_beyond_the_window_goes_when_there_are_tokens_again(tmp_path: Path, rate: int) -> None:
    """The window runs out at a moment when no token is there."""
    async with office(tmp_path, RateLimiter(BEGIN, rate, rate * 5 / 6), people=300) as place:
        await place.say(*(to(person, "reminder", Priority.NUDGE) for person in range(1, 301)))
        place.open()
        await place.pass_time(13)
        assert place.platform.kinds.count("reminder") == 300


async def test_what_is_called_off_in_the_window_does_not_go(tmp_path: Path) -> None:
    async with office(tmp_path, RateLimiter(BEGIN, 1, 1)) as place:
        await place.say(to(1, "first"), to(2, "space.request"), to(3, "last"))
        place.open()
        await place.settled()
        assert place.platform.kinds == ["first"], "the others have been seen, and wait for a token"
        async with place.base.storage.unit_of_work() as uow:
            await uow.outbox.call_off([PersonId(2)], ["space."], place.clock.now())
            await uow.commit(place.clock.now())
        await place.pass_time(5)
        assert place.platform.kinds == ["first", "last"]


# -- how fast


async def test_a_chat_gets_a_burst_and_then_one_a_second(at_work: Office) -> None:
    burst = int(CHAT_BURST)
    await at_work.deliver(*(to(1, f"{number}") for number in range(burst + 2)), to(2, "other"))
    assert len(at_work.platform.delivered) == burst + 1
    assert "other" in at_work.platform.kinds
    await at_work.pass_time(1.1)
    assert len(at_work.platform.delivered) == burst + 2
    await at_work.pass_time(1)
    assert len(at_work.platform.delivered) == burst + 3


async def test_edits_do_not_count_against_their_chat(at_work: Office) -> None:
    edits = [to(1, f"edit{number}", operation=Operation.EDIT, target=77) for number in range(20)]
    await at_work.deliver(*edits, to(1, "sent"))
    assert at_work.platform.kinds == [*(each.kind for each in edits), "sent"]


async def test_edits_and_the_message_behind_them_are_one_trip_in_their_order(at_work: Office) -> None:
    at_work.platform.gates["first"] = asyncio.Event()
    edit = {"operation": Operation.EDIT, "target": 7}
    await at_work.say(to(1, "first", **edit), to(1, "second", **edit), to(1, "said"), to(1, "after", **edit))
    await at_work.platform.until_started("first")
    states = await at_work.states()
    assert states == {"first": "sending", "second": "sending", "said": "sending", "after": "waiting"}
    at_work.platform.gates["first"].set()
    await at_work.settled()
    assert at_work.platform.kinds == ["first", "second", "said", "after"]


async def test_what_comes_behind_an_edit_that_must_wait_waits_with_it(at_work: Office) -> None:
    at_work.platform.trouble["ring"].append(TooFastError(30))
    await at_work.deliver(to(1, "ring", operation=Operation.EDIT, target=7), to(1, "said"), to(2, "other"))
    assert at_work.platform.attempted == ["ring", "other"]
    await at_work.pass_time(29)
    assert at_work.platform.attempted == ["ring", "other"]
    await at_work.pass_time(2)
    assert at_work.platform.kinds == ["other", "ring", "said"]


async def test_an_edit_finds_the_message_by_the_key_of_its_notice(at_work: Office) -> None:
    await at_work.deliver(to(1, "question", key="q:1"))
    await at_work.deliver(to(1, "edit", operation=Operation.EDIT, target="q:1"))
    await at_work.deliver(to(1, "nothing", operation=Operation.STRIP, target="q:2"))
    asked, edit, nothing = at_work.platform.delivered
    assert (asked.message, nothing.message) == (None, None)
    assert edit.message == (await at_work.row("question"))["message_id"]


async def test_not_before(at_work: Office) -> None:
    await at_work.deliver(to(1, "later", not_before=BEGIN + timedelta(minutes=5)))
    await at_work.pass_time(299)
    assert not at_work.platform.attempted
    await at_work.pass_time(1)
    assert at_work.platform.kinds == ["later"]


# -- what can come of it


async def test_too_fast_stops_its_chat_for_as_long_as_told(at_work: Office) -> None:
    at_work.platform.trouble["hello"].append(TooFastError(30))
    await at_work.deliver(to(1, "hello"), to(1, "second"), to(2, "other"))
    assert at_work.platform.kinds == ["other"]
    await at_work.deliver(to(2, "other2"), to(3, "bulk", Priority.NUDGE))
    assert at_work.platform.kinds == ["other", "other2", "bulk"]
    await at_work.pass_time(29.9)
    assert "hello" not in at_work.platform.kinds
    await at_work.pass_time(0.2)
    assert at_work.platform.kinds == ["other", "other2", "bulk", "hello", "second"]


async def test_too_fast_in_a_second_chat_stops_bulk_and_in_a_third_everybody(at_work: Office) -> None:
    for kind in ("one", "two", "three"):
        at_work.platform.trouble[kind].append(TooFastError(10))
    await at_work.deliver(to(1, "one"), to(2, "two"))
    await at_work.deliver(to(4, "bulk", Priority.NUDGE), to(3, "person"))
    assert at_work.platform.kinds == ["person"]
    await at_work.deliver(to(3, "three"))
    await at_work.deliver(to(4, "relay", Priority.RELAY))
    assert at_work.platform.kinds == ["person"], "everybody waits"
    await at_work.pass_time(10.1)
    assert set(at_work.platform.kinds) == {"person", "one", "two", "three", "bulk", "relay"}


async def test_refusals_far_apart_are_each_about_one_chat(at_work: Office) -> None:
    for kind in ("one", "two", "three"):
        at_work.platform.trouble[kind].append(TooFastError(60))
    for person, kind in enumerate(("one", "two", "three"), 1):
        await at_work.deliver(to(person, kind))
        await at_work.pass_time(3)
    await at_work.deliver(to(4, "bulk", Priority.SUMMARY))
    assert at_work.platform.kinds == ["bulk"]


async def test_too_fast_is_heeded_by_bulk_without_dropping_it(at_work: Office) -> None:
    at_work.platform.trouble["reminder"].append(TooFastError(5))
    await at_work.deliver(to(1, "reminder", Priority.NUDGE))
    await at_work.pass_time(5.1)
    assert at_work.platform.kinds == ["reminder"]


async def test_who_cannot_be_reached_is_noted_and_not_asked_again(at_work: Office) -> None:
    at_work.platform.trouble["relay"].append(UnreachableError())
    await at_work.deliver(to(1, "relay", Priority.RELAY, private={"words": "air"}, relayed=True))
    await at_work.pass_time(3_600)
    assert at_work.platform.attempted == ["relay"]
    row = await at_work.row("relay")
    assert (row["state"], row["error"], row["private"]) == ("failed", "UnreachableError", None)
    reachable = await at_work.base.rows("SELECT id, reachable FROM people ORDER BY id LIMIT 2")
    assert [bool(each["reachable"]) for each in reachable] == [False, True]
    assert not await at_work.base.rows("SELECT * FROM received")


@pytest.mark.parametrize("error", [RefusedError("no"), ValueError("a fault of ours")])
async def test_what_is_refused_or_broken_is_not_tried_again_and_stops_nobody(
    at_work: Office, error: Exception
) -> None:
    at_work.platform.trouble["bad"].append(error)
    await at_work.deliver(to(1, "bad", private={"words": "air"}), to(1, "good"), to(2, "other"))
    await at_work.pass_time(3_600)
    assert at_work.platform.attempted.count("bad") == 1
    assert set(at_work.platform.kinds) == {"good", "other"}
    row = await at_work.row("bad")
    assert (row["state"], row["private"]) == ("failed", None)


@pytest.mark.parametrize("priority", list(Priority))
async def test_what_surely_did_not_arrive_is_repeated_whatever_it_is(
    at_work: Office, priority: Priority
) -> None:
    at_work.platform.trouble["notice"].extend([NotDeliveredError()] * 3)
    await at_work.deliver(to(1, "notice", priority))
    await at_work.pass_time(0.9)
    assert len(at_work.platform.attempted) == 1
    tries = []
    for seconds in (0.2, 2, 4):
        await at_work.pass_time(seconds)
        tries.append(len(at_work.platform.attempted))
    assert tries == [2, 3, 4]
    assert at_work.platform.kinds == ["notice"]
    assert (await at_work.row("notice"))["attempts"] == 4


@pytest.mark.parametrize("priority", list(Priority))
async def test_what_perhaps_arrived_is_repeated_unless_it_is_bulk(
    at_work: Office, priority: Priority
) -> None:
    at_work.platform.trouble["notice"].append(PerhapsDeliveredError())
    await at_work.deliver(to(1, "notice", priority, private={"words": "air"}))
    await at_work.pass_time(5)
    again = priority < Priority.NUDGE
    assert at_work.platform.kinds == (["notice"] if again else [])
    row = await at_work.row("notice")
    assert (row["state"], row["private"]) == ("sent" if again else "dropped", None)


def test_the_back_off_doubles_to_a_most() -> None:
    waits = [back_off(tries, LONGEST_BACK_OFF).total_seconds() for tries in (1, 2, 3, 4)]
    assert waits == [1, 2, 4, 8]
    assert back_off(5_000, LONGEST_BACK_OFF).total_seconds() == LONGEST_BACK_OFF


async def test_a_long_outage_loses_nothing_and_ends_by_itself(at_work: Office) -> None:
    at_work.platform.trouble["relay"].extend([NotDeliveredError()] * 20)
    await at_work.deliver(to(1, "relay", Priority.RELAY))
    await at_work.pass_time(2 * 3_600)
    assert at_work.platform.kinds == ["relay"]


# -- what is kept


async def test_settling_erases_what_was_private_and_hands_over_what_was_relayed(at_work: Office) -> None:
    await at_work.deliver(
        to(2, "relay", parameters={"request": 7, "from": 1}, private={"words": "air"}, relayed=True),
        to(1, "answer", private={"words": "air"}),
    )
    for kind in ("relay", "answer"):
        row = await at_work.row(kind)
        assert (row["state"], row["private"]) == ("sent", None)
        assert row["settled_at"]
    rows = await at_work.base.rows(received.select())
    assert len(rows) == 1
    assert (rows[0]["person_id"], rows[0]["kind"]) == (2, "relay")
    assert rows[0]["parameters"] == {"request": 7}, "without who it came from"
    assert rows[0]["words"] == {"words": "air"}
    noted = await at_work.base.rows("SELECT person_id, outgoing FROM messages ORDER BY person_id")
    assert [(row["person_id"], bool(row["outgoing"])) for row in noted] == [(1, True), (2, True)]


async def test_words_that_wait_are_encrypted(at_work: Office) -> None:
    await at_work.deliver(to(1, "later", private={"words": "air"}, not_before=BEGIN + timedelta(hours=1)))
    stored = (await at_work.row("later"))["private"]
    assert isinstance(stored, bytes)
    assert b"air" not in stored


async def test_the_same_key_is_said_once(at_work: Office) -> None:
    await at_work.deliver(to(1, "nudge", key="reminder:1:18:00"))
    await at_work.deliver(to(1, "nudge", key="reminder:1:18:00"), to(1, "other"))
    await at_work.deliver(to(1, "nudge", key="a"), to(1, "nudge", key="a"))
    assert at_work.platform.kinds == ["nudge", "other", "nudge"]


async def test_what_was_called_off_is_not_said(at_work: Office) -> None:
    late = BEGIN + timedelta(minutes=5)
    await at_work.deliver(
        to(1, "space.request", private={"words": "air"}, not_before=late), to(1, "hello", not_before=late)
    )
    async with at_work.base.storage.unit_of_work() as uow:
        await uow.outbox.call_off([PersonId(1)], ["space."], at_work.clock.now())
        await uow.commit(at_work.clock.now())
    await at_work.pass_time(600)
    assert at_work.platform.kinds == ["hello"]
    assert (await at_work.row("space.request"))["private"] is None


# -- ends and new beginnings


async def test_after_a_crash_the_urgent_goes_again_and_bulk_is_dropped(tmp_path: Path) -> None:
    async with office(tmp_path) as place:
        soon = BEGIN + timedelta(minutes=1)
        await place.say(
            to(1, "relay", Priority.RELAY),
            to(2, "promise", Priority.PROMISE),
            to(3, "reminder", Priority.NUDGE, private={"words": "air"}),
            to(4, "stale", Priority.RELAY, expires_at=soon),
        )
        async with place.base.storage.unit_of_work() as uow:
            claimed = await claim(uow, BEGIN)
            await uow.commit(BEGIN)
        assert len(claimed) == 4
        await place.say(to(3, "unsent", Priority.NUDGE))
        place.clock.set(soon)
        place.open()
        await place.settled()
        assert sorted(place.platform.kinds) == ["promise", "relay", "unsent"]
        states = await place.states()
        assert (states["reminder"], states["stale"]) == ("dropped", "dropped")
        assert (await place.row("reminder"))["private"] is None


async def test_on_the_way_out_what_is_in_flight_is_settled(at_work: Office) -> None:
    gate = at_work.platform.gates["relay"] = asyncio.Event()
    await at_work.say(to(1, "relay", Priority.RELAY), to(1, "next"))
    await at_work.platform.until_started("relay")
    closing = asyncio.create_task(at_work.close())
    gate.set()
    await closing
    assert await at_work.states() == {"relay": "sent", "next": "waiting"}


async def test_expired_notices_are_tidied_away(at_work: Office) -> None:
    await at_work.deliver(to(1, "later", private={"words": "air"}, not_before=BEGIN + 2 * LIFETIME))
    async with at_work.base.storage.unit_of_work() as uow:
        assert await uow.outbox.expire(BEGIN + LIFETIME - timedelta(seconds=1)) == 0
        assert await uow.outbox.expire(BEGIN + LIFETIME) == 1
        await uow.commit(BEGIN + LIFETIME)
    row = await at_work.row("later")
    assert (row["state"], row["error"], row["private"]) == ("dropped", "expired", None)


# -- the pacer


async def breathe(place: Office, person: int = 1) -> int:
    """A message that moves; its id."""
    place.platform.motions["breath"] = MOTION
    await place.deliver(to(person, "breath", key="breath:1"))
    message = (await place.row("breath"))["message_id"]
    assert isinstance(message, int)
    return message


async def test_a_breath_moves_every_two_and_a_half_seconds_until_it_is_over(at_work: Office) -> None:
    message = await breathe(at_work)
    await at_work.pass_time(2.4)
    assert at_work.platform.beats == []
    await at_work.pass_time(7.6)
    assert at_work.platform.beats == [(1001, message, beat * 2.5) for beat in (1, 2, 3, 4)]
    await at_work.pass_time(600)
    assert len(at_work.platform.beats) == 23, "the last before 60 s"
    assert at_work.clock.next_alarm() is None


async def test_after_a_leap_in_time_there_is_one_beat(at_work: Office) -> None:
    message = await breathe(at_work)
    at_work.clock.set(BEGIN + timedelta(seconds=31))
    await at_work.settled()
    assert at_work.platform.beats == [(1001, message, 31)]


async def test_a_beat_is_skipped_when_no_token_is_free(tmp_path: Path) -> None:
    limiter = RateLimiter(BEGIN, 0.1, 0.1)
    async with office(tmp_path, limiter) as place:
        place.open()
        await breathe(place)
        await place.pass_time(9.9)
        assert place.platform.beats == []
        await place.pass_time(0.2)
        assert len(place.platform.beats) == 1, "not three at once"


async def test_too_fast_ends_the_movement(at_work: Office) -> None:
    await breathe(at_work)
    at_work.platform.beat_trouble.append(TooFastError(5))
    await at_work.pass_time(3)
    await at_work.deliver(to(1, "answer"))
    assert "answer" not in at_work.platform.kinds, "the chat waits, too"
    await at_work.pass_time(60)
    assert len(at_work.platform.beats) == 1
    assert "answer" in at_work.platform.kinds


@pytest.mark.parametrize("error", [NotDeliveredError(), PerhapsDeliveredError(), RefusedError("gone")])
async def test_a_lost_beat_does_not_matter(at_work: Office, error: DeliveryError) -> None:
    await breathe(at_work)
    at_work.platform.beat_trouble.append(error)
    await at_work.pass_time(5.1)
    assert len(at_work.platform.beats) == 2


async def test_it_rests_when_its_message_is_written_anew_and_not_before(at_work: Office) -> None:
    await breathe(at_work)
    await at_work.pass_time(3)
    await at_work.deliver(to(1, "other"), to(1, "edit", operation=Operation.EDIT, target=3))
    await at_work.pass_time(2.5)
    assert len(at_work.platform.beats) == 2
    await at_work.deliver(to(1, "breath.over", operation=Operation.EDIT, target="breath:1"))
    await at_work.pass_time(600)
    assert len(at_work.platform.beats) == 2


async def test_a_second_breath_in_a_chat_ends_the_first(at_work: Office) -> None:
    first = await breathe(at_work)
    await at_work.deliver(to(1, "breath"))
    second = (await at_work.base.rows("SELECT max(message_id) AS id FROM outbox"))[0]["id"]
    await at_work.pass_time(3)
    assert [beat[1] for beat in at_work.platform.beats] == [second]
    assert first != second


async def test_a_notice_waits_for_the_beat_in_flight_and_goes_right_after(at_work: Office) -> None:
    await breathe(at_work)
    gate = at_work.platform.beat_gate = asyncio.Event()
    at_work.clock.set(BEGIN + timedelta(seconds=2.5))
    await at_work.platform.until_beats(1)
    await at_work.say(to(1, "over", operation=Operation.EDIT, target="breath:1"), to(2, "other"))
    await at_work.platform.until_started("other")
    assert "over" not in at_work.platform.attempted
    gate.set()
    await at_work.settled()
    assert at_work.platform.kinds[-1] == "over"
