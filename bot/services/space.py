"""Asking for space and coming back: drafts, the request itself, and its timers."""

import re
from datetime import datetime, time, timedelta
from typing import Any

from bot.domain.decision import Decision
from bot.domain.errors import Stale, TimeOutOfRange, TimeUnclear, TooLong, TooManyToday
from bot.domain.model import Draft, Parameters, SpaceId
from bot.domain.schedule import instant, parse_clock
from bot.domain.space import (
    LONGEST,
    MOST_A_DAY,
    MOST_WORDS,
    Acknowledged,
    DayIsOver,
    Event,
    Extended,
    NoAnswer,
    OutageOver,
    Requested,
    Returned,
    SpaceRequest,
    TimeIsUp,
    Withdrawn,
    latest_return,
    transition,
)
from bot.places.zones import zone
from bot.services.telling import carry_out
from bot.services.visit import Visit
from bot.storage.unit_of_work import UnitOfWork

DRAFT = "space"
WORDS, TIME = "words", "time"
"""What a space draft may wait for."""
FEW_MINUTES, SETTLE = "few_minutes", "settle_thoughts"
"""The article's scripts, worded in content/ under `wording`."""
TIME_OUT = 20
"""Minutes from which on it is a break for the body to settle, and no longer a short pause."""
REPLIES = ("take_your_time", "thank_you")
_MINUTES = re.compile(r"\s*(\d{1,4})\s*(?:m|min|mins|minutes?)\.?\s*", re.IGNORECASE)


async def ask_length(visit: Visit, minutes: int | None = None) -> None:
    """Begin: how long? With `minutes` said already, go on to the wording.

    Raises TooManyToday, LinkEnded.
    """
    couple = await visit.couple_or_none()
    request = await visit.uow.space.open_of(visit.person.id, couple.id if couple else None)
    if request is not None and request.is_away(visit.person.id):
        visit.show("space.open", **_about(request))
        return
    await _check_limit(visit)
    # A new form: what stands under an older preview does nothing any more.
    await visit.uow.drafts.drop(visit.person.id, DRAFT)
    draft = await visit.uow.drafts.put(visit.person.id, DRAFT, visit.now)
    if minutes is not None:
        await choose_length(visit, draft.id, minutes)
    else:
        visit.show("space.length", draft=draft.id)


async def choose_length(visit: Visit, draft_id: int, minutes: int) -> None:
    """Raises TimeOutOfRange, Stale."""
    await _draft(visit, draft_id)
    _check_range(visit, visit.now + _span(minutes))
    draft = await _put(visit, {"minutes": minutes})
    _show_wordings(visit, draft)


async def ask_time(visit: Visit, draft_id: int) -> None:
    """Another length than those on the buttons: it will be typed."""
    await _draft(visit, draft_id)
    await _put(visit, {}, awaits=TIME)
    visit.show("space.ask_time")


async def take_time(visit: Visit, text: str) -> None:
    """A typed length (“25 min”) or time of return (“21:30”). Raises TimeUnclear, TimeOutOfRange."""
    minutes = _MINUTES.fullmatch(text)
    clock = parse_clock(text)
    if minutes:
        parameters: Parameters = {"minutes": int(minutes[1])}
        _check_range(visit, visit.now + _span(int(minutes[1])))
    elif clock:
        return_at = _next(clock, visit)
        parameters = {"until": return_at.isoformat()}
        _check_range(visit, return_at)
    else:
        raise TimeUnclear
    _show_wordings(visit, await _put(visit, parameters))


def _next(clock: time, visit: Visit) -> datetime:
    """The next time it is so late where the person is (in UTC, while they have not said where)."""
    here = zone(visit.person.zone or "UTC")
    today = visit.now.astimezone(here).date()
    found = instant(today, clock, here)
    return found if found > visit.now else instant(today + timedelta(days=1), clock, here)


