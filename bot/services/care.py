"""When words sound like danger: stop, show who can help, and let the person say it was not meant so."""

from bot.domain.errors import Stale
from bot.services import check_ins
from bot.services.visit import Visit

HELD = "held"
"""The draft that keeps a typed text while the help page is shown."""


async def hold(visit: Visit, text: str) -> None:
    """Show the help page, and keep what was typed; nothing of it went anywhere.

    A form that waited for it waits no longer: what is typed next is not meant for it. Where the text was
    going is kept, too.
    """
    person = visit.person.id
    form = await visit.awaiting()
    session = await visit.uow.sessions.active_of(person)
    going = {
        "form": None if form is None else [form.kind, form.id, form.awaits],
        "question": None if session is None else [session.id, session.seq],
    }
    await visit.uow.drafts.stop_awaiting(person)
    await visit.uow.drafts.drop(person, HELD)  # each page has a text of its own
    held = await visit.uow.drafts.put(person, HELD, visit.now, going, private=text)
    visit.send("care.crisis", draft=held.id)


async def release(visit: Visit, draft_id: int) -> str | None:
    """“That's not what I meant”: the kept text, if it can still go where it was typed.

    None if that is something else by now: the person is asked to type it again. Raises Stale for an earlier
    page.
    """
    person = visit.person.id
    held = await visit.uow.drafts.get(person, HELD)
    if held is None or held.id != draft_id:
        raise Stale
    visit.strip()
    await visit.uow.drafts.drop(person, HELD)
    form, question = held.parameters["form"], held.parameters["question"]
    session = await visit.uow.sessions.active_of(person)
    now_asked = None if session is None else [session.id, session.seq]
    nothing_else = await visit.awaiting() is None and now_asked == question
    if not nothing_else or (form is not None and not await visit.uow.drafts.await_again(person, *form)):
        visit.send("care.type_again")
        return None
    visit.send("care.going_on")
    return held.private


async def cancel(visit: Visit) -> None:
    """Leave whatever is half done. An open space request stays: it is a promise to somebody."""
    stopped = await check_ins.stop_session(visit)
    dropped = await visit.uow.drafts.drop(visit.person.id)
    if not stopped:
        visit.send("cancel.done" if dropped else "cancel.nothing")
