"""The steps of a check-in as notices: a message per step, found again by its key."""

from collections.abc import Mapping
from dataclasses import replace
from string import Formatter
from typing import Any

from bot.domain.breathing import PATTERNS, whole_breaths
from bot.domain.conversation import (
    Circumstances,
    Session,
    Turn,
    choices_shown,
    part_of,
    spoken,
)
from bot.domain.decision import Notice, Operation
from bot.domain.script import Kind, Script, Step
from bot.domain.script_flow import PARTNER
from bot.places.zones import zone
from bot.services import breathing
from bot.services.visit import Visit


def key(session: Session, number: int = 0) -> str:
    """The key of the question that waits, and of the messages before it."""
    return f"step:{session.id}:{session.seq}:{number}"


async def circumstances(visit: Visit) -> Circumstances:
    """What a script may ask about beside the answers."""
    linked = await visit.uow.couples.active_of(visit.person.id) is not None
    hour = visit.now.astimezone(zone(visit.person.zone or "UTC")).hour
    return Circumstances(visit.person.leans, linked, hour)


async def show(visit: Visit, script: Script, turn: Turn, here: Circumstances) -> None:
    """A message per step; the last one is the question. A breath gets its end.

    What is typed next is meant for it: no form waits any longer.
    """
    session = turn.session
    if turn.shown:
        await visit.uow.drafts.stop_awaiting(visit.person.id)
    if any(step.kind is Kind.BREATHE for step in turn.shown):
        await breathing.make_room(visit)
    last = len(turn.shown) - 1
    for place, step in enumerate(turn.shown):
        private = await _private(visit, script, session, step)
        notice = Notice(
            f"step.{step.kind}",
            visit.person.id,
            parameters(session, step, here),
            private,
            key=key(session, last - place),
        )
        visit.uow.outbox.add(notice.editing(visit.message) if turn.in_place else notice)
        if step.kind is Kind.BREATHE:
            await breathing.plan_end(visit, _length(step), key(session), session)


async def mark_answered(visit: Visit, script: Script, session: Session, said: str | None) -> None:
    """The answered question stays readable with its answer; its buttons go."""
    step = script.steps[session.step]
    parameters = {"text": step.wording(session.round), "quote": step.quote, "said": said}
    private = await _private(visit, script, session, step)
    _change(
        visit,
        session,
        Notice("step.answered", visit.person.id, parameters, private, operation=Operation.EDIT),
    )


async def put_away(visit: Visit, session: Session, step: Step) -> None:
    """The buttons of the question go; a breath comes to rest."""
    if step.kind is Kind.BREATHE:
        await breathing.end(visit, key(session))
    else:
        _change(visit, session, Notice("strip", visit.person.id, operation=Operation.STRIP))


def _length(step: Step) -> float:
    """Seconds: no breath is cut in two."""
    return whole_breaths(PATTERNS[step.pattern], step.seconds)


def _change(visit: Visit, session: Session, notice: Notice) -> None:
    """Change the message of the question that waits."""
    target = visit.message if visit.message is not None else key(session)
    visit.uow.outbox.add(replace(notice, target=target))


def parameters(session: Session, step: Step, here: Circumstances) -> dict[str, Any]:
    shown: dict[str, Any] = {
        "session": session.id,
        "seq": session.seq,
        "text": step.wording(session.round),
        "quote": step.quote,
        "label": step.label,
        "choices": [[each.id, each.label] for each in choices_shown(step, session, here)],
        "can_go_back": bool(session.trail),
        "can_skip": step.way_past is not None,
    }
    if step.kind is Kind.BREATHE:
        shown |= {"pattern": step.pattern, "seconds": _length(step)}
    if step.kind is Kind.GROUND:
        part = part_of(session)
        shown |= {"part": step.parts[part], "number": part + 1, "of": len(step.parts)}
        shown["can_go_back"] = bool(session.trail or part)
    return shown


async def _private(visit: Visit, script: Script, session: Session, step: Step) -> Mapping[str, str]:
    """What fills in the placeholders of this step: people's words and names, hence private."""
    texts = (step.wording(session.round), *step.parts)
    names = {name for text in texts for _, name, _, _ in Formatter().parse(text) if name}
    values = {name: said for name, said in spoken(script, session).items() if name in names}
    if PARTNER in names:
        partner = await visit.partner()
        if partner is not None:
            values[PARTNER] = partner.name
    return values
