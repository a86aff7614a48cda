"""The form of a parked topic: what it is about, which times would suit, and what exactly will arrive."""

from datetime import datetime
from typing import Any

from bot.content.catalog import Content
from bot.domain.errors import PartnerNeedsSpace, Stale, TimeUnclear, TooLong, TooManyTimes
from bot.domain.model import Couple, Draft, PersonId
from bot.domain.topic_times import parse_moment, suggested
from bot.domain.topics import (
    LONGEST,
    MOST_TIMES,
    State,
    Topic,
    TopicId,
    check_ahead,
    check_room,
)
from bot.places.zones import zone
from bot.services import keeping
from bot.services.signals import addressee, check_couple, fresh
from bot.services.space_form import moment
from bot.services.visit import Visit

DRAFT = "later"
TOPIC, TIME = "later_topic", "later_time"
"""What the draft may wait for."""


async def ask_topic(visit: Visit) -> None:
    """What is it about? While the other needs space, it is kept until then.

    The person has said where they are. Raises NotLinked, LinkEnded, TooManySignals, TooManyTopics.
    """
    couple, partner, kept_back = await addressee(visit)
    check_room(len(await visit.uow.topics.open_of_couple(couple.id)))
    draft = await fresh(visit, DRAFT, couple, awaits=TOPIC)
    names = {"name": partner.name}
    if kept_back is None:
        visit.show("later.ask", names, draft=draft.id, limit=LONGEST)
    else:
        back_at = kept_back.return_at.isoformat()
        visit.show("later.ask_to_keep", names, draft=draft.id, limit=LONGEST, back_at=back_at)


async def take_topic(visit: Visit, content: Content, draft: Draft, text: str) -> None:
    """The typed line, which has passed the crisis check. Raises TooLong; a shorter one can then be typed.

    And what `leave_open` raises.
    """
    words = " ".join(text.split())
    if len(words) > LONGEST:
        raise TooLong(limit=LONGEST, length=len(words))
    await _go_on(visit, content, draft, words)


async def leave_open(visit: Visit, content: Content, draft_id: int) -> None:
    """A talk later, without saying what about.

    Raises Stale, TooManyKept, NotLinked, LinkEnded, TooManySignals.
    """
    draft = await draft_of(visit, draft_id)
    if "times" in draft.parameters:
        raise Stale
    await _go_on(visit, content, draft, None)


async def _go_on(visit: Visit, content: Content, draft: Draft, words: str | None) -> None:
    """The topic is known: now the times; or, while the other needs space, it is kept."""
    couple, _, kept_back = await addressee(visit)
    check_couple(draft, couple)
    if kept_back is not None:
        await keep(visit, content, words)
        return
    await _ask_times(visit, couple, words, None)


async def keep(visit: Visit, content: Content, words: str | None) -> None:
    """Keep it as a message until the other is back: times that were offered may be past by then.

    Raises TooManyKept, Stale.
    """
    key = "later.kept_open" if words is None else "later.kept_topic"
    await keeping.keep(visit, content.text(visit.person.locale, key, topic=words))
    await visit.uow.drafts.drop(visit.person.id, DRAFT)


async def offer_times(visit: Visit, topic_id: TopicId) -> None:
    """Times for a topic that is there: in answer, or instead of those that stand. The person has a zone.

    Raises Stale, PartnerNeedsSpace, TooManyTopics, NotLinked, LinkEnded, TooManySignals.
    """
    couple, _, kept_back = await addressee(visit)
    topic = await topic_of(visit, couple, topic_id)
    if kept_back is not None:
        raise PartnerNeedsSpace(back_at=kept_back.return_at.isoformat())
    if not topic.open:
        check_room(len(await visit.uow.topics.open_of_couple(couple.id)))
    await _ask_times(visit, couple, topic.text, topic)


async def _ask_times(visit: Visit, couple: Couple, words: str | None, topic: Topic | None) -> None:
    options = suggested(visit.now, zone(visit.person.zone or "UTC"))
    about: dict[str, Any] = {"topic": None}
    if topic is not None:
        was_at = topic.talk_at.isoformat() if topic.talk_at and topic.state is State.AGREED else None
        about = {"topic": topic.id, "seen": topic.revision, "was_at": was_at}
    draft = await fresh(
        visit,
        DRAFT,
        couple,
        private=words,
        awaits=TIME,
        options=[at.isoformat() for at in options],
        times=[],
        **about,
    )
    await _show_times(visit, draft)


async def set_time(visit: Visit, draft_id: int, minute: int, *, on: bool) -> None:
    """Offer this time, or no longer. Raises Stale, TimeNotAhead, TimeOutOfRange, TooManyTimes."""
    draft = await _with_times(visit, draft_id)
    at = moment(minute)
    chosen = times_of(draft)
    times = _added(visit, chosen, at) if on else [each for each in chosen if each != at]
    await _show_times(visit, await _put(visit, draft, times))


