"""`make screenshots`: the pictures in README and docs, taken of the real page with the real bot.

python -m tests.screenshots [NAME …]
"""

import argparse
import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from pathlib import Path

from playwright.async_api import Page, ViewportSize, async_playwright

from tests.acceptance.chromium import ARGUMENTS, find_chromium
from tests.acceptance.harness import ROOT, Playground
from tests.acceptance.story import ANSWERING, ASKING, LINKING, MARA, Steps, play

FOLDER = ROOT / "docs" / "images"
BEGIN = "2026-03-02T18:20+01:00"
WIDE = ViewportSize(width=1180, height=900)
Shot = Callable[[Page, Playground], Awaitable[None]]

HELLO: Steps = [(MARA, "start", ""), (MARA, "types", "Berlin"), (MARA, "sees", "zone.set")]


async def two_phones(page: Page, playground: Playground) -> None:
    """Mara asks for twenty minutes, and Jonas has answered."""
    await play(page, [*LINKING, *ASKING, *ANSWERING])


async def breath(page: Page, playground: Playground) -> None:
    """The guided breath, in the middle of breathing in."""
    await play(page, [*HELLO, (MARA, "types", "/breathe"), (MARA, "sees", "breath.start")])
    await page.wait_for_timeout(2200)  # the picture plays by the browser's clock


async def weeks(page: Page, playground: Playground) -> None:
    """Three months of two people, and what Mara sees of hers."""
    await playground.post("begin", {"scene": "three-months", "locale": "en"})
    await play(page, [(MARA, "types", "/trends"), (MARA, "taps", "trends.button.three_months")])
    await page.wait_for_timeout(1500)  # until the picture is loaded
    await page.locator(".pictured img").last.evaluate("it => it.scrollIntoView({block: 'start'})")


SHOTS: dict[str, tuple[Shot, bool]] = {
    "two-phones": (two_phones, False),
    "two-phones-dark": (two_phones, True),
    "breath": (breath, False),
    "weeks": (weeks, False),
}
"""By the file's name: what is to be seen, and whether in the dark."""


async def take(name: str) -> Path:
    shot, dark = SHOTS[name]
    file = FOLDER / f"{name}.png"
    with tempfile.TemporaryDirectory() as folder:
        async with Playground(Path(folder) / "it", at=BEGIN) as playground, async_playwright() as driver:
            browser = await driver.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
            page = await browser.new_page(
                viewport=WIDE,
                color_scheme="dark" if dark else "light",
                locale="en-GB",
                timezone_id="Europe/Berlin",
            )
            if shot is not weeks:
                await playground.flow()
            await page.goto(playground.url, wait_until="load")
            await shot(page, playground)
            await page.mouse.move(0, 0)
            await page.evaluate("document.activeElement.blur()")
            await page.wait_for_timeout(500)  # until what moves has come to rest
            await page.screenshot(path=file)
            await browser.close()
    return file


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"some of: {', '.join(SHOTS)}")
    for name in parser.parse_args().names or SHOTS:
        print(asyncio.run(take(name)))  # noqa: T201


if __name__ == "__main__":
    main()
