"""Buttons towards the return: something absorbing meanwhile, how it is now, how much longer; saved words."""

from collections.abc import Mapping
from typing import Any

from bot.domain.coming_back import STRONGEST
from bot.telegram import callback_data as to
from bot.telegram.callback_data import encode
from bot.telegram.render.keyboards.registry import beside_button, not_now, open_button, under
from bot.telegram.render.keyboards.space import minute_of, until_button
from bot.telegram.render.words import Button, Rows, Words


def _back(w: Words, p: Mapping[str, Any]) -> Button:
    return w.button("space.im_back", encode(to.SpaceBack(p["request"])), style="primary")


def _another_time(w: Words, p: Mapping[str, Any]) -> Button:
    return w.button("space.other_time", encode(to.SpaceMoreTyped(p["request"])))


@under("space.absorb")
def absorb(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    request = p["request"]
    return [
        [w.button("space.it_turns", encode(to.SpaceReplaying(request, 1)))],
        [
            w.button("space.no_it_does_not", encode(to.SpaceReplaying(request, 0))),
            w.button("space.something_else", encode(to.SpaceAbsorb(request, p["page"] + 1))),
        ],
        [beside_button(w, "breathe"), beside_button(w, "ground")],
        [_back(w, p)],
    ]


@under("space.replaying")
def replaying(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [
        [beside_button(w, "ground"), beside_button(w, "breathe")],
        [beside_button(w, "journal_write")],
        [_back(w, p)],
    ]


@under("space.not_replaying", "space.no_more", "space.stands")
def only_back(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[_back(w, p)]]


@under("space.how_now.now", "space.how_now.late")
def how_now(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    numbers: list[Button] = [
        {"text": str(each), "callback_data": encode(to.SpaceRate(p["request"], each))}
        for each in range(STRONGEST + 1)
    ]
    return [numbers[:6], numbers[6:], *ready(w, p, v)]


@under("space.still_there", "space.rated", "space.open_due", "space.open_due_alone")
def ready(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    request = p["request"]
    more = w.button("space.more", encode(to.SpaceMore(request)))
    not_today = w.button("space.not_today_button", encode(to.SpaceNotToday(request)))
    return [[_back(w, p)], [more], [_another_time(w, p), not_today]]


@under("space.how_much_more")
def ladder(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    request, shown = p["request"], minute_of(p["back_at"])
    steps = [
        w.button(f"space.more_minutes.{each}", encode(to.SpaceExtend(request, each, shown)))
        for each in p["steps"]
    ]
    return [steps[:2], steps[2:], [*_untils(w, p), _another_time(w, p)], [_back(w, p)]]


@under("space.not_today", "space.not_that_long")
def until(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[*_untils(w, p), _another_time(w, p)], [_back(w, p)]]


def _untils(w: Words, p: Mapping[str, Any]) -> list[Button]:
    return [until_button(w, at, to.SpaceExtendUntil(p["request"], minute_of(at))) for at in p["untils"]]


@under("words.list")
def saved(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    numbers: list[Button] = [
        {"text": str(number), "callback_data": encode(to.SavedWordsShow(each))}
        for number, each in enumerate(p["saved"], 1)
    ]
    return [numbers, [not_now(w)]]


@under("words.one")
def one(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[w.button("words.delete", encode(to.SavedWordsDelete(p["wording"])))], _all(w)]


@under("words.kept", "words.deleted", "errors.too_many_wordings")
def to_all(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [_all(w)]


@under("space.ask_more")
def ask_more(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[_back(w, p)], [not_now(w)]]


def _all(w: Words) -> list[Button]:
    return [open_button(w, "settings_words")]
