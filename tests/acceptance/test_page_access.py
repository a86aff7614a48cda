"""The page with the keyboard alone, for a screen reader, in the dark, in a narrow window; its pictures.

One browser and one playground for all of it. A test says in which world it begins; that scene is played only
if the test before it left another one.
"""

import json
import re
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, ViewportSize, expect

from bot.play import TOKEN
from tests.acceptance.access import NARROW, SAID, SIDEWAYS, WIDE, Keys, no_faults
from tests.acceptance.chromium import launched, tab
from tests.acceptance.harness import ROOT, Playground

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="module")]

ENTITIES = (
    "<b>bold</b> <i>italic</i> <u>under</u> <s>struck</s> <tg-spoiler>hidden words</tg-spoiler> "
    '<code>copied</code> <a href="https://example.org">a link</a> @somebody /help a@example.org\n'
    '<blockquote>a quote</blockquote><pre><code class="language-python">print(1)</code></pre>'
    "<blockquote expandable>one\ntwo\nthree\nfour\nfive\nsix</blockquote>"
)
BUTTONS = [
    [{"text": "Yes", "callback_data": "a", "style": "primary"}, {"text": "Fine", "callback_data": "b"}],
    [{"text": "No", "callback_data": "c", "style": "danger"}, {"text": "Copy", "copy_text": {"text": "x"}}],
    [{"text": "Page", "url": "https://example.org"}, {"text": "Share", "switch_inline_query": "25 min"}],
]
KEYS = {"keyboard": [["One", "Two"], [{"text": "Here", "request_location": True}]], "resize_keyboard": True}
NOTHING, LINKED, BREAK, LATER = "nothing", "linked-couple", "in-a-break", "three-months"
# The pictures there are, one of each kind and language: what it is called, how it is sent, and its file.
PICTURES = [
    ("Animation", "sendAnimation", ROOT / "content" / locale / "breath" / "slow.gif")
    for locale in ("en", "de")
]


@dataclass
class Table:
    """The page's playground, and what the bot can do there without being asked."""

    playground: Playground
    scene: str = NOTHING
    mara: int = 0
    jonas: int = 0

    async def at(self, *scenes: str) -> None:
        """In one of these worlds: in the one that is there, if it is among them, else in the first."""
        state = await self.playground.get("state")
        if self.scene not in scenes:
            self.scene = scenes[0]
            scene = None if self.scene == NOTHING else self.scene
            state = await self.playground.post("begin", {"scene": scene, "locale": "en"})
        self.mara, self.jonas = (person["id"] for person in state["people"][:2])

    async def bot(self, method: str, **parameters: Any) -> dict[str, Any]:
        """A call of the bot: strings, and paths for files."""
        form = aiohttp.FormData()
        for name, value in parameters.items():
            if isinstance(value, Path):
                form.add_field(name, value.read_bytes(), filename=value.name, content_type="image/gif")
            else:
                form.add_field(name, value if isinstance(value, str) else json.dumps(value))
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.playground.url}/bot{TOKEN}/{method}", data=form) as response,
        ):
            answer: dict[str, Any] = await response.json()
        assert answer["ok"], answer
        result = answer["result"]
        return result if isinstance(result, dict) else {}

    async def says(self, text: str, **how: Any) -> str:
        """The bot writes to Mara; where that message is."""
        sent = await self.bot("sendMessage", chat_id=self.mara, text=text, **how)
        return f'article[data-message-id="{sent["message_id"]}"]'

    async def everything(self) -> None:
        """Every kind of message that the page can draw, in Mara's chat."""
        for kind in ("sticker", "voice", "photo", "document", "video_note", "contact", "dice"):
            await self.playground.post(f"people/{self.mara}/media", {"kind": kind})
        place = {"latitude": 52.5, "longitude": 13.4}
        await self.playground.post(f"people/{self.mara}/location", place)
        await self.playground.settle()
        await self.playground.advance(60)  # as many as the bot may send at once
        await self.says(ENTITIES, parse_mode="HTML")
        await self.says("Keys", reply_markup=KEYS)
        await self.says("Buttons", disable_notification=True, reply_markup={"inline_keyboard": BUTTONS})
        for _, method, file in PICTURES:
            await self.bot(method, chat_id=self.mara, caption="Six breaths are left.", animation=file)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def table(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Table]:
    async with Playground(tmp_path_factory.mktemp("table") / "it", at="2026-03-02T18:18+01:00") as playground:
        yield Table(playground)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def one_browser() -> AsyncIterator[Browser]:
    async with launched() as running:
        yield running


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def page(one_browser: Browser) -> AsyncIterator[Page]:
    async with tab(one_browser) as page:
        yield page


