"""Updates written by hand: groups, channels, strangers, forgeries."""

from __future__ import annotations

from typing import Any

from bot.playground.errors import ControlError
from bot.playground.state import Json, Post, Query
from bot.playground.world import World


def put_raw(world: World, body: Json) -> int:
    """Deliver as it is; the bot may answer in a chat it hears of, and to a query."""
    kinds = [name for name in body if name != "update_id"]
    if len(kinds) != 1 or not isinstance(body[kinds[0]], dict):
        raise ControlError("an update holds exactly one object, such as message or callback_query")
    kind = kinds[0]
    content: Json = body[kind]
    _remember_chat(world, content)
    if kind in ("callback_query", "inline_query"):
        _remember_query(world, kind, content)
    return world.queue.put(kind, content)


def _remember_chat(world: World, content: Json) -> None:
    info: Any = content.get("chat")
    if not isinstance(info, dict) or not isinstance(info.get("id"), int):
        return
    chat_id = info["id"]
    if chat_id in world.state.people and chat_id not in world.state.chats:
        return  # a person starts the bot by starting it
    chat = world.open_chat({"type": "private" if chat_id > 0 else "supergroup", **info})
    message_id = content.get("message_id")
    if isinstance(message_id, int) and isinstance(content.get("from"), dict) and "date" in content:
        if message_id not in chat.posts:
            chat.posts[message_id] = Post(content)
        chat.next_id = max(chat.next_id, message_id + 1)


def _remember_query(world: World, kind: str, content: Json) -> None:
    sender = content.get("from")
    user_id = sender.get("id") if isinstance(sender, dict) else None
    if not isinstance(content.get("id"), str) or not isinstance(user_id, int):
        return
    message: Any = content.get("message")
    chat: Any = message.get("chat") if isinstance(message, dict) else None
    chat_id = chat.get("id") if isinstance(chat, dict) else None
    now = world.clock.now_ms
    inline, text = kind == "inline_query", str(content.get("query") or "")
    world.remember_query(Query(content["id"], user_id, chat_id, now, inline=inline, text=text))
