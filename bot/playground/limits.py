"""What Telegram allows: lengths, counts and shapes, in the real server's words."""

from __future__ import annotations

import re
from typing import Any

from bot.playground.errors import bad_request
from bot.playground.state import Json
from bot.playground.text import clean, utf16_length

TEXT = 4096
CAPTION = 1024
START_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
SECRET_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,256}")
_COMMAND = re.compile(r"[a-z0-9_]{1,32}")
_URL = re.compile(r"(?:https?|tg|ton)://\S+|(?:[\w-]+\.)+[a-zA-Z]{2,}(?:/\S*)?", re.IGNORECASE)
_INLINE_ACTIONS = (
    "url",
    "callback_data",
    "web_app",
    "login_url",
    "switch_inline_query",
    "switch_inline_query_current_chat",
    "switch_inline_query_chosen_chat",
    "copy_text",
    "callback_game",
    "pay",
)
_KEY_ACTIONS = (
    "request_users",
    "request_chat",
    "request_contact",
    "request_location",
    "request_poll",
    "web_app",
)
_STYLES = ("danger", "success", "primary")


def check_text(text: str) -> None:
    """What is left after parsing and trimming."""
    if not text:
        raise bad_request("text must be non-empty")
    if utf16_length(text) > TEXT:
        raise bad_request("message is too long")


def check_caption(caption: str) -> None:
    if utf16_length(caption) > CAPTION:
        raise bad_request("message caption is too long")


def check_callback_answer(text: str) -> None:
    if utf16_length(text) > 200:
        raise bad_request("MESSAGE_TOO_LONG")


def check_inline_keyboard(markup: Json) -> Json | None:
    """The keyboard as a message shows it; None for one without buttons."""
    rows = _rows(markup, "inline_keyboard", "inline keyboard")
    kept = [[_inline_button(button) for button in row] for row in rows]
    _count(kept)
    return {"inline_keyboard": kept} if kept else None


def check_reply_keyboard(markup: Json) -> Json:
    rows = _rows(markup, "keyboard", "reply keyboard")
    kept = [[_key(key) for key in row] for row in rows]
    if not kept:
        raise bad_request("reply keyboard is empty")
    _count(kept)
    _placeholder(markup)
    return {**markup, "keyboard": kept}


def check_force_reply(markup: Json) -> None:
    _placeholder(markup)


def check_commands(commands: Any) -> list[Json]:
    if not isinstance(commands, list):
        raise bad_request("can't parse commands: expected an Array")
    if len(commands) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    kept = []
    for each in commands:
        if not isinstance(each, dict) or not all(
            isinstance(each.get(name), str) for name in ("command", "description")
        ):
            raise bad_request('can\'t parse BotCommand: Field "command" must be of type String')
        command, description = each["command"].strip().removeprefix("/"), each["description"].strip()
        if not _COMMAND.fullmatch(command):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= utf16_length(description) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
        kept.append({"command": command, "description": description})
    return kept


def _rows(markup: Json, name: str, what: str) -> list[list[Any]]:
    rows = markup.get(name)
    if not isinstance(rows, list) or not all(isinstance(row, list) for row in rows):
        raise bad_request(f'can\'t parse {what}: Field "{name}" must be an Array of Arrays')
    return [row for row in rows if row]


def _count(rows: list[list[Json]]) -> None:
    if any(len(row) > 8 for row in rows) or sum(len(row) for row in rows) > 100:
        raise bad_request("reply markup is too long")


def _inline_button(button: Any) -> Json:
    kept = _labelled(button, "inline keyboard button")
    actions = [name for name in _INLINE_ACTIONS if kept.get(name) is not None]
    if not actions:
        raise bad_request("text buttons are unallowed in the inline keyboard")
    if len(actions) > 1:
        raise bad_request("can't parse inline keyboard button: exactly one action is allowed")
    _check_action(actions[0], kept[actions[0]])
    return kept


def _check_action(action: str, value: Any) -> None:
    if action == "callback_data" and not (
        isinstance(value, str) and 1 <= len(value.encode(errors="replace")) <= 64
    ):
        raise bad_request("BUTTON_DATA_INVALID")
    if action == "url" and not (isinstance(value, str) and _URL.fullmatch(value)):
        raise bad_request(f"inline keyboard button URL '{value}' is invalid: Wrong HTTP URL")
    if action == "copy_text":
        text = value.get("text") if isinstance(value, dict) else None
        if not isinstance(text, str) or not 1 <= utf16_length(text) <= 256:
            raise bad_request("BUTTON_COPY_TEXT_INVALID")
    if action.startswith("switch_inline_query"):
        query = value.get("query", "") if isinstance(value, dict) else value
        if not isinstance(query, str) or utf16_length(query) > 256:
            raise bad_request("BUTTON_SWITCH_QUERY_INVALID")


def _key(key: Any) -> Json:
    kept = _labelled({"text": key} if isinstance(key, str) else key, "keyboard button")
    if sum(bool(kept.get(name)) for name in _KEY_ACTIONS) > 1:
        raise bad_request("can't parse keyboard button: at most one action is allowed")
    return kept


def _labelled(button: Any, what: str) -> Json:
    if not isinstance(button, dict):
        raise bad_request(f"can't parse {what}: expected an Object")
    if not isinstance(button.get("text"), str):
        raise bad_request(f'can\'t parse {what}: Field "text" must be of type String')
    text = clean(button["text"]).strip()
    if not text:
        raise bad_request(f"{what} text must be non-empty")
    if button.get("style") not in (None, *_STYLES):
        raise bad_request(f"can't parse {what}: invalid button style specified")
    return {name: value for name, value in {**button, "text": text}.items() if value is not None}


def _placeholder(markup: Json) -> None:
    text = markup.get("input_field_placeholder")
    if text is not None and not (isinstance(text, str) and 1 <= utf16_length(text) <= 64):
        raise bad_request("input field placeholder must be 1-64 characters long")
