"""Every text the code asks for is there, and every text that is there is asked for.

The source is read, not searched: a string in the code (docstrings apart) that is a key uses that key. An
f-string whose beginning leads to keys must stand in FILLED_IN, with all it can be filled with; so a family
of keys is known exactly, not by its prefix. Then everything there is to show is shown once.
"""

import ast
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, time
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import bot
from bot.content.catalog import Content, load
from bot.domain import agreement, coming_back, errors, nudging, talk, trends, waiting
from bot.domain.breaks import Outcome
from bot.domain.breathing import PATTERNS
from bot.domain.decision import Notice
from bot.domain.model import Lean, Person, PersonId
from bot.domain.script import Kind, TimeOfDay
from bot.places.zones import zone
from bot.services import (
    nudge_answers,
    reminder_list,
    settings,
    signals,
    space,
    space_form,
    together,
)
from bot.telegram.handlers.commands import COMMANDS
from bot.telegram.render.export import PARTS
from bot.telegram.render.keyboards import KEYBOARDS
from bot.telegram.render.keyboards.space import LENGTHS
from bot.telegram.render.render import Call, render
from bot.telegram.render.words import Words

NOW = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
READER = Person(PersonId(1), "Mara", "en", "Europe/Berlin", time(22), time(8), True, NOW)
SOURCES = {
    file: ast.parse(file.read_text("utf-8"))
    for file in sorted(Path(bot.__file__).parent.rglob("*.py"))
    if not {"playground", "migrations"} & set(file.parts)
}
SHOWN_WITHOUT_WORDS = {"clean", "strip", "space.request_answered"}
"""Kinds of notices that change buttons only; those of check-ins (“step.…”) carry their text with them."""


def calls(*names: str) -> Iterator[ast.Call]:
    """Every call of a function or method of one of these names."""
    for tree in SOURCES.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                called = node.func.attr if isinstance(node.func, ast.Attribute) else None
                called = node.func.id if isinstance(node.func, ast.Name) else called
                if called in names:
                    yield node


def constants(node: ast.AST) -> set[str]:
    """The strings an expression can be: “a if x else b” is either."""
    if isinstance(node, ast.IfExp):
        return constants(node.body) | constants(node.orelse)
    return {node.value} if isinstance(node, ast.Constant) and isinstance(node.value, str) else set()


@cache
def content() -> Content:
    return load()


def all_errors(root: type = errors.StillHereError) -> Iterator[type[errors.StillHereError]]:
    yield root
    for each in root.__subclasses__():
        yield from all_errors(each)


def opened() -> set[str]:
    """What menus open by name: each has a button."""
    return {
        name
        for call in calls("open_button", "beside_button")
        for argument in call.args[1:2]
        for name in constants(argument)
    }


def phases() -> set[str]:
    return {phase.name for pattern in PATTERNS.values() for phase in pattern.phases}


def flat(rows: Iterable[Iterable[int]]) -> set[str]:
    return {str(each) for row in rows for each in row}


