"""A change to reminders: made, planned anew, and taken back until the next one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from bot.domain.errors import Stale
from bot.domain.model import Reminder, ReminderId
from bot.services.reminder_plan import plan, unplan
from bot.services.visit import Visit
from bot.storage import own_things

UNDO = "remind" + own_things.UNDO
"""The draft that knows how it was before the last change; its id stands for that change."""


async def own(visit: Visit, reminder_id: ReminderId) -> Reminder:
    """Raises Stale for one that is not there, or not theirs."""
    reminder = await visit.uow.reminders.get(reminder_id, visit.person.id)
    if reminder is None:
        raise Stale
    return reminder


async def change(visit: Visit, reminder: Reminder, **values: Any) -> Reminder:
    """Change it, and plan it anew: no nudge of how it was before still comes."""
    await visit.uow.reminders.change(reminder.id, **values)
    changed = await own(visit, reminder.id)
    await unplan(visit.uow, changed)
    if changed.active:
        await plan(visit.uow, changed, visit.person, visit.now)
    return changed


async def delete(visit: Visit, reminder: Reminder) -> None:
    """Delete it, with what still was to come of it."""
    await unplan(visit.uow, reminder)
    await visit.uow.reminders.delete(reminder.id)


async def remember(visit: Visit, reminders: Sequence[Reminder] = (), *, rest: bool = False) -> int:
    """Keep how these are now, and with `rest` until when all rest; what stands for the coming change."""
    was: dict[str, Any] = {"reminders": [_as_it_is(each) for each in reminders]}
    if rest:
        was["rest"] = _iso(visit.person.nudges_rest_until)
    # The words of several change never.
    text = reminders[0].text if len(reminders) == 1 else None
    return await _keep(visit, was, text)


async def remember_new(visit: Visit, reminder: Reminder) -> int:
    """Keep that this one was not there; what stands for its having been made."""
    return await _keep(visit, {"reminders": [{"id": reminder.id, "new": True}]}, None)


async def _keep(visit: Visit, was: dict[str, Any], text: str | None) -> int:
    await visit.uow.drafts.drop(visit.person.id, UNDO)
    return (await visit.uow.drafts.put(visit.person.id, UNDO, visit.now, was, private=text)).id


async def take_back(visit: Visit, undo: int) -> list[Reminder]:
    """It is as it was before that change; the reminders concerned that there are.

    Raises Stale for any change but the last one.
    """
    draft = await visit.uow.drafts.get(visit.person.id, UNDO)
    if draft is None or draft.id != undo:
        raise Stale
    await visit.uow.drafts.drop(visit.person.id, UNDO)
    every = draft.parameters["reminders"]
    restored = [await _restore(visit, was, draft.private, alone=len(every) == 1) for was in every]
    if "rest" in draft.parameters:
        await visit.uow.people.rest_nudges(visit.person.id, _moment(draft.parameters["rest"]))
    return [each for each in restored if each is not None]


async def _restore(visit: Visit, was: dict[str, Any], text: str | None, *, alone: bool) -> Reminder | None:
    reminder = await visit.uow.reminders.get(ReminderId(was["id"]), visit.person.id)
    if "new" in was:
        if reminder is not None:
            await delete(visit, reminder)
        return None
    if reminder is None:
        reminder = await visit.uow.reminders.add(visit.person.id, was["kind"], was["rule"], visit.now, text)
    values = {each: was[each] for each in ("kind", "rule", "active")}
    if alone:
        values["text"] = text
    return await change(visit, reminder, **values, rests_until=_moment(was["rests_until"]))


def _as_it_is(reminder: Reminder) -> dict[str, Any]:
    return {
        "id": reminder.id,
        "kind": reminder.kind,
        "rule": dict(reminder.rule),
        "active": reminder.active,
        "rests_until": _iso(reminder.rests_until),
    }


def _iso(moment: datetime | None) -> str | None:
    return None if moment is None else moment.isoformat()


def _moment(iso: str | None) -> datetime | None:
    return None if iso is None else datetime.fromisoformat(iso)
