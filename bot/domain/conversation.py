"""Running a script: start, run on until a step waits, take the answer, run on; back, skip, sleep, stop."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import StrEnum

from bot.domain.errors import Stale
from bot.domain.model import Lean, PersonId, SessionId
from bot.domain.script import (
    SKIPPED,
    UNKNOWN,
    WRITTEN,
    Action,
    Choice,
    Kind,
    Measure,
    Script,
    Step,
    TimeOfDay,
    When,
)

SCALE = range(11)
"""0 to 10."""
DONE = "done"
"""The answer of a breath that is over, and of a part of a GROUND step."""
LEFT_AFTER = timedelta(hours=12)
"""A check-in that lies for so long has ended, quietly."""
NAP = timedelta(minutes=20)
"""“Not now”: the question comes again after this long."""


class Status(StrEnum):
    ACTIVE = "active"
    FINISHED = "finished"
    STOPPED = "stopped"


@dataclass(frozen=True)
class Circumstances:
    """What a condition can ask about beside the answers. `hour` is the person's own, 0 to 23."""

    leans: Lean | None = None
    linked: bool = False
    hour: int = 12


@dataclass(frozen=True)
class Session:
    """One run of a script. `seq` counts its waits: an answer that names another one is stale.

    `trail` are the answered waits in their order, `notes` the lines that were written, by step; `round` is
    how many runs of the script this person had before. `asleep_until`: the person said “not now”.
    """

    id: SessionId
    person: PersonId
    script_hash: str
    script_id: str
    step: str
    seq: int = 0
    answers: Mapping[str, int | str] = field(default_factory=dict)
    status: Status = Status.ACTIVE
    trail: tuple[str, ...] = ()
    notes: Mapping[str, str] = field(default_factory=dict)
    round: int = 0
    asleep_until: datetime | None = None
    updated_at: datetime | None = None


@dataclass(frozen=True)
class Answer:
    """What came for the question `seq`: a choice's id, a number, or a mark; `text` is what was typed."""

    seq: int
    value: str
    text: str | None = None


@dataclass(frozen=True)
class HandOver:
    """What a choice hands over to: another script for SCRIPT, the written line for SEND, HOLD and KEEP."""

    action: Action
    script: str | None = None
    words: str | None = None


@dataclass(frozen=True)
class Turn:
    """What an answer leads to: the session's new state, the steps to show, and what it hands over to.

    `in_place`: the step that waits goes on in its own message (the next part of a GROUND).
    """

    session: Session
    shown: tuple[Step, ...]
    said: str | None = None
    """the answer in the person's words, to stand under the question"""
    do: HandOver | None = None
    leans: Lean | None = None
    rated: int | None = None
    """how strong it is, if that was the answer"""
    in_place: bool = False


def begin(script: Script, session: Session, here: Circumstances) -> Turn:
    """Run a new session to its first wait."""
    return _run(script, session, script.start, here)


def advance(script: Script, session: Session, answer: Answer, here: Circumstances) -> Turn:
    """Take an answer and run on. Raises Stale if it is not an answer to the current question.

    A choice counts that was there when the question was asked, also if its condition holds no longer.
    """
    if session.status is not Status.ACTIVE or answer.seq != session.seq:
        raise Stale
    step = script.steps[session.step]
    if answer.value == SKIPPED:
        return _skip(script, session, step, here)
    if step.kind is Kind.GROUND and part_of(session) + 1 < len(step.parts):
        if answer.value != DONE:
            raise Stale
        parts = {**session.answers, step.id: part_of(session) + 1}
        return Turn(replace(session, answers=parts, seq=session.seq + 1), (step,), in_place=True)
    value, said, choice = _read(step, answer.value)
    answered = _answered(session, step, value)
    if step.kind is Kind.WRITE:
        answered = replace(answered, notes={**session.notes, step.id: answer.text or ""})
    if choice is not None and choice.do is not None:
        words = answered.notes.get(choice.of or "")
        done = HandOver(choice.do, choice.script, words)
        return Turn(replace(answered, status=Status.FINISHED), (), said, done)
    way = step.next if choice is None else choice.next
    assert way is not None
    leans = None if choice is None else choice.leans
    measured = step.kind is Kind.SCALE and step.measures is Measure.INTENSITY
    rated = int(value) if measured else None
    return replace(_run(script, answered, way, here), said=said, leans=leans, rated=rated)


def back(script: Script, session: Session) -> Turn:
    """Ask the question before once more; its answer is taken back. Raises Stale at the first question."""
    if session.status is not Status.ACTIVE:
        raise Stale
    step = script.steps[session.step]
    if part_of(session) and step.kind is Kind.GROUND:
        answers = {**session.answers, step.id: part_of(session) - 1}
        return Turn(replace(session, answers=answers, seq=session.seq + 1), (step,), in_place=True)
    if not session.trail:
        raise Stale
    *trail, before = session.trail
    # In a loop a step is answered more than once: a later text may go on showing what was answered there.
    gone = set() if before in trail else {before}
    answers = {asked: value for asked, value in session.answers.items() if asked not in gone}
    notes = {asked: text for asked, text in session.notes.items() if asked not in gone}
    returned = replace(
        session, step=before, seq=session.seq + 1, trail=tuple(trail), answers=answers, notes=notes
    )
    return Turn(returned, (script.steps[before],))


