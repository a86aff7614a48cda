from __future__ import annotations

import asyncio

import aiohttp
import pytest

from bot.playground.errors import ApiError
from tests.unit.playground.harness import MARA, TOKEN, Core, Playground


async def said(core: Core, *texts: str) -> list[int]:
    for text in texts:
        core.do(MARA, "say", text=text)
    return [update["update_id"] for update in await core.updates()]


async def test_unconfirmed_updates_come_again(core: Core) -> None:
    ids = await said(core, "a", "b", "c")
    assert ids == sorted(ids)
    assert ids[0] > 1000
    assert [each["update_id"] for each in await core.updates()] == ids
    assert [each["update_id"] for each in await core.updates(offset=ids[1])] == ids[1:]
    assert [each["update_id"] for each in await core.updates()] == ids[1:]
    assert await core.updates(offset=ids[2] + 1) == []
    assert await core.updates() == []


async def test_a_negative_offset_counts_from_the_end_and_forgets_the_rest(core: Core) -> None:
    ids = await said(core, "a", "b", "c")
    assert [each["update_id"] for each in await core.updates(offset=-1)] == ids[2:]
    assert [each["update_id"] for each in await core.updates()] == ids[2:]


async def test_limit(core: Core) -> None:
    ids = await said(core, *"abcdef")
    assert [each["update_id"] for each in await core.updates(limit=2)] == ids[:2]
    assert len(await core.updates(limit=0)) == 1
    assert len(await core.updates(limit=1000)) == 6


async def test_delivered_is_the_highest_given_out_and_not_confirmed(core: Core) -> None:
    queue = core.world.queue
    core.do(MARA, "say", text="a")
    assert (queue.waiting, queue.delivered) == (1, 0)
    [update] = await core.updates()
    before = core.world.clock.seq
    assert (queue.waiting, queue.delivered) == (0, update["update_id"])
    await core.updates(offset=update["update_id"] + 1)
    assert queue.delivered == 0, "a bot that is started now has nothing to handle"
    assert core.world.clock.seq == before


async def test_lifetimes(core: Core) -> None:
    core.start()
    button = {"text": "Yes", "callback_data": "yes"}
    core.ok("sendMessage", chat_id=MARA, text="x", reply_markup=core.keyboard(button))
    core.do(MARA, "say", text="a")
    core.do(MARA, "tap", data="yes")
    core.later(150)
    assert len(await core.updates()) == 2
    core.later(1)
    [left] = await core.updates()
    assert left["message"]["text"] == "a"
    core.later(24 * 3600 - 151)
    assert len(await core.updates()) == 1
    core.later(1)
    assert await core.updates() == []


async def test_what_expired_unhandled_no_longer_counts_as_delivered(core: Core) -> None:
    core.do(MARA, "say", text="a")
    [first] = await core.updates()
    core.do(MARA, "tap_raw", message_id=1, data="x")
    assert len(await core.updates(offset=first["update_id"])) == 2
    core.later(151)
    before = core.world.clock.seq
    assert len(await core.updates(offset=first["update_id"] + 1)) == 0
    assert core.world.queue.delivered == 0
    await core.world.clock.changed.wait_until(lambda: core.world.clock.seq > before, 5)


async def test_some_kinds_come_only_when_asked_for(core: Core) -> None:
    core.world.queue.put("message_reaction", {})
    core.world.queue.put("my_chat_member", {})
    assert [list(each)[1] for each in await core.updates()] == ["my_chat_member"]


async def test_allowed_updates_are_remembered(playground: Playground) -> None:
    await playground.ok("getUpdates", allowed_updates=["callback_query"])
    await playground.do(MARA, "say", text="a")
    assert await playground.ok("getUpdates") == []
    assert (await playground.ok("getWebhookInfo"))["allowed_updates"] == ["callback_query"]
    await playground.ok("getUpdates", allowed_updates=[])
    await playground.do(MARA, "say", text="b")
    [update] = await playground.ok("getUpdates")
    assert update["message"]["text"] == "b"


async def test_a_long_poll_waits_for_the_next_update(playground: Playground) -> None:
    poll = asyncio.create_task(playground.ok("getUpdates", timeout=20))
    await connected(playground)
    await playground.do(MARA, "say", text="a")
    [update] = await poll
    assert update["message"]["text"] == "a"


async def test_of_two_pollers_the_older_is_told(playground: Playground) -> None:
    older = asyncio.create_task(playground.call("getUpdates", timeout=20))
    await connected(playground)
    newer = asyncio.create_task(playground.call("getUpdates", timeout=20))
    status, body = await older
    assert (status, body["error_code"]) == (409, 409)
    assert body["description"] == (
        "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running"
    )
    await playground.do(MARA, "say", text="a")
    status, body = await newer
    assert (status, len(body["result"])) == (200, 1)


async def test_a_bot_that_goes_is_missed(playground: Playground) -> None:
    poll = asyncio.create_task(playground.ok("getUpdates", timeout=20))
    await connected(playground)
    poll.cancel()
    await playground.server.world.clock.changed.wait_until(
        lambda: not playground.server.world.presence.connected, 5
    )
    assert (await playground.get("state"))["bot"]["connected"] is False
    await playground.do(MARA, "say", text="a")
    assert len(await playground.ok("getUpdates")) == 1, "the closed poll took nothing"