async def choose_wording(visit: Visit, draft_id: int, wording: str, text: str) -> None:
    """One of the article's scripts; `text` is how it reads in the person's language, and travels so."""
    draft = await _draft(visit, draft_id)
    if wording not in (FEW_MINUTES, SETTLE):
        raise Stale
    await _preview(visit, await _put(visit, draft.parameters, private=text))


async def ask_words(visit: Visit, draft_id: int) -> None:
    """Own words: they will be typed."""
    draft = await _draft(visit, draft_id)
    await _put(visit, draft.parameters, awaits=WORDS)
    visit.show("space.ask_words", limit=MOST_WORDS)


async def take_words(visit: Visit, draft: Draft, text: str) -> None:
    """Own words were typed (and passed the crisis check). Raises TooLong."""
    words = " ".join(text.split())
    if len(words) > MOST_WORDS:
        raise TooLong(limit=MOST_WORDS, length=len(words))
    await _preview(visit, await _put(visit, draft.parameters, private=words))


async def again(visit: Visit, draft_id: int) -> None:
    """Back from the preview to the wordings."""
    _show_wordings(visit, await _draft(visit, draft_id))


async def send(visit: Visit, draft_id: int) -> None:
    """Make the request: exactly what the preview showed. Raises TimeOutOfRange, TooManyToday, Stale."""
    draft = await _draft(visit, draft_id)
    if draft.private is None:
        raise Stale
    couple = await visit.couple_or_none()
    await _check_limit(visit)
    open_request = await visit.uow.space.open_of(visit.person.id, couple.id if couple else None)
    if open_request is not None and open_request.is_away(visit.person.id):
        raise Stale
    return_at = _return_at(draft, visit.now)
    started_at = open_request.started_at if open_request else visit.now
    _check_range(visit, return_at, started_at)
    request_id = (
        open_request.id
        if open_request
        else await visit.uow.space.reserve(couple.id if couple else None, visit.now, return_at)
    )
    event = Requested(
        id=request_id,
        couple=couple.id if couple else None,
        members=couple.members if couple else (visit.person.id,),
        by=visit.person.id,
        return_at=return_at,
        wording=draft.private,
    )
    request = await _decide(visit.uow, open_request, event, visit.now)
    await visit.uow.uses.add(visit.person.id, DRAFT, visit.now)
    await visit.uow.drafts.drop(visit.person.id, DRAFT)
    kind = "space.sent" if couple else "space.sent_alone"
    visit.show(kind, {"words": draft.private}, **_about(request))


async def back(visit: Visit, request_id: SpaceId | None = None) -> None:
    """“I'm back”. Without an id: the request this person is away on. Raises Stale."""
    request = await _own_request(visit, request_id)
    request = await _decide(visit.uow, request, Returned(visit.person.id), visit.now)
    kind = "space.back" if request.couple else "space.back_alone"
    visit.show(kind, **_about(request))


async def more_time(visit: Visit, request_id: SpaceId, minutes: int) -> None:
    """Stay away longer, until a stated time. Raises Stale, TimeOutOfRange."""
    request = await _own_request(visit, request_id)
    until = max(visit.now, request.return_at) + _span(minutes)
    request = await _decide(visit.uow, request, Extended(visit.person.id, until), visit.now)
    visit.show("space.extended" if request.couple else "space.extended_alone", **_about(request))


async def show_open(visit: Visit) -> None:
    """“I'm back”, typed: show the open request with its button, so that one tap tells the other."""
    couple = await visit.couple_or_none()
    request = await visit.uow.space.open_of(visit.person.id, couple.id if couple else None)
    if request is not None and request.is_away(visit.person.id):
        visit.show("space.open", **_about(request))
    else:
        visit.send("fallback.offer.back")


async def offer_more(visit: Visit, request_id: SpaceId) -> None:
    """Ask how much longer."""
    request = await _own_request(visit, request_id)
    visit.show("space.how_much_more", **_about(request))


