"""Asking for a talk: which times are offered, and where the time stands in a line."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from bot.domain.talk import filled, next_time, offered, with_place

BERLIN = ZoneInfo("Europe/Berlin")


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("now", "wanted"),
    [
        ("2026-03-02T12:00", {"hour": "02T13:00", "evening": "02T20:00", "tomorrow": "03T18:00"}),
        ("2026-03-02T12:01", {"hour": "02T13:05", "evening": "02T20:00", "tomorrow": "03T18:00"}),
        ("2026-03-02T19:00", {"evening": "02T20:00", "tomorrow": "03T18:00"}),
        ("2026-03-02T19:30", {"hour": "02T20:30", "evening": "02T20:00", "tomorrow": "03T18:00"}),
        ("2026-03-02T19:31", {"hour": "02T20:35", "tomorrow": "03T18:00"}),
        ("2026-03-02T21:00", {"hour": "02T22:00", "tomorrow": "03T18:00"}),
        ("2026-03-02T21:01", {"tomorrow": "03T18:00"}),
        ("2026-03-02T05:59", {"hour": "02T07:00", "evening": "02T20:00", "tomorrow": "03T18:00"}),
        ("2026-03-02T05:50", {"evening": "02T20:00", "tomorrow": "03T18:00"}),
        # The clocks go forward in the night, and back.
        ("2026-03-28T23:30", {"tomorrow": "29T18:00"}),
        ("2026-10-24T23:30", {"tomorrow": "25T18:00"}),
    ],
)
def test_only_times_that_make_sense_are_offered(now: str, wanted: dict[str, str]) -> None:
    moment = berlin(now)
    assert offered(moment, BERLIN) == {name: berlin(f"{now[:8]}{at}") for name, at in wanted.items()}


def test_seconds_are_rounded_up_too() -> None:
    moment = berlin("2026-03-02T12:00").replace(second=1)
    assert offered(moment, BERLIN)["hour"] == berlin("2026-03-02T13:05")


def test_a_typed_time_is_the_next_one() -> None:
    now = berlin("2026-03-02T20:00")
    assert next_time(time(20), now, BERLIN) == berlin("2026-03-03T20:00")
    assert next_time(time(20, 1), now, BERLIN) == berlin("2026-03-02T20:01")


@pytest.mark.parametrize(
    ("words", "placed", "full"),
    [
        ("Talk at …?", "Talk at …?", "Talk at 8?"),
        ("Talk at ...?", "Talk at …?", "Talk at 8?"),
        ("Talk?", "Talk? …", "Talk? 8"),
        ("Well… talk at …", "Well… talk at …", "Well… talk at 8"),
        ("", " …", " 8"),
    ],
)
def test_the_time_goes_into_its_place(words: str, placed: str, full: str) -> None:
    assert with_place(words) == placed
    assert with_place(placed) == placed
    assert filled(placed, "8") == full
