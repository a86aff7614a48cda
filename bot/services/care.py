"""When words sound like danger: stop, show who can help, and let the person say it was not meant so.

And the help pages, with a quick way out of them that leaves nothing of them in the chat.
"""

from bot.domain import retention
from bot.domain.errors import Stale
from bot.domain.phrases import Danger
from bot.services import chat, check_ins, hello
from bot.services.visit import PATIENCE, Visit

HELD = "held"
"""The draft that keeps a typed text while the help page is shown."""
PAGES = ("help.", "care.")
"""How the kinds of notices begin that a quick exit takes away."""
_PAGES = {Danger.LIFE: "care.crisis", Danger.VIOLENCE: "care.violence"}


def show_help(visit: Visit, said: int | None = None) -> None:
    """The help page. `said`: the message that asked for it, which leaves with it.

    Whatever is half done stays so: a form waits on, a check-in goes on.
    """
    visit.send("help.main", said=said)


async def hold(visit: Visit, text: str, danger: Danger = Danger.LIFE, said: int | None = None) -> None:
    """Show the help page, and keep what was typed (the message `said`); nothing of it went anywhere.

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
    visit.send(_PAGES[danger], draft=held.id, said=said)


async def show(visit: Visit, page: str) -> None:
    """Who can help, asked for by a button; with a way back to where a text is held, if one is."""
    held = await visit.uow.drafts.get(visit.person.id, HELD, visit.now - PATIENCE)
    if held is None:
        visit.show(page)
    else:
        visit.show(page, draft=held.id)


async def quick_exit(visit: Visit) -> None:
    """The pages of help go from the chat, with the messages that led to them, and the menu stands there.

    What was tapped becomes the menu, however old it is; the others are deleted, as far as Telegram lets it.
    A text that is held goes nowhere; forms and check-ins stay as they were.
    """
    person = visit.person.id
    await visit.uow.drafts.drop(person, HELD)
    # The menu first: it is what somebody sees who looks over the shoulder.
    visit.show("menu.linked" if await visit.uow.couples.active_of(person) else "menu.alone")
    trail = await visit.uow.outbox.trail_of(person, PAGES, visit.now - retention.MESSAGES)
    gone = sorted(trail - {visit.message})
    chat.delete(visit, gone)


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


async def go_on_without(visit: Visit, draft_id: int) -> None:
    """On where they were, and what was typed goes nowhere: it may have been meant just so.

    A form waits again, a check-in asks its question again. Raises Stale for an earlier page.
    """
    person = visit.person.id
    held = await visit.uow.drafts.get(person, HELD)
    if held is None or held.id != draft_id:
        raise Stale
    visit.strip()
    await visit.uow.drafts.drop(person, HELD)
    if await check_ins.remind_current(visit.beside(), "care.resumed", if_awake=True):
        return
    visit.send("care.resumed")
    form = held.parameters["form"]
    if form is not None and await visit.awaiting() is None:
        await visit.uow.drafts.await_again(person, *form)


async def leave(visit: Visit, draft_id: int) -> None:
    """“Leave it here”: what was typed, and the form or check-in it was meant for, go nowhere.

    Raises Stale for an earlier page.
    """
    held = await visit.uow.drafts.get(visit.person.id, HELD)
    if held is None or held.id != draft_id:
        raise Stale
    visit.strip()
    visit.send("care.left")
    await check_ins.stop_session(visit.beside())
    await visit.uow.drafts.drop(visit.person.id)


async def cancel(visit: Visit) -> None:
    """Leave whatever is half done. An open space request stays: it is a promise to somebody."""
    stopped = await check_ins.stop_session(visit)
    dropped = await visit.uow.drafts.drop(visit.person.id)
    if stopped:
        return
    if dropped:
        visit.send("cancel.done")
    else:
        await hello.menu_under(visit, "cancel.nothing")
