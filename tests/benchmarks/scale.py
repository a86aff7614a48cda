"""A million people with a reminder each: the memory, and the time from start to the first answer."""

import tempfile
from functools import partial
from pathlib import Path
from typing import Any

from tests.benchmarks.seed import Seed, make
from tests.benchmarks.stage import running, stub, wait_for
from tests.benchmarks.stub import FIRST_CHAT
from tests.benchmarks.taps import Say, load


async def measure(runs: int, people: int, say: Say) -> dict[str, Any]:
    """Started again and again on one database, with a tap waiting."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="stillhere-bench-") as folder:
        database = Path(folder) / "bench.db"
        await make(database, Seed(people, check_ins=100, reminders=people, due=100))
        with stub() as control:  # the same for all: it goes on counting updates
            for run in range(runs):
                control.ask("forget")
                load(control, "tap", run + 1, 1)
                began = control.ask("state")["clock"]
                with running("StillHere", control, polling=False, kept=database) as runner:
                    wait_for(lambda: control.ask("state")["first_given"], every=0.005)
                    first = partial(control.ask, "chats", of=[FIRST_CHAT + run])
                    [arrived] = wait_for(first, every=0.005).values()
                    cpu = runner.cpu_seconds()
                    wait_for(lambda: control.ask("state")["polling"])
                    result = {
                        "start_s": arrived - began,
                        "start_cpu_s": cpu,
                        "memory_mb": runner.memory_mb(),
                        **runner.stalls(),
                    }
                found.setdefault("scale", []).append(result)
                say(f"scale: {result}")
    return found
