"""Zones by name, and zones by what a clock shows."""

import zoneinfo
from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.zones import COMMON_ZONES, offsets_matching
from bot.places.zones import UnknownZone, zone

CANDIDATES = [(name, zone(name)) for name in COMMON_ZONES]
WINTER = datetime(2026, 1, 15, 12, 0, tzinfo=UTC)
SUMMER = datetime(2026, 7, 15, 12, 0, tzinfo=UTC)


def test_zone_data_comes_from_the_package_only() -> None:
    assert zoneinfo.TZPATH == ()
    assert zone("Europe/Berlin") is zone("Europe/Berlin")
    assert zone("Europe/Berlin").key == "Europe/Berlin"


NO_ZONES = (
    "",
    " ",
    "Europe",
    "Berlin",
    "europe/berlin",
    "Europe/Berlin\0",
    "Europe/Berlin ",
    "Europe/__init__.py",
)
NO_PATHS = ("../tzdata", "/etc/localtime", "localtime", "Mars/Olympus", "x" * 5000, "Ünï/cöde", "\ud800")


@pytest.mark.parametrize("name", [*NO_ZONES, *NO_PATHS])
def test_anything_else_is_unknown(name: str) -> None:
    with pytest.raises(UnknownZone):
        zone(name)


def test_the_common_zones_exist_and_stand_once() -> None:
    assert len(set(COMMON_ZONES)) == len(COMMON_ZONES) == len(CANDIDATES)
    assert COMMON_ZONES[:2] == ("Asia/Shanghai", "Asia/Kolkata")


def test_every_pair_of_winter_and_summer_time_is_among_the_common_ones() -> None:
    def clock(name: str) -> tuple[timedelta | None, ...]:
        return tuple(moment.astimezone(zone(name)).utcoffset() for moment in (WINTER, SUMMER))

    regions = ("Africa/", "America/", "Asia/", "Atlantic/", "Australia/", "Europe/", "Pacific/")
    names = [name for name in zoneinfo.available_timezones() if name.startswith(regions)]
    common = {clock(name) for name in COMMON_ZONES}
    assert not [name for name in names if clock(name) not in common]


@pytest.mark.parametrize(
    ("typed", "now", "inside", "outside"),
    [
        (time(13, 0), WINTER, ["Europe/Berlin", "Africa/Lagos"], ["Europe/London", "Europe/Kyiv"]),
        (time(14, 0), SUMMER, ["Europe/Berlin", "Africa/Johannesburg"], ["Africa/Lagos", "Europe/London"]),
        (time(17, 30), WINTER, ["Asia/Kolkata"], ["Asia/Kathmandu", "Asia/Karachi"]),
        (time(17, 45), WINTER, ["Asia/Kathmandu"], ["Asia/Kolkata", "Asia/Dhaka"]),
        (time(7, 0), WINTER, ["America/New_York", "America/Bogota"], ["America/Chicago"]),
        (time(2, 0), WINTER, ["Pacific/Honolulu", "Pacific/Kiritimati"], ["Pacific/Auckland"]),
        # A clock that is up to 7 minutes off.
        (time(13, 7), WINTER, ["Europe/Berlin"], ["Europe/London"]),
        (time(12, 53), WINTER, ["Europe/Berlin"], ["Europe/London"]),
        (time(17, 37), WINTER, ["Asia/Kolkata"], ["Asia/Kathmandu"]),
        (time(17, 38), WINTER, ["Asia/Kathmandu"], ["Asia/Kolkata"]),
        # Midnight in between.
        (time(0, 0), datetime(2026, 1, 15, 23, 3, tzinfo=UTC), ["Europe/Berlin"], ["Europe/London"]),
        (time(23, 58), datetime(2026, 1, 16, 0, 1, tzinfo=UTC), ["Europe/London"], ["Europe/Berlin"]),
    ],
)
def test_zones_with_that_time(typed: time, now: datetime, inside: list[str], outside: list[str]) -> None:
    found = offsets_matching(typed, now, CANDIDATES)
    assert set(inside) <= set(found)
    assert not set(outside) & set(found)
    assert found == sorted(found, key=COMMON_ZONES.index)


def test_a_time_that_no_clock_shows() -> None:
    assert offsets_matching(time(12, 15), WINTER, CANDIDATES) == []
    assert offsets_matching(time(12, 0), WINTER, []) == []


def test_now_may_be_in_any_zone_but_not_in_none() -> None:
    local = WINTER.astimezone(zone("Asia/Tokyo"))
    assert offsets_matching(time(13), local, CANDIDATES) == offsets_matching(time(13), WINTER, CANDIDATES)
    with pytest.raises(ValueError, match="without an offset"):
        offsets_matching(time(13), datetime(2026, 1, 1), CANDIDATES)  # noqa: DTZ001


@settings(derandomize=True, max_examples=200)
@given(
    st.sampled_from(COMMON_ZONES),
    st.datetimes(datetime(2025, 1, 1), datetime(2028, 1, 1)),  # noqa: DTZ001
    st.integers(-7 * 60, 7 * 60),
)
def test_whoever_reads_their_clock_finds_their_zone(name: str, moment: datetime, seconds_off: int) -> None:
    now = moment.replace(microsecond=0, tzinfo=UTC)
    shown = (now + timedelta(seconds=seconds_off)).astimezone(zone(name)).time()
    found = offsets_matching(shown, now, CANDIDATES)
    assert name in found
    offsets = {now.astimezone(zone(other)).utcoffset() for other in found}
    assert len({offset % timedelta(days=1) for offset in offsets if offset is not None}) == 1
