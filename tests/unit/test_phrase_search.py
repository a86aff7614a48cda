"""Patterns found by their first words are the same as all of them in one expression."""

import re

from hypothesis import given
from hypothesis import strategies as st

from bot.domain.phrase_search import PhraseSearch

WORDS = ("kill", "kilt", "time", "me", "my", "so")
ITEMS = st.sampled_from([*WORDS, "kil*", "*", "me?"])
ITEM_LISTS = st.lists(ITEMS, min_size=1, max_size=3)
PHRASES = st.lists(ITEM_LISTS.filter(lambda items: not {*items} <= {"*", "me?"}), max_size=6)
"""None of nothing but what may be missing: that would be found everywhere."""
LINES = st.lists(st.sampled_from([*WORDS, "killing", "|"]), max_size=8)


def written(item: str) -> str:
    if item == "*":
        return r"(?:[^\s|]+ ){0,2}"
    if item.endswith("*"):
        return item[:-1] + r"[^\s|]* "
    return f"(?:{item[:-1]} )?" if item.endswith("?") else f"{item} "


def heads(items: list[str]) -> frozenset[str] | None:
    found = set()
    for item in items:
        if item == "*":
            return None
        found.add(item.removesuffix("?"))
        if not item.endswith("?"):
            return frozenset(found)
    return None


@given(PHRASES, LINES)
def test_the_same_as_all_in_one(phrases: list[list[str]], words: list[str]) -> None:
    patterns = ["".join(map(written, items)) for items in phrases]
    search = PhraseSearch(zip(patterns, map(heads, phrases), strict=True))
    line = "".join(f"{word} " for word in words)
    one = re.compile(rf"(?<!\S)(?=\S)(?:{'|'.join(patterns)})" if patterns else "(?!)")
    assert [found.span() for found in search.finditer(line)] == [found.span() for found in one.finditer(line)]
    assert search.sub("| ", line) == one.sub("| ", line)
    fits = [number for number, pattern in enumerate(patterns) if re.search(rf"(?<!\S)(?=\S){pattern}", line)]
    assert set(fits) <= set(search.possible(line))