async def test_a_poll_with_a_webhook_set_is_refused(core: Core) -> None:
    core.ok("setWebhook", url="https://example.org/hook")
    with pytest.raises(ApiError) as caught:
        await core.updates()
    assert caught.value.code == 409
    assert caught.value.description == (
        "Conflict: can't use getUpdates method while webhook is active; "
        "use deleteWebhook to delete the webhook first"
    )


async def test_a_poll_that_is_open_ends_when_a_webhook_is_set(playground: Playground) -> None:
    poll = asyncio.create_task(playground.call("getUpdates", timeout=20))
    await connected(playground)
    await playground.ok("setWebhook", url="https://example.org/hook")
    status, _ = await poll
    assert status == 409


async def test_get_updates_answers_at_shutdown(playground: Playground) -> None:
    poll = asyncio.create_task(playground.call("getUpdates", timeout=50))
    await connected(playground)
    playground.server.world.close()
    status, body = await poll
    assert (status, body["result"]) == (200, [])


async def connected(playground: Playground) -> None:
    world = playground.server.world
    assert await world.clock.changed.wait_until(lambda: world.presence.connected, 5)


async def test_parameters_come_in_every_way(playground: Playground, http: aiohttp.ClientSession) -> None:
    await playground.do(MARA, "say", text="/start")
    url = f"{playground.url}/bot{TOKEN}/sendMessage"
    keyboard = '{"inline_keyboard": [[{"text": "A", "callback_data": "a"}]]}'
    values = {"chat_id": str(MARA), "text": "é", "reply_markup": keyboard}
    form = aiohttp.FormData(values, default_to_multipart=True)
    for answer in (
        http.get(url, params=values),
        http.post(url, params=values),
        http.post(url, data=values),
        http.post(url, data=form),
        http.post(url, json=values),
        http.post(url.replace("sendMessage", "SENDMESSAGE"), json=values),
    ):
        async with answer as got:
            result = (await got.json())["result"]
            assert result["text"] == "é"
            assert result["reply_markup"]["inline_keyboard"][0][0]["callback_data"] == "a"


async def test_calls_that_go_nowhere(playground: Playground, http: aiohttp.ClientSession) -> None:
    async with http.post(f"{playground.url}/bot4200001:wrong/getMe") as answer:
        assert answer.status == 401
        assert await answer.json() == {"ok": False, "error_code": 401, "description": "Unauthorized"}
    assert await playground.call("sendPoll") == (
        404,
        {"ok": False, "error_code": 404, "description": "Not Found: method not found"},
    )
    url = f"{playground.url}/bot{TOKEN}/getMe"
    headers = {"Content-Type": "application/json"}
    for body, why in (
        (b"{", "can't parse request: not valid JSON"),
        (b"[]", "can't parse request: object expected"),
        (b'{"text": "\\ud83d"}', "strings must be encoded in UTF-8"),
    ):
        async with http.post(url, data=body, headers=headers) as answer:
            assert answer.status == 400
            assert (await answer.json())["description"] == f"Bad Request: {why}"


async def test_half_characters_from_a_page_are_mended(
    playground: Playground, http: aiohttp.ClientSession
) -> None:
    url = f"{playground.url}/playground/people/{MARA}/say"
    async with http.post(url, data=b'{"text": "a\\ud83d"}') as answer:
        assert (await answer.json())["text"] == "a\ufffd"


async def test_errors_of_the_control_api(playground: Playground, http: aiohttp.ClientSession) -> None:
    for path, status in (
        ("people/1/say", 404),
        (f"people/{MARA}/dance", 404),
        (f"people/{MARA}/say", 400),
        ("clock/jump", 400),
        ("clock/flow", 400),
        ("clock/poll", 400),
        ("faults", 400),
    ):
        got, body = await playground.post(path)
        assert (got, list(body)) == (status, ["error"]), path
    async with http.post(f"{playground.url}/playground/updates", data=b"no") as answer:
        assert answer.status == 400
    async with http.get(f"{playground.url}/playground/files/none") as answer:
        assert answer.status == 404
    async with http.get(f"{playground.url}/playground/calls?since=x") as answer:
        assert answer.status == 400


async def test_calls_are_on_record(playground: Playground) -> None:
    await playground.do(MARA, "say", text="/start")
    await playground.ok("getUpdates")
    await playground.ok("sendMessage", chat_id=MARA, text="Hi", reply_markup='{"inline_keyboard": []}')
    await playground.call("sendMessage", chat_id=1, text="Hi")
    first, second = (await playground.get("calls"))["calls"]
    assert (first["method"], first["status"], second["status"]) == ("sendMessage", 200, 400)
    assert first["parameters"] == {"chat_id": MARA, "text": "Hi", "reply_markup": {"inline_keyboard": []}}
    assert first["at"] == "2026-03-01T19:40:00.000Z"
    assert (await playground.get(f"calls?since={first['n']}"))["calls"] == [second]
