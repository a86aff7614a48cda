"""One's weeks in words, and the words on their picture."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_skeleton
from babel.lists import format_list
from babel.numbers import format_decimal

from bot.domain.decision import Notice
from bot.domain.script import TimeOfDay
from bot.domain.trends import HELPS, NEEDS, Period, Trends, most
from bot.pictures.charts import Labels
from bot.telegram.render.words import Words

TRENDS = "trends.picture"
LOOK_BACK, LOOK_BACK_PICTURED = "nudge.look_back", "nudge.look_back_pictured"
EVERY = {Period.WEEK: 1, Period.YEAR: 2}
"""Every so many spans of time has a label, counted from the last; every fourth where nothing is said."""
SKELETONS = {Period.WEEK: "E", Period.YEAR: "MMM"}
"""CLDR's: a weekday, a month; day and month where nothing is said."""


@dataclass(frozen=True)
class Chart:
    """A picture that is still to be drawn. `strength_only`: without needs, times, and what helped."""

    trends: Trends
    labels: Labels
    strength_only: bool


def chart_of(notice: Notice, w: Words) -> Chart | None:
    """The picture that goes with a notice, if one does."""
    if notice.kind not in (LOOK_BACK, TRENDS):
        return None
    trends = _trends(notice)
    return None if trends is None else Chart(trends, _labels(trends, w), notice.kind == LOOK_BACK)


def text_key(notice: Notice) -> str:
    """A nudge with a picture has other words than one without."""
    pictured = notice.kind == LOOK_BACK and "trends" in notice.private
    return LOOK_BACK_PICTURED if pictured else notice.kind


def trends_values(notice: Notice, values: Mapping[str, Any], w: Words) -> dict[str, str]:
    heading = {"heading": w(f"trends.period.{notice.parameters.get('period', Period.WEEK)}")}
    trends = _trends(notice)
    if trends is None:
        return heading
    return {**heading, "numbers_said": _numbers(trends, w), "most_said": _most(trends, w)}


def _trends(notice: Notice) -> Trends | None:
    read = notice.private.get("trends")
    return None if read is None else Trends.from_json(read)


def _numbers(trends: Trends, w: Words) -> str:
    """The first sentence: how often, and the middle of the numbers at first and afterwards."""
    if trends.before is None or trends.after is None:
        return w("trends.numbers.none", numbers=trends.numbers)
    return w(
        "trends.numbers.one" if trends.pairs == 1 else "trends.numbers.other",
        numbers=trends.numbers,
        pairs=trends.pairs,
        before=format_decimal(trends.before, locale=w.reader.locale),
        after=format_decimal(trends.after, locale=w.reader.locale),
    )


def _most(trends: Trends, w: Words) -> str:
    """The second sentence: what was there most often, if anything was; without it, nothing."""
    parts = []
    if found := most(trends.needs):
        parts.append(_part("trends.most_need", w(f"trends.need.{found[0]}"), found, w))
    if found := most(trends.times):
        parts.append(_part("trends.most_time", w(f"trends.at.{found[0]}"), found, w))
    if found := most(trends.helped):
        parts.append(_part("trends.most_helped", w(f"trends.helped.{found[0]}"), found, w))
    if not parts:
        return ""
    return " " + w("trends.most", parts=format_list(parts, locale=w.reader.locale))


def _part(key: str, what: str, found: tuple[str, int, int], w: Words) -> str:
    _, count, total = found
    return w(key, what=what, count=count, total=total)


def _labels(trends: Trends, w: Words) -> Labels:
    every = EVERY.get(trends.period, 4)
    last = len(trends.spans) - 1
    return Labels(
        strength=w("trends.label.strength"),
        before=w("trends.label.before"),
        after=w("trends.label.after"),
        alone=w("trends.label.alone"),
        need=w("trends.label.need"),
        needs={each: w(f"trends.need.{each}") for each in NEEDS},
        time=w("trends.label.time"),
        times={each.value: w(f"trends.time.{each}") for each in TimeOfDay},
        help=w("trends.label.help"),
        helped={each: w(f"trends.helped.{each}") for each in HELPS.values()},
        spans=tuple(
            _span(span.begins, trends.period, w) if (last - at) % every == 0 else ""
            for at, span in enumerate(trends.spans)
        ),
    )


def _span(begins: date, period: Period, w: Words) -> str:
    label: str = format_skeleton(SKELETONS.get(period, "MMMd"), begins, locale=w.reader.locale)
    return label
