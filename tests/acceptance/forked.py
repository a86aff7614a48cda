"""The bot's process in a moment: forked off from one that has imported everything and done nothing else.

For tests that start it dozens of times: importing takes longer than all the rest of a start. What runs is
`python -m bot run`, in a process, folder and environment of its own.
"""

import asyncio
import contextlib
import multiprocessing
import os
import signal
import sys
from collections.abc import Mapping
from multiprocessing.connection import Connection
from pathlib import Path

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["tests.acceptance.forked", "bot.app", "bot.__main__", "bot.content_cli"])


class Forked:
    """A bot that runs; what it says goes to the file `output`."""

    def __init__(self, folder: Path, environment: Mapping[str, str], output: Path) -> None:
        theirs, self._ours = _context.Pipe(duplex=False)  # it ends with its input: it never outlives us
        arguments = (str(folder), dict(environment), str(output), theirs)
        self._process = _context.Process(target=_run, args=arguments)
        self._process.start()
        theirs.close()

    @property
    def runs(self) -> bool:
        return self._process.is_alive()

    def send(self, how: signal.Signals) -> None:
        assert self._process.pid is not None
        with contextlib.suppress(ProcessLookupError):
            os.kill(self._process.pid, how)

    async def ended(self, patience: float) -> int:
        """Its exit code; negative: the signal that ended it. Raises TimeoutError."""
        over = asyncio.Event()
        loop = asyncio.get_running_loop()
        loop.add_reader(self._process.sentinel, over.set)
        try:
            await asyncio.wait_for(over.wait(), patience)
        finally:
            loop.remove_reader(self._process.sentinel)
        self._process.join()
        code = self._process.exitcode
        assert code is not None
        self._process.close()
        self._ours.close()
        return code


def _run(folder: str, environment: dict[str, str], output: str, given: Connection) -> None:
    import importlib
    from multiprocessing import resource_tracker

    from bot import crash_points
    from bot.__main__ import cli

    os.chdir(folder)
    os.environ.clear()
    os.environ.update(environment)
    said = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    for there, number in ((given.fileno(), 0), (said, 1), (said, 2)):
        os.dup2(there, number)
    sys.stdin = os.fdopen(0)
    sys.stdout.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    resource_tracker._resource_tracker._fd = None  # type: ignore[attr-defined]  # what it leaves behind is cleared away with it
    importlib.reload(crash_points)  # it reads the environment when it is imported
    cli(["run", "--until-input-ends"])
