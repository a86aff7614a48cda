"""The bot's words by their keys: transcripts and tests name `space.preview`, never an English sentence.

A key is the path to a text in `content/<locale>/strings.yaml`, joined by dots. Other files begin with
their name, check-in scripts with `scripts.<file>`; entries of a list are found by their `id`. A text may
be one string, a list of variants, or a mapping of plural forms: any of them counts.
"""

import difflib
import html
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from string import Formatter
from typing import Any

import yaml

from bot.playground.script.errors import UnexpectedError

BESIDE, INSIDE = Path(__file__).resolve().parents[3] / "content", Path(__file__).parents[2] / "_content"
CONTENT = INSIDE if INSIDE.is_dir() else BESIDE
"""The shipped texts: in a checkout, or in a wheel."""
PLURALS = {"zero", "one", "two", "few", "many", "other"}
NAMES = "b|strong|i|em|u|ins|s|strike|del|a|code|pre|blockquote|span|tg-[a-z]+"
TAG = re.compile(rf"</?(?:{NAMES})(?:\s[^<>]*)?>")
ANYTHING = "(?:.*?)"


def plain(text: str) -> str:
    """As a person reads it: no tags, no entities, every run of white space one space."""
    return " ".join(html.unescape(TAG.sub("", text)).split())


def squeezed(text: str) -> str:
    """The same for a text that came back from a chat, where tags are entities already."""
    return " ".join(text.split())


def pattern(template: str, values: Mapping[str, object] | None = None) -> str:
    """A regular expression for `template`: a placeholder is its value, or anything if none is given."""
    values = values or {}
    wanted: list[str] = []
    pieces: list[str] = []
    for literal, name, _spec, _conversion in Formatter().parse(template):
        pieces.append(literal)
        if name is not None:
            root = re.split(r"[.\[]", name)[0]
            wanted.append(re.escape(squeezed(str(values[root]))) if root in values else ANYTHING)
            pieces.append("\0")
    literals = plain("".join(pieces)).split("\0")
    found = re.escape(literals[0])
    for value, literal in zip(wanted, literals[1:], strict=True):
        found += value + re.escape(literal)
    return found


def flatten(node: Any, path: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    """Every text with its key."""
    here = f"{path}." if path else ""
    if isinstance(node, str):
        yield path, (node,)
    elif isinstance(node, Mapping):
        if "other" in node and set(node) <= PLURALS:
            yield path, tuple(str(form) for form in node.values())
            return
        for key, child in node.items():
            yield from flatten(child, f"{here}{key}")
    elif isinstance(node, list):
        if node and all(isinstance(item, str) for item in node):
            yield path, tuple(node)
            return
        for number, item in enumerate(node):
            name = item.get("id", number) if isinstance(item, Mapping) else number
            yield from flatten(item, f"{here}{name}")


class Words:
    """All texts of one locale."""

    def __init__(self, locale: str, content: Path = CONTENT) -> None:
        self.locale = locale
        self._texts: dict[str, tuple[str, ...]] = {}
        folder = content / locale
        for file in sorted(folder.rglob("*.yaml")):
            # BaseLoader: a key such as `on` or `20` stays the word that is written there.
            tree = yaml.load(file.read_text(encoding="utf-8"), yaml.BaseLoader)
            prefix = ".".join(file.relative_to(folder).with_suffix("").parts).removeprefix("strings")
            self._texts.update(flatten(tree, prefix))

    def __contains__(self, key: str) -> bool:
        return key in self._texts

    def templates(self, key: str) -> tuple[str, ...]:
        if key not in self._texts:
            below = [known for known in self._texts if known.startswith(f"{key}.")]
            near = below[:8] or difflib.get_close_matches(key, self._texts, n=5, cutoff=0.5)
            hint = f"; there are: {', '.join(near)}" if near else ""
            raise UnexpectedError(f"No text {key!r} in content/{self.locale}{hint}")
        return self._texts[key]

    def text(self, key: str, **values: object) -> str:
        """The first variant, filled in and without tags: for what a person types or reads."""
        return plain(self.templates(key)[0].format(**values))

    def finder(self, key: str, values: Mapping[str, object] | None = None) -> re.Pattern[str]:
        """Finds the text of `key` inside a message. A time given for `…_at` reads as the locale has it."""
        values = {name: self._as_read(name, value) for name, value in (values or {}).items()}
        forms = [pattern(template, values) for template in self.templates(key)]
        if any(not form.replace(ANYTHING, "").strip() for form in forms):
            raise UnexpectedError(f"{key!r} is only placeholders: say what they are (`with: …`)")
        return re.compile("|".join(forms), re.DOTALL)

    def _as_read(self, name: str, value: object) -> object:
        is_time = name.endswith("_at") and re.fullmatch(r"\d\d:\d\d", str(value))
        return self.text("times.today", time=value) if is_time and "times.today" in self else value

    def label(self, key: str, values: Mapping[str, object] | None = None) -> re.Pattern[str]:
        """Matches a button with the text of `key`; one with placeholders may go on after it."""
        self.finder(key, values)
        forms = [pattern(form, values) + ("" if "{" in form else r"\s*$") for form in self.templates(key)]
        return re.compile(f"^(?:{'|'.join(forms)})", re.DOTALL)


@cache
def words_of(locale: str, content: Path = CONTENT) -> Words:
    """Read once, for that takes a while."""
    return Words(locale, content)
