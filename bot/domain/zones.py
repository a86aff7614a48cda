"""“What time is it for you?”: which well-known zones have that wall-clock time now."""

from collections.abc import Sequence
from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

COMMON_ZONES: tuple[str, ...] = (
    "Asia/Shanghai",
    "Asia/Kolkata",
    "Asia/Tokyo",
    "America/Sao_Paulo",
    "America/New_York",
    "Asia/Karachi",
    "Europe/Istanbul",
    "Africa/Lagos",
    "Europe/Moscow",
    "Asia/Jakarta",
    "Asia/Manila",
    "Europe/Berlin",
    "America/Mexico_City",
    "Europe/London",
    "America/Chicago",
    "Asia/Tehran",
    "Asia/Bangkok",
    "Africa/Johannesburg",
    "Asia/Seoul",
    "Africa/Cairo",
    "America/Los_Angeles",
    "Europe/Madrid",
    "America/Bogota",
    "Asia/Dhaka",
    "Europe/Kyiv",
    "Europe/Rome",
    "Europe/Paris",
    "America/Caracas",
    "America/Toronto",
    "Asia/Riyadh",
    "Africa/Casablanca",
    "America/Lima",
    "Asia/Yangon",
    "Africa/Abidjan",
    "Africa/Nairobi",
    "America/Santiago",
    "Asia/Dubai",
    "America/Havana",
    "Asia/Singapore",
    "America/Argentina/Buenos_Aires",
    "Australia/Sydney",
    "America/Denver",
    "Asia/Kabul",
    "Asia/Jerusalem",
    "America/Phoenix",
    "America/Vancouver",
    "Europe/Athens",
    "Asia/Kathmandu",
    "Australia/Brisbane",
    "Pacific/Auckland",
    "Asia/Beirut",
    "America/Edmonton",
    "Australia/Perth",
    "Australia/Adelaide",
    "Pacific/Honolulu",
    "Asia/Hebron",
    "America/Winnipeg",
    "America/Halifax",
    "America/Anchorage",
    "Pacific/Fiji",
    "Atlantic/Cape_Verde",
    "America/St_Johns",
    "Australia/Darwin",
    "Pacific/Noumea",
    "Pacific/Apia",
    "Atlantic/Azores",
    "America/Nuuk",
    "Pacific/Pago_Pago",
    "America/Miquelon",
    "Pacific/Norfolk",
    "Pacific/Pitcairn",
    "Atlantic/South_Georgia",
    "Australia/Lord_Howe",
    "Australia/Eucla",
    "Pacific/Chatham",
    "Pacific/Marquesas",
    "Pacific/Kiritimati",
    "Pacific/Gambier",
    "Pacific/Easter",
    "America/Adak",
)
"""One city or more for every family of zones with the same clock, the most populous first."""

_DAY = 24 * 60 * 60
_STEP = 15 * 60
_TOLERANCE = 8 * 60


def offsets_matching(local: time, now: datetime, candidates: Sequence[tuple[str, ZoneInfo]]) -> list[str]:
    """The names, in their order, of the candidates whose clocks show `local` at `now` (aware).

    A clock may be 8 minutes off: the difference from UTC is rounded to the nearest quarter of an hour,
    which all zones of today keep to. Zones a whole day apart (UTC−10 and UTC+14) both match.
    Raises ValueError if `now` is naive.
    """
    if now.utcoffset() is None:
        raise ValueError(f"a datetime without an offset: {now!r}")
    utc = now.astimezone(UTC)
    implied = round((_seconds(local) - _seconds(utc.time())) / _STEP) * _STEP
    return [name for name, zone in candidates if _apart(_offset(utc, zone), implied) <= _TOLERANCE]


def _seconds(clock: time) -> int:
    return clock.hour * 3600 + clock.minute * 60 + clock.second


def _offset(utc: datetime, zone: ZoneInfo) -> int:
    offset = utc.astimezone(zone).utcoffset()
    assert offset is not None  # a ZoneInfo always has one
    return int(offset.total_seconds())


def _apart(one: int, other: int) -> int:
    """Seconds between two differences from UTC on the face of a clock."""
    gap = (one - other) % _DAY
    return min(gap, _DAY - gap)
