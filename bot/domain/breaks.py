"""A person's own breaks, as facts for themselves: when they asked, what they named, when they were back."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from bot.domain.space import PATIENCE, Part, State


class Outcome(StrEnum):
    """What became of a break, for the one who asked for it."""

    AWAY = "away"
    AS_SAID = "as_said"
    LATER = "later"
    BACK = "back"
    """they came back; when was not yet kept then"""
    TAKEN_BACK = "taken_back"
    LAPSED = "lapsed"
    ENDED = "ended"
    """the link ended first"""


@dataclass(frozen=True)
class LoggedBreak:
    """One break this person asked for. `named` is the time of return that held when they left it."""

    asked_at: datetime
    part: Part
    state: State
    left_at: datetime | None
    named: datetime

    @property
    def outcome(self) -> Outcome:
        if self.part is Part.WITHDRAWN:
            return Outcome.TAKEN_BACK
        if self.part is Part.AWAY:
            over = {State.LAPSED: Outcome.LAPSED, State.CLOSED: Outcome.ENDED}
            return over.get(self.state, Outcome.AWAY)
        if self.left_at is None:
            return Outcome.BACK
        # Who answers the question that is asked at the time keeps it.
        return Outcome.AS_SAID if self.left_at <= self.named + PATIENCE else Outcome.LATER


def kept(breaks: Iterable[LoggedBreak]) -> tuple[int, int]:
    """How often they returned when they said, and of how many. What was taken back, or cut short by the end
    of a link, does not count.
    """
    outcomes = [each.outcome for each in breaks]
    as_said = outcomes.count(Outcome.AS_SAID)
    return as_said, as_said + outcomes.count(Outcome.LATER) + outcomes.count(Outcome.LAPSED)
