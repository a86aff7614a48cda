"""Which Chromium to use, how to start it, and a tab that complains of nothing."""

import os
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from playwright.async_api import Browser, ConsoleMessage, Error, Page, ViewportSize, async_playwright

NAMES = ("chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome")
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
]


def find_chromium() -> str | None:
    """The one that CHROMIUM names, else the first on the path."""
    named = os.environ.get("CHROMIUM")
    return shutil.which(named) if named else next(filter(None, map(shutil.which, NAMES)), None)


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """A browser; where there is none, the test is skipped, and with CI set it fails."""
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


@asynccontextmanager
async def tab(browser: Browser, **how: Any) -> AsyncIterator[Page]:
    """An empty tab; whatever it complains about is a failure."""
    troubles: list[str] = []

    def console(message: ConsoleMessage) -> None:
        # A tap can meet a button that is being edited away: as on a phone, nothing comes of it.
        vanished = message.location["url"].endswith("/tap") and "404" in message.text
        if message.type == "error" and not vanished:
            troubles.append(f"{message.text} {message.location['url']}")

    def page_error(error: Error) -> None:
        troubles.append(str(error))

    page = await browser.new_page(
        viewport=ViewportSize(width=1280, height=900), locale="en-GB", timezone_id="Europe/Berlin", **how
    )
    page.on("console", console)
    page.on("pageerror", page_error)
    yield page
    await page.close()
    assert troubles == []
