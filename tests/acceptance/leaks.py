"""What people, and what is secret, in what a bot printed: nothing of it may be there."""

import re
from collections.abc import Iterable, Iterator

from bot.play import TOKEN
from tests.acceptance.hosted import Hosted

SHORTEST = 4
"""Letters and digits; what is shorter (a number, a time) stands in any log by chance."""


def secrets_of(playground: Hosted) -> Iterator[tuple[str, str]]:
    """What may be in no line of the log, and what it is: all that was typed, names, ids, codes, keys."""
    for text in playground.typed:
        yield "typed", text
        if text.startswith("/"):
            yield "typed", text.partition(" ")[2]
    for person in playground.people:
        yield "name", person.name
        yield "Telegram id", str(person.id)
    for link in playground.opened:
        yield "code", link.partition("start=")[2].partition("_")[2] or link.partition("start=")[2]
    yield "token", TOKEN
    yield "token", f"bot{TOKEN}"
    yield "key", (playground.folder / "bot.key").read_text().strip()


def found_in(log: Iterable[str], secrets: Iterable[tuple[str, str]]) -> list[tuple[str, str, str]]:
    """What it is, the secret, and the line it stands in: as a word of its own, in any case of letters.

    Parts of names with dots are none: “help” is typed, `help.main` is a kind of notice.
    """
    lines = list(log)
    whole = "\n".join(lines).casefold()
    found = []
    for what, secret in sorted(set(secrets)):
        if sum(each.isalnum() for each in secret) < SHORTEST or secret.casefold() not in whole:
            continue
        word = re.compile(rf"(?<!\w)(?<!\w\.){re.escape(secret)}(?!\.?\w)", re.IGNORECASE)
        found += [(what, secret, line) for line in lines if word.search(line)]
    return found
