"""What people type when they want a reminder (reminder_phrases_<locale>.yaml), and the parser alone."""

from collections.abc import Iterator
from datetime import datetime, time
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml

from bot.content import catalog
from bot.domain.reminder_wish import (
    AtTimes,
    EverySo,
    Kind,
    OnceAt,
    OnceIn,
    SomeTimes,
    Wish,
    parse_wish,
)

HERE = Path(__file__).parent
LOCALES = ("en", "de")
BERLIN = ZoneInfo("Europe/Berlin")
NOW = datetime(2026, 3, 2, 10, tzinfo=BERLIN)
DAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@cache
def typed(locale: str) -> dict[str, list[Any]]:
    rows: dict[str, list[Any]] = yaml.safe_load((HERE / f"reminder_phrases_{locale}.yaml").read_text("utf-8"))
    return rows


@cache
def content() -> catalog.Content:
    return catalog.load()


def parsed(text: str, locale: str = "en", now: datetime = NOW, zone: ZoneInfo = BERLIN) -> Wish | None:
    return parse_wish(text, content().reminders(locale), now, zone)


def days(written: str) -> frozenset[int]:
    groups = {"daily": "", "weekdays": "mon tue wed thu fri", "weekends": "sat sun"}
    names = " ".join(groups.get(each, each) for each in written.split()).split()
    return frozenset(map(DAYS.index, names))


def span(written: str) -> tuple[time, time]:
    start, end = map(time.fromisoformat, written.split("-"))
    return start, end


def meant(section: str, row: list[Any]) -> Wish:
    """What a row of the file says, and at its end the kind and the text, if there are any."""
    size = {"at_times": 3, "every": 4, "some": 4, "once_in": 2, "once_at": 3}[section]
    _, *said = row[:size]
    if section in ("at_times", "every", "some") and len(row) < size:
        said.append("daily")
    kind, text = (*row[size:], *[None] * 2)[:2]
    match section, said:
        case "at_times", [times, on]:
            when: Any = AtTimes(tuple(map(time.fromisoformat, times.split())), days(on))
        case "every", [minutes, window, on]:
            when = EverySo(minutes, *span(window), days(on))
        case "some", [count, window, on]:
            when = SomeTimes(count, *span(window), days(on))
        case "once_in", [minutes]:
            when = OnceIn(minutes)
        case _, [ahead, at]:
            when = OnceAt(ahead, time.fromisoformat(at))
    return Wish(when, Kind(kind or "breathe"), text)


def understood() -> Iterator[tuple[str, str, Wish]]:
    for locale in LOCALES:
        for section, rows in typed(locale).items():
            if section != "refused":
                yield from ((locale, row[0], meant(section, row)) for row in rows)


@pytest.mark.parametrize(("locale", "text", "wish"), understood())
def test_means(locale: str, text: str, wish: Wish) -> None:
    assert parsed(text, locale) == wish


@pytest.mark.parametrize(("locale", "text"), [(l, text) for l in LOCALES for text in typed(l)["refused"]])
def test_is_no_wish(locale: str, text: str) -> None:
    assert parsed(text, locale) is None
