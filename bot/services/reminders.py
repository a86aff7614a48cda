"""Reminders: daily times to pause and breathe, Sunday evenings for the week."""

from collections.abc import Sequence
from datetime import datetime, time
from typing import Any

from bot.domain import nudging
from bot.domain.errors import Stale, TimeUnclear, TooMany
from bot.domain.model import Reminder, ReminderId
from bot.domain.schedule import Times, parse_clock
from bot.services.reminder_plan import plan, unplan
from bot.services.visit import Visit

DRAFT = "remind"
BREATHE, TOGETHER, LOOK_BACK = nudging.BREATHE, nudging.TOGETHER, nudging.LOOK_BACK
_SUNDAY = frozenset({6})
WEEKLY = {TOGETHER: Times((time(18),), _SUNDAY), LOOK_BACK: Times((time(19),), _SUNDAY)}
MOST = 6
"""More daily times than that and it is a nuisance."""


async def menu(visit: Visit) -> None:
    """The reminders there are, and common times to add."""
    await visit.uow.drafts.drop(visit.person.id, DRAFT)
    reminders = await visit.uow.reminders.all_of(visit.person.id)
    rows = [[each.id, _times(each), each.active, each.kind] for each in reminders]
    visit.show("remind.menu" if reminders else "remind.none", reminders=rows)


async def ask_time(visit: Visit) -> None:
    """The time will be typed."""
    await visit.uow.drafts.put(visit.person.id, DRAFT, visit.now, awaits="time")
    visit.show("remind.ask_time")


async def take_time(visit: Visit, text: str) -> None:
    """Raises TimeUnclear, TooMany."""
    clock = parse_clock(text)
    if clock is None:
        raise TimeUnclear
    await add(visit, clock.isoformat("minutes"))


async def add(visit: Visit, time: str) -> None:
    """Remind every day at this time of day (“09:00”). Raises TooMany, Stale."""
    clock = parse_clock(time)
    if clock is None:
        raise Stale
    reminders = await _of_kind(visit, BREATHE)
    same = [each for each in reminders if _times(each) == [clock.isoformat("minutes")]]
    if not same and len(reminders) >= MOST:
        raise TooMany(limit=MOST)
    reminder, next_at = await _set(visit, BREATHE, Times((clock,)), same)
    visit.show("remind.added", next_at=next_at.isoformat(), reminder=reminder.id)


async def add_weekly(visit: Visit, kind: str) -> None:
    """Remind on Sunday evenings, of the question for two or of looking back. Raises Stale."""
    rule = WEEKLY.get(kind)
    if rule is None:
        raise Stale
    reminder, next_at = await _set(visit, kind, rule, await _of_kind(visit, kind))
    visit.show("remind.added_weekly", next_at=next_at.isoformat(), reminder=reminder.id)


async def has_weekly(visit: Visit, kind: str) -> bool:
    """Whether this person is reminded of that on Sundays."""
    return any(each.active for each in await _of_kind(visit, kind))


async def switch(visit: Visit, reminder_id: ReminderId, on: bool) -> None:
    """Turn a reminder on or off. Raises Stale."""
    reminder = await _own(visit, reminder_id)
    await visit.uow.reminders.change(reminder.id, active=on)
    if on:
        await plan(visit.uow, reminder, visit.person, visit.now)
    else:
        await unplan(visit.uow, reminder)
    await menu(visit)


async def delete(visit: Visit, reminder_id: ReminderId) -> None:
    """Delete a reminder; the answer offers to have it back. Raises Stale."""
    reminder = await _own(visit, reminder_id)
    await unplan(visit.uow, reminder)
    await visit.uow.reminders.delete(reminder.id)
    visit.show("remind.deleted", times=_times(reminder), what=reminder.kind)


async def _of_kind(visit: Visit, kind: str) -> list[Reminder]:
    return [each for each in await visit.uow.reminders.all_of(visit.person.id) if each.kind == kind]


async def _set(visit: Visit, kind: str, rule: Times, same: Sequence[Reminder]) -> tuple[Reminder, datetime]:
    """Switch on the reminder that is the same, or add it; and when it comes first."""
    if same:
        reminder = same[0]
        await visit.uow.reminders.change(reminder.id, active=True)
    else:
        reminder = await visit.uow.reminders.add(visit.person.id, kind, rule.to_json(), visit.now)
    await visit.uow.drafts.drop(visit.person.id, DRAFT)
    next_at = await plan(visit.uow, reminder, visit.person, visit.now)
    assert next_at is not None, "a time of day comes again"
    return reminder, next_at


async def _own(visit: Visit, reminder_id: ReminderId) -> Reminder:
    reminder = await visit.uow.reminders.get(reminder_id, visit.person.id)
    if reminder is None:
        raise Stale
    return reminder


def _times(reminder: Reminder) -> list[Any]:
    return list(reminder.rule.get("times", ()))
