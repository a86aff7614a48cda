"""A copy of everything of one's own: asked for once more, and made when it is sent."""

from functools import partial
from typing import Any

from bot.domain.decision import Notice, Priority
from bot.domain.errors import Stale
from bot.domain.model import PersonId
from bot.services.visit import PATIENCE, Visit
from bot.storage.export import everything_of
from bot.storage.unit_of_work import Storage

DRAFT = "export"
"""Its id stands for one confirmation."""
DOCUMENTS = ("export.page", "export.data")
"""Kinds of notices that are a file: a page to read, and the same for machines."""


async def ask(visit: Visit) -> None:
    """What will come, and where it will stand then."""
    await visit.uow.drafts.drop(visit.person.id, DRAFT)
    draft = await visit.uow.drafts.put(visit.person.id, DRAFT, visit.now)
    visit.show("export.ask", draft=draft.id)


async def send(visit: Visit, draft_id: int) -> None:
    """Send both files. They are made at the moment of sending: nothing of them is stored. Raises Stale."""
    draft = await visit.uow.drafts.get(visit.person.id, DRAFT, visit.now - PATIENCE)
    if draft is None or draft.id != draft_id:
        raise Stale
    await visit.uow.drafts.drop(visit.person.id, DRAFT)
    visit.show("export.coming")
    for kind in DOCUMENTS:
        visit.uow.outbox.add(Notice(kind, visit.person.id, priority=Priority.ANSWER))


async def read(storage: Storage, person: PersonId) -> dict[str, Any]:
    """Everything of this person, by part: nobody waits for it."""
    return await storage.aside(partial(everything_of, person=person))
