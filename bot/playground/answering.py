"""Answers to taps and inline queries."""

from __future__ import annotations

from typing import Any

from bot.playground import limits
from bot.playground.composing import format_text
from bot.playground.errors import bad_request, query_too_old
from bot.playground.params import Params
from bot.playground.queue import LIFETIMES
from bot.playground.state import Json, Query
from bot.playground.world import World

ANSWERS_KEPT = 200


def answer_callback_query(world: World, params: Params) -> bool:
    text = params.text("text")
    limits.check_callback_answer(text)
    query = _open_query(world, params.text("callback_query_id"), inline=False)
    answer: Json = {
        "callback_query_id": query.id,
        "text": text,
        "show_alert": params.flag("show_alert"),
    }
    chat = world.state.chats.get(query.user_id)
    if chat is not None:
        chat.answers.append({**answer, "at": world.clock.iso})
        del chat.answers[:-ANSWERS_KEPT]
    url = params.text("url")
    world.events.publish("answer", {"person": query.user_id, **answer, "url": url or None})
    return True


def answer_inline_query(world: World, params: Params) -> bool:
    results = params.json("results", "inline query results")
    if not isinstance(results, list):
        raise bad_request("can't parse inline query results: expected an Array")
    if len(results) > 50:
        raise bad_request("RESULTS_TOO_MUCH")
    seen: set[str] = set()
    for result in results:
        _check_result(result, seen)
    _open_query(world, params.text("inline_query_id"), inline=True)
    return True


def _open_query(world: World, query_id: str, *, inline: bool) -> Query:
    """A query is answered once, and in time."""
    query = world.state.queries.get(query_id)
    lifetime = LIFETIMES["inline_query" if inline else "callback_query"]
    if query is None or query.inline != inline or world.clock.now_ms - query.at_ms > lifetime:
        raise query_too_old()
    return world.state.queries.pop(query_id)


def _check_result(result: Any, seen: set[str]) -> None:
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
    _check_content(result.get("input_message_content"))
    if isinstance(result.get("reply_markup"), dict):
        limits.check_inline_keyboard(result["reply_markup"])


def _check_content(content: Any) -> None:
    if isinstance(content, dict) and "message_text" in content:
        formatted = format_text(
            str(content["message_text"]), str(content.get("parse_mode") or ""), content.get("entities")
        )
        limits.check_text(formatted.text)
