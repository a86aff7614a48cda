"""Requests are held against aiogram's models of the Bot API: bent ones are found, good ones pass."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from tests.acceptance.requests import NEWER_THAN_AIOGRAM, faults_in, faults_of

BUTTON = {"text": "Yes", "callback_data": "y", "style": "success"}
SEND: dict[str, Any] = {
    "chat_id": 5_012_345_678,
    "text": "<b>Hi</b>",
    "parse_mode": "HTML",
    "link_preview_options": {"is_disabled": True},
    "reply_markup": {"inline_keyboard": [[BUTTON, {"text": "Copy", "copy_text": {"text": "x"}}]]},
    "reply_parameters": {"message_id": 7, "allow_sending_without_reply": True},
    "disable_notification": True,
}
ANSWER: dict[str, Any] = {
    "inline_query_id": "1",
    "is_personal": True,
    "cache_time": 0,
    "results": [
        {
            "type": "article",
            "id": "1",
            "title": "Back in 20 minutes",
            "input_message_content": {"message_text": "I'll be back"},
        }
    ],
}
FILE = {"file": "breath.gif", "mime_type": "image/gif", "size": 12}
GOOD: list[tuple[str, dict[str, Any]]] = [
    ("sendMessage", SEND),
    ("answerInlineQuery", ANSWER),
    ("sendMessage", {"chat_id": 1, "text": "x", "reply_markup": {"keyboard": [[{"text": "A"}]]}}),
    ("sendMessage", {"chat_id": 1, "text": "x", "reply_markup": {"remove_keyboard": True}}),
    ("getMe", {}),
    ("getUpdates", {"offset": 7, "limit": 100, "timeout": 50, "allowed_updates": ["message"]}),
    ("sendChatAction", {"chat_id": 1, "action": "typing"}),
    ("setMyCommands", {"commands": [], "scope": {"type": "chat", "chat_id": 1}, "language_code": "de"}),
    ("setChatMenuButton", {"chat_id": 1, "menu_button": {"type": "commands"}}),
    ("sendAnimation", {"chat_id": 1, "animation": "AgACx"}),
    ("sendAnimation", {"chat_id": "1", "animation": FILE, "duration": "4", "protect_content": "true"}),
    (
        "editMessageMedia",
        {"chat_id": "1", "message_id": "2", "media": {"type": "photo", "media": "attach://p0"}, "p0": FILE},
    ),
]


@pytest.mark.parametrize(("method", "parameters"), GOOD)
def test_good_requests_pass(method: str, parameters: dict[str, Any]) -> None:
    assert faults_of(method, parameters) == []


BENT: list[tuple[str, list[Any], Any, str]] = [
    # method, where, what is put there (None: it is taken away), what is said of it
    ("sendMessage", ["text"], None, "text: Field required"),
    ("sendMessage", ["text"], 5, "text: Input should be a valid string"),
    ("sendMessage", ["parsemode"], "HTML", "parsemode: SendMessage has no such parameter"),
    ("sendMessage", ["parse_mode"], "html", "'html' is none of HTML"),
    (
        "sendMessage",
        ["disable_notification"],
        "true",
        "Input should be a valid boolean",
    ),
    ("sendMessage", ["disable_web_page_preview"], True, "the documentation no longer does"),
    ("sendMessage", ["link_preview_options", "disabled"], True, "LinkPreviewOptions has no such parameter"),
    ("sendMessage", ["reply_parameters", "message_id"], "7", "message_id: Input should be a valid integer"),
    ("sendMessage", ["reply_markup"], {}, "remove_keyboard: ReplyKeyboardRemove needs it"),
    ("sendMessage", ["reply_markup"], '{"inline_keyboard": [', "reply_markup"),
    ("sendMessage", ["reply_markup", "inline_keyboard", 0, 0, "text"], None, "reply_markup"),
    ("sendMessage", ["reply_markup", "inline_keyboard", 0, 0, "style"], "pink", "'pink' is none of danger"),
    ("sendMessage", ["reply_markup", "inline_keyboard", 0, 0, "data"], "y", "0.0.data: InlineKeyboardButton"),
    (
        "sendMessage",
        ["reply_markup", "resize_keyboard"],
        True,
        "InlineKeyboardMarkup has no",
    ),
    ("answerInlineQuery", ["results", 0, "type"], "articl", "Input should be"),
    ("answerInlineQuery", ["results", 0, "type"], None, "results.0.type: InlineQueryResult"),
    ("answerInlineQuery", ["results", 0, "title"], None, "title: Field required"),
    ("answerInlineQuery", ["results", 0, "input_message_content", "text"], "x", "content.text: Input"),
    ("answerInlineQuery", ["cache_time"], "0", "cache_time: Input should be a valid integer"),
]


@pytest.mark.parametrize(("method", "where", "value", "said"), BENT)
def test_a_bent_request_is_found(method: str, where: list[Any], value: Any, said: str) -> None:
    parameters = copy.deepcopy(dict(GOOD)[method] if method != "sendMessage" else SEND)
    *path, name = where
    inner: Any = parameters
    for part in path:
        inner = inner[part]
    if value is None:
        del inner[name]
    else:
        inner[name] = value
    found = faults_of(method, parameters)
    assert any(said in fault for fault in found), found


@pytest.mark.parametrize(
    ("method", "parameters", "said"),
    [
        ("sendMesage", {}, "sendMesage: no such method"),
        ("sendmessage", {"chat_id": 1, "text": "x"}, "sendmessage: no such method"),
        ("getUpdates", {"allowed_updates": ["massage"]}, "'massage' is none of"),
        ("sendChatAction", {"chat_id": 1, "action": "dancing"}, "'dancing' is none of"),
        ("setMyCommands", {"commands": [], "scope": {"type": "chats"}}, "scope: Input tag 'chats'"),
        ("sendAnimation", {"chat_id": "1", "animaton": FILE}, "animation: Field required"),
        (
            "sendAnimation",
            {"chat_id": "1", "animation": FILE, "title": "x"},
            "SendAnimation has no",
        ),
        (
            "sendAnimation",
            {"chat_id": "1", "animation": FILE, "duration": "long"},
            "duration: Input",
        ),
    ],
)
def test_others_are_found_too(method: str, parameters: dict[str, Any], said: str) -> None:
    found = faults_of(method, parameters)
    assert any(said in fault for fault in found), found


def test_a_fault_is_told_once_for_many_calls() -> None:
    call = {"method": "sendMessage", "parameters": {"chat_id": 1, "text": "x", "silent": True}, "status": 200}
    assert faults_in([call, call, {"method": "getMe", "parameters": {}}]) == [
        "sendMessage: silent: SendMessage has no such parameter"
    ]


def test_what_is_said_to_be_newer_is_unknown_to_aiogram() -> None:
    """The list is no longer than it has to be."""
    from aiogram import methods, types

    for kind, name in NEWER_THAN_AIOGRAM:
        model = getattr(methods, kind, None) or getattr(types, kind)
        assert name not in model.model_fields, f"aiogram knows {kind}.{name} by now: take it off the list"
