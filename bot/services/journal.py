"""Lines people write for themselves: writing, with a prompt or without; reading, searching, deleting."""

import unicodedata
from collections.abc import Sequence

from bot.domain.errors import Stale, TooLong
from bot.domain.model import HELD, SENT, JournalLine
from bot.services.visit import Visit

DRAFT = "journal"
LINE = "line"
SEARCH = "journal_search"
"""The draft that keeps the word that is looked for; its id stands for that search."""
WORD = "journal_word"
ALL = 0
"""In the place of a search's id: the list of all lines."""
A_PAGE = 6
GLANCE = 40
"""Characters of a line that its list shows."""
MOST = 2000
"""Characters of one line: it is shown again in one message."""
ECHOES = (
    "journal.list",
    "journal.found",
    "journal.line",
    "journal.held_line",
    "journal.sent_line",
    "journal.ask_delete",
)
"""Notices that show somebody their own lines again: these can be closed to forwarding and saving."""
LONGEST_WORD = 40
"""Characters of what is looked for: it stands above what was found."""


async def ask(visit: Visit) -> None:
    """The next typed text is a line for oneself."""
    await visit.uow.drafts.put(visit.person.id, DRAFT, visit.now, awaits=LINE)
    # Whoever writes often meets another prompt first each time.
    first = visit.now.toordinal() + await visit.uow.journal.count(visit.person.id)
    visit.show("journal.ask", prompt=first)


async def prompt(visit: Visit, number: int) -> None:
    """A question to begin from; there is always another one."""
    await visit.uow.drafts.put(visit.person.id, DRAFT, visit.now, awaits=LINE)
    visit.show("journal.prompts", variant=number)


async def write(visit: Visit, text: str) -> None:
    """Raises TooLong."""
    check_length(text)
    line = await visit.uow.journal.add(visit.person.id, text, visit.now)
    await visit.uow.drafts.drop(visit.person.id, DRAFT)
    visit.send("journal.kept", line=line.id)


def _echoing(visit: Visit) -> Visit:
    """Where lines are shown again. Closed ones come as a message of their own: an edit closes nothing."""
    if not visit.person.protected or visit.message is None:
        return visit
    visit.strip()
    return visit.beside()


def check_length(text: str, limit: int | None = None) -> None:
    """Raises TooLong."""
    most = min(MOST, limit or MOST)
    if len(text) > most:
        raise TooLong(limit=most, length=len(text))


async def show(visit: Visit) -> None:
    """The newest lines."""
    await show_page(visit, 0, ALL)


async def show_page(visit: Visit, page: int, search: int) -> None:
    """One page of the lines, or of those that were searched for. Raises Stale for a search that is over."""
    if search != ALL:
        await _show_found(visit, page, search)
        return
    count = await visit.uow.journal.count(visit.person.id)
    if not count:
        visit.show("journal.empty")
        return
    page = _there(page, count)
    lines = await visit.uow.journal.newest(visit.person.id, A_PAGE, page * A_PAGE)
    _echoing(visit).show("journal.list", _glances(lines), **_about(lines, page, count, ALL))


async def ask_word(visit: Visit) -> None:
    """What to look for will be typed."""
    await visit.uow.drafts.drop(visit.person.id, SEARCH)
    await visit.uow.drafts.put(visit.person.id, SEARCH, visit.now, awaits=WORD)
    visit.show("journal.ask_word")


async def find(visit: Visit, text: str) -> None:
    """Look for a word, or a few, in all of the person's lines."""
    word = " ".join(text.split())[:LONGEST_WORD]
    await visit.uow.drafts.drop(visit.person.id, SEARCH)
    draft = await visit.uow.drafts.put(visit.person.id, SEARCH, visit.now, private=word)
    await _show_found(visit, 0, draft.id)


async def _show_found(visit: Visit, page: int, search: int) -> None:
    draft = await visit.uow.drafts.get(visit.person.id, SEARCH)
    if draft is None or draft.id != search or draft.private is None:
        raise Stale
    # What is encrypted can only be searched once it is read: a person's lines are few enough for that.
    wanted = _plain(draft.private)
    every = await visit.uow.journal.newest(visit.person.id)
    found = [line for line in every if wanted in _plain(line.text)]
    if not found:
        visit.show("journal.nothing_found", {"word": draft.private})
        return
    page = _there(page, len(found))
    lines = found[page * A_PAGE : (page + 1) * A_PAGE]
    private = {"word": draft.private, **_glances(lines)}
    _echoing(visit).show("journal.found", private, **_about(lines, page, len(found), search))


async def show_line(visit: Visit, line_id: int, page: int, search: int) -> None:
    """One line, whole. `page` and `search` are where it was chosen. Raises Stale."""
    line = await _own(visit, line_id)
    where = {"line": line.id, "page": page, "search": search, "written": line.written_at.isoformat()}
    if line.kind == HELD:
        _echoing(visit).show("journal.held_line", {"words": line.text}, **where)
    elif line.kind == SENT:
        _echoing(visit).show("journal.sent_line", {"words": line.text}, **where)
    else:
        _echoing(visit).show("journal.line", {"words": line.text}, **where)


async def ask_delete(visit: Visit, line_id: int, page: int, search: int) -> None:
    """Once more, before it is gone. Raises Stale."""
    line = await _own(visit, line_id)
    private = {"words": glance(line.text)}
    _echoing(visit).show("journal.ask_delete", private, line=line.id, page=page, search=search)


async def delete(visit: Visit, line: int) -> None:
    """Raises Stale."""
    if not await visit.uow.journal.delete(visit.person.id, line):
        raise Stale
    visit.show("journal.deleted")


async def _own(visit: Visit, line_id: int) -> JournalLine:
    line = await visit.uow.journal.get(visit.person.id, line_id)
    if line is None:
        raise Stale
    return line


def _there(page: int, count: int) -> int:
    """That page, or the last one there is: lines may have been deleted since its button was made."""
    return min(page, (count - 1) // A_PAGE)


def _about(lines: Sequence[JournalLine], page: int, count: int, search: int) -> dict[str, object]:
    return {
        "lines": [[line.id, line.written_at.isoformat(), line.kind] for line in lines],
        "page": page,
        "more": (page + 1) * A_PAGE < count,
        "search": search,
    }


def _glances(lines: Sequence[JournalLine]) -> dict[str, str]:
    """How each line begins, by its number on the page."""
    return {f"line_{number}": glance(line.text) for number, line in enumerate(lines, 1)}


def glance(text: str) -> str:
    """How it begins."""
    words = " ".join(text.split())
    return words if len(words) <= GLANCE else words[: GLANCE - 1].rstrip() + "…"


def _plain(text: str) -> str:
    """As it is compared: capitals, ways to write an umlaut, and line ends aside."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())
