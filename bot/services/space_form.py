"""The form that becomes a space request: how long, in which words, and what exactly will arrive."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.agreement import WORDINGS, Terms
from bot.domain.errors import Stale, TimeOutOfRange, TimeUnclear, TooLong, TooManyToday
from bot.domain.model import Draft, Parameters
from bot.domain.space import LONGEST, MOST_A_DAY, MOST_WORDS, latest_return
from bot.domain.space_lengths import TIME_OUT, ClockTime, Length, like_last, offered, parse_length_or_time
from bot.places.zones import zone
from bot.services import space_sharing
from bot.services.check_in_list import LATELY, STRONG
from bot.services.saved_words import as_lines
from bot.services.visit import Visit

DRAFT = "space"
WORDS, TIME = "words", "time"
"""What a space draft may wait for."""
FEW_MINUTES, SETTLE = WORDINGS
"""The article's scripts, worded in content/ under `wording`."""
OWN, TOLD = "own", "told"
"""Whether the words are the person's own; whether a length was spoken of in this form: why twenty, or
that the two agreed on less."""
_FARTHEST = 2**27
"""Minutes since 1970 that a datetime holds for sure; no button of ours says more."""


async def ask_length(visit: Visit, minutes: int | None = None) -> None:
    """Begin: how long? With `minutes` said already, go on to the wording.

    Raises TooManyToday, LinkEnded.
    """
    couple = await visit.couple_or_none()
    request = await visit.uow.space.open_of(visit.person.id, couple.id if couple else None)
    if request is not None and request.is_away(visit.person.id):
        await space_sharing.show_own(visit, request)
        return
    await check_limit(visit)
    # A new form: what stands under an older preview does nothing any more.
    await visit.uow.drafts.drop(visit.person.id, DRAFT)
    draft = await visit.uow.drafts.put(visit.person.id, DRAFT, visit.now)
    if minutes is not None:
        await choose_length(visit, draft.id, minutes)
        return
    last = await space_sharing.latest(visit)
    if last - visit.now < space_sharing.SHORTEST:
        await visit.uow.drafts.drop(visit.person.id, DRAFT)
        visit.show("space.no_room")
        return
    # Times of day mean nothing to us before they have said where they are.
    here = visit.person.zone
    untils = [] if here is None else [at for at in offered(visit.now, zone(here)) if at <= last]
    partner = None if request is None else await visit.partner()
    visit.show(
        "space.length" if partner is None else "space.length_shared",
        {} if partner is None else {"name": partner.name},
        draft=draft.id,
        latest_at=last.isoformat(),
        most=(last - visit.now) // timedelta(minutes=1),
        untils=[at.isoformat() for at in untils],
        agreed=(await _agreed(visit)).minutes,
        same=like_last(await visit.uow.space.last_asked(visit.person.id), visit.now, zone(here or "UTC"))
        is not None,
    )


async def same_as_last(visit: Visit, draft_id: int) -> None:
    """The length and the words of the last request: straight to its preview. Raises Stale."""
    await draft_of(visit, draft_id)
    last = await visit.uow.space.last_asked(visit.person.id)
    parameters = like_last(last, visit.now, zone(visit.person.zone or "UTC"))
    if last is None or parameters is None:
        raise Stale
    await _go_on(visit, await _put(visit, parameters, private=last.wording))


async def choose_length(visit: Visit, draft_id: int, minutes: int) -> None:
    """Raises TimeOutOfRange, Stale."""
    await _set_time(visit, await draft_of(visit, draft_id), {"minutes": minutes})


async def choose_until(visit: Visit, draft_id: int, minute: int) -> None:
    """One of the offered times. Raises TimeOutOfRange if it has passed meanwhile, Stale."""
    until = moment(minute).isoformat()
    await _set_time(visit, await draft_of(visit, draft_id), {"until": until})


async def stay(visit: Visit, draft_id: int) -> None:
    """That length, in spite of what was said about it."""
    await _go_on(visit, await draft_of(visit, draft_id))


async def ask_time(visit: Visit, draft_id: int) -> None:
    """Another length than those on the buttons: it will be typed."""
    draft = await draft_of(visit, draft_id)
    await _put(visit, _told(draft), awaits=TIME)
    visit.show("space.ask_time")


async def take_time(visit: Visit, text: str) -> None:
    """A typed length (“25 min”) or time of return (“21:30”, “tomorrow 8:00”), where the person is (in UTC,
    while they have not said where). Raises TimeUnclear, TimeOutOfRange.
    """
    draft = await visit.uow.drafts.get(visit.person.id, DRAFT)
    if draft is None:
        raise Stale
    match parse_length_or_time(text):
        case Length(minutes):
            await _set_time(visit, draft, {"minutes": minutes})
        case ClockTime() as clock:
            until = clock.soon(visit.now, zone(visit.person.zone or "UTC"))
            await _set_time(visit, draft, {"until": until.isoformat()})
        case None:
            raise TimeUnclear