async def withdraw(visit: Visit, request_id: SpaceId) -> None:
    """Take the request back. Raises Stale."""
    request = await _own_request(visit, request_id)
    request = await _decide(visit.uow, request, Withdrawn(visit.person.id), visit.now)
    visit.show("space.taken_back" if request.couple else "space.back_alone", **_about(request))


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
    visit.strip(leaving="space.request_answered")
    visit.send("relay.sent", words_key=f"reply.{answer}")


async def on_timer(uow: UnitOfWork, request_id: SpaceId, kind: str, now: datetime) -> None:
    """One of a request's timers fired: look again, and decide."""
    events: dict[str, Event] = {
        "space.return": TimeIsUp(),
        "space.unanswered": NoAnswer(),
        "space.lapse": DayIsOver(),
    }
    request = await uow.space.get(request_id)
    if request is not None:
        await _decide(uow, request, events[kind], now)


async def after_outage(uow: UnitOfWork, now: datetime) -> None:
    """Put every open question once more: Telegram has forgotten what was tapped meanwhile."""
    for request in await uow.space.all_due():
        await _decide(uow, request, OutageOver(), now)


async def _decide(uow: UnitOfWork, request: SpaceRequest | None, event: Event, now: datetime) -> SpaceRequest:
    decision: Decision[SpaceRequest] = transition(request, event, now)
    if decision.state != request:
        await uow.space.save(decision.state)
    await carry_out(uow, decision, now)
    return decision.state


async def _own_request(visit: Visit, request_id: SpaceId | None) -> SpaceRequest:
    couple = await visit.couple_or_none()
    request = await visit.uow.space.open_of(visit.person.id, couple.id if couple else None)
    if request is None or not request.is_away(visit.person.id):
        raise Stale
    if request_id is not None and request.id != request_id:
        raise Stale
    return request


async def _check_limit(visit: Visit) -> None:
    if await visit.uow.uses.count(visit.person.id, DRAFT, visit.now) >= MOST_A_DAY:
        raise TooManyToday(limit=MOST_A_DAY)


def _span(minutes: int) -> timedelta:
    """Raises TimeOutOfRange for what no button offers and no timedelta holds."""
    if not 0 < minutes <= LONGEST // timedelta(minutes=1):
        raise TimeOutOfRange
    return timedelta(minutes=minutes)


def _check_range(visit: Visit, return_at: datetime, started_at: datetime | None = None) -> None:
    if not visit.now < return_at <= latest_return(started_at or visit.now):
        raise TimeOutOfRange


async def _draft(visit: Visit, draft_id: int) -> Draft:
    draft = await visit.uow.drafts.get(visit.person.id, DRAFT)
    if draft is None or draft.id != draft_id:
        raise Stale
    return draft


async def _put(
    visit: Visit, parameters: Parameters, *, private: str | None = None, awaits: str | None = None
) -> Draft:
    return await visit.uow.drafts.put(
        visit.person.id, DRAFT, visit.now, parameters, private=private, awaits=awaits
    )


def _show_wordings(visit: Visit, draft: Draft) -> None:
    """The wording that fits the length comes first."""
    short = _return_at(draft, visit.now) - visit.now < timedelta(minutes=TIME_OUT)
    visit.show("space.wording", draft=draft.id, first=FEW_MINUTES if short else SETTLE)


async def _preview(visit: Visit, draft: Draft) -> None:
    partner = await visit.partner()
    return_at = _return_at(draft, visit.now)
    _check_range(visit, return_at)
    names = {} if partner is None else {"name": partner.name, "own_name": visit.person.name}
    visit.show(
        "space.preview" if partner else "space.preview_alone",
        {"words": draft.private, **names},
        draft=draft.id,
        back_at=return_at.isoformat(),
    )


def _return_at(draft: Draft, now: datetime) -> datetime:
    if "until" in draft.parameters:
        return datetime.fromisoformat(draft.parameters["until"])
    if "minutes" not in draft.parameters:
        raise Stale
    return now + timedelta(minutes=draft.parameters["minutes"])


def _about(request: SpaceRequest) -> dict[str, Any]:
    return {"request": request.id, "back_at": request.return_at.isoformat()}
