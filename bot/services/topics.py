"""Parked topics: sent, agreed, let go, reminded of; and the list that both see."""

from datetime import datetime

from bot.content.catalog import Content
from bot.domain.decision import Decision
from bot.domain.errors import PartnerNeedsSpace, Stale
from bot.domain.model import HELD, Couple, Draft
from bot.domain.topics import (
    Agreed,
    Event,
    LetGo,
    LinkEnded,
    Offered,
    Proposed,
    State,
    TimeIsUp,
    Topic,
    TopicId,
    check_room,
    decide,
    isoformats,
)
from bot.services import keeping
from bot.services.signals import SIGNAL, addressee, check_couple
from bot.services.space_form import moment
from bot.services.telling import carry_out
from bot.services.topics_form import (
    DRAFT,
    ask_topic,
    draft_of,
    held_back,
    offers_in,
    show_times_anew,
    times_of,
    topic_of,
    words_in,
)
from bot.services.visit import Visit
from bot.storage.unit_of_work import UnitOfWork


async def show(visit: Visit) -> None:
    """What the two have parked; with nothing there, straight to a new one. Raises what `ask_topic` raises."""
    couple = await visit.couple()
    await visit.uow.drafts.drop(visit.person.id, DRAFT)
    parked = await visit.uow.topics.open_of_couple(couple.id)
    if not parked:
        await ask_topic(visit)
        return
    name = await visit.name_of(couple.partner_of(visit.person.id))
    lines = {f"line_{number}": each.text for number, each in enumerate(parked, 1) if each.text is not None}
    visit.show("later.list", {"name": name, **lines}, topics=[_row(visit, each) for each in parked])


def _row(visit: Visit, topic: Topic) -> list[int | str | None]:
    """For the list: the id, whose times stand (or the agreed time), and whether it has words."""
    if topic.state is State.AGREED and topic.talk_at is not None:
        return [topic.id, "agreed", topic.talk_at.isoformat()]
    if not topic.standing(visit.now):
        return [topic.id, "parked", None]
    return [topic.id, "yours" if topic.proposer == visit.person.id else "theirs", None]


async def show_one(visit: Visit, topic_id: TopicId) -> None:
    """One of them, and what can be done with it now. Raises Stale, NotLinked, LinkEnded."""
    couple = await visit.couple()
    _show(visit, await topic_of(visit, couple, topic_id), await _names(visit, couple))


def _show(visit: Visit, topic: Topic, names: dict[str, str]) -> None:
    private = {**names, **_words(topic)}
    off = topic.may_take_off(visit.person.id, visit.now)
    mine = topic.writer == visit.person.id
    if topic.state is State.AGREED and topic.talk_at is not None:
        visit.show("later.agreed", private, topic=topic.id, talk_at=topic.talk_at.isoformat())
    elif topic.state is State.PROPOSED and (times := topic.standing(visit.now)):
        shown = {"topic": topic.id, "offers": isoformats(times), "off": off, "mine": mine}
        if topic.proposer == visit.person.id:
            visit.show("later.yours", private, **shown)
        else:
            visit.show("later.theirs", private, **shown)
    else:
        visit.show("later.parked", private, topic=topic.id, off=off, mine=mine)


async def send(visit: Visit, content: Content, draft_id: int) -> None:
    """Send the times as the preview showed them. If one of them has passed, back to the times.

    Raises Stale, PartnerNeedsSpace, TooManyKept, TooManyTopics, NotLinked, LinkEnded, TooManySignals.
    """
    draft = await draft_of(visit, draft_id)
    if not draft.parameters.get("ready"):
        raise Stale
    couple, _, kept_back = await addressee(visit)
    check_couple(draft, couple)
    times = times_of(draft)
    ahead = [at for at in times if at > visit.now]
    if ahead != times:
        await show_times_anew(visit, draft, ahead)
        return
    if kept_back is not None:
        await held_back(visit, content, draft, kept_back.return_at)
        return
    if not await _offer(visit, couple, draft, tuple(times)):
        return
    await visit.uow.uses.add(visit.person.id, SIGNAL, visit.now)
    visit.show("later.sent", {"own_name": visit.person.name, **words_in(draft)}, **offers_in(draft))


