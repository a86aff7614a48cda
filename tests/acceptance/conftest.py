"""A playground and a browser for each test that asks for one."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser

from tests.acceptance.chromium import launched
from tests.acceptance.harness import Playground
from tests.acceptance.hosted import Hosted


@pytest.fixture
async def playground(tmp_path: Path) -> AsyncIterator[Playground]:
    async with Playground(tmp_path / "playground") as running:
        yield running


@pytest.fixture
async def hosted(tmp_path: Path) -> AsyncIterator[Hosted]:
    """The same in a moment, for tests that are not about the two commands."""
    async with Hosted(tmp_path / "playground") as running:
        yield running


@pytest.fixture
async def browser() -> AsyncIterator[Browser]:
    async with launched() as running:
        yield running
