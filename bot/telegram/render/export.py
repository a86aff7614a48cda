"""A person's own data as two files: one page to read, and the same as JSON.

The page stands alone: no scripts, nothing from elsewhere, and everything anybody wrote is escaped. What was
received reads as it did in the chat.
"""

import html
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from babel.dates import format_datetime

from bot.domain.decision import Notice
from bot.domain.rules import Rule
from bot.places.zones import zone
from bot.telegram.render.reminders import rule_words, what_words
from bot.telegram.render.render import render
from bot.telegram.render.words import Words

Row = Mapping[str, Any]
File = tuple[str, bytes, str]
"""name, content, MIME type"""

STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:42rem;margin:2rem auto;padding:0 1rem;"
    "color:#222;background:#fff}h1{font-size:1.5rem}h2{font-size:1.15rem;margin-top:2rem}"
    "article{border-left:3px solid #ccc;margin:1rem 0;padding:0 1rem;overflow-wrap:anywhere}"
    "time{color:#666;font-size:.9rem}article>div{margin:.2rem 0;white-space:pre-wrap}"
    "blockquote{margin:.3rem 0 .3rem 1rem}"
    "@media(prefers-color-scheme:dark){body{color:#ddd;background:#181818}time{color:#999}}"
)
SAFE = "default-src 'none'; style-src 'unsafe-inline'"
"""Whatever stands in the page, a browser fetches and runs nothing."""


def export_file(kind: str, data: Mapping[str, Any], w: Words) -> File:
    """The file for one of `services.export.DOCUMENTS`."""
    name = f"stillhere-{w.now:%Y-%m-%d}"
    if kind == "export.page":
        return f"{name}.html", page(data, w).encode("utf-8", "replace"), "text/html"
    plain = {
        part: rows if part != "received" else [_told(row) for row in rows] for part, rows in data.items()
    }
    text = json.dumps(plain, ensure_ascii=False, indent=2, default=_plain)
    return f"{name}.json", text.encode("utf-8", "replace"), "application/json"


def _plain(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else str(value)


def _told(row: Row) -> Row:
    """Without the ids of requests and topics: they say nothing to anybody."""
    about = {
        name: value
        for name, value in row["parameters"].items()
        if isinstance(value, bool) or not isinstance(value, int)
    }
    return {**row, "parameters": about}


def page(data: Mapping[str, Any], w: Words) -> str:
    """The page, in the person's language and time zone."""
    parts = [_part(w, name, data.get(name, ()), draw) for name, draw in _PARTS.items()]
    title = html.escape(w("export.title"))
    made = w("export.made", day=_moment(w, w.now))
    return (
        f'<!doctype html>\n<html lang="{html.escape(w.reader.locale)}"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{SAFE}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{title}</title><style>{STYLE}</style></head><body><h1>{title}</h1><p>{made}</p>"
        f"<article><div>{_about(data['you'], w)}</div></article>{''.join(parts)}</body></html>\n"
    )


def _part(w: Words, name: str, rows: Iterable[Row], draw: "Draw") -> str:
    drawn = "".join(draw(w, row) for row in rows)
    return f"<h2>{w(f'export.part.{name}')}</h2>{drawn}" if drawn else ""


def _about(me: Row, w: Words) -> str:
    """The first page of the settings says it in words."""
    quiet = [me["quiet_from"], me["quiet_until"]]
    parameters = {"zone": me["zone"] or "UTC", "now_at": w.now.isoformat(), "quiet": quiet}
    return _text_of(Notice("settings.menu", w.reader.id, parameters), w)


def _text_of(notice: Notice, w: Words) -> str:
    call = render(notice, None, w)
    return "" if call is None else str(call.parameters["text"])


def _moment(w: Words, instant: datetime) -> str:
    there = instant.astimezone(zone(w.reader.zone or "UTC"))
    return html.escape(format_datetime(there, "medium", locale=w.reader.locale))


def _article(w: Words, at: datetime | None, *paragraphs: str) -> str:
    """`paragraphs` are HTML; empty ones are left out."""
    when = "" if at is None else f"<time>{_moment(w, at)}</time>"
    return f"<article>{when}{''.join(f'<div>{each}</div>' for each in paragraphs if each)}</article>"


def _line(w: Words, row: Row) -> str:
    return _article(w, row["written_at"], html.escape(row["text"]))


def _text(w: Words, row: Row) -> str:
    return _article(w, row.get("created_at"), html.escape(row["text"])) if row["text"] else ""


def _check_in(w: Words, row: Row) -> str:
    known = row["script_id"] in w.content.script_ids(w.reader.locale)
    title = w.content.script(w.reader.locale, row["script_id"]).script.title if known else row["script_id"]
    number = "" if row["intensity"] is None else f"{row['intensity']} / 10"
    return _article(w, row["started_at"], f"<b>{html.escape(title)}</b>", number, *_words_in(row["notes"]))


def _words_in(notes: Any) -> Iterator[str]:
    """Whatever was written, however deep it lies."""
    if isinstance(notes, str):
        yield html.escape(notes)
    elif isinstance(notes, dict | list | tuple):
        for each in notes.values() if isinstance(notes, dict) else notes:
            yield from _words_in(each)


def _break(w: Words, row: Row) -> str:
    until = row["left_at"] or row["ended_at"]
    ended = "" if until is None else f"– {_moment(w, until)}"
    return _article(w, row["asked_at"], ended, html.escape(row["wording"]))


def _reminder(w: Words, row: Row) -> str:
    own = None if row["text"] is None else html.escape(row["text"])
    rule = rule_words(w, Rule.from_json(row["rule"]))
    return _article(w, row["created_at"], what_words(w, row["kind"], own), html.escape(rule))


def _answer(w: Words, row: Row) -> str:
    if not row["text"]:
        return ""
    asked = f"together.questions.{row['question']}"
    question = w(asked) if w.content.has(w.reader.locale, asked) else row["question"]
    return _article(w, row["answered_at"], f"<i>{question}</i>", html.escape(row["text"]))


def _link(w: Words, row: Row) -> str:
    return _article(
        w, row["created_at"], "" if row["ended_at"] is None else f"– {_moment(w, row['ended_at'])}"
    )


def _received(w: Words, row: Row) -> str:
    """As it read in the chat; times as they were then."""
    then = replace(w, now=row["received_at"])
    try:
        text = _text_of(Notice(row["kind"], w.reader.id, row["parameters"], row["words"] or {}), then)
    except (KeyError, ValueError):  # from an older version, whose words are gone: what was written is there
        text = "\n".join(_words_in(row["words"]))
    return _article(w, row["received_at"], text)


Draw = Callable[[Words, Row], str]
_PARTS: dict[str, Draw] = {
    "lines": _line,
    "check_ins": _check_in,
    "breaks": _break,
    "reminders": _reminder,
    "saved_words": _text,
    "own_signals": _text,
    "together_answers": _answer,
    "kept_messages": _line,
    "topics": _text,
    "links": _link,
    "received": _received,
}
PARTS = tuple(_PARTS)
