"""Buttons for what belongs to one person: reminders, settings."""

from collections.abc import Mapping
from typing import Any

from bot.domain.model import Lean
from bot.services.reminders import WEEKLY
from bot.services.settings import NO_LEAN
from bot.telegram import callback_data as to
from bot.telegram.callback_data import encode
from bot.telegram.render.keyboards.registry import beside_button, not_now, under
from bot.telegram.render.words import Button, Rows, Words


@under("zone.which")
def zones(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[{"text": label, "callback_data": encode(to.PickZone(name))}] for name, label in p["zones"]]


@under("remind.none", "remind.menu")
def reminders(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    rows = [_reminder(w, *row) for row in p["reminders"]]
    taken = {time for _, times, _, kind in p["reminders"] for time in times if kind not in WEEKLY}
    presets = [time for time in w.content.all_of(w.reader.locale, "remind.presets") if time not in taken]
    adds: list[Button] = [
        {"text": f"+ {time}", "callback_data": encode(to.RemindAt(time.replace(":", "")))} for time in presets
    ]
    other = w.button("remind.other", encode(to.Open("remind_time")))
    return [*rows, adds[:2], adds[2:4], [other, not_now(w)]]


def _reminder(w: Words, reminder: int, times: list[str], active: bool, kind: str) -> list[Button]:
    """A daily one goes by its time, a weekly one by its name."""
    switch, delete = encode(to.RemindSwitch(reminder, 0 if active else 1)), encode(to.RemindDelete(reminder))
    time = w(f"remind.weekly.{kind}") if kind in WEEKLY else ", ".join(times)
    return [
        w.button("remind.row_on" if active else "remind.row_off", switch, time=time),
        w.button("remind.delete_this", delete)
        if kind in WEEKLY
        else w.button("remind.delete", delete, time=time),
    ]


@under("remind.added", "remind.added_weekly")
def reminder_added(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    off = w.button("remind.switch_off", encode(to.RemindSwitch(p["reminder"], 0)))
    return [[off, w.button("remind.all", encode(to.Open("remind")))]]


@under("remind.deleted")
def reminder_deleted(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    kind, time = p["what"], "".join(p["times"][:1]).replace(":", "")
    again = encode(to.Open(f"sundays_{kind}") if kind in WEEKLY else to.RemindAt(time))
    return [[w.button("remind.undo", again), w.button("remind.all", encode(to.Open("remind")))]]


@under("settings.menu")
def settings(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [
        [w.button(f"settings.{each}", encode(to.Open(f"settings_{each}"))) for each in ("name", "zone")],
        [w.button(f"settings.{each}", encode(to.Open(f"settings_{each}"))) for each in ("quiet", "language")],
        [w.button(f"settings.{each}", encode(to.Open(f"settings_{each}"))) for each in ("leans", "words")],
        [beside_button(w, "privacy")],
    ]


@under("settings.ask_language")
def languages(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    """Each by its own name for itself."""
    named = [(locale, w.content.text(locale, "language.name")) for locale in w.content.locales]
    return [[{"text": name, "callback_data": encode(to.LanguagePick(locale))}] for locale, name in named]


@under("settings.lean")
def lean(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    out, back, depends = (
        w.button(f"settings.lean_choice.{each}", encode(to.LeanPick(each))) for each in Lean
    )
    forget = w.button("settings.forget_lean", encode(to.LeanPick(NO_LEAN)))
    return [[out, back], [depends] if v["leans"] == NO_LEAN else [depends, forget]]


@under("settings.ask_quiet")
def quiet_hours(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    def pick(preset: str) -> str:
        return encode(to.QuietHoursPick(*preset.replace(":", "").split("-")))

    presets = w.content.all_of(w.reader.locale, "settings.quiet_presets")
    rows = [[{"text": preset.replace("-", "–"), "callback_data": pick(preset)}] for preset in presets]
    return [*rows, [w.button("settings.quiet_off", encode(to.QuietHoursPick("0000", "0000")))]]
