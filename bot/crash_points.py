"""Named places at which the process can be made to die, as a machine does that loses its power.

`STILLHERE_CRASH_AT=after_commit` strikes it down with SIGKILL when it gets there, `after_commit:3` the third
time. Without that variable nothing happens. The tests need the very moment between two statements, which no
signal from outside can hit; so the places stand in the code, where who changes it sees them.
"""

import itertools
import os
import signal
from typing import Final

VARIABLE: Final = "STILLHERE_CRASH_AT"
"""Read here, not in the settings: it is none. Nobody sets it but the tests."""

POINTS: Final = (
    "after_fetch",
    "in_transaction",
    "after_commit",
    "in_due_timers",
    "before_send",
    "after_send",
    "in_housekeeping",
    "in_migration",
)

_armed, _, _nth = os.environ.get(VARIABLE, "").partition(":")
_times = itertools.count(1)


def reached(point: str) -> None:
    """The process is at this place; it ends here if it was told to."""
    if point == _armed:
        _strike()


def _strike() -> None:
    if next(_times) == int(_nth or 1):
        os.kill(os.getpid(), signal.SIGKILL)
