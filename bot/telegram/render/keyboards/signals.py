"""Buttons under what goes to the partner: signals, questions for a talk, own words."""

import html
from collections.abc import Mapping
from typing import Any

from bot.services.signals import OWN, TALK
from bot.telegram import callback_data as to
from bot.telegram.callback_data import encode
from bot.telegram.render.keyboards.registry import not_now, under
from bot.telegram.render.lines import line_of
from bot.telegram.render.words import Button, Rows, Words

WIDEST = 20
"""Characters of a line that its button shows behind the number."""


@under("signal.choose", "signal.choose_to_keep")
def signals(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    def data(slot: str) -> str:
        return encode(to.Open("talk") if slot == TALK else to.SignalSend(p["draft"], slot))

    rows = [[_line(w, v, number, slot, data(slot))] for number, slot in enumerate(p["slots"], 1)]
    return [*rows, [w.button("signal.change", encode(to.Open("signal_lines"))), not_now(w)]]


@under("signal.lines")
def own_lines(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    def data(slot: str) -> str:
        return encode(to.SignalChange(slot))

    rows = [[_line(w, v, number, slot, data(slot))] for number, slot in enumerate(p["slots"], 1)]
    add = [] if p["free"] is None else [w.button("signal.add", encode(to.SignalChange(p["free"])))]
    return [*rows, [*add, _done(w)]]


@under("signal.ask_line", "signal.ask_line_talk", "signal.ask_new_line")
def ask_line(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    back = w.button("signal.back", encode(to.Open("signal_lines")))
    if not p["changed"]:
        return [[back]]
    key = "signal.delete" if p["slot"] in OWN else "signal.put_back"
    return [[w.button(key, encode(to.SignalPutBack(p["slot"]))), back]]


@under("signal.line_set", "signal.line_deleted")
def line_changed(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    undo = w.button("signal.undo", encode(to.SignalUndo(p["draft"])))
    return [[undo, w.button("signal.all", encode(to.Open("signal_lines")))], [_done(w)]]


@under("talk.when")
def talk_when(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    times = [[w.button(f"talk.times.{each}", encode(to.TalkWhen(p["draft"], each)))] for each in p["offered"]]
    return [*times, [not_now(w)]]


@under("talk.preview")
def talk_preview(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    send = w.button("relay.send", encode(to.TalkSend(p["draft"])), style="primary")
    return [[send], [w.button("talk.other_time", encode(to.Open("talk"))), not_now(w)]]


@under("relay.preview")
def preview(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    send = w.button("relay.send", encode(to.RelaySend(p["draft"])), style="primary")
    other = w.button("relay.other_words", encode(to.RelayOtherWords(p["draft"])))
    return [[send], [other, _hold(w, p)], [not_now(w)]]


@under("relay.alone", "relay.enough")
def say_it_yourself(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [w.copy_row(html.unescape(v["words"])), [_hold(w, p), not_now(w)]]


@under("relay.ask_words")
def ask_words(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[w.button("relay.back", encode(to.RelayAgain(p["draft"]))), not_now(w)]]


@under("relay.sent")
def sent(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [w.copy_row(html.unescape(v["words"]))]


def _line(w: Words, v: Mapping[str, str], number: int, slot: str, data: str) -> Button:
    words = html.unescape(line_of(w, v, slot))
    short = words if len(words) <= WIDEST else words[: WIDEST - 1].rstrip() + "…"
    return w.button("signal.button", data, number=number, words=short)


def _hold(w: Words, p: Mapping[str, Any]) -> Button:
    return w.button("relay.hold", encode(to.RelayHold(p["draft"])))


def _done(w: Words) -> Button:
    return w.button("signal.done", encode(to.Open("signal")))