FILLED_IN: dict[str, set[str]] = {
    "agreement.ask_": set(agreement.PARTS),
    "agreement.first.": set(agreement.First),
    "agreement.longest.": {str(each) for each in agreement.LONGEST},
    "agreement.open.": set(agreement.PARTS),
    "agreement.part.": set(agreement.PARTS),
    "agreement.phrase.": set(agreement.PHRASES),
    "agreement.wording.": set(agreement.WORDINGS),
    "breath.pattern.": set(PATTERNS),
    "export.part.": set(PARTS),
    "helplines.whom.": {"women", "men"},
    "breath.phase.": phases(),
    "buttons.": opened(),
    "commands.": set(COMMANDS),
    "errors.": {error.code for error in all_errors()},
    "nudge.": set(nudging.Kind),
    "nudge.fewer_done.": set(nudge_answers.FEWER),
    "nudge.in.": flat([nudging.LATER]),
    "nudge.way.": set(nudge_answers.FEWER),
    "remind.kind.": {*nudging.Kind} - {"own"},
    "remind.quiet.": {"come", "wait"},
    "remind.until.": set(reminder_list.PAUSES),
    "quotes.": {"settle_thoughts", "few_minutes", "what_do_i_need", "silence_trigger", "intensity_trigger"},
    "breaks.row.": set(Outcome),
    "card.first.": set(agreement.First),
    "ready.times.": {waiting.ON_RETURN, waiting.AFTER, waiting.HOUR, waiting.EVENING, waiting.MORNING},
    "reply.": set(space.REPLIES),
    "settings.": {"name", "zone", "quiet", "language", "leans", "words"},
    "settings.lean_choice.": set(Lean),
    "settings.leaning.": {*Lean, settings.NO_LEAN},
    "signal_line.": set(signals.SHIPPED),
    "talk.times.": {talk.HOUR, talk.EVENING, talk.TOMORROW},
    "space.choose.": {space_form.FEW_MINUTES, space_form.SETTLE},
    "space.how_now.": {"now", "late"},
    "space.minutes.": flat(LENGTHS),
    "space.more_minutes.": flat([coming_back.LADDER]),
    "space.reply.": set(space.REPLIES),
    "space.time_is_up.": {"now", "late"},
    "space_reply.": set(space.REPLIES),
    "together.questions.": set(content().ids("en", together.QUESTIONS)),
    "trends.at.": set(TimeOfDay),
    "trends.button.": set(trends.OFFERED),
    "trends.helped.": set(trends.HELPS.values()),
    "trends.little.": {"none", "one", "other"},
    "trends.need.": set(trends.NEEDS),
    "trends.period.": set(trends.Period),
    "trends.time.": set(TimeOfDay),
    "wording.": {space_form.FEW_MINUTES, space_form.SETTLE},
}


@cache
def keys() -> set[str]:
    """Every key of strings.yaml."""
    return set(content()._locales["en"].strings)


@cache
def strings() -> tuple[set[str], set[str]]:
    """All strings in the code but docstrings, and the beginnings of f-strings."""
    plain: set[str] = set()
    beginnings: set[str] = set()
    for tree in SOURCES.values():
        docs = {id(n.value) for n in ast.walk(tree) if isinstance(n, ast.Expr)}
        inside = {id(part) for n in ast.walk(tree) if isinstance(n, ast.JoinedStr) for part in n.values}
        for node in ast.walk(tree):
            if id(node) not in docs | inside:
                plain |= constants(node)
            if isinstance(node, ast.JoinedStr) and len(node.values) == 2:
                beginnings |= constants(node.values[0])
    return plain, beginnings


def filled_in() -> set[str]:
    return {beginning + each for beginning, values in FILLED_IN.items() for each in values}


def used() -> set[str]:
    return strings()[0] & keys() | filled_in()


@cache
def kinds() -> set[str]:
    """Every kind of notice that has words of its own."""
    asked = {"show": 0, "send": 0, "Notice": 0, "carry": 2}
    asked |= {"_to": 1, "_rest": 1, "_tell": 2, "_tell_others": 2}
    found = {
        kind
        for name, place in asked.items()
        for call in calls(name)
        for argument in call.args[place : place + 1]
        for kind in constants(argument)
        if "." in kind
    }
    pages = {
        key for key in strings()[0] & keys() if key in KEYBOARDS or key.split(".")[0] in ("care", "help")
    }
    in_families = (
        "agreement.ask_",
        "errors.",
        "nudge.",
        "nudge.fewer_done.",
        "space.how_now.",
        "space.reply.",
        "space.time_is_up.",
        "trends.little.",
    )
    families = {beginning + each for beginning in in_families for each in FILLED_IN[beginning]}
    not_kinds = {"care.not_meant", "care.go_on", "care.leave", "help.crisis_lines"}
    return (found | pages | families) - SHOWN_WITHOUT_WORDS - not_kinds


