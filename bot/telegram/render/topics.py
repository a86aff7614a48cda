"""What a notice about a parked topic says beside its words: the times, where the reader is."""

import html
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from bot.domain.decision import Notice
from bot.services.journal import glance
from bot.telegram.render.words import Words


def topic_values(notice: Notice, values: Mapping[str, Any], w: Words) -> dict[str, str]:
    """The topic within a sentence (nothing if it was left open), and its times by day and hour.

    Days are written out: such a message may stand in the chat for two weeks.
    """
    if notice.kind == "later.list":
        return {"lines": _lines(notice, w)}
    more = {"what": w("later.what", topic=values["words"]) if "words" in notice.private else ""}
    if "offers" in notice.parameters:
        rows = [w("later.time", time=_dated(w, at)) for at in notice.parameters["offers"]]
        more["times"] = "\n".join(rows)
    for name in ("talk", "was"):
        if f"{name}_at" in notice.parameters:
            more[f"{name}_day"] = _dated(w, notice.parameters[f"{name}_at"])
    inside: dict[str, Any] = {**values, **more, "name": values["own_name"]}
    match notice.kind:
        case "later.sent":
            more["arrives"] = w("later.copy_text", **inside)
        case "later.preview":
            more["arrives"] = w("later.move" if "was_at" in notice.parameters else "later.offer", **inside)
        case "later.ask_let_go":
            more["arrives"] = w("later.let_go", **inside)
    return more


def _dated(w: Words, at: str) -> str:
    return html.escape(w.dated(datetime.fromisoformat(at)))


def _lines(notice: Notice, w: Words) -> str:
    rows = []
    for number, (_, state, talk_at) in enumerate(notice.parameters["topics"], 1):
        words = notice.private.get(f"line_{number}")
        topic = w("later.untitled") if words is None else w("later.titled", topic=html.escape(glance(words)))
        name = html.escape(str(notice.private["name"]))
        match state:
            case "agreed":
                stands = _dated(w, talk_at)
            case "theirs":
                stands = w("later.row_theirs", name=name)
            case "yours":
                stands = w("later.row_yours", name=name)
            case _:
                stands = w("later.row_parked")
        rows.append(w("later.row", number=number, topic=topic, stands=stands))
    return "\n".join(rows)
