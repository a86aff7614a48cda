"""Running what is due: each kind of timer goes to the service that set it."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from bot.content.catalog import Content
from bot.domain.model import PersonId, SessionId, SpaceId
from bot.domain.topics import TALK, TopicId
from bot.services import breathing, check_ins, nudges, space, topics
from bot.services.visit import Visit
from bot.storage.timers import DueTimer
from bot.storage.unit_of_work import UnitOfWork

AGAIN_AFTER = timedelta(minutes=5)
"""A timer that fails is looked at again after this long."""


async def run(uow: UnitOfWork, due: Sequence[DueTimer], now: datetime, content: Content) -> None:
    """Handle due timers in the unit of work they were taken in: reminders all at once, the rest in turn."""
    for timer in due:
        if timer.kind not in nudges.KINDS:
            await _run_one(uow, timer, now, content)
    reminders = [timer for timer in due if timer.kind in nudges.KINDS]
    if reminders:
        await nudges.run_due(uow, reminders, now)


async def _run_one(uow: UnitOfWork, timer: DueTimer, now: datetime, content: Content) -> None:
    if timer.kind.startswith("space."):
        await space.on_timer(uow, SpaceId(timer.subject), timer.kind, now)
    elif timer.kind == TALK:
        await topics.on_timer(uow, TopicId(timer.subject), now)
    elif timer.kind == check_ins.LEFT_TIMER:
        await check_ins.left(uow, SessionId(timer.subject), now)
    elif timer.kind == check_ins.NAP_TIMER:
        await check_ins.nap_over(uow, SessionId(timer.subject), now)
    elif timer.kind == breathing.END:
        await _end_breath(Visit(uow, await uow.people.get(PersonId(timer.subject)), now), timer, content)


async def _end_breath(visit: Visit, timer: DueTimer, content: Content) -> None:
    """It was one of a check-in, which goes on; or one after a nudge, which asks how it is now; or any."""
    await visit.uow.nudged.answered(visit.person.id)
    then = timer.parameters.get("then")
    if "session" in timer.parameters:
        await check_ins.breath_over(visit, SessionId(timer.parameters["session"]), timer.parameters["seq"])
    elif then is not None and await check_ins.under_way(visit) is None:
        await breathing.end(visit, timer.parameters["key"])
        await check_ins.start(visit, content, then)
    else:
        await breathing.on_timer(visit.uow, visit.person, timer.parameters, visit.now)
