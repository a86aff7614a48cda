"""Answers to taps, and which queries still wait for one."""

from __future__ import annotations

from bot.playground import limits
from bot.playground.errors import query_too_old
from bot.playground.params import Params
from bot.playground.queue import LIFETIMES
from bot.playground.state import Json, Query
from bot.playground.world import World

ANSWERS_KEPT = 200


def answer_callback_query(world: World, params: Params) -> bool:
    text = params.text("text")
    limits.check_callback_answer(text)
    query = open_query(world, params.text("callback_query_id"), inline=False)
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


def open_query(world: World, query_id: str, *, inline: bool) -> Query:
    """A query is answered once, and in time."""
    query = world.state.queries.get(query_id)
    lifetime = LIFETIMES["inline_query" if inline else "callback_query"]
    if query is None or query.inline != inline or world.clock.now_ms - query.at_ms > lifetime:
        raise query_too_old()
    return world.state.queries.pop(query_id)
