"""Buttons about one's own data."""

from collections.abc import Mapping
from typing import Any

from bot.telegram import callback_data as to
from bot.telegram.callback_data import encode
from bot.telegram.render.keyboards.registry import not_now, open_button, under
from bot.telegram.render.words import Rows, Words


@under("privacy.text")
def who_reads(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [
        [open_button(w, "privacy_time")],
        [open_button(w, "export"), open_button(w, "clean")],
        [open_button(w, "protection")],
        [open_button(w, "forget")],
    ]


@under("privacy.how_long")
def how_long(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[open_button(w, "privacy")]]


@under("privacy.protection")
def protection(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    switch = "privacy.unprotect" if p["protected"] else "privacy.protect"
    return [
        [w.button(switch, encode(to.Protect(int(not p["protected"]))))],
        [open_button(w, "privacy")],
    ]


@under("forget.ask", "forget.ask_linked")
def forgetting(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    silently = encode(to.Forget(p["draft"], 0))
    if p["kind"] == "forget.ask":
        return [[open_button(w, "export")], [w.button("forget.alone", silently)], [not_now(w)]]
    telling = w.button("forget.yes_telling", encode(to.Forget(p["draft"], 1)))
    return [
        [open_button(w, "export")],
        [w.button("forget.yes_silent", silently)],
        [telling],
        [not_now(w)],
    ]


@under("export.ask")
def exporting(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[w.button("export.send", encode(to.Export(p["draft"])))], [not_now(w)]]


@under("clean.ask")
def cleaning(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [[w.button("clean.go", encode(to.CleanChat(p["draft"])))], [not_now(w)]]
