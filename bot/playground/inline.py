"""Inline mode: what a person types behind the bot's name in another chat, and what they are offered then.

The other chat itself is the page's own: the bot never sees it.
"""

from __future__ import annotations

from typing import Any

from bot.playground import limits
from bot.playground.answering import open_query
from bot.playground.composing import format_text
from bot.playground.errors import ControlError, bad_request
from bot.playground.params import Params
from bot.playground.state import Json, Person, Query
from bot.playground.text import clean, utf16_length
from bot.playground.world import World

LONGEST_QUERY = 256
_CACHED_SECONDS = 300
_CHAT_TYPES = ("sender", "private", "group", "supergroup", "channel")


def ask(world: World, person: Person, body: Json) -> Json:
    """Type this behind the bot's name; nobody needs to have pressed Start for it."""
    text = body.get("query")
    if not isinstance(text, str) or utf16_length(text) > LONGEST_QUERY:
        raise ControlError(f"query: a text of at most {LONGEST_QUERY} characters is needed")
    chat_type = body.get("chat_type", "private")
    if chat_type not in _CHAT_TYPES:
        raise ControlError(f"chat_type: one of {', '.join(_CHAT_TYPES)}")
    text = clean(text)
    query_id = str((person.id << 20) + world.new_number())
    cached = _cached(world, person.id, text)
    if cached is not None:
        _tell(world, person.id, query_id, cached)
        return {"inline_query_id": query_id}
    query = Query(query_id, person.id, None, world.clock.now_ms, inline=True, text=text)
    world.remember_query(query)
    asked = {"id": query_id, "from": person.user(), "query": text, "offset": "", "chat_type": chat_type}
    world.queue.put("inline_query", asked)
    return {"inline_query_id": query_id}


def answer_inline_query(world: World, params: Params) -> bool:
    results = params.json("results", "inline query results")
    if not isinstance(results, list):
        raise bad_request("can't parse inline query results: expected an Array")
    if len(results) > 50:
        raise bad_request("RESULTS_TOO_MUCH")
    seen: set[str] = set()
    offered = [_offered(result, seen) for result in results]
    button = _button(params.json("button", "inline query results button"))
    if len(params.text("next_offset").encode()) > 64:
        raise bad_request("NEXT_OFFSET_INVALID")
    query = open_query(world, params.text("inline_query_id"), inline=True)
    answer: Json = {"results": offered, "button": button}
    seconds = params.number("cache_time", _CACHED_SECONDS)
    if seconds > 0:
        key = (query.text, query.user_id if params.flag("is_personal") else None)
        world.inline_cache[key] = (world.clock.now_ms + seconds * 1000, answer)
    _tell(world, query.user_id, query.id, answer)
    return True


def _tell(world: World, person: int, query_id: str, answer: Json) -> None:
    world.events.publish("inline", {"person": person, "inline_query_id": query_id, **answer})


def _cached(world: World, person: int, text: str) -> Json | None:
    """What this person, or everybody, was told a moment ago: Telegram does not ask the bot for it again."""
    now = world.clock.now_ms
    for key in [key for key, (until, _) in world.inline_cache.items() if until <= now]:
        del world.inline_cache[key]
    found = world.inline_cache.get((text, person)) or world.inline_cache.get((text, None))
    return found[1] if found else None


def _offered(result: Any, seen: set[str]) -> Json:
    """One result as the page shows it."""
    if not isinstance(result, dict) or not isinstance(result.get("type"), str):
        raise bad_request('can\'t parse inline query result: Field "type" must be of type String')
    result_id = result.get("id")
    if not isinstance(result_id, str) or not 1 <= len(result_id.encode()) <= 64:
        raise bad_request("RESULT_ID_INVALID")
    if result_id in seen:
        raise bad_request("RESULT_ID_DUPLICATE")
    seen.add(result_id)
    if result["type"] == "article":
        if not result.get("title"):
            raise bad_request("ARTICLE_TITLE_EMPTY")
        if not isinstance(result.get("input_message_content"), dict):
            raise bad_request("can't parse inline query result: there is no input_message_content")
    if isinstance(result.get("reply_markup"), dict):
        limits.check_inline_keyboard(result["reply_markup"])
    about = {name: clean(str(result.get(name) or "")) for name in ("title", "description")}
    return {"id": result_id, "type": result["type"], **about, **_message(result.get("input_message_content"))}


def _message(content: Any) -> Json:
    """The text that is sent when the result is chosen."""
    if not isinstance(content, dict) or "message_text" not in content:
        return {"text": "", "entities": []}
    formatted = format_text(
        str(content["message_text"]), str(content.get("parse_mode") or ""), content.get("entities")
    )
    limits.check_text(formatted.text)
    return {"text": formatted.text, "entities": formatted.entities}


def _button(button: Any) -> Json | None:
    """What stands above the results: a way into the chat with the bot."""
    if not button:
        return None
    if not isinstance(button, dict) or not isinstance(button.get("text"), str):
        raise bad_request('can\'t parse inline query results button: Field "text" must be of type String')
    if not clean(button["text"]).strip():
        raise bad_request("SWITCH_PM_TEXT_EMPTY")
    start = button.get("start_parameter")
    if not isinstance(start, str) or not limits.START_PAYLOAD.fullmatch(start):
        raise bad_request("START_PARAM_INVALID")
    return {"text": clean(button["text"]).strip(), "start_parameter": start}
