"""One server and one client of each library for a module: a start and a stop take longer than a test."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

from bot.playground.server import PlaygroundServer
from tests.conformance.clients import CLIENTS, Client
from tests.conformance.telegram_side import BEGIN, TOKEN, Hook, TelegramSide

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == HERE:
            item.add_marker(pytest.mark.asyncio(loop_scope="module"), append=False)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def server(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[PlaygroundServer]:
    """On a free port, its clock standing still."""
    folder = tmp_path_factory.mktemp("telegram")
    server = PlaygroundServer(
        host="127.0.0.1", port=0, folder=folder, token=TOKEN, flowing=False, start=BEGIN
    )
    await server.start()
    yield server
    await server.stop()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def clients(server: PlaygroundServer) -> AsyncIterator[dict[type[Client], Client]]:
    made: dict[type[Client], Client] = {}
    yield made
    for each in made.values():
        await each.close()


@pytest.fixture
def side(server: PlaygroundServer) -> TelegramSide:
    """Nobody has pressed Start, nothing waits."""
    side = TelegramSide(server)
    side.begin_anew()
    return side


@pytest.fixture(params=CLIENTS, ids=lambda each: each.name)
def client(
    request: pytest.FixtureRequest,
    side: TelegramSide,
    clients: dict[type[Client], Client],
    monkeypatch: pytest.MonkeyPatch,
) -> Client:
    """Each test that asks for one is run with both libraries."""
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # the other way warns
    if request.param not in clients:
        clients[request.param] = request.param(side.url, TOKEN)
    return clients[request.param]


@pytest_asyncio.fixture(loop_scope="module")
async def hook() -> AsyncIterator[Hook]:
    hook = Hook()
    await hook.open()
    yield hook
    await hook.close()
