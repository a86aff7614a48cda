"""Asking the partner for a talk: when, what exactly will arrive, and then it goes."""

from datetime import datetime

from bot.content.catalog import Content
from bot.domain.errors import Stale, TimeUnclear
from bot.domain.model import Draft
from bot.domain.space_lengths import named
from bot.domain.talk import offered
from bot.places.zones import zone
from bot.services import keeping
from bot.services.signals import TALK, addressee, carry, check_couple, fresh, words_of
from bot.services.visit import Visit

DRAFT = "talk"
TIME = "talk_time"
"""What the draft may wait for."""


async def ask_when(visit: Visit) -> None:
    """When? A time on a button, or a typed one. The person has said where they are.

    While the other needs space, the question is kept until then. Raises NotLinked, LinkEnded, TooManySignals.
    """
    couple, partner, _ = await addressee(visit)
    draft = await fresh(visit, DRAFT, couple, awaits=TIME)
    here = zone(visit.person.zone or "UTC")
    visit.show("talk.when", {"name": partner.name}, draft=draft.id, offered=list(offered(visit.now, here)))


async def choose_time(visit: Visit, content: Content, draft_id: int, name: str) -> None:
    """One of the offered times, as it is meant now. Raises Stale, and what `ask_when` raises."""
    await _draft_of(visit, draft_id)
    at = offered(visit.now, zone(visit.person.zone or "UTC")).get(name)
    if at is None:
        raise Stale
    await _preview(visit, content, at)


async def take_time(visit: Visit, content: Content, text: str) -> None:
    """A typed time of day: the next one. Raises TimeUnclear, and what `ask_when` raises."""
    at = named(text, visit.now, zone(visit.person.zone or "UTC"))
    if at is None:
        raise TimeUnclear
    await _preview(visit, content, at)


async def send(visit: Visit, draft_id: int) -> None:
    """Send the question as the preview showed it. If its time has passed, ask for another one.

    Raises Stale, TooManyKept, and what `ask_when` raises.
    """
    draft = await _draft_of(visit, draft_id)
    if draft.private is None:
        raise Stale
    couple, partner, kept_back = await addressee(visit)
    check_couple(draft, couple)
    talk_at = draft.parameters["talk_at"]
    if datetime.fromisoformat(talk_at) <= visit.now:
        await ask_when(visit)
        return
    if kept_back is not None:
        await _keep(visit, draft.private, datetime.fromisoformat(talk_at))
        return
    await visit.uow.drafts.drop(visit.person.id, DRAFT)
    await carry(visit, partner, "signal.talk", draft.private, talk_at=talk_at)
    visit.show("relay.sent", {"words": draft.private}, talk_at=talk_at)


async def _preview(visit: Visit, content: Content, at: datetime) -> None:
    """What the partner will get, exactly. The time in it stays open until each reads it where they are."""
    couple, partner, kept_back = await addressee(visit)
    words = await words_of(visit, content, TALK)
    if kept_back is not None:
        await _keep(visit, words, at)
        return
    draft = await fresh(visit, DRAFT, couple, private=words, talk_at=at.isoformat())
    visit.show(
        "talk.preview",
        {"name": partner.name, "own_name": visit.person.name, "words": words},
        draft=draft.id,
        talk_at=at.isoformat(),
    )


async def _keep(visit: Visit, words: str, at: datetime) -> None:
    """The other needs space: the question waits, too, and its time may turn out to be past by then."""
    await keeping.keep(visit, words, at)
    await visit.uow.drafts.drop(visit.person.id, DRAFT)


async def _draft_of(visit: Visit, draft_id: int) -> Draft:
    draft = await visit.uow.drafts.get(visit.person.id, DRAFT)
    if draft is None or draft.id != draft_id:
        raise Stale
    return draft
