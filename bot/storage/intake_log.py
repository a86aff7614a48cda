"""What came in: update ids, message ids, updates that could not be handled; and a few facts to remember."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select

from bot.domain import retention
from bot.domain.conversation import Status
from bot.domain.model import PersonId
from bot.storage.queue_tables import facts, failed_updates, messages, outbox, updates
from bot.storage.repository import Repository
from bot.storage.tables import daily_uses, drafts, invitations, sessions
from bot.storage.types import vault

KEY_CHECK = "key_check"
CONTACT = "contact"


class IntakeLog(Repository):
    """Duplicates are known by presence, never by a maximum: ids may jump."""

    async def mark_seen(self, update_ids: Collection[int], now: datetime) -> set[int]:
        """Remember these. Which of them were not handled before."""
        rows = [{"update_id": update_id, "seen_at": now} for update_id in update_ids]
        statement = self._insert(updates).on_conflict_do_nothing().returning(updates.c.update_id)
        return set((await self._connection.execute(statement, rows)).scalars())

    async def set_aside(self, update_id: int, body: str, error: str, now: datetime) -> None:
        """Keep an update that keeps failing, so that it stops nobody and is not lost."""
        await self._connection.execute(
            self._insert(failed_updates)
            .values(update_id=update_id, body=body, error=error[:200], failed_at=now)
            .on_conflict_do_nothing()
        )

    async def note_message(self, person: PersonId, message_id: int, now: datetime) -> None:
        """Remember an incoming message's id (to clean a chat)."""
        await self._connection.execute(
            self._insert(messages)
            .values(person_id=person, message_id=message_id, outgoing=False, seen_at=now)
            .on_conflict_do_nothing()
        )

    async def take_messages(self, person: PersonId, now: datetime) -> list[int]:
        """Hand out, and forget, the ids in this chat that Telegram lets a bot delete; of both directions."""
        statement = (
            delete(messages)
            .where(messages.c.person_id == person)
            .returning(messages.c.message_id, messages.c.seen_at)
        )
        rows = (await self._connection.execute(statement)).all()
        return sorted(row.message_id for row in rows if row.seen_at > now - retention.MESSAGES)

    async def tidy(self, now: datetime) -> None:
        """Delete what is kept no longer."""
        for statement in (
            delete(drafts).where(drafts.c.updated_at < now - retention.DRAFTS),
            delete(daily_uses).where(daily_uses.c.used_at < now - retention.USES),
            delete(updates).where(updates.c.seen_at < now - retention.UPDATES),
            delete(messages).where(messages.c.seen_at < now - retention.MESSAGES),
            delete(failed_updates).where(failed_updates.c.failed_at < now - retention.FAILED_UPDATES),
            delete(outbox).where(outbox.c.state != "waiting", outbox.c.settled_at < now - retention.OUTBOX),
            delete(sessions).where(
                sessions.c.status != Status.FINISHED, sessions.c.updated_at < now - retention.UNFINISHED
            ),
            delete(invitations).where(invitations.c.expires_at < now - retention.INVITATIONS),
        ):
            await self._connection.execute(statement)

    async def check_key(self) -> None:
        """Raises DataKeyError if this database was written with another key."""
        if await self.recall(KEY_CHECK) is None:
            mine = {"name": KEY_CHECK, "value": vault.seal(KEY_CHECK).decode()}
            await self._connection.execute(self._insert(facts).values(mine).on_conflict_do_nothing())
        # Of several that start for the first time one was quicker, with its key.
        vault.open(str(await self.recall(KEY_CHECK)).encode())

    async def claim(self, name: str, now: datetime, pause: timedelta) -> bool:
        """Whether nobody has done this within `pause`; then it counts as done now."""
        done = self._insert(facts).values(name=name, value=now.isoformat()).on_conflict_do_nothing()
        if (await self._connection.execute(done.returning(facts.c.name))).first() is not None:
            return True
        query = select(facts.c.value).where(facts.c.name == name).with_for_update()
        found = (await self._connection.execute(query)).scalar_one()
        if now - datetime.fromisoformat(found) < pause:
            return False
        await self.remember(name, now.isoformat())
        return True

    async def note_contact(self, now: datetime) -> None:
        """Telegram was within reach at this time."""
        await self.remember(CONTACT, now.isoformat())

    async def last_contact(self) -> datetime | None:
        """When Telegram was last within reach, as far as was noted."""
        noted = await self.recall(CONTACT)
        return None if noted is None else datetime.fromisoformat(noted)

    async def remember(self, name: str, value: Any) -> None:
        await self._connection.execute(
            self._insert(facts)
            .values(name=name, value=value)
            .on_conflict_do_update(index_elements=["name"], set_={"value": value})
        )

    async def recall(self, name: str) -> Any:
        query = select(facts.c.value).where(facts.c.name == name)
        return (await self._connection.execute(query)).scalar_one_or_none()
