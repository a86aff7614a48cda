"""A check-in as data: a graph of steps, and every fault that such a graph can have."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

MOST_TEXT = 400
"""Characters in a message: somebody reads it with a racing heart."""
MOST_LABEL = 24
"""Characters on a button: what a phone shows of it."""
NO_TIME = 20
"""Steps that may follow each other without waiting before a person is overrun."""


class Kind(StrEnum):
    """What a step does. All but SAY and END wait for the person."""

    SAY = "say"
    ASK = "ask"
    SCALE = "scale"
    WRITE = "write"
    BREATHE = "breathe"
    OFFER = "offer"
    END = "end"

    @property
    def waits(self) -> bool:
        return self not in (Kind.SAY, Kind.END)


class Action(StrEnum):
    """What a script can hand over to."""

    SPACE = "space"
    SIGNAL = "signal"
    BREATHE = "breathe"
    WRITE = "write"
    DONE = "done"


@dataclass(frozen=True)
class Choice:
    """A button: it leads on to a step, or hands over to something else and ends the script."""

    id: str
    label: str
    next: str | None = None
    do: Action | None = None


@dataclass(frozen=True)
class Step:
    """One message of a script. `choices` for ASK and OFFER; `label` is the way past WRITE and BREATHE."""

    id: str
    kind: Kind
    text: str
    next: str | None = None
    choices: tuple[Choice, ...] = ()
    label: str | None = None
    quote: str | None = None
    seconds: int = 60

    @property
    def ways_on(self) -> tuple[str, ...]:
        ways = (self.next, *(choice.next for choice in self.choices))
        return tuple(way for way in ways if way is not None)

    def choice(self, choice: str) -> Choice | None:
        return next((each for each in self.choices if each.id == choice), None)


@dataclass(frozen=True)
class Script:
    """A check-in in one locale."""

    id: str
    version: int
    title: str
    promise: str
    source: str
    start: str
    steps: Mapping[str, Step] = field(default_factory=dict)


@dataclass(frozen=True)
class Issue:
    """A fault: where in the file (keys and indexes from the top), and what is wrong."""

    where: tuple[str | int, ...]
    message: str


def validate(script: Script) -> list[Issue]:
    """Every fault of the graph, not only the first."""
    issues = list(_links(script))
    if not issues:
        issues += [*_unreachable(script), *_overrun(script)]
    return issues + [issue for step in script.steps.values() for issue in _words(step)]


def _links(script: Script) -> Iterator[Issue]:
    if script.start not in script.steps:
        yield Issue(("start",), f"the script starts at “{script.start}”, which is no step")
    for step in script.steps.values():
        yield from _ways(script, step)
        yield from _choices(script, step)


def _ways(script: Script, step: Step) -> Iterator[Issue]:
    at = ("steps", step.id)
    if step.next is not None and step.next not in script.steps:
        yield Issue((*at, "next"), f"“{step.next}” is no step")
    leads_on = step.kind not in (Kind.ASK, Kind.OFFER, Kind.END)
    if leads_on and step.next is None:
        yield Issue(at, f"a dead end: a “{step.kind}” step needs “next”")
    if not leads_on and step.next is not None:
        yield Issue((*at, "next"), f"a “{step.kind}” step has no “next”")


def _choices(script: Script, step: Step) -> Iterator[Issue]:
    at = ("steps", step.id)
    chooses = step.kind in (Kind.ASK, Kind.OFFER)
    if chooses != bool(step.choices):
        yield Issue(at, f"a “{step.kind}” step {'needs' if chooses else 'has no'} choices")
    for number, choice in enumerate(step.choices):
        if choice.next is not None and choice.next not in script.steps:
            yield Issue((*at, "choices", number, "next"), f"“{choice.next}” is no step")
        if (choice.next is None) == (choice.do is None):
            yield Issue((*at, "choices", number), "a choice needs either “next” or “do”")
    if len({choice.id for choice in step.choices}) < len(step.choices):
        yield Issue((*at, "choices"), "two choices have the same id")


def _reachable(script: Script) -> set[str]:
    seen: set[str] = set()
    todo = [script.start]
    while todo:
        step = todo.pop()
        if step not in seen:
            seen.add(step)
            todo += script.steps[step].ways_on
    return seen


def _unreachable(script: Script) -> Iterator[Issue]:
    reached = _reachable(script)
    for step in script.steps:
        if step not in reached:
            yield Issue(("steps", step), "no way leads to this step")


def _overrun(script: Script) -> Iterator[Issue]:
    """Steps that never wait must lead to one that does, or to an end."""
    for step in script.steps.values():
        at, hops = step, 0
        while not at.kind.waits and at.next is not None and hops <= NO_TIME:
            at, hops = script.steps[at.next], hops + 1
        if hops > NO_TIME:
            yield Issue(("steps", step.id), "a loop that never waits for the person")


def _words(step: Step) -> Iterator[Issue]:
    at = ("steps", step.id)
    if len(step.text) > MOST_TEXT:
        yield Issue((*at, "text"), f"{len(step.text)} characters; a message has at most {MOST_TEXT}")
    for number, choice in enumerate(step.choices):
        if len(choice.label) > MOST_LABEL:
            yield Issue(
                (*at, "choices", number, "label"),
                f"{len(choice.label)} characters; a button has at most {MOST_LABEL}",
            )
    if step.label is not None and len(step.label) > MOST_LABEL:
        yield Issue((*at, "label"), f"{len(step.label)} characters; a button has at most {MOST_LABEL}")