async def _set_time(visit: Visit, draft: Draft, parameters: Parameters) -> None:
    """Raises TimeOutOfRange, before anything is changed."""
    if "minutes" in parameters:
        until = visit.now + span(parameters["minutes"])
    else:
        until = datetime.fromisoformat(parameters["until"])
    if not visit.now < until <= await space_sharing.latest(visit):
        raise TimeOutOfRange
    await _go_on(visit, await _put(visit, {**_told(draft), **parameters}, private=draft.private))


def _told(draft: Draft) -> dict[str, Any]:
    return {key: value for key, value in draft.parameters.items() if key == TOLD}


async def _go_on(visit: Visit, draft: Draft) -> None:
    """The length is known. Say one thing about it, where it helps; then the words, and then the preview."""
    if TOLD not in draft.parameters and await _speak_of_length(visit, draft):
        await _put(visit, {**draft.parameters, TOLD: True}, private=draft.private)
    elif draft.private is None:
        await _show_wordings(visit, draft)
    else:
        await _preview(visit, draft)


async def _speak_of_length(visit: Visit, draft: Draft) -> bool:
    """Why twenty, if it is strong; that the two agreed on less. Either once, and then it is their choice."""
    return_at = return_time(draft, visit.now)
    length = return_at - visit.now
    if length < timedelta(minutes=TIME_OUT):
        if strong := await _is_strong(visit):
            visit.show("space.why_twenty", draft=draft.id, minutes=-(-length // timedelta(minutes=1)))
        return strong
    longest = (await _agreed(visit)).longest
    if longest is None or length <= timedelta(minutes=longest):
        return False
    visit.show("space.agreed_longest", draft=draft.id, longest=longest, back_at=return_at.isoformat())
    return True


async def _agreed(visit: Visit) -> Terms:
    """What the two agreed on; with nobody here, nothing."""
    couple = await visit.uow.couples.active_of(visit.person.id)
    return Terms() if couple is None else (await visit.uow.agreements.of_couple(couple.id)).agreed


async def _is_strong(visit: Visit) -> bool:
    rated = await visit.uow.sessions.intensity_since(visit.person.id, visit.now - LATELY)
    return rated is not None and rated >= STRONG


async def choose_wording(visit: Visit, draft_id: int, wording: str, text: str) -> None:
    """One of the article's scripts; `text` is how it reads in the person's language, and travels so."""
    draft = await draft_of(visit, draft_id)
    if wording not in (FEW_MINUTES, SETTLE):
        raise Stale
    await _preview(visit, await _put(visit, _not_own(draft), private=text))


async def choose_saved(visit: Visit, draft_id: int, wording: int) -> None:
    """Words of their own that were kept. Raises Stale."""
    draft = await draft_of(visit, draft_id)
    saved = await visit.uow.saved_wordings.get(visit.person.id, wording)
    if saved is None:
        raise Stale
    await _preview(visit, await _put(visit, _not_own(draft), private=saved.text))


def _not_own(draft: Draft) -> Parameters:
    """Not typed just now: there is nothing new to keep."""
    return {key: value for key, value in draft.parameters.items() if key != OWN}


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
    await _preview(visit, await _put(visit, {**draft.parameters, OWN: True}, private=words))


async def again(visit: Visit, draft_id: int) -> None:
    """Back from the preview to the wordings."""
    await _show_wordings(visit, await draft_of(visit, draft_id))


async def check_limit(visit: Visit) -> None:
    if await visit.uow.uses.count(visit.person.id, DRAFT, visit.now) >= MOST_A_DAY:
        raise TooManyToday(limit=MOST_A_DAY)


def span(minutes: int) -> timedelta:
    """Raises TimeOutOfRange for what no button offers and no timedelta holds."""
    if not 0 < minutes <= LONGEST // timedelta(minutes=1):
        raise TimeOutOfRange
    return timedelta(minutes=minutes)


def moment(minute: int) -> datetime:
    """The instant that a button names by its minutes since 1970. Raises TimeOutOfRange."""
    if not 0 <= minute < _FARTHEST:
        raise TimeOutOfRange
    return datetime.fromtimestamp(minute * 60, UTC)


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


async def _show_wordings(visit: Visit, draft: Draft) -> None:
    """What they agreed on comes first, or else what fits the length stands out; below is what was kept."""
    short = return_time(draft, visit.now) - visit.now < timedelta(minutes=TIME_OUT)
    agreed = (await _agreed(visit)).wording
    saved = await visit.uow.saved_wordings.all_of(visit.person.id)
    visit.show(
        "space.wording",
        as_lines(saved),
        draft=draft.id,
        first=agreed or (FEW_MINUTES if short else SETTLE),
        wordings=sorted(WORDINGS, key=lambda each: each != agreed),
        agreed=agreed,
        saved=[each.id for each in saved],
    )


async def _preview(visit: Visit, draft: Draft) -> None:
    partner = await visit.partner()
    return_at = return_time(draft, visit.now)
    joined = await space_sharing.to_join(visit)
    check_range(visit, return_at, None if joined is None else joined.started_at)
    names = {} if partner is None else {"name": partner.name, "own_name": visit.person.name}
    kind = "space.preview" if partner else "space.preview_alone"
    if partner is not None and joined is not None:  # one break for both: the later time holds
        kind, return_at = "space.preview_joined", max(return_at, joined.return_at)
    visit.show(
        kind,
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
