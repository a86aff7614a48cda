"""Random histories of two people and the time, on the services and a real database.

They do anything at any time, also with buttons of long ago; the machine sleeps, and wakes late. After every
step `World` looks at what everybody was told.
"""

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import aiosqlite
import pytest
from cryptography.fernet import Fernet
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from bot.content.catalog import Content
from bot.domain.model import CoupleId, SpaceId
from bot.domain.waiting import AFTER, EVENING, HOUR, MORNING, ON_RETURN
from bot.services import (
    breaks,
    hello,
    kept,
    partners,
    reconnect,
    relay,
    signals,
    space,
    space_form,
    space_return,
    talk,
    waiting,
)
from bot.services.visit import Visit
from bot.storage.engine import open_engine
from bot.storage.types import vault
from bot.storage.unit_of_work import Storage
from bot.telegram.handlers import typed, ways

from .conftest import Story
from .histories import World
from .ledger import JONAS, KIM, MARA, PAIR, other
from .support import at_once

pytestmark = pytest.mark.sqlite_only

EXAMPLES, STEPS = 35, 25
roles = st.sampled_from(["away", "waiting", "mara", "jonas"])
whose = st.sampled_from([0, 0, 0, 1, 2])
"""Which id of those there were: mostly the newest."""
lengths = st.sampled_from([1, 20, 20, 60, 300, 23 * 60 + 30, 24 * 60])
names = st.sampled_from([ON_RETURN, AFTER, HOUR, EVENING, MORNING])
texts = st.sampled_from(["20:30", "9", "25 min", "tomorrow 8:00", "Line", "Line", "Line"])
STALE: list[Callable[[Visit, Any], Awaitable[Any]]] = [
    space.back,
    space.withdraw,
    lambda visit, request: space.more_time(visit, request, 20),
    lambda visit, request: space_return.rate(visit, request, 5),
    lambda visit, request: space.reply(visit, request, "thank_you"),
    waiting.ask_ready,
    lambda visit, request: waiting.choose_ready(visit, request, HOUR),
    reconnect.ready,
]
KEPT = [kept.show, kept.ask_change, kept.take_back, kept.send, kept.send, kept.hold]
somebody_is_away = precondition(lambda self: any(each.open for each in self.world.breaks.values()))
somebody_waits = precondition(lambda self: self.world.waiting() is not None)
back_from_it = precondition(lambda self: any(b.state == "returned" for b in self.world.breaks.values()))
linked = precondition(lambda self: self.world.couple is not None)
somebody_is_here = precondition(lambda self: len(self.world.away()) < len(PAIR))


async def prepare(file: Path, content: Content) -> None:
    """Three people, two of whom are linked: in different places and languages, one with quiet hours."""
    engine = open_engine(f"sqlite+aiosqlite:///{file}")
    story = Story(Storage(engine), content)
    assert await story.person("Mara") == MARA
    assert await story.person("Jonas", "Europe/Lisbon", quiet=True) == JONAS
    assert await story.person("Kim") == KIM
    async with story.storage.unit_of_work() as uow:
        await uow.people.set_locale(JONAS, "de")
        await uow.commit(story.now)
    await story.link(MARA, JONAS)
    await engine.dispose()


async def _draft(visit: Visit) -> int:
    draft = await visit.uow.drafts.get(visit.person.id, space_form.DRAFT)
    return 999 if draft is None else draft.id


