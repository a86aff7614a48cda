"""Texts made of several lines: the list of signals, the pages of the journal, a line with a time in it."""

import html
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.domain.decision import Notice
from bot.domain.model import HELD, SENT
from bot.domain.talk import filled
from bot.services.journal import glance
from bot.services.signals import TALK
from bot.telegram.render.words import TALK_TIMES, Words

Fill = Callable[[Notice, Mapping[str, Any], Words], dict[str, str]]
"""More values from a notice and its values so far; all of them HTML."""


def line_of(w: Words, values: Mapping[str, Any], slot: str) -> str:
    """A signal's words as HTML: the person's own if the notice brings them, or as shipped."""
    own: str | None = values.get(slot)
    return html.escape(w(f"signal_line.{slot}"), quote=False) if own is None else own


def _signals(notice: Notice, values: Mapping[str, Any], w: Words) -> dict[str, str]:
    rows = [
        w(
            "signal.row_talk" if slot == TALK else "signal.row",
            number=number,
            words=line_of(w, values, slot),
        )
        for number, slot in enumerate(notice.parameters["slots"], 1)
    ]
    return {"lines": "\n".join(rows)}


def _one_signal(notice: Notice, values: Mapping[str, Any], w: Words) -> dict[str, str]:
    slot = notice.parameters["slot"]
    return {} if notice.kind == "signal.ask_new_line" else {"words": line_of(w, values, slot)}


def _with_time(notice: Notice, values: Mapping[str, Any], w: Words) -> dict[str, str]:
    """The time in its place, where the reader is; one and the same line reads so on both sides."""
    talk_at = notice.parameters.get("talk_at")
    if talk_at is None:
        return {}
    time = html.escape(w.time(datetime.fromisoformat(talk_at), TALK_TIMES))
    return {"words": filled(values["words"], time)}


def _preview(notice: Notice, values: Mapping[str, Any], w: Words) -> dict[str, str]:
    """What arrives, exactly as it will stand there."""
    inside: dict[str, Any] = {**values, **_with_time(notice, values, w), "name": values["own_name"]}
    return {"arrives": w("signal.talk" if notice.kind == "talk.preview" else "relay.words", **inside)}


_JOURNAL_ROWS = {HELD: "journal.row_held", SENT: "journal.row_sent"}


def _journal(notice: Notice, values: Mapping[str, Any], w: Words) -> dict[str, str]:
    rows = [
        w(
            _JOURNAL_ROWS.get(kind, "journal.row"),
            number=number,
            day=w.day(datetime.fromisoformat(written)),
            words=values.get(f"line_{number}", ""),
        )
        for number, (_, written, kind) in enumerate(notice.parameters["lines"], 1)
    ]
    return {"lines": "\n".join(rows)}


def _journal_line(notice: Notice, values: Mapping[str, Any], w: Words) -> dict[str, str]:
    written = datetime.fromisoformat(notice.parameters["written"])
    return {"day": w.day(written), "clock": w.clock(written)}


def _kept(notice: Notice, values: Mapping[str, Any], w: Words) -> dict[str, str]:
    rows = []
    for number, (_, talk_at) in enumerate(notice.parameters["messages"], 1):
        words = notice.private.get(f"line_{number}", "")
        if talk_at is not None:
            words = filled(words, w.time(datetime.fromisoformat(talk_at), TALK_TIMES))
        rows.append(w("kept.row", number=number, words=html.escape(glance(words))))
    return {"lines": "\n".join(rows)}


def _wordings(notice: Notice, values: Mapping[str, Any], w: Words) -> dict[str, str]:
    """The article's scripts, if the kind offers them, and then what the person kept."""
    offered = notice.parameters.get("wordings", [])
    shown = [html.escape(w(f"wording.{each}")) for each in offered]
    shown += [values.get(f"line_{number}", "") for number, _ in enumerate(notice.parameters["saved"], 1)]
    rows = [w("words.row", number=number, words=words) for number, words in enumerate(shown, 1)]
    if notice.parameters.get("agreed") is not None:
        rows[0] = w("words.row_agreed", number=1, words=shown[0])
    return {"lines": "\n".join(rows)}


def _agreed_longest(notice: Notice, values: Mapping[str, Any], w: Words) -> dict[str, str]:
    return {"longest": w(f"agreement.longest.{notice.parameters['longest']}")}


def _absorbing(notice: Notice, values: Mapping[str, Any], w: Words) -> dict[str, str]:
    return {"things": w("space.absorbing", variant=notice.parameters["variant"])}


def _breaks(notice: Notice, values: Mapping[str, Any], w: Words) -> dict[str, str]:
    rows = []
    for asked, outcome, named, left in notice.parameters["breaks"]:
        asked_at = datetime.fromisoformat(asked)
        rows.append(
            w(
                f"breaks.row.{outcome}",
                day=w.day(asked_at),
                clock=w.clock(asked_at),
                named=w.moment(datetime.fromisoformat(named), asked_at),
                left="" if left is None else w.moment(datetime.fromisoformat(left), asked_at),
            )
        )
    counted = {key: values[key] for key in ("as_said", "counted")}
    count: str = w("breaks.count", **counted) if notice.parameters["counted"] else ""
    return {"lines": "\n".join(rows), "count": count}


FILLS: dict[str, Fill] = {
    "breaks.list": _breaks,
    "space.wording": _wordings,
    "words.list": _wordings,
    "space.agreed_longest": _agreed_longest,
    "space.absorb": _absorbing,
    "signal.choose": _signals,
    "signal.choose_to_keep": _signals,
    "kept.message": _with_time,
    "kept.offer": _preview,
    "kept.list": _kept,
    "signal.lines": _signals,
    "signal.ask_line": _one_signal,
    "signal.ask_line_talk": _one_signal,
    "signal.talk": _with_time,
    "relay.sent": _with_time,
    "relay.preview": _preview,
    "talk.preview": _preview,
    "journal.list": _journal,
    "journal.found": _journal,
    "journal.line": _journal_line,
    "journal.held_line": _journal_line,
    "journal.sent_line": _journal_line,
}
