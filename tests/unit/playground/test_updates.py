from __future__ import annotations

import asyncio

import aiohttp

from tests.unit.playground.harness import MARA, TOKEN, Core, Playground


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
    async with http.post(f"{playground.url}/botnone/getMe") as answer:
        assert (await answer.json())["description"] == "Unauthorized: invalid token specified"
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
    await playground.ok("getUpdates", limit=7)
    await playground.ok("sendMessage", chat_id=MARA, text="Hi", reply_markup='{"inline_keyboard": []}')
    await playground.call("sendMessage", chat_id=1, text="Hi")
    first, second = (await playground.get("calls"))["calls"]
    assert (first["method"], first["status"], second["status"]) == ("sendMessage", 200, 400)
    assert first["parameters"] == {"chat_id": MARA, "text": "Hi", "reply_markup": {"inline_keyboard": []}}
    assert first["at"] == "2026-03-01T19:40:00.000Z"
    assert (await playground.get(f"calls?since={first['n']}"))["calls"] == [second]
    [poll] = (await playground.get("polls"))["polls"]
    assert (poll["method"], poll["parameters"], poll["status"]) == ("getUpdates", {"limit": 7}, 200)
