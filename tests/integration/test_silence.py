"""Nothing shows of what the other does: not whether they read, paused, silenced, blocked or looked for help.

The same things are sent in one world after the other, and in each the other person has done something that is
nobody's business. What the sender sees has to be the same, byte for byte, at the same times.
"""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from bot.content.catalog import Content, load
from tests.integration.stage import ME, Message, Stage, stage

from .conftest import NOW

Seen = list[tuple[datetime, str, list[str]]]
"""When, what, and the buttons under it."""


@cache
def content() -> Content:
    return load()


THINGS: dict[str, list[str]] = {
    "a break, with more time, to its end": [
        "/space 20",
        "#2 · Settle thoughts",
        "space.send",
        "+20",
        "#6",
        "+15",
        "+40",
        "/back",
    ],
    "four lines, and no more than three a day": [*["/signal", "#1 · I'm still here."] * 3, "/signal"],
    "a topic for later": [
        "/later",
        "The holidays",
        "tomorrow 19:00",
        "later.done",
        "relay.send",
    ],
    "a proposal": [
        "/agreement",
        "agreement.propose",
        "agreement.part.minutes",
        "space.minutes.20",
        "agreement.preview_it",
        "relay.send",
    ],
    "an answer for two": ["/together", "together.answer", "Blue", "together.keep"],
    "the settings and the partner": ["/settings", "/privacy", "/help", "/link"],
    "leaving, with a line": ["/unlink", "unlink.send_line"],
}


async def nothing(world: Stage, jonas: int) -> None:
    """The plain case."""


async def blocks(world: Stage, jonas: int) -> None:
    user, chat = world._who(jonas)["from"], world._who(jonas)["chat"]
    change = {"from": user, "chat": chat, "date": 0}
    was, now = {"user": ME, "status": "member"}, {"user": ME, "status": "kicked", "until_date": 0}
    body = {**change, "old_chat_member": was, "new_chat_member": now}
    await world._intake.take([{"update_id": next(world._ids), "my_chat_member": body}])


async def cannot_be_reached(world: Stage, jonas: int) -> None:
    """Telegram refused the last message to them."""
    async with world.storage.unit_of_work() as uow:
        person = await uow.people.by_account(jonas)
        assert person is not None
        await uow.people.set_reachable(person.id, False)
        await uow.commit(world.clock.now())


async def needs_help(world: Stage, jonas: int) -> None:
    await world.says(jonas, "/help")
    await tap(world, jonas, "buttons.unsafe")
    await world.says(jonas, "I want to kill myself")


async def wants_it_quiet(world: Stage, jonas: int) -> None:
    async with world.storage.unit_of_work() as uow:
        person = await uow.people.by_account(jonas)
        assert person is not None
        begin, end = (world.clock.now() + timedelta(hours=hours) for hours in (-3, 6))
        await uow.people.set_quiet_hours(person.id, begin.time(), end.time())
        await uow.people.set_discreet(person.id, True)
        await uow.commit(world.clock.now())


async def is_busy(world: Stage, jonas: int) -> None:
    await world.says(jonas, "/howami")


async def writes_a_line(world: Stage, jonas: int) -> None:
    await world.says(jonas, "/journal")


DOINGS: list[Callable[[Stage, int], Awaitable[None]]] = [
    blocks,
    cannot_be_reached,
    needs_help,
    wants_it_quiet,
    is_busy,
    writes_a_line,
]


async def tap(world: Stage, account: int, key: str) -> None:
    """Tap the newest button with this label: a key of the strings, or # and the label itself."""
    label = key[1:] if key.startswith("#") else world.content.text("en", key)
    for message in reversed(world.chats[account]):
        for button in message.keyboard:
            if button["text"] == label and "callback_data" in button:
                await world.taps(account, message, button["callback_data"])
                return
    shown = [(message.text, [each["text"] for each in message.keyboard]) for message in world.chats[account]]
    pytest.fail(f"no button {label!r} in {shown[-3:]}")


def snapshot(messages: list[Message]) -> list[tuple[str, list[str]]]:
    return [(message.text, [button["text"] for button in message.keyboard]) for message in messages]


async def seen(folder: Path, steps: list[str], doing: Callable[[Stage, int], Awaitable[None]]) -> Seen:
    """All that the sender sees, with its times."""
    async with stage(folder, content(), NOW) as world:
        mara, mara_id = await world.person("Mara", "en")
        jonas, jonas_id = await world.person("Jonas", "en")
        async with world.storage.unit_of_work() as uow:
            await uow.couples.add(mara_id, jonas_id, NOW)
            await uow.commit(NOW)
        await doing(world, jonas)
        await asyncio.gather(*world._intake._spawned)
        before, taps = len(world.calls), 0
        found: Seen = []
        for step in steps:
            if step.startswith("+"):
                await world.waits(mara, world.clock.now() + timedelta(minutes=int(step)))
            elif step.startswith("#") or "." in step:
                await tap(world, mara, step)
                taps += 1
            else:
                await world.says(mara, step)
            await asyncio.gather(*world._intake._spawned)
            found += [(world.clock.now(), *each) for each in snapshot(world.chats[mara])]
        toasts = [said.get("text", "") for method, said in world.calls[before:] if "Callback" in method]
        return [*found, *((NOW, toast, []) for toast in toasts[:taps])]


@pytest.mark.parametrize("thing", THINGS)
async def test_the_sender_sees_the_same_whatever_the_other_does(thing: str, tmp_path: Path) -> None:
    folders = {doing: tmp_path / doing.__name__ for doing in (nothing, *DOINGS)}
    for folder in folders.values():
        folder.mkdir()
    plain = await seen(folders[nothing], THINGS[thing], nothing)
    assert any("Jonas" in text for _, text, _ in plain) or thing == "the settings and the partner"
    for doing in DOINGS:
        found: Any = await seen(folders[doing], THINGS[thing], doing)
        assert found == plain, doing.__name__
