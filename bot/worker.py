"""A process of its own for work that is heavy, so that the bot itself stays small and answers meanwhile."""

import asyncio
import contextlib
import multiprocessing
import os
import signal
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar, TypeVarTuple

Answer = TypeVar("Answer")
Arguments = TypeVarTuple("Arguments")


class WorkerUnavailable(RuntimeError):
    """The worker was closed, or died twice in a row, or did not answer in time."""


class Worker:
    """Starts its process at first use, and another one when that has died.

    For one event loop. `patience`: seconds after which a process that does not answer is given up. `rest`:
    seconds without a call after which the process ends, to be started again by the next one; None: never.
    What is called has to be importable, and cheap to import: the bot imports it, too.
    """

    def __init__(self, patience: float = 30.0, rest: float | None = None) -> None:
        self.patience = patience
        self.rest = rest
        self._executor: ProcessPoolExecutor | None = None
        self._closed = False
        self._calls = 0
        self._resting: asyncio.TimerHandle | None = None

    async def worker_pid(self) -> int:
        """The process id of the running process, which is started if need be."""
        return await self._call(_ready)

    async def close(self) -> None:
        """End the process at once, whatever it is doing; what still waits for it raises WorkerUnavailable."""
        self._closed = True
        self._stay_awake()
        if executor := self._executor:
            self._give_up(executor)
            await asyncio.to_thread(executor.shutdown)

    def _begin(self, function: Callable[[], object]) -> None:
        """Start the process and let it do this, without waiting. Does nothing after `close`."""
        if not self._closed:
            with contextlib.suppress(BrokenProcessPool):
                self._running().submit(function)

    async def _call(self, function: Callable[[*Arguments], Answer], *arguments: *Arguments) -> Answer:
        """What the function answers in the process, or raises there. Raises WorkerUnavailable."""
        self._stay_awake()
        self._calls += 1
        try:
            return await self._answer(function, *arguments)
        finally:
            self._calls -= 1
            if not (self._calls or self._closed or self.rest is None):
                self._resting = asyncio.get_running_loop().call_later(self.rest, self._end)

    async def _answer(self, function: Callable[[*Arguments], Answer], *arguments: *Arguments) -> Answer:
        for _ in range(2):
            if self._closed:
                raise WorkerUnavailable("closed")
            executor = self._running()
            try:
                async with asyncio.timeout(self.patience):
                    return await asyncio.wrap_future(executor.submit(function, *arguments))
            except BrokenProcessPool:
                self._give_up(executor)
            except TimeoutError:
                self._give_up(executor)
                raise WorkerUnavailable("no answer in time") from None
        raise WorkerUnavailable("the worker died twice")

    def _running(self) -> ProcessPoolExecutor:
        if self._executor is None:
            spawn = multiprocessing.get_context("spawn")  # a fork of a process with threads may hang
            self._executor = ProcessPoolExecutor(1, spawn, _start)
            with _interrupts_held():
                self._executor.submit(_ready)
        return self._executor

    def _stay_awake(self) -> None:
        if self._resting is not None:
            self._resting.cancel()
            self._resting = None

    def _end(self) -> None:
        """Nobody has called for a while: nothing is lost with the process."""
        if self._executor is not None:
            self._give_up(self._executor)

    def _give_up(self, executor: ProcessPoolExecutor) -> None:
        """Kill that executor's process; whoever waits for it gets BrokenProcessPool."""
        if self._executor is executor:
            self._executor = None
        for process in list((executor._processes or {}).values()):
            process.kill()
        executor.shutdown(wait=False)


def _start() -> None:
    """Prepare the process: Ctrl-C is the parent's to handle, and the parent's death is its own."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_die_with, args=(parent,), daemon=True).start()


def _ready() -> int:
    """The process id, once the process runs."""
    return os.getpid()


def _die_with(parent: multiprocessing.process.BaseProcess) -> None:
    parent.join()
    os._exit(0)


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """A process started in this block is born deaf to Ctrl-C, before it can say so itself."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
