"""Ids of what buttons name: they grow with time, and tell nothing but when they were made.

A button carries its id in plain, and a client can show it. Were they counted, two ids of one's own would say
how much the other has begun meanwhile: a check-in, a line, a form. Often two people have a bot to themselves.
"""

import secrets
import time
from threading import Lock

BITS = 29
"""Of chance, below the seconds: with them an id has 18 digits at most until 2060."""
BEGIN = 1_767_225_600
"""2026-01-01, 00:00 UTC, in seconds since 1970."""
_WITHIN = 1 << 16
"""The largest step from one id to the next in the same second."""


class Ids:
    """Gives out ids of which none comes twice, each greater than the one before."""

    def __init__(self) -> None:
        self._last = 0
        self._turn = Lock()

    def new(self, seconds: float) -> int:
        """An id made at this time (seconds since 1970). It decides nothing: only the order is used."""
        with self._turn:
            drawn = (max(int(seconds) - BEGIN, 1) << BITS) + secrets.randbelow(1 << BITS - 1)
            if drawn <= self._last:  # the same second, or a clock that was put back
                drawn = self._last + 1 + secrets.randbelow(_WITHIN)
            self._last = drawn
            return drawn


_ids = Ids()


def new_id() -> int:
    """For a column's default. The clock of the machine, not the bot's: nothing is decided by it."""
    return _ids.new(time.time())
