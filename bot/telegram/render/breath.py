"""A breath as text: a row that fills while one breathes in and empties while one breathes out."""

from typing import Any, Protocol

from bot.domain.breathing import Pattern, moment

WIDTH = 8
FULL, EMPTY = "●", "○"


class Say(Protocol):
    """Words by key, in one language."""

    def __call__(self, key: str, **values: Any) -> str: ...


def beside(say: Say, pattern: Pattern, elapsed: float, total: float) -> str:
    """What stands under a picture that moves by itself: how many breaths are left."""
    now = moment(pattern, elapsed, total)
    return say("breath.ended") if now is None else _left(say, now.breaths_left)


def _left(say: Say, count: int) -> str:
    if not count:
        return ""
    return say("breath.left.one") if count == 1 else say("breath.left.other", count=count)


def frame(say: Say, pattern: Pattern, elapsed: float, total: float) -> str:
    """What the message shows `elapsed` seconds into an exercise of `total` seconds."""
    now = moment(pattern, elapsed, total)
    if now is None:
        return say("breath.ended")
    # The row shows where the breath is heading: an edit comes only every few seconds.
    filled = round(WIDTH * (now.full + (now.heading - now.full) / 2))
    row = FULL * filled + EMPTY * (WIDTH - filled)
    left = _left(say, now.breaths_left)
    phase = say(f"breath.phase.{now.phase}")
    return f"{row}  <b>{phase}</b>" + (f"\n{left}" if left else "")
