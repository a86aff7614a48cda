"""What is tapped under a nudge: begin, later, not today, fewer; and whether they come at a wrong time.

Every tap is an answer. What changes something can be taken back for a while, but for a new change.
"""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

from bot.domain.decision import Timer
from bot.domain.errors import Stale
from bot.domain.model import Reminder, ReminderId
from bot.domain.nudging import (
    LATER,
    LONG_BREAK,
    Kind,
    at_most_one_a_day,
    on_workdays,
    once_a_day,
)
from bot.domain.schedule import QuietHours, Rule, instant, snooze, tonight
from bot.services.nudges import FROM, private_part, rules_of
from bot.services.reminder_changes import change, delete, own, remember, take_back
from bot.services.reminder_plan import SNOOZE, zone_of
from bot.services.trends import weeks_of
from bot.services.visit import Visit

WORKDAYS, ONCE, WEEK, DELETE = "workdays", "once", "week", "delete"
FEWER = (WORKDAYS, ONCE, WEEK, DELETE)
FARTHEST = timedelta(days=2)
"""No button for a snooze names a time later than that."""
_WEEK = timedelta(days=7)


async def answered(visit: Visit, *, leaves_buttons: bool = False) -> None:
    """They answered. `leaves_buttons`: the message still has some, which go with the next nudge."""
    state = await visit.uow.nudged.get(visit.person.id)
    if state is not None:
        key = state.last_key if leaves_buttons else None
        await visit.uow.nudged.put(visit.person.id, replace(state.answered(), last_key=key))


async def show(visit: Visit, reminder_id: ReminderId) -> None:
    """The words of a nudge that showed nothing personal at first. Raises Stale."""
    reminder = await own(visit, reminder_id)
    await answered(visit, leaves_buttons=True)
    looks_back = [visit.person] if reminder.kind == Kind.LOOK_BACK else []
    week = (await weeks_of(visit.uow, looks_back, visit.now)).get(visit.person.id)
    visit.show(
        f"nudge.{reminder.kind}",
        private_part(reminder, week),
        reminder=reminder.id,
        variant=visit.now.toordinal(),
    )


async def ask_later(visit: Visit, reminder_id: ReminderId) -> None:
    """Offer some times. Raises Stale."""
    reminder = await own(visit, reminder_id)
    await answered(visit, leaves_buttons=True)
    at = tonight(visit.now, _quiet(visit), zone_of(visit.person))
    visit.show("nudge.when", reminder=reminder.id, tonight=None if at is None else _stamp(at))


async def later(visit: Visit, reminder_id: ReminderId, minutes: int) -> None:
    """Put one nudge off; into quiet hours only when they say so once more. Raises Stale."""
    reminder = await own(visit, reminder_id)
    if minutes not in LATER or not reminder.active:
        raise Stale
    here = zone_of(visit.person)
    wished = snooze(visit.now, minutes, _quiet(visit), here, anyway=True)
    kept = snooze(visit.now, minutes, _quiet(visit), here)
    if kept == wished:
        await _snooze(visit, reminder, wished)
        return
    await answered(visit, leaves_buttons=True)
    visit.show(
        "nudge.in_quiet",
        reminder=reminder.id,
        wished_at=wished.isoformat(),
        end_at=kept.isoformat(),
        wished=_stamp(wished),
        end=_stamp(kept),
    )


async def later_at(visit: Visit, reminder_id: ReminderId, stamp: int) -> None:
    """Put it off to the instant that a button named. Raises Stale."""
    reminder = await own(visit, reminder_id)
    try:
        at = datetime.fromtimestamp(stamp, UTC)
    except (OverflowError, ValueError, OSError) as error:
        raise Stale from error
    if not reminder.active or not visit.now < at <= visit.now + FARTHEST:
        raise Stale
    await _snooze(visit, reminder, at)


async def _snooze(visit: Visit, reminder: Reminder, at: datetime) -> None:
    state = await visit.uow.nudged.get(visit.person.id)
    known = {} if state is None else {FROM: state.last_at.isoformat()}
    await visit.uow.timers.apply(Timer(SNOOZE, reminder.id, at, known))
    await answered(visit)
    visit.show("nudge.later", again_at=at.isoformat())


