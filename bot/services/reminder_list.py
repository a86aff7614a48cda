"""The reminders somebody has: each shown, paused, skipped, deleted; and every change can be taken back."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.errors import Stale
from bot.domain.model import Person, Reminder, ReminderId
from bot.domain.quiet_hours import QuietHours
from bot.domain.rules import Once, Rule
from bot.domain.schedule import upcoming
from bot.domain.wall_clock import instant
from bot.places.zones import zone
from bot.services import reminder_changes as changes
from bot.services.reminder_changes import change, own, remember, take_back
from bot.services.visit import Visit

DRAFT = "remind"
WISH = "wish"
"""What the draft of a new reminder waits for."""
ALL = 0
"""In the place of a reminder's id: all of them."""
FOREVER = datetime(9999, 1, 1, tzinfo=UTC)
"""Until they say so."""
PAUSES = ("tomorrow", "monday", "week", "open")
SHOWN = 3
"""How many of the next times are said."""
_DAY = timedelta(days=1)
_BEFORE_MIDNIGHT = timedelta(minutes=1)
"""What is due at midnight of the day until which it rests comes again."""


async def show(visit: Visit) -> None:
    """All of them, with what can be done about all. What is typed next is a new one."""
    await visit.uow.drafts.drop(visit.person.id, DRAFT)
    await visit.uow.drafts.put(visit.person.id, DRAFT, visit.now, awaits=WISH)
    every = await current(visit)
    rows = [[each.id, each.rule, each.kind, _state(visit, each)] for each in every]
    texts = {f"line_{number}": each.text for number, each in enumerate(every, 1) if each.text}
    rests = visit.person.nudges_rest_until
    resting = None if rests is None or rests <= visit.now else rests.isoformat()
    visit.show(
        "remind.menu" if every else "remind.none",
        texts,
        reminders=rows,
        resting=resting,
        forever=resting is not None and rests == FOREVER,
        discreet=visit.person.discreet,
    )


async def current(visit: Visit) -> list[Reminder]:
    """Those that can still come."""
    every = await visit.uow.reminders.all_of(visit.person.id)
    return [each for each in every if not _is_past(each, visit.now)]


def _is_past(reminder: Reminder, now: datetime) -> bool:
    rule = Rule.from_json(reminder.rule)
    return isinstance(rule, Once) and rule.at <= now


def _state(visit: Visit, reminder: Reminder) -> str | None:
    """“off”, or until when it rests (ISO); None if it comes as it should."""
    if not reminder.active:
        return "off"
    rests = reminder.rests_until
    if rests is None or rests <= visit.now or _only_skipped(visit, reminder):
        return None
    return rests.isoformat()


def _only_skipped(visit: Visit, reminder: Reminder) -> bool:
    """Whether it rests up to its very next time, and no longer."""
    return next_times(visit.person, reminder, visit.now, 1, rested=False)[:1] == [reminder.rests_until]


def next_times(
    person: Person, reminder: Reminder, now: datetime, count: int = SHOWN, *, rested: bool = True
) -> list[datetime]:
    """When it comes next (UTC), pauses counted in."""
    rests = [reminder.rests_until, person.nudges_rest_until] if rested else []
    after = max([now, *(each for each in rests if each is not None)])
    if not reminder.active or after >= FOREVER:
        return []
    return upcoming(Rule.from_json(reminder.rule), after, zone(person.zone or "UTC"), count)


async def show_one(visit: Visit, reminder_id: ReminderId) -> None:
    """One of them, with its next times. Raises Stale."""
    show_this(visit, await own(visit, reminder_id), "remind.one")


def show_this(visit: Visit, reminder: Reminder, kind: str, **more: Any) -> None:
    """A page about one reminder."""
    visit.show(
        kind,
        {"words": reminder.text} if reminder.text else {},
        reminder=reminder.id,
        rule=reminder.rule,
        what=reminder.kind,
        state=_state(visit, reminder),
        next=[each.isoformat() for each in next_times(visit.person, reminder, visit.now)],
        **more,
    )


