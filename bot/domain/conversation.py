"""Running a script: start, run on until a step waits, take the answer, run on."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum

from bot.domain.errors import Stale
from bot.domain.model import PersonId, SessionId
from bot.domain.script import Action, Kind, Script, Step

SCALE = range(11)
"""0 to 10."""
STOPPED, SKIPPED, WRITTEN = "stopped", "skipped", "written"


class Status(StrEnum):
    ACTIVE = "active"
    FINISHED = "finished"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Session:
    """One run of a script. `seq` counts its waits: an answer that names another one is stale."""

    id: SessionId
    person: PersonId
    script_hash: str
    script_id: str
    step: str
    seq: int = 0
    answers: Mapping[str, int | str] = field(default_factory=dict)
    status: Status = Status.ACTIVE


@dataclass(frozen=True)
class Answer:
    """What came for the question `seq`: a choice's id, a number as text, or one of the marks below."""

    seq: int
    value: str


@dataclass(frozen=True)
class Turn:
    """What an answer leads to: the session's new state, the steps to show, and what it hands over to."""

    session: Session
    shown: tuple[Step, ...]
    said: str | None = None
    """the answer in the person's words, to stand under the question"""
    do: Action | None = None


def begin(script: Script, session: Session) -> Turn:
    """Run a new session to its first wait."""
    return _run(script, session, script.start)


def advance(script: Script, session: Session, answer: Answer) -> Turn:
    """Take an answer and run on. Raises Stale if it is not an answer to the current question."""
    if session.status is not Status.ACTIVE or answer.seq != session.seq:
        raise Stale
    step = script.steps[session.step]
    value, said, way, do = _read(step, answer.value)
    answered = replace(session, answers={**session.answers, step.id: value})
    if do is not None:
        return Turn(replace(answered, status=Status.FINISHED), (), said, do)
    assert way is not None
    return replace(_run(script, answered, way), said=said)


def stop(session: Session) -> Session:
    """End it half way; what was answered is kept."""
    return replace(session, status=Status.STOPPED)


def current(script: Script, session: Session) -> Step:
    """The step that waits."""
    return script.steps[session.step]


def typed_value(step: Step, text: str) -> str | None:
    """What a typed text means as an answer to this step; None if it is none."""
    said = " ".join(text.split())
    if step.kind is Kind.WRITE:
        return WRITTEN
    if step.kind is Kind.SCALE and said.isascii() and said.isdecimal() and int(said) in SCALE:
        return str(int(said))
    labels = {choice.label.casefold(): choice.id for choice in step.choices}
    return labels.get(said.casefold())


def _read(step: Step, value: str) -> tuple[int | str, str | None, str | None, Action | None]:
    """What is kept of an answer, how it reads, and where it leads."""
    if step.kind in (Kind.ASK, Kind.OFFER):
        choice = step.choice(value)
        if choice is None:
            raise Stale
        return choice.id, choice.label, choice.next, choice.do
    if step.kind is Kind.SCALE:
        if not value.isdecimal() or int(value) not in SCALE:
            raise Stale
        return int(value), str(int(value)), step.next, None
    return value if value in (SKIPPED, WRITTEN) else "done", None, step.next, None


def _run(script: Script, session: Session, way: str) -> Turn:
    shown = []
    step = script.steps[way]
    while True:
        shown.append(step)
        if step.kind.waits or step.next is None:
            break
        step = script.steps[step.next]
    status = Status.ACTIVE if step.kind.waits else Status.FINISHED
    return Turn(replace(session, step=step.id, seq=session.seq + 1, status=status), tuple(shown))
