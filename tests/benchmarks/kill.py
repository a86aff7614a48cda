"""Killed (-9) under a backlog: what is lost, and what is answered twice."""

import shutil
import tempfile
import time
from pathlib import Path
from typing import Any

from tests.benchmarks.seed import Seed, make
from tests.benchmarks.stage import CONTENDERS, running, stub, wait_for
from tests.benchmarks.stub import Control
from tests.benchmarks.taps import Say, load

QUIET = 3.0
"""Seconds without an answer, and without an update waiting: it is over."""


def until_over(control: Control) -> dict[str, Any]:
    """Wait until nothing more comes."""
    last, since = -1, time.monotonic()
    while time.monotonic() - since < QUIET:
        seen: dict[str, Any] = control.ask("state")
        if seen["chats"] + seen["twice"] != last or seen["waiting"]:
            last, since = seen["chats"] + seen["twice"], time.monotonic()
        time.sleep(0.1)
    return seen


async def measure(runs: int, backlog: int, say: Say) -> dict[str, Any]:
    """Each contender answers a tenth of a backlog, is killed, and started again on what is left."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="stillhere-bench-") as folder:
        database = Path(folder) / "seeded.db"
        await make(database, Seed(backlog, check_ins=backlog))
        for _ in range(runs):
            for name in CONTENDERS:
                with stub() as control:
                    folder_of_kept = Path(folder) / "kept"
                    folder_of_kept.mkdir()
                    kept = folder_of_kept / "bench.db"
                    with running(name, control, database) as runner:
                        load(control, "tap", 1, backlog)
                        wait_for(lambda: control.ask("state")["chats"] >= backlog // 10)
                        runner.kill()
                        for file in runner.folder.glob("bench.db*"):
                            shutil.move(file, folder_of_kept / file.name)
                    polls = control.ask("state")["polls"]
                    with running(name, control, polling=False, kept=kept):
                        wait_for(lambda before=polls: control.ask("state")["polls"] > before)
                        seen = until_over(control)
                    shutil.rmtree(folder_of_kept)
                result = {"lost": backlog - seen["chats"], "twice": seen["twice"]}
                found.setdefault(f"kill {name}", []).append(result)
                say(f"kill {name}: {result}")
    return found