async def not_today(visit: Visit) -> None:
    """Nothing more comes before their midnight."""
    here = zone_of(visit.person)
    tomorrow = visit.now.astimezone(here).date() + timedelta(days=1)
    # What is due at midnight is of tomorrow.
    until = instant(tomorrow, time(), here) - timedelta(seconds=1)
    undo = await _rest(visit, until)
    visit.show("nudge.not_today_done", undo=undo)


async def ask_fewer(visit: Visit, reminder_id: ReminderId) -> None:
    """What can be done about this one: only what changes something. Raises Stale."""
    reminder = await own(visit, reminder_id)
    await answered(visit, leaves_buttons=True)
    rule = Rule.from_json(reminder.rule)
    changes = {WORKDAYS: on_workdays(rule), ONCE: once_a_day(rule)}
    ways = [way for way in FEWER if changes.get(way, rule) is not None]
    visit.show("nudge.fewer", reminder=reminder.id, ways=ways)


async def fewer(visit: Visit, reminder_id: ReminderId, way: str) -> None:
    """Raises Stale, also for what changes nothing any more."""
    reminder = await own(visit, reminder_id)
    rule = Rule.from_json(reminder.rule)
    undo = await remember(visit, [reminder])
    match way:
        case "workdays" | "once":
            changed = on_workdays(rule) if way == WORKDAYS else once_a_day(rule)
            if changed is None:
                raise Stale
            await change(visit, reminder, rule=changed.to_json())
        case "week":
            await change(visit, reminder, rests_until=visit.now + _WEEK)
        case "delete":
            await delete(visit, reminder)
        case _:
            raise Stale
    await answered(visit, leaves_buttons=True)
    visit.show(f"nudge.fewer_done.{way}", undo=undo)


async def one_a_day(visit: Visit) -> None:
    """Of all reminders at most one a day comes from now on. Raises Stale if that is so already."""
    every = (await visit.uow.reminders.of_people([visit.person.id])).get(visit.person.id, [])
    changes = at_most_one_a_day(rules_of(every))
    if not changes:
        raise Stale
    concerned = [each for each in every if each.id in changes]
    undo = await remember(visit, concerned, rest=True)
    for reminder in concerned:
        rule = changes[reminder.id]
        await change(visit, reminder, **({"active": False} if rule is None else {"rule": rule.to_json()}))
    await visit.uow.people.rest_nudges(visit.person.id, None)
    await answered(visit, leaves_buttons=True)
    visit.show("nudge.one_a_day", undo=undo)


async def long_break(visit: Visit) -> None:
    """Nothing comes for two weeks."""
    until = visit.now + LONG_BREAK
    undo = await _rest(visit, until, also_shorter=True)
    visit.show("nudge.break_begins", undo=undo, again_at=until.isoformat())


async def they_are_fine(visit: Visit) -> None:
    """They come as before."""
    await visit.uow.people.rest_nudges(visit.person.id, None)
    await answered(visit)
    visit.show("nudge.fine_done")


async def other_times(visit: Visit) -> None:
    """They look at their reminders: until they have, nothing rests any more. The list opens beside."""
    await visit.uow.people.rest_nudges(visit.person.id, None)
    await answered(visit)


async def undo(visit: Visit, undo: int) -> None:
    """It is as it was before that change. Raises Stale for any but the last one."""
    await take_back(visit, undo)
    await answered(visit)
    visit.show("nudge.taken_back")


async def _rest(visit: Visit, until: datetime, *, also_shorter: bool = False) -> int:
    """No nudge comes before then, nor what waits to be sent; how to take it back.

    A longer rest goes on, unless it may be `also_shorter`.
    """
    before = visit.person.nudges_rest_until
    undo = await remember(visit, rest=True)
    if before is None or before < until or also_shorter:
        await visit.uow.people.rest_nudges(visit.person.id, until)
    await visit.uow.outbox.call_off_keyed(visit.person.id, "reminder:")
    await answered(visit, leaves_buttons=True)
    return undo


def _quiet(visit: Visit) -> QuietHours:
    return QuietHours(visit.person.quiet_from, visit.person.quiet_until)


def _stamp(moment: datetime) -> int:
    """Seconds since 1970, for a button."""
    return int(moment.timestamp())
