"""Buttons of a space request, on both sides."""

import html
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.domain.space_lengths import TIME_OUT
from bot.services.space import REPLIES
from bot.services.space_form import FEW_MINUTES, SETTLE
from bot.telegram import callback_data as to
from bot.telegram.callback_data import encode
from bot.telegram.render.keyboards.registry import beside_button, not_now, under
from bot.telegram.render.keyboards.waiting import waiting
from bot.telegram.render.words import Button, Rows, Words

LENGTHS = ((5, 10, 15), (20, 30, 60))
"""Minutes."""
UNTILS = ("space.until.today", "space.until.tomorrow", "space.until.other")


@under("space.length")
def lengths(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    """A short pause, a time-out, and later; two buttons in a row of times, so that each can be read."""
    draft = p["draft"]
    same = [w.button("space.same", encode(to.SpaceSame(draft)), style="primary")] if p["same"] else []
    rows = [
        [w.button(f"space.minutes.{each}", encode(to.SpaceLength(draft, each))) for each in row]
        for row in LENGTHS
    ]
    later = [until_button(w, at, to.SpaceUntil(draft, minute_of(at))) for at in p["untils"]]
    later += [w.button("space.other_time", encode(to.SpaceOtherTime(draft))), not_now(w)]
    return [same, *rows, *(later[first : first + 2] for first in range(0, len(later), 2))]


def until_button(w: Words, at: str, meaning: Any) -> Button:
    """“Tomorrow 08:00”."""
    return {"text": w.time(datetime.fromisoformat(at), UNTILS), "callback_data": encode(meaning)}


def minute_of(at: str) -> int:
    return int(datetime.fromisoformat(at).timestamp()) // 60


@under("space.why_twenty")
def why_twenty(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    draft = p["draft"]
    twenty = w.button("space.make_it_twenty", encode(to.SpaceLength(draft, TIME_OUT)), style="primary")
    return [[twenty], [w.button("space.stay", encode(to.SpaceStay(draft)), minutes=p["minutes"])]]


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
                )
            ]
            for each in (FEW_MINUTES, SETTLE)
        ),
        saved,
        [w.button("space.choose.own", encode(to.SpaceOwnWords(draft))), not_now(w)],
    ]


@under("space.preview", "space.preview_alone")
def preview(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    draft = p["draft"]
    alone = "name" not in v
    key = "space.start_timer" if alone else "space.send"
    rows = [[w.button(key, encode(to.SpaceSend(draft)), style="primary")]]
    if alone:
        rows.append(_copy_request(w, v))
    return [*rows, [w.button("space.change", encode(to.SpaceAgain(draft))), not_now(w)]]


def _copy_request(w: Words, v: Mapping[str, str]) -> list[Button]:
    plain: dict[str, Any] = {key: html.unescape(v[key]) for key in ("words", "back_at")}
    return w.copy_row(w("space.copy_text", **plain))


@under("space.sent", "space.sent_alone")
def sent(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    keep = [w.button("words.keep", encode(to.SpaceKeepWords(p["request"])))] if p.get("own") else []
    return [_copy_request(w, v), keep, *away(w, p, v)]


@under("space.open")
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


@under("space.back", "space.taken_back")
def back(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    key = "copies.back" if p["kind"] == "space.back" else "copies.taken_back"
    return [w.copy_row(w(key))]
