"""Who is told what about a space request: at once by the other, or by the clock."""

from datetime import datetime
from typing import Any

from bot.domain.decision import Notice, Priority
from bot.domain.model import PersonId
from bot.domain.space import SpaceRequest
from bot.domain.waiting import with_question


def to(person: PersonId, kind: str, request: SpaceRequest, **more: Any) -> Notice:
    """A notice about this request. `from` in its parameters is a person, named when it is written.

    Who waits may have asked for silence: it holds for the return, too.
    """
    more["silent"] = more.get("silent", False) or (request.hushed and person in request.waiting)
    parameters = {"request": request.id, "back_at": request.return_at.isoformat()} | more.pop(
        "parameters", {}
    )
    return Notice(kind, person, parameters, **more)


def question(request: SpaceRequest, away: PersonId, kind: str, key: str, now: datetime) -> Notice:
    parameters = with_question(request, now)
    return to(away, kind, request, priority=Priority.PROMISE, key=key, parameters=parameters)


def tell_others(request: SpaceRequest, by: PersonId, kind: str, **more: Any) -> tuple[Notice, ...]:
    """One person's doing, told to the other: at once, before everything else."""
    parameters = {"from": by} | more.pop("parameters", {})
    return tuple(
        to(other, kind, request, priority=Priority.RELAY, relayed=True, parameters=parameters, **more)
        for other in request.others(by)
    )
