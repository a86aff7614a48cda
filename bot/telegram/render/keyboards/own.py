"""Buttons for what belongs to one person: reminders, settings."""

from collections.abc import Mapping
from typing import Any

from babel.dates import get_day_names

from bot.domain.model import Lean
from bot.services.settings import NO_LEAN
from bot.telegram import callback_data as to
from bot.telegram.callback_data import encode
from bot.telegram.render.keyboards.registry import beside_button, open_button, under
from bot.telegram.render.words import Button, Rows, Words


@under("zone.which")
def zones(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[{"text": label, "callback_data": encode(to.PickZone(name))}] for name, label in p["zones"]]


@under("settings.menu")
def settings(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [
        [w.button(f"settings.{each}", encode(to.Open(f"settings_{each}"))) for each in ("name", "zone")],
        [w.button(f"settings.{each}", encode(to.Open(f"settings_{each}"))) for each in ("quiet", "language")],
        [w.button(f"settings.{each}", encode(to.Open(f"settings_{each}"))) for each in ("leans", "words")],
        [beside_button(w, "protection")],
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
    off = w.button("settings.quiet_off", encode(to.QuietHoursPick("0000", "0000")))
    return [*rows, [off], [w.button("settings.silent_days", encode(to.Open("settings_silent_days")))]]


@under("settings.silent_days_page")
def silent_days(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    names = get_day_names("abbreviated", locale=w.reader.locale)
    days: list[Button] = [
        {
            "text": f"✓ {names[day]}" if day in p["days"] else names[day],
            "callback_data": encode(to.SilentDay(day, int(day not in p["days"]))),
        }
        for day in range(7)
    ]
    return [days[:4], days[4:], [open_button(w, "menu")]]
