"""Buttons of the journal."""

from collections.abc import Mapping
from typing import Any

from bot.services.journal import ALL
from bot.telegram import callback_data as to
from bot.telegram.callback_data import encode
from bot.telegram.render.keyboards.registry import beside_button, not_now, under
from bot.telegram.render.words import Button, Rows, Words


@under("journal.ask", "journal.prompts")
def writing(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    first = p["kind"] == "journal.ask"
    number = p["prompt"] if first else p["variant"] + 1
    key = "journal.give_prompt" if first else "journal.another"
    return [[w.button(key, encode(to.JournalPrompt(number))), not_now(w)]]


@under("journal.kept")
def kept(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[w.button("journal.delete", encode(to.JournalDelete(p["line"], 0, ALL))), _all(w)]]


@under("journal.empty")
def empty(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[_write(w)], [beside_button(w, "breaks")]]


@under("journal.list", "journal.found")
def listed(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    page, search = p["page"], p["search"]
    numbers: list[Button] = [
        {"text": str(number), "callback_data": encode(to.JournalShow(line, page, search))}
        for number, (line, _, _) in enumerate(p["lines"], 1)
    ]
    turn = []
    if page > 0:
        turn.append(w.button("journal.newer", encode(to.JournalPage(page - 1, search))))
    if p["more"]:
        turn.append(w.button("journal.older", encode(to.JournalPage(page + 1, search))))
    breaks = [beside_button(w, "breaks")] if search == ALL else []
    return [numbers, turn, [_search(w), _write(w) if search == ALL else _all(w)], breaks]


@under("journal.ask_word")
def ask_word(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[_all(w)]]


@under("journal.nothing_found")
def nothing_found(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[_search(w), _all(w)]]


@under("journal.line", "journal.held_line", "journal.sent_line")
def line(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    where = (p["page"], p["search"])
    send = w.button("relay.send", encode(to.JournalSend(p["line"])), style="primary")
    return [
        [send] if p["kind"] == "journal.held_line" else [],
        [
            w.button("journal.delete", encode(to.JournalDelete(p["line"], *where))),
            w.button("journal.back", encode(to.JournalPage(*where))),
        ],
    ]


@under("journal.ask_delete")
def ask_delete(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    keep = encode(to.JournalShow(p["line"], p["page"], p["search"]))
    return [
        [
            w.button("journal.delete_now", encode(to.JournalDeleteNow(p["line"]))),
            w.button("journal.keep", keep),
        ]
    ]


@under("journal.deleted", "relay.held")
def to_all(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[_all(w)]]


def _all(w: Words) -> Button:
    return w.button("journal.all", encode(to.Open("journal")))


def _search(w: Words) -> Button:
    return w.button("journal.search", encode(to.Open("journal_search")))


def _write(w: Words) -> Button:
    return w.button("journal.write", encode(to.Open("journal_write")))
