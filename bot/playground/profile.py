"""What the bot says of itself, and what it may ask about a chat."""

from __future__ import annotations

from typing import Any

import orjson

from bot.playground import limits
from bot.playground.errors import bad_request
from bot.playground.params import Params
from bot.playground.state import Json, Profile
from bot.playground.text import utf16_length
from bot.playground.world import World

_SCOPES = (
    "default",
    "all_private_chats",
    "all_group_chats",
    "all_chat_administrators",
    "chat",
    "chat_administrators",
    "chat_member",
)
_ACTIONS = (
    "typing",
    "upload_photo",
    "record_video",
    "upload_video",
    "record_voice",
    "upload_voice",
    "upload_document",
    "choose_sticker",
    "find_location",
    "record_video_note",
    "upload_video_note",
)
_GIFTS = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription", "gifts_from_channels")


def get_me(world: World, params: Params) -> Json:
    return {
        **world.bot_user,
        "can_join_groups": True,
        "can_read_all_group_messages": False,
        "supports_inline_queries": True,
        "can_connect_to_business": False,
        "has_main_web_app": False,
    }


def set_my_commands(world: World, params: Params) -> bool:
    commands = limits.check_commands(params.json("commands", "commands"))
    key = _scope_key(params)
    if commands:
        world.state.profile.commands[key] = commands
    else:
        world.state.profile.commands.pop(key, None)
    world.tell_state()
    return True


def delete_my_commands(world: World, params: Params) -> bool:
    world.state.profile.commands.pop(_scope_key(params), None)
    world.tell_state()
    return True


def get_my_commands(world: World, params: Params) -> list[Json]:
    return world.state.profile.commands.get(_scope_key(params), [])


def set_my_name(world: World, params: Params) -> bool:
    _set_words(world, params, world.state.profile.name, "name", 64)
    world.state.profile.name.setdefault("", Profile().name[""])
    world.tell_state()
    return True


def set_my_description(world: World, params: Params) -> bool:
    return _set_words(world, params, world.state.profile.description, "description", 512)


def set_my_short_description(world: World, params: Params) -> bool:
    return _set_words(world, params, world.state.profile.short_description, "short_description", 120)


def get_my_name(world: World, params: Params) -> Json:
    return {"name": _words(world.state.profile.name, params)}


def get_my_description(world: World, params: Params) -> Json:
    return {"description": _words(world.state.profile.description, params)}


def get_my_short_description(world: World, params: Params) -> Json:
    return {"short_description": _words(world.state.profile.short_description, params)}


def set_chat_menu_button(world: World, params: Params) -> bool:
    button = params.json("menu_button", "menu button") or {"type": "default"}
    if not isinstance(button, dict) or button.get("type") not in ("default", "commands", "web_app"):
        raise bad_request("can't parse menu button: MenuButton has unsupported type")
    world.state.profile.menu_buttons[_menu_key(world, params)] = button
    return True


def get_chat_menu_button(world: World, params: Params) -> Json:
    buttons = world.state.profile.menu_buttons
    return buttons.get(_menu_key(world, params)) or buttons.get("") or {"type": "commands"}


def get_chat(world: World, params: Params) -> Json:
    chat = world.chat(params.chat_id())
    info = {
        **chat.info,
        "accent_color_id": chat.info["id"] % 7,
        "max_reaction_count": 11,
        "accepted_gift_types": dict.fromkeys(_GIFTS, False),
    }
    if "username" in info:
        info["active_usernames"] = [info["username"]]
    return info


def send_chat_action(world: World, params: Params) -> bool:
    action = params.text("action")
    chat = world.writable(params.chat_id())
    if action not in _ACTIONS:
        raise bad_request("wrong parameter action in request")
    world.events.publish("action", {"person": chat.info["id"], "action": action})
    return True


def leave_chat(world: World, params: Params) -> bool:
    chat = world.chat(params.chat_id())
    if chat.info["type"] == "private":
        raise bad_request("chat member status can't be changed in private chats")
    del world.state.chats[chat.info["id"]]
    return True


def _menu_key(world: World, params: Params) -> str:
    if not params.has("chat_id"):
        return ""
    return str(world.chat(params.chat_id()).info["id"])


def _scope_key(params: Params) -> str:
    scope: Any = params.json("scope", "BotCommandScope") or {"type": "default"}
    if not isinstance(scope, dict) or scope.get("type") not in _SCOPES:
        raise bad_request("can't parse BotCommandScope: unsupported type specified")
    kind = str(scope["type"])
    where = {name: str(scope[name]) for name in ("chat_id", "user_id") if name in scope}
    if kind.startswith("chat") and "chat_id" not in where:
        raise bad_request('can\'t parse BotCommandScope: Field "chat_id" is required')
    suffix = orjson.dumps(where).decode() if where else ""
    return f"{kind}{suffix}|{_language(params)}"


def _language(params: Params) -> str:
    code = params.text("language_code")
    if code and not (len(code) == 2 and code.isascii() and code.islower()):
        raise bad_request("invalid language code specified")
    return code


def _set_words(world: World, params: Params, words: dict[str, str], name: str, most: int) -> bool:
    text, code = params.text(name), _language(params)
    if utf16_length(text) > most:
        raise bad_request(f"{name.replace('_', ' ')} is too long")
    if text:
        words[code] = text
    else:
        words.pop(code, None)
    return True


def _words(words: dict[str, str], params: Params) -> str:
    return words.get(_language(params)) or words.get("", "")
