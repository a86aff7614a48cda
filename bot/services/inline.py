"""Inline mode: the words somebody has to send in any chat. Reads only: no person is made, nothing is kept."""

from datetime import datetime, time

from bot.domain.inline import Offer, Wording, Wordings, offers
from bot.domain.model import DEFAULT_QUIET, Person, PersonId
from bot.places.zones import zone
from bot.services import signals
from bot.services.space_form import FEW_MINUTES, SETTLE
from bot.storage.unit_of_work import UnitOfWork


def stranger(locale: str, now: datetime) -> Person:
    """A reader of whom nothing is known but the language of their app; they have no row, and get none."""
    quiet: tuple[time, time] = DEFAULT_QUIET
    return Person(PersonId(0), "", locale, None, *quiet, reachable=False, created_at=now)


async def offered(uow: UnitOfWork, person: Person | None, query: str, now: datetime) -> list[Offer]:
    """What this person (None: a stranger) may send for this query, with or without a partner."""
    saved: list[Wording] = []
    lines: dict[str, str] = {}
    if person is not None:
        saved = [Wording(own=each.text) for each in await uow.saved_wordings.all_of(person.id)]
        lines = await uow.signal_wordings.all_of(person.id)
    wordings = Wordings(
        few_minutes=Wording(f"wording.{FEW_MINUTES}"),
        settle=Wording(f"wording.{SETTLE}"),
        saved=saved,
        signs=[_sign(slot, lines) for slot in signals.slots(lines) if slot != signals.TALK],
    )
    here = None if person is None or person.zone is None else zone(person.zone)
    return offers(query, wordings, now, here)


def _sign(slot: str, lines: dict[str, str]) -> Wording:
    return Wording(own=lines[slot]) if slot in lines else Wording(f"signal_line.{slot}")
