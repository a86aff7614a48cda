"""Buttons of the couple's agreement."""

from collections.abc import Mapping
from typing import Any

from bot.domain.agreement import PARTS, PHRASES
from bot.services.agreement_form import NONE
from bot.telegram import callback_data as to
from bot.telegram.callback_data import encode
from bot.telegram.render.agreement import phrase_of, value_of
from bot.telegram.render.keyboards.registry import not_now, open_button, under
from bot.telegram.render.words import Button, Rows, Words

_ASK = "agreement.ask_"


@under("agreement.page", "agreement.none")
def page(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    propose = w.button("agreement.propose", encode(to.Open("agreement_propose")), style="primary")
    return [_draft(w, p), [propose], [_phrases(w)]]


@under("agreement.mine")
def mine(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [_draft(w, p), [_take_back(w, p), _change(w, p)], [_phrases(w)]]


@under("agreement.sent")
def sent(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[_take_back(w, p)], [_phrases(w)]]


@under("agreement.theirs", "agreement.proposal")
def theirs(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    yes = encode(to.AgreementConfirm(p["agreement"], p["revision"]))
    agree = w.button("agreement.agree", yes, style="primary")
    rows = [[agree], [_change(w, p)]]
    return rows if p["kind"] == "agreement.proposal" else [*rows, _draft(w, p), [_phrases(w)]]


@under("agreement.form")
def form(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    parts = [w.button(f"agreement.part.{part}", encode(to.AgreementAsk(p["draft"], part))) for part in PARTS]
    preview = w.button("agreement.preview_it", encode(to.AgreementPreview(p["draft"])), style="primary")
    return [parts[:2], parts[2:], [preview], [not_now(w)]]


@under(*(f"{_ASK}{part}" for part in PARTS))
def ask(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    """The values of the part that is asked for; lengths three in a row."""
    part = p["kind"].removeprefix(_ASK)
    values = [
        _button(value_of(w, part, each), to.AgreementChoose(p["draft"], part, str(each)))
        for each in PARTS[part]
    ]
    width = 3 if part == "minutes" else 2 if part == "longest" else 1
    rows = [values[first : first + width] for first in range(0, len(values), width)]
    return [*rows, [_button(value_of(w, part, None), to.AgreementChoose(p["draft"], part, NONE))]]


@under("agreement.preview")
def preview(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    send = w.button("relay.send", encode(to.AgreementSend(p["draft"])), style="primary")
    return [[send], [_form(w, p, "agreement.change"), not_now(w)]]


@under("agreement.partner_away")
def away(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[_form(w, p, "agreement.back")]]


@under("agreement.confirmed", "agreement.agreed", "agreement.taken_back")
def done(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[open_button(w, "agreement")]]


@under("agreement.phrases")
def phrases(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    rows = []
    for each in PHRASES:
        on = each in p["marked"]
        text = w("agreement.marked" if on else "agreement.unmarked", phrase=phrase_of(w, each))
        rows.append([_button(text, to.WelcomeMark(p["couple"], each, 0 if on else 1))])
    return [*rows, [open_button(w, "agreement")]]


def _button(text: str, meaning: Any) -> Button:
    return {"text": text, "callback_data": encode(meaning)}


def _draft(w: Words, p: Mapping[str, Any]) -> list[Button]:
    """The way back to a form half filled, if there is one."""
    return [_form(w, p, "agreement.go_on")] if p["draft"] is not None else []


def _form(w: Words, p: Mapping[str, Any], key: str) -> Button:
    return _button(w(key), to.AgreementForm(p["draft"], p["revision"]))


def _change(w: Words, p: Mapping[str, Any]) -> Button:
    return w.button("agreement.change", encode(to.AgreementChange(p["agreement"], p["revision"])))


def _take_back(w: Words, p: Mapping[str, Any]) -> Button:
    return w.button("agreement.take_back", encode(to.AgreementTakeBack(p["agreement"], p["revision"])))


def _phrases(w: Words) -> Button:
    return w.button("agreement.phrases_button", encode(to.Open("agreement_phrases")))
