"""A notice into the Bot API call that shows it."""

import html
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any
from urllib.parse import urlencode

from bot.delivery.messenger import Motion
from bot.domain.breathing import SLOW, Pattern, pattern_named
from bot.domain.decision import Notice, Operation
from bot.domain.linking import PAYLOAD_PREFIX
from bot.services.export import DOCUMENTS
from bot.services.journal import ECHOES
from bot.telegram.render.agreement import agreement_values, card_values
from bot.telegram.render.breath import beside, frame
from bot.telegram.render.helplines import helpline_text
from bot.telegram.render.keyboards import KEYBOARDS
from bot.telegram.render.lines import FILLS, Fill
from bot.telegram.render.privacy import privacy_values, readers
from bot.telegram.render.reminders import reminder_values
from bot.telegram.render.together import together_values
from bot.telegram.render.topics import topic_values
from bot.telegram.render.trends import LOOK_BACK, Chart, chart_of, text_key, trends_values
from bot.telegram.render.words import Words

REMOVE_KEYBOARD = {"remove_keyboard": True}


@dataclass(frozen=True)
class Call:
    """A Bot API method and its parameters, without the chat."""

    method: str
    parameters: dict[str, Any] = field(default_factory=dict)
    motion: Motion | None = None
    chart: Chart | None = None
    """the picture that goes with it, for whoever sends it to draw"""


def render(notice: Notice, message: int | None, w: Words) -> Call | None:
    """The call for a notice; None where there is nothing to do (its message was never sent)."""
    if notice.operation in (Operation.STRIP, Operation.DELETE):
        return _taken_away(notice, message, w)
    if notice.kind in DOCUMENTS:
        return Call("sendDocument", {"caption": w(notice.kind)})
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
    chart = chart_of(notice, w)
    if chart is not None:
        return _pictured(notice, call, chart)
    if notice.operation is Operation.EDIT and message is not None:
        return Call("editMessageText", {"message_id": message, **call})
    if notice.silent:
        call["disable_notification"] = True
    if w.reader.protected and notice.kind in ECHOES:
        call["protect_content"] = True
    if notice.kind == "breath.start" and w.content.picture(w.reader.locale, _pattern(notice).id):
        return _animation(notice, call, values, w)
    return Call("sendMessage", call, _motion(notice, values, w))


def _taken_away(notice: Notice, message: int | None, w: Words) -> Call | None:
    """Buttons, a message, or several."""
    if "messages" in notice.parameters:
        return Call("deleteMessages", {"message_ids": notice.parameters["messages"]})
    if message is None:
        return None
    return _strip(notice, message, w) if notice.operation is Operation.STRIP else _delete(message)


def _pictured(notice: Notice, call: dict[str, Any], chart: Chart) -> Call:
    """The same, under a picture: always a message of its own."""
    caption = {"caption": call["text"], **({"disable_notification": True} if notice.silent else {})}
    del call["text"], call["link_preview_options"]
    return Call("sendPhoto", {**call, **caption}, chart=chart)


def _animation(notice: Notice, call: dict[str, Any], values: Mapping[str, str], w: Words) -> Call:
    """The same, under a picture that moves; whoever sends it knows which."""
    motion = _motion(notice, values, w)
    assert motion is not None
    left = beside(w, _pattern(notice), 0, motion.seconds)
    del call["text"], call["link_preview_options"]
    return Call(
        "sendAnimation", {**call, "caption": f"{motion.heading}\n\n{left}"}, replace(motion, picture=True)
    )


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
    if notice.kind == "breath.start":
        return f"{_breath_heading(notice, w)}\n\n{_first_frame(notice, w)}"
    text = w(text_key(notice), variant=int(notice.parameters.get("variant", 0)), **values)
    # What the one who waits said about the meeting, told to who is back or is asked.
    return f"{text}\n\n{w('ready.told', **values)}" if "meet_at" in notice.parameters else text


def _step_text(notice: Notice, values: Mapping[str, Any], w: Words) -> str:
    text = _filled(values["text"], values, w)
    if notice.parameters.get("quote"):
        text = f"<b>{text}</b>\n{w('check_in.quoted')}"
    match notice.kind:
        case "step.breathe":
            return f"{text}\n\n{_first_frame(notice, w)}"
        case "step.ground":
            return f"{text}\n\n<b>{_filled(values['part'], values, w)}</b>"
        case "step.answered":
            said = notice.parameters.get("said")
            under = w("check_in.skipped") if said is None else w("check_in.answered", said=values["said"])
            return f"{text}\n\n{under}"
    return text


def _filled(text: str, values: Mapping[str, str], w: Words) -> str:
    """A step's text with its placeholders filled in; what was never answered is left open."""
    words = defaultdict(lambda: "…", {"partner": w("check_in.partner"), **values})
    return text.format_map(words)


def _pattern(notice: Notice) -> Pattern:
    return pattern_named(notice.parameters.get("pattern", SLOW.id)) or SLOW


def _breath_heading(notice: Notice, w: Words) -> str:
    minutes = notice.parameters.get("minutes", 1)
    return w("breath.start") if minutes == 1 else w("breath.start_longer", minutes=minutes)


def _first_frame(notice: Notice, w: Words) -> str:
    return frame(w, _pattern(notice), 0, notice.parameters["seconds"])


_FILLS: dict[str, Fill] = {**FILLS, LOOK_BACK: trends_values}
_FAMILIES: dict[str, Fill] = {
    "together": together_values,
    "agreement": agreement_values,
    "card": card_values,
    "later": topic_values,
    "remind": reminder_values,
    "privacy": privacy_values,
    "forget": privacy_values,
    "trends": trends_values,
}


def _more_values(notice: Notice, values: Mapping[str, str], w: Words) -> dict[str, str]:
    """Values that are made of others: texts within texts, links, helplines."""
    match notice.kind:
        case "space.preview" | "space.preview_joined":
            inside: dict[str, Any] = {**values, "name": values["own_name"]}
            if notice.kind == "space.preview":
                return {"arrives": w("space.request", **inside)}
            return {"arrives": w("space.joined", **inside)}
        case kind if kind in _FILLS:
            return _FILLS[kind](notice, values, w)
        case "link.invite":
            link = f"https://t.me/{w.bot_name}?start={PAYLOAD_PREFIX}{notice.private['code']}"
            share = "https://t.me/share/url?" + urlencode({"url": link, "text": w("link.share_text")})
            return {"link": html.escape(link), "share_link": html.escape(share), **readers(w)}
        case "link.invited":
            return readers(w)
        case "care.crisis" | "care.lines":
            return {"helplines": helpline_text(w, "suicide")}
        case "care.unsafe" | "care.violence":
            return {"helplines": helpline_text(w, "violence")}
        case "settings.menu":
            return {"language": w("language.name")}
        case "settings.lean":
            return {"kept": w(f"settings.leaning.{notice.private['leans']}")}
    family = _FAMILIES.get(notice.kind.partition(".")[0])
    return {} if family is None else family(notice, values, w)


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


def _motion(notice: Notice, values: Mapping[str, str], w: Words) -> Motion | None:
    if notice.kind not in ("breath.start", "step.breathe"):
        return None
    markup = KEYBOARDS[notice.kind](w, {"kind": notice.kind, **notice.parameters}, {})
    heading = (
        _breath_heading(notice, w) if notice.kind == "breath.start" else _filled(values["text"], values, w)
    )
    return Motion(_pattern(notice).id, notice.parameters["seconds"], heading, w.reader.locale, markup)
