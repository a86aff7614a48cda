"""Reminders: daily times to pause and breathe, Sunday evenings for the week; and the nudges they send."""

from collections.abc import Sequence
from datetime import datetime, time, timedelta
from typing import Any

from bot.domain.decision import LIFETIME, Notice, Priority, Timer
from bot.domain.errors import Stale, TimeUnclear, TooMany
from bot.domain.model import Person, PersonId, Reminder, ReminderId
from bot.domain.schedule import (
    Postpone,
    QuietHours,
    Send,
    Times,
    decide,
    parse_clock,
    snooze,
)
from bot.domain.together import week_of
from bot.places.zones import zone
from bot.services.reminder_plan import SNOOZE, TIMER, plan, unplan
from bot.services.telling import is_quiet
from bot.services.visit import Visit
from bot.storage.unit_of_work import UnitOfWork

DRAFT = "remind"
BREATHE = "breathe"
TOGETHER = "together"
LOOK_BACK = "look_back"
_SUNDAY = frozenset({6})
WEEKLY = {TOGETHER: Times((time(18),), _SUNDAY), LOOK_BACK: Times((time(19),), _SUNDAY)}
MOST = 6
"""More daily times than that and it is a nuisance."""
NUDGE_LIFETIME = timedelta(hours=2)
LATER = (10, 30, 60)
"""Minutes."""


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


async def later(visit: Visit, reminder_id: ReminderId, minutes: int) -> None:
    """Snooze one nudge; never into quiet hours. Raises Stale."""
    reminder = await _own(visit, reminder_id)
    if minutes not in LATER or not reminder.active:
        raise Stale
    at = snooze(visit.now, minutes, _quiet(visit.person), zone(visit.person.zone or "UTC"))
    await visit.uow.timers.apply(Timer(SNOOZE, reminder.id, at))
    visit.show("nudge.later", again_at=at.isoformat())


async def ask_later(visit: Visit, reminder_id: ReminderId) -> None:
    reminder = await _own(visit, reminder_id)
    visit.show("nudge.when", reminder=reminder.id)


async def on_timer(
    uow: UnitOfWork, reminder_id: ReminderId, kind: str, due_at: datetime, now: datetime
) -> None:
    """A reminder (or a snoozed nudge) is due: send, put off, or leave out; and plan the next."""
    reminder = await uow.reminders.get(reminder_id)
    if reminder is None or not reminder.active:
        return
    person = await uow.people.get(reminder.person)
    verdict = decide(
        due_at,
        now,
        _quiet(person),
        zone(person.zone or "UTC"),
        busy=await _in_a_break(uow, person.id),
        # The weekly question is no check-in: one does not stand for the other.
        last_check_in=None if reminder.kind == TOGETHER else await uow.sessions.last_finished_at(person.id),
    )
    if isinstance(verdict, Postpone):
        await uow.timers.apply(Timer(kind, reminder.id, verdict.until))
        return
    if isinstance(verdict, Send) and person.reachable and not await _is_moot(uow, reminder, now):
        uow.outbox.add(_nudge(reminder, person, due_at, now))
    if kind == TIMER:
        await plan(uow, reminder, person, now)


def _nudge(reminder: Reminder, person: Person, due_at: datetime, now: datetime) -> Notice:
    # Nobody chose the hour of a weekly one.
    silent = reminder.kind in WEEKLY and is_quiet(person, now)
    return Notice(
        f"nudge.{reminder.kind}",
        reminder.person,
        {"reminder": reminder.id, "variant": due_at.toordinal()},
        priority=Priority.NUDGE,
        key=f"reminder:{reminder.id}:{due_at.isoformat()}",
        expires_at=now + min(NUDGE_LIFETIME, LIFETIME),
        silent=silent,
    )


async def _is_moot(uow: UnitOfWork, reminder: Reminder, now: datetime) -> bool:
    """Whether the question for two needs no reminder: answered or left out this week, or no link."""
    if reminder.kind != TOGETHER:
        return False
    couple = await uow.couples.active_of(reminder.person)
    if couple is None:
        return True
    own, _ = await uow.together.of_week(reminder.person, couple.id, week_of(now))
    return own is not None


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


async def _in_a_break(uow: UnitOfWork, person: PersonId) -> bool:
    couple = await uow.couples.active_of(person)
    return await uow.space.open_of(person, couple.id if couple else None) is not None


def _quiet(person: Person) -> QuietHours:
    return QuietHours(person.quiet_from, person.quiet_until)


def _times(reminder: Reminder) -> list[Any]:
    return list(reminder.rule.get("times", ()))
