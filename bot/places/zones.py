"""Time zones by name, from the tzdata package only: what the machine has installed never counts."""

import zoneinfo

import tzdata

zoneinfo.reset_tzpath(to=())
DATA_VERSION: str = tzdata.IANA_VERSION
"""Which edition of the zone data this is, like “2026a”."""
_NAMES = frozenset(zoneinfo.available_timezones())


class UnknownZone(ValueError):
    """Not the IANA name of a time zone (as far as this tzdata knows)."""


def zone(name: str) -> zoneinfo.ZoneInfo:
    """The time zone of that exact IANA name (cached). Raises UnknownZone."""
    if name not in _NAMES:
        raise UnknownZone(f"no time zone is called {name!r}")
    return zoneinfo.ZoneInfo(name)