def phone(page: Page, name: str) -> Locator:
    return page.locator(f'section[data-phone][aria-label="{name}\'s phone"]')


async def opened(page: Page, table: Table, *scenes: str, size: ViewportSize = WIDE) -> Locator:
    """The page, light and still, in one of these worlds; Mara's phone on it."""
    await table.at(*scenes)
    await page.set_viewport_size(size)
    await page.emulate_media(color_scheme="light", reduced_motion="reduce")
    await page.goto(table.playground.url, wait_until="load")
    await expect(phone(page, "Mara")).to_be_attached()
    return phone(page, "Mara")


async def test_with_the_keyboard_alone_from_nothing_to_an_answer(page: Page, table: Table) -> None:
    """Tab, Enter and arrows: a scene is chosen, space asked for, and the other phone answers."""
    mara, jonas = await opened(page, table, NOTHING), phone(page, "Jonas")
    keys = Keys(page)
    await expect(page.get_by_role("heading", name="Where to begin")).to_be_visible()
    await no_faults(page, "empty")
    await page.keyboard.press("Tab")
    await keys.to("Mara's phone")
    await keys.to("First contact")
    await keys.press("ArrowDown")
    assert (await keys.look())[0].startswith("Linked couple")
    await page.keyboard.press("Enter")
    table.scene = LINKED
    await expect(mara.get_by_text("You and Jonas are linked.")).to_be_visible(timeout=30_000)
    await expect(mara.get_by_label("Message", exact=True)).to_be_focused()
    await no_faults(page, "linked couple", sizes=[WIDE], lightly=True)
    await table.playground.flow()

    await keys.press("Shift+Tab")
    assert await keys.look() == ("Menu", "Mara's phone")
    await keys.press("Enter")
    await keys.to("/space", key="ArrowDown")
    await keys.press("Enter")
    await expect(mara.get_by_label("Message", exact=True)).to_be_focused()
    await expect(mara.get_by_role("button", name="20 min", exact=True)).to_be_visible()
    await keys.to("20 min", key="Shift+Tab")
    await keys.press("Enter")
    # The message is another now, and so are its buttons: the focus is still among them.
    chosen = mara.get_by_role("button", name=re.compile("Settle thoughts"))
    await expect(chosen).to_be_visible()
    assert await chosen.evaluate("(it) => it.closest('article').contains(document.activeElement)")
    await keys.to(await chosen.inner_text(), key="ArrowUp", most=4)
    await keys.press("Enter")
    await expect(mara.get_by_role("button", name="Send it").last).to_be_visible()
    await keys.to("Send it", "Mara's phone", key="ArrowUp", most=6)
    await keys.press("Enter")

    answer = jonas.get_by_role("button", name="Take your time")
    await expect(answer).to_be_visible()
    await keys.press("Escape")
    assert await keys.look() == ("Message", "Mara's phone")
    await keys.to("Skip the messages", "Jonas's phone")
    await keys.press("Enter")
    assert await keys.look() == ("Message", "Jonas's phone")
    await keys.to("Take your time", "Jonas's phone", key="Shift+Tab")
    await keys.press("Enter")
    await expect(mara.get_by_text("Take your time.").last).to_be_visible()
    await keys.look()
    table.scene = BREAK
    await table.playground.flow(False)
    await no_faults(page, "in a break", sizes=[WIDE])

    # From message to message, and what can be done with one.
    await keys.press("Escape")
    await keys.to("Messages", "Jonas's phone", key="Shift+Tab", most=60)
    await keys.press("ArrowUp", 2)
    await keys.press("Enter")
    assert (await keys.look())[0] == "Reply"
    await keys.press("Enter")
    await expect(jonas.get_by_role("button", name="Do not reply to it")).to_be_visible()
    assert await keys.look() == ("Message", "Jonas's phone")


