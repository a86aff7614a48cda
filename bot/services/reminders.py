"""Reminders: daily times to pause and breathe, Sunday evenings for the week; and the nudges they send."""

from datetime import datetime, time, timedelta

from bot.domain.decision import LIFETIME, Notice, Priority, Timer
from bot.domain.errors import Stale
from bot.domain.model import Person, PersonId, Reminder, ReminderId
from bot.domain.schedule import (
    Postpone,
    QuietHours,
    Send,
    Times,
    decide,
    snooze,
)
from bot.domain.together import week_of
from bot.places.zones import zone
from bot.services.reminder_plan import SNOOZE, TIMER, plan
from bot.services.telling import is_quiet
from bot.services.visit import Visit
from bot.storage.unit_of_work import UnitOfWork

BREATHE = "breathe"
TOGETHER = "together"
LOOK_BACK = "look_back"
_SUNDAY = frozenset({6})
WEEKLY = {TOGETHER: Times((time(18),), _SUNDAY), LOOK_BACK: Times((time(19),), _SUNDAY)}
NUDGE_LIFETIME = timedelta(hours=2)
LATER = (10, 30, 60)
"""Minutes."""


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
