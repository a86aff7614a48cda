"""Breathing patterns, and where in a breath one is."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Phase:
    """One part of a breath. `name` is worded in content/, under `breath.phase`."""

    name: str
    seconds: float


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
    """Where one is: the phase, how much of it is over (0 to 1), and whole breaths still to come."""

    phase: str
    fraction: float
    breaths_left: int


SLOW = Pattern("slow", (Phase("in", 5), Phase("out", 5)))
"""About six breaths a minute, no holding."""
PATTERNS = {SLOW.id: SLOW}
ONE_MINUTE = 60


def moment(pattern: Pattern, elapsed: float, total: float) -> Moment | None:
    """Where in the exercise one is after `elapsed` of `total` seconds; None when it is over."""
    if elapsed >= total:
        return None
    within = elapsed % pattern.seconds
    left = int((total - elapsed) // pattern.seconds)
    for phase in pattern.phases:
        if within < phase.seconds:
            return Moment(phase.name, within / phase.seconds, left)
        within -= phase.seconds
    raise AssertionError("a moment lies in one of the phases")
