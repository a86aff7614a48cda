"""The reminders somebody has: each shown, paused, skipped, deleted; and every change can be taken back."""

from datetime import UTC, datetime, timedelta
from typing import Any

from bot.domain.errors import Stale
from bot.domain.model import Person, Reminder, ReminderId
from bot.domain.quiet_hours import QuietHours
from bot.domain.rules import Once, Rule
from bot.domain.schedule import upcoming
from bot.domain.wall_clock import instant
from bot.places.zones import zone
from bot.services.reminder_plan import plan, unplan
from bot.services.visit import Visit

DRAFT = "remind"
WISH = "wish"
"""What the draft of a new reminder waits for."""
UNDO = "remind_undo"
"""The draft that remembers how a reminder was before it was changed; its id stands for that change."""
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
    undo = await remember(visit, reminder)
    await change(visit, reminder, rests_until=coming[0])
    show_this(
        visit, await own(visit, reminder_id), "remind.skipped", skipped_at=coming[0].isoformat(), undo=undo
    )


async def ask_pause(visit: Visit, reminder_id: int) -> None:
    """Until when? Raises Stale."""
    if reminder_id != ALL:
        await own(visit, ReminderId(reminder_id))
    visit.show("remind.how_long", reminder=reminder_id)


async def pause(visit: Visit, reminder_id: int, until: str) -> None:
    """Nothing of it (or of any) comes until then. Raises Stale."""
    at = _end_of_pause(visit, until)
    if reminder_id == ALL:
        undo = await _remember_rest(visit)
        await visit.uow.people.rest_nudges(visit.person.id, at)
        await _call_off_all(visit)
        about: dict[str, Any] = {"undo": undo}
    else:
        reminder = await own(visit, ReminderId(reminder_id))
        undo = await remember(visit, reminder)
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
        person = await visit.uow.people.get(visit.person.id)
        await show(Visit(visit.uow, person, visit.now, visit.message))
        return
    reminder = await own(visit, ReminderId(reminder_id))
    await change(visit, reminder, active=True, rests_until=None)
    await show_one(visit, ReminderId(reminder_id))


async def delete(visit: Visit, reminder_id: ReminderId) -> None:
    """Raises Stale. The answer offers to have it back."""
    reminder = await own(visit, reminder_id)
    undo = await remember(visit, reminder)
    await unplan(visit.uow, reminder)
    await visit.uow.reminders.delete(reminder.id)
    visit.show("remind.deleted", undo=undo)


async def set_discreet(visit: Visit, on: bool) -> None:
    """Whether reminders show nothing personal until they are opened."""
    await visit.uow.people.set_discreet(visit.person.id, on)
    visit.show("remind.discreet_on" if on else "remind.discreet_off")


async def undo(visit: Visit, draft_id: int) -> None:
    """As it was before the change this stands for. Raises Stale if something else was changed since."""
    draft = await visit.uow.drafts.get(visit.person.id, UNDO)
    if draft is None or draft.id != draft_id:
        raise Stale
    await visit.uow.drafts.drop(visit.person.id, UNDO)
    was = draft.parameters["was"]
    if draft.parameters["reminder"] == ALL:
        rests = None if was is None else datetime.fromisoformat(was)
        await visit.uow.people.rest_nudges(visit.person.id, rests)
        person = await visit.uow.people.get(visit.person.id)
        await show(Visit(visit.uow, person, visit.now, visit.message))
        return
    reminder = await visit.uow.reminders.get(ReminderId(draft.parameters["reminder"]), visit.person.id)
    if was is None:  # it was new
        if reminder is not None:
            await unplan(visit.uow, reminder)
            await visit.uow.reminders.delete(reminder.id)
        await show(visit)
        return
    if reminder is None:
        reminder = await visit.uow.reminders.add(
            visit.person.id, was["kind"], was["rule"], visit.now, draft.private
        )
    rests = None if was["rests_until"] is None else datetime.fromisoformat(was["rests_until"])
    values = {"kind": was["kind"], "rule": was["rule"], "text": draft.private, "active": was["active"]}
    await change(visit, reminder, **values, rests_until=rests)
    await show_one(visit, reminder.id)


async def remember(visit: Visit, reminder: Reminder, *, new: bool = False) -> int:
    """Keep how it is now (or that it was not there), until the next change; what stands for that."""
    rests = None if reminder.rests_until is None else reminder.rests_until.isoformat()
    was = {
        "kind": reminder.kind,
        "rule": dict(reminder.rule),
        "active": reminder.active,
        "rests_until": rests,
    }
    about = {"reminder": reminder.id, "was": None if new else was}
    await visit.uow.drafts.drop(visit.person.id, UNDO)
    draft = await visit.uow.drafts.put(visit.person.id, UNDO, visit.now, about, private=reminder.text)
    return draft.id


async def _remember_rest(visit: Visit) -> int:
    rests = visit.person.nudges_rest_until
    about = {"reminder": ALL, "was": None if rests is None else rests.isoformat()}
    await visit.uow.drafts.drop(visit.person.id, UNDO)
    return (await visit.uow.drafts.put(visit.person.id, UNDO, visit.now, about)).id


async def change(visit: Visit, reminder: Reminder, **values: Any) -> None:
    """Change it, and plan it anew: no nudge of how it was before still comes."""
    await visit.uow.reminders.change(reminder.id, **values)
    changed = await own(visit, reminder.id)
    await unplan(visit.uow, changed)
    if changed.active:
        await plan(visit.uow, changed, visit.person, visit.now)


async def own(visit: Visit, reminder_id: ReminderId) -> Reminder:
    """Raises Stale for one that is not there, or not theirs."""
    reminder = await visit.uow.reminders.get(reminder_id, visit.person.id)
    if reminder is None:
        raise Stale
    return reminder


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
