"""Where pictures are drawn: in one worker process, which is there only while there is something to draw."""

from collections.abc import Callable
from typing import TypeVarTuple

import structlog

from bot.worker import Worker, WorkerUnavailable

log = structlog.get_logger()

Arguments = TypeVarTuple("Arguments")

PATIENCE = 15.0
"""Seconds that a person waits for a picture at most; then the words go alone."""
REST = 300.0
"""Seconds without a picture to draw, after which the process ends."""


QUEUE = 4
"""Pictures."""


class NoPicture(RuntimeError):
    """There is no picture to be had, and it was logged why: what was to go with it goes without it."""


class Studio(Worker):
    """Draws in a process of its own. For one event loop; `close` it in the end."""

    def __init__(self, patience: float = PATIENCE, rest: float | None = REST) -> None:
        super().__init__(patience, rest)

    async def draw(
        self, function: Callable[[*Arguments], bytes], *arguments: *Arguments, bulk: bool = False
    ) -> bytes:
        """The picture that a function of this package makes of plain values. Raises NoPicture.

        `bulk` gives way: with `QUEUE` pictures to draw it gets none, so that whoever has asked for one has
        not to wait for the Sunday evening of everybody else.
        """
        if bulk and self._calls >= QUEUE:
            raise NoPicture("busy")
        try:
            return await self._call(function, *arguments)
        except WorkerUnavailable as error:
            reason = str(error)
        except Exception as error:  # of the drawing: its text may hold what was drawn
            reason = type(error).__name__
        log.warning("picture.failed", picture=getattr(function, "__name__", "?"), reason=reason)
        raise NoPicture(reason)
