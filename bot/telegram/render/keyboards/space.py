"""Buttons of a space request, on both sides."""

import html
from collections.abc import Mapping
from typing import Any

from bot.services.space import REPLIES
from bot.services.space_form import FEW_MINUTES, SETTLE
from bot.telegram import callback_data as to
from bot.telegram.callback_data import encode
from bot.telegram.render.keyboards.registry import beside_button, not_now, under
from bot.telegram.render.keyboards.waiting import waiting
from bot.telegram.render.words import Button, Rows, Words

LENGTHS = ((5, 10, 15), (20, 30, 60))
MORE = ((10, 20), (60, 120))
"""Minutes."""


@under("space.length")
def lengths(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    draft = p["draft"]
    rows = [
        [w.button(f"space.minutes.{each}", encode(to.SpaceLength(draft, each))) for each in row]
        for row in LENGTHS
    ]
    other = w.button("space.other_time", encode(to.SpaceOtherTime(draft)))
    return [*rows, [other, not_now(w)]]


@under("space.wording")
def wordings(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    draft = p["draft"]
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
        [w.button("space.choose.own", encode(to.SpaceOwnWords(draft))), not_now(w)],
    ]


@under("space.preview", "space.preview_alone")
def preview(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    draft = p["draft"]
    alone = "name" not in v
    key = "space.start_timer" if alone else "space.send"
    rows = [[w.button(key, encode(to.SpaceSend(draft)), style="primary")]]
    if alone:
        rows.append([_copy_request(w, v)])
    return [*rows, [w.button("space.change", encode(to.SpaceAgain(draft))), not_now(w)]]


def _copy_request(w: Words, v: Mapping[str, str]) -> Button:
    plain: dict[str, Any] = {key: html.unescape(v[key]) for key in ("words", "back_at")}
    return w.copy_button(w("space.copy_text", **plain))


@under("space.sent", "space.sent_alone")
def sent(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[_copy_request(w, v)], *away(w, p, v)]


@under("space.open")
def away(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [
        [w.button("space.im_back", encode(to.SpaceBack(p["request"])), style="primary")],
        [beside_button(w, "breathe"), w.button("space.more", encode(to.SpaceMore(p["request"])))],
        [w.button("space.take_back", encode(to.SpaceTakeBack(p["request"])))],
    ]


@under("space.extended", "space.extended_alone")
def extended(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    copy = w.copy_button(w("copies.extended", back_at=html.unescape(v["back_at"])))
    return [[copy], *away(w, p, v)]


@under("space.how_now.now", "space.how_now.late", "space.still_there")
def how_now(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [
        [w.button("space.im_back", encode(to.SpaceBack(p["request"])), style="primary")],
        [w.button("space.more", encode(to.SpaceMore(p["request"])))],
    ]


@under("space.how_much_more")
def more(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    request = p["request"]
    rows = [
        [w.button(f"space.more_minutes.{each}", encode(to.SpaceExtend(request, each))) for each in row]
        for row in MORE
    ]
    return [*rows, [w.button("space.im_back", encode(to.SpaceBack(request)), style="primary")]]


@under("space.request")
def request(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    replies = [
        [w.button(f"space_reply.{each}", encode(to.SpaceReply(p["request"], each)))] for each in REPLIES
    ]
    return [*replies, *waiting(w, p, v)]


@under("space.back", "space.taken_back")
def back(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    key = "copies.back" if p["kind"] == "space.back" else "copies.taken_back"
    return [[w.copy_button(w(key))]]
