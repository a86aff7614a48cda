"""How a nudge stays welcome: the kinds, what comes of one that nobody answers, and how to have fewer.

An answer is any tap under a nudge, a check-in finished, or a breath to its end.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import Enum, StrEnum

from bot.domain.rules import Every, Moments, Rule, Times, planned
from bot.domain.wall_clock import utc


class Kind(StrEnum):
    """What a reminder is for."""

    BREATHE = "breathe"
    CHECK_IN = "check_in"
    LEAN_IN = "lean_in"
    SLOW_DOWN = "slow_down"
    TOGETHER = "together"
    LOOK_BACK = "look_back"
    OWN = "own"


WEEKLY_KINDS = (Kind.TOGETHER, Kind.LOOK_BACK)
"""Those of the week: in quiet hours they make no sound, and having fewer does not concern them."""
LATER = (10, 30, 60)
"""Minutes."""
PATIENCE = 3
"""So many in a row without an answer, and the bot asks instead of nudging once more."""
HEARD_NOTHING = timedelta(days=7)
"""How long the bot stays quiet when that question gets no answer either."""
LONG_BREAK = timedelta(days=14)
ONE_A_WEEK = timedelta(days=6, hours=12)
"""Closer than that, two are in one week. (Half a day less: clocks change, and a batch may be late.)"""
WORKDAYS = frozenset(range(5))


@dataclass(frozen=True)
class Nudged:
    """What came of a person's nudges. `unanswered`: how many in a row, the last one included."""

    last_at: datetime
    last_key: str | None
    """the key of the notice that made the last one, while it may have buttons"""
    unanswered: int = 0
    asked: bool = False
    """whether they were asked if these come at a wrong time, since they last answered one"""

    def answered(self) -> "Nudged":
        return replace(self, unanswered=0, asked=False)

    def nudged(self, at: datetime, key: str) -> "Nudged":
        return Nudged(at, key, self.unanswered + 1, self.asked)

    def was_asked(self, at: datetime, key: str) -> "Nudged":
        return Nudged(at, key, self.unanswered, asked=True)


class Manner(Enum):
    """What to do where a nudge would come."""

    NUDGE = "nudge"
    ASK = "ask"
    """ask whether they come at a wrong time"""
    REST = "rest"
    """say nothing"""


def manner(state: Nudged | None, due: datetime) -> Manner:
    """Whether the nudge due at `due` comes, after what came of those before it."""
    if state is None or state.unanswered < PATIENCE:
        return Manner.NUDGE
    if not state.asked:
        return Manner.ASK
    return Manner.NUDGE if utc(due) - utc(state.last_at) >= ONE_A_WEEK else Manner.REST


def on_workdays(rule: Rule) -> Rule | None:
    """The same from Monday to Friday only; None if that changes nothing, or nothing would be left."""
    if not isinstance(rule, Times | Every | Moments):
        return None
    days = (rule.days or frozenset(range(7))) & WORKDAYS
    return None if not days or days == rule.days else replace(rule, days=days)


def once_a_day(rule: Rule) -> Rule | None:
    """The same at its first time of the day only; None if that changes nothing."""
    match rule:
        case Times(times=[first, _, *_]):
            return replace(rule, times=(first,))
        case Every() if len(planned(replace(rule, days=frozenset()), date(2026, 1, 1))) > 1:
            return Times((rule.start,), rule.days)
        case Moments() if rule.count > 1:
            return replace(rule, count=1)
    return None


def at_most_one_a_day(rules: Iterable[tuple[int, Rule]]) -> dict[int, Rule | None]:
    """What to change, of all that somebody has, so that one a day comes: another rule, or off (None).

    The first one of a day stays. What comes once is left alone.
    """
    changes: dict[int, Rule | None] = {}
    taken: set[int] = set()
    for place, rule in rules:
        if not isinstance(rule, Times | Every | Moments):
            continue
        days = rule.days or frozenset(range(7))
        free = days - taken
        taken |= days
        fewer = once_a_day(rule)
        if not free:
            changes[place] = None
        elif free != days:
            kept = fewer or rule
            assert isinstance(kept, Times | Every | Moments)
            changes[place] = replace(kept, days=free)
        elif fewer is not None:
            changes[place] = fewer
    return changes
