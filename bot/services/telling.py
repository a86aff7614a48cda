"""Carrying out what the domain decided: names filled in, quiet hours heard, notices and timers written."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from bot.domain.decision import Decision, Notice
from bot.domain.model import Person, PersonId
from bot.domain.schedule import QuietHours
from bot.places.zones import zone
from bot.storage.unit_of_work import UnitOfWork


async def carry_out(uow: UnitOfWork, decision: Decision[Any], now: datetime) -> None:
    """Write a decision's notices and timers."""
    for notice in decision.notices:
        uow.outbox.add(await _address(uow, notice, now))
    for timer in decision.timers:
        await uow.timers.apply(timer)


async def _address(uow: UnitOfWork, notice: Notice, now: datetime) -> Notice:
    """The domain names people by id (`from`); the recipient knows them by name."""
    recipient = await uow.people.get(notice.recipient)
    silent = notice.silent or is_quiet(recipient, now)
    sender = notice.parameters.get("from")
    if sender is None:
        return replace(notice, silent=silent)
    parameters = {key: value for key, value in notice.parameters.items() if key != "from"}
    private = {**notice.private, "name": (await uow.people.get(PersonId(sender))).name}
    return replace(notice, silent=silent, parameters=parameters, private=private)


def is_quiet(person: Person, now: datetime) -> bool:
    """Whether a message to this person comes without sound now."""
    if person.zone is None:
        return False
    return QuietHours(person.quiet_from, person.quiet_until).contains(now, zone(person.zone))
