from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest

from bot.playground.errors import ControlError
from tests.unit.playground.harness import JONAS, MARA, Core, Playground

TOO_OLD = "Bad Request: query is too old and response timeout expired or query ID is invalid"
RESULT = {
    "type": "article",
    "id": "1",
    "title": "20 minutes",
    "description": "Back soon",
    "input_message_content": {"message_text": "<b>Back</b> at 8.", "parse_mode": "HTML"},
}


def asks(core: Core, person: int, query: str, **more: Any) -> str:
    return str(core.do(person, "inline", query=query, **more)["inline_query_id"])


async def heard(core: Core) -> asyncio.Queue[tuple[str, Any]]:
    """What pages hear from now on."""
    told: asyncio.Queue[tuple[str, Any]] = asyncio.Queue()
    core.world.events._listeners.add(told)
    return told


async def test_a_query_needs_no_start_and_comes_as_telegram_has_it(core: Core) -> None:
    query_id = asks(core, MARA, "20")
    [update] = await core.updates()
    assert update["inline_query"] == {
        "id": query_id,
        "from": core.world.person(MARA).user(),
        "query": "20",
        "offset": "",
        "chat_type": "private",
    }
    asks(core, JONAS, "", chat_type="sender")
    assert (await core.updates())[1]["inline_query"]["chat_type"] == "sender"


async def test_the_answer_reaches_the_page_once(core: Core) -> None:
    told = await heard(core)
    query_id = asks(core, MARA, "20")
    button = {"text": " Open ", "start_parameter": "inline"}
    answer = {"inline_query_id": query_id, "results": [RESULT], "button": button, "cache_time": 0}
    assert core.ok("answerInlineQuery", **answer) is True
    name, data = await told.get()
    assert (name, data["person"], data["inline_query_id"]) == ("inline", MARA, query_id)
    assert data["button"] == {"text": "Open", "start_parameter": "inline"}
    [shown] = data["results"]
    assert (shown["id"], shown["title"], shown["description"]) == ("1", "20 minutes", "Back soon")
    assert (shown["text"], shown["entities"]) == ("Back at 8.", [{"type": "bold", "offset": 0, "length": 4}])
    assert core.refused("answerInlineQuery", **answer) == TOO_OLD
    assert told.empty()


async def test_after_half_a_minute_it_is_too_late(core: Core) -> None:
    query_id = asks(core, MARA, "20")
    core.later(30)
    assert len(await core.updates()) == 1
    core.later(1)
    assert await core.updates() == []
    assert core.refused("answerInlineQuery", inline_query_id=query_id, results=[]) == TOO_OLD
    assert core.refused("answerInlineQuery", inline_query_id="1", results=[]) == TOO_OLD


@pytest.mark.parametrize(
    ("more", "why"),
    [
        ({"button": {"start_parameter": "x"}}, 'Field "text" must be of type String'),
        ({"button": {"text": " ", "start_parameter": "x"}}, "SWITCH_PM_TEXT_EMPTY"),
        ({"button": {"text": "Open", "start_parameter": "no spaces"}}, "START_PARAM_INVALID"),
        ({"button": {"text": "Open"}}, "START_PARAM_INVALID"),
        ({"next_offset": "x" * 65}, "NEXT_OFFSET_INVALID"),
        ({"results": [{**RESULT, "input_message_content": {"message_text": " "}}]}, "text must be non-empty"),
        ({"results": {}}, "expected an Array"),
    ],
)
async def test_what_is_refused(core: Core, more: dict[str, Any], why: str) -> None:
    query_id = asks(core, MARA, "20")
    answer: dict[str, Any] = {"inline_query_id": query_id, "results": [RESULT], **more}
    assert core.refused("answerInlineQuery", **answer).endswith(why)


async def test_what_may_be_cached_is_not_asked_again(core: Core) -> None:
    told = await heard(core)
    core.ok("answerInlineQuery", inline_query_id=asks(core, MARA, "all"), results=[RESULT])
    core.ok(
        "answerInlineQuery",
        inline_query_id=asks(core, MARA, "mine"),
        results=json.dumps([RESULT]),
        is_personal=True,
        cache_time=10,
    )
    core.ok("answerInlineQuery", inline_query_id=asks(core, MARA, "now"), results=[], cache_time=0)
    assert len(await core.updates()) == 3
    again = asks(core, JONAS, "all")
    asks(core, MARA, "mine")
    assert len(await core.updates()) == 3
    answers = [(await told.get())[1] for _ in range(5)]
    assert (answers[3]["person"], answers[3]["inline_query_id"]) == (JONAS, again)
    assert answers[3]["results"] == answers[0]["results"]
    asks(core, JONAS, "mine")
    asks(core, MARA, "now")
    assert len(await core.updates()) == 5
    core.later(11)
    asks(core, MARA, "mine")
    assert (await core.updates())[-1]["inline_query"]["query"] == "mine"
    assert told.empty()


async def test_a_query_has_its_limits(core: Core) -> None:
    asks(core, MARA, "🌊" * 128)
    for bad in ({}, {"query": 5}, {"query": "🌊" * 129}, {"query": "", "chat_type": "moon"}):
        with pytest.raises(ControlError):
            core.do(MARA, "inline", **bad)


async def test_over_http(playground: Playground) -> None:
    found = await playground.do(MARA, "inline", query="20")
    [update] = await playground.ok("getUpdates")
    assert update["inline_query"]["id"] == found["inline_query_id"]
    assert await playground.ok(
        "answerInlineQuery", inline_query_id=found["inline_query_id"], results=[RESULT]
    )
    assert (await playground.post(f"people/{MARA}/inline"))[0] == 400
