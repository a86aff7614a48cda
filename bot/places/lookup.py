"""Cities and locations, looked up in one worker process so that the bot itself stays small."""

from bot.places import worker
from bot.places.city import City
from bot.worker import Worker


class Places(Worker):
    """A worker that knows the places. A look-up raises WorkerUnavailable if there is no answer to be had."""

    async def cities(self, text: str, limit: int = 5) -> list[City]:
        """At most `limit` cities for a typed name, the likeliest first; none if nothing is similar enough.

        Forgives typing errors, missing accents and other languages' names, heeds a country or US state
        behind the name, and takes a country for the largest city of each of its zones.
        """
        return await self._call(worker.cities, text, limit)

    async def zone_at(self, latitude: float, longitude: float) -> str | None:
        """The IANA zone at a location in degrees (at sea an Etc/GMT one); None outside the globe."""
        return await self._call(worker.zone_at, latitude, longitude)

    async def warm(self) -> None:
        """Start the worker and let it load, without waiting for that. Does nothing after `close`."""
        self._begin(worker.prepare)
