"""Looking up where somebody is. It may take its time, and so it happens outside the batch's transaction."""

from dataclasses import dataclass

from bot.clock import Clock
from bot.domain.errors import PlaceUnknown, StillHereError
from bot.domain.model import PersonId
from bot.domain.schedule import parse_clock
from bot.places.city import City
from bot.places.lookup import Places
from bot.services import hello
from bot.services.visit import Visit
from bot.storage.unit_of_work import Storage
from bot.telegram.context import Context, Tools
from bot.telegram.handlers.ways import set_zone
from bot.worker import WorkerUnavailable


@dataclass(frozen=True)
class PlaceLookup:
    """One look-up: of a typed name, or of a location (latitude, longitude in degrees), which is not kept."""

    person: PersonId
    text: str = ""
    location: tuple[float, float] | None = None

    async def __call__(self, tools: Tools, storage: Storage, clock: Clock) -> None:
        """Find it, and then, in a unit of work of its own, go on with what was found."""
        zones = await self._find(tools.places)
        now = clock.now()
        async with storage.unit_of_work() as uow:
            await uow.turns.take_of([self.person])
            visit = Visit(uow, await uow.people.get(self.person), now)
            draft = await visit.awaiting()
            if draft is None or draft.kind != hello.ZONE:
                return  # they turned to something else meanwhile
            try:
                await self._use(tools, visit, zones)
            except StillHereError as error:
                visit.send(f"errors.{error.code}", **error.parameters)
            await uow.commit(now)

    async def _find(self, places: Places) -> list[City]:
        try:
            if self.location is None:
                return await places.cities(self.text)
            zone = await places.zone_at(*self.location)
            return [] if zone is None else [City("", "", zone, 0)]
        except WorkerUnavailable:
            return []

    async def _use(self, tools: Tools, visit: Visit, found: list[City]) -> None:
        if not found:
            raise PlaceUnknown
        first = found[0]
        named = first.name.casefold() == self.text.strip().casefold()
        if named or len({city.zone for city in found}) == 1:
            await set_zone(tools, visit, first.zone)
        else:
            hello.offer_cities(visit, [(f"{city.name}, {city.country}", city.zone) for city in found])


async def take_place(context: Context, visit: Visit, text: str) -> None:
    """A city, or the time of day where the person is. Raises PlaceUnknown."""
    content = context.tools.content
    if text.strip() in {content.text(locale, "zone.not_now") for locale in content.locales}:
        await hello.skip_zone(visit)
        return
    clock = parse_clock(text)
    if clock is None:
        context.turn.jobs.append(PlaceLookup(visit.person.id, text=text))
    elif not hello.offer_zones_at(visit, clock):
        raise PlaceUnknown
