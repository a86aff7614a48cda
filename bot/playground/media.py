"""Sending pictures, animations and documents."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from bot.playground import limits
from bot.playground.composing import read_caption, read_markup
from bot.playground.files import described, sent_file
from bot.playground.messages import send
from bot.playground.params import Params
from bot.playground.state import Json
from bot.playground.world import World


def send_photo(world: World, params: Params) -> Json:
    return _send(world, params, "photo", lambda file: {"photo": [file]})


def send_animation(world: World, params: Params) -> Json:
    return _send(world, params, "animation", _animation)


def send_document(world: World, params: Params) -> Json:
    return _send(world, params, "document", lambda file: {"document": file})


def _animation(file: Json) -> Json:
    """Old bots know animations as documents: Telegram sends both."""
    plain = ("file_id", "file_unique_id", "file_name", "mime_type", "file_size")
    return {"animation": file, "document": {name: file[name] for name in plain if name in file}}


def _send(world: World, params: Params, kind: str, content: Callable[[Json], Json]) -> Json:
    chat_id = params.chat_id()
    caption = read_caption(params)
    markup = read_markup(params)
    chat = world.writable(chat_id)
    limits.check_caption(caption.text)
    file_id, stored = sent_file(world, params, kind)
    fields: dict[str, Any] = content(described(file_id, stored))
    fields.update(caption.fields("caption", "caption_entities"))
    return send(world, chat, params, markup, fields)
