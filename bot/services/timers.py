"""Running what is due: each kind of timer goes to the service that set it."""

from datetime import datetime, timedelta

from bot.domain.model import PersonId, ReminderId, SessionId, SpaceId
from bot.domain.topics import TALK, TopicId
from bot.services import breathing, check_ins, reminder_plan, reminders, space, topics
from bot.services.visit import Visit
from bot.storage.timers import DueTimer
from bot.storage.unit_of_work import UnitOfWork

AGAIN_AFTER = timedelta(minutes=5)
"""A timer that fails is looked at again after this long."""


async def run(uow: UnitOfWork, timer: DueTimer, now: datetime) -> None:
    """Handle one due timer in the unit of work it was taken in."""
    if timer.kind.startswith("space."):
        await space.on_timer(uow, SpaceId(timer.subject), timer.kind, now)
    elif timer.kind == TALK:
        await topics.on_timer(uow, TopicId(timer.subject), now)
    elif timer.kind in (reminder_plan.TIMER, reminder_plan.SNOOZE):
        await reminders.on_timer(uow, ReminderId(timer.subject), timer.kind, timer.due_at, now)
    elif timer.kind == check_ins.LEFT_TIMER:
        await check_ins.left(uow, SessionId(timer.subject), now)
    elif timer.kind == check_ins.NAP_TIMER:
        await check_ins.nap_over(uow, SessionId(timer.subject), now)
    elif timer.kind == breathing.END:
        person = await uow.people.get(PersonId(timer.subject))
        if "session" in timer.parameters:
            visit = Visit(uow, person, now)
            await check_ins.breath_over(
                visit, SessionId(timer.parameters["session"]), timer.parameters["seq"]
            )
        else:
            await breathing.on_timer(uow, person, timer.parameters, now)
