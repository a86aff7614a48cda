"""A new reminder, or another rule for one: typed as one would say it, said back, and then kept."""

import secrets
from datetime import date, datetime, time, timedelta
from typing import Any

from bot.content.catalog import Content
from bot.domain.errors import Stale, TooMany, WishUnclear
from bot.domain.model import Draft, Reminder, ReminderId
from bot.domain.nudging import Kind
from bot.domain.reminder_wish import AtTimes, EverySo, OnceAt, OnceIn, SomeTimes, Wish
from bot.domain.rules import Every, Moments, Once, Rule, Times
from bot.domain.schedule import parse_clock, upcoming
from bot.domain.wall_clock import instant
from bot.places.zones import zone
from bot.services import reminder_list
from bot.services.reminder_changes import change, own, remember, remember_new
from bot.services.reminder_list import DRAFT, SHOWN, WISH, is_in_quiet_hours
from bot.services.reminder_plan import plan
from bot.services.visit import Visit

KINDS = tuple(kind for kind in Kind if kind is not Kind.OWN)
"""What a reminder can be for, beside words of one's own."""
MOST = 8
"""More of them than that and it is a nuisance."""
_SUNDAY = frozenset({6})
WEEKLY: dict[str, Rule] = {
    Kind.TOGETHER: Times((time(18),), _SUNDAY),
    Kind.LOOK_BACK: Times((time(19),), _SUNDAY),
}
MANY_A_DAY = 2
"""One or two a day are plenty: for more, a word is said."""


async def ask(visit: Visit, reminder_id: ReminderId | None = None) -> None:
    """When, and what for? It will be typed; with a reminder, in its place. Raises Stale."""
    about: dict[str, Any] = {} if reminder_id is None else {"reminder": (await own(visit, reminder_id)).id}
    await visit.uow.drafts.drop(visit.person.id, DRAFT)
    await visit.uow.drafts.put(visit.person.id, DRAFT, visit.now, about, awaits=WISH)
    visit.show("remind.ask", **about)


async def take(visit: Visit, content: Content, text: str) -> None:
    """What was typed, said back before it is kept. Raises WishUnclear; other words can then be typed."""
    wish = understood(visit, content, text)
    if wish is None:
        raise WishUnclear
    draft = await visit.uow.drafts.get(visit.person.id, DRAFT)
    await preview(visit, wish, None if draft is None else draft.parameters.get("reminder"))


def understood(visit: Visit, content: Content, text: str) -> Wish | None:
    return content.understand(text, visit.person.locale, visit.now, zone(visit.person.zone or "UTC"))


async def preview(visit: Visit, wish: Wish, reminder: int | None = None) -> None:
    """What was understood, with the next times."""
    rule = rule_of(wish, visit.now, visit.person.zone or "UTC")
    about = {"rule": rule.to_json(), "what": str(wish.kind), "reminder": reminder}
    await visit.uow.drafts.drop(visit.person.id, DRAFT)
    draft = await visit.uow.drafts.put(
        visit.person.id, DRAFT, visit.now, about, private=wish.text, awaits=WISH
    )
    _show_preview(visit, draft)


def _show_preview(visit: Visit, draft: Draft) -> None:
    here = zone(visit.person.zone or "UTC")
    rule = Rule.from_json(draft.parameters["rule"])
    coming = upcoming(rule, visit.now, here, SHOWN)
    if not coming:
        raise WishUnclear
    a_day = upcoming(rule, coming[0] - timedelta(seconds=1), here, MANY_A_DAY + 1)
    is_much = len(a_day) > MANY_A_DAY and a_day[-1] - a_day[0] < timedelta(hours=23)
    visit.show(
        "remind.preview",
        {"words": draft.private} if draft.private else {},
        draft=draft.id,
        rule=draft.parameters["rule"],
        what=draft.parameters["what"],
        next=[each.isoformat() for each in coming],
        much=is_much,
        quiet_ones=("come" if rule.chosen else "wait") if is_in_quiet_hours(visit.person, coming) else None,
    )


