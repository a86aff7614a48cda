"""Whether a bot is there."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SILENCE = 10.0  # a bot at work may be quiet for so long (real seconds)
GRACE = 0.5  # one that closed its connection may be about to open the next


class Presence:
    """A bot is there while a call of its is open, and for a little while after."""

    def __init__(self, changed: Callable[[], None]) -> None:
        self._changed = changed
        self._open = 0
        self._until = 0.0
        self._told = False
        self._hung_up = False
        self._timer: asyncio.TimerHandle | None = None

    @property
    def connected(self) -> bool:
        return self._open > 0 or time.monotonic() < self._until

    @property
    def left(self) -> bool:
        """Not only silent: it closed its connections."""
        return self._hung_up and not self.connected

    @contextmanager
    def call(self) -> Iterator[None]:
        """A call that ends by cancellation was closed by the bot."""
        self._open += 1
        grace = SILENCE
        if not self._told:
            self._look()
        try:
            yield
        except asyncio.CancelledError:
            grace = GRACE
            raise
        finally:
            self._open -= 1
            self._until = time.monotonic() + grace
            self._hung_up = grace == GRACE
            if grace == GRACE or self._timer is None:
                self._look()

    def close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _look(self) -> None:
        self.close()
        self._timer = None
        if not self._open and self.connected:
            left = self._until - time.monotonic()
            self._timer = asyncio.get_running_loop().call_later(left + 0.01, self._look)
        if self.connected != self._told:
            self._told = self.connected
            self._changed()
