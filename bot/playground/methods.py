"""The Bot API methods by name; getUpdates, which waits, is bot_api's own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.playground import answering, files, inline, media, messages, profile, webhook_methods
from bot.playground.params import Params
from bot.playground.world import World

Method = Callable[[World, Params], Any]

_NAMED: dict[str, Method] = {
    "getMe": profile.get_me,
    "sendMessage": messages.send_message,
    "editMessageText": messages.edit_message_text,
    "editMessageCaption": messages.edit_message_caption,
    "editMessageReplyMarkup": messages.edit_message_reply_markup,
    "deleteMessage": messages.delete_message,
    "deleteMessages": messages.delete_messages,
    "sendPhoto": media.send_photo,
    "sendAnimation": media.send_animation,
    "sendDocument": media.send_document,
    "getFile": files.get_file,
    "answerCallbackQuery": answering.answer_callback_query,
    "answerInlineQuery": inline.answer_inline_query,
    "sendChatAction": profile.send_chat_action,
    "setMyCommands": profile.set_my_commands,
    "getMyCommands": profile.get_my_commands,
    "deleteMyCommands": profile.delete_my_commands,
    "setMyName": profile.set_my_name,
    "getMyName": profile.get_my_name,
    "setMyDescription": profile.set_my_description,
    "getMyDescription": profile.get_my_description,
    "setMyShortDescription": profile.set_my_short_description,
    "getMyShortDescription": profile.get_my_short_description,
    "setChatMenuButton": profile.set_chat_menu_button,
    "getChatMenuButton": profile.get_chat_menu_button,
    "getChat": profile.get_chat,
    "leaveChat": profile.leave_chat,
    "setWebhook": webhook_methods.set_webhook,
    "deleteWebhook": webhook_methods.delete_webhook,
    "getWebhookInfo": webhook_methods.get_webhook_info,
}
METHODS = {name.lower(): method for name, method in _NAMED.items()}


def chat_of(world: World, params: Params) -> int | None:
    """The chat that a call concerns, for faults: a tap's answer goes to the chat of the tap."""
    if params.has("chat_id"):
        return params.integer("chat_id")
    query = world.state.queries.get(params.text("callback_query_id"))
    return query.chat_id if query else None
