"""The diagram of a space request in docs/architecture.md says what the rules do: every edge, and no other."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.domain.errors import Stale, TimeOutOfRange
from bot.domain.model import CoupleId, PersonId, SpaceId
from bot.domain.space import (
    LAPSES_AFTER,
    Acknowledged,
    Afterwards,
    DayIsOver,
    Event,
    Extended,
    Hushed,
    LinkEnded,
    MeetingTime,
    NoAnswer,
    OutageOver,
    Rated,
    Ready,
    ReadyFrom,
    Requested,
    Returned,
    SpaceRequest,
    State,
    TalkTimeOver,
    TimeIsUp,
    Withdrawn,
)
from bot.domain.space_rules import transition

Edge = tuple[str, str, str]
DOCS = Path(__file__).resolve().parents[2] / "docs" / "architecture.md"
NOW = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
MARA, JONAS = PersonId(1), PersonId(2)
BEGIN = END = "[*]"
EVENTS = {each.__name__ for each in Event.__args__}
_LINE = re.compile(r"(\S+) --> (\S+?)(?:: (.+))?")


def drawn() -> tuple[set[Edge], set[str]]:
    """The edges of the diagram; and the states from which it ends."""
    chapter = (
        DOCS.read_text(encoding="utf-8").partition("## A space request, in full")[2].partition("\n## ")[0]
    )
    [block] = re.findall(r"```mermaid\nstateDiagram-v2\n(.*?)```", chapter, re.S)
    edges: set[Edge] = set()
    ends: set[str] = set()
    for line in filter(None, map(str.strip, block.splitlines())):
        found = _LINE.fullmatch(line)
        assert found, line
        origin, to, events = found.groups()
        if to == END:
            ends.add(origin)
            continue
        for event in events.split(", "):
            assert event in EVENTS, event
            assert (origin, event, to) not in edges, f"drawn twice: {line}"
            edges.add((origin, event, to))
    return edges, ends


def asked(by: PersonId, members: tuple[PersonId, ...], minutes: int, now: datetime) -> Requested:
    couple = CoupleId(7) if len(members) == 2 else None
    return Requested(SpaceId(11), couple, members, by, now + timedelta(minutes=minutes), "Air.")


def everything(request: SpaceRequest) -> Iterator[tuple[Event, datetime]]:
    """All that can happen to it, soon and at the times that matter."""
    began, soon = request.started_at, request.return_at - timedelta(minutes=1)
    for now in (soon, request.return_at, began + LAPSES_AFTER):
        yield from ((event(), now) for event in (TimeIsUp, NoAnswer, DayIsOver, OutageOver))
    for now in (soon, soon + timedelta(hours=2)):
        yield from ((event(), now) for event in (MeetingTime, TalkTimeOver, Afterwards, LinkEnded))
    for by in request.members:
        yield from ((event(by), soon) for event in (Returned, Withdrawn, Ready))
        yield asked(by, request.members, 30, soon), soon
        yield Extended(by, soon + timedelta(minutes=20)), soon
        yield Rated(by, 5), soon
        yield Acknowledged(by, "thank_you"), soon
        yield ReadyFrom(by, soon + timedelta(hours=1)), soon
        yield Hushed(by, not request.hushed), soon


def likeness(request: SpaceRequest) -> tuple[object, ...]:
    """Requests that differ in this can differ in what becomes of them."""
    parts = frozenset((part.person, part.state) for part in request.participants)
    return request.members, request.state, parts, request.ready, request.ready_from is None, request.hushed


def done() -> tuple[set[Edge], dict[str, bool]]:
    """What the rules do; and whether anything changes a request that is in this state."""
    edges: set[Edge] = set()
    moved: dict[str, bool] = {}
    ahead: list[SpaceRequest] = []
    for members in ((MARA,), (MARA, JONAS)):
        request = transition(None, asked(MARA, members, 20, NOW), NOW).state
        edges.add((BEGIN, Requested.__name__, request.state.name))
        ahead.append(request)
    seen = {likeness(each) for each in ahead}
    while ahead:
        request = ahead.pop()
        moved.setdefault(request.state.name, False)
        for event, now in everything(request):
            try:
                decision = transition(request, event, now)
            except (Stale, TimeOutOfRange):
                continue
            if decision.state == request and not decision.notices:
                continue  # it decides nothing
            edges.add((request.state.name, type(event).__name__, decision.state.state.name))
            moved[request.state.name] |= decision.state != request
            if likeness(decision.state) not in seen:
                seen.add(likeness(decision.state))
                ahead.append(decision.state)
    return edges, moved


def test_every_edge_and_no_other() -> None:
    in_docs, _ = drawn()
    in_code, _ = done()
    assert in_docs - in_code == set(), "drawn, but not so"
    assert in_code - in_docs == set(), "so, but not drawn"


def test_it_ends_where_nothing_changes_it_any_more() -> None:
    _, ends = drawn()
    _, moved = done()
    assert set(moved) == {state.name for state in State}, "every state is reached"
    assert ends == {state for state, moves in moved.items() if not moves}


def test_every_event_stands_in_the_table() -> None:
    text = DOCS.read_text(encoding="utf-8")
    table = text[text.index("| event | from |") : text.index("What is offered stands in")]
    first = re.findall(r"^\| ([^|]+) \|", table, re.M)
    assert set(re.findall(r"`(\w+)`", " ".join(first))) == EVENTS
