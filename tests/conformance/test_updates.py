"""getUpdates: what is delivered, confirmed, forgotten, and who may ask."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from tests.conformance.clients import Client
from tests.conformance.telegram_side import MARA, TelegramSide

TWO_POLLERS = (
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
)
WEBHOOK_ACTIVE = (
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)


async def ids(client: Client, **parameters: Any) -> list[int]:
    return [update["update_id"] for update in await client.call("getUpdates", **parameters)]


async def test_an_update_holds_one_thing_and_both_sides_read_it_alike(
    client: Client, side: TelegramSide
) -> None:
    side.act(MARA, "open", link="https://t.me/stillhere_bot?start=abc")
    [raw] = await client.call("getUpdates")
    assert len(raw) == 2
    assert raw["message"]["chat"]["id"] == raw["message"]["from"]["id"] == MARA
    [update] = await client.typed("getUpdates")
    assert update.update_id == raw["update_id"]
    assert (update.message.text, update.message.from_user.first_name) == ("/start abc", "Mara")
    assert client.marked(update.message) == [("bot_command", "/start")]


async def test_ids_rise_and_unconfirmed_updates_come_again(client: Client, side: TelegramSide) -> None:
    side.says(MARA, "a", "b", "c")
    given = await ids(client)
    assert given == sorted(set(given))
    assert len(given) == 3
    assert await ids(client) == given
    assert await ids(client, offset=given[1]) == given[1:], "what is below the offset is confirmed"
    assert await ids(client) == given[1:], "and never comes again"
    assert await ids(client, offset=given[2] + 1) == []
    assert await ids(client, offset=given[0]) == [], "a lower offset brings nothing back"


@pytest.mark.parametrize(("offset", "kept"), [(-1, 1), (-2, 2), (-9, 3)])
async def test_a_negative_offset_counts_from_the_end_and_forgets_the_rest(
    client: Client, side: TelegramSide, offset: int, kept: int
) -> None:
    side.says(MARA, "a", "b", "c")
    given = await ids(client)
    assert await ids(client, offset=offset) == given[-kept:]
    assert await ids(client) == given[-kept:]


async def test_an_offset_far_ahead_confirms_nothing(client: Client, side: TelegramSide) -> None:
    side.says(MARA, "a", "b")
    given = await ids(client)
    assert await ids(client, offset=given[-1] + 1000) == given


@pytest.mark.parametrize(("limit", "count"), [(2, 2), (0, 1), (-3, 1), (100, 100), (101, 100), (None, 100)])
async def test_limit(client: Client, side: TelegramSide, limit: int | None, count: int) -> None:
    side.says(MARA, *map(str, range(102)))
    assert len(await ids(client, limit=limit)) == count


async def test_allowed_updates_are_remembered(client: Client, side: TelegramSide) -> None:
    side.says(MARA, "before")
    given = await ids(client, allowed_updates=["callback_query"])
    assert len(given) == 1, "what came before the call is not held back"
    side.says(MARA, "not allowed")
    assert await ids(client, offset=given[0] + 1) == []
    assert (await client.call("getWebhookInfo"))["allowed_updates"] == ["callback_query"]
    await client.call("getUpdates", allowed_updates=[])
    side.says(MARA, "allowed")
    [update] = await client.call("getUpdates")
    assert update["message"]["text"] == "allowed", "what was not allowed is lost"
    assert "allowed_updates" not in await client.call("getWebhookInfo")


async def test_some_kinds_come_only_when_they_are_named(client: Client, side: TelegramSide) -> None:
    chat = {"id": -1001, "type": "supergroup", "title": "Two"}
    mara = {"id": MARA, "is_bot": False, "first_name": "Mara"}
    reaction = {
        "chat": chat,
        "message_id": 1,
        "user": mara,
        "date": 1_772_394_000,
        "old_reaction": [],
        "new_reaction": [{"type": "emoji", "emoji": "🔥"}],
    }
    side.update(message_reaction=reaction)
    assert await ids(client) == []
    await client.call("getUpdates", allowed_updates=["message_reaction"])
    side.update(message_reaction=reaction)
    [update] = await client.typed("getUpdates")
    assert update.message_reaction.new_reaction[0].emoji == "🔥"


async def test_taps_are_kept_for_150_seconds_and_messages_for_a_day(
    client: Client, side: TelegramSide
) -> None:
    side.starts(MARA)
    side.says(MARA, "a")
    side.act(MARA, "tap_raw", message_id=1, data="x")
    side.later(150)
    assert len(await ids(client)) == 2
    side.later(1)
    [left] = await client.call("getUpdates")
    assert left["message"]["text"] == "a"
    side.later(24 * 3600 - 151)
    assert len(await ids(client)) == 1
    side.later(1)
    assert await ids(client) == []


async def test_a_tap_on_a_message_that_is_gone_tells_only_where_it_was(
    client: Client, side: TelegramSide
) -> None:
    side.starts(MARA)
    side.act(MARA, "tap_raw", message_id=7, data="old")
    [raw] = await client.call("getUpdates")
    message = raw["callback_query"]["message"]
    assert (message["message_id"], message["date"], message["chat"]["id"]) == (7, 0, MARA)
    assert raw["callback_query"]["chat_instance"]
    [update] = await client.typed("getUpdates")
    assert (update.callback_query.data, update.callback_query.message.message_id) == ("old", 7)


# -- waiting


async def test_a_long_poll_waits_for_the_next_update(client: Client, side: TelegramSide) -> None:
    poll = asyncio.create_task(client.call("getUpdates", timeout=30))
    await side.polled()
    side.says(MARA, "a")
    [update] = await poll
    assert update["message"]["text"] == "a"


async def test_without_a_timeout_nothing_is_waited_for(client: Client) -> None:
    assert await client.call("getUpdates") == []
    assert await client.call("getUpdates", timeout=0) == []


# -- 409


async def test_of_two_pollers_the_older_is_told(client: Client, side: TelegramSide) -> None:
    older = asyncio.create_task(client.refused("getUpdates", timeout=30))
    await side.polled()
    newer = asyncio.create_task(client.call("getUpdates", timeout=30))
    refused = await older
    assert (refused.code, refused.description) == (409, TWO_POLLERS)
    side.says(MARA, "a")
    assert len(await newer) == 1


async def test_no_polls_while_a_webhook_is_set(client: Client) -> None:
    await client.call("setWebhook", url="https://example.org/hook")
    refused = await client.refused("getUpdates")
    assert (refused.code, refused.description) == (409, WEBHOOK_ACTIVE)
    await client.call("deleteWebhook")
    assert await client.call("getUpdates") == []


async def test_a_poll_that_is_open_ends_when_a_webhook_is_set(client: Client, side: TelegramSide) -> None:
    poll = asyncio.create_task(client.refused("getUpdates", timeout=30))
    await side.polled()
    await client.call("setWebhook", url="https://example.org/hook")
    refused = await poll
    assert (refused.code, refused.description) == (409, "Conflict: terminated by setWebhook request")
