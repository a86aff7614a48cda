"""Updates posted to a webhook: with the secret, in order, again until they are taken."""

from __future__ import annotations

import pytest
from aiohttp import web

from tests.conformance.clients import Client
from tests.conformance.telegram_side import JONAS, MARA, Hook, TelegramSide
from tests.conformance.test_messages import bad_request

SECRET = "s3cret_-" + "x" * 248


def texts(side: TelegramSide, person: int) -> list[str]:
    return [post.message["text"] for post in side.world.state.chats[person].posts.values()]


async def test_updates_are_posted_with_the_secret_and_both_sides_read_them_alike(
    client: Client, side: TelegramSide, hook: Hook
) -> None:
    side.says(MARA, "before")
    assert await client.call("setWebhook", url=hook.url, secret_token=SECRET) is True
    side.says(MARA, "after")
    await side.delivered()
    assert hook.texts() == ["before", "after"]
    for headers in hook.headers:
        assert headers["X-Telegram-Bot-Api-Secret-Token"] == SECRET
        assert headers["Content-Type"].startswith("application/json")
    update = client.update(hook.got[0])
    assert (update.message.text, update.message.chat.id) == ("before", MARA)


async def test_without_a_secret_there_is_no_header(client: Client, side: TelegramSide, hook: Hook) -> None:
    await client.call("setWebhook", url=hook.url)
    side.says(MARA, "a")
    await side.delivered()
    assert "X-Telegram-Bot-Api-Secret-Token" not in hook.headers[0]


async def test_only_what_is_allowed_is_posted(client: Client, side: TelegramSide, hook: Hook) -> None:
    await client.call("setWebhook", url=hook.url, allowed_updates=["callback_query"])
    side.says(MARA, "a")
    side.act(MARA, "tap_raw", message_id=1, data="x")
    await side.delivered()
    assert [list(update)[1] for update in hook.got] == ["callback_query"]


# -- again


async def test_what_is_not_taken_is_posted_again_later_each_time(
    client: Client, side: TelegramSide, hook: Hook
) -> None:
    moved = web.Response(status=302, headers={"Location": hook.url})
    hook.answers = [web.Response(status=500), web.Response(status=404), moved]
    await client.call("setWebhook", url=hook.url)
    side.says(MARA, "a", "b")
    for posts, pause in ((1, 1), (2, 2), (3, 4)):
        await failed(side, posts)
        side.later(pause - 0.1)
        assert (await side.on_their_way(), len(hook.got)) == (0, posts), "not before its time"
        side.later(0.1)
    await side.delivered()
    assert hook.texts() == ["a", "a", "a", "a", "b"], "who comes after it waits for it"
    why = (await client.call("getWebhookInfo"))["last_error_message"]
    assert why == "Wrong response from the webhook: 302 Found", "who has moved is not followed"
    assert len({update["update_id"] for update in hook.got}) == 2


async def test_a_webhook_may_say_when(client: Client, side: TelegramSide, hook: Hook) -> None:
    hook.answers = [web.Response(status=503, headers={"Retry-After": "30"})]
    await client.call("setWebhook", url=hook.url)
    side.says(MARA, "a")
    await failed(side, 1)
    side.later(29)
    assert (await side.on_their_way(), len(hook.got)) == (0, 1)
    side.later(1)
    await side.delivered()
    assert len(hook.got) == 2


async def test_while_the_clock_flows_it_comes_by_itself(side: TelegramSide, hook: Hook) -> None:
    hook.answers = [web.Response(status=500)]
    side.world.state.webhook.url = hook.url
    side.says(MARA, "a")
    await failed(side, 1)
    side.later(0.99)
    side.world.clock.switch(flowing=True)
    try:
        await side.delivered()
    finally:
        side.world.clock.switch(flowing=False)
    assert len(hook.got) == 2


async def test_what_gets_too_old_is_given_up(client: Client, side: TelegramSide, hook: Hook) -> None:
    hook.answers = [web.Response(status=500)]
    await client.call("setWebhook", url=hook.url)
    side.act(MARA, "say", text="/start")
    await failed(side, 1)
    side.later(24 * 3600 + 1)
    assert (await side.on_their_way(), len(hook.got)) == (0, 1)
    assert (await client.call("getWebhookInfo"))["pending_update_count"] == 0


async def failed(side: TelegramSide, times: int) -> None:
    await side.until(lambda: any(each.failures == times for each in side.world.state.pending))


async def test_the_last_error_is_told(client: Client, side: TelegramSide, hook: Hook) -> None:
    hook.answers = [web.Response(status=502)]
    await client.call("setWebhook", url=hook.url, max_connections=7, allowed_updates=["message"])
    info = await client.call("getWebhookInfo")
    assert info == {
        "url": hook.url,
        "has_custom_certificate": False,
        "pending_update_count": 0,
        "max_connections": 7,
        "ip_address": "127.0.0.1",
        "allowed_updates": ["message"],
    }
    side.says(MARA, "a")
    await failed(side, 1)
    info = await client.call("getWebhookInfo")
    assert info["pending_update_count"] == 1
    assert info["last_error_message"] == "Wrong response from the webhook: 502 Bad Gateway"
    assert info["last_error_date"] == side.world.clock.seconds
    typed = await client.typed("getWebhookInfo")
    assert typed.last_error_message == info["last_error_message"]
    await client.call("setWebhook", url=hook.url)
    assert "last_error_message" not in await client.call("getWebhookInfo")
    await side.delivered()


