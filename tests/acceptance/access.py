"""What the page is to those who do not see it well or use keys alone: axe-core, the focus, what is said."""

from collections.abc import Sequence
from typing import Literal

from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Page, ViewportSize

WIDE = ViewportSize(width=1280, height=900)
SCHEMES: list[tuple[Literal["light", "dark"], tuple[str, ...]]] = [
    ("light", ()),
    ("dark", ("color-contrast",)),
]
NARROW = ViewportSize(width=360, height=740)
GRAVE = ("serious", "critical")

# axe-core cannot measure a contrast on a gradient or under a pattern, and would pass nearly all of this page.
# So it is given the colour of each gradient that is nearest to the ink, and nothing drawn above it.
PLAIN = """() => {
  const plain = new CSSStyleSheet();
  plain.replaceSync(`
    *, *::before, *::after { animation: none !important; transition: none !important; }
    * { background-image: none !important; }
    *::before, *::after { display: none !important; }
    body { background-color: var(--glow-b) !important; }
    .chat { background-color: var(--chat-wash) !important; }`);
  document.adoptedStyleSheets = [plain];
}"""
AS_IT_WAS = "() => { document.adoptedStyleSheets = []; }"

# What has the focus: its name, and why it cannot be seen there. The field shows it on the box around it.
FOCUSED = """async () => {
  await new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  const it = document.activeElement;
  const style = getComputedStyle(it.matches("textarea") ? it.parentElement : it);
  const bubble = it.matches("article") ? getComputedStyle(it.querySelector(".bubble")) : style;
  const outlined = (one) => one.outlineStyle !== "none" && parseFloat(one.outlineWidth) >= 2;
  const box = it.getBoundingClientRect();
  const across = box.width > 0 && box.right > 0 && box.left < innerWidth;
  const seen = across && box.bottom > 0 && box.top < innerHeight;
  const marked = outlined(style) || outlined(bubble);
  return {
    name: it.ariaLabel ?? it.textContent,
    place: it.closest("section")?.ariaLabel ?? "",
    trouble: it === document.body ? "is nowhere" : !seen ? "is out of sight" : !marked ? "has no mark" : "",
  };
}"""

SAID = """(name) => [...document.querySelectorAll("[data-announcer] p")].map((line) => line.textContent)
  .filter((line) => line.startsWith(name))"""

SIDEWAYS = """() => [document.documentElement, document.body, ...document.querySelectorAll("body *")]
  .filter((it) => it.scrollWidth > it.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(it).overflowX)
    || it.matches("html, body, .log, .table") && it.scrollWidth > innerWidth)
  .map((it) => `${it.tagName} ${it.className}`)"""


async def faults(page: Page, within: str, *rules: str) -> list[str]:
    """What axe-core finds serious or critical (by these rules, if any), and contrasts it could not tell."""
    options: dict[str, object] = {
        "resultTypes": ["violations", "incomplete"],
        "selectors": False,
        "preload": False,
        "iframes": False,
    }
    if rules:
        options["runOnly"] = {"type": "rule", "values": list(rules)}
    await page.evaluate(PLAIN)
    result = (await Axe().run(page, within, options)).response
    await page.evaluate(AS_IT_WAS)
    found = [
        f"{each['id']} ({each['impact']}): {node['html'][:160]}: {node['failureSummary']}"
        for each in result["violations"]
        if each["impact"] in GRAVE
        for node in each["nodes"]
    ]
    unknown = [
        f"unknown contrast: {node['html'][:160]}"
        for each in result["incomplete"]
        for node in each["nodes"]
        for why in node["any"]
        if (why.get("data") or {}).get("messageKey") in ("bgGradient", "bgImage", "pseudoContent")
    ]
    return found + unknown


async def no_faults(
    page: Page,
    state: str,
    within: str = "html",
    sizes: Sequence[ViewportSize] = (WIDE, NARROW),
    lightly: bool = False,
) -> None:
    """None in light and dark, wide and narrow. `lightly`: not in the dark, where only colours change."""
    found: list[str] = []
    for size in sizes:
        await page.set_viewport_size(size)
        for scheme, rules in SCHEMES[:1] if lightly else SCHEMES:
            await page.emulate_media(color_scheme=scheme)
            new = await faults(page, within, *rules)
            found += [f"{state}, {scheme}, {size['width']} wide: {fault}" for fault in new]
    await page.emulate_media(color_scheme="light")
    await page.set_viewport_size(sizes[0])
    assert not found, "\n".join(found)


class Keys:
    """Nothing but the keyboard; after every key the focus is somewhere, in sight and marked."""

    def __init__(self, page: Page) -> None:
        self.page = page

    async def press(self, key: str, times: int = 1) -> None:
        for _ in range(times):
            await self.page.keyboard.press(key)
            await self.look()

    async def look(self) -> tuple[str, str]:
        """What has the focus, and in which part of the page."""
        focused = await self.page.evaluate(FOCUSED)
        assert not focused["trouble"], f"the focus {focused['trouble']}: {focused}"
        return focused["name"], focused["place"]

    async def to(self, name: str, place: str = "", key: str = "Tab", most: int = 40) -> None:
        """With this key until the focus is on what begins with that name."""
        passed = [await self.look()]
        while not (passed[-1][0].startswith(name) and passed[-1][1].startswith(place)):
            assert len(passed) <= most, f"{name!r} is not reached with {key}: {passed}"
            await self.press(key)
            passed.append(await self.look())
