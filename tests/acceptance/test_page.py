"""The page in a real Chromium: two phones, played as a person would."""

import json
import os
import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page, expect

from tests.acceptance.chromium import tab
from tests.acceptance.harness import Playground, marker
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
    async with tab(browser) as page:
        yield page


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


@pytest.mark.browser
async def test_a_copy_of_ones_own_is_downloaded_and_opened(playground: Playground, page: Page) -> None:
    """What /export sends stands in the chat as two files; the page among them can be read as it is."""
    words, line = Words("en"), marker()
    mara = Phone(page, MARA, words).section
    await playground.flow()
    await page.goto(playground.url, wait_until="load")
    await play(page, [(MARA, "start", ""), (MARA, "types", "Berlin"), (MARA, "sees", "zone.set")])
    await play(page, [(MARA, "types", "/journal"), (MARA, "taps", "journal.write")])
    await play(page, [(MARA, "types", f"<b>{line}</b> & more"), (MARA, "sees", "journal.kept")])
    asks: Steps = [(MARA, "types", "/export"), (MARA, "taps", "export.send"), (MARA, "sees", "export.data")]
    await play(page, asks)
    saved = {}
    for suffix in ("html", "json"):
        link = mara.get_by_role("link", name=re.compile(rf"stillhere-[\d-]+\.{suffix}")).last
        await expect(link).to_be_visible()
        async with page.expect_download() as waiting:
            await link.click()
        download = await waiting.value
        assert re.fullmatch(rf"stillhere-[\d-]+\.{suffix}", download.suggested_filename)
        saved[suffix] = Path(await download.path())
    data = json.loads(saved["json"].read_text("utf-8"))
    assert any(line in each["text"] for each in data["lines"])
    shown = saved["html"].rename(saved["html"].with_suffix(".html"))
    await page.goto(shown.as_uri(), wait_until="load")
    await expect(page.get_by_role("heading", name="What StillHere keeps of you")).to_be_visible()
    await expect(page.get_by_text(f"<b>{line}</b> & more")).to_be_visible()
    if path := picture("export.png"):
        await page.screenshot(path=path, animations="disabled")
