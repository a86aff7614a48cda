"""Whether a request is one that the Bot API knows: held against aiogram's models of it, which others wrote.

The playground accepts what it was taught to accept, by those who wrote the bot: a parameter misspelt on both
sides would never show. aiogram's models are made from Telegram's documentation. They let pass what they do
not know, and some of what is not allowed; that is looked for here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, get_origin

import orjson

if TYPE_CHECKING:
    from pydantic import BaseModel, ValidationError
    from pydantic.fields import FieldInfo

Json = Mapping[str, Any]

NEWER_THAN_AIOGRAM: dict[tuple[str, str], str] = {}
"""(method or type, name): where Telegram documents it. For what aiogram's models do not have yet."""

_ENUMS = {
    # (method or type, name): aiogram's enum of the values, where its model says only `str`
    ("SendChatAction", "action"): "ChatAction",
    ("InlineKeyboardButton", "style"): "ButtonStyle",
    ("KeyboardButton", "style"): "ButtonStyle",
    ("MessageEntity", "type"): "MessageEntityType",
}
_ENUMS_BY_NAME = {"parse_mode": "ParseMode", "allowed_updates": "UpdateType"}
_TOLD = 6


def faults_of(method: str, parameters: Json) -> list[str]:
    """What is wrong with a call as the playground recorded it; nothing, if all is well.

    A call with a file comes as a form, whose values are texts; any other as JSON, whose types must be right.
    """
    from pydantic import ValidationError

    model = _models().get(method)
    if model is None:
        return [f"{method}: no such method"]
    uploads = {name for name, value in parameters.items() if _is_upload(value)}
    try:
        if uploads:
            request = model.model_validate(_with_files(parameters, uploads))
        else:
            request = model.model_validate_json(orjson.dumps(dict(parameters)), strict=True)
    except ValidationError as error:
        return _told(method, error)
    return [f"{method}: {fault}" for fault in _looked_through(request)]


def faults_in(calls: list[dict[str, Any]]) -> list[str]:
    """The same of many calls, each fault once."""
    found = (fault for call in calls for fault in faults_of(call["method"], call["parameters"]))
    return list(dict.fromkeys(found))


@cache
def _models() -> dict[str, type[BaseModel]]:
    """Methods by their names. Imported when first needed: it takes seconds, and few tests need it."""
    from aiogram import methods
    from aiogram.methods.base import TelegramMethod

    classes = [getattr(methods, name) for name in methods.__all__ if name != "TelegramMethod"]
    return {
        each.__api_method__: each
        for each in classes
        if isinstance(each, type) and issubclass(each, TelegramMethod) and hasattr(each, "__api_method__")
    }


def _is_upload(value: object) -> bool:
    return isinstance(value, dict) and value.keys() == {"file", "mime_type", "size"}


def _with_files(parameters: Json, uploads: set[str]) -> dict[str, Any]:
    """A file is what its parameter wants, or a part of the form that a parameter names."""
    from aiogram.types import BufferedInputFile

    attached = {name for name in uploads if f"attach://{name}" in str(parameters)}
    return {
        name: BufferedInputFile(b"", filename=value["file"]) if name in uploads else value
        for name, value in parameters.items()
        if name not in attached
    }


def _told(method: str, error: ValidationError) -> list[str]:
    """Of a union every branch complains: a few say enough."""
    errors = error.errors(include_url=False)
    told = [f"{method}: {'.'.join(map(str, each['loc']))}: {each['msg']}" for each in errors[:_TOLD]]
    return [*told, f"{method}: … {len(errors) - _TOLD} more"] if len(errors) > _TOLD else told


def _looked_through(model: BaseModel, path: str = "") -> Iterator[str]:
    """What the models let pass, in this one and in those it holds."""
    kind = type(model).__name__
    for name in model.model_extra or ():
        if (kind, name) not in NEWER_THAN_AIOGRAM:
            yield f"{path}{name}: {kind} has no such parameter"
    for name, field in type(model).model_fields.items():
        given = name in model.model_fields_set
        value = getattr(model, name)
        yield from (f"{path}{name}: {fault}" for fault in _overlooked(kind, name, field, value, given=given))
        if given:
            for place, inner in _inside(value, f"{path}{name}"):
                yield from _looked_through(inner, f"{place}.")


def _overlooked(kind: str, name: str, field: FieldInfo, value: Any, *, given: bool) -> Iterator[str]:
    if not given:
        if get_origin(field.annotation) is Literal:  # a type, or what “must be True”: aiogram fills it in
            yield f"{kind} needs it"
        return
    if isinstance(field.json_schema_extra, dict) and field.json_schema_extra.get("deprecated"):
        yield f"{kind} had it once, and the documentation no longer does"
    for each in value if isinstance(value, list) else [value]:
        allowed = _allowed(kind, name)
        if allowed is not None and each is not None and each not in allowed:
            yield f"{each!r} is none of {', '.join(sorted(allowed))}"


def _inside(value: Any, path: str) -> Iterator[tuple[str, BaseModel]]:
    from pydantic import BaseModel

    if isinstance(value, BaseModel):
        yield path, value
    elif isinstance(value, list | tuple):
        for place, each in enumerate(value):
            yield from _inside(each, f"{path}.{place}")


@cache
def _allowed(kind: str, name: str) -> frozenset[str] | None:
    from aiogram import enums

    named = _ENUMS.get((kind, name)) or _ENUMS_BY_NAME.get(name)
    return frozenset(str(each.value) for each in getattr(enums, named)) if named else None
