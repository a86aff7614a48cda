"""What goes wrong by order is, for both libraries, the error that they know."""

from __future__ import annotations

from typing import Any

import pytest

from tests.conformance.clients import Client
from tests.conformance.telegram_side import MARA, TelegramSide


@pytest.mark.parametrize(
    ("fault", "code", "description"),
    [
        ({"status": 429, "retry_after": 3}, 429, "Too Many Requests: retry after 3"),
        ({"status": 502}, 502, "Bad Gateway"),
        ({"status": 403}, 403, "Forbidden: bot was blocked by the user"),
        (
            {"status": 403, "description": "Forbidden: user is deactivated"},
            403,
            "Forbidden: user is deactivated",
        ),
    ],
)
async def test_an_error_that_is_ordered(
    client: Client, side: TelegramSide, fault: dict[str, Any], code: int, description: str
) -> None:
    side.starts(MARA)
    side.world.faults.add({"kind": "status", **fault})
    refused = await client.refused("sendMessage", chat_id=MARA, text="x")
    assert (refused.code, refused.description) == (code, description)
    assert await client.call("sendMessage", chat_id=MARA, text="x"), "once"


@pytest.mark.parametrize(
    ("kind", "done"), [("reset", False), ("not_json", False), ("half", True), ("after_delivery", True)]
)
async def test_an_answer_that_is_none(client: Client, side: TelegramSide, kind: str, done: bool) -> None:
    side.starts(MARA)
    before = len(side.world.state.chats[MARA].posts)
    side.world.faults.add({"kind": kind})
    with pytest.raises(client.broken):
        await client.call("sendMessage", chat_id=MARA, text="x")
    assert len(side.world.state.chats[MARA].posts) - before == done
