"""After a story: its buttons in hands they were not made for.

Each callback that the bot gave anybody in the story is sent by a stranger, as it is, cut off, and with other
numbers in it; then by the others of the cast, who never saw it; and, once its owner was forgotten, by whoever
has their phone. Nobody may see, change or learn anything by that, and nothing may fail.
"""

import json
import os
import re
import sqlite3
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from cryptography.fernet import Fernet

from bot.playground.people import tap_raw
from bot.storage import couple_tables, queue_tables, tables  # noqa: F401 - all tables have to be known
from bot.storage.metadata import metadata
from tests.acceptance.harness import Person, buttons
from tests.acceptance.hosted import Hosted

OF_EACH_KIND = 2
"""So many of a kind of button and of a person: the newest, which mean the most."""
ALWAYS = ("link_space_back", "journal")
"""Stories that end so in every run of the tests; `make forge` does it after all of them."""
PRIVATE = ("drafts", "journal", "reminders", "saved_wordings", "sessions", "signal_wordings")
"""Nobody changes these but whose they are."""
NOISE = ("facts", "updates")
"""What changes with every update, and is nobody's."""
RANDOM = ("x", ":", "\N{SNOWMAN}" * 21, "\x00\x01", "🫥:1:2", "sx:" + "9" * 18, "-1", "1" * 64)

Row = tuple[Any, ...]
Callbacks = dict[int, list[str]]
"""By the Telegram id of whom they were given to."""


def given(calls: Iterable[dict[str, Any]]) -> Callbacks:
    """Every callback the bot gave somebody, the newest of each kind."""
    found: dict[int, dict[str, None]] = {}
    for call in calls:
        parameters = call["parameters"]
        chat, markup = parameters.get("chat_id"), parameters.get("reply_markup") or {}
        rows = (json.loads(markup) if isinstance(markup, str) else markup).get("inline_keyboard", [])
        for button in (each for row in rows for each in row):
            if "callback_data" in button and chat is not None:
                mine = found.setdefault(int(chat), {})
                mine.pop(button["callback_data"], None)
                mine[button["callback_data"]] = None
    return {chat: _newest_of_each_kind(list(mine)) for chat, mine in found.items()}


def _newest_of_each_kind(data: Sequence[str]) -> list[str]:
    kinds: dict[str, list[str]] = {}
    for each in reversed(data):
        kinds.setdefault(each.split(":", maxsplit=1)[0], []).append(each)
    return [each for mine in kinds.values() for each in mine[:OF_EACH_KIND]]


def distorted(data: str) -> list[str]:
    """The same cut off, and with the next number for each of its numbers."""
    code, *parts = data.split(":")
    other = [str(int(part) + 1) if part.isdecimal() else part for part in parts]
    return [each for each in (data[:-1], code, ":".join((code, *other))) if each]


@dataclass
class Look:
    """All rows of the database at one moment, by table; what changes by itself is left out."""

    rows: dict[str, set[Row]] = field(default_factory=dict)
    columns: dict[str, list[str]] = field(default_factory=dict)

    def of(self, table: str, **where: Any) -> set[Row]:
        """The rows of a table with these values."""
        places = {self.columns[table].index(name): value for name, value in where.items()}
        return {row for row in self.rows[table] if all(row[at] == value for at, value in places.items())}

    def value(self, table: str, row: Row, column: str) -> Any:
        return row[self.columns[table].index(column)]


def look(hosted: Hosted) -> Look:
    """What is in the bot's database now."""
    found = Look()
    with closing(sqlite3.connect(f"file:{hosted.folder / 'bot.db'}?mode=ro", uri=True)) as connection:
        for table in metadata.sorted_tables:
            if table.name not in NOISE:
                rows = connection.execute(f"SELECT * FROM {table.name}")
                found.columns[table.name] = [each[0] for each in rows.description]
                found.rows[table.name] = set(rows)
    return found


def person_of(seen: Look, account: int) -> int:
    [row] = seen.of("telegram_accounts", user_id=account)
    return int(seen.value("telegram_accounts", row, "person_id"))


def is_wanted(story: str) -> bool:
    """Whether this story ends with it in this run."""
    return story in ALWAYS or bool(os.environ.get("FORGE"))


