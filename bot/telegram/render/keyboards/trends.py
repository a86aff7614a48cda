"""Buttons under the picture of one's own weeks."""

from collections.abc import Mapping
from typing import Any

from bot.domain.trends import OFFERED
from bot.telegram import callback_data as to
from bot.telegram.callback_data import encode
from bot.telegram.render.keyboards.registry import beside_button, open_button, under
from bot.telegram.render.words import Button, Rows, Words


@under("trends.picture")
def picture(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    every_sunday = w.button("trends.weekly", encode(to.OpenBeside("sundays_look_back")))
    away = w.button("trends.put_away", encode(to.TrendsPutAway()))
    return [_other_periods(w, p), [] if p["weekly"] else [every_sunday], [away, beside_button(w, "menu")]]


@under("trends.little.none", "trends.little.one", "trends.little.other")
def little(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[open_button(w, "how_am_i", "primary")], _other_periods(w, p), [open_button(w, "menu")]]


def _other_periods(w: Words, p: Mapping[str, Any]) -> list[Button]:
    others = [each for each in OFFERED if each != p["period"]]
    return [w.button(f"trends.button.{each}", encode(to.TrendsOf(each))) for each in others]
