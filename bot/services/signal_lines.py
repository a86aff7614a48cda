"""Changing one's own lines for the partner: other words, lines of one's own, and back to the shipped ones."""

from bot.domain.errors import Stale, TooLong
from bot.domain.model import Draft
from bot.domain.talk import with_place
from bot.services import talk
from bot.services.signals import OWN, SHIPPED, SIGNAL, SLOTS, TALK, slots
from bot.services.visit import Visit

DRAFT = "signal_line"
LINE = "signal_line"
"""What the draft may wait for."""
LONGEST = 80
"""Characters: it is read at a glance."""


async def show(visit: Visit) -> None:
    """Which line shall be changed?"""
    await visit.uow.drafts.drop(visit.person.id, DRAFT)
    own = await visit.uow.signal_wordings.all_of(visit.person.id)
    free = next((slot for slot in OWN if slot not in own), None)
    visit.show("signal.lines", own, slots=slots(own), free=free)


async def ask(visit: Visit, slot: str) -> None:
    """The new words will be typed. Raises Stale for a line there is not."""
    _check_slot(slot)
    own = await visit.uow.signal_wordings.get(visit.person.id, slot)
    await visit.uow.drafts.put(visit.person.id, DRAFT, visit.now, {"slot": slot}, awaits=LINE)
    private = {} if own is None else {slot: own}
    changed = own is not None
    if slot == TALK:
        visit.show("signal.ask_line_talk", private, slot=slot, changed=changed, limit=LONGEST)
    elif slot in OWN and own is None:
        visit.show("signal.ask_new_line", slot=slot, changed=changed, limit=LONGEST)
    else:
        visit.show("signal.ask_line", private, slot=slot, changed=changed, limit=LONGEST)


async def take(visit: Visit, draft: Draft, text: str) -> None:
    """New words were typed (and passed the crisis check). Raises TooLong."""
    words = " ".join(text.split())
    if len(words) > LONGEST:
        raise TooLong(limit=LONGEST, length=len(words))
    slot = draft.parameters["slot"]
    await _change(visit, slot, with_place(words) if slot == TALK else words)


async def put_back(visit: Visit, slot: str) -> None:
    """A shipped line as it was, a line of one's own away. Raises Stale if there is nothing to put back."""
    _check_slot(slot)
    if await visit.uow.signal_wordings.get(visit.person.id, slot) is None:
        raise Stale
    await _change(visit, slot, None)


async def undo(visit: Visit, draft_id: int) -> None:
    """The words from before the last change. Raises Stale."""
    draft = await visit.uow.drafts.get(visit.person.id, DRAFT)
    if draft is None or draft.id != draft_id or draft.awaits is not None or "undo" not in draft.parameters:
        raise Stale
    await _write(visit, draft.parameters["slot"], draft.private)
    await show(visit)


async def _change(visit: Visit, slot: str, words: str | None) -> None:
    before = await visit.uow.signal_wordings.get(visit.person.id, slot)
    await _write(visit, slot, words)
    await visit.uow.drafts.drop(visit.person.id, DRAFT)
    draft = await visit.uow.drafts.put(
        visit.person.id, DRAFT, visit.now, {"slot": slot, "undo": True}, private=before
    )
    if words is not None:
        visit.show("signal.line_set", {"words": words}, draft=draft.id)
    elif slot in SHIPPED:
        visit.show("signal.line_set", words_key=f"signal_line.{slot}", draft=draft.id)
    else:
        visit.show("signal.line_deleted", draft=draft.id)


async def _write(visit: Visit, slot: str, words: str | None) -> None:
    """Keep the words; lists and previews that show others count no more."""
    if words is None:
        await visit.uow.signal_wordings.delete(visit.person.id, slot)
    else:
        await visit.uow.signal_wordings.put(visit.person.id, slot, words)
    await visit.uow.drafts.drop(visit.person.id, SIGNAL)
    if slot == TALK:
        await visit.uow.drafts.drop(visit.person.id, talk.DRAFT)


def _check_slot(slot: str) -> None:
    if slot not in SLOTS:
        raise Stale
