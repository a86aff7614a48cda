"""How long, how much and how fast."""

from __future__ import annotations

from typing import Any

import aiohttp
import pytest

from bot.playground import pace
from tests.conformance.clients import Client, Refused
from tests.conformance.telegram_side import MARA, TOKEN, TelegramSide
from tests.conformance.test_messages import PIXEL, bad_request

# -- lengths: in UTF-16 units, after the entities are parsed


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x" * 4096, 4096),
        ("<b>" + "&lt;" * 4096 + "</b>", 4096),
        ("🙂" * 2048, 2048),
        ("  x \n ", 1),
    ],
)
async def test_texts_that_fit(client: Client, side: TelegramSide, text: str, shown: int) -> None:
    side.starts(MARA)
    sent = await client.call("sendMessage", chat_id=MARA, text=text, parse_mode="HTML")
    assert len(sent["text"]) == shown


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", "message text is empty"),
        (" \n ", "text must be non-empty"),
        ("<b></b>", "text must be non-empty"),
        ("x" * 4097, "message is too long"),
        ("🙂" * 2048 + "x", "message is too long"),
    ],
)
async def test_texts_that_do_not(client: Client, side: TelegramSide, text: str, why: str) -> None:
    side.starts(MARA)
    refused = await client.refused("sendMessage", chat_id=MARA, text=text, parse_mode="HTML")
    assert refused == bad_request(why)


async def test_captions(client: Client, side: TelegramSide) -> None:
    side.starts(MARA)
    photo = client.upload(PIXEL, "x.png")
    sent = await client.call(
        "sendPhoto", chat_id=MARA, photo=photo, caption=f"<b>{'x' * 1024}</b>", parse_mode="HTML"
    )
    assert len(sent["caption"]) == 1024
    again = sent["photo"][0]["file_id"]
    for caption in ("x" * 1025, "🙂" * 513):
        refused = await client.refused("sendPhoto", chat_id=MARA, photo=again, caption=caption)
        assert refused == bad_request("message caption is too long")
    assert "caption" not in await client.call("sendPhoto", chat_id=MARA, photo=again)


async def test_answers_to_taps(client: Client, side: TelegramSide) -> None:
    side.starts(MARA)
    tap = side.act(MARA, "tap_raw", message_id=1, data="x")["callback_query_id"]
    refused = await client.refused("answerCallbackQuery", callback_query_id=tap, text="x" * 201)
    assert refused == bad_request("MESSAGE_TOO_LONG")
    assert await client.call("answerCallbackQuery", callback_query_id=tap, text="x" * 200) is True


@pytest.mark.parametrize("data", ["x" * 64, "é" * 32])
async def test_callback_data_that_fits(client: Client, side: TelegramSide, data: str) -> None:
    side.starts(MARA)
    markup = {"inline_keyboard": [[{"text": "A", "callback_data": data}]]}
    await client.call("sendMessage", chat_id=MARA, text="x", reply_markup=markup)
    side.act(MARA, "tap", text="A")
    [update] = await client.call("getUpdates")
    assert update["callback_query"]["data"] == data


@pytest.mark.parametrize("data", ["x" * 65, "é" * 33])
async def test_callback_data_counts_in_bytes(client: Client, side: TelegramSide, data: str) -> None:
    side.starts(MARA)
    markup = {"inline_keyboard": [[{"text": "A", "callback_data": data}]]}
    refused = await client.refused("sendMessage", chat_id=MARA, text="x", reply_markup=markup)
    assert refused == bad_request("BUTTON_DATA_INVALID")


# -- pace


def wait(seconds: int) -> Refused:
    return Refused(429, f"Too Many Requests: retry after {seconds}", {"retry_after": seconds})


async def fill(client: Client, chat: int, count: int, **more: Any) -> None:
    for _ in range(count):
        await client.call("sendMessage", chat_id=chat, text="x", **more)


async def test_one_message_a_second_to_a_chat_after_a_short_burst(client: Client, side: TelegramSide) -> None:
    side.starts(MARA)
    await fill(client, MARA, pace.CHAT_BURST)
    assert await client.refused("sendMessage", chat_id=MARA, text="x") == wait(1)
    assert await client.refused("sendMessage", chat_id=MARA, text="x") == wait(1), "a refusal costs nothing"
    side.later(1)
    sent = await client.call("sendMessage", chat_id=MARA, text="x")
    assert await client.refused("sendMessage", chat_id=MARA, text="x") == wait(1)
    where = {"chat_id": MARA, "message_id": sent["message_id"]}
    assert await client.call("editMessageText", **where, text="y"), "an edit is no message"
    side.later(3)
    await fill(client, MARA, 3)
    photo = client.upload(PIXEL, "x.png")
    assert await client.refused("sendPhoto", chat_id=MARA, photo=photo) == wait(1)


async def test_another_chat_does_not_wait_for_it(client: Client, side: TelegramSide) -> None:
    side.starts(MARA)
    await fill(client, MARA, pace.CHAT_BURST)
    await client.refused("sendMessage", chat_id=MARA, text="x")
    await fill(client, side.person("Noor"), 1)


async def test_thirty_messages_a_second_over_all(client: Client, side: TelegramSide) -> None:
    crowd = [side.person(f"P{n}") for n in range(pace.OVERALL + 1)]
    for person in crowd[:-1]:
        await fill(client, person, 1)
    assert await client.refused("sendMessage", chat_id=crowd[-1], text="x") == wait(1)
    await fill(client, crowd[-1], 1, allow_paid_broadcast=True)
    side.later(0.1)
    await fill(client, crowd[0], 3)
    assert await client.refused("sendMessage", chat_id=crowd[1], text="x") == wait(1)


async def test_twenty_messages_a_minute_to_a_group(client: Client, side: TelegramSide) -> None:
    group = {"id": -1001, "type": "supergroup", "title": "Two"}
    mara = {"id": MARA, "is_bot": False, "first_name": "Mara"}
    side.update(message={"message_id": 1, "date": 1, "chat": group, "from": mara, "text": "/start"})
    await fill(client, -1001, pace.GROUP_A_MINUTE)
    assert await client.refused("sendMessage", chat_id=-1001, text="x") == wait(3)
    side.later(3)
    await fill(client, -1001, 1)


async def test_the_header_says_it_too(side: TelegramSide) -> None:
    side.starts(MARA)
    async with aiohttp.ClientSession() as http:
        for _ in range(pace.CHAT_BURST + 1):
            call = {"chat_id": MARA, "text": "x"}
            async with http.post(f"{side.url}/bot{TOKEN}/sendMessage", json=call) as answer:
                status, header = answer.status, answer.headers.get("Retry-After")
    assert (status, header) == (429, "1")
