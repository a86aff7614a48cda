"""Where in a breath one is."""

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.breathing import ONE_MINUTE, PATTERNS, SLOW, Moment, Pattern, Phase, moment, whole_breaths

SIGH = Pattern("sigh", (Phase("in", 2, 0.5), Phase("sip", 1, 1), Phase("out", 5, 0)))


@pytest.mark.parametrize(
    ("elapsed", "expected"),
    [
        (0, Moment("in", 0, 6, 0, 1)),
        (2.5, Moment("in", 0.5, 5, 0.5, 1)),
        (5, Moment("out", 0, 5, 1, 0)),
        (7.5, Moment("out", 0.5, 5, 0.5, 0)),
        (10, Moment("in", 0, 5, 0, 1)),
        (57.5, Moment("out", 0.5, 0, 0.5, 0)),
        (60, None),
        (61, None),
    ],
)
def test_a_minute_of_slow_breaths(elapsed: float, expected: Moment | None) -> None:
    assert moment(SLOW, elapsed, ONE_MINUTE) == expected


def test_about_six_breaths_a_minute_and_no_holding() -> None:
    assert SLOW.seconds * 6 == ONE_MINUTE
    assert {phase.name for phase in SLOW.phases} == {"in", "out"}
    assert PATTERNS[SLOW.id] is SLOW


@pytest.mark.parametrize(("elapsed", "phase"), [(0, "in"), (2, "sip"), (2.5, "sip"), (3, "out"), (8, "in")])
def test_phases_follow_each_other(elapsed: float, phase: str) -> None:
    now = moment(SIGH, elapsed, 60)
    assert now is not None
    assert now.phase == phase


@settings(derandomize=True, max_examples=300, database=None)
@given(
    pattern=st.sampled_from([SIGH, *PATTERNS.values()]),
    total=st.integers(1, 300),
    elapsed=st.integers(0, 400 * 8).map(lambda eighths: eighths / 8),
)
def test_every_moment_lies_in_a_phase(pattern: Pattern, total: int, elapsed: float) -> None:
    now = moment(pattern, elapsed, total)
    if elapsed >= total:
        assert now is None
        return
    assert now is not None
    assert 0 <= now.fraction < 1
    assert 0 <= now.full <= 1
    before, within = 0.0, elapsed % pattern.seconds
    for phase in pattern.phases:
        if before <= within < before + phase.seconds:
            assert (now.phase, now.heading) == (phase.name, phase.full)
            assert before + now.fraction * phase.seconds == pytest.approx(within)
        before += phase.seconds
    left = total - elapsed - now.breaths_left * pattern.seconds
    assert 0 <= left < pattern.seconds


@pytest.mark.parametrize("pattern", PATTERNS.values(), ids=lambda pattern: pattern.id)
def test_the_lungs_fill_and_empty_without_a_leap(pattern: Pattern) -> None:
    steps = [moment(pattern, at / 20, 10 * pattern.seconds) for at in range(round(20 * pattern.seconds) + 1)]
    fulls = [each.full for each in steps if each is not None]
    assert max(abs(after - before) for before, after in pairwise(fulls)) <= 1 / 20
    assert max(fulls) == pytest.approx(1, abs=0.05)
    assert (fulls[0], fulls[-1]) == pytest.approx((0, 0), abs=0.05)


def test_only_the_default_holds_no_breath_and_all_end_whole() -> None:
    holding = {pattern.id for pattern in PATTERNS.values() if any(p.name == "hold" for p in pattern.phases)}
    assert holding == {"box", "four_seven_eight"}
    for pattern in PATTERNS.values():
        seconds = whole_breaths(pattern, ONE_MINUTE)
        assert seconds % pattern.seconds == 0
        assert abs(seconds - ONE_MINUTE) <= pattern.seconds / 2
    assert whole_breaths(SLOW, 1) == SLOW.seconds
