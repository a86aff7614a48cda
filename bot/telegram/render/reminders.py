"""What a notice about reminders says: rules as a person would say them, and the next times."""

from collections.abc import Iterable, Mapping
from datetime import datetime, time
from typing import Any

from babel.dates import get_day_names
from babel.lists import format_list

from bot.domain.decision import Notice
from bot.domain.rules import Every, Moments, Once, Rule, Times
from bot.telegram.render.words import Words

_WEEKDAYS, _WEEKEND = frozenset(range(5)), frozenset({5, 6})
_HOUR = 60


def rule_words(w: Words, rule: Rule) -> str:
    """“weekdays at 09:00 and 14:30”."""
    match rule:
        case Times(times, days):
            return w("remind.rule.times", days=_days(w, days), times=_listed(w, map(_clock, times)))
        case Every(minutes=minutes):
            hours, rest = divmod(minutes, _HOUR)
            if rest:
                return _in_window(w, "remind.rule.minutes", minutes, rule)
            return _in_window(w, "remind.rule.hour" if hours == 1 else "remind.rule.hours", hours, rule)
        case Moments(count=count):
            key = "remind.rule.once_in" if count == 1 else "remind.rule.moments"
            return _in_window(w, key, count, rule)
        case Once(at):
            return w("remind.rule.once", at=w.time(at))
    raise TypeError(f"no words for {rule!r}")


def _in_window(w: Words, key: str, count: int, rule: Every | Moments) -> str:
    start, end = _clock(rule.start), _clock(rule.end)
    return w(key, count=str(count), start=start, end=end, days=_days(w, rule.days))


def what_words(w: Words, kind: str, own: str | None) -> str:
    """What it is for, as HTML: the name of a kind, or the person's own words."""
    return w("remind.own", words=own) if kind == "own" and own is not None else w(f"remind.kind.{kind}")


def reminder_values(notice: Notice, values: Mapping[str, Any], w: Words) -> dict[str, str]:
    """All of them HTML."""
    p = notice.parameters
    if notice.kind == "remind.menu":
        return {"lines": "\n".join(_lines(w, p["reminders"], values)), "resting": _resting(w, p)}
    if "rule" not in p:
        return {}
    rule = rule_words(w, Rule.from_json(p["rule"]))
    more = [key for key, said in (("remind.much", p.get("much")), (_quiet(p), p.get("quiet_ones"))) if said]
    return {
        "rule": rule,
        "kind": what_words(w, p["what"], values.get("words")),
        "next": _next(w, p),
        "more": "".join(f"\n\n{w(key)}" for key in more),
    }


def _resting(w: Words, p: Mapping[str, Any]) -> str:
    """Until when none of them comes; empty if they come."""
    if p.get("resting") is None:
        return ""
    if p["forever"]:
        return f"\n\n{w('remind.all_off')}"
    return f"\n\n{w('remind.all_resting', until=w.dated(datetime.fromisoformat(p['resting'])))}"


def _quiet(p: Mapping[str, Any]) -> str:
    return f"remind.quiet.{p.get('quiet_ones')}"


def _next(w: Words, p: Mapping[str, Any]) -> str:
    moments = [w.dated(datetime.fromisoformat(each)) for each in p["next"]]
    if not moments:
        return w("remind.nothing_next")
    return w("remind.next", times=" · ".join(moments))


def _lines(w: Words, rows: Iterable[Any], values: Mapping[str, Any]) -> Iterable[str]:
    for number, (_, rule, kind, state) in enumerate(rows, 1):
        what = what_words(w, kind, values.get(f"line_{number}"))
        line = w("remind.row", number=str(number), kind=what, rule=rule_words(w, Rule.from_json(rule)))
        yield f"{line} {_state(w, state)}".rstrip()


def _state(w: Words, state: str | None) -> str:
    if state is None:
        return ""
    if state == "off":
        return w("remind.is_off")
    return w("remind.is_resting", until=w.dated(datetime.fromisoformat(state)))


def _days(w: Words, days: frozenset[int]) -> str:
    if not days:
        return w("remind.days.every_day")
    if days == _WEEKDAYS:
        return w("remind.days.weekdays")
    if days == _WEEKEND:
        return w("remind.days.weekend")
    names = get_day_names("wide" if len(days) == 1 else "abbreviated", locale=w.reader.locale)
    return w("remind.days.some", names=_listed(w, (names[day] for day in sorted(days))))


def _listed(w: Words, parts: Iterable[str]) -> str:
    listed: str = format_list(list(parts), locale=w.reader.locale)
    return listed


def _clock(at: time) -> str:
    return f"{at:%H:%M}"
