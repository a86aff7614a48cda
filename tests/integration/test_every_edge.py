"""Every edge of every script is walked once by a person with the whole bot, and read in every other language.

The walks are made from the graphs: for each way on from a step (a choice, a skip, the way of a branch) one
that takes it, continued to an end. No edge can be forgotten, and none is written down here. All languages
have the same graphs (the content's check sees to that): so one of them is walked on a database, and of the
others all that would be shown on the same walks is rendered.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from functools import cache
from itertools import groupby, product
from pathlib import Path
from string import Formatter
from typing import Any

import pytest

from bot.content.catalog import Content, load
from bot.domain.conversation import (
    DONE,
    Answer,
    Circumstances,
    Session,
    Status,
    advance,
    begin,
    choices_shown,
    current,
    holds,
    part_of,
    spoken,
)
from bot.domain.decision import Notice
from bot.domain.model import Lean, Person, PersonId, SessionId
from bot.domain.script import SKIPPED, WRITTEN, Kind, Script, Step
from bot.domain.script_flow import PARTNER
from bot.services.step_view import parameters
from bot.telegram import callback_data as to
from bot.telegram.render.render import render
from bot.telegram.render.words import Words
from tests.integration.stage import Message, Stage, stage

HOURS = {7: "morning", 13: "day", 19: "evening", 23: "night"}
HERE = [
    Circumstances(leans, linked, hour)
    for hour, leans, linked in product((13, 23, 7, 19), (None, *Lean), (True, False))
]
LINE = "A line of my own, <b>& {more}."
MOST_STATES = 4000
NOW = datetime(2026, 3, 2, 17, tzinfo=UTC)
LONGEST_BREATH = timedelta(minutes=5, seconds=10)
Edge = tuple[str, str]
"""A step, and the name of a way on from it."""


@cache
def content() -> Content:
    return load()


@dataclass(frozen=True)
class Walk:
    """Answers to give, one after the other, under these circumstances."""

    here: Circumstances
    values: tuple[str, ...] = ()
    edges: frozenset[Edge] = frozenset()


def all_edges(script: Script) -> set[Edge]:
    edges: set[Edge] = set()
    for step in script.steps.values():
        edges |= {(step.id, f"choice {each.id}") for each in step.choices}
        edges |= {(step.id, f"way {number}") for number in range(len(step.ways))}
        if step.next is not None:
            edges.add((step.id, "next"))
        if step.way_past is not None:
            edges.add((step.id, "skip"))
    return edges


def answers(script: Script, step: Step, session: Session, here: Circumstances) -> Iterator[str]:
    """All that is worth trying at this question."""
    if step.kind.chooses:
        yield from (each.id for each in choices_shown(step, session, here))
    elif step.kind is Kind.SCALE:
        limits = [when_limit for when in conditions(script) for when_limit in limits_on(when, step.id)]
        near = {value + off for value in limits for off in (-1, 0, 1)} & set(range(11))
        yield from (str(value) for value in sorted(near or {5}))
    else:
        yield WRITTEN if step.kind is Kind.WRITE else DONE
    if step.way_past is not None:
        yield SKIPPED


def conditions(script: Script) -> Iterator[Any]:
    for step in script.steps.values():
        yield from (way.when for way in step.ways)
        yield from (each.when for each in step.choices if each.when is not None)


def limits_on(when: Any, step: str) -> Iterator[int]:
    yield from (limits[step] for limits in (when.at_least, when.at_most) if step in limits)


def taken(script: Script, session: Session, value: str, after: Session, here: Circumstances) -> set[Edge]:
    """The edges that this answer went along, silent steps included."""
    step = script.steps[session.step]
    if value == SKIPPED:
        name, way = "skip", step.way_past
    elif step.kind.chooses:
        choice = step.choice(value)
        assert choice is not None
        name, way = f"choice {value}", choice.next
    else:
        name, way = "next", step.next
    return {(step.id, name)} | silently(script, way, after, here)


def silently(script: Script, way: str | None, session: Session, here: Circumstances) -> set[Edge]:
    edges: set[Edge] = set()
    while way is not None and not script.steps[way].kind.waits:
        step = script.steps[way]
        numbers = [number for number, each in enumerate(step.ways) if holds(each.when, session, here)]
        if numbers:
            edges.add((step.id, f"way {numbers[0]}"))
            way = step.ways[numbers[0]].next
        elif step.next is not None:
            edges.add((step.id, "next"))
            way = step.next
        else:
            way = None
    return edges


def explore(script: Script, here: Circumstances, left: set[Edge]) -> list[Walk]:
    """Short whole walks, each of which goes along some of these edges that those before it left out."""
    first = begin(script, Session(SessionId(1), PersonId(1), "", script.id, ""), here).session
    begun = Walk(here, (), frozenset(silently(script, script.start, first, here)))
    todo, seen, wanted, found = deque([(first, begun)]), set(), set(left), []
    asked = {step for when in conditions(script) for step in when.about}
    while todo and len(seen) < MOST_STATES:
        session, walk = todo.popleft()
        done = session.status is not Status.ACTIVE
        if done and walk.edges & wanted:
            found.append(walk)
            wanted -= walk.edges
        step = current(script, session)
        matters = tuple((each, session.answers.get(each)) for each in sorted(asked))
        state = (step.id, matters, part_of(session), bool(walk.edges & wanted))
        if done or state in seen or len(walk.values) > 40:
            continue
        seen.add(state)
        for value in answers(script, step, session, here):
            turn = advance(script, session, Answer(session.seq, value, LINE), here)
            gone = set() if turn.in_place else taken(script, session, value, turn.session, here)
            todo.append((turn.session, Walk(here, (*walk.values, value), walk.edges | gone)))
    return found


@cache
def walks(script_id: str) -> tuple[list[Walk], set[Edge]]:
    """Walks that cover all edges, and the edges that no walk can cover. All languages share their graphs."""
    script = content().script("en", script_id).script
    left, found = all_edges(script), []
    for here in HERE:
        while left and (more := explore(script, here, left)):
            found += more
            left -= set().union(*(walk.edges for walk in more))
    return found, left


@dataclass
class Walker:
    """Somebody in these circumstances, and the message they start every walk from."""

    account: int
    menu: Message


async def walker(on: Stage, locale: str, here: Circumstances) -> Walker:
    account, person = await on.person("Mara", locale)
    async with on.storage.unit_of_work() as uow:
        await uow.people.set_leans(person, here.leans)
        await uow.commit(on.clock.now())
    if here.linked:
        _, partner = await on.person("Jo <& nas>", locale)
        async with on.storage.unit_of_work() as uow:
            await uow.couples.add(person, partner, on.clock.now())
            await uow.commit(on.clock.now())
    return Walker(account, (await on.says(account, "/checkin"))[-1])


async def play(on: Stage, walker: Walker, script: Script, walk: Walk) -> None:
    """Walk with the bot, by taps and typed lines."""
    news = await on.taps(walker.account, walker.menu, to.encode(to.StartScript(script.id)))
    for value in walk.values:
        question = news[-1]
        look_at(on, walker, news)
        if value == WRITTEN:
            news = await on.says(walker.account, LINE)
        elif value == DONE and "step.breathe" in question.kinds:
            news = await on.waits(walker.account, on.clock.now() + LONGEST_BREATH)
        else:
            data = [each for each in question.data if means(each, value)]
            assert data, f"no button for {value} under {question.text}"
            news = await on.taps(walker.account, question, data[0])
    look_at(on, walker, news)


def means(data: str, value: str) -> bool:
    tap = to.decode(data)
    return isinstance(tap, to.AnswerStep) and tap.value == value


def look_at(on: Stage, walker: Walker, news: list[Message]) -> None:
    """Nothing went wrong, nothing is left unfilled, and only the last message has buttons of a step."""
    assert news
    for message in news:
        assert not any(kind.startswith(("errors.", "fallback.", "care.")) for kind in message.kinds), message
        assert "{more}" in message.text or "{" not in message.text, message.text
        assert "<& nas>" not in message.text
    waiting = [each for each in on.chats[walker.account] if any(means_anything(data) for data in each.data)]
    assert len(waiting) <= 1


def means_anything(data: str) -> bool:
    return isinstance(to.decode(data), to.AnswerStep)


@pytest.mark.parametrize("script_id", content().script_ids("en"))
async def test_every_edge(script_id: str, tmp_path: Path) -> None:
    script = content().script("en", script_id).script
    found, left = walks(script_id)
    assert not left, f"no walk reaches {sorted(left)}"
    begin_at = datetime(2026, 3, 2, tzinfo=UTC)
    async with stage(tmp_path, content(), begin_at) as on:
        for day, (here, same) in enumerate(groupby(found, key=lambda walk: walk.here)):
            on.clock.set(begin_at + timedelta(days=day, hours=here.hour - 1))
            walking = await walker(on, "en", here)
            for walk in same:
                on.clock.set(begin_at + timedelta(days=day, hours=here.hour - 1, seconds=1))
                await play(on, walking, script, walk)


OTHERS = [
    (locale, script)
    for locale in content().locales
    if locale != "en"
    for script in content().script_ids(locale)
]


@pytest.mark.parametrize(("locale", "script_id"), OTHERS)
def test_every_edge_can_be_read(locale: str, script_id: str) -> None:
    script = content().script(locale, script_id).script
    reader = Person(PersonId(1), "Mara", locale, "Europe/Berlin", time(22), time(8), True, NOW)
    words = Words(content(), reader, NOW, "stillhere_bot")
    for number, walk in enumerate(walks(script_id)[0]):
        new = Session(SessionId(1), PersonId(1), "", script.id, "", round=number)
        turn = begin(script, new, walk.here)
        for value in (*walk.values, None):
            for step in turn.shown:
                private = {PARTNER: "Jo <& nas>"} if walk.here.linked else {}
                private |= spoken(script, turn.session)
                shown = parameters(turn.session, step, walk.here)
                call = render(Notice(f"step.{step.kind}", reader.id, shown, private), None, words)
                assert call is not None
                template = step.wording(turn.session.round)
                asked = {name for _, name, _, _ in Formatter().parse(template) if name}
                assert asked <= {PARTNER, *private}, template
                assert len(call.parameters["text"]) <= 1000
            if value is not None:
                turn = advance(script, turn.session, Answer(turn.session.seq, value, LINE), walk.here)
