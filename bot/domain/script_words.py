"""What can be wrong with the words of a script: too long, more than one question, what cannot be shown."""

import re
from collections.abc import Iterator

from bot.domain.placeholders import names_in
from bot.domain.script import Issue, Kind, Script, Step, Where

MOST_TEXT = 400
"""Characters in a message: somebody reads it with a racing heart."""
MOST_LABEL = 24
"""Characters on a button: what a phone shows of it."""
MOST_PROMISE = 100
TAG = re.compile(r"</?[A-Za-z]")


def validate(script: Script) -> Iterator[Issue]:
    """Every fault of its words. Whether a placeholder is filled in by then is found by `script_flow`."""
    yield from _as_it_is(("title",), script.title, MOST_LABEL, "a title")
    yield from _as_it_is(("promise",), script.promise, MOST_PROMISE, "a promise")
    if not script.source and not script.evidence:
        yield Issue((), "“source” or “evidence” is missing: what do its statements rest on?")
    for step in script.steps.values():
        yield from _texts(step)
        yield from _labels(step)


def _as_it_is(at: Where, words: str, most: int, what: str) -> Iterator[Issue]:
    """Words that are shown as they are written."""
    if len(words) > most:
        yield Issue(at, f"{len(words)} characters; {what} has at most {most}")
    if names_in(words):
        yield Issue(at, f"{what} has no placeholders")


def _labels(step: Step) -> Iterator[Issue]:
    at = ("steps", step.id)
    if step.label is not None:
        yield from _as_it_is((*at, "label"), step.label, MOST_LABEL, "a button")
    seen = set()
    for number, choice in enumerate(step.choices):
        where = (*at, "choices", number, "label")
        yield from _as_it_is(where, choice.label, MOST_LABEL, "a button")
        name = " ".join(choice.label.casefold().split())
        if choice.when is None and name in seen:
            yield Issue(where, f"two choices are called “{choice.label}”: a typed answer could mean either")
        seen |= set() if choice.when is not None else {name}


def _texts(step: Step) -> Iterator[Issue]:
    at = ("steps", step.id)
    if step.kind is Kind.BRANCH:
        if any(step.texts):
            yield Issue((*at, "text"), f"a “{step.kind}” step has no text: it chooses silently")
        return
    # The parts of a GROUND stand below its text, one at a time.
    below = max((len(part) + 2 for part in step.parts), default=0)
    asked_below = max((part.count("?") for part in step.parts), default=0)
    for number, text in enumerate(step.texts):
        where = (*at, "text", number)
        if not text.strip():
            yield Issue(where, f"a “{step.kind}” step needs a text")
        if len(text) + below > MOST_TEXT:
            yield Issue(where, f"{len(text) + below} characters; a message has at most {MOST_TEXT}")
        if text.count("?") + asked_below > 1:
            yield Issue(where, "more than one question in a message")
        yield from _plain(where, text)
    for number, part in enumerate(step.parts):
        yield from _plain((*at, "parts", number), part)


def _plain(at: Where, text: str) -> Iterator[Issue]:
    if TAG.search(text):
        yield Issue(at, "no tags in scripts: the text is shown as it is written")