def sleep(session: Session, now: datetime) -> Session:
    """“Not now”: the question waits, and what is tapped under it meanwhile is stale."""
    return replace(session, asleep_until=now + NAP, seq=session.seq + 1)


def wake(session: Session) -> Session:
    """Ask the current question anew: the buttons of the old copy become stale."""
    return replace(session, asleep_until=None, seq=session.seq + 1)


def stop(session: Session) -> Session:
    """End it half way; what was answered is kept."""
    return replace(session, status=Status.STOPPED)


def current(script: Script, session: Session) -> Step:
    """The step that waits."""
    return script.steps[session.step]


def part_of(session: Session) -> int:
    """Which part of a GROUND step waits."""
    done = session.answers.get(session.step, 0)
    return done if isinstance(done, int) else 0


def is_left(session: Session, now: datetime) -> bool:
    """Whether it lies for so long that it has ended."""
    return session.updated_at is not None and now - session.updated_at >= LEFT_AFTER


def choices_shown(step: Step, session: Session, here: Circumstances) -> tuple[Choice, ...]:
    """The buttons that make sense now."""
    return tuple(each for each in step.choices if each.when is None or holds(each.when, session, here))


def typed_value(step: Step, text: str, shown: Iterable[Choice]) -> str | None:
    """What a typed text means as an answer to this step, with these buttons; None if it is none."""
    said = " ".join(text.split())
    if step.kind is Kind.WRITE:
        return WRITTEN
    if step.kind is Kind.GROUND:
        return DONE  # some type what they see
    if step.kind is Kind.SCALE and said.isascii() and said.isdecimal() and int(said) in SCALE:
        return str(int(said))
    labels = {choice.label.casefold(): choice.id for choice in shown}
    return labels.get(said.casefold())


def spoken(script: Script, session: Session) -> dict[str, str]:
    """What was answered, as it reads in a later text: labels, numbers, lines."""
    said = {}
    for step_id, value in session.answers.items():
        step = script.steps[step_id]
        choice = step.choice(str(value))
        if step_id in session.notes:
            said[step_id] = session.notes[step_id]
        elif choice is not None:
            said[step_id] = choice.label
        elif step.kind is Kind.SCALE and value != SKIPPED:
            said[step_id] = str(value)
    return said


def holds(when: When, session: Session, here: Circumstances) -> bool:
    """Whether a condition holds. What was not answered never does."""

    def scale(step: str) -> int | None:
        value = session.answers.get(step)
        return value if isinstance(value, int) else None

    numbers = [(scale(step), limit, 1) for step, limit in when.at_least.items()]
    numbers += [(scale(step), limit, -1) for step, limit in when.at_most.items()]
    return (
        all(value is not None and value * sign >= limit * sign for value, limit, sign in numbers)
        and all(session.answers.get(step) in values for step, values in when.answer.items())
        and (not when.leans or (here.leans or UNKNOWN) in when.leans)
        and (when.linked is None or when.linked is here.linked)
        and (not when.time or TimeOfDay.at(here.hour) in when.time)
    )


def _answered(session: Session, step: Step, value: int | str) -> Session:
    return replace(session, answers={**session.answers, step.id: value}, trail=(*session.trail, step.id))


def _skip(script: Script, session: Session, step: Step, here: Circumstances) -> Turn:
    if step.way_past is None:
        raise Stale
    notes = {asked: text for asked, text in session.notes.items() if asked != step.id}
    skipped = replace(_answered(session, step, SKIPPED), notes=notes)
    return _run(script, skipped, step.way_past, here)


def _read(step: Step, value: str) -> tuple[int | str, str | None, Choice | None]:
    """What is kept of an answer, how it reads, and the choice it was, if it was one."""
    if step.kind.chooses:
        choice = step.choice(value)
        if choice is None:
            raise Stale
        return choice.id, choice.label, choice
    if step.kind is Kind.SCALE:
        if not (value.isascii() and value.isdecimal()) or int(value) not in SCALE:
            raise Stale
        return int(value), str(int(value)), None
    if value != (WRITTEN if step.kind is Kind.WRITE else DONE):
        raise Stale
    return len(step.parts) if step.kind is Kind.GROUND else value, None, None


def _run(script: Script, session: Session, way: str, here: Circumstances) -> Turn:
    shown = []
    step = script.steps[way]
    while True:
        if step.kind is not Kind.BRANCH:
            shown.append(step)
        if step.kind.waits or step.next is None:
            break
        step = script.steps[_next(step, session, here)]
    status = Status.ACTIVE if step.kind.waits else Status.FINISHED
    # A GROUND step that is met again begins again.
    answers = {asked: value for asked, value in session.answers.items() if asked != step.id}
    answers = answers if step.kind is Kind.GROUND else dict(session.answers)
    return Turn(
        replace(session, step=step.id, seq=session.seq + 1, status=status, answers=answers), tuple(shown)
    )


def _next(step: Step, session: Session, here: Circumstances) -> str:
    for way in step.ways:
        if holds(way.when, session, here):
            return way.next
    assert step.next is not None
    return step.next
