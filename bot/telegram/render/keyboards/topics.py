"""Buttons of parked topics, on both sides."""

import html
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.telegram import callback_data as to
from bot.telegram.callback_data import encode
from bot.telegram.render.keyboards.registry import beside_button, not_now, under
from bot.telegram.render.keyboards.space import minute_of
from bot.telegram.render.words import Button, Rows, Words


@under("later.ask", "later.ask_to_keep")
def ask(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[w.button("later.leave_open", encode(to.LaterLeaveOpen(p["draft"]))), not_now(w)]]


@under("later.times")
def times(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    rows = [[_toggle(w, p["draft"], at, chosen=at in p["chosen"])] for at in p["options"]]
    done = w.button("later.done", encode(to.LaterPreview(p["draft"])), style="primary")
    return [*rows, [done] if p["chosen"] else [], [not_now(w)]]


def _toggle(w: Words, draft: int, at: str, *, chosen: bool) -> Button:
    """It says what a tap makes of it, so that two in a row do no more than one."""
    data = encode(to.LaterTime(draft, minute_of(at), 0 if chosen else 1))
    label = w.dated(datetime.fromisoformat(at))
    return {"text": w("later.chosen", time=label) if chosen else label, "callback_data": data}


@under("later.preview")
def preview(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    send = w.button("relay.send", encode(to.LaterSend(p["draft"])), style="primary")
    return [[send], [w.button("later.other_times", encode(to.LaterTimes(p["draft"]))), not_now(w)]]


@under("later.sent")
def sent(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    plain: dict[str, Any] = {key: html.unescape(v[key]) for key in ("what", "times")}
    return [w.copy_row(w("later.copy_text", **plain)), [_all(w)]]


@under("later.offer", "later.move")
def offer(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    rows: Rows = [
        [
            {
                "text": w.dated(datetime.fromisoformat(at)),
                "callback_data": encode(to.LaterAgree(p["topic"], minute_of(at))),
            }
        ]
        for at in p["offers"]
    ]
    return [*rows, [_others(w, p)]]


@under("later.theirs")
def theirs(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [*offer(w, p, v), [_all(w)]]


@under("later.yours")
def yours(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[_others(w, p), *_off(w, p)], [_all(w)]]


@under("later.parked")
def parked(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    offer_times = w.button("later.offer_times", encode(to.LaterOffer(p["topic"])), style="primary")
    return [[offer_times], [*_off(w, p), _all(w)]]


@under("later.agreed", "later.agreed_by", "later.said_yes")
def agreed(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[_another(w, p), w.button("later.let_go_button", encode(to.LaterLetGo(p["topic"])))]]


@under("later.ask_let_go")
def ask_let_go(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    tap = to.LaterLetGoAgreed(p["topic"], minute_of(p["talk_at"]))
    keep = w.button("later.keep", encode(to.LaterShow(p["topic"])))
    return [[w.button("relay.send", encode(tap))], [keep]]


@under("later.now", "later.was")
def now(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[beside_button(w, "reach_out")], [_another(w, p)]]


@under("later.on_break", "errors.too_many_topics")
def to_all(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[_all(w)]]


@under("later.list")
def listed(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    numbers: list[Button] = [
        {"text": str(number), "callback_data": encode(to.LaterShow(topic))}
        for number, (topic, *_) in enumerate(p["topics"], 1)
    ]
    return [numbers, [w.button("later.new", encode(to.Open("later_new"))), not_now(w)]]


def _others(w: Words, p: Mapping[str, Any]) -> Button:
    return w.button("later.other_times", encode(to.LaterOffer(p["topic"])))


def _another(w: Words, p: Mapping[str, Any]) -> Button:
    return w.button("later.another_time", encode(to.LaterOffer(p["topic"])))


def _off(w: Words, p: Mapping[str, Any]) -> list[Button]:
    """The topic by who wrote it; by the other one, only their own times."""
    if not p["off"]:
        return []
    tap = encode(to.LaterLetGo(p["topic"]))
    return [w.button("later.take_off", tap) if p["mine"] else w.button("later.take_times_back", tap)]


def _all(w: Words) -> Button:
    return w.button("later.to_list", encode(to.Open("later")))
