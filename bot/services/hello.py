"""The first minutes: who this is, where in the world the person is, and what they can do here."""

from datetime import time

from bot.domain.zones import COMMON_ZONES, offsets_matching
from bot.places.zones import zone
from bot.services import reminder_plan
from bot.services.visit import Visit

ZONE = "zone"
"""The draft that waits for a place or a time of day."""
MOST_ZONES = 6


async def start(visit: Visit) -> None:
    """Say hello; ask somebody new where they are, show somebody known what there is."""
    if visit.person.zone is not None:
        await menu(visit)
        return
    visit.send("hello.first")
    await ask_zone(visit)


async def menu(visit: Visit) -> None:
    """The things to do."""
    linked = await visit.couple_or_none() is not None
    visit.show("menu.linked" if linked else "menu.alone")


async def menu_under(visit: Visit, kind: str) -> None:
    """Say this, with the buttons of the menu under it: those of somebody linked, or of somebody alone."""
    linked = await visit.uow.couples.active_of(visit.person.id) is not None
    visit.send(kind, linked=linked)


async def ask_zone(visit: Visit, then: str | None = None) -> None:
    """Ask where the person is; the next typed text or location is the answer.

    `then` names what they wanted before they were asked: they go on there.
    """
    await expect_zone(visit, then)
    visit.send("zone.ask_first" if visit.person.zone is None else "zone.ask")


async def expect_zone(visit: Visit, then: str | None = None) -> None:
    """A place is coming, be it asked for or said already."""
    await visit.uow.drafts.put(visit.person.id, ZONE, visit.now, {"then": then}, awaits=ZONE)


def offer_zones_at(visit: Visit, local: time) -> bool:
    """Offer the zones in which it is now this time of day; False if there is none."""
    candidates = [(name, zone(name)) for name in COMMON_ZONES]
    names = offsets_matching(local, visit.now, candidates)[:MOST_ZONES]
    if names:
        visit.send("zone.which", zones=[[name, _label(name)] for name in names])
    return bool(names)


def offer_cities(visit: Visit, cities: list[tuple[str, str]]) -> None:
    """Offer (label, zone) pairs to choose from."""
    visit.send("zone.which", zones=[[name, label] for label, name in cities])


async def set_zone(visit: Visit, name: str) -> str | None:
    """Keep the zone; what the person wanted before they were asked. Raises UnknownZone."""
    zone(name)
    draft = await visit.uow.drafts.get(visit.person.id, ZONE)
    then: str | None = draft.parameters.get("then") if draft is not None else None
    first = visit.person.zone is None
    await visit.uow.people.set_zone(visit.person.id, name)
    await visit.uow.drafts.drop(visit.person.id, ZONE)
    await reminder_plan.recompute(visit.uow, visit.person.id, visit.now, visit.person.zone)
    visit.strip()
    # A message that takes the reply keyboard away cannot carry buttons: hence two.
    visit.send("zone.set", now_at=visit.now.isoformat(), place=_label(name))
    if first and then is None:
        linked = await visit.couple_or_none() is not None
        visit.send("menu.linked" if linked else "menu.first")
    return then


async def skip_zone(visit: Visit) -> None:
    """Without a zone, times are shown in UTC until they tell."""
    await visit.uow.drafts.drop(visit.person.id, ZONE)
    if visit.person.zone is not None:
        visit.send("zone.kept")
        return
    visit.send("zone.skipped")
    visit.send("menu.first")


def _label(name: str) -> str:
    return name.rsplit("/", 1)[-1].replace("_", " ")
