"""Starts what is measured and the stub it talks to, each a process on a core of its own, and ends them."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.benchmarks.seed import KEY
from tests.benchmarks.stub import Control

LIFTED = "1000000"
"""Calls a second: no limit at all."""
PATIENCE = 120.0
CONTENDERS = ("StillHere", "aiogram", "PTB")
MODULES = {"aiogram": "tests.benchmarks.bare_aiogram", "PTB": "tests.benchmarks.bare_ptb"}


class Stuck(Exception):
    """What was to happen did not in time."""


def wait_for(what: Callable[[], Any], seconds: float = PATIENCE, every: float = 0.02) -> Any:
    """Ask until the answer is true. Raises Stuck."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = what()
        if found:
            return found
        time.sleep(every)
    raise Stuck(f"not within {seconds} s")


def pin(process: int, core: int) -> None:
    """Keep a process on one core, where there is more than one."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        os.sched_setaffinity(process, {cores[core % len(cores)]})


@dataclass
class Runner:
    """A bot that is measured."""

    process: subprocess.Popen[bytes]
    folder: Path

    def memory_mb(self) -> float:
        """Its own resident memory now (MB)."""
        pages = int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGE_SIZE") / 1e6

    def cpu_seconds(self) -> float:
        parts = Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(parts[11]) + int(parts[12])) / os.sysconf("SC_CLK_TCK")

    def stalls(self) -> dict[str, float]:
        """The longest stalls of its event loop since it was last asked; StillHere only."""
        found = self.watched()
        return {name: found[name] for name in ("stall_ms", "own_ms")}

    def watched(self) -> dict[str, Any]:
        """The same, with the times of its commits."""
        file = self.folder / "stalls.json"
        file.unlink(missing_ok=True)
        self.process.send_signal(signal.SIGUSR1)
        wait_for(file.exists, 10)
        found: dict[str, Any] = json.loads(file.read_text())
        return found

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def end(self) -> None:
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.kill()


@contextmanager
def stub(latency: float = 0.0) -> Iterator[Control]:
    """A stub of the Bot API that answers after `latency` seconds."""
    command = [sys.executable, "-m", "tests.benchmarks.stub"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE)
    try:
        pin(process.pid, 1)
        assert process.stdout is not None
        control = Control(int(process.stdout.readline()))
        control.ask("set", latency=latency)
        yield control
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def start(name: str, control: Control, folder: Path, **settings: str) -> Runner:
    """Start one of CONTENDERS. StillHere finds its database as `bench.db` in `folder`."""
    environment = {
        **os.environ,
        "BENCH_API": control.url,
        "TELEGRAM_TOKEN": "99:bench",
        "TELEGRAM_API_URL": control.url,
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'bench.db'}",
        "DATA_KEY": KEY,
        "LOG_LEVEL": "WARNING",
        "SEND_RATE": LIFTED,
        "BULK_RATE": LIFTED,
        **settings,
    }
    if name == "StillHere":
        arguments = ["tests.benchmarks.watched", str(folder / "stalls.json")]
    else:
        arguments = [MODULES[name]]
    with (folder / "output.log").open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", *arguments], env=environment, stdout=log, stderr=log
        )
    pin(process.pid, 0)
    return Runner(process, folder)


@contextmanager
def running(
    name: str,
    control: Control,
    database: Path | None = None,
    *,
    kept: Path | None = None,
    polling: bool = True,
    **settings: str,
) -> Iterator[Runner]:
    """The same in a folder of its own, with a copy of `database`, or on `kept` itself; ends it at the end.

    `polling`: wait until it asks for updates.
    """
    with tempfile.TemporaryDirectory(prefix="stillhere-bench-") as folder:
        if kept is not None:
            settings["DATABASE_URL"] = f"sqlite+aiosqlite:///{kept}"
        if database is not None and name == "StillHere":
            shutil.copy(database, Path(folder) / "bench.db")
        runner = start(name, control, Path(folder), **settings)
        try:
            if polling:
                wait_polling(runner, control)
            yield runner
        finally:
            killed = runner.process.poll() == -signal.SIGKILL
            runner.end()
            if not killed:  # what is not confirmed is nothing to the next one
                control.ask("drop")


def wait_polling(runner: Runner, control: Control) -> None:
    """Until it asks for updates. Raises Stuck with its last words if it ends instead."""

    def asks() -> bool:
        if runner.process.poll() is not None:
            raise Stuck((runner.folder / "output.log").read_text()[-2000:])
        return bool(control.ask("state")["polling"])

    wait_for(asks, 60)
