"""Updates nobody foresaw, through the real intake: nothing fails, nothing leaks into markup, nothing is lost.

A few in every run of the tests, always the same; `make fuzz` tries 20,000 others.
"""

import asyncio
import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from structlog.testing import capture_logs

from bot.content.catalog import load
from bot.playground.html import parse_html
from bot.storage import queue_tables, tables
from bot.storage.outbox import WAITING
from bot.telegram.handlers.commands import COMMANDS
from bot.telegram.render.render import render
from bot.telegram.render.words import Words
from tests.integration.stage import ME, Stage, stage

from .conftest import NOW

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "0"))
"""Of each of the two tests; none: a few, always the same."""
HOW = settings(
    max_examples=EXAMPLES or 60,
    derandomize=not EXAMPLES,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
NEVER_OURS = {"underline", "strikethrough", "spoiler", "custom_emoji", "expandable_blockquote"}
"""Markup the bot never uses: where it shows, somebody's text has become markup."""
OTHER_KINDS = (
    "edited_channel_post",
    "channel_post",
    "business_connection",
    "business_message",
    "edited_business_message",
    "deleted_business_messages",
    "message_reaction",
    "message_reaction_count",
    "chosen_inline_result",
    "shipping_query",
    "pre_checkout_query",
    "purchased_paid_media",
    "poll",
    "poll_answer",
    "chat_member",
    "chat_join_request",
    "chat_boost",
    "removed_chat_boost",
    "managed_bot",
)
NASTY = (
    "<u>x</u><s>y</s><tg-spoiler>z</tg-spoiler>",
    "</b></i></blockquote><u>",
    "&lt;u&gt; &amp; &nbsp; &#0; &#x1F600;",
    "\u202eevil\u202c \u2066x\u2069 שלום مرحبا",
    "a\u200bb\u200d\u2060c\ufeff",
    "👩‍❤️‍💋‍👨🏳️‍🌈👍🏽" * 20,
    "\ud800 alone",
    "x\udfff",
    "\x00\x01\x1b[31m",
    "{name} {0} %s %(x)s {{}}",
    "z" * 5_000,
    "é" * 4_096,
    "\n" * 300,
    "' OR 1=1; --",
    "20 min",
    "tomorrow 8:00",
    "morgen um 8",
    "every 2 hours 9 to 18",
    "in 40 minutes: <u>breathe</u>",
    "Berlin",
    "7",
    "0",
    "99999999999999999999",
)
words = st.one_of(
    st.sampled_from(NASTY),
    st.text(alphabet=st.characters(), max_size=80),
    st.builds("/{} {}".format, st.sampled_from(sorted(COMMANDS)), st.sampled_from(("", *NASTY))),
    st.sampled_from([f"/{name}" for name in sorted(COMMANDS)]),
)
anything = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(-(2**63), 2**63), st.floats(allow_nan=False), words),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=6,
)
STICKER = {"type": "regular", "is_animated": False, "is_video": False}
media = st.sampled_from(
    [
        {"photo": [{"file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}]},
        {"voice": {"file_id": "a", "file_unique_id": "b", "duration": 1}},
        {"sticker": {**STICKER, "file_id": "a", "file_unique_id": "b", "width": 1, "height": 1}},
        {"location": {"latitude": 91.5, "longitude": -500.25}},
        {"location": {"latitude": 52.52, "longitude": 13.4}},
        {"contact": {"phone_number": "<u>1</u>", "first_name": "<u>x</u>"}},
        {"dice": {"emoji": "🎲", "value": 6}},
        {"venue": {"location": {"latitude": 0, "longitude": 0}, "title": "<u>x</u>", "address": ""}},
        {"new_chat_title": "<u>x</u>"},
        {},
    ]
)


@st.composite
def messages(draw: st.DrawFn) -> dict[str, Any]:
    content = draw(st.one_of(words.map(lambda text: {"text": text}), media))
    caption = {"caption": draw(words)} if "photo" in content else {}
    return {"message_id": draw(st.integers(1, 10**9)), "date": 0, **content, **caption}


@st.composite
def whole(draw: st.DrawFn) -> dict[str, Any]:
    """As Telegram makes them, with odd things in them."""
    kind = draw(st.sampled_from(("message", "edited_message", "tap", "inline", "block")))
    match kind:
        case "message" | "edited_message":
            return {kind: draw(messages())}
        case "tap":
            return {"callback_query": {"id": "1", "chat_instance": "1", "data": draw(st.text(max_size=64))}}
        case "inline":
            return {"inline_query": {"id": "1", "query": draw(words)[:256], "offset": draw(words)[:64]}}
    status = draw(st.sampled_from(("kicked", "member")))
    return {"my_chat_member": {"date": 0, "status": status}}


@st.composite
def broken(draw: st.DrawFn) -> dict[str, Any]:
    """Kinds that nobody asked for, and parts that are missing or are no such thing."""
    asked_for = ("message", "edited_message", "callback_query", "inline_query")
    kind = draw(st.sampled_from((*asked_for, *OTHER_KINDS)))
    return {"odd": True, kind: draw(anything)}


class World:
    """One bot for all examples: somebody in the middle of a check-in, and whoever sends odd things."""

    def __init__(self, made: Stage, account: int, bystander: int) -> None:
        self.stage, self.account, self.bystander = made, account, bystander

    def addressed(self, update: dict[str, Any], name: str) -> dict[str, Any]:
        """From this person, in their chat."""
        who = {"id": self.account, "is_bot": False, "first_name": name}
        chat = {"id": self.account, "type": "private", "first_name": name}
        update = {"update_id": next(self.stage._ids), **update}
        if update.pop("odd", False):
            return update
        for kind in ("message", "edited_message"):
            if kind in update:
                update[kind] = {**update[kind], "from": who, "chat": chat}
        if "callback_query" in update:
            under = {"message_id": 1, "date": 1, "chat": chat, "text": "x"}
            update["callback_query"] = {**update["callback_query"], "from": who, "message": under}
        if "inline_query" in update:
            update["inline_query"] = {**update["inline_query"], "from": who}
        if "my_chat_member" in update:
            me = {"user": ME, "status": "member"}
            now = {"user": ME, "status": update["my_chat_member"]["status"], "until_date": 0}
            changed = {"date": 0, "old_chat_member": me, "new_chat_member": now}
            update["my_chat_member"] = {**changed, "from": who, "chat": chat}
        return update

    async def take(self, updates: list[dict[str, Any]]) -> None:
        await self.stage._intake.take(updates)
        await asyncio.gather(*self.stage._intake._spawned)
        self.stage.clock.set(self.stage.clock.now() + timedelta(minutes=1))

    async def rows(self, table: Any) -> list[Any]:
        async with self.stage.storage.unit_of_work() as uow:
            return list((await uow._connection.execute(select(table))).all())

    async def read_all(self) -> None:
        """Render all that waits, as it would be sent; each text has to be markup that Telegram takes."""
        now = self.stage.clock.now()
        async with self.stage.storage.unit_of_work() as uow:
            query = select(queue_tables.outbox.c.id).where(queue_tables.outbox.c.state == WAITING)
            for waiting in (await uow._connection.execute(query)).scalars().all():
                for envelope in await uow.outbox.claim([waiting], now):
                    said = render(
                        envelope.notice, 1, Words(self.stage.content, envelope.person, now, ME["username"])
                    )
                    if said is not None and "text" in said.parameters:
                        text, entities = parse_html(said.parameters["text"])
                        assert text.strip(), envelope.notice.kind
                        found = {entity["type"] for entity in entities} & NEVER_OURS
                        assert not found, f"{envelope.notice.kind}: {said.parameters['text']}"
            await uow.commit(now)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[asyncio.Runner, World]]:
    async def enter() -> World:
        made = await opened.__aenter__()
        account, _ = await made.person("Mara", "en")
        bystander, person = await made.person("Jonas", "en")
        await made.says(bystander, "/howami")
        found = World(made, account, person)
        assert await active(found) is not None
        return found

    with asyncio.Runner() as runner, capture_logs():
        opened = stage(Path(tmp_path_factory.mktemp("fuzz")), load(), NOW)
        try:
            yield runner, runner.run(enter())
        finally:
            runner.run(opened.__aexit__(None, None, None))


async def active(world: World) -> Any:
    """Where the bystander is in their check-in."""
    found = [row for row in await world.rows(tables.sessions) if row.person_id == world.bystander]
    return next((tuple(row) for row in found if row.status == "active"), None)


async def _try(world: World, updates: list[dict[str, Any]], name: str) -> None:
    before = await active(world)
    sessions = {row.id for row in await world.rows(tables.sessions)}
    sent = [world.addressed(update, name) for update in updates]
    await world.take(sent)
    handled = {row.update_id for row in await world.rows(queue_tables.updates)}
    aside = {row.update_id for row in await world.rows(queue_tables.failed_updates)}
    await _forget_aside(world)
    assert {update["update_id"] for update in sent} <= handled, "each is handled or set aside"
    assert await active(world) == before, "somebody else's check-in was touched"
    assert sessions <= {row.id for row in await world.rows(tables.sessions)}, "a session was lost"
    odd = {made["update_id"] for update, made in zip(updates, sent, strict=True) if "odd" in update}
    assert aside <= odd, "something that Telegram may send was set aside"
    await world.read_all()


async def _forget_aside(world: World) -> None:
    async with world.stage.storage.unit_of_work() as uow:
        await uow._connection.execute(queue_tables.failed_updates.delete())
        await uow.commit(world.stage.clock.now())


@HOW
@given(st.lists(whole(), min_size=1, max_size=4), words)
def test_whatever_telegram_may_send(
    world: tuple[asyncio.Runner, World], updates: list[dict[str, Any]], name: str
) -> None:
    runner, at = world
    runner.run(_try(at, updates, name))


@HOW
@given(st.lists(st.one_of(broken(), whole()), min_size=1, max_size=4), words)
def test_whatever_telegram_may_not(
    world: tuple[asyncio.Runner, World], updates: list[dict[str, Any]], name: str
) -> None:
    runner, at = world
    runner.run(_try(at, updates, name))
