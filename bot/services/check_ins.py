"""Running check-ins: sessions on stored script versions, and what they hand over to."""

from dataclasses import replace

from bot.content.catalog import Content
from bot.content.scripts import parse
from bot.domain.conversation import (
    SKIPPED,
    WRITTEN,
    Answer,
    Session,
    Turn,
    advance,
    begin,
    current,
    stop,
    typed_value,
)
from bot.domain.decision import Notice, Operation
from bot.domain.errors import Stale
from bot.domain.model import SessionId
from bot.domain.script import Action, Kind, Script, Step
from bot.services import breathing, journal
from bot.services.visit import Visit

PAUSE = "pause"


async def start(visit: Visit, content: Content, script_id: str = PAUSE) -> None:
    """Begin a check-in. If one is under way, show where it stands instead."""
    session = await visit.uow.sessions.active_of(visit.person.id)
    if session is not None:
        visit.strip()
        await remind_current(visit, "check_in.again")
        return
    stored = content.script(visit.person.locale, script_id)
    await visit.uow.sessions.keep_script(
        stored.hash, stored.script.id, stored.script.version, visit.person.locale, stored.body
    )
    session = await visit.uow.sessions.add(visit.person.id, stored.hash, script_id, visit.now)
    turn = begin(stored.script, session)
    await visit.uow.sessions.save(turn.session, visit.now)
    visit.strip()
    await _go_on(visit, turn)


async def answer(visit: Visit, session_id: SessionId, seq: int, value: str) -> Action | None:
    """A button of a check-in was tapped; what it hands over to, if anything.

    Raises Stale if it is not the current question's; `remind_current` then helps.
    """
    session = await _active(visit, session_id)
    if value == WRITTEN:
        raise Stale
    return await _advance(visit, session, Answer(seq, value))


async def typed_answer(visit: Visit, text: str) -> tuple[bool, Action | None]:
    """A typed text as the answer to the open question: whether it is one, and what it hands over to.

    A line for a WRITE step goes to the person's own journal; a number or a button's words count as taps.
    """
    session = await visit.uow.sessions.active_of(visit.person.id)
    if session is None:
        return False, None
    step = current(await _script(visit, session), session)
    value = typed_value(step, text)
    if value is None:
        return False, None
    if value == WRITTEN:
        journal.check_length(text)
        await visit.uow.journal.add(visit.person.id, text, visit.now)
    return True, await _advance(visit, session, Answer(session.seq, value))


async def breath_over(visit: Visit, session_id: SessionId, seq: int) -> None:
    """The breath of a check-in has ended by itself."""
    session = await visit.uow.sessions.active_of(visit.person.id)
    if session is not None and session.id == session_id and session.seq == seq:
        await _advance(visit, session, Answer(seq, "done"))


async def stop_session(visit: Visit, session_id: SessionId | None = None) -> bool:
    """Stop half way, without a question why. False if there was nothing to stop."""
    session = await visit.uow.sessions.active_of(visit.person.id)
    if session is None or (session_id is not None and session.id != session_id):
        return False
    if current(await _script(visit, session), session).kind is Kind.BREATHE:
        await breathing.end(visit, _key(session))
    else:
        _strip_question(visit, session)
    await visit.uow.sessions.save(stop(session), visit.now)
    visit.send("check_in.stopped")
    return True


async def remind_current(visit: Visit, lead: str) -> bool:
    """Say `lead` and show the current question again; False if no check-in is under way."""
    session = await visit.uow.sessions.active_of(visit.person.id)
    if session is None:
        return False
    step = current(await _script(visit, session), session)
    if step.kind is Kind.BREATHE:
        visit.send("check_in.breathing")
        return True
    # Asked anew, it is a new wait: the buttons of the old copy become stale.
    asked_anew = replace(session, seq=session.seq + 1)
    visit.uow.outbox.add(Notice("strip", visit.person.id, operation=Operation.STRIP, target=_key(session)))
    visit.send(lead)
    await visit.uow.sessions.save(asked_anew, visit.now)
    _show(visit, asked_anew, (step,))
    return True


async def _active(visit: Visit, session_id: SessionId) -> Session:
    session = await visit.uow.sessions.active_of(visit.person.id)
    if session is None or session.id != session_id:
        raise Stale
    return session


async def _script(visit: Visit, session: Session) -> Script:
    """The very version the session began on."""
    return parse(await visit.uow.sessions.script_body(session.script_hash))


async def _advance(visit: Visit, session: Session, given: Answer) -> Action | None:
    script = await _script(visit, session)
    step = current(script, session)
    turn = advance(script, session, given)
    if step.kind is Kind.BREATHE:
        await breathing.end(visit, _key(session))
    else:
        _mark_answered(visit, session, step, turn, given.value)
    await visit.uow.sessions.save(turn.session, visit.now)
    await _go_on(visit, turn)
    return turn.do


async def _go_on(visit: Visit, turn: Turn) -> None:
    """Show what comes next; a breath gets its end."""
    if any(step.kind is Kind.BREATHE for step in turn.shown):
        await breathing.make_room(visit)
    _show(visit, turn.session, turn.shown)
    for shown in turn.shown:
        if shown.kind is Kind.BREATHE:
            await breathing.plan_end(visit, shown.seconds, _key(turn.session), turn.session)


def _key(session: Session, number: int = 0) -> str:
    return f"step:{session.id}:{session.seq}:{number}"


def _mark_answered(visit: Visit, session: Session, step: Step, turn: Turn, value: str) -> None:
    """The answered question stays readable with its answer; its buttons go."""
    target = visit.message if visit.message is not None else _key(session)
    if turn.said is None and value != SKIPPED:
        operation, kind = Operation.STRIP, "strip"
    else:
        operation, kind = Operation.EDIT, "step.answered"
    parameters = {"text": step.text, "quote": step.quote, "said": turn.said}
    visit.uow.outbox.add(Notice(kind, visit.person.id, parameters, operation=operation, target=target))


def _strip_question(visit: Visit, session: Session) -> None:
    target = visit.message if visit.message is not None else _key(session)
    visit.uow.outbox.add(Notice("strip", visit.person.id, operation=Operation.STRIP, target=target))


def _show(visit: Visit, session: Session, steps: tuple[Step, ...]) -> None:
    """A message per step; the last one is the question, found again by its key."""
    notices = [
        Notice(
            f"step.{step.kind}",
            visit.person.id,
            {
                "session": session.id,
                "seq": session.seq,
                "text": step.text,
                "quote": step.quote,
                "label": step.label,
                "seconds": step.seconds,
                "choices": [[choice.id, choice.label] for choice in step.choices],
            },
            key=_key(session, number),
        )
        for number, step in enumerate(reversed(steps))
    ]
    visit.uow.outbox.add(*reversed(notices))
