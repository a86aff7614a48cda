"""Buttons of the one who waits: kept messages, when they would be ready, sounds."""

from collections.abc import Mapping
from typing import Any

from bot.domain.waiting import ON_RETURN
from bot.telegram import callback_data as to
from bot.telegram.callback_data import encode
from bot.telegram.render.keyboards.registry import beside_button, not_now, open_button, under
from bot.telegram.render.words import Button, Rows, Words


@under(
    "space.request_answered",
    "space.time_is_up.now",
    "space.time_is_up.late",
    "space.no_word",
    "space.more_time",
    "space.back_first",
    "space.back_first_due",
)
def waiting(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    """What there is to do until they are back."""
    ready = w.button("ready.button", encode(to.ReadyAsk(p["request"])))
    comfort = w.button("space_reply.comfort", encode(to.OpenBeside("comfort")))
    silent = w.button("hush.button", encode(to.Sound(p["request"], 0)))
    return [[comfort, beside_button(w, "keep")], [ready, silent]]


@under("relay.partner_away")
def partner_away(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    keep = w.button("relay.keep", encode(to.KeepDraft(p["draft"])), style="primary")
    return [[keep], [w.button("relay.hold", encode(to.RelayHold(p["draft"]))), not_now(w)]]


@under("kept.ask")
def ask(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[open_button(w, "kept"), not_now(w)]]


@under("kept.message")
def message(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    take_back = w.button("kept.take_back", encode(to.KeptTakeBack(p["message"])))
    return [[_change(w, p), take_back], [open_button(w, "kept")]]


@under("kept.offer")
def offer(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    send = w.button("kept.send", encode(to.KeptSend(p["message"])), style="primary")
    hold = w.button("relay.hold", encode(to.KeptHold(p["message"])))
    let_go = w.button("kept.let_go", encode(to.KeptTakeBack(p["message"])))
    return [[send], [hold], [_change(w, p), let_go]]


@under("kept.ask_change")
def ask_change(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[w.button("relay.back", encode(to.KeptShow(p["message"]))), not_now(w)]]


@under("kept.list")
def listed(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    numbers: list[Button] = [
        {"text": str(number), "callback_data": encode(to.KeptShow(message))}
        for number, (message, _) in enumerate(p["messages"], 1)
    ]
    return [numbers, [not_now(w)]]


@under("kept.gone", "errors.too_many_kept")
def to_all(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[open_button(w, "kept")]]


@under("errors.partner_needs_space")
def instead(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[open_button(w, "keep"), open_button(w, "kept")]]


@under("ready.ask", "ready.ask_now")
def ready(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    times = [
        [w.button(f"ready.times.{each}", encode(to.ReadyAt(p["request"], each)))] for each in p["meetings"]
    ]
    return [*times, [not_now(w)]]


@under("ready.kept")
def ready_kept(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    take_back = w.button("kept.take_back", encode(to.ReadyAt(p["request"], ON_RETURN)))
    return [[w.button("kept.change", encode(to.ReadyAsk(p["request"]))), take_back]]


@under("hush.on")
def hushed(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[w.button("hush.sound", encode(to.Sound(p["request"], 1)))]]


@under("hush.off")
def sounding(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[w.button("hush.button", encode(to.Sound(p["request"], 0)))]]


def _change(w: Words, p: Mapping[str, Any]) -> Button:
    return w.button("kept.change", encode(to.KeptChange(p["message"])))
