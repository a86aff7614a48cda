"""The form that becomes a space request: how long, in which words, and what exactly will arrive."""

import re
from datetime import datetime, time, timedelta
from typing import Any

from bot.domain.errors import Stale, TimeOutOfRange, TimeUnclear, TooLong, TooManyToday
from bot.domain.model import Draft, Parameters
from bot.domain.schedule import instant, parse_clock
from bot.domain.space import LONGEST, MOST_A_DAY, MOST_WORDS, SpaceRequest, latest_return
from bot.places.zones import zone
from bot.services.visit import Visit

DRAFT = "space"
WORDS, TIME = "words", "time"
"""What a space draft may wait for."""
FEW_MINUTES, SETTLE = "few_minutes", "settle_thoughts"
"""The article's scripts, worded in content/ under `wording`."""
TIME_OUT = 20
"""Minutes from which on it is a break for the body to settle, and no longer a short pause."""
_MINUTES = re.compile(r"\s*(\d{1,4})\s*(?:m|min|mins|minutes?)\.?\s*", re.IGNORECASE)


async def ask_length(visit: Visit, minutes: int | None = None) -> None:
    """Begin: how long? With `minutes` said already, go on to the wording.

    Raises TooManyToday, LinkEnded.
    """
    couple = await visit.couple_or_none()
    request = await visit.uow.space.open_of(visit.person.id, couple.id if couple else None)
    if request is not None and request.is_away(visit.person.id):
        visit.show("space.open", **about(request))
        return
    await check_limit(visit)
    # A new form: what stands under an older preview does nothing any more.
    await visit.uow.drafts.drop(visit.person.id, DRAFT)
    draft = await visit.uow.drafts.put(visit.person.id, DRAFT, visit.now)
    if minutes is not None:
        await choose_length(visit, draft.id, minutes)
    else:
        visit.show("space.length", draft=draft.id)


async def choose_length(visit: Visit, draft_id: int, minutes: int) -> None:
    """Raises TimeOutOfRange, Stale."""
    await draft_of(visit, draft_id)
    check_range(visit, visit.now + span(minutes))
    draft = await _put(visit, {"minutes": minutes})
    _show_wordings(visit, draft)


async def ask_time(visit: Visit, draft_id: int) -> None:
    """Another length than those on the buttons: it will be typed."""
    await draft_of(visit, draft_id)
    await _put(visit, {}, awaits=TIME)
    visit.show("space.ask_time")


async def take_time(visit: Visit, text: str) -> None:
    """A typed length (“25 min”) or time of return (“21:30”). Raises TimeUnclear, TimeOutOfRange."""
    minutes = _MINUTES.fullmatch(text)
    clock = parse_clock(text)
    if minutes:
        parameters: Parameters = {"minutes": int(minutes[1])}
        check_range(visit, visit.now + span(int(minutes[1])))
    elif clock:
        return_at = _next(clock, visit)
        parameters = {"until": return_at.isoformat()}
        check_range(visit, return_at)
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
    draft = await draft_of(visit, draft_id)
    if wording not in (FEW_MINUTES, SETTLE):
        raise Stale
    await _preview(visit, await _put(visit, draft.parameters, private=text))


async def ask_words(visit: Visit, draft_id: int) -> None:
    """Own words: they will be typed."""
    draft = await draft_of(visit, draft_id)
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
    _show_wordings(visit, await draft_of(visit, draft_id))


async def check_limit(visit: Visit) -> None:
    if await visit.uow.uses.count(visit.person.id, DRAFT, visit.now) >= MOST_A_DAY:
        raise TooManyToday(limit=MOST_A_DAY)


def span(minutes: int) -> timedelta:
    """Raises TimeOutOfRange for what no button offers and no timedelta holds."""
    if not 0 < minutes <= LONGEST // timedelta(minutes=1):
        raise TimeOutOfRange
    return timedelta(minutes=minutes)


def check_range(visit: Visit, return_at: datetime, started_at: datetime | None = None) -> None:
    if not visit.now < return_at <= latest_return(started_at or visit.now):
        raise TimeOutOfRange


async def draft_of(visit: Visit, draft_id: int) -> Draft:
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
    short = return_time(draft, visit.now) - visit.now < timedelta(minutes=TIME_OUT)
    visit.show("space.wording", draft=draft.id, first=FEW_MINUTES if short else SETTLE)


async def _preview(visit: Visit, draft: Draft) -> None:
    partner = await visit.partner()
    return_at = return_time(draft, visit.now)
    check_range(visit, return_at)
    names = {} if partner is None else {"name": partner.name, "own_name": visit.person.name}
    visit.show(
        "space.preview" if partner else "space.preview_alone",
        {"words": draft.private, **names},
        draft=draft.id,
        back_at=return_at.isoformat(),
    )


def return_time(draft: Draft, now: datetime) -> datetime:
    if "until" in draft.parameters:
        return datetime.fromisoformat(draft.parameters["until"])
    if "minutes" not in draft.parameters:
        raise Stale
    return now + timedelta(minutes=draft.parameters["minutes"])


def about(request: SpaceRequest) -> dict[str, Any]:
    return {"request": request.id, "back_at": request.return_at.isoformat()}
