"""Space requests: sent, extended, returned from, answered; and their timers."""

from datetime import datetime, timedelta

from bot.domain.decision import Decision
from bot.domain.errors import Stale, TimeOutOfRange, TooManyExtensions
from bot.domain.model import CoupleId, SpaceId
from bot.domain.space import (
    Acknowledged,
    Afterwards,
    DayIsOver,
    Event,
    Extended,
    MeetingTime,
    NoAnswer,
    OutageOver,
    Part,
    Requested,
    Returned,
    SpaceRequest,
    State,
    TalkTimeOver,
    TimeIsUp,
    Withdrawn,
)
from bot.domain.space_rules import transition
from bot.services import keeping
from bot.services.space_form import (
    DRAFT,
    OWN,
    TIME,
    check_limit,
    check_range,
    draft_of,
    return_time,
    span,
)
from bot.services.space_sharing import about, show_own
from bot.services.telling import carry_out
from bot.services.visit import Visit
from bot.services.waiting import told_on_return
from bot.storage.unit_of_work import UnitOfWork

REPLIES = ("take_your_time", "thank_you")
MOST_EXTENSIONS = 6
"""A person a day: each is a message with sound to the other."""
EXTENSION = "extension"
"""The kind of daily use."""
STILL_TOLD = timedelta(hours=12)
"""How long after a break that nobody came back from, “I'm back” still leads somewhere."""


async def send(visit: Visit, draft_id: int) -> None:
    """Make the request: exactly what the preview showed. Raises TimeOutOfRange, TooManyToday, Stale."""
    draft = await draft_of(visit, draft_id)
    if draft.private is None:
        raise Stale
    couple = await visit.couple_or_none()
    await check_limit(visit)
    open_request = await visit.uow.space.open_of(visit.person.id, couple.id if couple else None)
    if open_request is not None and open_request.is_away(visit.person.id):
        raise Stale
    return_at = return_time(draft, visit.now)
    started_at = open_request.started_at if open_request else visit.now
    try:
        check_range(visit, return_at, started_at)
    except TimeOutOfRange:  # it has passed while the preview stood: another one can be typed
        await visit.uow.drafts.await_again(visit.person.id, DRAFT, draft.id, TIME)
        raise
    if open_request is not None:
        request_id = open_request.id
    else:
        await _close_last(visit, couple.id if couple else None)
        request_id = await visit.uow.space.reserve(couple.id if couple else None, visit.now, return_at)
    event = Requested(
        id=request_id,
        couple=couple.id if couple else None,
        members=couple.members if couple else (visit.person.id,),
        by=visit.person.id,
        return_at=return_at,
        wording=draft.private,
        minutes=draft.parameters.get("minutes"),
    )
    request = await decide(visit.uow, open_request, event, visit.now)
    await visit.uow.uses.add(visit.person.id, DRAFT, visit.now)
    await visit.uow.drafts.drop(visit.person.id, DRAFT)
    shown = {"words": draft.private}
    if open_request is not None and couple is not None:
        partner = await visit.name_of(couple.partner_of(visit.person.id))
        visit.show("space.sent_joined", {**shown, "name": partner}, **about(request))
        return
    kind = "space.sent" if couple else "space.sent_alone"
    visit.show(kind, shown, **about(request), own=OWN in draft.parameters)


async def _close_last(visit: Visit, couple: CoupleId | None) -> None:
    """With a new break, nothing more comes of the last one."""
    last = None if couple is None else await visit.uow.space.latest_of_couple(couple)
    if last is not None:
        await decide(visit.uow, last, TalkTimeOver(), visit.now)


async def back(visit: Visit, request_id: SpaceId | None = None) -> None:
    """“I'm back”. Without an id: the request this person is away on. Raises Stale."""
    request = await own_request(visit, request_id)
    names, meeting = await told_on_return(visit, request)
    request = await decide(visit.uow, request, Returned(visit.person.id), visit.now)
    if request.open:  # the other asked for space, too
        kind = "space.back_first_due" if request.state is State.DUE else "space.back_first"
        visit.show(kind, {"name": await visit.name_of(request.away[0])}, **about(request))
        return
    kind = "space.back" if request.couple else "space.back_alone"
    visit.show(kind, names, **about(request), **meeting)


async def more_time(visit: Visit, request_id: SpaceId, minutes: int, after: datetime | None = None) -> None:
    """Stay away so much longer; `after`: than this return (a whole minute), and no other.

    Raises Stale, TimeOutOfRange, TooManyExtensions.
    """
    request = await own_request(visit, request_id)
    if after is not None and request.return_at.replace(second=0, microsecond=0) != after:
        raise Stale
    await _extend(visit, request, max(visit.now, request.return_at) + span(minutes))


async def more_until(visit: Visit, request_id: SpaceId, until: datetime) -> None:
    """Stay away until a stated time. Raises Stale, TimeOutOfRange, TooManyExtensions."""
    await _extend(visit, await own_request(visit, request_id), until)


