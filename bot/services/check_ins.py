"""Running check-ins: sessions on stored script versions, and what they hand over to."""

from dataclasses import replace
from datetime import datetime

from bot.content.catalog import Content
from bot.content.scripts import parse
from bot.domain.conversation import (
    LEFT_AFTER,
    Answer,
    HandOver,
    Session,
    Status,
    Turn,
    advance,
    back,
    begin,
    choices_shown,
    current,
    is_left,
    sleep,
    stop,
    typed_value,
    wake,
)
from bot.domain.decision import Notice, NoTimer, Operation, Timer
from bot.domain.errors import Stale, TooLong
from bot.domain.model import SessionId
from bot.domain.script import SKIPPED, WRITTEN, Keep, Kind, Script
from bot.services import journal, step_view
from bot.services.visit import Visit
from bot.storage.unit_of_work import UnitOfWork

PAUSE = "pause"
NAP_TIMER, LEFT_TIMER = "check_in.nap", "check_in.left"


async def start(visit: Visit, content: Content, script_id: str = PAUSE) -> None:
    """Begin a check-in. The same one under way goes on; another one ends, and what was answered is kept.

    Raises Stale for a script there is not.
    """
    if script_id not in content.script_ids(visit.person.locale):
        raise Stale
    earlier = await under_way(visit)
    if earlier is not None and earlier.script_id == script_id:
        visit.strip()
        await remind_current(visit, "check_in.again")
        return
    if earlier is not None:
        await _end(visit.beside(), earlier)
    stored = content.script(visit.person.locale, script_id)
    script = stored.script
    await visit.uow.sessions.keep_script(
        stored.hash, script.id, script.version, visit.person.locale, stored.body
    )
    session = await visit.uow.sessions.add(visit.person.id, stored.hash, script_id, visit.now)
    here = await step_view.circumstances(visit)
    turn = begin(script, session, here)
    visit.show("check_in.begins", title=script.title, promise=script.promise)
    await _save(visit, script, turn)
    await visit.uow.timers.apply(Timer(LEFT_TIMER, session.id, visit.now + LEFT_AFTER))
    await step_view.show(visit.beside(), script, turn, here)


async def answer(visit: Visit, session_id: SessionId, seq: int, value: str) -> HandOver | None:
    """A button of a check-in was tapped; what it hands over to, if anything.

    Raises Stale if it is not the current question's; `remind_current` then helps.
    """
    session = await _own(visit, session_id)
    if value == WRITTEN:
        raise Stale
    return await _advance(visit, session, Answer(seq, value))


async def typed_answer(visit: Visit, text: str) -> tuple[bool, HandOver | None]:
    """A typed text as the answer to the open question: whether it is one, and what it hands over to.

    A number or a button's words count as taps. Raises TooLong.
    """
    session = await under_way(visit)
    if session is None or session.asleep_until is not None:
        return False, None
    step = current(await _script(visit, session), session)
    here = await step_view.circumstances(visit)
    value = typed_value(step, text, choices_shown(step, session, here))
    if value is None:
        return False, None
    if value == WRITTEN:
        limit = step.limit or journal.MOST
        if len(text) > limit:
            raise TooLong(limit=limit, length=len(text))
    return True, await _advance(visit, session, Answer(session.seq, value, text))


async def breath_over(visit: Visit, session_id: SessionId, seq: int) -> None:
    """The breath of a check-in has ended by itself."""
    session = await under_way(visit)
    if session is not None and session.id == session_id and session.seq == seq:
        await _advance(visit, session, Answer(seq, "done"))


async def go_back(visit: Visit, session_id: SessionId, seq: int) -> None:
    """The question before is asked once more. Raises Stale."""
    session = await _own(visit, session_id)
    if session.seq != seq:
        raise Stale
    script = await _script(visit, session)
    turn = back(script, session)
    if not turn.in_place:
        await step_view.put_away(visit, session, current(script, session))
    await _save(visit, script, turn)
    await step_view.show(visit, script, turn, await step_view.circumstances(visit))


async def later(visit: Visit, session_id: SessionId, seq: int) -> None:
    """“Not now”: the question comes again in a while. Raises Stale."""
    session = await _own(visit, session_id)
    if session.seq != seq:
        raise Stale
    await step_view.put_away(visit, session, current(await _script(visit, session), session))
    asleep = sleep(session, visit.now)
    await visit.uow.sessions.save(asleep, visit.now)
    assert asleep.asleep_until is not None
    await visit.uow.timers.apply(Timer(NAP_TIMER, session.id, asleep.asleep_until))
    visit.send(
        "check_in.asleep",
        again_at=asleep.asleep_until.isoformat(),
        session=session.id,
        seq=asleep.seq,
        key=_nap_key(asleep),
    )


async def nap_over(uow: UnitOfWork, session_id: SessionId, now: datetime) -> None:
    """It is later now: the question comes again, if nothing else was done meanwhile."""
    session = await uow.sessions.get(session_id)
    if session is None or session.status is not Status.ACTIVE or session.asleep_until is None:
        return
    visit = Visit(uow, await uow.people.get(session.person), now)
    await remind_current(visit, "check_in.awake")


async def go_on(visit: Visit, session_id: SessionId) -> None:
    """The check-in goes on where it was. Raises Stale."""
    await _own(visit, session_id)
    await remind_current(visit, "check_in.again")


