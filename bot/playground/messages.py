"""Sending, editing and deleting messages, as a bot may."""

from __future__ import annotations

from dataclasses import dataclass

from bot.playground import limits
from bot.playground.composing import (
    Formatted,
    Markup,
    extras,
    inline_only,
    read_caption,
    read_markup,
    read_text,
    reply_fields,
)
from bot.playground.errors import ApiError, bad_request
from bot.playground.params import Params
from bot.playground.state import BOT_ID, Chat, Json, Post
from bot.playground.world import World

DELETABLE_SECONDS = 48 * 3600
MEDIA = ("photo", "animation", "document", "video", "voice", "audio")


def send_message(world: World, params: Params) -> Json:
    formatted = _text_given(params)
    markup = read_markup(params)
    chat = world.chat(params.chat_id())
    limits.check_text(formatted.text)
    return send(world, chat, params, markup, formatted.fields("text", "entities"))


def _text_given(params: Params) -> Formatted:
    """That there is one is looked at before anything else; how long it is, once the chat is known."""
    if not params.text("text"):
        raise bad_request("message text is empty")
    return read_text(params)


def send(world: World, chat: Chat, params: Params, markup: Markup, content: Json) -> Json:
    """The rest of every send: what it answers, its options, its keyboard."""
    world.writable(chat.info["id"])
    content = {**reply_fields(chat, params), **content, **extras(params)}
    if markup.inline:
        content["reply_markup"] = markup.inline
    world.pace.take(world.clock.now_ms, chat.info["id"], paid=params.flag("allow_paid_broadcast"))
    post = world.post(
        chat, content, world.bot_user, silent=params.flag("disable_notification"), locked=markup.locks
    )
    if markup.keyboard or markup.removes:
        chat.keyboard, chat.keyboard_hidden = markup.keyboard, False
        world.tell_keyboard(chat)
    return post.message


def edit_message_text(world: World, params: Params) -> Json:
    _refuse_inline_message(params)
    formatted = _text_given(params)
    markup = inline_only(params)
    edited = _editable(world, params)
    limits.check_text(formatted.text)
    if "text" not in edited.post.message:
        raise bad_request("there is no text in the message to edit")
    content = formatted.fields("text", "entities")
    content.update(_preview(params))
    return edited.apply(markup, content, ("text", "entities", "link_preview_options"))


def edit_message_caption(world: World, params: Params) -> Json:
    _refuse_inline_message(params)
    formatted = read_caption(params)
    markup = inline_only(params)
    edited = _editable(world, params)
    limits.check_caption(formatted.text)
    if not any(name in edited.post.message for name in MEDIA):
        raise bad_request("there is no caption in the message to edit")
    content = formatted.fields("caption", "caption_entities")
    return edited.apply(markup, content, ("caption", "caption_entities"))


def edit_message_reply_markup(world: World, params: Params) -> Json:
    _refuse_inline_message(params)
    markup = inline_only(params)
    return _editable(world, params).apply(markup, {}, ())


def delete_message(world: World, params: Params) -> bool:
    chat = world.chat(params.chat_id())
    message_id = params.integer("message_id")
    if message_id is None or message_id not in chat.posts:
        raise bad_request("message to delete not found")
    _delete(world, chat, message_id)
    return True


def delete_messages(world: World, params: Params) -> bool:
    chat = world.chat(params.chat_id())
    message_ids = params.json("message_ids", "message identifiers")
    if not isinstance(message_ids, list) or not message_ids:
        raise bad_request("message identifiers are not specified")
    if len(message_ids) > 100:
        raise bad_request("too many message identifiers specified")
    for message_id in message_ids:
        if isinstance(message_id, int) and message_id in chat.posts:
            try:
                _delete(world, chat, message_id)
            except ApiError:
                continue  # those that may not be deleted are skipped
    return True


def _delete(world: World, chat: Chat, message_id: int) -> None:
    if world.clock.seconds - chat.posts[message_id].message["date"] > DELETABLE_SECONDS:
        raise bad_request("message can't be deleted for everyone")
    del chat.posts[message_id]
    world.events.publish("deleted", {"person": chat.info["id"], "message_id": message_id})


def _refuse_inline_message(params: Params) -> None:
    if params.has("inline_message_id") and not params.has("chat_id"):
        raise bad_request("MESSAGE_ID_INVALID")


def _editable(world: World, params: Params) -> _Edited:
    chat = world.chat(params.chat_id())
    post = chat.posts.get(params.number("message_id", 0))
    if post is None:
        raise bad_request("message to edit not found")
    if post.locked or post.message["from"].get("id") != BOT_ID:
        raise bad_request("message can't be edited")
    world.writable(chat.info["id"])
    return _Edited(world, chat, post)


def _preview(params: Params) -> Json:
    return {name: value for name, value in extras(params).items() if name == "link_preview_options"}


@dataclass(frozen=True)
class _Edited:
    """A message that an edit may change."""

    world: World
    chat: Chat
    post: Post

    def apply(self, markup: Markup, content: Json, replaced: tuple[str, ...]) -> Json:
        """An edit without a keyboard takes the old one away."""
        replaced = (*replaced, "reply_markup")
        if markup.inline:
            content["reply_markup"] = markup.inline
        message = self.post.message
        if content == {name: value for name, value in message.items() if name in replaced}:
            raise bad_request(
                "message is not modified: specified new message content and reply markup are "
                "exactly the same as a current content and reply markup of the message"
            )
        kept = {name: value for name, value in message.items() if name not in replaced}
        self.post.message = {**kept, **content, "edit_date": self.world.clock.seconds}
        self.world.tell_message("edited", self.chat, self.post)
        return self.post.message
