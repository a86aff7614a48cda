"""One person's weeks in numbers: how strong it was, what they needed, when, and what they said helped.

Only what somebody tapped is counted. A number given at the start of a check-in is held against the one at its
end of the same check-in, never against another's; and nothing is said to be because of anything.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from enum import StrEnum
from statistics import median
from typing import Any

from bot.domain.script import TimeOfDay

ENOUGH = 3
"""So many check-ins with a number, and there is a picture; so many answers, and there is a part of one."""
BEFORE, AFTER, NEED, NEED_NOW, HELPED = "before", "after", "need", "word_now", "helped"
"""The steps whose answers are looked at, in every check-in that has them."""
NEEDS = ("connection", "calm", "understanding")
HELPS = {
    "pausing": "pausing",
    "pause": "pausing",
    "space": "space",
    "sign": "sign",
    "softly": "softly",
    "words": "words",
    "listening": "listening",
    "touch": "touch",
}
"""What can be said to have helped, after a talk and in a look back, and what it counts as."""
DAYS_OF_WEEK, WEEKS, MONTHS = 7, 13, 12


class Period(StrEnum):
    WEEK = "week"
    TWO_WEEKS = "two_weeks"
    THREE_MONTHS = "three_months"
    YEAR = "year"


OFFERED = (Period.TWO_WEEKS, Period.THREE_MONTHS, Period.YEAR)


@dataclass(frozen=True)
class CheckIn:
    """One check-in, at the wall-clock time at which its person began it. What they left out is None."""

    at: datetime
    before: int | None = None
    after: int | None = None
    need: str | None = None
    helped: str | None = None

    @property
    def number(self) -> int | None:
        """The first that was given."""
        return self.after if self.before is None else self.before

    @property
    def is_pair(self) -> bool:
        return self.before is not None and self.after is not None


@dataclass(frozen=True)
class Span:
    """A day, a week or a month of a period: middle values (medians), and how often which need was named.

    `before` and `after` are of the check-ins that have both numbers, `alone` of those with only one.
    """

    begins: date
    before: float | None
    after: float | None
    alone: float | None
    needs: Mapping[str, int]


@dataclass(frozen=True)
class Trends:
    """A period. `numbers` and `pairs`: how many check-ins have a number, and both; the rest is as in Span."""

    period: Period
    spans: tuple[Span, ...]
    numbers: int
    pairs: int
    before: float | None
    after: float | None
    needs: Mapping[str, int]
    times: Mapping[str, int]
    """by TimeOfDay, of the check-ins that have a number"""
    helped: Mapping[str, int]

    @property
    def enough(self) -> bool:
        return self.numbers >= ENOUGH

    def to_json(self) -> dict[str, Any]:
        spans = [{**asdict(span), "begins": span.begins.isoformat()} for span in self.spans]
        return {**asdict(self), "period": self.period.value, "spans": spans}

    @classmethod
    def from_json(cls, read: Mapping[str, Any]) -> "Trends":
        spans = tuple(
            Span(**{**span, "begins": date.fromisoformat(span["begins"])}) for span in read["spans"]
        )
        return cls(**{**read, "period": Period(read["period"]), "spans": spans})


def check_in(at: datetime, answers: Mapping[str, int | str]) -> CheckIn:
    """What counts of a session's answers; `at` is where its person is."""
    needs = [answers.get(step) for step in (NEED, NEED_NOW)]
    return CheckIn(
        at,
        before=_number(answers.get(BEFORE)),
        after=_number(answers.get(AFTER)),
        need=next((str(each) for each in needs if each in NEEDS), None),
        helped=HELPS.get(str(answers.get(HELPED))),
    )


def begins(period: Period, today: date) -> tuple[date, ...]:
    """The first day of each span (a day, seven days, a month) of a period that ends with `today`."""
    match period:
        case Period.WEEK | Period.TWO_WEEKS:
            days = DAYS_OF_WEEK if period is Period.WEEK else 2 * DAYS_OF_WEEK
            return tuple(today - timedelta(days=ago) for ago in reversed(range(days)))
        case Period.THREE_MONTHS:
            last = today - timedelta(days=DAYS_OF_WEEK - 1)
            return tuple(last - timedelta(weeks=ago) for ago in reversed(range(WEEKS)))
        case Period.YEAR:
            months = range(today.year * 12 + today.month - MONTHS, today.year * 12 + today.month)
            return tuple(date(month // 12, month % 12 + 1, 1) for month in months)


def look(check_ins: Iterable[CheckIn], period: Period, today: date) -> Trends:
    """The period that ends with `today`; what was before it or is after it is left out."""
    starts = begins(period, today)
    seen = [each for each in check_ins if starts[0] <= each.at.date() <= today]
    ends = (*starts[1:], today + timedelta(days=1))
    spans = [
        _span(start, [each for each in seen if start <= each.at.date() < end])
        for start, end in zip(starts, ends, strict=True)
    ]
    numbers = [each for each in seen if each.number is not None]
    pairs = [each for each in numbers if each.is_pair]
    return Trends(
        period,
        tuple(spans),
        numbers=len(numbers),
        pairs=len(pairs),
        before=_middle(each.before for each in pairs),
        after=_middle(each.after for each in pairs),
        needs=_counted(NEEDS, (each.need for each in seen)),
        times=_counted(
            [part.value for part in TimeOfDay], (TimeOfDay.at(each.at.hour).value for each in numbers)
        ),
        helped=_counted(dict.fromkeys(HELPS.values()), (each.helped for each in seen)),
    )


def most(counts: Mapping[str, int]) -> tuple[str, int, int] | None:
    """What was there most often, how often, and of how many; None with too few, or if two are even."""
    (_, often), *others = ranked = sorted(counts.items(), key=lambda each: -each[1])
    total = sum(counts.values())
    if total < ENOUGH or any(count == often for _, count in others):
        return None
    return ranked[0][0], often, total


def _span(start: date, there: Sequence[CheckIn]) -> Span:
    pairs = [each for each in there if each.is_pair]
    return Span(
        start,
        before=_middle(each.before for each in pairs),
        after=_middle(each.after for each in pairs),
        alone=_middle(each.number for each in there if not each.is_pair),
        needs=_counted(NEEDS, (each.need for each in there)),
    )


def _number(answer: int | str | None) -> int | None:
    return answer if isinstance(answer, int) else None


def _middle(numbers: Iterable[int | None]) -> float | None:
    given = [each for each in numbers if each is not None]
    return float(median(given)) if given else None


def _counted(names: Iterable[str], said: Iterable[str | None]) -> dict[str, int]:
    """How often each was said; in the order of the names, so that zeros keep their place."""
    found = Counter(said)
    return {name: found[name] for name in names}
