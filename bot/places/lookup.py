"""Cities and locations, looked up in one worker process so that the bot itself stays small."""

import asyncio
import contextlib
import multiprocessing
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar, TypeVarTuple

from bot.places import worker
from bot.places.city import City

Answer = TypeVar("Answer")
Arguments = TypeVarTuple("Arguments")


class PlacesUnavailable(RuntimeError):
    """The look-up was closed, or its worker died twice in a row or did not answer in time."""


class Places:
    """Starts its worker process at first use, and another one when that has died.

    For one event loop. `patience`: seconds after which a worker that does not answer is given up. Every
    look-up raises PlacesUnavailable if there is no answer to be had.
    """

    def __init__(self, patience: float = 30.0) -> None:
        self.patience = patience
        self._executor: ProcessPoolExecutor | None = None
        self._closed = False

    async def cities(self, text: str, limit: int = 5) -> list[City]:
        """At most `limit` cities for a typed name, the likeliest first; none if nothing is similar enough.

        Forgives typing errors, missing accents and other languages' names, heeds a country or US state
        behind the name, and takes a country for the largest city of each of its zones.
        """
        return await self._call(worker.cities, text, limit)

    async def zone_at(self, latitude: float, longitude: float) -> str | None:
        """The IANA zone at a location in degrees (at sea an Etc/GMT one); None outside the globe."""
        return await self._call(worker.zone_at, latitude, longitude)

    async def warm(self) -> None:
        """Start the worker and let it load, without waiting for that. Does nothing after `close`."""
        if not self._closed:
            with contextlib.suppress(BrokenProcessPool):
                self._running().submit(worker.prepare)

    async def worker_pid(self) -> int:
        """The process id of the running worker, which is started if need be."""
        return await self._call(worker.ready)

    async def close(self) -> None:
        """End the worker at once, whatever it is doing; what still waits for it raises PlacesUnavailable."""
        self._closed = True
        if executor := self._executor:
            self._give_up(executor)
            await asyncio.to_thread(executor.shutdown)

    async def _call(self, function: Callable[[*Arguments], Answer], *arguments: *Arguments) -> Answer:
        for _ in range(2):
            if self._closed:
                raise PlacesUnavailable("closed")
            executor = self._running()
            try:
                async with asyncio.timeout(self.patience):
                    return await asyncio.wrap_future(executor.submit(function, *arguments))
            except BrokenProcessPool:
                self._give_up(executor)
            except TimeoutError:
                self._give_up(executor)
                raise PlacesUnavailable("no answer in time") from None
        raise PlacesUnavailable("the worker died twice")

    def _running(self) -> ProcessPoolExecutor:
        if self._executor is None:
            spawn = multiprocessing.get_context("spawn")  # a fork of a process with threads may hang
            self._executor = ProcessPoolExecutor(1, spawn, worker.start)
            with _interrupts_held():
                self._executor.submit(worker.ready)
        return self._executor

    def _give_up(self, executor: ProcessPoolExecutor) -> None:
        """Kill that executor's worker; whoever waits for it gets BrokenProcessPool."""
        if self._executor is executor:
            self._executor = None
        for process in list((executor._processes or {}).values()):
            process.kill()
        executor.shutdown(wait=False)


@contextlib.contextmanager
def _interrupts_held() -> Iterator[None]:
    """A process started in this block is born deaf to Ctrl-C, before it can say so itself."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