async def test_nobody_listening_is_an_error_too(client: Client, side: TelegramSide) -> None:
    await client.call("setWebhook", url="http://127.0.0.1:9/hook")
    side.says(MARA, "a")
    await failed(side, 1)
    assert "Connection" in (await client.call("getWebhookInfo"))["last_error_message"]


# -- at once, and in order


@pytest.mark.parametrize(("most", "at_once"), [(1, 1), (2, 2), (None, 3)])
async def test_so_many_are_posted_at_once(
    client: Client, side: TelegramSide, hook: Hook, most: int | None, at_once: int
) -> None:
    hook.held = True
    crowd = [side.person(name) for name in ("Mara", "Jonas", "Noor")]
    for person in crowd:
        side.says(person, "a")
    await client.call("setWebhook", url=hook.url, max_connections=most)
    await hook.has(at_once)
    assert await side.on_their_way() == hook.waiting == at_once
    for answered in range(3):
        await hook.has(min(at_once, 3 - answered))
        hook.let()
    await side.delivered()
    assert len(hook.got) == 3


async def test_messages_of_one_chat_wait_for_each_other_and_taps_do_not_wait_for_messages(
    client: Client, side: TelegramSide, hook: Hook
) -> None:
    hook.held = True
    side.starts(MARA, JONAS)
    side.says(MARA, "first", "second")
    side.act(MARA, "tap_raw", message_id=1, data="tap")
    side.says(JONAS, "other")
    await client.call("setWebhook", url=hook.url)
    await hook.has(3)
    assert await side.on_their_way() == 3
    kinds = sorted(update.get("message", {}).get("text", "tap") for update in hook.got)
    assert kinds == ["first", "other", "tap"]
    for left in (3, 3, 2, 1):
        await hook.has(left)
        hook.let()
    await side.delivered()
    assert hook.got[-1]["message"]["text"] == "second"


# -- the answer


async def test_a_method_call_may_be_the_answer(client: Client, side: TelegramSide, hook: Hook) -> None:
    call = {"method": "sendMessage", "chat_id": MARA, "text": "from the answer"}
    hook.answers = [web.json_response(call)]
    await client.call("setWebhook", url=hook.url)
    side.says(MARA, "a")
    await side.delivered()
    assert texts(side, MARA) == ["a", "from the answer"]


@pytest.mark.parametrize("method", ["deleteWebhook", "setWebhook", "getUpdates", "close", "logOut"])
async def test_not_every_method_may_be(client: Client, side: TelegramSide, hook: Hook, method: str) -> None:
    hook.answers = [web.json_response({"method": method, "url": ""})]
    await client.call("setWebhook", url=hook.url)
    side.says(MARA, "a")
    await side.delivered()
    assert (await client.call("getWebhookInfo"))["url"] == hook.url


async def test_an_answer_that_is_no_call_is_an_answer(client: Client, side: TelegramSide, hook: Hook) -> None:
    hook.answers = [web.Response(text="thanks"), web.json_response([1]), web.Response(status=204)]
    await client.call("setWebhook", url=hook.url)
    side.says(MARA, "a", "b", "c")
    await side.delivered()
    assert hook.texts() == ["a", "b", "c"]


# -- there and away


async def test_pending_updates_may_be_dropped(client: Client, side: TelegramSide, hook: Hook) -> None:
    side.says(MARA, "old")
    await client.call("setWebhook", url=hook.url, drop_pending_updates=True)
    side.says(MARA, "new")
    await side.delivered()
    assert hook.texts() == ["new"]
    await client.call("deleteWebhook")
    side.says(MARA, "a")
    await client.call("deleteWebhook", drop_pending_updates=True)
    assert await client.call("getUpdates") == []


async def test_polls_work_again_afterwards(client: Client, side: TelegramSide, hook: Hook) -> None:
    hook.answers = [web.Response(status=500)]
    await client.call("setWebhook", url=hook.url)
    side.says(MARA, "a")
    await failed(side, 1)
    assert await client.call("deleteWebhook") is True
    [update] = await client.call("getUpdates")
    assert update["message"]["text"] == "a", "what was not taken is not lost"
    assert (await client.call("getWebhookInfo"))["url"] == ""


@pytest.mark.parametrize(("most", "kept"), [(0, 1), (1000, 100), (None, 40)])
async def test_max_connections(client: Client, side: TelegramSide, most: int | None, kept: int) -> None:
    await client.call("setWebhook", url="https://example.org/hook", max_connections=most)
    assert (await client.call("getWebhookInfo"))["max_connections"] == kept


async def test_webhooks_that_are_refused(client: Client) -> None:
    for url in ("http://example.org/x", "ftp://127.0.0.1", "nothing"):
        assert await client.refused("setWebhook", url=url) == bad_request(
            "bad webhook: An HTTPS URL must be provided for webhook"
        )
    for secret, why in (
        ("no spaces", "secret token contains unallowed characters"),
        ("x" * 257, "secret token is too long"),
    ):
        refused = await client.refused("setWebhook", url="https://a.org", secret_token=secret)
        assert refused == bad_request(why)
    assert (await client.call("getWebhookInfo"))["url"] == ""