async def test_the_focus_stays_and_each_thing_is_said_once(page: Page, table: Table) -> None:
    mara = await opened(page, table, BREAK, LINKED)
    keys = Keys(page)

    async def said(words: str) -> list[str]:
        lines: list[str] = await page.evaluate(SAID, "Mara's phone")
        return [line for line in lines if words in line]

    async def focus(where: str) -> None:
        await mara.locator(where).focus()
        await page.keyboard.press("Shift+Tab")  # so that it is marked as with the keyboard
        await page.keyboard.press("Tab")
        assert await mara.locator(where).evaluate("(it) => it === document.activeElement")

    # A message comes, and is said once, with its buttons; so is the one after it.
    first = await table.says("The first one", reply_markup={"inline_keyboard": BUTTONS})
    await expect(mara.locator(first)).to_be_visible()
    await expect(mara.locator(f"{first} [data-text]")).to_have_attribute("lang", "en")
    assert await said("The first one") == [
        "Mara's phone. The first one. Buttons: Yes, Fine, No, Copy, Page, Share"
    ]

    # Its text and its buttons change: the button that stays has the focus, and is the same.
    await focus(f"{first} button:has-text('No')")
    await mara.locator(f"{first} button:has-text('No')").evaluate("(it) => { window.kept = it; }")
    edit = {"chat_id": table.mara, "message_id": int(re.findall(r"\d+", first)[0])}
    await table.bot("editMessageText", **edit, text="Another", reply_markup={"inline_keyboard": BUTTONS[1:]})
    await expect(mara.locator(first)).to_contain_text("Another")
    assert await page.evaluate("window.kept === document.activeElement")
    assert (await keys.look())[0] == "No"
    # Then they go: the message has it.
    await table.bot("editMessageText", **edit, text="And /help, and another")
    await expect(mara.locator(first)).to_be_focused()
    await keys.look()

    # A link in a text that changes.
    await focus(f"{first} a")
    await table.bot("editMessageText", **edit, text="And still /help")
    await expect(mara.locator(f"{first} a")).to_be_focused()
    # It came to rest, and is said once, with nothing of what it was in between.
    await expect(page.locator("[data-announcer] p", has_text="Changed: And still /help")).to_have_count(1)
    assert await said("Another") == []
    assert len(await said("The first one")) == 1

    # A message that goes: the one beside it has the focus.
    second = await table.says("A second one", reply_markup={"inline_keyboard": BUTTONS})
    await focus(f"{second} button:has-text('Fine')")
    await table.bot("deleteMessage", chat_id=table.mara, message_id=int(re.findall(r"\d+", second)[0]))
    await expect(mara.locator(second)).to_have_count(0)
    await keys.look()
    assert await page.evaluate("document.activeElement.matches('article')")

    # The keyboard below the chat changes, and goes.
    await table.says("Keys", reply_markup=KEYS)
    await focus(".reply-keyboard button:has-text('Two')")
    await table.says("Others", reply_markup={"keyboard": [["Three"]], "resize_keyboard": True})
    await expect(mara.get_by_role("button", name="Three")).to_be_focused()
    await table.says("None", reply_markup={"remove_keyboard": True})
    await expect(mara.get_by_label("Message", exact=True)).to_be_focused()

    # Hidden words, words to copy, and a sheet: each gives the focus back.
    hidden = await table.says(ENTITIES, parse_mode="HTML")
    await focus(f"{hidden} .spoiler")
    await keys.press("Enter")
    await expect(mara.locator(f"{hidden} .spoiler")).to_have_class(re.compile("shown"))
    await keys.to("copied")
    await keys.press("Enter")
    await expect(mara.get_by_text("Copied", exact=True)).to_be_visible()
    assert (await keys.look())[0] == "copied"
    await focus("button[aria-label='Add a person']")
    await keys.press("Enter")
    await expect(mara.get_by_label("First name")).to_be_focused()
    await keys.press("Escape")
    await expect(mara.get_by_role("button", name="Add a person")).to_be_focused()


