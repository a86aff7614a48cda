"""The page in a real Chromium: two phones, played as a person would."""

import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, ConsoleMessage, Error, Page, expect

from tests.acceptance.harness import Playground
from tests.acceptance.story import JONAS, MARA, Phone, Steps, play, whole_story
from tests.acceptance.words import Words

ALONE: Steps = [
    (MARA, "start", ""),
    (MARA, "types", "Berlin"),
    (MARA, "sees", "zone.set"),
    (MARA, "types", "/space 20"),
    (MARA, "taps", "space.choose.few_minutes"),
    (MARA, "taps", "inline.choose_chat"),
]


def picture(name: str) -> Path | None:
    pictures = os.environ.get("SCREENSHOTS")
    return Path(pictures) / name if pictures else None


@pytest.fixture
async def page(browser: Browser) -> AsyncIterator[Page]:
    """An empty tab; whatever it complains about is a failure."""
    troubles: list[str] = []

    def console(message: ConsoleMessage) -> None:
        if message.type == "error":
            troubles.append(f"{message.text} {message.location['url']}")

    def page_error(error: Error) -> None:
        troubles.append(str(error))

    page = await browser.new_page(
        viewport={"width": 1280, "height": 900}, locale="en-GB", timezone_id="Europe/Berlin"
    )
    page.on("console", console)
    page.on("pageerror", page_error)
    yield page
    await page.close()
    assert troubles == []


@pytest.mark.browser
async def test_the_whole_story_on_both_phones(playground: Playground, page: Page) -> None:
    await playground.flow()
    await whole_story(page, playground.url, picture("story.png"))


@pytest.mark.browser
async def test_the_words_are_sent_in_a_chat_without_the_bot(playground: Playground, page: Page) -> None:
    """From the preview into the other chat by one button, then by typing; the bot keeps nothing of it."""
    words = Words("en")
    mara, jonas = (Phone(page, name, words).section for name in (MARA, JONAS))
    await playground.flow()
    await page.goto(playground.url, wait_until="load")
    await play(page, ALONE)
    chosen = mara.get_by_role("button", name=re.compile(r"^Back at \d\d:\d\d, in \d+ minutes")).first
    await expect(chosen).to_contain_text("I just need a few minutes. I'll be back at ")
    if path := picture("inline-results.png"):
        await page.screenshot(path=path, animations="disabled")
    await chosen.click()
    await jonas.get_by_role("button", name="Chat with Mara, 1 new").click()
    arrived = jonas.get_by_role("article").filter(has_text="via @stillhere_bot")
    await expect(arrived).to_contain_text("I just need a few minutes. I'll be back at ")

    # Jonas has never pressed Start, and answers in the same way: by the keyboard alone.
    field = jonas.get_by_label("Message to Mara")
    await field.press_sequentially("@stillhere_bot 25 min")
    await expect(jonas.get_by_text("Back in 25 minutes").first).to_be_visible()
    await field.press("Enter")
    await page.keyboard.press("ArrowDown")
    await page.keyboard.press("Enter")
    await expect(mara.get_by_role("article").last).to_contain_text("I'll be back in 25 minutes.")
    if path := picture("inline-sent.png"):
        await page.screenshot(path=path, animations="disabled")

    # The button above the results leads to the bot; words of crisis leave only that.
    await field.fill("@stillhere_bot I want to kill myself")
    offered = jonas.get_by_role("group", name="What the bot offers").get_by_role("button")
    await expect(offered).to_have_text([words.label("inline.lines")])
    await offered.click()
    await play(page, [(JONAS, "sees", "helplines.directory")])

    answers = await playground.calls("answerInlineQuery")
    assert len(answers) >= 3
    for each in answers:
        given = each["parameters"]
        assert (each["status"], given["is_personal"], given["cache_time"]) == (200, True, 0)
