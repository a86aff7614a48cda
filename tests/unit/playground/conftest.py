from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import pytest

from bot.playground.server import PlaygroundServer
from bot.playground.store import Store
from bot.playground.world import World
from tests.unit.playground.harness import TOKEN, Core, Playground

START = datetime(2026, 3, 1, 19, 40, tzinfo=UTC)


@pytest.fixture
async def core(tmp_path: Path) -> AsyncIterator[Core]:
    """The playground without HTTP."""
    world = World(Store(tmp_path), flowing=False, start_ms=int(START.timestamp() * 1000))
    yield Core(world)
    world.close()
    await world.store.close()


@pytest.fixture
async def http() -> AsyncIterator[aiohttp.ClientSession]:
    async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=20)) as session:
        yield session


@pytest.fixture
async def playground(tmp_path: Path, http: aiohttp.ClientSession) -> AsyncIterator[Playground]:
    """The whole server on a free port, its clock standing still."""
    server = PlaygroundServer(
        host="127.0.0.1", port=0, folder=tmp_path, token=TOKEN, flowing=False, start=START
    )
    await server.start()
    yield Playground(server, http)
    await http.close()
    await server.stop()
