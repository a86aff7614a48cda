"""Drawing in a real process of its own."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from structlog.testing import capture_logs

from bot.pictures.studio import NoPicture, Studio

SECRET = "what somebody wrote"


@pytest_asyncio.fixture
async def studio() -> AsyncIterator[Studio]:
    studio = Studio(patience=30)
    yield studio
    await studio.close()


async def test_a_picture_comes_from_another_process(studio: Studio) -> None:
    assert await studio.draw(bytes, 3) == b"\0\0\0"
    assert await studio.worker_pid() != os.getpid()


async def test_a_drawing_that_fails_is_told_apart_and_its_values_stay_out_of_the_log(studio: Studio) -> None:
    with capture_logs() as logged, pytest.raises(NoPicture, match="ValueError"):
        await studio.draw(bytes.fromhex, SECRET)
    assert logged == [
        {"event": "picture.failed", "picture": "fromhex", "reason": "ValueError", "log_level": "warning"}
    ]
    assert await studio.draw(bytes, 1) == b"\0"


async def test_a_drawing_that_takes_too_long_is_given_up(studio: Studio) -> None:
    first = await studio.worker_pid()
    studio.patience = 0.05
    sleep: Any = time.sleep
    with pytest.raises(NoPicture, match="in time"):
        await studio.draw(sleep, 60)
    studio.patience = 30
    assert await studio.draw(bytes, 1) == b"\0"
    assert await studio.worker_pid() != first


async def test_a_dead_process_is_replaced(studio: Studio) -> None:
    first = await studio.worker_pid()
    os.kill(first, signal.SIGKILL)
    assert await studio.draw(bytes, 1) == b"\0"


async def test_nothing_is_drawn_after_the_end(studio: Studio) -> None:
    await studio.close()
    with pytest.raises(NoPicture, match="closed"):
        await studio.draw(bytes, 1)


@pytest.mark.skipif(
    not hasattr(os, "pidfd_open"), reason="watches a process by its pidfd, which only Linux has"
)
async def test_the_process_ends_when_there_is_nothing_to_draw_and_starts_again(studio: Studio) -> None:
    studio.rest = 0.01
    first = await studio.worker_pid()
    ended = asyncio.Event()
    watched = os.pidfd_open(first)
    try:
        asyncio.get_running_loop().add_reader(watched, ended.set)
        async with asyncio.timeout(10):
            await ended.wait()
    finally:
        asyncio.get_running_loop().remove_reader(watched)
        os.close(watched)
    assert await studio.draw(bytes, 1) == b"\0"


async def test_the_process_does_not_rest_while_somebody_waits_for_it(studio: Studio) -> None:
    studio.rest = 0.02
    first = await studio.worker_pid()
    sleep: Any = time.sleep
    await asyncio.gather(studio.draw(bytes, 1), studio.draw(sleep, 0.2), return_exceptions=True)
    assert await studio.worker_pid() == first
