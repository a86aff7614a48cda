"""Pictures and documents: uploads, ids to send them again, and where to fetch them."""

from __future__ import annotations

import base64
import hashlib
import mimetypes
import secrets
import struct
from pathlib import PurePosixPath

from bot.playground.errors import ApiError, bad_request
from bot.playground.params import Params, Upload
from bot.playground.state import Json, StoredFile
from bot.playground.store import replace_file
from bot.playground.world import World

_MEGABYTE = 1024 * 1024
LARGEST = {"photo": 10 * _MEGABYTE}
LARGEST_FILE = 50 * _MEGABYTE
_FOLDERS = {"photo": "photos", "animation": "animations", "document": "documents"}


def sent_file(world: World, params: Params, kind: str) -> tuple[str, StoredFile]:
    """The file that a send names: uploaded with it, or known by its id."""
    upload = params.uploads.get(kind)
    value = params.text(kind)
    if upload is None and value.startswith("attach://"):
        upload = params.uploads.get(value.removeprefix("attach://"))
    if upload is not None:
        return keep(world, kind, upload, params)
    if not value or value.startswith("attach://"):
        raise bad_request(f"there is no {kind} in the request")
    if value.startswith(("http://", "https://")):
        raise bad_request("failed to get HTTP URL content")
    stored = world.state.files.get(value)
    if stored is None:
        raise bad_request("wrong file identifier/HTTP URL specified")
    if stored.kind != kind:
        raise bad_request(f"can't use file of type {stored.kind.title()} as {kind.title()}")
    return value, stored


def keep(world: World, kind: str, upload: Upload, params: Params) -> tuple[str, StoredFile]:
    """Store an upload; the same content has the same unique id, as with Telegram."""
    if not upload.data:
        raise bad_request("file must be non-empty")
    if len(upload.data) > LARGEST.get(kind, LARGEST_FILE):
        raise ApiError(413, "Request Entity Too Large")
    size = image_size(upload.data)
    if kind == "photo" and size is None:
        raise bad_request("IMAGE_PROCESS_FAILED")
    folder = _FOLDERS.get(kind, "files")
    suffix = PurePosixPath(upload.name).suffix or mimetypes.guess_extension(upload.mime) or ""
    safe = suffix if suffix[1:].isalnum() and suffix.isascii() else ""
    path = f"{folder}/file_{world.new_number()}{safe}"
    target = world.store.files / path
    target.parent.mkdir(exist_ok=True)
    replace_file(target, upload.data)
    unique = base64.urlsafe_b64encode(hashlib.sha256(upload.data).digest()[:9]).decode()
    width, height = size or (params.number("width", 320), params.number("height", 320))
    about: Json = {"width": width, "height": height}
    if kind == "animation":
        about["duration"] = params.number("duration", 1)
    if kind != "photo":
        about.update(file_name=upload.name, mime_type=upload.mime)
    file_id = f"AgAC{secrets.token_urlsafe(36)}"
    stored = StoredFile(path, kind, f"AQAD{unique}", len(upload.data), about)
    world.state.files[file_id] = stored
    return file_id, stored


def described(file_id: str, stored: StoredFile) -> Json:
    names = ("file_name", "mime_type") if stored.kind == "document" else tuple(stored.about)
    about = {name: stored.about[name] for name in names if name in stored.about}
    return {"file_id": file_id, "file_unique_id": stored.unique_id, **about, "file_size": stored.size}


def get_file(world: World, params: Params) -> Json:
    file_id = params.text("file_id")
    if not file_id:
        raise bad_request("file_id is empty")
    stored = world.state.files.get(file_id)
    if stored is None:
        raise bad_request("wrong file_id or the file is temporarily unavailable")
    if stored.size > 20 * _MEGABYTE:
        raise bad_request("file is too big")
    return {
        "file_id": file_id,
        "file_unique_id": stored.unique_id,
        "file_size": stored.size,
        "file_path": stored.path,
    }


def image_size(data: bytes) -> tuple[int, int] | None:
    """Width and height of a PNG, GIF or JPEG."""
    if data.startswith(b"\x89PNG\r\n\x1a\n") and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
        return width, height
    if data[:6] in (b"GIF87a", b"GIF89a") and len(data) >= 10:
        width, height = struct.unpack("<HH", data[6:10])
        return width, height
    return _jpeg_size(data) if data.startswith(b"\xff\xd8") else None


def _jpeg_size(data: bytes) -> tuple[int, int] | None:
    at = 2
    while at + 9 <= len(data) and data[at] == 0xFF:
        marker = data[at + 1]
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + int(struct.unpack(">H", data[at + 2 : at + 4])[0])
    return None
