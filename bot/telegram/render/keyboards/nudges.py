"""Buttons under a nudge, and under what it leads to."""

from collections.abc import Mapping
from typing import Any

from bot.domain.nudging import LATER
from bot.telegram import callback_data as to
from bot.telegram.callback_data import encode
from bot.telegram.render.keyboards.registry import under
from bot.telegram.render.words import Button, Rows, Words


def _begin(w: Words, key: str, what: str, style: str | None = None) -> Button:
    return w.button(key, encode(to.NudgeDo(what)), style=style)


def _always(w: Words, p: Mapping[str, Any], beside: Button | None = None) -> Rows:
    """What can be done about any of them."""
    later = w.button("nudge.later_button", encode(to.NudgeLater(p["reminder"])))
    not_today = w.button("nudge.not_today", encode(to.NudgeNotToday()))
    fewer = w.button("nudge.fewer_button", encode(to.NudgeFewer(p["reminder"])))
    return [[later] if beside is None else [beside, later], [not_today, fewer]]


@under("nudge.breathe")
def breathe(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    check_in = _begin(w, "nudge.check_in_button", "pause")
    return [[_begin(w, "buttons.breathe", "breathe", "primary")], *_always(w, p, check_in)]


@under("nudge.check_in")
def check_in(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    breath = _begin(w, "buttons.breathe", "breathe")
    return [[_begin(w, "nudge.check_in_button", "pause", "primary")], *_always(w, p, breath)]


@under("nudge.lean_in")
def lean_in(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    breath = _begin(w, "buttons.breathe", "breathe")
    return [[_begin(w, "nudge.lean_in_button", "lean_in", "primary")], *_always(w, p, breath)]


@under("nudge.slow_down")
def slow_down(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    ground = _begin(w, "buttons.ground", "ground")
    return [[_begin(w, "buttons.breathe", "breathe", "primary")], *_always(w, p, ground)]


@under("nudge.together")
def together(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[_begin(w, "nudge.show_question", "together", "primary")], *_always(w, p)]


@under("nudge.look_back")
def look_back(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[_begin(w, "nudge.start_look_back", "look_back", "primary")], *_always(w, p)]


@under("nudge.own")
def own(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    breath = _begin(w, "buttons.breathe", "breathe")
    return [[_begin(w, "nudge.done", "done", "primary")], *_always(w, p, breath)]


@under("nudge.discreet")
def discreet(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[w.button("nudge.show", encode(to.NudgeShow(p["reminder"])))]]


@under("nudge.when")
def when(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    soon = [w.button(f"nudge.in.{each}", encode(to.NudgeIn(p["reminder"], each))) for each in LATER]
    # What was asked before there was a “tonight” names none.
    at = p.get("tonight")
    tonight = [] if at is None else [w.button("nudge.tonight", encode(to.NudgeAt(p["reminder"], at)))]
    return [soon, tonight]


@under("nudge.in_quiet")
def in_quiet(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    end = w.button("nudge.at_their_end", encode(to.NudgeAt(p["reminder"], p["end"])))
    return [[end], [w.button("nudge.come_anyway", encode(to.NudgeAt(p["reminder"], p["wished"])))]]


@under("nudge.fewer")
def fewer(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[w.button(f"nudge.way.{way}", encode(to.NudgeFewerBy(p["reminder"], way)))] for way in p["ways"]]


@under(
    "nudge.not_today_done",
    "nudge.fewer_done.workdays",
    "nudge.fewer_done.once",
    "nudge.fewer_done.week",
    "nudge.fewer_done.delete",
    "nudge.break_begins",
)
def undo(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[w.button("nudge.undo", encode(to.NudgeUndo(p["undo"])))]]


@under("nudge.one_a_day")
def one_a_day(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [*undo(w, p, v), [w.button("remind.all", encode(to.Open("remind")))]]


@under("nudge.wrong_time")
def wrong_time(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    """Fewer only where one a day would be fewer."""
    at_most_one = w.button("nudge.at_most_one", encode(to.NudgeAsked("fewer")))
    times = w.button("nudge.another_time", encode(to.NudgeAsked("times")))
    a_break = w.button("nudge.two_weeks", encode(to.NudgeAsked("break")))
    fine = w.button("nudge.they_are_fine", encode(to.NudgeAsked("fine")))
    return [[at_most_one] if p["fewer"] else [], [times], [a_break], [fine]]
