"""Buttons for what belongs to one person: reminders, settings, journal."""

from collections.abc import Mapping
from typing import Any

from bot.services.reminders import LATER
from bot.telegram import callback_data as to
from bot.telegram.callback_data import encode
from bot.telegram.render.keyboards.registry import beside_button, not_now, open_button, under
from bot.telegram.render.words import Button, Rows, Words


@under("zone.which")
def zones(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[{"text": label, "callback_data": encode(to.PickZone(name))}] for name, label in p["zones"]]


@under("remind.none", "remind.menu")
def reminders(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    rows = []
    for reminder, times, active in p["reminders"]:
        time = ", ".join(times)
        switch = encode(to.RemindSwitch(reminder, 0 if active else 1))
        rows.append(
            [
                w.button("remind.row_on" if active else "remind.row_off", switch, time=time),
                w.button("remind.delete", encode(to.RemindDelete(reminder)), time=time),
            ]
        )
    taken = {time for _, times, _ in p["reminders"] for time in times}
    presets = [time for time in w.content.all_of(w.reader.locale, "remind.presets") if time not in taken]
    adds: list[Button] = [
        {"text": f"+ {time}", "callback_data": encode(to.RemindAt(time.replace(":", "")))} for time in presets
    ]
    other = w.button("remind.other", encode(to.Open("remind_time")))
    return [*rows, adds[:2], adds[2:4], [other, not_now(w)]]


@under("remind.added")
def reminder_added(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    off = w.button("remind.switch_off", encode(to.RemindSwitch(p["reminder"], 0)))
    return [[off, w.button("remind.all", encode(to.Open("remind")))]]


@under("remind.deleted")
def reminder_deleted(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    undo = [w.button("remind.undo", encode(to.RemindAt(time.replace(":", "")))) for time in p["times"][:1]]
    return [[*undo, w.button("remind.all", encode(to.Open("remind")))]]


@under("nudge.breathe")
def nudge(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    later = w.button("nudge.later_button", encode(to.NudgeLater(p["reminder"])))
    check_in = w.button("nudge.check_in", encode(to.Open("check_in")))
    return [[open_button(w, "breathe", "primary")], [check_in, later]]


@under("nudge.when")
def nudge_later(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[w.button(f"nudge.in.{each}", encode(to.NudgeIn(p["reminder"], each))) for each in LATER]]


@under("settings.menu")
def settings(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [
        [w.button(f"settings.{each}", encode(to.Open(f"settings_{each}"))) for each in ("name", "zone")],
        [w.button("settings.quiet", encode(to.Open("settings_quiet"))), beside_button(w, "privacy")],
    ]


@under("settings.ask_quiet")
def quiet_hours(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    def pick(preset: str) -> str:
        return encode(to.QuietHoursPick(*preset.replace(":", "").split("-")))

    presets = w.content.all_of(w.reader.locale, "settings.quiet_presets")
    rows = [[{"text": preset.replace("-", "–"), "callback_data": pick(preset)}] for preset in presets]
    return [*rows, [w.button("settings.quiet_off", encode(to.QuietHoursPick("0000", "0000")))]]


@under("journal.line")
def journal_line(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[w.button("journal.delete", encode(to.JournalDelete(p["line"])))]]


@under("journal.kept")
def journal_kept(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[w.button("journal.delete", encode(to.JournalDelete(p["line"])))]]


@under("journal.empty")
def journal(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[w.button("journal.write", encode(to.Open("journal")))]]
