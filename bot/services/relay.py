"""Passing on a person's own words: shown exactly as they will arrive; then sent, changed, or kept."""

from bot.domain.errors import LinkEnded, NotLinked, PartnerNeedsSpace, Stale, TooLong, TooManySignals
from bot.domain.model import HELD, SENT, Couple, Draft, Person
from bot.services import journal
from bot.services.signals import carry, check_couple, fresh, recipient
from bot.services.visit import Visit

DRAFT = "relay"
WORDS = "relay_words"
"""What the draft may wait for."""
LONGEST = 200
"""Characters: they fit a copy button."""


async def preview(visit: Visit, words: str, held: int | None = None) -> None:
    """Show exactly what will arrive; where nothing may be sent, say so and offer to keep the words.

    The words have passed the crisis check. `held` is the journal line they come from. Raises TooLong; shorter
    ones can then be typed.
    """
    words = " ".join(words.split())
    if len(words) > LONGEST:
        await _await_words(visit, None)
        raise TooLong(limit=LONGEST, length=len(words))
    couple = await visit.uow.couples.active_of(visit.person.id)
    # A draft of its own for each preview: “Send it” sends what stands above it, or nothing.
    draft = await fresh(visit, DRAFT, couple, private=words, held=held)
    if (found := await _recipient(visit, draft)) is not None:
        _, partner = found
        private = {"name": partner.name, "own_name": visit.person.name, "words": words}
        visit.show("relay.preview", private, draft=draft.id)


async def send(visit: Visit, draft_id: int) -> None:
    """Send what the preview showed. The answer is the same whatever becomes of it. Raises Stale."""
    draft = await draft_of(visit, draft_id)
    words = words_in(draft)
    held = draft.parameters.get("held")
    if held is not None and await visit.uow.journal.get(visit.person.id, held) is None:
        raise Stale  # deleted since it was shown
    found = await _recipient(visit, draft)
    if found is None:
        return
    couple, partner = found
    check_couple(draft, couple)
    await visit.uow.drafts.drop(visit.person.id, DRAFT)
    if held is not None:
        await visit.uow.journal.set_kind(visit.person.id, held, SENT)
    await carry(visit, partner, "relay.words", words)
    visit.show("relay.sent", {"words": words})


async def ask_words(visit: Visit, draft_id: int) -> None:
    """Other words: they will be typed. Those there are stay, for the way back. Raises Stale."""
    draft = await draft_of(visit, draft_id)
    await _await_words(visit, draft)
    visit.show("relay.ask_words", draft=draft.id, limit=LONGEST)


async def again(visit: Visit, draft_id: int) -> None:
    """Back to the preview of the words there were. Raises Stale."""
    draft = await draft_of(visit, draft_id)
    await preview(visit, words_in(draft), draft.parameters.get("held"))


async def hold(visit: Visit, draft_id: int) -> None:
    """Keep the words of a preview for later. Raises Stale."""
    draft = await draft_of(visit, draft_id)
    words = words_in(draft)
    held = draft.parameters.get("held")
    await visit.uow.drafts.drop(visit.person.id, DRAFT)
    if held is not None and await visit.uow.journal.get(visit.person.id, held) is not None:
        visit.show("relay.held")  # it lies there already
    else:
        await hold_words(visit, words)


async def hold_words(visit: Visit, words: str) -> None:
    """Keep these words for later, as a line in the journal that can be sent from there. Raises TooLong."""
    journal.check_length(words)
    await visit.uow.journal.add(visit.person.id, words, visit.now, HELD)
    visit.show("relay.held")


async def take_up(visit: Visit, line_id: int) -> None:
    """A line that was kept for later shall go. Raises Stale if there is no such line, TooLong."""
    line = await visit.uow.journal.get(visit.person.id, line_id)
    if line is None or line.kind != HELD:
        raise Stale
    await preview(visit, line.text, line.id)


async def _recipient(visit: Visit, draft: Draft) -> tuple[Couple, Person] | None:
    """Whom the words go to. None if none may go now: that is said, and the words can be kept."""
    words = {"words": draft.private}
    try:
        return await recipient(visit)
    except LinkEnded:
        visit.send("errors.link_ended")
        visit.show("relay.alone", words, draft=draft.id)
    except NotLinked:
        visit.show("relay.alone", words, draft=draft.id)
    except PartnerNeedsSpace as away:
        partner = await visit.partner()
        assert partner is not None
        visit.show("relay.partner_away", {**words, "name": partner.name}, draft=draft.id, **away.parameters)
    except TooManySignals as many:
        visit.show("relay.enough", words, draft=draft.id, **many.parameters)
    return None


async def _await_words(visit: Visit, draft: Draft | None) -> None:
    """The next typed text is other words; those of the draft stay."""
    parameters = {} if draft is None else draft.parameters
    private = None if draft is None else draft.private
    await visit.uow.drafts.put(visit.person.id, DRAFT, visit.now, parameters, private=private, awaits=WORDS)


async def draft_of(visit: Visit, draft_id: int) -> Draft:
    draft = await visit.uow.drafts.get(visit.person.id, DRAFT)
    if draft is None or draft.id != draft_id:
        raise Stale
    return draft


def words_in(draft: Draft) -> str:
    if draft.private is None:
        raise Stale
    return draft.private
