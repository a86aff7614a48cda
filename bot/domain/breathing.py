"""Breathing patterns, and where in a breath one is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Phase:
    """One part of a breath. `name` is worded in content/, under `breath.phase`.

    `full` is how full one is at its end, from 0 to 1.
    """

    name: str
    seconds: float
    full: float


@dataclass(frozen=True)
class Pattern:
    """A breath that is repeated."""

    id: str
    phases: tuple[Phase, ...]

    @property
    def seconds(self) -> float:
        return sum(phase.seconds for phase in self.phases)


@dataclass(frozen=True)
class Moment:
    """Where one is: the phase, how much of it is over (0 to 1), and whole breaths still to come.

    `full` is how full one is now, `heading` how full at the phase's end, both from 0 to 1.
    """

    phase: str
    fraction: float
    breaths_left: int
    full: float
    heading: float


SLOW = Pattern("slow", (Phase("in", 5, 1), Phase("out", 5, 0)))
"""About six breaths a minute, no holding: the default."""
SIGHING = Pattern("sighing", (Phase("in", 3, 0.75), Phase("top_up", 1, 1), Phase("out", 6, 0)))
"""Cyclic sighing: a shorter breath in on top of the first, then a long one out (Balban et al. 2023)."""
BOX = Pattern("box", (Phase("in", 4, 1), Phase("hold", 4, 1), Phase("out", 4, 0), Phase("hold", 4, 0)))
FOUR_SEVEN_EIGHT = Pattern("four_seven_eight", (Phase("in", 4, 1), Phase("hold", 7, 1), Phase("out", 8, 0)))
PATTERNS = {pattern.id: pattern for pattern in (SLOW, SIGHING, BOX, FOUR_SEVEN_EIGHT)}
ONE_MINUTE = 60


def whole_breaths(pattern: Pattern, seconds: float) -> float:
    """The length nearest to `seconds` in which every breath is whole."""
    return max(1, round(seconds / pattern.seconds)) * pattern.seconds


def moment(pattern: Pattern, elapsed: float, total: float) -> Moment | None:
    """Where in the exercise one is after `elapsed` of `total` seconds; None when it is over."""
    if elapsed >= total:
        return None
    within = elapsed % pattern.seconds
    left = int((total - elapsed) // pattern.seconds)
    before = pattern.phases[-1].full
    for phase in pattern.phases:
        if within < phase.seconds:
            fraction = within / phase.seconds
            full = before + (phase.full - before) * fraction
            return Moment(phase.name, fraction, left, full, phase.full)
        within -= phase.seconds
        before = phase.full
    raise AssertionError("a moment lies in one of the phases")
