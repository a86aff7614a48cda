"""What people type when they want a reminder (reminder_phrases_<locale>.yaml), and the parser alone."""

import time as stopwatch
from collections.abc import Iterator
from datetime import datetime, time
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

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
    """All rows by what they are: one section for each kind of rule, and `refused`."""
    rows: dict[str, Any] = yaml.safe_load((HERE / f"reminder_phrases_{locale}.yaml").read_text("utf-8"))
    later = rows.pop("second_round")
    assert later.keys() == rows.keys()
    return {section: [*first, *later[section]] for section, first in rows.items()}


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


WISHES = list(understood())


@pytest.mark.parametrize("locale", LOCALES)
def test_means(locale: str) -> None:
    """A test goes over a whole list, and shows all that is read wrongly."""
    read = [(text, wish, parsed(text, locale)) for spoken, text, wish in WISHES if spoken == locale]
    assert [each for each in read if each[1] != each[2]] == []
    assert len(read) >= 150


@pytest.mark.parametrize("known", LOCALES)
def test_means_the_same_to_somebody_of_another_language(known: str) -> None:
    for _, text, wish in WISHES:
        assert content().understand(text, known, NOW, BERLIN) == wish, text


@pytest.mark.parametrize("locale", LOCALES)
def test_is_no_wish(locale: str) -> None:
    refused = typed(locale)["refused"]
    assert [text for text in refused if parsed(text, locale) is not None] == []
    assert [text for text in refused if content().understand(text, locale, NOW, BERLIN) is not None] == []


DENIED = {
    "en": [
        "not {}",
        "don't {}",
        "no {}",
        "{} except Sundays",
        "{}, not on Mondays",
        "{} but never on Mondays",
    ],
    "de": ["nicht {}", "kein {}", "nie {}", "{} außer sonntags", "{}, nicht montags", "{}, aber nie montags"],
}
TOLD = {
    "en": ["I said {}", "he comes {}", "we fight {}", "yesterday {}", "every other week {}", "maybe {}"],
    "de": [
        "ich sagte {}",
        "er kommt {}",
        "wir streiten {}",
        "gestern {}",
        "alle 2 Wochen {}",
        "vielleicht {}",
    ],
}
FRAMES = [(locale, frame) for locale in LOCALES for frame in DENIED[locale] + TOLD[locale]]


@pytest.mark.parametrize(("locale", "frame"), FRAMES)
def test_is_never_taken_for_its_opposite_nor_a_sentence_for_a_wish(locale: str, frame: str) -> None:
    framed = [frame.format(text.strip(" .!?")) for language, text, _ in WISHES if language == locale]
    assert [text for text in framed if content().understand(text, locale, NOW, BERLIN)] == []


@pytest.mark.parametrize("locale", LOCALES)
def test_the_lists_are_long_enough_and_say_nothing_twice(locale: str) -> None:
    rows = typed(locale)
    assert len(rows["refused"]) >= 100
    assert sum(len(each) for section, each in rows.items() if section != "refused") >= 150
    texts = [row if section == "refused" else row[0] for section, each in rows.items() for row in each]
    assert len(set(texts)) == len(texts)


def within_limits(wish: Wish) -> bool:
    assert (wish.text is None) == (wish.kind is not Kind.OWN)
    assert wish.text is None or (0 < len(wish.text) <= 100 and wish.text == wish.text.strip())
    match wish.when:
        case AtTimes(times, on):
            return 1 <= len(times) <= 6 and list(times) == sorted(set(times)) and on < set(range(7))
        case EverySo(minutes, start, end, on):
            return 30 <= minutes <= 720 and start != end and on < set(range(7))
        case SomeTimes(count, start, end, on):
            return 1 <= count <= 6 and start != end and on < set(range(7))
        case OnceIn(minutes):
            return 1 <= minutes <= 30 * 24 * 60
        case OnceAt(ahead, at):
            return 0 <= ahead <= 30 and (ahead > 0 or at > NOW.time())


WORDS = {
    locale: sorted({word for text in [t for each, t, _ in WISHES if each == locale] for word in text.split()})
    for locale in LOCALES
}


