"""Buttons of a space request, on both sides."""

import html
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.domain.space_lengths import TIME_OUT
from bot.services.space import REPLIES
from bot.telegram import callback_data as to
from bot.telegram.callback_data import encode
from bot.telegram.render.inline import choose_chat
from bot.telegram.render.keyboards.registry import beside_button, not_now, under
from bot.telegram.render.keyboards.waiting import waiting
from bot.telegram.render.words import Button, Rows, Words

LENGTHS = ((5, 10, 15), (20, 30, 60))
"""Minutes."""
UNTILS = ("space.until.today", "space.until.tomorrow", "space.until.other")


@under("space.length", "space.length_shared")
def lengths(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    """A short pause, a time-out, and later; two buttons in a row of times, so that each can be read."""
    draft = p["draft"]
    agreed, first = p["agreed"], []
    if agreed is not None and agreed <= p["most"]:
        length, meaning = w(f"space.minutes.{agreed}"), encode(to.SpaceLength(draft, agreed))
        first = [w.button("space.agreed_length", meaning, style="primary", length=length)]
    style = "primary" if agreed is None else None
    same = [w.button("space.same", encode(to.SpaceSame(draft)), style=style)] if p["same"] else []
    rows = [
        [
            w.button(f"space.minutes.{each}", encode(to.SpaceLength(draft, each)))
            for each in row
            if each != agreed and each <= p["most"]
        ]
        for row in LENGTHS
    ]
    later = [until_button(w, at, to.SpaceUntil(draft, minute_of(at))) for at in p["untils"]]
    later += [w.button("space.other_time", encode(to.SpaceOtherTime(draft))), not_now(w)]
    return [first, same, *rows, *(later[first : first + 2] for first in range(0, len(later), 2))]


def until_button(w: Words, at: str, meaning: Any) -> Button:
    """“Tomorrow 08:00”."""
    return {"text": w.time(datetime.fromisoformat(at), UNTILS), "callback_data": encode(meaning)}


def minute_of(at: str) -> int:
    return int(datetime.fromisoformat(at).timestamp()) // 60


@under("space.why_twenty")
def why_twenty(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    draft = p["draft"]
    twenty = w.button("space.make_it_twenty", encode(to.SpaceLength(draft, TIME_OUT)), style="primary")
    return [
        [twenty],
        [w.button("space.stay", encode(to.SpaceStay(draft)), minutes=p["minutes"])],
        [not_now(w)],
    ]


@under("space.agreed_longest")
def agreed_longest(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    draft, longest = p["draft"], p["longest"]
    that_long = encode(to.SpaceLength(draft, longest))
    make_it = w.button("space.make_it_agreed", that_long, style="primary", longest=v["longest"])
    return [
        [make_it],
        [w.button("space.stay_until", encode(to.SpaceStay(draft)), back_clock=v["back_clock"])],
        [not_now(w)],
    ]


@under("space.wording")
def wordings(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    draft = p["draft"]
    saved: list[Button] = [
        {"text": str(number), "callback_data": encode(to.SpaceSaved(draft, each))}
        for number, each in enumerate(p["saved"], 3)
    ]
    return [
        *(
            [
                w.button(
                    f"space.choose.{each}",
                    encode(to.SpaceWording(draft, each)),
                    style="primary" if each == p["first"] else None,
                    n=number,
                )
            ]
            for number, each in enumerate(p["wordings"], 1)
        ),
        saved,
        [w.button("space.choose.own", encode(to.SpaceOwnWords(draft))), not_now(w)],
    ]


@under("space.ask_words", "space.ask_time")
def asked(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[not_now(w)]]


@under("space.preview", "space.preview_joined", "space.preview_alone")
def preview(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    draft = p["draft"]
    alone = "name" not in v
    key = "space.start_timer" if alone else "space.send"
    rows = [[w.button(key, encode(to.SpaceSend(draft)), style="primary")]]
    if alone:
        rows += [_choose_chat(w, p, v), _copy_request(w, v)]
    return [*rows, [w.button("space.change", encode(to.SpaceAgain(draft))), not_now(w)]]


def _copy_request(w: Words, v: Mapping[str, str]) -> list[Button]:
    plain: dict[str, Any] = {key: html.unescape(v[key]) for key in ("words", "back_at")}
    return w.copy_row(w("space.copy_text", **plain))


@under("space.sent", "space.sent_joined", "space.sent_alone")
def sent(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    keep = [w.button("words.keep", encode(to.SpaceKeepWords(p["request"])))] if p.get("own") else []
    chat = _choose_chat(w, p, v) if p["kind"] == "space.sent_alone" else []
    return [chat, _copy_request(w, v), keep, *away(w, p, v)]


def _choose_chat(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> list[Button]:
    """The way to send it oneself; none where inline mode is not switched on."""
    if not w.inline:
        return []
    return [choose_chat(w, html.unescape(v["words"]), datetime.fromisoformat(p["back_at"]))]


@under(
    "space.open",
    "space.joined",
    "space.more_time_both",
    "space.returned_first",
    "space.returned_first_due",
    "space.withdrawn_first",
    "space.withdrawn_first_due",
)
def away(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [
        [w.button("space.im_back", encode(to.SpaceBack(p["request"])), style="primary")],
        [w.button("space.absorb_me", encode(to.SpaceAbsorb(p["request"], 0)))],
        [beside_button(w, "breathe"), w.button("space.more", encode(to.SpaceMore(p["request"])))],
        [w.button("space.take_back", encode(to.SpaceTakeBack(p["request"])))],
    ]


@under("space.extended", "space.extended_alone")
def extended(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    copy = w.copy_row(w("copies.extended", back_at=html.unescape(v["back_at"])))
    return [copy, *away(w, p, v)]


@under("space.request")
def request(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    replies = [
        [w.button(f"space_reply.{each}", encode(to.SpaceReply(p["request"], each)))] for each in REPLIES
    ]
    return [*replies, *waiting(w, p, v)]


@under("space.taken_back")
def taken_back(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [w.copy_row(w("copies.taken_back")), [beside_button(w, "card")]]


@under("space.withdrawn")
def withdrawn(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[beside_button(w, "card")]]