async def _offer(visit: Visit, couple: Couple, draft: Draft, times: tuple[datetime, ...]) -> bool:
    """Make the offer. If the other did something about the topic meanwhile, show how it stands instead."""
    parked = len(await visit.uow.topics.open_of_couple(couple.id))
    number = draft.parameters["topic"]
    event: Proposed | Offered
    if number is None:
        topic = None
        reserved = await _reserve(visit, couple, parked)
        event = Proposed(reserved, couple.id, couple.members, visit.person.id, draft.private, times, parked)
    else:
        topic = await topic_of(visit, couple, TopicId(number))
        if topic.revision != draft.parameters["seen"]:
            await visit.uow.drafts.drop(visit.person.id, DRAFT)
            visit.strip()
            visit.send("later.moved_on")
            beside = visit.beside()
            _show(beside, topic, await _names(visit, couple))
            return False
        event = Offered(visit.person.id, times, topic.revision, parked)
    await _decide(visit.uow, topic, event, visit.now)
    await visit.uow.drafts.drop(visit.person.id, DRAFT)
    return True


async def _reserve(visit: Visit, couple: Couple, parked: int) -> TopicId:
    """An id, if there is room for one more: what is refused is committed, too. Raises TooManyTopics."""
    check_room(parked)
    return await visit.uow.topics.reserve(couple, visit.person.id, visit.now)


async def agree(visit: Visit, topic_id: TopicId, minute: int) -> None:
    """One of the other's times suits. What is said is the same whatever becomes of it.

    Raises Stale, TimeNotAhead, PartnerNeedsSpace, NotLinked, LinkEnded.
    """
    couple = await visit.couple()
    topic = await topic_of(visit, couple, topic_id)
    await _check_not_away(visit)
    topic = await _decide(visit.uow, topic, Agreed(visit.person.id, moment(minute)), visit.now)
    assert topic.talk_at is not None
    visit.strip()
    visit.send("later.said_yes", _words(topic), topic=topic.id, talk_at=topic.talk_at.isoformat())


async def let_go(visit: Visit, topic_id: TopicId) -> None:
    """Take it off. Once a time is agreed, what the other will get is shown first.

    Raises Stale, NotLinked, LinkEnded.
    """
    couple = await visit.couple()
    topic = await topic_of(visit, couple, topic_id)
    names = await _names(visit, couple)
    if topic.state is State.AGREED and topic.talk_at is not None:
        private = {**names, "own_name": visit.person.name, **_words(topic)}
        visit.show("later.ask_let_go", private, topic=topic.id, talk_at=topic.talk_at.isoformat())
        return
    topic = await _decide(visit.uow, topic, LetGo(visit.person.id), visit.now)
    if topic.open:
        _show(visit, topic, names)
    else:
        visit.show("later.taken_off")


async def let_go_agreed(visit: Visit, topic_id: TopicId, minute: int) -> None:
    """Take it off with its agreed time; the other is told once.

    Raises Stale, PartnerNeedsSpace, NotLinked, LinkEnded.
    """
    couple = await visit.couple()
    topic = await topic_of(visit, couple, topic_id)
    await _check_not_away(visit)
    await _decide(visit.uow, topic, LetGo(visit.person.id, moment(minute)), visit.now)
    visit.show("later.let_go_sent")


async def on_timer(uow: UnitOfWork, topic_id: TopicId, now: datetime) -> None:
    """The agreed time has come: look again, and decide."""
    topic = await uow.topics.get(topic_id)
    if topic is not None:
        await _decide(uow, topic, TimeIsUp(await _is_break(uow, topic)), now)


async def release(uow: UnitOfWork, couple: Couple, now: datetime) -> None:
    """The link ended: what somebody wanted to talk about is theirs alone, and lies in their journal."""
    for topic in await uow.topics.all_of_couple(couple.id):
        if topic.open and topic.text is not None:
            await uow.journal.add(topic.writer, topic.text, now, HELD)
        await _decide(uow, topic, LinkEnded(), now)


async def _is_break(uow: UnitOfWork, topic: Topic) -> bool:
    """Whether one of the two is away just now, also on a break they asked for before they were linked."""
    for member in topic.members:
        request = await uow.space.open_of(member, topic.couple)
        if request is not None and request.away:
            return True
    return False


async def _check_not_away(visit: Visit) -> None:
    """Raises PartnerNeedsSpace: an answer, too, waits until they are back."""
    partner = await visit.partner()
    assert partner is not None
    request = await keeping.kept_back_by(visit, partner)
    if request is not None:
        raise PartnerNeedsSpace(back_at=request.return_at.isoformat())


async def _decide(uow: UnitOfWork, topic: Topic | None, event: Event, now: datetime) -> Topic:
    """Carry out what the rules make of an event; the topic as it is then."""
    decision: Decision[Topic] = decide(topic, event, now)
    if decision.state != topic:
        await uow.topics.save(decision.state)
    await carry_out(uow, decision, now)
    return decision.state


async def _names(visit: Visit, couple: Couple) -> dict[str, str]:
    return {"name": await visit.name_of(couple.partner_of(visit.person.id))}


def _words(topic: Topic) -> dict[str, str]:
    return {} if topic.text is None else {"words": topic.text}
