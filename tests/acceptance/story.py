"""The story that the page must be able to play: link -> ask for space -> back, on both phones.

Played by `test_page.py` on the harness's playground, and by `.ci/fresh_clone.py` on `make run`.
The keys are those of `content/en/strings.yaml`.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Locator, Page, expect

from tests.acceptance.words import Words

# One place for all the keys the story needs. A step is (phone, what, string key):
#   start   the Start button of the phone       taps    an inline button
#   shares  a share button; the other phone opens what arrives
#   sees    the text stands in one of the newest messages
MARA, JONAS = "Mara", "Jonas"
LINKING = [
    (MARA, "start", ""),
    (MARA, "sees", "hello.first"),
    (MARA, "types", "/link"),
    (MARA, "shares", "link.share"),
    (JONAS, "sees", "link.invited"),
    (JONAS, "taps", "link.accept"),
    (MARA, "taps", "link.confirm_yes"),
    (MARA, "sees", "link.done"),
    (JONAS, "sees", "link.done"),
]
ASKING = [
    (MARA, "types", "/space"),
    (MARA, "taps", "space.minutes.20"),
    (MARA, "taps", "space.choose.settle_thoughts"),
    (MARA, "taps", "space.send"),
    (MARA, "sees", "space.sent"),
    (JONAS, "sees", "space.request"),
]
COMING_BACK = [
    (MARA, "next", ""),  # the clock's button: to the return time
    (MARA, "sees", "space.how_now.now"),
    (JONAS, "sees", "space.time_is_up.now"),
    (MARA, "taps", "space.im_back"),
    (JONAS, "sees", "space.returned"),
]

WAIT = 20_000


@dataclass
class Phone:
    """One phone on the page."""

    page: Page
    name: str
    words: Words

    @property
    def section(self) -> Locator:
        return self.page.locator(f'section[data-phone][aria-label="{self.name}\'s phone"]')

    async def start(self) -> None:
        await self.section.get_by_role("button", name="Start", exact=True).click()

    async def types(self, text: str) -> None:
        field = self.section.get_by_label("Message", exact=True)
        await field.fill(text)
        await field.press("Enter")

    async def taps(self, key: str) -> None:
        """The newest button with this label."""
        await self.section.get_by_role("button", name=_as_shown(self.words.label(key))).last.click(
            timeout=WAIT
        )

    async def shares(self, key: str, other: "Phone") -> None:
        """Shares the invitation; the other phone opens it."""
        await self.taps(key)
        await self.section.get_by_role("button", name=f"Share to {other.name}").click()
        await other.section.get_by_role("button", name=re.compile("^Open in ")).last.click()

    async def sees(self, key: str) -> None:
        messages = self.section.locator("article[data-message-id] [data-text]")
        await expect(messages.filter(has_text=_as_shown(self.words.finder(key))).last).to_be_visible(
            timeout=WAIT
        )


def _as_shown(finder: re.Pattern[str]) -> re.Pattern[str]:
    """As the page has it, where a new line may be a block of its own, with no space between."""
    return re.compile(finder.pattern.replace("\\ ", r"\s*"), finder.flags)


async def play(page: Page, steps: list[tuple[str, str, str]]) -> None:
    words = Words("en")
    phones = {name: Phone(page, name, words) for name in (MARA, JONAS)}
    for name, what, value in steps:
        phone = phones[name]
        other = phones[JONAS if name == MARA else MARA]
        try:
            if what == "start":
                await phone.start()
            elif what == "next":
                await page.locator("[data-next]").click(timeout=WAIT)
            elif what == "shares":
                await phone.shares(value, other)
            else:
                await getattr(phone, what)(value)
        except Exception as error:
            raise AssertionError(f"{name} {what} {value}: {error}\n{await chats(page)}") from error


async def chats(page: Page) -> str:
    """Both chats as text, for a failure to show."""
    texts = [await section.inner_text() for section in await page.locator("section[data-phone]").all()]
    return "\n────\n".join(texts)


async def whole_story(page: Page, url: str, screenshot: Path | None = None) -> None:
    """Opens the page and plays it all; a picture of both phones is taken while Mara is away."""
    await page.goto(url, wait_until="load")
    await play(page, LINKING)
    await play(page, ASKING)
    if screenshot:
        screenshot.parent.mkdir(parents=True, exist_ok=True)
        await page.screenshot(path=screenshot, full_page=True, animations="disabled")
    await play(page, COMING_BACK)
