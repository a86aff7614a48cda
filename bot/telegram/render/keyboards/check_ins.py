"""Buttons of check-ins and of a guided breath."""

from collections.abc import Mapping
from typing import Any

from bot.domain.breathing import MINUTES, PATTERNS, SLOW
from bot.domain.conversation import DONE, SCALE
from bot.domain.script import SKIPPED
from bot.telegram import callback_data as to
from bot.telegram.callback_data import encode
from bot.telegram.render.keyboards.registry import not_now, open_button, under
from bot.telegram.render.words import Button, Rows, Words

FIRST = 2
"""Check-ins that get a row of their own."""


@under("check_in.choose", "check_in.choose_or_go_on")
def which(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    """All check-ins; the one under way first."""
    first, others = p["scripts"][:FIRST], p["scripts"][FIRST:]
    start = encode(to.StartScript(p["open"] or ""))
    open_one = [] if p["open"] is None else [[w.button("check_in.go_on", start, style="primary")]]
    rows = [[_script(w, each)] for each in first if each != p["open"]]
    small = [_script(w, each) for each in others if each != p["open"]]
    sources = w.button("check_in.rests_on", encode(to.Open("sources")))
    return [*open_one, *rows, *_in_twos(small), [open_button(w, "trends"), sources], [not_now(w)]]


def _script(w: Words, script: str) -> Button:
    return {"text": _title(w, script), "callback_data": encode(to.StartScript(script))}


def _title(w: Words, script: str) -> str:
    return w.content.script(w.reader.locale, script).script.title


def _in_twos(buttons: list[Button]) -> Rows:
    return [buttons[at : at + 2] for at in range(0, len(buttons), 2)]


@under("check_in.sources")
def sources(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return _in_twos(
        [{"text": _title(w, each), "callback_data": encode(to.AboutScript(each))} for each in p["scripts"]]
    )


@under("check_in.about")
def about(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[open_button(w, "check_in")]]


@under("check_in.asleep")
def asleep(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    go_on = w.button("check_in.now_after_all", encode(to.GoOnCheckIn(p["session"])))
    return [[go_on, w.button("check_in.stop", encode(to.StopCheckIn(p["session"], p["seq"])))]]


@under("step.ask", "step.offer")
def choices(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    rows = [[{"text": label, "callback_data": _answer(p, value)}] for value, label in p["choices"]]
    return [*rows, _always(w, p)]


@under("step.scale")
def scale(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    numbers: list[Button] = [{"text": str(value), "callback_data": _answer(p, str(value))} for value in SCALE]
    return [numbers[:6], numbers[6:], _always(w, p)]


@under("step.write")
def write(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    skip = [{"text": p["label"], "callback_data": _answer(p, SKIPPED)}] if p["label"] else []
    return [skip, _always(w, p)]


@under("step.ground")
def ground(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[w.button("check_in.next_part", _answer(p, DONE), style="primary")], _always(w, p)]


@under("step.breathe")
def breathe_step(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    on = {"text": p["label"] or w("check_in.skip"), "callback_data": _answer(p, SKIPPED)}
    return [[on], _always(w, p)]


def _answer(p: Mapping[str, Any], value: str) -> str:
    return encode(to.AnswerStep(p["session"], p["seq"], value))


def _always(w: Words, p: Mapping[str, Any]) -> list[Button]:
    """What works at every question: back, skip, not now, stop."""
    question = (p["session"], p["seq"])
    row = []
    if p.get("can_go_back"):
        row.append(w.button("check_in.back", encode(to.StepBack(*question))))
    if p.get("can_skip", True) and not p["label"] and p["kind"] not in ("step.offer", "step.breathe"):
        row.append(w.button("check_in.skip", _answer(p, SKIPPED)))
    row.append(w.button("check_in.later", encode(to.StepLater(*question))))
    row.append(w.button("check_in.stop", encode(to.StopCheckIn(p["session"], p["seq"]))))
    return row


@under("breath.start")
def breathing(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    other = w.button("breath.other", encode(to.OpenBeside("breathe_how")))
    pattern, now = p.get("pattern", SLOW.id), p.get("minutes", 1)
    longer = [
        w.button("breath.minutes", encode(to.BreatheLonger(pattern, minutes)), minutes=minutes)
        for minutes in MINUTES
        if minutes > now
    ]
    return [[w.button("breath.stop", encode(to.BreathStop())), other], longer]


@under("breath.choose")
def patterns(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    rows = [[w.button(f"breath.pattern.{each}", encode(to.BreathePattern(each)))] for each in PATTERNS]
    return [*rows, [not_now(w)]]
