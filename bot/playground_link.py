"""The bot's end of the playground's clock: it applies the time it is told, and says when it is idle.

The protocol is in docs/playground.md.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Any

import aiohttp
import structlog

from bot.clock import Activity, SteppedClock
from bot.storage.agenda import NOTICE, Entry

log = structlog.get_logger()

LONG_POLL = 30
RETRY = 0.2
"""Seconds, real ones: without the playground there is no other clock to wait on."""

WHAT = {
    "space.return": "return time",
    "space.meet": "time to talk",
    "space.close": "end of a return",
    "space.talked": "a look at how the talk went",
    "topic.talk": "agreed talk",
    "space.unanswered": "a line, if nobody answers",
    "space.lapse": "end of a request",
    "reminder": "reminder",
    "snooze": "reminder, put off",
    "breath.end": "end of a breath",
    "check_in.nap": "check-in, taken up again",
    "check_in.left": "end of a check-in left lying",
    NOTICE: "message that waits",
}
"""What the page calls what is due next."""


class PlaygroundLink:
    """Holds one long poll to the playground."""

    def __init__(
        self,
        url: str,
        clock: SteppedClock,
        activity: Activity,
        handled: Callable[[], int],
        upcoming: Callable[[], Awaitable[list[Entry]]],
    ) -> None:
        self._url = f"{url}/playground/clock/poll"
        self._clock = clock
        self._activity = activity
        self._handled = handled
        self._upcoming = upcoming
        self._news = asyncio.Event()
        self._seq = 0
        self._delivered = 0

    def on_handled(self) -> None:
        """The intake has committed something."""
        self._news.set()

    async def first_time(self) -> None:
        """Learn the time before anything else starts."""
        async with aiohttp.ClientSession() as session:
            self._apply(await self._ask(session, await self._report()))

    async def run(self) -> None:
        """Report and apply until cancelled."""
        async with aiohttp.ClientSession() as session:
            while True:
                await self._until_idle()
                self._apply(await self._ask(session, await self._report()))

    async def _until_idle(self) -> None:
        while self._handled() < self._delivered or not self._activity.idle:
            self._news.clear()
            if self._handled() < self._delivered:
                await self._news.wait()
            await self._activity.until_idle()

    async def _report(self) -> dict[str, Any]:
        upcoming = await self._upcoming()
        next_alarm = self._clock.next_alarm()
        return {
            "seq": self._seq,
            "now": self._clock.now().isoformat(),
            "idle": True,
            "handled": self._handled(),
            "next": None if next_alarm is None else next_alarm.isoformat(),
            "due": [
                {"at": at.isoformat(), "what": WHAT.get(kind, kind), "who": list(accounts)}
                for at, kind, accounts in upcoming
            ],
        }

    async def _ask(self, session: aiohttp.ClientSession, report: dict[str, Any]) -> dict[str, Any]:
        while True:
            try:
                timeout = aiohttp.ClientTimeout(total=LONG_POLL)
                async with session.post(self._url, json=report, timeout=timeout) as response:
                    answer: dict[str, Any] = await response.json()
                    return answer
            except (aiohttp.ClientError, TimeoutError, ValueError) as error:
                log.debug("playground.lost", error=type(error).__name__)
                await asyncio.sleep(RETRY)

    def _apply(self, answer: dict[str, Any]) -> None:
        self._seq = int(answer["seq"])
        self._delivered = int(answer["delivered"])
        self._clock.set(datetime.fromisoformat(answer["now"]), flowing=bool(answer["flowing"]))
