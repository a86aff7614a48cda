"""Cleaning a chat: what both sides wrote there lately goes, and nothing that is kept."""

from bot.domain.decision import Notice, Operation, Priority
from bot.domain.errors import Stale
from bot.services.visit import PATIENCE, Visit

DRAFT = "clean"
"""Its id stands for one confirmation."""
AT_ONCE = 100
"""Telegram deletes so many messages with one call."""


async def ask(visit: Visit) -> None:
    """What goes and what doesn't."""
    await visit.uow.drafts.drop(visit.person.id, DRAFT)
    draft = await visit.uow.drafts.put(visit.person.id, DRAFT, visit.now)
    visit.show("clean.ask", draft=draft.id)


async def clean(visit: Visit, draft_id: int) -> None:
    """Delete what Telegram lets a bot delete; promises and everything kept stay as they are. Raises Stale."""
    person = visit.person.id
    draft = await visit.uow.drafts.get(person, DRAFT, visit.now - PATIENCE)
    if draft is None or draft.id != draft_id:
        raise Stale
    await visit.uow.drafts.drop(person, DRAFT)
    delete(visit, await visit.uow.log.take_messages(person, visit.now))
    visit.send("clean.done")


def delete(visit: Visit, messages: list[int]) -> None:
    """Delete these messages of the chat, of either side."""
    for first in range(0, len(messages), AT_ONCE):
        visit.uow.outbox.add(
            Notice(
                "clean",
                visit.person.id,
                {"messages": messages[first : first + AT_ONCE]},
                priority=Priority.ANSWER,
                operation=Operation.DELETE,
            )
        )