async def stop_session(visit: Visit, session_id: SessionId | None = None, seq: int | None = None) -> bool:
    """Stop half way, without a question why. False if there was nothing to stop.

    `seq` is the question whose button was tapped: it may be an earlier one.
    """
    session = await under_way(visit)
    if session is None or (session_id is not None and session.id != session_id):
        return False
    if seq == session.seq:
        await _end(visit, session)
    else:
        visit.strip()
        await _end(visit.beside(), session)
    visit.send("check_in.stopped")
    return True


async def left(uow: UnitOfWork, session_id: SessionId, now: datetime) -> None:
    """A check-in that lies for too long ends quietly; one that was touched since is looked at again later."""
    session = await uow.sessions.get(session_id)
    if session is None or session.status is not Status.ACTIVE or session.updated_at is None:
        return
    if is_left(session, now):
        await _end(Visit(uow, await uow.people.get(session.person), now), session)
    else:
        await uow.timers.apply(Timer(LEFT_TIMER, session_id, session.updated_at + LEFT_AFTER))


async def remind_current(visit: Visit, lead: str, *, if_awake: bool = False) -> bool:
    """Say `lead` and ask the current question again; False if no check-in is under way.

    `if_awake`: leave one alone that is to come again later.
    """
    session = await under_way(visit)
    if session is None or (if_awake and session.asleep_until is not None):
        return False
    script = await _script(visit, session)
    step = current(script, session)
    if step.kind is Kind.BREATHE and session.asleep_until is None:
        visit.send("check_in.breathing")
        return True
    if session.asleep_until is None:
        await step_view.put_away(visit.beside(), session, step)
    else:
        await _no_nap(visit, session)
    visit.send(lead)
    asked_anew = Turn(wake(session), (step,))
    await _save(visit, script, asked_anew)
    await step_view.show(visit.beside(), script, asked_anew, await step_view.circumstances(visit))
    return True


async def under_way(visit: Visit) -> Session | None:
    """The session under way; one that lies for too long ends here, should its timer not have come yet."""
    session = await visit.uow.sessions.active_of(visit.person.id)
    if session is not None and is_left(session, visit.now):
        await _end(visit.beside(), session)
        return None
    return session


async def _own(visit: Visit, session_id: SessionId) -> Session:
    session = await under_way(visit)
    if session is None or session.id != session_id:
        raise Stale
    return session


_parsed: dict[str, Script] = {}
"""Scripts by their hash: what a hash names never changes."""


async def _script(visit: Visit, session: Session) -> Script:
    """The very version the session began on."""
    if session.script_hash not in _parsed:
        _parsed[session.script_hash] = parse(await visit.uow.sessions.script_body(session.script_hash))
    return _parsed[session.script_hash]


async def _advance(visit: Visit, session: Session, given: Answer) -> HandOver | None:
    script = await _script(visit, session)
    step = current(script, session)
    here = await step_view.circumstances(visit)
    turn = advance(script, session, given, here)
    if turn.in_place and visit.message is None:  # typed: the next part comes below what was typed
        turn = replace(turn, in_place=False)
    if turn.leans is not None:
        await visit.uow.people.set_leans(visit.person.id, turn.leans)
    if not turn.in_place:
        if step.kind is not Kind.BREATHE and (turn.said is not None or given.value == SKIPPED):
            await step_view.mark_answered(visit, script, session, turn.said)
        else:
            await step_view.put_away(visit, session, step)
    await _save(visit, script, turn)
    await step_view.show(visit, script, turn, here)
    return turn.do


async def _save(visit: Visit, script: Script, turn: Turn) -> None:
    session = turn.session
    if session.status is not Status.ACTIVE:
        session = await _keep_lines(visit, script, session)
        await visit.uow.timers.apply(NoTimer(LEFT_TIMER, session.id))
    await visit.uow.sessions.save(session, visit.now, turn.rated)


async def _end(visit: Visit, session: Session) -> None:
    """End it half way: its question is put away, and what was written is kept."""
    script = await _script(visit, session)
    if session.asleep_until is None:
        await step_view.put_away(visit, session, current(script, session))
    else:
        await _no_nap(visit, session)
    await visit.uow.timers.apply(NoTimer(LEFT_TIMER, session.id))
    await visit.uow.sessions.save(await _keep_lines(visit, script, stop(session)), visit.now)


async def _no_nap(visit: Visit, session: Session) -> None:
    """The nap is over, or is not needed any more: its timer and its buttons go."""
    await visit.uow.timers.apply(NoTimer(NAP_TIMER, session.id))
    visit.uow.outbox.add(
        Notice("strip", visit.person.id, operation=Operation.STRIP, target=_nap_key(session))
    )


def _nap_key(session: Session) -> str:
    return f"nap:{session.id}:{session.seq}"


async def _keep_lines(visit: Visit, script: Script, session: Session) -> Session:
    """What was written goes among the person's own lines, or is forgotten, as the script says."""
    if script.keep is Keep.NOTHING:
        session = replace(session, answers={}, trail=())
    for step, text in session.notes.items():
        if script.steps[step].keep is Keep.JOURNAL:
            await visit.uow.journal.add(visit.person.id, text, visit.now)
    return replace(session, notes={})