async def _extend(visit: Visit, request: SpaceRequest, until: datetime) -> None:
    if request.state is not State.OPEN or until != request.return_at:  # else nobody is told twice
        request = await _moved(visit, request, until)
    visit.show("space.extended" if request.couple else "space.extended_alone", **about(request))


async def _moved(visit: Visit, request: SpaceRequest, until: datetime) -> SpaceRequest:
    person = visit.person.id
    if request.couple and await visit.uow.uses.count(person, EXTENSION, visit.now) >= MOST_EXTENSIONS:
        raise TooManyExtensions(limit=MOST_EXTENSIONS)
    moved = await decide(visit.uow, request, Extended(person, until), visit.now)
    if request.couple:
        await visit.uow.uses.add(person, EXTENSION, visit.now)
    return moved


async def show_open(visit: Visit) -> None:
    """“I'm back”, typed: show the open request with its button, so that one tap tells the other."""
    couple = await visit.couple_or_none()
    request = await visit.uow.space.open_of(visit.person.id, couple.id if couple else None)
    if request is not None and request.is_away(visit.person.id):
        await show_own(visit, request)
        return
    last = None if couple is None else await visit.uow.space.latest_of_couple(couple.id)
    if last is not None and last.state is State.RETURNED:
        visit.send("space.ready_page", **about(last))
    elif last is not None and _just_lapsed(last, visit):
        visit.send("space.lapsed_back", **about(last))
    else:
        visit.send("fallback.offer.back")


def _just_lapsed(last: SpaceRequest, visit: Visit) -> bool:
    """Whether it ended without them coming back, and not long ago."""
    part = last.part_of(visit.person.id)
    lapsed = last.state is State.LAPSED and part is not None and part.state is Part.AWAY
    return lapsed and last.ended_at is not None and visit.now - last.ended_at < STILL_TOLD


async def withdraw(visit: Visit, request_id: SpaceId) -> None:
    """Take the request back. Raises Stale."""
    request = await own_request(visit, request_id)
    names, meeting = await told_on_return(visit, request)
    request = await decide(visit.uow, request, Withdrawn(visit.person.id), visit.now)
    kind = "space.taken_back" if request.couple else "space.back_alone"
    visit.show(kind, names, **about(request), **meeting)


async def reply(visit: Visit, request_id: SpaceId, answer: str) -> None:
    """The one who waits gives one ready-made answer. Raises Stale."""
    couple = await visit.couple()
    request = await visit.uow.space.get(request_id)
    if request is None or request.couple != couple.id or answer not in REPLIES:
        raise Stale
    decision = transition(request, Acknowledged(visit.person.id, answer), visit.now)
    if await visit.uow.outbox.knows(notice.key for notice in decision.notices):
        raise Stale
    await carry_out(visit.uow, decision, visit.now)
    visit.strip(leaving="space.request_answered", request=request.id)
    visit.send("relay.sent", words_key=f"reply.{answer}")


async def on_timer(uow: UnitOfWork, request_id: SpaceId, kind: str, now: datetime) -> None:
    """One of a request's timers fired: look again, and decide."""
    events: dict[str, Event] = {
        "space.return": TimeIsUp(),
        "space.unanswered": NoAnswer(),
        "space.lapse": DayIsOver(),
        "space.meet": MeetingTime(),
        "space.close": TalkTimeOver(),
        "space.talked": Afterwards(),
    }
    request = await uow.space.get(request_id)
    if request is not None:
        await decide(uow, request, events[kind], now)


async def after_outage(uow: UnitOfWork, last_contact: datetime, now: datetime) -> None:
    """Put again what was asked before contact was lost: Telegram has forgotten taps on it since."""
    due = await uow.space.all_due()
    await uow.turns.take_of({person for each in due for person in each.members})
    for request in await uow.space.all_due():
        if request.return_at <= last_contact:
            await decide(uow, request, OutageOver(), now)


async def decide(uow: UnitOfWork, request: SpaceRequest | None, event: Event, now: datetime) -> SpaceRequest:
    """Carry out what the rules make of an event; the request as it is then."""
    return await follow(uow, request, transition(request, event, now), now)


async def follow(
    uow: UnitOfWork, request: SpaceRequest | None, decision: Decision[SpaceRequest], now: datetime
) -> SpaceRequest:
    """Carry out what was decided on `request`; the request as it is then."""
    if decision.state != request:
        await uow.space.save(decision.state)
    await carry_out(uow, decision, now)
    await keeping.offer(uow, request, decision.state, now)
    return decision.state


async def own_request(visit: Visit, request_id: SpaceId | None) -> SpaceRequest:
    """The request this person is away on; with an id, only that one. Raises Stale."""
    couple = await visit.couple_or_none()
    request = await visit.uow.space.open_of(visit.person.id, couple.id if couple else None)
    if request is None or not request.is_away(visit.person.id):
        raise Stale
    if request_id is not None and request.id != request_id:
        raise Stale
    return request