class Histories(RuleBasedStateMachine):
    """What people and the time do. What must hold is in `Ledger`."""

    blank: Path
    content: Content

    def __init__(self) -> None:
        super().__init__()
        self.world = World(Path(shutil.copy(self.blank, self.blank.with_name("history.db"))), self.content)
        self.lines = 0
        self.often = False

    def teardown(self) -> None:
        self.world.close()

    def words(self) -> str:
        """Words that nobody else uses."""
        self.lines += 1
        return f"Line {self.lines}."

    @initialize(begins=st.sampled_from(["nothing", "asked", "asked", "both asked", "due", "returned"]))
    def it_begins(self, begins: str) -> None:
        """Where a history begins: more of them then come to where little else happens."""
        if begins != "nothing":
            self.ask(20, True)
        if begins == "both asked":
            self.ask(60, True)
        elif begins == "due":
            self.until_the_next_thing()
        elif begins == "returned":
            self.come_back(False)

    # -- asking, and coming back

    @somebody_is_here
    @rule(length=lengths, sent=st.sampled_from([True, True, True, False]))
    def ask(self, length: int, sent: bool) -> None:
        words = self.words()

        async def asks(visit: Visit) -> None:
            await space_form.ask_length(visit, length)
            draft = await _draft(visit)
            await space_form.choose_wording(visit, draft, space_form.FEW_MINUTES, words)
            if sent:
                await space.send(visit, draft)

        self.world.act(self._who_asks(), asks)

    @somebody_is_here
    @rule(until=st.sampled_from(["19:00", "23:30", "tomorrow 8:00"]))
    def ask_until(self, until: str) -> None:
        words = self.words()

        async def asks(visit: Visit) -> None:
            await space_form.ask_length(visit)
            await space_form.ask_time(visit, await _draft(visit))
            await space_form.take_time(visit, until)
            await space_form.choose_wording(visit, await _draft(visit), space_form.FEW_MINUTES, words)
            await space.send(visit, await _draft(visit))

        self.world.act(self._who_asks(), asks)

    @precondition(lambda self: not self.world.away() and not self.often)
    @rule(who=st.sampled_from(PAIR))
    def ask_often(self, who: Any) -> None:
        self.often, words = True, self.words()

        async def asks_and_is_back(visit: Visit) -> None:
            for _ in range(7):
                await space_form.ask_length(visit, 20)
                await space_form.choose_wording(visit, await _draft(visit), space_form.FEW_MINUTES, words)
                await space.send(visit, await _draft(visit))
                await space.back(visit)

        self.world.act(who, asks_and_is_back)

    @somebody_is_away
    @rule(named=st.booleans())
    def come_back(self, named: bool) -> None:
        arguments = (SpaceId(self.world.request()),) if named else ()
        self.world.act(self.world.somebody("away"), space.back, *arguments)

    @somebody_is_away
    @rule()
    def take_back(self) -> None:
        self.world.act(self.world.somebody("away"), space.withdraw, self.world.request())

    @somebody_is_away
    @rule(minutes=st.sampled_from([5, 20, 60, 360, 23 * 60]), waits=st.booleans())
    def more_time(self, minutes: int, waits: bool) -> None:
        self.world.act(self.world.somebody("away"), space.more_time, self.world.request(), minutes)
        if waits:
            self.world.passes_to_what_is_due(1)

    @somebody_is_away
    @rule(minutes=st.sampled_from([-5, 15, 90, 14 * 60, 23 * 60, 24 * 60]))
    def more_until(self, minutes: int) -> None:
        until = self.world.now + timedelta(minutes=minutes)
        self.world.act(self.world.somebody("away"), space.more_until, self.world.request(), until)

    @somebody_is_away
    @rule(intensity=st.integers(0, 10))
    def at_the_return(self, intensity: int) -> None:
        request = SpaceId(self.world.request())

        async def looks(visit: Visit) -> None:
            await space_return.rate(visit, request, intensity)
            await space_return.not_today(visit, request)
            await space_return.ask_time(visit, request)

        self.world.act(self.world.somebody("away"), looks)

    # -- waiting

    @somebody_waits
    @rule(answer=st.sampled_from(space.REPLIES))
    def reply(self, answer: str) -> None:
        self.world.act(self.world.somebody("waiting"), space.reply, self.world.request(), answer)

    @somebody_waits
    @rule(name=names, asks=st.booleans())
    def ready_from(self, name: str, asks: bool) -> None:
        who, request = self.world.somebody("waiting"), self.world.request()
        if asks:
            self.world.act(who, waiting.ask_ready, request)
        self.world.act(who, waiting.choose_ready, request, name)

    @somebody_waits
    @rule(on=st.sampled_from([False, False, True]))
    def sound(self, on: bool) -> None:
        request = SpaceId(self.world.request())

        async def set_sound(visit: Visit) -> None:
            await waiting.set_sound(visit, request, on=on)

        self.world.act(self.world.somebody("waiting"), set_sound)

    @somebody_waits
    @rule()
    def keep(self) -> None:
        who = self.world.somebody("waiting")
        self._opens(who, "keep")
        self._types(who, self.words())

    @precondition(lambda self: self.world.kept)
    @rule(who=st.sampled_from(PAIR), back=whose, turn=st.sampled_from(KEPT))
    def tap_kept(self, who: Any, back: int, turn: Callable[[Visit, int], Awaitable[None]]) -> None:
        self.world.act(who, turn, self.world.last(self.world.messages, back))

    # -- lines

    @linked
    @rule(role=roles, slot=st.sampled_from(["still_here", "settling"]))
    def signal(self, role: str, slot: str) -> None:
        who = self.world.somebody(role)
        self.world.act(who, signals.choose)
        draft = self.world.last(self.world.drafts.get((who, "signal"), []), 0)
        self.world.act(who, signals.send, self.content, draft, slot)

    @linked
    @rule(role=roles, name=st.sampled_from(["hour", "evening", "tomorrow"]), back=whose)
    def ask_for_a_talk(self, role: str, name: str, back: int) -> None:
        who = self.world.somebody(role)
        self.world.act(who, talk.ask_when)
        drafts = self.world.drafts.get((who, "talk"), [])
        self.world.act(who, talk.choose_time, self.content, self.world.last(drafts, 0), name)
        self.world.act(who, talk.send, self.world.last(self.world.drafts.get((who, "talk"), []), back))

    @linked
    @rule(role=roles, back=whose, turn=st.sampled_from([relay.send, relay.send, kept.keep_draft, relay.hold]))
    def write(self, role: str, back: int, turn: Callable[[Visit, int], Awaitable[None]]) -> None:
        who = self.world.somebody(role)
        self.world.act(who, relay.preview, self.words())
        self.world.act(who, turn, self.world.last(self.world.drafts.get((who, "relay"), []), back))

    @somebody_is_away
    @rule(who=st.sampled_from(PAIR), text=texts)
    def type_something(self, who: Any, text: str) -> None:
        self._types(who, self.words() if text == "Line" else text)

    # -- afterwards

    @back_from_it
    @rule(who=st.sampled_from(PAIR), both=st.booleans())
    def say_ready(self, who: Any, both: bool) -> None:
        self.world.act(who, reconnect.ready, self.world.request())
        if both:
            self.world.act(other(who), reconnect.ready, self.world.request())

    @back_from_it
    @rule(who=st.sampled_from(PAIR), name=st.sampled_from([HOUR, EVENING, MORNING]), waits=st.booleans())
    def name_a_time(self, who: Any, name: str, waits: bool) -> None:
        self.world.act(who, waiting.choose_ready, self.world.request(), name)
        if waits:
            self.world.passes_to_what_is_due(1)

    # -- buttons of long ago, and of others

    @rule(who=st.sampled_from([MARA, JONAS, KIM]), back=st.integers(0, 3), turn=st.sampled_from(STALE))
    def tap_anything(self, who: Any, back: int, turn: Callable[[Visit, Any], Awaitable[Any]]) -> None:
        done = self.world.act(who, turn, self.world.request(back))
        assert not (done and who == KIM)

    @rule(who=st.sampled_from([MARA, JONAS, KIM]), other_one=st.sampled_from(PAIR), back=st.integers(0, 3))
    def tap_anything_else(self, who: Any, other_one: Any, back: int) -> None:
        world = self.world
        world.act(who, space.send, world.last(world.drafts.get((other_one, "space"), []), back))
        world.act(who, kept.send, world.last(world.messages, back))
        world.act(who, partners.send_farewell, CoupleId(world.last(world.ended, back)))
        if who != KIM:
            world.act(who, breaks.show)

    # -- the link

    @precondition(lambda self: self.world.couple is not None and len(self.world.ended) < 2)
    @rule(role=roles, farewell=st.booleans(), links_again=st.sampled_from([True, True, False]))
    def unlink(self, role: str, farewell: bool, links_again: bool) -> None:
        who = self.world.somebody(role)
        self.world.act(who, partners.unlink)
        if farewell:
            self.world.act(who, partners.send_farewell, CoupleId(self.world.last(self.world.ended, 0)))
        if links_again:
            self.link_again()

    @precondition(lambda self: self.world.couple is None)
    @rule()
    def link_again(self) -> None:
        for who in PAIR:
            self.world.act(who, hello.menu)  # who was left hears so at the first step that needs a partner
        self.world.run(self.world.story.link(MARA, JONAS))
        self.world.look(action="link")

    # -- the time

    @rule(times=st.integers(1, 3))
    def until_something_is_due(self, times: int) -> None:
        self.world.passes_to_what_is_due(times)

    @precondition(lambda self: self.world.timers)
    @rule()
    def until_the_next_thing(self) -> None:
        self.world.passes_to_what_is_due(1)

    @rule(minutes=st.sampled_from([1, 10, 21, 60, 90, 240, 1440]))
    def time_passes(self, minutes: int) -> None:
        self.world.passes(timedelta(minutes=minutes))

    @rule(hours=st.sampled_from([1, 3, 13, 25]), wakes=st.booleans())
    def the_machine_sleeps(self, hours: int, wakes: bool) -> None:
        self.world.sleeps(timedelta(hours=hours), wakes=wakes)

    @rule()
    def after_an_outage(self) -> None:
        async def back_in_contact() -> None:
            async with self.world.storage.unit_of_work() as uow:
                await space.after_outage(uow, self.world.now - timedelta(minutes=5), self.world.now)
                await uow.commit(self.world.now)

        self.world.run(back_in_contact())
        self.world.look(action="outage")

    @rule()
    def what_waits_is_sent(self) -> None:
        self.world.run(self.world.send_what_waits())

    def _who_asks(self) -> Any:
        """Somebody who is not away; both by turns."""
        return next(who for who in (PAIR if self.lines % 2 else PAIR[::-1]) if who not in self.world.away())

    def _opens(self, who: Any, what: str) -> bool:
        async def open_it(visit: Visit) -> None:
            tools: Any = SimpleNamespace(content=self.content)
            await ways.open_by_name(tools, visit, what)

        return self.world.act(who, open_it)

    def _types(self, who: Any, words: str) -> None:
        async def type_it(visit: Visit) -> None:
            context: Any = SimpleNamespace(tools=SimpleNamespace(content=self.content), said=None)
            await typed.route(context, visit, words)

        self.world.act(who, type_it)


def test_histories(tmp_path: Path, migrated: Path, content: Content, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(aiosqlite.Connection, "_execute", at_once)
    vault.unlock([Fernet.generate_key().decode()])
    Histories.blank = Path(shutil.copy(migrated, tmp_path / "blank.db"))
    Histories.content = content
    asyncio.run(prepare(Histories.blank, content))
    run_state_machine_as_test(
        Histories,
        settings=settings(
            derandomize=True,
            phases=[Phase.generate],  # a history is short enough to be read as it is
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
