from __future__ import annotations

import time
from typing import Any

import aiohttp
import pytest

from tests.unit.playground.harness import JONAS, MARA, TOKEN, Playground


async def prepared(playground: Playground, **fault: Any) -> None:
    for person in (MARA, JONAS):
        await playground.do(person, "say", text="/start")
    status, body = await playground.post("faults", **fault)
    assert status == 200
    assert body["fault_id"]


async def test_a_status(playground: Playground) -> None:
    await prepared(playground, kind="status", status=502)
    assert await playground.call("getMe") == (
        502,
        {"ok": False, "error_code": 502, "description": "Bad Gateway"},
    )
    await playground.ok("getMe")


async def test_too_many_requests(playground: Playground) -> None:
    await prepared(playground, kind="status", status=429, retry_after=7, method="sendMessage", times=2)
    await playground.ok("getMe")
    for _ in range(2):
        assert await playground.call("sendMessage", chat_id=MARA, text="x") == (
            429,
            {
                "ok": False,
                "error_code": 429,
                "description": "Too Many Requests: retry after 7",
                "parameters": {"retry_after": 7},
            },
        )
    await playground.ok("sendMessage", chat_id=MARA, text="x")


async def test_a_fault_may_concern_one_chat(playground: Playground) -> None:
    await prepared(playground, kind="status", status=403, chat_id=JONAS, times=9)
    await playground.ok("sendMessage", chat_id=MARA, text="x")
    _, body = await playground.call("sendMessage", chat_id=str(JONAS), text="x")
    assert body["description"] == "Forbidden: bot was blocked by the user"
    tapped = await playground.do(JONAS, "tap_raw", message_id=1, data="x")
    status, _ = await playground.call("answerCallbackQuery", **tapped)
    assert status == 403
    async with playground.http.delete(f"{playground.url}/playground/faults") as answer:
        assert await answer.json() == {}
    await playground.ok("sendMessage", chat_id=JONAS, text="x")


async def test_a_poll_breaks_only_by_name(playground: Playground) -> None:
    await prepared(playground, kind="status", status=500)
    assert len(await playground.ok("getUpdates")) == 2
    await playground.post("faults", kind="status", status=502, method="getUpdates")
    status, _ = await playground.call("getUpdates")
    assert status == 502


async def test_a_reset_connection_does_nothing(playground: Playground) -> None:
    await prepared(playground, kind="reset", times=2)  # aiohttp tries a second time where it may
    with pytest.raises((aiohttp.ClientOSError, aiohttp.ServerDisconnectedError)):
        await playground.call("sendMessage", chat_id=MARA, text="x")
    assert await playground.texts(MARA) == ["/start"]


async def test_half_an_answer(playground: Playground) -> None:
    await prepared(playground, kind="half")
    with pytest.raises(aiohttp.ClientPayloadError):
        await playground.call("sendMessage", chat_id=MARA, text="x")
    assert await playground.texts(MARA) == ["/start", "x"]


async def test_done_but_not_answered(playground: Playground) -> None:
    await prepared(playground, kind="after_delivery", method="sendMessage")
    url = f"{playground.url}/bot{TOKEN}/sendMessage"
    with pytest.raises(aiohttp.ClientConnectionError):
        await playground.http.post(url, json={"chat_id": MARA, "text": "x"})
    assert await playground.texts(MARA) == ["/start", "x"]
    [call] = (await playground.get("calls"))["calls"]
    assert (call["status"], call["fault"]) == (200, "after_delivery")


async def test_done_and_answered_late(playground: Playground) -> None:
    await prepared(playground, kind="late", seconds=30, method="sendMessage")
    url = f"{playground.url}/bot{TOKEN}/sendMessage"
    with pytest.raises(TimeoutError):
        await playground.http.post(
            url, json={"chat_id": MARA, "text": "x"}, timeout=aiohttp.ClientTimeout(total=0.1)
        )
    assert await playground.texts(MARA) == ["/start", "x"]


async def test_not_json(playground: Playground) -> None:
    await prepared(playground, kind="not_json")
    async with playground.http.post(f"{playground.url}/bot{TOKEN}/getMe") as answer:
        assert answer.status == 200
        assert "<html>" in await answer.text()


async def test_slow(playground: Playground) -> None:
    await prepared(playground, kind="slow", seconds=0.05)
    began = time.monotonic()
    await playground.ok("getMe")
    assert time.monotonic() - began >= 0.05


async def test_faults_that_are_none(playground: Playground) -> None:
    for fault in (
        {"kind": "gremlin"},
        {"kind": "status", "status": 200},
        {"kind": "slow", "seconds": -1},
        {"kind": "reset", "chat_id": "x"},
    ):
        status, _ = await playground.post("faults", **fault)
        assert status == 400
