"""People, and the Telegram accounts they come by."""

from collections.abc import Collection, Mapping
from datetime import datetime, time
from typing import Any

from sqlalchemy import Row, bindparam, delete, exists, insert, select, update

from bot.domain.model import DEFAULT_QUIET, Lean, Person, PersonId
from bot.storage.queue_tables import outbox
from bot.storage.repository import Repository, among
from bot.storage.tables import people, telegram_accounts

_BEHIND = (
    select(people, telegram_accounts.c.user_id)
    .join(telegram_accounts)
    .where(among(telegram_accounts.c.user_id, "accounts"))
)
WITH_ACCOUNTS = (
    select(people, telegram_accounts.c.user_id).join(telegram_accounts).where(among(people.c.id, "persons"))
)


def person_of(row: Row[Any]) -> Person:
    return Person(
        id=PersonId(row.id),
        name=row.name,
        locale=row.locale,
        zone=row.zone,
        quiet_from=time.fromisoformat(row.quiet_from),
        quiet_until=time.fromisoformat(row.quiet_until),
        reachable=row.reachable,
        created_at=row.created_at,
        leans=None if row.leans is None else Lean(row.leans),
        silent_days=frozenset(map(int, row.silent_days)),
        discreet=row.discreet,
        nudges_rest_until=row.nudges_rest_until,
        leaving=row.leaving,
        protected=row.protected,
    )


class People(Repository):
    """Finds people by account or id; what was read in this unit of work is read once."""

    def __init__(self, connection: Any) -> None:
        super().__init__(connection)
        self._by_account: dict[int, PersonId | None] = {}
        self._by_id: dict[PersonId, Person] = {}

    async def prefetch(self, accounts: Collection[int]) -> list[PersonId]:
        """Load everybody behind these accounts in one query."""
        self._by_account.update(dict.fromkeys(accounts))
        for row in await self._connection.execute(_BEHIND, {"accounts": list(accounts)}):
            person = self._remember(person_of(row))
            self._by_account[row.user_id] = person.id
        return [found for account in accounts if (found := self._by_account[account]) is not None]

    async def by_account(self, account: int) -> Person | None:
        if account not in self._by_account:
            await self.prefetch([account])
        found = self._by_account[account]
        return None if found is None else await self.get(found)

    async def get(self, person: PersonId) -> Person:
        if person not in self._by_id:
            row = (await self._connection.execute(select(people).where(people.c.id == person))).one()
            self._remember(person_of(row))
        return self._by_id[person]

    async def many(self, persons: Collection[PersonId]) -> dict[PersonId, Person]:
        """All of these, in one query."""
        missing = {person for person in persons if person not in self._by_id}
        if missing:
            for row in await self._connection.execute(select(people).where(people.c.id.in_(missing))):
                self._remember(person_of(row))
        return {person: self._by_id[person] for person in persons}

    async def rest_many(self, rests: Mapping[PersonId, datetime]) -> None:
        """For each of them, until when no reminder comes."""
        if rests:
            statement = (
                update(people)
                .where(people.c.id == bindparam("person"))
                .values(nudges_rest_until=bindparam("until"))
            )
            rows = [{"person": person, "until": until} for person, until in rests.items()]
            await self._connection.execute(statement, rows)
            for person in rests:
                self._by_id.pop(person, None)

    async def add(self, account: int, name: str, locale: str, now: datetime) -> Person:
        start, end = DEFAULT_QUIET
        row = (
            await self._connection.execute(
                insert(people)
                .values(
                    name=name,
                    locale=locale,
                    quiet_from=start.isoformat("minutes"),
                    quiet_until=end.isoformat("minutes"),
                    created_at=now,
                )
                .returning(people)
            )
        ).one()
        person = self._remember(person_of(row))
        await self._connection.execute(insert(telegram_accounts).values(user_id=account, person_id=person.id))
        self._by_account[account] = person.id
        return person

    async def account_of(self, person: PersonId) -> int:
        """The Telegram id they come by."""
        query = select(telegram_accounts.c.user_id).where(telegram_accounts.c.person_id == person)
        return int((await self._connection.execute(query)).scalar_one())

    async def add_leaving(self, account: int, locale: str, now: datetime) -> Person:
        """Nobody, and where to send the last message to somebody who was forgotten."""
        person = await self.add(account, "", locale, now)
        await self._change(person.id, leaving=True)
        return await self.get(person.id)

    async def stay(self, person: PersonId, name: str, locale: str) -> Person:
        """Somebody writes before the last message has gone: somebody new, of whom nothing is known."""
        await self._change(person, leaving=False, name=name, locale=locale)
        return await self.get(person)

    async def let_go(self) -> None:
        """Delete who is leaving once nothing more is on its way to them."""
        on_its_way = exists().where(
            outbox.c.person_id == people.c.id, outbox.c.state.in_(("waiting", "sending"))
        )
        await self._connection.execute(delete(people).where(people.c.leaving, ~on_its_way))
        self.clear()

    def clear(self) -> None:
        """What was read may be so no more."""
        self._by_account.clear()
        self._by_id.clear()

    async def set_protected(self, person: PersonId, on: bool) -> None:
        await self._change(person, protected=on)

    async def rename(self, person: PersonId, name: str) -> None:
        await self._change(person, name=name)

    async def set_zone(self, person: PersonId, zone: str) -> None:
        await self._change(person, zone=zone)

    async def set_quiet_hours(self, person: PersonId, start: time, end: time) -> None:
        await self._change(
            person, quiet_from=start.isoformat("minutes"), quiet_until=end.isoformat("minutes")
        )

    async def set_silent_days(self, person: PersonId, days: Collection[int]) -> None:
        """Weekdays; Monday is 0."""
        await self._change(person, silent_days="".join(map(str, sorted(days))))

    async def set_discreet(self, person: PersonId, on: bool) -> None:
        await self._change(person, discreet=on)

    async def rest_nudges(self, person: PersonId, until: datetime | None) -> None:
        await self._change(person, nudges_rest_until=until)

    async def set_leans(self, person: PersonId, leans: Lean | None) -> None:
        await self._change(person, leans=leans)

    async def set_locale(self, person: PersonId, locale: str) -> None:
        await self._change(person, locale=locale)

    async def set_reachable(self, person: PersonId, reachable: bool) -> None:
        await self._change(person, reachable=reachable)

    async def _change(self, person: PersonId, **values: Any) -> None:
        await self._connection.execute(update(people).where(people.c.id == person).values(**values))
        self._by_id.pop(person, None)

    def _remember(self, person: Person) -> Person:
        self._by_id[person.id] = person
        return person
