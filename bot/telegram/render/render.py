"""A notice into the Bot API call that shows it."""

import html
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from bot.delivery.messenger import Motion
from bot.domain.breathing import SLOW
from bot.domain.decision import Notice, Operation
from bot.domain.linking import PAYLOAD_PREFIX
from bot.telegram.render.breath import frame
from bot.telegram.render.helplines import helpline_text
from bot.telegram.render.keyboards import KEYBOARDS
from bot.telegram.render.words import Words

REMOVE_KEYBOARD = {"remove_keyboard": True}


@dataclass(frozen=True)
class Call:
    """A Bot API method and its parameters, without the chat."""

    method: str
    parameters: dict[str, Any] = field(default_factory=dict)
    motion: Motion | None = None


def render(notice: Notice, message: int | None, w: Words) -> Call | None:
    """The call for a notice; None where there is nothing to do (its message was never sent)."""
    if notice.operation in (Operation.STRIP, Operation.DELETE):
        if message is None:
            return None
        return _strip(notice, message, w) if notice.operation is Operation.STRIP else _delete(message)
    parameters = {"kind": notice.kind, **notice.parameters}
    values = w.values(notice.parameters, notice.private)
    values |= _more_values(notice, values, w)
    call: dict[str, Any] = {
        "text": _text(notice, values, w),
        "parse_mode": "HTML",
        "link_preview_options": {"is_disabled": True},
    }
    markup = _markup(notice, parameters, values, w)
    if markup is not None:
        call["reply_markup"] = markup
    if notice.operation is Operation.EDIT and message is not None:
        return Call("editMessageText", {"message_id": message, **call})
    if notice.silent:
        call["disable_notification"] = True
    return Call("sendMessage", call, _motion(notice, w))


def _strip(notice: Notice, message: int, w: Words) -> Call:
    """Take the buttons off, but for those that the notice's kind names."""
    keyboard = KEYBOARDS.get(notice.kind)
    parameters: dict[str, Any] = {"message_id": message}
    if keyboard is not None:
        parameters["reply_markup"] = {"inline_keyboard": keyboard(w, notice.parameters, {})}
    return Call("editMessageReplyMarkup", parameters)


def _delete(message: int) -> Call:
    return Call("deleteMessage", {"message_id": message})


def _text(notice: Notice, values: Mapping[str, Any], w: Words) -> str:
    if notice.kind.startswith("step."):
        return _step_text(notice, values, w)
    text = w(notice.kind, variant=int(notice.parameters.get("variant", 0)), **values)
    if notice.kind == "breath.start":
        return f"{text}\n\n{frame(w, SLOW, 0, notice.parameters['seconds'])}"
    return text


def _step_text(notice: Notice, values: Mapping[str, Any], w: Words) -> str:
    text: str = values["text"]
    if notice.parameters.get("quote"):
        text = f"<b>{text}</b>"
    if notice.kind == "step.breathe":
        return f"{text}\n\n{frame(w, SLOW, 0, notice.parameters['seconds'])}"
    if notice.kind == "step.answered" and notice.parameters.get("said") is not None:
        return f"{text}\n\n{w('check_in.answered', said=values['said'])}"
    return text


def _more_values(notice: Notice, values: Mapping[str, str], w: Words) -> dict[str, str]:
    """Values that are made of others: texts within texts, links, helplines."""
    match notice.kind:
        case "space.preview":
            inside: dict[str, Any] = {**values, "name": values["own_name"]}
            return {"arrives": w("space.request", **inside)}
        case "signal.preview":
            return {"arrives": w(f"signal.{notice.parameters['signal']}", name=values["own_name"])}
        case "space.wording":
            return {key: html.escape(w(f"wording.{key}")) for key in ("few_minutes", "settle_thoughts")}
        case "link.invite":
            link = f"https://t.me/{w.bot_name}?start={PAYLOAD_PREFIX}{notice.private['code']}"
            share = "https://t.me/share/url?" + urlencode({"url": link, "text": w("link.share_text")})
            return {"link": html.escape(link), "share_link": html.escape(share)}
        case "care.crisis" | "care.lines":
            return {"helplines": helpline_text(w, "suicide")}
        case "care.unsafe":
            return {"helplines": helpline_text(w, "violence")}
    return {}


def _markup(
    notice: Notice, parameters: Mapping[str, Any], values: Mapping[str, str], w: Words
) -> dict[str, Any] | None:
    if notice.kind in ("zone.ask", "zone.ask_first"):
        return {
            "keyboard": [
                [{"text": w("zone.share"), "request_location": True}],
                [{"text": w("zone.not_now")}],
            ],
            "resize_keyboard": True,
            "one_time_keyboard": True,
        }
    if notice.kind in ("zone.set", "zone.skipped", "zone.kept"):
        return REMOVE_KEYBOARD
    keyboard = KEYBOARDS.get(notice.kind)
    rows = [] if keyboard is None else [row for row in keyboard(w, parameters, values) if row]
    return {"inline_keyboard": rows} if rows else None


def _motion(notice: Notice, w: Words) -> Motion | None:
    if notice.kind not in ("breath.start", "step.breathe"):
        return None
    markup = KEYBOARDS[notice.kind](w, notice.parameters, {})
    text = notice.parameters.get("text")
    heading = w("breath.start") if text is None else html.escape(text)
    return Motion(SLOW.id, notice.parameters["seconds"], heading, w.reader.locale, markup)