WEEKDAYS = {"v": 1, "kind": "times", "times": ["09:00", "14:30"], "days": [0, 1, 2, 3, 4]}
PARAMETERS: dict[str, Any] = {
    **dict.fromkeys(("request", "draft", "invitation", "couple", "reminder", "line", "session", "seq"), 1),
    "limit": 6,
    "length": 300,
    "seconds": 60,
    "back_at": "2026-03-02T17:20:00+00:00",
    "expires_at": "2026-03-04T17:00:00+00:00",
    "now_at": "2026-03-02T17:00:00+00:00",
    "next_at": "2026-03-03T08:00:00+00:00",
    "breaks": [
        [NOW.isoformat(), each, "2026-03-02T17:20:00+00:00", "2026-03-03T07:00:00+00:00"] for each in Outcome
    ],
    "as_said": 2,
    "counted": 3,
    "wished_at": "2026-03-02T21:30:00+00:00",
    "end_at": "2026-03-03T07:00:00+00:00",
    "wished": 1772487000,
    "end": 1772521200,
    "tonight": 1772478000,
    "ways": list(nudge_answers.FEWER),
    "undo": 1,
    "fewer": True,
    "again_at": "2026-03-02T17:30:00+00:00",
    "written_at": "2026-03-02T17:00:00+00:00",
    "place": "Berlin",
    "zone": "Europe/Berlin",
    "quiet": ["22:00", "08:00"],
    "zones": [["Europe/Berlin", "Berlin"]],
    "reminders": [
        [1, WEEKDAYS, "breathe", None],
        [2, {"v": 1, "kind": "every", "minutes": 90, "start": "09:00", "end": "18:00"}, "own", "off"],
        [
            3,
            {"v": 1, "kind": "once", "at": "2026-03-03T08:00:00+00:00"},
            "together",
            "2026-03-09T08:00:00+00:00",
        ],
    ],
    "rule": WEEKDAYS,
    "next": ["2026-03-03T08:00:00+00:00", "2026-03-04T08:00:00+00:00", "2026-03-05T08:00:00+00:00"],
    "much": True,
    "quiet_ones": "come",
    "resting": None,
    "forever": False,
    "discreet": False,
    "state": None,
    "backup_days": 7,
    "protected": False,
    "skipped_at": "2026-03-03T08:00:00+00:00",
    "days": [5, 6],
    "times": ["09:00"],
    "what": "breathe",
    "question": "small_thing",
    "week": "2026-03-01",
    "ends_at": "2026-03-08T00:00:00+00:00",
    "answer": 1,
    "sundays": False,
    "linked": True,
    "page": 1,
    "older": True,
    "first": "few_minutes",
    "same": True,
    "agreed": 20,
    "wordings": list(agreement.WORDINGS),
    "longest": 240,
    "terms": {"minutes": 20, "wording": "settle_thoughts", "longest": 720, "first": "asked"},
    "proposed": {"minutes": None, "wording": None, "longest": None, "first": "ready"},
    "agreement": 1,
    "revision": 3,
    "welcome": list(agreement.PHRASES),
    "begins": "waited",
    "marked": ["feel", "stop"],
    "own": True,
    "saved": [7, 8],
    "wording": 7,
    "minutes": 10,
    "most": 60,
    "steps": list(coming_back.LADDER),
    "untils": ["2026-03-02T19:00:00+00:00", "2026-03-03T07:00:00+00:00"],
    "intensity": 7,
    "latest_at": "2026-03-03T16:25:00+00:00",
    "slots": list(signals.SLOTS),
    "slot": "still_here",
    "free": "own_1",
    "changed": True,
    "talk_at": "2026-03-03T19:00:00+00:00",
    "offered": list(talk.offered(NOW, zone("Europe/Berlin"))),
    "ready_at": "2026-03-02T19:00:00+00:00",
    "meetings": [waiting.ON_RETURN, waiting.AFTER, waiting.EVENING, waiting.MORNING],
    "message": 1,
    "messages": [[1, None], [2, "2026-03-02T19:00:00+00:00"]],
    "prompt": 1,
    "variant": 0,
    "lines": [[1, "2026-03-02T17:00:00+00:00", "line"], [2, "2025-03-02T17:00:00+00:00", "held"]],
    "written": "2026-03-02T17:00:00+00:00",
    "more": True,
    "search": 0,
    "topic": 1,
    "offers": ["2026-03-03T18:00:00+00:00", "2026-03-07T10:00:00+00:00"],
    "options": ["2026-03-03T18:00:00+00:00", "2026-03-07T10:00:00+00:00"],
    "chosen": ["2026-03-03T18:00:00+00:00"],
    "was_at": "2026-03-04T19:00:00+00:00",
    "off": True,
    "mine": True,
    "topics": [[1, "agreed", "2026-03-03T18:00:00+00:00"], [2, "yours", None], [3, "theirs", None]],
    "words_key": "wording.settle_thoughts",
    "text": "What now?",
    "label": None,
    "said": "7",
    "quote": None,
    "choices": [["calm", "Calm"]],
    "title": "Pause",
    "promise": "2 minutes: what am I needing right now?",
    "rests_on": "Common practice.",
    "script": "pause",
    "scripts": content().script_ids("en"),
    "open": "pause",
    "part": "Your feet.",
    "period": "year",
    "weekly": False,
    "numbers": 2,
}
PRIVATE = {
    "name": "Jonas",
    "own_name": "Mara",
    "words": "I just need a few minutes.",
    "own_words": "So do I.",
    "code": "c" * 22,
    "leans": "depends",
    "trends": trends.look(
        [trends.check_in(NOW, {"before": 7, "after": 3, "need": "calm", "helped": "space"})] * 3,
        trends.Period.YEAR,
        NOW.date(),
    ).to_json(),
    "own_1": "I like you.",
    "line_2": "Drink some water.",
    "own_2": "Tea?",
    "own_3": "Home at six, and then a long walk along the river.",
    "word": "tea",
}


