"""Things people send that are not text."""

from __future__ import annotations

import base64

from bot.playground.errors import ControlError
from bot.playground.files import keep
from bot.playground.params import Params, Upload
from bot.playground.state import Json, Person
from bot.playground.world import World

_PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
_NOTE = b"A note from the playground.\n"
_FILES = {
    "sticker": Upload("sticker.png", "image/png", _PIXEL),
    "voice": Upload("voice.ogg", "audio/ogg", _NOTE),
    "photo": Upload("photo.png", "image/png", _PIXEL),
    "document": Upload("note.txt", "text/plain", _NOTE),
    "video_note": Upload("video_note.mp4", "video/mp4", _NOTE),
}


def sample(world: World, person: Person, kind: str) -> Json:
    """The fields of a message of this kind."""
    if kind == "dice":
        return {"dice": {"emoji": "🎲", "value": 4}}
    if kind == "contact":
        return {
            "contact": {
                "phone_number": "+15550100",
                "first_name": person.first_name,
                "user_id": person.id,
            }
        }
    if kind not in _FILES:
        raise ControlError(f"kind: one of {', '.join((*_FILES, 'contact', 'dice'))}")
    file_id, stored = keep(world, kind, _FILES[kind], Params({}))
    file: Json = {
        "file_id": file_id,
        "file_unique_id": stored.unique_id,
        "file_size": stored.size,
    }
    size = {"width": stored.about["width"], "height": stored.about["height"]}
    if kind == "sticker":
        emoji = {"type": "regular", "is_animated": False, "is_video": False, "emoji": "🙂"}
        return {"sticker": {**file, **size, **emoji}}
    if kind == "photo":
        return {"photo": [{**file, **size}]}
    if kind == "voice":
        return {"voice": {**file, "duration": 3, "mime_type": "audio/ogg"}}
    if kind == "video_note":
        return {"video_note": {**file, "length": 240, "duration": 3}}
    return {"document": {**file, "file_name": "note.txt", "mime_type": "text/plain"}}