async def take_time(visit: Visit, draft: Draft, text: str) -> None:
    """A typed time is one more. Raises TimeUnclear, TimeNotAhead, TooManyTimes."""
    at = parse_moment(text, visit.now, zone(visit.person.zone or "UTC"))
    if at is None:
        raise TimeUnclear
    times = _added(visit, times_of(draft), at)
    await show_times_anew(visit, draft, times)


def _added(visit: Visit, times: list[datetime], at: datetime) -> list[datetime]:
    check_ahead(at, visit.now)
    if at in times:
        return times
    if len(times) >= MOST_TIMES:
        raise TooManyTimes(limit=MOST_TIMES)
    return sorted([*times, at])


async def back_to_times(visit: Visit, draft_id: int) -> None:
    """From the preview back to the times. Raises Stale."""
    draft = await _with_times(visit, draft_id)
    await show_times_anew(visit, draft, times_of(draft))


async def show_times_anew(visit: Visit, draft: Draft, times: list[datetime]) -> None:
    """The times under a draft of its own: a preview that stands above sends nothing any more."""
    await visit.uow.drafts.drop(visit.person.id, DRAFT)
    await _show_times(visit, await _put(visit, draft, times))


async def preview(visit: Visit, content: Content, draft_id: int) -> None:
    """What the partner will get, exactly; each time stays open until each reads it where they are.

    Raises Stale, PartnerNeedsSpace, TooManyKept, NotLinked, LinkEnded, TooManySignals.
    """
    draft = await _with_times(visit, draft_id)
    ahead = [at for at in times_of(draft) if at > visit.now]
    if not ahead:
        await show_times_anew(visit, draft, [])
        return
    couple, partner, kept_back = await addressee(visit)
    check_couple(draft, couple)
    if kept_back is not None:
        await held_back(visit, content, draft, kept_back.return_at)
        return
    await visit.uow.drafts.drop(visit.person.id, DRAFT)
    draft = await _put(visit, draft, ahead, ready=True)
    names = {"name": partner.name, "own_name": visit.person.name}
    visit.show("later.preview", {**names, **words_in(draft)}, draft=draft.id, **offers_in(draft))


async def held_back(visit: Visit, content: Content, draft: Draft, back_at: datetime) -> None:
    """The other needs space: a new topic is kept, times for an older one wait. Raises PartnerNeedsSpace."""
    if draft.parameters["topic"] is not None:
        raise PartnerNeedsSpace(back_at=back_at.isoformat())
    await keep(visit, content, draft.private)


async def topic_of(visit: Visit, couple: Couple, topic_id: TopicId) -> Topic:
    """A topic of these two that is not gone. Raises Stale."""
    topic = await visit.uow.topics.get(topic_id)
    if topic is None or topic.couple != couple.id or topic.state is State.GONE:
        raise Stale
    return topic


async def draft_of(visit: Visit, draft_id: int) -> Draft:
    draft = await visit.uow.drafts.get(visit.person.id, DRAFT)
    if draft is None or draft.id != draft_id:
        raise Stale
    return draft


async def _with_times(visit: Visit, draft_id: int) -> Draft:
    draft = await draft_of(visit, draft_id)
    if "times" not in draft.parameters:
        raise Stale
    return draft


def times_of(draft: Draft) -> list[datetime]:
    return [datetime.fromisoformat(at) for at in draft.parameters["times"]]


def words_in(draft: Draft) -> dict[str, str]:
    """The topic, as the private part of a notice; nothing if it was left open."""
    return {} if draft.private is None else {"words": draft.private}


def offers_in(draft: Draft) -> dict[str, Any]:
    """What a notice shows of the offered times, and of the agreed one that they replace."""
    was_at = draft.parameters.get("was_at")
    return {"offers": draft.parameters["times"], **({} if was_at is None else {"was_at": was_at})}


async def _put(visit: Visit, draft: Draft, times: list[datetime], *, ready: bool = False) -> Draft:
    parameters = {**draft.parameters, "times": [at.isoformat() for at in times], "ready": ready}
    person: PersonId = visit.person.id
    return await visit.uow.drafts.put(
        person, DRAFT, visit.now, parameters, private=draft.private, awaits=TIME
    )


async def _show_times(visit: Visit, draft: Draft) -> None:
    """The suggested times and the typed ones; when there are as many as can be, the chosen ones alone."""
    chosen, options = draft.parameters["times"], draft.parameters["options"]
    ahead = [at for at in options if datetime.fromisoformat(at) > visit.now]
    shown = chosen if len(chosen) >= MOST_TIMES else sorted({*ahead, *chosen}, key=datetime.fromisoformat)
    couple = await visit.couple()
    names = {"name": await visit.name_of(couple.partner_of(visit.person.id))}
    visit.show("later.times", names, draft=draft.id, options=shown, chosen=chosen)
