"""One person's turn with the bot: who, when, in which unit of work, and on which message they tapped."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from bot.domain.decision import Notice, Operation, Priority
from bot.domain.errors import LinkEnded, NotLinked
from bot.domain.model import Couple, Draft, Person, PersonId
from bot.storage.unit_of_work import UnitOfWork

DOUBLE_TAP = timedelta(seconds=5)
PATIENCE = timedelta(hours=2)
"""How long a question that was asked waits for a typed answer."""


@dataclass(frozen=True)
class Visit:
    """`message` is the id of the tapped message; None when the person typed."""

    uow: UnitOfWork
    person: Person
    now: datetime
    message: int | None = None

    def show(self, kind: str, private: Mapping[str, Any] | None = None, **parameters: Any) -> None:
        """Put this in the place of the tapped message; without one, send it."""
        self.uow.outbox.add(self._notice(kind, private, parameters).editing(self.message))

    def send(
        self,
        kind: str,
        private: Mapping[str, Any] | None = None,
        *,
        key: str | None = None,
        **parameters: Any,
    ) -> None:
        """Send this as a message of its own."""
        self.uow.outbox.add(self._notice(kind, private, parameters, key))

    def strip(self, leaving: str = "strip", **parameters: Any) -> None:
        """Take the buttons off the tapped message, but for those under the kind `leaving`."""
        if self.message is not None:
            self.uow.outbox.add(
                Notice(leaving, self.person.id, parameters, operation=Operation.STRIP, target=self.message)
            )

    async def is_double_tap(self) -> bool:
        """Whether the first half of it has just rewritten the message: its new buttons must stay."""
        if self.message is None:
            return False
        return await self.uow.outbox.rewrote(self.person.id, self.message, self.now - DOUBLE_TAP)

    def beside(self) -> "Visit":
        """The same turn, answered by a message of its own: what was tapped stays as it is."""
        return replace(self, message=None)

    async def awaiting(self) -> Draft | None:
        """The form that a typed text would fill in; one that lies too long is no longer meant."""
        return await self.uow.drafts.awaiting(self.person.id, self.now - PATIENCE)

    async def couple(self) -> Couple:
        """The couple of this person. Raises LinkEnded (once) or NotLinked."""
        couple = await self.uow.couples.active_of(self.person.id)
        if couple is None:
            raise LinkEnded if await self.uow.couples.take_untold_ending(self.person.id) else NotLinked
        return couple

    async def couple_or_none(self) -> Couple | None:
        """The couple, or None for somebody on their own. Raises LinkEnded (once)."""
        try:
            return await self.couple()
        except NotLinked:
            return None

    async def partner(self) -> Person | None:
        couple = await self.uow.couples.active_of(self.person.id)
        return None if couple is None else await self.uow.people.get(couple.partner_of(self.person.id))

    async def name_of(self, person: PersonId) -> str:
        return (await self.uow.people.get(person)).name

    def _notice(
        self,
        kind: str,
        private: Mapping[str, Any] | None,
        parameters: Mapping[str, Any],
        key: str | None = None,
    ) -> Notice:
        return Notice(
            kind, self.person.id, dict(parameters), dict(private or {}), priority=Priority.ANSWER, key=key
        )
