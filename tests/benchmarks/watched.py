"""`python -m bot run`, with a watch on its event loop: `python -m tests.benchmarks.watched FILE`.

Every TICK the loop is to call; how late it does is how long it stood still. At SIGUSR1 what was found is
written to FILE and forgotten: the longest stall by the wall (it counts whatever else the machine did),
and the longest by the time this thread itself was at work; and when batches of updates were committed, by
the clock that the stub has, too.
"""

import asyncio
import json
import signal
import sys
import time
from collections import deque
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot import __main__, app
from bot.config import Settings
from bot.telegram.intake import Intake

TICK = 0.005
commits: deque[float] = deque(maxlen=1000)


class Watch:
    """Measures the running loop."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._loop = asyncio.get_running_loop()
        self._loop.add_signal_handler(signal.SIGUSR1, self._tell)
        self._forget()
        self._tick()

    def _forget(self) -> None:
        self._longest = self._longest_own = 0.0
        self._due, self._worked = self._loop.time(), time.thread_time()

    def _tick(self) -> None:
        now, worked = self._loop.time(), time.thread_time()
        self._longest = max(self._longest, now - self._due)
        self._longest_own = max(self._longest_own, min(now - self._due, worked - self._worked))
        self._due, self._worked = now + TICK, worked
        self._loop.call_at(self._due, self._tick)

    def _tell(self) -> None:
        found: dict[str, Any] = {"stall_ms": self._longest * 1000, "own_ms": self._longest_own * 1000}
        found["commits"] = list(commits)
        partial = self._file.with_suffix(".part")
        partial.write_text(json.dumps(found))
        partial.rename(self._file)
        self._forget()


def main() -> None:
    file = Path(sys.argv[1])
    run, take = app.run, Intake.take

    async def taken(intake: Intake, updates: Sequence[dict[str, Any]]) -> None:
        await take(intake, updates)
        commits.append(time.perf_counter())

    async def watched(settings: Settings, stop: asyncio.Event) -> None:
        Watch(file)
        await run(settings, stop)

    app.run, Intake.take = watched, taken  # type: ignore[method-assign]
    sys.argv[1:] = ["run"]
    __main__.main()


if __name__ == "__main__":
    main()
