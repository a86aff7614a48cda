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
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, rule, run_state_machine_as_test

from bot.content.catalog import Content
from bot.domain.model import CoupleId, SpaceId
from bot.domain.waiting import AFTER, EVENING, HOUR, MORNING, ON_RETURN
from bot.services import (
    breaks,
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
from .histories import World, at_once
from .ledger import JONAS, KIM, MARA, PAIR

EXAMPLES, STEPS = 35, 35
roles = st.sampled_from(["away", "away", "waiting", "waiting", "mara", "jonas"])
whose = st.sampled_from([0, 0, 0, 0, 1, 2])
"""Which id of those there were: mostly the newest."""
lengths = st.sampled_from([1, 5, 20, 20, 60, 300, 23 * 60, 23 * 60 + 30])
names = st.sampled_from([ON_RETURN, AFTER, HOUR, EVENING, MORNING])
texts = st.sampled_from(["20:30", "9", "25 min", "tomorrow 8:00", "Line", "Line", "Line"])


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

    def teardown(self) -> None:
        self.world.close()

    def words(self) -> str:
        """Words that nobody else uses."""
        self.lines += 1
        return f"Line {self.lines}."

    # -- asking, and coming back

    @rule(role=roles, length=lengths, sent=st.sampled_from([True, True, True, False]))
    def ask(self, role: str, length: int, sent: bool) -> None:
        words = self.words()

        async def asks(visit: Visit) -> None:
            await space_form.ask_length(visit, length)
            draft = await _draft(visit)
            await space_form.choose_wording(visit, draft, space_form.FEW_MINUTES, words)
            if sent:
                await space.send(visit, draft)

        self.world.act(self.world.somebody(role), asks)

    @rule(role=roles, until=st.sampled_from(["19:00", "23:30", "tomorrow 8:00"]))
    def ask_until(self, role: str, until: str) -> None:
        words = self.words()

        async def asks(visit: Visit) -> None:
            await space_form.ask_length(visit)
            await space_form.ask_time(visit, await _draft(visit))
            await space_form.take_time(visit, until)
            await space_form.choose_wording(visit, await _draft(visit), space_form.FEW_MINUTES, words)
            await space.send(visit, await _draft(visit))

        self.world.act(self.world.somebody(role), asks)

    @rule(role=roles, back=whose)
    def tap_send(self, role: str, back: int) -> None:
        who = self.world.somebody(role)
        self.world.act(who, space.send, self.world.last(self.world.drafts.get((who, "space"), []), back))

    @rule(role=roles)
    def ask_often(self, role: str) -> None:
        words = self.words()

        async def asks_and_is_back(visit: Visit) -> None:
            for _ in range(7):
                await space_form.ask_length(visit, 20)
                await space_form.choose_wording(visit, await _draft(visit), space_form.FEW_MINUTES, words)
                await space.send(visit, await _draft(visit))
                await space.back(visit)

        self.world.act(self.world.somebody(role), asks_and_is_back)

    @rule(role=roles, back=whose, named=st.booleans())
    def come_back(self, role: str, back: int, named: bool) -> None:
        arguments = (SpaceId(self.world.request(back)),) if named else ()
        self.world.act(self.world.somebody(role), space.back, *arguments)

    @rule(role=roles, back=whose)
    def take_back(self, role: str, back: int) -> None:
        self.world.act(self.world.somebody(role), space.withdraw, self.world.request(back))

    @rule(role=roles, back=whose, minutes=st.sampled_from([5, 20, 60, 360, 23 * 60]))
    def more_time(self, role: str, back: int, minutes: int) -> None:
        self.world.act(self.world.somebody(role), space.more_time, self.world.request(back), minutes)

    @rule(role=roles, back=whose, minutes=st.sampled_from([-5, 0, 15, 90, 14 * 60, 24 * 60, 26 * 60]))
    def more_until(self, role: str, back: int, minutes: int) -> None:
        until = self.world.now + timedelta(minutes=minutes)
        self.world.act(self.world.somebody(role), space.more_until, self.world.request(back), until)

    @rule(role=roles, back=whose, intensity=st.integers(0, 10))
    def at_the_return(self, role: str, back: int, intensity: int) -> None:
        request = SpaceId(self.world.request(back))

        async def looks(visit: Visit) -> None:
            await space_return.rate(visit, request, intensity)
            await space_return.not_today(visit, request)
            await space_return.ask_time(visit, request)

        self.world.act(self.world.somebody(role), looks)

    # -- waiting

    @rule(role=roles, back=whose, answer=st.sampled_from(space.REPLIES))
    def reply(self, role: str, back: int, answer: str) -> None:
        self.world.act(self.world.somebody(role), space.reply, self.world.request(back), answer)

    @rule(role=roles, back=whose, name=names, asks=st.booleans())
    def ready_from(self, role: str, back: int, name: str, asks: bool) -> None:
        who, request = self.world.somebody(role), self.world.request(back)
        if asks:
            self.world.act(who, waiting.ask_ready, request)
        self.world.act(who, waiting.choose_ready, request, name)

    @rule(role=roles, back=whose, on=st.booleans())
    def sound(self, role: str, back: int, on: bool) -> None:
        request = SpaceId(self.world.request(back))

        async def set_sound(visit: Visit) -> None:
            await waiting.set_sound(visit, request, on=on)

        self.world.act(self.world.somebody(role), set_sound)

    @rule(role=roles)
    def keep(self, role: str) -> None:
        who = self.world.somebody(role)
        if self._opens(who, "keep"):
            self._types(who, self.words())

    @rule(
        who=st.sampled_from(PAIR),
        back=whose,
        turn=st.sampled_from([kept.show, kept.ask_change, kept.take_back, kept.send, kept.send, kept.hold]),
    )
    def tap_kept(self, who: Any, back: int, turn: Callable[[Visit, int], Awaitable[None]]) -> None:
        self.world.act(who, turn, self.world.last(self.world.messages, back))

    # -- lines

    @rule(role=roles, slot=st.sampled_from(["still_here", "settling"]))
    def signal(self, role: str, slot: str) -> None:
        who = self.world.somebody(role)
        self.world.act(who, signals.choose)
        draft = self.world.last(self.world.drafts.get((who, "signal"), []), 0)
        self.world.act(who, signals.send, self.content, draft, slot)

    @rule(role=roles, name=st.sampled_from(["hour", "evening", "tomorrow"]), back=whose)
    def ask_for_a_talk(self, role: str, name: str, back: int) -> None:
        who = self.world.somebody(role)
        self.world.act(who, talk.ask_when)
        drafts = self.world.drafts.get((who, "talk"), [])
        self.world.act(who, talk.choose_time, self.content, self.world.last(drafts, 0), name)
        self.world.act(who, talk.send, self.world.last(self.world.drafts.get((who, "talk"), []), back))

    @rule(role=roles)
    def write(self, role: str) -> None:
        self.world.act(self.world.somebody(role), relay.preview, self.words())

    @rule(
        who=st.sampled_from(PAIR), back=whose, turn=st.sampled_from([relay.send, kept.keep_draft, relay.hold])
    )
    def tap_line(self, who: Any, back: int, turn: Callable[[Visit, int], Awaitable[None]]) -> None:
        self.world.act(who, turn, self.world.last(self.world.drafts.get((who, "relay"), []), back))

    @rule(who=st.sampled_from(PAIR), text=texts)
    def type_something(self, who: Any, text: str) -> None:
        self._types(who, self.words() if text == "Line" else text)

    # -- afterwards

    @rule(role=roles, back=whose)
    def say_ready(self, role: str, back: int) -> None:
        self.world.act(self.world.somebody(role), reconnect.ready, self.world.request(back))

    @rule(who=st.sampled_from(PAIR))
    def look_around(self, who: Any) -> None:
        self.world.act(who, breaks.show)
        self.world.act(who, kept.show_all)
        self.world.act(who, space.show_open)

    # -- the link

    @rule(role=roles, farewell=st.booleans())
    def unlink(self, role: str, farewell: bool) -> None:
        who = self.world.somebody(role)
        self.world.act(who, partners.unlink)
        if farewell:
            self.world.act(who, partners.send_farewell, CoupleId(self.world.last(self.world.ended, 0)))

    @rule(who=st.sampled_from(PAIR), back=whose)
    def tap_farewell(self, who: Any, back: int) -> None:
        self.world.act(who, partners.send_farewell, CoupleId(self.world.last(self.world.ended, back)))

    @rule()
    def link_again(self) -> None:
        if self.world.couple is None:
            self.world.run(self.world.story.link(MARA, JONAS))
            self.world.look(action="link")

    @rule(back=whose, turn=st.sampled_from([space.back, space.withdraw, reconnect.ready, waiting.ask_ready]))
    def somebody_else_taps(self, back: int, turn: Callable[..., Awaitable[None]]) -> None:
        world = self.world
        assert not world.act(KIM, turn, world.request(back))
        assert not world.act(KIM, kept.send, world.last(world.messages, back))
        assert not world.act(KIM, partners.send_farewell, CoupleId(world.last(world.ended, back)))

    # -- the time

    @rule(minutes=st.sampled_from([1, 4, 10, 20, 21, 60, 90, 240, 720, 1440]))
    def time_passes(self, minutes: int) -> None:
        self.world.passes(timedelta(minutes=minutes))

    @rule(hours=st.sampled_from([1, 3, 11, 25]), wakes=st.booleans())
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

    def _opens(self, who: Any, what: str) -> bool:
        async def open_it(visit: Visit) -> None:
            tools: Any = SimpleNamespace(content=self.content)
            await ways.open_by_name(tools, visit, what)

        return self.world.act(who, open_it)

    def _types(self, who: Any, words: str) -> None:
        async def type_it(visit: Visit) -> None:
            context: Any = SimpleNamespace(tools=SimpleNamespace(content=self.content))
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
            max_examples=EXAMPLES,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
