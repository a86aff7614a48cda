"""Breathing patterns, and where in a breath one is."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256


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
MINUTES = (1, 3, 5)
"""The lengths there are; five a day is what cyclic sighing was studied with (Balban et al. 2023)."""
LONGEST_PHASE, LONGEST_BREATH = 20, 40
"""Seconds, of timings of one's own."""
_OWN = re.compile(r"\s*\d{1,2}(?:[\s,/–-]+\d{1,2}){1,3}\s*")


def own_pattern(text: str) -> Pattern | None:
    """Timings of one's own, like “4-6”, “4 7 8” or “4-4-4-4”: in, (hold), out, (hold); None if it is none."""
    if not _OWN.fullmatch(text):
        return None
    seconds = [int(each) for each in re.findall(r"\d+", text)]
    if not all(1 <= each <= LONGEST_PHASE for each in seconds) or sum(seconds) > LONGEST_BREATH:
        return None
    names = (
        (("in", 1), ("out", 0)) if len(seconds) == 2 else (("in", 1), ("hold", 1), ("out", 0), ("hold", 0))
    )
    phases = tuple(Phase(name, each, full) for (name, full), each in zip(names, seconds, strict=False))
    return Pattern("-".join(map(str, seconds)), phases)


def pattern_named(name: str) -> Pattern | None:
    """One that is there, or timings of one's own."""
    return PATTERNS.get(name) or own_pattern(name)


def fingerprint(pattern: Pattern, words: Mapping[str, str]) -> str:
    """What a picture of this breath with these words of its phases is known by."""
    phases = [(each.name, each.seconds, each.full, words[each.name]) for each in pattern.phases]
    return sha256(repr((pattern.id, phases)).encode()).hexdigest()[:16]


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
