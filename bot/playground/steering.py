"""The bot's clock poll, and moving the clock in step with it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from bot.playground.clock import Clock, from_iso, to_iso
from bot.playground.errors import ControlError
from bot.playground.presence import Presence
from bot.playground.queue import UpdateQueue
from bot.playground.state import Json

POLL_SECONDS = 20.0
PATIENCE = 30.0
_NUDGES = 3


@dataclass(frozen=True)
class Report:
    """What the bot says of itself when it is idle."""

    seq: int
    idle: bool
    handled: int
    next_ms: int | None = None
    due: list[Json] = field(default_factory=list)

    @classmethod
    def read(cls, body: Json) -> Report:
        try:
            following = body.get("next")
            return cls(
                seq=int(body["seq"]),
                idle=bool(body["idle"]),
                handled=int(body["handled"]),
                next_ms=None if following is None else from_iso(following),
                due=[_due(each) for each in body["due"]],
            )
        except (KeyError, TypeError, ValueError) as error:
            raise ControlError(f"not a report: {error!r}") from None


class Steering:
    """Knows whether the bot has settled, and waits for it."""

    def __init__(
        self, clock: Clock, queue: UpdateQueue, presence: Presence, tell: Callable[[], None]
    ) -> None:
        self._clock = clock
        self._queue = queue
        self._presence = presence
        self._tell = tell
        self._report: Report | None = None
        self._poller = 0
        self._moving = asyncio.Lock()
        self.closing = False

    # the bot's side

    async def poll(self, report: Report) -> Json:
        self._poller += 1
        mine = self._poller
        self._report = report
        self._clock.changed.notify()
        self._tell()
        try:
            await self._clock.changed.wait_until(
                lambda: self._clock.seq != report.seq or self._poller != mine or self.closing, POLL_SECONDS
            )
        except asyncio.CancelledError:
            if self._poller == mine:
                self._report = None
            raise
        return {
            "seq": self._clock.seq,
            "now": self._clock.iso,
            "flowing": self._clock.running,
            "delivered": self._queue.delivered,
        }

    def forget(self) -> None:
        """What a bot said that is no more."""
        self._report = None

    # what is so

    @property
    def settled(self) -> bool:
        report = self._report
        return (
            report is not None
            and report.idle
            and self._presence.connected
            and self._queue.all_given
            and report.seq == self._clock.seq
            and report.handled >= self._queue.delivered
        )

    @property
    def backing_off(self) -> bool:
        """Idle with updates waiting: its polls failed, or its webhook did, and time brings the next try."""
        report = self._report
        return (
            report is not None
            and report.idle
            and not self._queue.all_given
            and not self._queue.polled
            and (report.next_ms is not None or self._queue.held_back)
            and report.seq == self._clock.seq
        )

    def view(self) -> Json:
        return {
            "now": self._clock.iso,
            "flowing": self._clock.flowing,
            "idle": self.settled,
            "connected": self._presence.connected,
            "due": self._report.due if self._report else [],
        }

    # moving

    async def settle(self, patience: float = PATIENCE, *, or_left: bool = False) -> None:
        def over() -> bool:
            walking = or_left and (self._presence.left or self.backing_off)
            return self.settled or self.closing or walking

        if not await self._clock.changed.wait_until(over, patience):
            raise ControlError(f"the bot did not settle within {patience:g} s: {self._obstacle()}", 504)

    async def advance(self, body: Json) -> None:
        """Go there by way of every instant at which the bot has something to do."""
        patience = seconds_of(body, "timeout", PATIENCE)
        async with self._moving:
            await self._clock.changed.wait_until(
                lambda: self.settled or self.backing_off or not self._presence.connected or self.closing,
                patience,
            )
            if not self._presence.connected:
                self._clock.move(self._target(body))
                return
            self._clock.hold(held=True)
            try:
                await self.settle(patience, or_left=True)
                await self._walk(self._target(body), patience)
            finally:
                self._clock.hold(held=False)
            await self.settle(patience, or_left=True)

    def jump(self, body: Json) -> None:
        self._clock.move(self._target(body))

    async def _walk(self, to_ms: int, patience: float) -> None:
        nudges = 0
        while not self.closing:
            following = self._next_stop()
            now = self._clock.now_ms
            if self._presence.left:
                self._clock.move(max(to_ms, now))
                return
            if following is not None and following <= now:
                nudges += 1
                if nudges > _NUDGES:
                    raise ControlError(
                        f"the bot says it is idle, but waits for {to_iso(following)}, which is past", 504
                    )
                self._clock.bump()
            elif now >= to_ms:
                return
            else:
                nudges = 0
                self._clock.move(to_ms if following is None else min(to_ms, following))
            await self.settle(patience, or_left=True)

    def _next_stop(self) -> int | None:
        stops = (self._report.next_ms if self._report else None, self._queue.next_retry_ms())
        return min((each for each in stops if each is not None), default=None)

    def _target(self, body: Json) -> int:
        if body.get("next"):
            following = self._report.next_ms if self._report else None
            if following is None:
                raise ControlError("nothing is due")
            return max(following, self._clock.now_ms)
        if "until" in body:
            return from_iso(body["until"])
        if "seconds" in body:
            return self._clock.now_ms + round(seconds_of(body, "seconds", 0) * 1000)
        raise ControlError("tell where to: seconds, until or next")

    def _obstacle(self) -> str:
        report = self._report
        if not self._presence.connected:
            return "no bot is connected"
        if self._queue.posting:
            return "its webhook has not answered"
        if not self._queue.all_given:
            return f"{self._queue.waiting} updates wait for delivery"
        if report is None:
            return "it has not reported"
        if report.seq != self._clock.seq:
            return f"no report since answer {self._clock.seq}, the last is of {report.seq}"
        if report.handled < self._queue.delivered:
            return f"it has handled {report.handled} of {self._queue.delivered}"
        return "it says it is not idle"


def _due(raw: Json) -> Json:
    """An entry of the bot's list; whom it concerns may be left out."""
    who = {"who": [int(each) for each in raw["who"]]} if raw.get("who") else {}
    return {"at": to_iso(from_iso(raw["at"])), "what": str(raw["what"]), **who}


def seconds_of(body: Json, name: str, default: float) -> float:
    value: Any = body.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or value < 0:
        raise ControlError(f"{name}: a number of seconds is needed")
    return float(value)