async def test_a_tapped_keyboard_waits_for_its_answer(page: Page, table: Table) -> None:
    """Until the bot has answered none of its buttons takes another tap; the focus stays on the one."""
    mara = await opened(page, table, BREAK, LINKED)
    message = await table.says("Well?", reply_markup={"inline_keyboard": BUTTONS[:1]})
    yes, fine = (mara.locator(f"{message} button:has-text('{name}')") for name in ("Yes", "Fine"))
    slow = {"kind": "slow", "chat_id": table.mara, "seconds": 1, "times": 2}  # the answer, and an edit
    await table.playground.post("faults", slow)
    await yes.focus()
    await page.keyboard.press("Enter")
    for button in (yes, fine):
        await expect(button).to_have_attribute("aria-disabled", "true")
    await expect(yes).to_have_class(re.compile("busy"))
    await expect(fine).not_to_have_class(re.compile("busy"))
    await expect(yes).to_be_focused()
    # These buttons the bot does not know, so it takes them off; who was on one of them is on the message now.
    await expect(mara.locator(f"{message} button")).to_have_count(0)
    await expect(mara.locator(message)).to_be_focused()


async def test_axe_finds_no_serious_fault_in_what_opens(page: Page, table: Table) -> None:
    """Menus, sheets, the other chat, and every kind of message and picture."""
    mara = await opened(page, table, BREAK, LINKED)
    await table.everything()
    await expect(mara.get_by_alt_text("Animation slow.gif, with the words below")).to_have_count(
        len(PICTURES)
    )
    await no_faults(page, "every kind of message", sizes=[NARROW])
    await page.set_viewport_size(WIDE)
    for button in ("Menu", "Here"):
        opens = ".commands" if button == "Menu" else ".veil-sheet"
        await mara.get_by_role("button", name=button, exact=True).last.click()
        await no_faults(page, button, f".front {opens}", [WIDE], lightly=True)
        await page.keyboard.press("Escape")
    await page.get_by_role("button", name="Scenes …").click()
    await no_faults(page, "scenes", "dialog", [WIDE], lightly=True)
    await page.keyboard.press("Escape")
    await mara.get_by_role("button", name="Chat with Jonas").click()
    await mara.get_by_label("Message to Jonas").fill("Hello")
    await page.keyboard.press("Enter")
    await mara.get_by_label("Message to Jonas").fill("@stillhere_bot 25 min")
    await expect(mara.get_by_role("group", name="What the bot offers")).to_be_visible()
    await no_faults(page, "the other chat", ".front .side-chat", [NARROW])


