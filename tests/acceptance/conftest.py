"""A playground and a browser for each test that asks for one."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, async_playwright

from tests.acceptance.chromium import ARGUMENTS, find_chromium
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
    chromium = find_chromium()
    if chromium is None:
        why = "no Chromium found: install Debian's chromium, or set CHROMIUM to one"
        if os.environ.get("CI"):
            pytest.fail(why)
        pytest.skip(why)
    async with async_playwright() as playwright:
        running = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        yield running
        await running.close()
