"""Buttons of the weekly question for two."""

from collections.abc import Mapping
from typing import Any

from bot.telegram import callback_data as to
from bot.telegram.callback_data import encode
from bot.telegram.render.keyboards.registry import not_now, under
from bot.telegram.render.words import Button, Rows, Words


@under("together.question")
def question(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [
        [w.button("together.answer", encode(to.TogetherAnswer(p["week"])), style="primary")],
        [w.button("together.skip", encode(to.TogetherSkip(p["week"])))],
        [_earlier(w)],
        [] if p["sundays"] else [w.button("together.sundays", encode(to.Open("sundays_together")))],
    ]


@under("together.ask")
def ask(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[not_now(w)]]


@under("together.preview")
def preview(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    keep = w.button("together.keep", encode(to.TogetherKeep(p["draft"])), style="primary")
    return [[keep], [w.button("together.change", encode(to.TogetherAnswer(p["week"]))), not_now(w)]]


@under("together.waiting")
def waiting(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    change = w.button("together.change", encode(to.TogetherAnswer(p["week"])))
    return [[change, _delete(w, p)], [_earlier(w)]]


@under("together.skipped")
def skipped(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[w.button("together.answer_after_all", encode(to.TogetherAnswer(p["week"])))], [_earlier(w)]]


@under("together.both")
def both(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[] if p["answer"] is None else [_delete(w, p)], [_earlier(w)]]


@under("together.earlier", "together.earlier_alone")
def earlier(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    page = p["page"]
    turning = [
        *([w.button("together.newer", encode(to.TogetherEarlier(page - 1)))] if page else []),
        *([w.button("together.older", encode(to.TogetherEarlier(page + 1)))] if p["older"] else []),
    ]
    return [turning, [] if p["answer"] is None else [_delete(w, p)], [_this_week(w)]]


@under("together.deleted", "together.deleted_after")
def deleted(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[_this_week(w)], [_earlier(w)]]


@under("together.no_earlier")
def no_earlier(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[_this_week(w)]]


@under("together.not_linked")
def not_linked(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[_earlier(w)]]


def _delete(w: Words, p: Mapping[str, Any]) -> Button:
    return w.button("together.delete", encode(to.TogetherDelete(p["answer"])))


def _earlier(w: Words) -> Button:
    return w.button("together.earlier_button", encode(to.TogetherEarlier(0)))


def _this_week(w: Words) -> Button:
    return w.button("together.this_week", encode(to.Open("together")))
