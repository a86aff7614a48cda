"""The playground's time: it flows, stands still, and goes on from where it was."""

from __future__ import annotations

import math
import time
from datetime import UTC, datetime

from bot.playground.errors import ControlError
from bot.playground.waiting import Signal


def real_now() -> int:
    return time.time_ns() // 1_000_000


def to_iso(milliseconds: int) -> str:
    seconds, rest = divmod(milliseconds, 1000)
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%S") + f".{rest:03d}Z"


def from_iso(text: object) -> int:
    """Milliseconds, rounded up, so that who waits for the instant finds it has come."""
    try:
        moment = datetime.fromisoformat(str(text))
    except ValueError:
        raise ControlError(f"not an ISO time: {text}") from None
    if moment.tzinfo is None:
        raise ControlError(f"an ISO time needs its offset or Z: {text}")
    whole = round(moment.replace(microsecond=0).timestamp()) * 1000
    return whole + math.ceil(moment.microsecond / 1000)


class Clock:
    """Tells the time; `seq` counts all that the bot has to be told: moves, switches and batches."""

    def __init__(self, start_ms: int, *, flowing: bool) -> None:
        self.changed = Signal()
        self.seq = real_now()  # above anything a bot remembers of an earlier run
        self.flowing = flowing
        self._held = False
        self._base = start_ms
        self._since = time.monotonic()

    @property
    def running(self) -> bool:
        return self.flowing and not self._held

    @property
    def now_ms(self) -> int:
        if not self.running:
            return self._base
        return self._base + int((time.monotonic() - self._since) * 1000)

    @property
    def seconds(self) -> int:
        return self.now_ms // 1000

    @property
    def iso(self) -> str:
        return to_iso(self.now_ms)

    def move(self, to_ms: int) -> None:
        if to_ms < self.now_ms:
            raise ControlError("the clock does not go back")
        self._rebase(to_ms)
        self.bump()

    def begin(self, at_ms: int) -> None:
        """Another world's time: the only way back."""
        self._rebase(at_ms)
        self.bump()

    def switch(self, *, flowing: bool) -> None:
        if flowing != self.flowing:
            self._rebase(self.now_ms)
            self.flowing = flowing
            self.bump()

    def hold(self, *, held: bool) -> None:
        """Stand still for a while, whatever the switch says."""
        self._rebase(self.now_ms)
        self._held = held
        if self.flowing:
            self.bump()

    def bump(self) -> None:
        self.seq += 1
        self.changed.notify()

    def _rebase(self, now_ms: int) -> None:
        self._base = now_ms
        self._since = time.monotonic()