def said(call: Call) -> str:
    """Its text, or what stands under its picture."""
    text: str = call.parameters.get("text") or call.parameters["caption"]
    return text


def shown(kind: str, reader: Person = READER, **parameters: Any) -> Call:
    """The call that shows a notice of this kind, with sample values."""
    words = Words(content(), reader, NOW, "still_here_bot")
    call = render(Notice(kind, READER.id, {**PARAMETERS, **parameters}, PRIVATE), None, words)
    assert call is not None
    return call


def buttons(kind: str, **parameters: Any) -> list[dict[str, Any]]:
    """The buttons under a notice of this kind."""
    markup = shown(kind, **parameters).parameters.get("reply_markup", {})
    return [button for row in markup.get("inline_keyboard", markup.get("keyboard", [])) for button in row]


def test_the_source_was_found() -> None:
    assert len(SOURCES) > 50
    assert len(keys()) > 150
    assert len(kinds()) > 60
    assert {"space.request", "space.how_now.late", "errors.stale", "care.crisis", "menu.linked"} <= kinds()


def test_every_family_of_keys_is_known_exactly() -> None:
    beginnings = {each for each in strings()[1] if any(key.startswith(each) for key in keys())}
    assert beginnings - {""} - set(FILLED_IN) == set()


def test_no_key_is_missing() -> None:
    asked = {"w": 0, "say": 0, "button": 0, "remind_current": 1, "has": 1, "all_of": 1}
    for_words = {
        key
        for name, place in asked.items()
        for call in calls(name)
        for argument in call.args[place : place + 1]
        for key in constants(argument)
        if "." in key
    }
    assert len(for_words) > 40
    words_keys = {
        key
        for call in calls("show", "send")
        for keyword in call.keywords
        if keyword.arg == "words_key"
        for key in constants(keyword.value)
    }
    texts = {key for call in calls("text") for argument in call.args[1:2] for key in constants(argument)}
    messages = {kind for kind in kinds() if not kind.startswith("step.")}
    assert (for_words | words_keys | texts | messages | filled_in()) - keys() == set()


@pytest.mark.parametrize("kind", sorted(kinds()))
def test_it_can_be_shown(kind: str) -> None:
    text = said(shown(kind))
    assert text.strip()
    assert "{" not in text


def test_every_keyboard_stands_under_something() -> None:
    reachable = kinds() | SHOWN_WITHOUT_WORDS | {f"step.{kind}" for kind in Kind}
    assert set(KEYBOARDS) - reachable == set()


WAITING = {
    "buttons.back_to_menu",
    "buttons.settings",
    "fallback.offer.space",
    "nudge.ended",
    "remind.add",
    "space.after",
}
"""Written, and not asked for yet. Nothing is to be added here."""


def test_no_key_is_left_over() -> None:
    assert keys() - used() - WAITING == set()
