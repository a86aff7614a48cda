"""What runs in the worker process. Importing this is cheap; what is heavy is imported at first use there."""

from functools import cache
from typing import TYPE_CHECKING

from bot.places.city import City

if TYPE_CHECKING:
    from bot.places.gazetteer import Gazetteer


def prepare() -> None:
    """Load everything that the look-ups need (1.5 s)."""
    gazetteer()
    zone_at(0, 0)


def cities(text: str, limit: int) -> list[City]:
    """Like Places.cities."""
    return gazetteer().search(text, limit)


def zone_at(latitude: float, longitude: float) -> str | None:
    """Like Places.zone_at."""
    import tzfpy

    return tzfpy.get_tz(longitude, latitude) or None


@cache
def gazetteer() -> "Gazetteer":
    from bot.places.gazetteer import Gazetteer

    return Gazetteer()
