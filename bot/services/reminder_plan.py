"""When a reminder comes next: its timer is set, moved, or called off."""

from datetime import datetime
from zoneinfo import ZoneInfo

from bot.domain.decision import NoTimer, Timer
from bot.domain.model import Person, PersonId, Reminder
from bot.domain.schedule import Once, Rule, first_unseen, next_occurrence
from bot.domain.wall_clock import moved
from bot.places.zones import zone
from bot.storage.unit_of_work import UnitOfWork

TIMER, SNOOZE = "reminder", "snooze"
"""The timers; their subject is the reminder."""


def key_of(reminder: Reminder, due: str = "") -> str:
    """The key of a nudge; without `due` what the keys of all nudges of this reminder begin with."""
    return f"reminder:{reminder.id}:{due}"


def zone_of(person: Person) -> ZoneInfo:
    """Where they are; UTC until they say."""
    return zone(person.zone or "UTC")


async def plan(uow: UnitOfWork, reminder: Reminder, person: Person, now: datetime) -> datetime | None:
    """Plan it anew (made, changed, switched on); when it comes. What still waits to be sent is stale."""
    await uow.outbox.call_off_keyed(person.id, key_of(reminder))
    after = now if reminder.rests_until is None else max(now, reminder.rests_until)
    at = next_occurrence(Rule.from_json(reminder.rule), after, zone_of(person))
    await uow.timers.apply(NoTimer(TIMER, reminder.id) if at is None else Timer(TIMER, reminder.id, at))
    return at


async def unplan(uow: UnitOfWork, reminder: Reminder) -> None:
    """Nothing of it comes any more, nor what still waits to be sent."""
    for kind in (TIMER, SNOOZE):
        await uow.timers.apply(NoTimer(kind, reminder.id))
    await uow.outbox.call_off_keyed(reminder.person, key_of(reminder))


async def recompute(uow: UnitOfWork, person_id: PersonId, now: datetime, was_zone: str | None) -> None:
    """The person's time zone changed: their reminders move with them. Snoozes keep their instant.

    What came already at some date and time by the old clock does not come at it by the new one, too.
    """
    person = await uow.people.get(person_id)
    here, there = zone_of(person), zone(was_zone or "UTC")
    if here == there:
        return
    wanted: list[Timer | NoTimer] = []
    seen = {}
    for reminder in await uow.reminders.all_of(person_id):
        last = reminder.last_due_at
        if last is not None:
            seen[reminder.id] = last = moved(last, there, here)
        rule = Rule.from_json(reminder.rule)
        if not reminder.active or isinstance(rule, Once):
            continue
        at = first_unseen(rule, now, last, here)
        wanted.append(NoTimer(TIMER, reminder.id) if at is None else Timer(TIMER, reminder.id, at))
    await uow.timers.apply_all(TIMER, wanted)
    await uow.reminders.saw(seen)
