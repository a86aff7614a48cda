"""When words sound like danger: stop, show who can help, and let the person say it was not meant so."""

from bot.domain.model import Draft
from bot.services import check_ins
from bot.services.visit import Visit

HELD = "held"
"""The draft that keeps a typed text while the help page is shown."""


async def hold(visit: Visit, text: str) -> None:
    """Show the help page, and keep what was typed; nothing of it went anywhere."""
    await visit.uow.drafts.put(visit.person.id, HELD, visit.now, private=text)
    visit.send("care.crisis")


async def release(visit: Visit) -> Draft | None:
    """“That's not what I meant”: the kept text, to go on with where it was typed."""
    draft = await visit.uow.drafts.get(visit.person.id, HELD)
    await visit.uow.drafts.drop(visit.person.id, HELD)
    visit.strip()
    return draft


async def cancel(visit: Visit) -> None:
    """Leave whatever is half done. An open space request stays: it is a promise to somebody."""
    stopped = await check_ins.stop_session(visit)
    dropped = await visit.uow.drafts.drop(visit.person.id)
    if not stopped:
        visit.send("cancel.done" if dropped else "cancel.nothing")