@pytest.mark.parametrize("locale", LOCALES)
@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_whatever_is_typed_it_never_raises_and_keeps_the_limits(locale: str, data: st.DataObject) -> None:
    shuffled = st.lists(st.sampled_from(WORDS[locale]), max_size=9).map(" ".join)
    text = data.draw(st.one_of(st.text(max_size=500), shuffled, shuffled))
    wish = content().understand(text, locale, NOW, BERLIN)
    assert wish is None or within_limits(wish)


@settings(max_examples=100, deadline=None)
@given(hour=st.integers(0, 99), minute=st.integers(0, 99))
def test_a_written_time_is_that_time_or_none(hour: int, minute: int) -> None:
    wish = parsed(f"every day at {hour:02}:{minute:02}")
    if hour < 24 and minute < 60:
        assert wish == Wish(AtTimes((time(hour, minute),)))
    else:
        assert wish is None or (hour, minute) == (24, 0)


@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize(
    "unit", ["remind me to ", "erinner mich daran, ", "every 2 hours ", "9, ", "a", "1 ", "mo-", ": ", "é́"]
)
def test_a_long_text_is_refused_in_no_time(locale: str, unit: str) -> None:
    parsed("", locale)
    for length, seconds in (
        (300, 0.5),
        (2000, 0.01),
        (4096, 0.01),
    ):  # the first one is read, the others are not
        text = (unit * 4096)[:length]
        begun = stopwatch.perf_counter()
        assert parsed(text, locale) is None
        assert stopwatch.perf_counter() - begun < seconds


class TestWhenItIs:
    def test_today_is_only_for_what_is_still_ahead(self) -> None:
        evening = datetime(2026, 3, 2, 21, tzinfo=BERLIN)
        assert parsed("today at 18") == Wish(OnceAt(0, time(18)))
        assert parsed("today at 18", now=evening) is None
        assert parsed("on Monday at 18", now=evening) == Wish(OnceAt(7, time(18)))

    def test_the_day_is_that_of_the_person(self) -> None:
        late = datetime(2026, 3, 2, 23, 30, tzinfo=BERLIN)  # in Auckland it is Tuesday, 11:30
        auckland = ZoneInfo("Pacific/Auckland")
        assert parsed("on Tuesday at 9", now=late, zone=auckland) == Wish(OnceAt(7, time(9)))
        assert parsed("on Tuesday at 12", now=late, zone=auckland) == Wish(OnceAt(0, time(12)))
        assert parsed("today at 12", now=late, zone=auckland) == Wish(OnceAt(0, time(12)))

    def test_thirty_days_are_the_most(self) -> None:
        assert parsed("in 30 days at 9") == Wish(OnceAt(30, time(9)))
        assert parsed("in 30 days") == Wish(OnceIn(30 * 24 * 60))
        assert parsed("in 721 hours") is None


class TestOwnText:
    def test_a_hundred_characters_are_the_most(self) -> None:
        assert parsed("at 9: " + "a" * 100) == Wish(AtTimes((time(9),)), Kind.OWN, "a" * 100)
        assert parsed("at 9: " + "a" * 101) is None

    def test_it_is_kept_as_typed(self) -> None:
        for text in ("Ruf Mama an!", "¡Hola! ¿Qué tal?", "👩‍❤️‍👨 wir zwei", "<b>x</b> {y} %s"):
            wish = parsed(f"every day at 9: {text} ")
            assert wish is not None
            assert wish.text == text

    def test_a_sentence_in_the_persons_own_language_is_no_text_in_another(self) -> None:
        assert parsed("in 20 min bin ich da", "en") is not None
        assert content().understand("in 20 min bin ich da", "de", NOW, BERLIN) is None


@pytest.mark.parametrize("locale", LOCALES)
def test_what_a_reminder_is_called_is_understood(locale: str) -> None:
    """Whoever types what the list calls it, or what its button says, means that."""
    for kind in Kind:
        if kind is not Kind.OWN:
            wish = parsed(f"9:00: {content().text(locale, f'remind.kind.{kind}')}", locale)
            assert wish is not None, kind
            assert wish.kind is kind


@pytest.mark.parametrize("locale", LOCALES)
def test_what_the_buttons_offer_is_one_of_each(locale: str) -> None:
    wishes = [parsed(each, locale) for each in content().all_of(locale, "remind.wishes")]
    assert [type(wish.when) for wish in wishes if wish] == [AtTimes, EverySo, SomeTimes, OnceIn]
