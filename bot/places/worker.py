"""What runs in the worker process. Importing this is cheap; what is heavy is imported at first use there."""

import multiprocessing
import os
import signal
import threading
from functools import cache
from typing import TYPE_CHECKING

from bot.places.city import City

if TYPE_CHECKING:
    from bot.places.gazetteer import Gazetteer


def start() -> None:
    """Prepare the process: Ctrl-C is the parent's to handle, and the parent's death is its own."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_die_with, args=(parent,), daemon=True).start()


def ready() -> int:
    """The process id, once the process runs."""
    return os.getpid()


def prepare() -> None:
    """Load everything that the look-ups need (1.5 s)."""
    gazetteer()
    zone_at(0, 0)


def cities(text: str, limit: int) -> list[City]:
    """Like Places.cities."""
    return gazetteer().search(text, limit)


def zone_at(latitude: float, longitude: float) -> str | None:
    """Like Places.zone_at."""
    import tzfpy

    return tzfpy.get_tz(longitude, latitude) or None


@cache
def gazetteer() -> "Gazetteer":
    from bot.places.gazetteer import Gazetteer

    return Gazetteer()


def _die_with(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os._exit(0)
