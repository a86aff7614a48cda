"""Lines people write for themselves."""

from bot.domain.errors import Stale, TooLong
from bot.services.visit import Visit

DRAFT = "journal"
LINE = "line"
SHOWN = 5
MOST = 2000
"""Characters of one line: it is shown again in one message."""


async def ask(visit: Visit) -> None:
    """The next typed text is a line for oneself."""
    await visit.uow.drafts.put(visit.person.id, DRAFT, visit.now, awaits=LINE)
    visit.show("journal.ask")


async def write(visit: Visit, text: str) -> None:
    """Raises TooLong."""
    check_length(text)
    line = await visit.uow.journal.add(visit.person.id, text, visit.now)
    await visit.uow.drafts.drop(visit.person.id, DRAFT)
    visit.send("journal.kept", line=line.id)


def check_length(text: str) -> None:
    """Raises TooLong."""
    if len(text) > MOST:
        raise TooLong(limit=MOST, length=len(text))


async def show(visit: Visit) -> None:
    """The newest lines, each a message of its own with a way to delete it."""
    lines = await visit.uow.journal.newest(visit.person.id, SHOWN)
    if not lines:
        visit.show("journal.empty")
        return
    visit.strip()
    for line in reversed(lines):
        visit.send("journal.line", {"words": line.text}, line=line.id, written_at=line.written_at.isoformat())


async def delete(visit: Visit, line: int) -> None:
    """Raises Stale."""
    if not await visit.uow.journal.delete(visit.person.id, line):
        raise Stale
    visit.show("journal.deleted")
