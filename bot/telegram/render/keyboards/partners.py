"""Buttons for linking and leaving."""

import html
from collections.abc import Mapping
from typing import Any

from bot.telegram import callback_data as to
from bot.telegram.callback_data import encode
from bot.telegram.render.keyboards.registry import under
from bot.telegram.render.words import Rows, Words


@under("link.invite")
def invitation(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    withdraw = w.button("link.withdraw", encode(to.InvitationWithdraw(p["invitation"])))
    return [[{"text": w("link.share"), "url": html.unescape(v["share_link"])}], [withdraw]]


@under("link.invited")
def invited(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    accept = encode(to.InvitationAccept(v["code"]))
    return [
        [w.button("link.accept", accept, style="primary")],
        [w.button("link.decline", encode(to.InvitationDecline(v["code"])))],
    ]


@under("link.confirm")
def confirm_link(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [
        [w.button("link.confirm_yes", encode(to.InvitationConfirm(p["invitation"])), style="primary")],
        [w.button("link.confirm_no", encode(to.InvitationRefuse(p["invitation"])))],
    ]


@under("unlink.done")
def farewell(w: Words, p: Mapping[str, Any], v: Mapping[str, str]) -> Rows:
    return [
        [w.button("unlink.send_line", encode(to.SendFarewell(p["couple"])))],
        [w.button("unlink.leave_it", encode(to.LeaveIt()))],
    ]
