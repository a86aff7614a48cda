"""A guided breath: a message that moves, and an end that is a timer."""

from datetime import datetime, timedelta
from typing import Any

from bot.domain.breathing import MINUTES, ONE_MINUTE, SLOW, own_pattern, pattern_named, whole_breaths
from bot.domain.conversation import Session
from bot.domain.decision import Notice, NoTimer, Operation, Timer
from bot.domain.errors import Stale
from bot.domain.model import Parameters, Person
from bot.services.visit import Visit
from bot.storage.unit_of_work import UnitOfWork

END = "breath.end"
"""The timer; its subject is the person: nobody breathes twice at a time."""


async def choose(visit: Visit) -> None:
    """The ways of breathing there are, each with what is known about it."""
    visit.send("breath.choose")


async def start_own(visit: Visit, timings: str) -> None:
    """A breath of timings that somebody typed, like “4-6”; what is none gets an example."""
    own = own_pattern(timings)
    if own is None:
        visit.send("breath.own_how")
    else:
        await start(visit, own.id)


async def start(visit: Visit, pattern: str = SLOW.id, then: str | None = None, minutes: int = 1) -> None:
    """One guided breath on its own. An older one that still runs ends; that of a check-in goes on.

    `then` names the check-in that begins at its end. Raises Stale for a way of breathing there is not.
    """
    breath = pattern_named(pattern)
    if breath is None or minutes not in MINUTES:
        raise Stale
    running = await visit.uow.timers.get(END, visit.person.id)
    if running is not None and "session" in running.parameters:
        visit.send("check_in.breathing")
        return
    key = f"breath:{visit.person.id}:{visit.now.isoformat()}"
    if running is not None and running.parameters["key"] == key:
        return  # the same tap, twice
    visit.strip()
    await make_room(visit)
    seconds = whole_breaths(breath, minutes * ONE_MINUTE)
    visit.send("breath.start", key=key, pattern=pattern, seconds=seconds, minutes=minutes)
    await plan_end(visit, seconds, key, then=then)


async def make_room(visit: Visit) -> None:
    """A breath that still runs makes room for another one; that of a check-in comes to rest where it is."""
    running = await visit.uow.timers.get(END, visit.person.id)
    if running is None:
        return
    key = running.parameters["key"]
    if "session" in running.parameters:
        await end(visit, key)
    else:
        await visit.uow.timers.apply(NoTimer(END, visit.person.id))
        visit.uow.outbox.add(Notice("clean", visit.person.id, operation=Operation.DELETE, target=key))


async def plan_end(
    visit: Visit, seconds: float, key: str, session: Session | None = None, then: str | None = None
) -> None:
    """Set the timer for the end of the breath that the notice `key` shows."""
    parameters: dict[str, Any] = {"key": key} if then is None else {"key": key, "then": then}
    if session is not None:
        parameters |= {"session": session.id, "seq": session.seq}
    due_at = visit.now + timedelta(seconds=seconds)
    await visit.uow.timers.apply(Timer(END, visit.person.id, due_at, parameters))


async def stop(visit: Visit) -> None:
    """The person stops the breath they started; that of a check-in, if one has begun since, goes on."""
    running = await visit.uow.timers.get(END, visit.person.id)
    if running is not None and "session" not in running.parameters:
        await visit.uow.timers.apply(NoTimer(END, visit.person.id))
    visit.show("breath.stopped")


async def end(visit: Visit, key: str) -> None:
    """End a breath; its message comes to rest."""
    await visit.uow.timers.apply(NoTimer(END, visit.person.id))
    visit.uow.outbox.add(_rest(visit.person, "breath.ended", key))


async def on_timer(uow: UnitOfWork, person: Person, parameters: Parameters, now: datetime) -> None:
    """A breath outside a check-in is over: its message comes to rest and offers ways on."""
    uow.outbox.add(_rest(person, "breath.done", parameters["key"]))


def _rest(person: Person, kind: str, key: str) -> Notice:
    return Notice(kind, person.id, operation=Operation.EDIT, target=key)
