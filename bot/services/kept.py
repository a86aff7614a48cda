"""Messages for when they are back: written, changed, taken back; and sent, held or let go on a second yes."""

from bot.domain.errors import Stale, TooLong
from bot.domain.model import HELD, Draft, KeptMessage
from bot.services import relay, talk
from bot.services.keeping import break_of_partner, check_room, keep, show_kept
from bot.services.relay import LONGEST
from bot.services.signals import carry, recipient
from bot.services.visit import Visit

DRAFT = "kept"
WORDS = "kept_words"
"""What the draft may wait for."""


async def ask(visit: Visit) -> None:
    """The next typed text is kept until the partner is back.

    Raises LinkEnded, NotLinked, TooManyKept, Stale.
    """
    couple = await visit.couple()
    if await break_of_partner(visit) is None:
        raise Stale
    await check_room(visit)
    await visit.uow.drafts.put(visit.person.id, DRAFT, visit.now, awaits=WORDS)
    name = await visit.name_of(couple.partner_of(visit.person.id))
    visit.show("kept.ask", {"name": name}, limit=LONGEST)


async def take_words(visit: Visit, draft: Draft, text: str) -> None:
    """The typed words, which have passed the crisis check. Raises TooLong; shorter ones can then be typed."""
    words = " ".join(text.split())
    if len(words) > LONGEST:
        raise TooLong(limit=LONGEST, length=len(words))
    await visit.uow.drafts.drop(visit.person.id, DRAFT)
    changed = draft.parameters.get("message")
    if changed is not None and await visit.uow.kept.change(visit.person.id, changed, words):
        await show(visit, changed)
    elif await break_of_partner(visit) is None:
        # They came back meanwhile, or the link ended: what may be sent is shown before it goes.
        await relay.preview(visit, words)
    else:
        await keep(visit, words)


async def keep_draft(visit: Visit, draft_id: int) -> None:
    """Words that were about to be sent are kept until the partner is back. Raises Stale, TooManyKept."""
    draft = await relay.draft_of(visit, draft_id)
    words = relay.words_in(draft)
    if await break_of_partner(visit) is None:
        await relay.again(visit, draft_id)
        return
    await keep(visit, words)
    await visit.uow.drafts.drop(visit.person.id, relay.DRAFT)
    held = draft.parameters.get("held")
    if held is not None:  # it lies here now, and comes back to the journal when it is held again
        await visit.uow.journal.delete(visit.person.id, held)


async def show(visit: Visit, message_id: int) -> None:
    """One of them, whole. Raises Stale."""
    await show_kept(visit, await _own(visit, message_id))


async def show_all(visit: Visit) -> None:
    """All that is kept."""
    await visit.couple()
    every = await visit.uow.kept.all_of(visit.person.id)
    if not every:
        visit.show("kept.none")
        return
    messages = [[each.id, each.talk_at.isoformat() if each.talk_at else None] for each in every]
    words = {f"line_{number}": each.text for number, each in enumerate(every, 1)}
    visit.show("kept.list", words, messages=messages)


async def ask_change(visit: Visit, message_id: int) -> None:
    """Other words will be typed; those there are stay until then. Raises Stale."""
    message = await _own(visit, message_id)
    await visit.uow.drafts.put(visit.person.id, DRAFT, visit.now, {"message": message.id}, awaits=WORDS)
    visit.show("kept.ask_change", message=message.id, limit=LONGEST)


async def take_back(visit: Visit, message_id: int) -> None:
    """It is gone, and nobody saw it. Raises Stale."""
    if not await visit.uow.kept.delete(visit.person.id, message_id):
        raise Stale
    visit.show("kept.gone")


async def hold(visit: Visit, message_id: int) -> None:
    """Not now: it moves to the journal, and can be sent from there. Raises Stale."""
    message = await _own(visit, message_id)
    await visit.uow.journal.add(visit.person.id, message.text, visit.now, HELD)
    await visit.uow.kept.delete(visit.person.id, message.id)
    visit.show("relay.held")


async def send(visit: Visit, message_id: int) -> None:
    """The second yes. What the sender is told is the same whatever becomes of it.

    Raises NotLinked, LinkEnded, PartnerNeedsSpace, TooManySignals, Stale.
    """
    couple, partner = await recipient(visit)
    message = await _own(visit, message_id)
    if message.couple != couple.id:
        raise Stale
    await visit.uow.kept.delete(visit.person.id, message.id)
    if message.talk_at is None:
        await carry(visit, partner, "relay.words", message.text)
        visit.show("relay.sent", {"words": message.text})
    elif message.talk_at > visit.now:
        talk_at = message.talk_at.isoformat()
        await carry(visit, partner, "signal.talk", message.text, talk_at=talk_at)
        visit.show("relay.sent", {"words": message.text}, talk_at=talk_at)
    else:  # that time is past: another one
        await talk.ask_when(visit)


async def _own(visit: Visit, message_id: int) -> KeptMessage:
    message = await visit.uow.kept.get(visit.person.id, message_id)
    if message is None:
        raise Stale
    return message
