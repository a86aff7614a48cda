"""New zone data: when they came with an update, all next times are computed anew, a batch at a time."""

from datetime import datetime

from bot.domain.decision import NoTimer, Timer
from bot.domain.schedule import Once, Rule, UnknownRule, replanned
from bot.services.reminder_plan import TIMER, zone_of
from bot.storage.unit_of_work import UnitOfWork

VERSION, PROGRESS = "zone_data", "zone_data.progress"
"""The facts: by which data all is planned, and how far planning anew has come (version, last id)."""
BATCH = 100


async def step(uow: UnitOfWork, version: str, now: datetime, limit: int = BATCH) -> bool:
    """Plan the next batch anew by the data of this version; whether there may be more to do."""
    if await uow.log.recall(VERSION) == version:
        return False
    await uow.turns.wait_for(VERSION)  # of several replicas one plans, and the next finds it done
    if await uow.log.recall(VERSION) == version:
        return False
    progress = await uow.log.recall(PROGRESS) or [version, 0]
    last = progress[1] if progress[0] == version else 0
    reminders = await uow.reminders.after(last, limit)
    if not reminders:
        await uow.log.remember(VERSION, version)
        return False
    await uow.turns.take_of({each.person for each in reminders})
    reminders = await uow.reminders.after(last, limit)
    people = await uow.people.many({each.person for each in reminders})
    due = await uow.timers.due_of(TIMER, [each.id for each in reminders])
    wanted: list[Timer | NoTimer] = []
    for reminder in reminders:
        planned = due.get(reminder.id)
        try:
            rule = Rule.from_json(reminder.rule)
        except UnknownRule:
            continue  # a newer program's
        if isinstance(rule, Once) or (planned is not None and planned <= now):
            continue  # an instant; or due right now, and the heartbeat's
        at = replanned(rule, now, planned, reminder.last_due_at, zone_of(people[reminder.person]))
        if at is not None and at != planned:
            wanted.append(Timer(TIMER, reminder.id, at))
    await uow.timers.apply_all(TIMER, wanted)
    await uow.log.remember(PROGRESS, [version, reminders[-1].id])
    return True
