"""Whose turn it is where several processes work with one database: one transaction at a time for each person.

A person's turn is theirs and their partner's: what one of two does changes what is the other's, too. It is
taken before anything is read, everybody's in the same order, so that no two wait for each other crosswise. On
SQLite there is one process and one transaction at a time: there all of this does nothing.
"""

from collections.abc import Collection, Iterable, Sequence
from zlib import crc32

from sqlalchemy import BigInteger, bindparam, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.storage.repository import Repository
from bot.storage.timers import DueTimer

# A person's lock is known by their Telegram id, for whoever is new has no other yet.
_EVERYBODY = """(
    SELECT unnest(CAST(:accounts AS bigint[])) AS account
    UNION SELECT theirs.user_id FROM telegram_accounts AS mine
    JOIN couple_members AS me ON me.person_id = mine.person_id AND me.active
    JOIN couple_members AS other ON other.couple_id = me.couple_id
    JOIN telegram_accounts AS theirs ON theirs.person_id = other.person_id
    WHERE mine.user_id = ANY (CAST(:accounts AS bigint[]))
    ORDER BY account) AS everybody"""
_ACCOUNTS = bindparam("accounts", type_=ARRAY(BigInteger))
_TAKE = text(f"SELECT count(pg_advisory_xact_lock(account)) FROM {_EVERYBODY}").bindparams(_ACCOUNTS)
_TRY = text(f"SELECT account, pg_try_advisory_xact_lock(account) AS taken FROM {_EVERYBODY}").bindparams(
    _ACCOUNTS
)
_OF_PERSONS = (
    "SELECT person_id AS subject, user_id FROM telegram_accounts"
    " WHERE person_id = ANY (CAST(:ids AS bigint[]))"
)
_OF_COUPLES = (
    "JOIN couple_members AS member ON member.couple_id = thing.couple_id"
    " JOIN telegram_accounts AS account ON account.person_id = member.person_id"
    " WHERE thing.id = ANY (CAST(:ids AS bigint[]))"
)
_OWN = "JOIN telegram_accounts AS account USING (person_id) WHERE thing.id = ANY (CAST(:ids AS bigint[]))"
_CONCERNED = {
    "reminder": f"SELECT thing.id AS subject, user_id FROM reminders AS thing {_OWN}",
    "snooze": f"SELECT thing.id AS subject, user_id FROM reminders AS thing {_OWN}",
    "check_in": f"SELECT thing.id AS subject, user_id FROM sessions AS thing {_OWN}",
    "breath": _OF_PERSONS,
    "topic": f"SELECT thing.id AS subject, user_id FROM topics AS thing {_OF_COUPLES}",
    "space": (
        f"SELECT thing.id AS subject, user_id FROM space_requests AS thing {_OF_COUPLES}"
        " UNION SELECT request_id, user_id FROM space_participants"
        " JOIN telegram_accounts USING (person_id) WHERE request_id = ANY (CAST(:ids AS bigint[]))"
    ),
}
"""By what a timer's kind begins with: the accounts of those it is about."""
_IDS = bindparam("ids", type_=ARRAY(BigInteger))


class Turns(Repository):
    """Takes turns, until the transaction ends."""

    def __init__(self, connection: AsyncConnection) -> None:
        super().__init__(connection)
        self.needed = connection.dialect.name == "postgresql"
        """Whether there can be others at all."""

    async def take(self, accounts: Collection[int]) -> None:
        """Those of these people; whoever has them now is waited for. Before anything is read or locked."""
        if self.needed and accounts:
            await self._connection.execute(_TAKE, {"accounts": sorted(accounts)})

    async def take_of(self, persons: Collection[int]) -> None:
        """The same, of people by their own ids."""
        if self.needed and persons:
            found = await self._connection.execute(
                text(_OF_PERSONS).bindparams(_IDS), {"ids": sorted(persons)}
            )
            await self.take({row.user_id for row in found})

    async def free(self, due: Sequence[DueTimer]) -> list[DueTimer]:
        """Those of these timers whose people's turns can be had at once: nobody is waited for."""
        if not self.needed or not due:
            return list(due)
        concerned = await self._concerned(due)
        accounts = set().union(*concerned.values())
        rows = (await self._connection.execute(_TRY, {"accounts": sorted(accounts)})).all()
        busy = {row.account for row in rows if not row.taken}
        if not busy:
            return list(due)
        # Who is busy can be the partner of somebody a timer is about: each is asked for alone.
        alone = [each for each in due if concerned.get((_family(each.kind), each.subject))]
        held = await self._held(alone, concerned)
        return [each for each in due if (_family(each.kind), each.subject) not in held]

    async def _held(
        self,
        due: Iterable[DueTimer],
        concerned: dict[tuple[str, int], set[int]],
    ) -> set[tuple[str, int]]:
        held = set()
        for timer in due:
            key = (_family(timer.kind), timer.subject)
            rows = await self._connection.execute(_TRY, {"accounts": sorted(concerned[key])})
            if not all(row.taken for row in rows):
                held.add(key)
        return held

    async def _concerned(self, due: Sequence[DueTimer]) -> dict[tuple[str, int], set[int]]:
        found: dict[tuple[str, int], set[int]] = {}
        for family in {_family(each.kind) for each in due} & _CONCERNED.keys():
            ids = sorted({each.subject for each in due if _family(each.kind) == family})
            query = text(_CONCERNED[family]).bindparams(_IDS)
            for row in await self._connection.execute(query, {"ids": ids}):
                found.setdefault((family, row.subject), set()).add(row.user_id)
        return found

    async def wait_for(self, work: str) -> None:
        """Until no other replica is at this."""
        if self.needed:
            await self._connection.execute(
                text("SELECT pg_advisory_xact_lock(:number)"), {"number": _number(work)}
            )

    async def alone(self, work: str) -> bool:
        """Whether no other replica is at this now: then it is this one's until the transaction ends."""
        if not self.needed:
            return True
        query = text("SELECT pg_try_advisory_xact_lock(:number)")
        return bool((await self._connection.execute(query, {"number": _number(work)})).scalar_one())

    async def is_there(self) -> None:
        """Nothing, but by way of the server."""
        await self._connection.execute(text("SELECT 1"))


def _family(kind: str) -> str:
    return kind.partition(".")[0]


def _number(work: str) -> int:
    """A lock of work is below zero: that of a person, never."""
    return -1 - crc32(work.encode())
