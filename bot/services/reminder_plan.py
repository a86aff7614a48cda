"""When a reminder comes next: its timer is set, moved, or called off."""

from datetime import datetime

from bot.domain.decision import NoTimer, Timer
from bot.domain.model import Person, PersonId, Reminder
from bot.domain.schedule import Rule, next_occurrence
from bot.places.zones import zone
from bot.storage.unit_of_work import UnitOfWork

TIMER, SNOOZE = "reminder", "snooze"
"""The timers; their subject is the reminder."""


async def plan(uow: UnitOfWork, reminder: Reminder, person: Person, now: datetime) -> datetime | None:
    after = now if reminder.rests_until is None else max(now, reminder.rests_until)
    at = next_occurrence(Rule.from_json(reminder.rule), after, zone(person.zone or "UTC"))
    await uow.timers.apply(NoTimer(TIMER, reminder.id) if at is None else Timer(TIMER, reminder.id, at))
    return at


async def unplan(uow: UnitOfWork, reminder: Reminder) -> None:
    for kind in (TIMER, SNOOZE):
        await uow.timers.apply(NoTimer(kind, reminder.id))


async def recompute(uow: UnitOfWork, person_id: PersonId, now: datetime) -> None:
    """The person's time zone changed: their reminders move with them."""
    person = await uow.people.get(person_id)
    for reminder in await uow.reminders.all_of(person_id):
        if reminder.active:
            await plan(uow, reminder, person, now)
