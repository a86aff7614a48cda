"""Buttons of check-ins and of a guided breath."""

from collections.abc import Mapping
from typing import Any

from bot.domain.conversation import SCALE, SKIPPED
from bot.telegram import callback_data as to
from bot.telegram.callback_data import encode
from bot.telegram.render.keyboards.registry import under
from bot.telegram.render.words import Button, Rows, Words


@under("step.ask", "step.offer")
def choices(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    def answer(value: str) -> str:
        return encode(to.AnswerStep(p["session"], p["seq"], value))

    rows = [[{"text": label, "callback_data": answer(value)}] for value, label in p["choices"]]
    return rows if p["kind"] == "step.offer" else [*rows, [_stop(w, p)]]


@under("step.scale")
def scale(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    numbers: list[Button] = [
        {
            "text": str(value),
            "callback_data": encode(to.AnswerStep(p["session"], p["seq"], str(value))),
        }
        for value in SCALE
    ]
    return [numbers[:6], numbers[6:], [_stop(w, p)]]


@under("step.write")
def write(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    skip = encode(to.AnswerStep(p["session"], p["seq"], SKIPPED))
    return [[{"text": p["label"] or w("check_in.skip"), "callback_data": skip}], [_stop(w, p)]]


@under("step.breathe")
def breathe_step(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    on = encode(to.AnswerStep(p["session"], p["seq"], SKIPPED))
    return [[{"text": p["label"] or w("check_in.skip"), "callback_data": on}]]


def _stop(w: Words, p: Mapping[str, Any]) -> Button:
    return w.button("check_in.stop", encode(to.StopCheckIn(p["session"])))


@under("breath.start")
def breathing(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[w.button("breath.stop", encode(to.BreathStop()))]]