async def skip(visit: Visit, reminder_id: ReminderId) -> None:
    """The next one does not come. Raises Stale if there is none."""
    reminder = await own(visit, reminder_id)
    coming = next_times(visit.person, reminder, visit.now, 1)
    if not coming:
        raise Stale
    undo = await remember(visit, [reminder])
    changed = await change(visit, reminder, rests_until=coming[0])
    show_this(visit, changed, "remind.skipped", skipped_at=coming[0].isoformat(), undo=undo)


async def ask_pause(visit: Visit, reminder_id: int) -> None:
    """Until when? Raises Stale."""
    if reminder_id != ALL:
        await own(visit, ReminderId(reminder_id))
    visit.show("remind.how_long", reminder=reminder_id)


async def pause(visit: Visit, reminder_id: int, until: str) -> None:
    """Nothing of it (or of any) comes until then. Raises Stale."""
    at = _end_of_pause(visit, until)
    if reminder_id == ALL:
        undo = await remember(visit, rest=True)
        await visit.uow.people.rest_nudges(visit.person.id, at)
        await _call_off_all(visit)
        about: dict[str, Any] = {"undo": undo}
    else:
        reminder = await own(visit, ReminderId(reminder_id))
        undo = await remember(visit, [reminder])
        if at == FOREVER:
            await change(visit, reminder, active=False)
        else:
            await change(visit, reminder, rests_until=at)
        about = {"undo": undo}
    if at == FOREVER:
        visit.show("remind.off", **about)
    else:
        visit.show("remind.paused", **about, again_at=(at + _BEFORE_MIDNIGHT).isoformat())


async def resume(visit: Visit, reminder_id: int) -> None:
    """It comes again, from its next time on. Raises Stale."""
    if reminder_id == ALL:
        await visit.uow.people.rest_nudges(visit.person.id, None)
        await show(await _as_now(visit))
        return
    reminder = await own(visit, ReminderId(reminder_id))
    await change(visit, reminder, active=True, rests_until=None)
    await show_one(visit, ReminderId(reminder_id))


async def delete(visit: Visit, reminder_id: ReminderId) -> None:
    """Raises Stale. The answer offers to have it back."""
    reminder = await own(visit, reminder_id)
    undo = await remember(visit, [reminder])
    await changes.delete(visit, reminder)
    visit.show("remind.deleted", undo=undo)


async def set_discreet(visit: Visit, on: bool) -> None:
    """Whether reminders show nothing personal until they are opened."""
    await visit.uow.people.set_discreet(visit.person.id, on)
    visit.show("remind.discreet_on" if on else "remind.discreet_off")


async def undo(visit: Visit, undo: int) -> None:
    """As it was before the change this stands for. Raises Stale if something else was changed since."""
    restored = await take_back(visit, undo)
    if restored:
        await show_one(visit, restored[0].id)
    else:  # it was new, or about all of them
        await show(await _as_now(visit))


async def _as_now(visit: Visit) -> Visit:
    """The same, with the person as they were changed in this turn."""
    return replace(visit, person=await visit.uow.people.get(visit.person.id))


async def _call_off_all(visit: Visit) -> None:
    """What waits to be sent does not come any more; what is planned stays planned."""
    await visit.uow.outbox.call_off([visit.person.id], ["nudge."], visit.now)


def _end_of_pause(visit: Visit, until: str) -> datetime:
    """The last minute of the pause, by the person's calendar. Raises Stale."""
    if until not in PAUSES:
        raise Stale
    if until == "open":
        return FOREVER
    here = zone(visit.person.zone or "UTC")
    today = visit.now.astimezone(here).date()
    days = {"tomorrow": 1, "monday": 7 - today.weekday(), "week": 7}[until]
    return instant(today + days * _DAY, datetime.min.time(), here) - _BEFORE_MIDNIGHT


def is_in_quiet_hours(person: Person, moments: list[datetime]) -> bool:
    """Whether any of them lies in the person's quiet hours."""
    quiet = QuietHours(person.quiet_from, person.quiet_until)
    return any(quiet.contains(each, zone(person.zone or "UTC")) for each in moments)
