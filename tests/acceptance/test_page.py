"""The page in a real Chromium: two phones, played as a person would."""

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, ConsoleMessage, Error

from tests.acceptance.harness import Playground
from tests.acceptance.story import whole_story


@pytest.mark.browser
async def test_the_whole_story_on_both_phones(playground: Playground, browser: Browser) -> None:
    pictures = os.environ.get("SCREENSHOTS")
    troubles: list[str] = []

    def console(message: ConsoleMessage) -> None:
        if message.type == "error":
            troubles.append(message.text)

    def page_error(error: Error) -> None:
        troubles.append(str(error))

    await playground.flow()
    page = await browser.new_page(
        viewport={"width": 1280, "height": 900}, locale="en-GB", timezone_id="Europe/Berlin"
    )
    page.on("console", console)
    page.on("pageerror", page_error)
    await whole_story(page, playground.url, Path(pictures) / "story.png" if pictures else None)
    await page.close()
    assert troubles == []
