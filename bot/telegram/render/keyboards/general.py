"""Buttons of the menus, of help, and of the ways on."""

from collections.abc import Mapping
from typing import Any

from bot.telegram import callback_data as to
from bot.telegram.callback_data import encode
from bot.telegram.render.keyboards.registry import beside_button, not_now, open_button, under
from bot.telegram.render.words import Button, Rows, Words


@under("fallback.media", "fallback.text", "cancel.nothing")
def whichever_menu(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    # What was queued before somebody's link was asked for does not say it.
    return linked_menu(w, p, v) if p.get("linked") else menu(w, p, v)


@under("menu.first", "menu.alone")
def menu(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [
        [open_button(w, "space", "primary")],
        [open_button(w, "pause"), open_button(w, "how_am_i")],
        [open_button(w, "check_in")],
        [open_button(w, "breathe"), open_button(w, "remind")],
        [open_button(w, "link"), open_button(w, "help")],
    ]


@under("menu.linked")
def linked_menu(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [
        [open_button(w, "space", "primary")],
        [open_button(w, "pause"), open_button(w, "how_am_i")],
        [open_button(w, "breathe"), open_button(w, "signal")],
        [open_button(w, "check_in"), open_button(w, "two")],
        [open_button(w, "remind"), open_button(w, "help")],
    ]


@under("menu.two")
def for_two(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [
        [open_button(w, "talk"), open_button(w, "later")],
        [open_button(w, "card"), open_button(w, "together")],
        [open_button(w, "agreement"), open_button(w, "menu")],
    ]


@under("comfort.menu")
def comfort(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    what_may_be = w.button("buttons.what_may_be", encode(to.StartScript("what_may_be")))
    return [*soothing(w, p, v), [what_may_be], [open_button(w, "keep"), open_button(w, "kept")], [not_now(w)]]


@under("breath.done", "breath.stopped")
def soothing(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [
        [open_button(w, "breathe"), open_button(w, "ground")],
        [open_button(w, "check_in"), open_button(w, "journal_write")],
    ]


@under("help.main")
def help_page(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[beside_button(w, "unsafe")], [_life_lines(w)], [beside_button(w, "privacy")], _exit(w)]


@under("care.crisis")
def crisis(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    not_meant = w.button("care.not_meant", encode(to.NotMeant(p["draft"])))
    return [[not_meant], *_way_back(w, p), [beside_button(w, "unsafe")], _exit(w)]


@under("care.violence")
def violence(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    not_meant = w.button("care.not_meant", encode(to.NotMeant(p["draft"])))
    return [[not_meant], *_way_back(w, p), [_life_lines(w)], _exit(w)]


@under("care.unsafe", "care.lines")
def helping(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [*(_way_back(w, p) if "draft" in p else [[beside_button(w, "menu")]]), _exit(w)]


def _way_back(w: Words, p: Mapping[str, Any]) -> Rows:
    """On without the held text, or nothing more of what it was for."""
    go_on = w.button("care.go_on", encode(to.GoOnWithout(p["draft"])))
    return [[go_on], [w.button("care.leave", encode(to.LeaveHeld(p["draft"])))]]


def _exit(w: Words) -> list[Button]:
    return [w.button("care.quick_exit", encode(to.QuickExit()))]


def _life_lines(w: Words) -> Button:
    return w.button("help.crisis_lines", encode(to.OpenBeside("lines")))


@under("fallback.offer.back")
def nothing_open(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[open_button(w, "space")], [open_button(w, "menu")]]


@under("errors.not_linked", "errors.link_ended")
def alone(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[open_button(w, "link")], [open_button(w, "menu")]]


@under("step.end")
def at_the_end(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[beside_button(w, "menu")]]


@under("fallback.offer.talk")
def offer_talk(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    words = w.button("buttons.reach_out", encode(to.StartScript("reach_out")), style="primary")
    return [[words], [open_button(w, "talk"), open_button(w, "space")], [not_now(w)]]


@under("fallback.offer.ground")
def offer_ground(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[open_button(w, "ground", "primary")], [open_button(w, "breathe"), not_now(w)]]


@under("fallback.offer.check_in")
def offer_check_in(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[open_button(w, "pause", "primary")], [open_button(w, "space"), open_button(w, "breathe")]]