async def choose_kind(visit: Visit, draft_id: int, kind: str) -> None:
    """What it is for, of those there are; “ask” shows them. Raises Stale."""
    draft = await draft_of(visit, draft_id)
    if kind == "ask":
        visit.show("remind.what_for", draft=draft.id)
        return
    if kind not in KINDS:
        raise Stale
    about = {**draft.parameters, "what": kind}
    _show_preview(visit, await visit.uow.drafts.put(visit.person.id, DRAFT, visit.now, about, awaits=WISH))


async def save(visit: Visit, draft_id: int) -> None:
    """Keep what the preview showed. Raises Stale, TooMany."""
    draft = await draft_of(visit, draft_id)
    about = draft.parameters
    if not upcoming(Rule.from_json(about["rule"]), visit.now, zone(visit.person.zone or "UTC"), 1):
        raise Stale  # the one time it was for has passed
    if about["reminder"] is None:
        reminder = await _add(visit, about["what"], Rule.from_json(about["rule"]), draft.private)
        undo = await remember_new(visit, reminder)
    else:
        reminder = await own(visit, ReminderId(about["reminder"]))
        undo = await remember(visit, [reminder])
        values = {"rule": about["rule"], "kind": about["what"], "text": draft.private}
        reminder = await change(visit, reminder, **values, active=True, rests_until=None)
    await visit.uow.drafts.drop(visit.person.id, DRAFT)
    reminder_list.show_this(visit, reminder, "remind.added", undo=undo)


async def add_daily(visit: Visit, clock: str) -> None:
    """Every day at this time of day (“09:00”), to breathe. Raises TooMany, Stale."""
    at = parse_clock(clock)
    if at is None:
        raise Stale
    await _set(visit, Kind.BREATHE, Times((at,)))


async def add_weekly(visit: Visit, kind: str) -> None:
    """On Sunday evenings, the question for two or the look back. Raises Stale, TooMany."""
    rule = WEEKLY.get(kind)
    if rule is None:
        raise Stale
    await _set(visit, kind, rule)


async def has_weekly(visit: Visit, kind: str) -> bool:
    """Whether this person is reminded of that."""
    return any(each.active and each.kind == kind for each in await reminder_list.current(visit))


async def _set(visit: Visit, kind: str, rule: Rule) -> None:
    """Switch on the reminder that is the same, or add it."""
    same = [
        each
        for each in await reminder_list.current(visit)
        if each.kind == kind and (kind in WEEKLY or each.rule == rule.to_json())
    ]
    if same:
        reminder = same[0]
        undo = await remember(visit, [reminder])
        reminder = await change(visit, reminder, active=True, rests_until=None)
    else:
        reminder = await _add(visit, kind, rule)
        undo = await remember_new(visit, reminder)
    await visit.uow.drafts.drop(visit.person.id, DRAFT)
    reminder_list.show_this(visit, reminder, "remind.added", undo=undo)


async def _add(visit: Visit, kind: str, rule: Rule, text: str | None = None) -> Reminder:
    """Raises TooMany."""
    if len(await reminder_list.current(visit)) >= MOST:
        raise TooMany(limit=MOST)
    reminder = await visit.uow.reminders.add(visit.person.id, kind, rule.to_json(), visit.now, text)
    await plan(visit.uow, reminder, visit.person, visit.now)
    return reminder


async def draft_of(visit: Visit, draft_id: int) -> Draft:
    draft = await visit.uow.drafts.get(visit.person.id, DRAFT)
    if draft is None or draft.id != draft_id or "rule" not in draft.parameters:
        raise Stale
    return draft


def rule_of(wish: Wish, now: datetime, zone_name: str) -> Rule:
    """The rule that a wish means from now on."""
    here = zone(zone_name)
    match wish.when:
        case AtTimes(times, days):
            return Times(times, days)
        case EverySo(minutes, start, end, days):
            return Every(minutes, start, end, days)
        case SomeTimes(count, start, end, days):
            return Moments(count, start, end, days, secrets.randbits(63))
        case OnceIn(minutes):
            return Once(now + timedelta(minutes=minutes))
        case OnceAt(days, at):
            today: date = now.astimezone(here).date()
            return Once(instant(today + timedelta(days=days), at, here))