async def forge(hosted: Hosted, cast: Sequence[Person], markers: Sequence[str]) -> None:
    """Try all of it. Raises AssertionError with what was found."""
    accounts = {person.id for person in cast}
    callbacks = {chat: mine for chat, mine in given(await hosted.calls()).items() if chat in accounts}
    everything = list(dict.fromkeys(data for mine in callbacks.values() for data in mine))
    stranger = await hosted.person("Zed")
    await stranger.say("/start")
    tries = [*everything, *RANDOM, *(each for data in everything for each in distorted(data))]
    before = look(hosted)
    await _tap_all(hosted, stranger, tries)
    _assert_only_theirs(before, look(hosted), person_of(before, stranger.id))
    secrets = [*markers, *(each.name for each in cast)]
    _assert_learned_nothing(hosted, person_of(before, stranger.id), secrets)
    for person in cast:
        await _others_private_things_stay(hosted, person, everything, callbacks)
    await _forgotten(hosted, cast[0], callbacks.get(cast[0].id, []))
    seen = look(hosted)
    assert not seen.rows["failed_updates"], "an update could not be handled"


async def _tap_all(hosted: Hosted, person: Person, tries: Iterable[str]) -> None:
    """Tap these one after the other, on a message of one's own; the bot is not waited for between them."""
    under = (await person.chat()).messages[-1]["message_id"]
    phone = hosted.world.state.people[person.id]
    for data in tries:
        tap_raw(hosted.world, phone, {"message_id": under, "data": data})
    await hosted.settle()


def _assert_only_theirs(before: Look, after: Look, person: int) -> None:
    """All that was there is there as it was, and what is new belongs to this person."""
    for table, rows in before.rows.items():
        if "person_id" in before.columns[table]:
            theirs = before.of(table, person_id=person)
            assert rows - theirs <= after.rows[table], f"{table} of others was changed"
            new = after.rows[table] - rows
            assert new <= after.of(table, person_id=person), f"{table} of others has got more"
        elif table != "people":
            assert rows <= after.rows[table], f"{table} was changed"
    others = {row for row in before.rows["people"] if before.value("people", row, "id") != person}
    assert others <= after.rows["people"]


def _assert_learned_nothing(hosted: Hosted, person: int, secrets: Sequence[str]) -> None:
    seen, key = look(hosted), Fernet((hosted.folder / "bot.key").read_text().split()[0])
    for row in seen.of("outbox", person_id=person):
        sealed = seen.value("outbox", row, "private")
        told = seen.value("outbox", row, "parameters") + (key.decrypt(sealed).decode() if sealed else "")
        found = [secret for secret in secrets if secret in told]
        assert not found, f"{seen.value('outbox', row, 'kind')} tells a stranger {found}"


async def _others_private_things_stay(
    hosted: Hosted, person: Person, everything: Sequence[str], callbacks: Callbacks
) -> None:
    """What was given to the others only, tapped by this one of the cast: partner, ex-partner, or neither."""
    mine = set(callbacks.get(person.id, ()))
    before = look(hosted)
    if not before.of("telegram_accounts", user_id=person.id):
        return
    await _tap_all(hosted, person, [data for data in everything if data not in mine])
    after, me = look(hosted), person_of(before, person.id)
    for table in PRIVATE:
        kept = before.rows[table] - before.of(table, person_id=me)
        assert kept == after.rows[table] - after.of(table, person_id=me), f"{table} of others was changed"


async def _forgotten(hosted: Hosted, person: Person, mine: Sequence[str]) -> None:
    """Every old button of somebody who was forgotten, tapped again."""
    await person.say("/forget")
    asked = [
        (message["message_id"], button["callback_data"])
        for message in (await person.chat()).messages
        for button in buttons(message)
        if re.fullmatch(r"pf:\d+:0", button.get("callback_data", ""))
    ]
    if not asked:  # somebody who was forgotten in the story, or never came
        return
    under, forget = asked[-1]
    tap_raw(hosted.world, hosted.world.state.people[person.id], {"message_id": under, "data": forget})
    await hosted.settle()
    before = look(hosted)
    await _tap_all(hosted, person, [forget, *mine])
    after = look(hosted)
    for table in PRIVATE:
        assert before.rows[table] <= after.rows[table], f"{table} of others was changed"
