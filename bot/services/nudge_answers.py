"""What is tapped under a nudge: begin, later, not today, fewer; and whether they come at a wrong time.

Every tap is an answer. What changes something can be taken back for a while, but for a new change.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any

from bot.domain.decision import Timer
from bot.domain.errors import Stale
from bot.domain.model import Reminder, ReminderId
from bot.domain.nudging import (
    LATER,
    LONG_BREAK,
    OWN,
    at_most_one_a_day,
    on_workdays,
    once_a_day,
)
from bot.domain.schedule import QuietHours, Rule, instant, snooze, tonight
from bot.services.nudges import FROM, rules_of
from bot.services.reminder_plan import SNOOZE, plan, unplan, zone_of
from bot.services.visit import Visit

UNDO = "nudge_undo"
"""The draft that knows how it was before the last change."""
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
    reminder = await _own(visit, reminder_id)
    await answered(visit, leaves_buttons=True)
    private = {"words": reminder.text or ""} if reminder.kind == OWN else {}
    visit.show(f"nudge.{reminder.kind}", private, reminder=reminder.id, variant=visit.now.toordinal())


async def ask_later(visit: Visit, reminder_id: ReminderId) -> None:
    """Offer some times. Raises Stale."""
    reminder = await _own(visit, reminder_id)
    await answered(visit, leaves_buttons=True)
    at = tonight(visit.now, _quiet(visit), zone_of(visit.person))
    visit.show("nudge.when", reminder=reminder.id, tonight=None if at is None else _stamp(at))


async def later(visit: Visit, reminder_id: ReminderId, minutes: int) -> None:
    """Put one nudge off; into quiet hours only when they say so once more. Raises Stale."""
    reminder = await _own(visit, reminder_id)
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
    reminder = await _own(visit, reminder_id)
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
    reminder = await _own(visit, reminder_id)
    await answered(visit, leaves_buttons=True)
    rule = Rule.from_json(reminder.rule)
    changes = {WORKDAYS: on_workdays(rule), ONCE: once_a_day(rule)}
    ways = [way for way in FEWER if changes.get(way, rule) is not None]
    visit.show("nudge.fewer", reminder=reminder.id, ways=ways)


async def fewer(visit: Visit, reminder_id: ReminderId, way: str) -> None:
    """Raises Stale, also for what changes nothing any more."""
    reminder = await _own(visit, reminder_id)
    rule = Rule.from_json(reminder.rule)
    before = _as_it_is(reminder)
    match way:
        case "workdays" | "once":
            changed = on_workdays(rule) if way == WORKDAYS else once_a_day(rule)
            if changed is None:
                raise Stale
            undo = await _remember(visit, {"reminders": [before]})
            await _change(visit, reminder, rule=changed.to_json())
        case "week":
            undo = await _remember(visit, {"reminders": [before]})
            await _change(visit, reminder, rests_until=visit.now + _WEEK)
        case "delete":
            gone = {"kind": reminder.kind, "rule": dict(reminder.rule)}
            undo = await _remember(visit, {"gone": gone}, reminder.text)
            await unplan(visit.uow, reminder)
            await visit.uow.reminders.delete(reminder.id)
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
    rest = {"rest": _iso(visit.person.nudges_rest_until)}
    undo = await _remember(visit, {**rest, "reminders": [_as_it_is(each) for each in concerned]})
    for reminder in concerned:
        rule = changes[reminder.id]
        await _change(visit, reminder, **({"active": False} if rule is None else {"rule": rule.to_json()}))
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


async def take_back(visit: Visit, undo: int) -> None:
    """It is as it was before that change. Raises Stale for any but the last one."""
    draft = await visit.uow.drafts.get(visit.person.id, UNDO)
    if draft is None or draft.id != undo:
        raise Stale
    await visit.uow.drafts.drop(visit.person.id, UNDO)
    was = draft.parameters
    if "rest" in was:
        rest = was["rest"]
        await visit.uow.people.rest_nudges(
            visit.person.id, None if rest is None else datetime.fromisoformat(rest)
        )
    for reminder_id, rule, active, rests in was.get("reminders", ()):
        reminder = await visit.uow.reminders.get(ReminderId(reminder_id), visit.person.id)
        if reminder is not None:
            until = None if rests is None else datetime.fromisoformat(rests)
            await _change(visit, reminder, rule=rule, active=active, rests_until=until)
    if "gone" in was:
        gone = was["gone"]
        again = await visit.uow.reminders.add(
            visit.person.id, gone["kind"], gone["rule"], visit.now, draft.private
        )
        await plan(visit.uow, again, visit.person, visit.now)
    await answered(visit)
    visit.show("nudge.taken_back")


async def _rest(visit: Visit, until: datetime, *, also_shorter: bool = False) -> int:
    """No nudge comes before then, nor what waits to be sent; how to take it back.

    A longer rest goes on, unless it may be `also_shorter`.
    """
    before = visit.person.nudges_rest_until
    undo = await _remember(visit, {"rest": _iso(before)})
    if before is None or before < until or also_shorter:
        await visit.uow.people.rest_nudges(visit.person.id, until)
    await visit.uow.outbox.call_off_keyed(visit.person.id, "reminder:")
    await answered(visit, leaves_buttons=True)
    return undo


async def _remember(visit: Visit, was: Mapping[str, Any], private: str | None = None) -> int:
    """The id by which to take back the change that is about to be made, and no earlier one."""
    await visit.uow.drafts.drop(visit.person.id, UNDO)
    return (await visit.uow.drafts.put(visit.person.id, UNDO, visit.now, was, private=private)).id


def _as_it_is(reminder: Reminder) -> list[Any]:
    return [reminder.id, dict(reminder.rule), reminder.active, _iso(reminder.rests_until)]


async def _change(visit: Visit, reminder: Reminder, **values: Any) -> None:
    """Change a reminder and plan it anew."""
    await visit.uow.reminders.change(reminder.id, **values)
    changed = await _own(visit, reminder.id)
    if changed.active:
        await plan(visit.uow, changed, visit.person, visit.now)
    else:
        await unplan(visit.uow, changed)


async def _own(visit: Visit, reminder_id: ReminderId) -> Reminder:
    reminder = await visit.uow.reminders.get(reminder_id, visit.person.id)
    if reminder is None:
        raise Stale
    return reminder


def _quiet(visit: Visit) -> QuietHours:
    return QuietHours(visit.person.quiet_from, visit.person.quiet_until)


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _stamp(moment: datetime) -> int:
    """Seconds since 1970, for a button."""
    return int(moment.timestamp())
