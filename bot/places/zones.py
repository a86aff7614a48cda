"""Time zones by name, from the tzdata package only: what the machine has installed never counts."""

import zoneinfo

zoneinfo.reset_tzpath(to=())
_NAMES = frozenset(zoneinfo.available_timezones())


class UnknownZone(ValueError):
    """Not the IANA name of a time zone (as far as this tzdata knows)."""


def zone(name: str) -> zoneinfo.ZoneInfo:
    """The time zone of that exact IANA name (cached). Raises UnknownZone."""
    if name not in _NAMES:
        raise UnknownZone(f"no time zone is called {name!r}")
    return zoneinfo.ZoneInfo(name)
