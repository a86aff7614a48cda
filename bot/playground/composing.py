"""From a call's parameters to what a message holds: text, reply, markup."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from bot.playground import limits
from bot.playground.errors import bad_request
from bot.playground.html import parse_html
from bot.playground.params import Params
from bot.playground.state import Chat, Json, Post
from bot.playground.text import Entity, clean, find, normalize, trim, utf16_length


@dataclass(frozen=True)
class Formatted:
    text: str
    entities: list[Entity]

    def fields(self, name: str, entities_name: str) -> Json:
        fields: Json = {name: self.text} if self.text else {}
        if self.entities:
            fields[entities_name] = self.entities
        return fields


@dataclass(frozen=True)
class Markup:
    """What `reply_markup` asks for."""

    inline: Json | None = None
    keyboard: Json | None = None
    removes: bool = False
    forces_reply: bool = False

    @property
    def locks(self) -> bool:
        return self.keyboard is not None or self.removes or self.forces_reply


def read_text(params: Params, name: str = "text", entities_name: str = "entities") -> Formatted:
    return format_text(
        params.text(name), params.text("parse_mode"), params.json(entities_name, "message entities")
    )


def read_caption(params: Params) -> Formatted:
    return read_text(params, "caption", "caption_entities")


def format_text(source: str, parse_mode: str, given: Any) -> Formatted:
    source = clean(source)
    mode = parse_mode.lower()
    entities: list[Entity] = []
    if mode == "html":
        source, entities = parse_html(source)
    elif mode in ("markdown", "markdownv2"):
        raise bad_request("the playground understands parse_mode HTML only")
    elif mode:
        raise bad_request("unsupported parse_mode")
    elif given:
        entities = _given_entities(source, given)
    text, entities = trim(source, normalize(source, entities))
    return Formatted(text, find(text, entities))


def _given_entities(text: str, given: Any) -> list[Entity]:
    length = utf16_length(text)
    entities = []
    each: Any
    for each in given if isinstance(given, list) else [None]:
        try:
            offset, size = int(each["offset"]), int(each["length"])
            entity = {**each, "type": str(each["type"]), "offset": offset, "length": size}
        except (KeyError, TypeError, ValueError):
            raise bad_request("can't parse MessageEntity: expected an Object") from None
        if offset < 0 or size < 0 or offset + size > length:
            raise bad_request(
                f"entity beginning at UTF-16 offset {offset} ends after the end of the text "
                f"at UTF-16 offset {length}"
            )
        if size:
            entities.append(entity)
    return entities


def read_markup(params: Params) -> Markup:
    raw = params.json("reply_markup", "reply keyboard markup")
    if not raw:
        return Markup()
    if not isinstance(raw, dict):
        raise bad_request("object expected as reply markup")
    if "inline_keyboard" in raw:
        return Markup(inline=limits.check_inline_keyboard(raw))
    if "keyboard" in raw:
        return Markup(keyboard=limits.check_reply_keyboard(raw))
    if raw.get("force_reply"):
        limits.check_force_reply(raw)
        return Markup(forces_reply=True)
    return Markup(removes=bool(raw.get("remove_keyboard")))


def inline_only(params: Params) -> Markup:
    markup = read_markup(params)
    if markup.locks:
        raise bad_request("inline keyboard expected")
    return markup


def reply_fields(chat: Chat, params: Params) -> Json:
    """`reply_to_message`, if the call asks for it."""
    wanted = params.json("reply_parameters", "reply parameters")
    if isinstance(wanted, dict):
        message_id, optional = wanted.get("message_id"), bool(wanted.get("allow_sending_without_reply"))
    else:
        message_id = params.integer("reply_to_message_id")
        optional = params.flag("allow_sending_without_reply")
    if not message_id:
        return {}
    replied = chat.posts.get(message_id) if isinstance(message_id, int) else None
    if replied is None:
        if optional:
            return {}
        raise bad_request("message to be replied not found")
    return {"reply_to_message": quoted(replied)}


def quoted(post: Post) -> Json:
    """A message inside another does not show what it answers itself."""
    return {name: value for name, value in post.message.items() if name != "reply_to_message"}


def extras(params: Params) -> Json:
    """Options that a message shows."""
    fields: Json = {}
    if params.flag("protect_content"):
        fields["has_protected_content"] = True
    if params.has("message_effect_id"):
        fields["effect_id"] = params.text("message_effect_id")
    if params.flag("show_caption_above_media"):
        fields["show_caption_above_media"] = True
    if params.flag("has_spoiler"):
        fields["has_media_spoiler"] = True
    preview = params.json("link_preview_options", "link preview options")
    if preview and isinstance(preview, dict):
        fields["link_preview_options"] = preview
    return fields
