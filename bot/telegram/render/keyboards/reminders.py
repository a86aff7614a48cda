"""Buttons of the reminders: the list, one of them, a new one."""

from collections.abc import Mapping
from typing import Any

from bot.services.reminder_form import KINDS
from bot.services.reminder_list import ALL, PAUSES
from bot.telegram import callback_data as to
from bot.telegram.callback_data import encode
from bot.telegram.render.keyboards.registry import not_now, open_button, under
from bot.telegram.render.words import Button, Rows, Words


@under("remind.none")
def none(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [*_presets(w), [_new(w), not_now(w)]]


@under("remind.menu")
def menu(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    numbers: list[Button] = [
        {"text": str(number), "callback_data": encode(to.RemindShow(row[0]))}
        for number, row in enumerate(p["reminders"], 1)
    ]
    pause = (
        w.button("remind.resume_all", encode(to.RemindResume(ALL)))
        if p["resting"]
        else w.button("remind.pause_all", encode(to.RemindPauseAsk(ALL)))
    )
    key = "remind.open_again" if p["discreet"] else "remind.make_discreet"
    discreet = w.button(key, encode(to.RemindDiscreet(0 if p["discreet"] else 1)))
    return [numbers[:4], numbers[4:], [_new(w), pause], [discreet], [not_now(w)]]


@under("remind.ask")
def ask(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [*([] if "reminder" in p else _presets(w)), *_wishes(w), [_all(w), not_now(w)]]


@under("errors.wish_unclear")
def unclear(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[_all(w), not_now(w)]]


@under("remind.preview")
def preview(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    draft = p["draft"]
    save = w.button("remind.save", encode(to.RemindSave(draft)), style="primary")
    what = w.button("remind.what_for_button", encode(to.RemindKind(draft, "ask")))
    return [[save], [what, not_now(w)]]


@under("remind.what_for")
def what_for(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    kinds = [w.button(f"remind.kind.{kind}", encode(to.RemindKind(p["draft"], kind))) for kind in KINDS]
    return [kinds[:2], kinds[2:4], kinds[4:]]


@under("remind.added")
def added(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[_undo(w, p), _all(w)]]


@under("remind.one")
def one(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    reminder = p["reminder"]
    if p["state"] is None:
        first = [
            w.button("remind.skip", encode(to.RemindSkip(reminder))),
            w.button("remind.pause", encode(to.RemindPauseAsk(reminder))),
        ]
    else:
        first = [w.button("remind.resume", encode(to.RemindResume(reminder)))]
    edit = w.button("remind.edit", encode(to.RemindEdit(reminder)))
    return [first, [edit, w.button("remind.delete", encode(to.RemindDelete(reminder)))], [_all(w)]]


@under("remind.how_long")
def how_long(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    choices = [
        w.button(f"remind.until.{each}", encode(to.RemindPause(p["reminder"], each))) for each in PAUSES
    ]
    return [choices[:2], choices[2:], [not_now(w)]]


@under("remind.skipped", "remind.paused", "remind.off", "remind.deleted")
def changed(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[_undo(w, p), _all(w)]]


@under("remind.discreet_on", "remind.discreet_off")
def discreet(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    on = p["kind"] == "remind.discreet_on"
    return [[w.button("remind.undo", encode(to.RemindDiscreet(0 if on else 1))), _all(w)]]


def _presets(w: Words) -> Rows:
    times = w.content.all_of(w.reader.locale, "remind.presets")
    presets: list[Button] = [
        {"text": f"+ {time}", "callback_data": encode(to.RemindAt(time.replace(":", "")))} for time in times
    ]
    return [presets[:2], presets[2:4]]


def _wishes(w: Words) -> Rows:
    """Some that one could have typed as well."""
    wishes = w.content.all_of(w.reader.locale, "remind.wishes")
    return [
        [{"text": wish, "callback_data": encode(to.RemindWish(number))}] for number, wish in enumerate(wishes)
    ]


def _new(w: Words) -> Button:
    return open_button(w, "remind_new")


def _all(w: Words) -> Button:
    return w.button("remind.all", encode(to.Open("remind")))


def _undo(w: Words, p: Mapping[str, Any]) -> Button:
    return w.button("remind.undo", encode(to.RemindUndo(p["undo"])))
