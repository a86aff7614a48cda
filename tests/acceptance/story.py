"""The story that the page must be able to play, on both phones.

All of it is played by `test_page.py` on the harness's playground; link -> ask for space -> back also by
`.ci/fresh_clone.py`, on `make run`.
The keys are those of `content/en/strings.yaml`.
"""

import re
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Locator, Page, expect

from tests.acceptance.words import Words

# One place for all the keys the story needs. A step is (phone, what, string key or text):
#   start   the Start button of the phone       types    a text
#   taps    an inline button                    taps_on  an inline button, by what stands on it
#   shares  a share button; the other phone opens what arrives
#   sees    the text stands in one of the messages
#   next    the clock's button: to the next thing that is due, or on and on to the first of that name
Steps = list[tuple[str, str, str]]
MARA, JONAS = "Mara", "Jonas"
LINKING: Steps = [
    (MARA, "start", ""),
    (MARA, "sees", "hello.first"),
    (MARA, "types", "Berlin"),
    (MARA, "sees", "zone.set"),
    (MARA, "types", "/link"),
    (MARA, "shares", "link.share"),
    (JONAS, "sees", "link.invited"),
    (JONAS, "taps", "link.accept"),
    (JONAS, "types", "Hamburg"),
    (JONAS, "sees", "zone.set"),
    (MARA, "taps", "link.confirm_yes"),
    (MARA, "sees", "link.done"),
    (JONAS, "sees", "link.done"),
]
ASKING: Steps = [
    (MARA, "types", "I need a few minutes"),
    (MARA, "taps", "space.minutes.20"),
    (MARA, "taps", "space.choose.settle_thoughts"),
    (MARA, "sees", "space.preview"),
    (MARA, "taps", "space.send"),
    (MARA, "sees", "space.sent"),
    (JONAS, "sees", "space.request"),
]
ANSWERING: Steps = [
    (JONAS, "taps", "space_reply.take_your_time"),
    (JONAS, "sees", "relay.sent"),
    (MARA, "sees", "space.reply.take_your_time"),
]
COMING_BACK: Steps = [
    (MARA, "next", ""),  # the return time
    (MARA, "sees", "space.how_now.now"),
    (JONAS, "sees", "space.time_is_up.now"),
    (MARA, "taps", "space.im_back"),
    (MARA, "sees", "space.back"),
    (JONAS, "sees", "space.returned"),
]
MORE_TIME: Steps = [
    (MARA, "types", "/space 20"),
    (MARA, "taps", "space.choose.few_minutes"),
    (MARA, "taps", "space.send"),
    (MARA, "next", ""),
    (MARA, "sees", "space.how_now.now"),
    (MARA, "taps", "space.more"),
    (MARA, "taps", "space.more_minutes.20"),
    (MARA, "sees", "space.extended"),
    (JONAS, "sees", "space.more_time"),
    (MARA, "taps", "space.im_back"),
]
CHECKING_IN: Steps = [
    (JONAS, "types", "/checkin"),
    (JONAS, "taps", "scripts.pause.title"),
    (JONAS, "sees", "scripts.pause.steps.need.text"),
    (JONAS, "taps", "scripts.pause.steps.need.choices.calm.label"),
    (JONAS, "taps_on", "6"),
    (JONAS, "taps", "scripts.pause.steps.calm_how.choices.breath.label"),
    (JONAS, "sees", "scripts.pause.steps.breathe.text"),
    (JONAS, "next", "end of a breath"),
    (JONAS, "sees", "scripts.pause.steps.after.text"),
    (JONAS, "taps_on", "3"),  # what is offered then depends on the hour
    (JONAS, "taps", "check_in.back"),
    (JONAS, "sees", "scripts.pause.steps.after.text"),
    (JONAS, "taps", "check_in.stop"),
    (JONAS, "sees", "check_in.stopped"),
]
BREATHING: Steps = [
    (MARA, "types", "/breathe"),
    (MARA, "sees", "breath.start"),
    (MARA, "next", "end of a breath"),
    (MARA, "sees", "breath.done"),
]
REMINDING: Steps = [
    (MARA, "types", "/remind"),
    (MARA, "taps_on", "+ 21:00"),
    (MARA, "sees", "remind.added"),
    (MARA, "next", "reminder"),
    (MARA, "sees", "nudge.breathe"),
    (MARA, "taps", "nudge.later_button"),
    (MARA, "taps", "nudge.in.10"),
    (MARA, "sees", "nudge.later"),
]
LEAVING: Steps = [
    (JONAS, "types", "green potatoes"),
    (JONAS, "sees", "fallback.text"),
    (JONAS, "types", "/settings"),
    (JONAS, "sees", "settings.menu"),
    (MARA, "types", "/help"),
    (MARA, "taps", "buttons.unsafe"),
    (MARA, "sees", "care.unsafe"),
    (MARA, "types", "/unlink"),
    (MARA, "sees", "unlink.done"),
    (MARA, "taps", "unlink.send_line"),
    (JONAS, "sees", "unlink.line"),
    (MARA, "types", "/cancel"),
    (MARA, "sees", "cancel.nothing"),
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

    async def taps_on(self, text: str) -> None:
        """The newest inline button on which just this stands."""
        buttons = self.section.locator("article").get_by_role("button", name=text, exact=True)
        await buttons.last.click(timeout=WAIT)

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


async def play(page: Page, steps: Steps) -> None:
    words = Words("en")
    phones = {name: Phone(page, name, words) for name in (MARA, JONAS)}
    for name, what, value in steps:
        phone = phones[name]
        other = phones[JONAS if name == MARA else MARA]
        try:
            if what == "start":
                await phone.start()
            elif what == "next":
                await to_the_next(page, value)
            elif what == "shares":
                await phone.shares(value, other)
            else:
                await getattr(phone, what)(value)
        except Exception as error:
            raise AssertionError(f"{name} {what} {value}: {error}\n{await chats(page)}") from error


async def to_the_next(page: Page, name: str) -> None:
    """What else is due before it comes first: when depends on the time of day of the test."""
    button = page.locator("[data-next]")
    for _ in range(5):
        first = await _comes_to_say(button, f"To the next: {name}")
        await button.click(timeout=WAIT)
        if first or not name:
            return
        await expect(button).to_be_enabled(timeout=WAIT)
    raise AssertionError(f"nothing of the name {name!r} is due")


async def _comes_to_say(button: Locator, label: str) -> bool:
    """Whether it says so, or will in a moment: the page hears of what is due a little later."""
    try:
        await expect(button).to_contain_text(label, timeout=2000)
    except AssertionError:
        return False
    return True


async def chats(page: Page) -> str:
    """Both chats as text, for a failure to show."""
    texts = [await section.inner_text() for section in await page.locator("section[data-phone]").all()]
    return "\n────\n".join(texts)


async def main_story(page: Page, url: str) -> None:
    """Opens the page, links the two, asks for space, and comes back."""
    await page.goto(url, wait_until="load")
    await play(page, [*LINKING, *ASKING, *COMING_BACK])


async def whole_story(page: Page, url: str, screenshot: Path | None = None) -> None:
    """Opens the page and plays all of it; a picture of both phones is taken while Mara is away."""
    await page.goto(url, wait_until="load")
    await play(page, [*LINKING, *ASKING, *ANSWERING])
    for phone in await page.locator("section[data-phone]").all():
        # Edits make messages shorter and longer: the newest one stays in sight all the same.
        await expect(phone.locator("article[data-message-id]").last).to_be_in_viewport()
    if screenshot:
        screenshot.parent.mkdir(parents=True, exist_ok=True)
        await page.screenshot(path=screenshot, animations="disabled")
    await play(page, [*COMING_BACK, *MORE_TIME, *CHECKING_IN, *BREATHING, *REMINDING, *LEAVING])
