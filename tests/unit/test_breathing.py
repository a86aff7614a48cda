"""Where in a breath one is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.domain.breathing import ONE_MINUTE, PATTERNS, SLOW, Moment, Pattern, Phase, moment

SIGH = Pattern("sigh", (Phase("in", 2), Phase("sip", 1), Phase("out", 5)))


@pytest.mark.parametrize(
    ("elapsed", "expected"),
    [
        (0, Moment("in", 0, 6)),
        (2.5, Moment("in", 0.5, 5)),
        (5, Moment("out", 0, 5)),
        (9, Moment("out", 0.8, 5)),
        (10, Moment("in", 0, 5)),
        (57.5, Moment("out", 0.5, 0)),
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
    pattern=st.sampled_from([SLOW, SIGH]),
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
    before = 0.0
    for phase in pattern.phases:
        if phase.name == now.phase:
            assert before + now.fraction * phase.seconds == pytest.approx(elapsed % pattern.seconds)
        before += phase.seconds
    left = total - elapsed - now.breaths_left * pattern.seconds
    assert 0 <= left < pattern.seconds
