"""Buttons after a break: ready to talk, a way to begin, how it went; and the person's own breaks."""

from collections.abc import Mapping
from typing import Any

from bot.telegram import callback_data as to
from bot.telegram.callback_data import encode
from bot.telegram.render.keyboards.registry import beside_button, not_now, under
from bot.telegram.render.words import Rows, Words


@under("space.returned", "space.ready_page", "space.other_ready", "space.meets_later", "space.meet")
def ready(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    now = w.button("space.im_ready", encode(to.SpaceReady(p["request"])), style="primary")
    return [[now], [w.button("ready.button", encode(to.ReadyAsk(p["request"])))]]


@under("space.back")
def back(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [*ready(w, p, v), w.copy_row(w("copies.back"))]


@under("space.ready_said")
def ready_said(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [w.copy_row(w("copies.ready"))]


@under("ready.sent")
def later(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [w.copy_row(w("copies.ready_from", ready_time=v["ready_time"]))]


@under("card.both", "card.any")
def card(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    line = w.button("buttons.soft_start", encode(to.StartScript("soft_start")))
    return [[line], [_after_talk(w)], [beside_button(w, "space")]]


@under("space.lapsed", "space.lapsed_back")
def lapsed(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    line = w.button("buttons.reach_out", encode(to.StartScript("reach_out")))
    return [[beside_button(w, "signal")], [line]]


@under("space.talked")
def talked(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[_after_talk(w), not_now(w)]]


@under("breaks.list")
def breaks(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    turn = []
    if p["page"] > 0:
        turn.append(w.button("journal.newer", encode(to.BreaksPage(p["page"] - 1))))
    if p["more"]:
        turn.append(w.button("journal.older", encode(to.BreaksPage(p["page"] + 1))))
    return [turn, [not_now(w)]]


def _after_talk(w: Words) -> dict[str, Any]:
    return w.button("buttons.after_talk", encode(to.StartScript("after_talk")))