async def test_on_a_narrow_window_both_phones_can_be_used(page: Page, table: Table) -> None:
    mara = await opened(page, table, BREAK, size=NARROW)
    await page.emulate_media(color_scheme="dark")
    jonas = phone(page, "Jonas")
    await table.playground.flow()
    await table.says(ENTITIES + " " + "long" * 60, parse_mode="HTML", reply_markup=KEYS)
    for width, height in ((360, 740), (320, 568), (740, 360)):
        await page.set_viewport_size({"width": width, "height": height})
        assert await page.evaluate(SIDEWAYS) == [], f"{width} × {height}"
        for what in await page.locator(
            ".clock, .front :is(.chat-head, .composer, .reply-keyboard):visible"
        ).all():
            await what.scroll_into_view_if_needed()
            await expect(what).to_be_in_viewport(ratio=0.9)
    await page.set_viewport_size(NARROW)
    await expect(jonas).to_be_hidden()

    # Mara is back; the other phone says so in its tab, and aloud although it is hidden.
    await mara.get_by_role("button", name="I'm back").last.click()
    tab = page.get_by_role("navigation", name="Phones").get_by_role("button", name="Jonas's phone")
    await expect(tab).to_have_accessible_name(re.compile("1 new"))
    await expect(page.locator("[data-announcer] p", has_text="Jonas's phone. Mara is back")).to_have_count(1)
    await tab.click(timeout=4000)  # nothing that is said lies over it
    await expect(mara).to_be_hidden()
    await expect(jonas.get_by_role("article").last).to_be_in_viewport()
    await expect(tab).to_have_accessible_name("Jonas's phone")
    await jonas.get_by_label("Message", exact=True).fill("/howami")
    await jonas.get_by_role("button", name="Send", exact=True).click()
    await expect(jonas.get_by_role("button", name="7", exact=True)).to_be_in_viewport()
    await jonas.get_by_role("button", name="Menu", exact=True).click()
    await expect(jonas.get_by_role("menu")).to_be_in_viewport(ratio=1)
    assert await page.evaluate(SIDEWAYS) == []
    await page.keyboard.press("Escape")

    # What is due is a list that opens above the button.
    if await page.get_by_role("button", name=re.compile("^All ")).is_visible():
        await page.get_by_role("button", name=re.compile("^All ")).click()
        await expect(page.locator("[data-due]")).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize(("called", "method", "file"), PICTURES, ids=lambda each: str(each)[-24:])
async def test_a_picture_is_shown_with_its_words(
    page: Page, table: Table, called: str, method: str, file: Path
) -> None:
    mara = await opened(page, table, BREAK, LINKED, size=NARROW)
    await page.emulate_media(reduced_motion="no-preference")
    await table.says("Look:", reply_markup={"remove_keyboard": True})
    field = "animation" if called == "Animation" else "photo"
    await table.bot(method, chat_id=table.mara, caption="What it shows, in words.", **{field: file})
    name = f"{called} {file.name}" if called == "Animation" else called
    picture = mara.get_by_alt_text(f"{name}, with the words below").last
    await expect(picture).to_be_in_viewport(ratio=1)
    await expect(mara.get_by_role("article").last).to_contain_text("What it shows, in words.")
    drawn = await picture.evaluate("(it) => it.decode().then(() => [it.naturalWidth, it.clientWidth])")
    assert drawn[0] >= drawn[1] > 200, "as large as it is shown, or larger"
    await expect(page.locator("[data-announcer] p", has_text="What it shows, in words.")).to_have_count(1)
    if called != "Animation":
        return
    # It can be held; and it is held from the first, for those who want nothing to move.
    await mara.get_by_role("button", name="Hold the animation").last.click()
    await expect(mara.locator("canvas").last).to_be_visible()
    await expect(mara.get_by_role("button", name="Let it move").last).to_be_focused()
    await page.emulate_media(reduced_motion="reduce")
    await page.reload()
    await expect(mara.get_by_role("button", name="Let it move").last).to_be_visible()
    await expect(mara.locator("canvas").last).to_be_visible()


async def test_axe_finds_no_serious_fault_three_months_later(page: Page, table: Table) -> None:
    """A long chat of many days, and the picture of one's weeks in it."""
    await page.goto("about:blank")  # who only looks at the end need not see all of it come
    mara = await opened(page, table, LATER)
    assert await mara.locator(".day").count() > 10
    await mara.get_by_label("Message", exact=True).fill("/trends")
    await page.keyboard.press("Enter")
    await mara.get_by_role("button", name="3 months", exact=True).click()
    await expect(mara.get_by_text("Your last three months").last).to_be_visible()
    picture = mara.get_by_alt_text("Picture, with the words below").last
    await picture.scroll_into_view_if_needed()
    drawn = await picture.evaluate("(it) => it.decode().then(() => [it.naturalWidth, it.clientWidth])")
    assert drawn[0] == 1080
    assert drawn[1] > 200
    under = mara.get_by_role("article").last
    for words in ("with a second number the middle was", "the need for connection", "as what helped"):
        await expect(under).to_contain_text(words)
    await no_faults(page, "three months later", sizes=[NARROW])
    await mara.get_by_role("button", name="Put it away").click()
    await expect(picture).to_be_hidden()
