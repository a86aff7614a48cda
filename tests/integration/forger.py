"""Somebody who sends the bot buttons that are not theirs, and what must hold then.

Each attempt is made on a copy of everything: the story goes on as if it had not been.
"""

import sqlite3
from collections.abc import Iterable
from dataclasses import fields
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from sqlalchemy import insert, select

from bot.domain.decision import Notice, Operation
from bot.domain.model import PersonId
from bot.storage.queue_tables import failed_updates, outbox
from bot.storage.tables import couple_members, couples
from bot.telegram import callback_data as to
from bot.telegram.render.render import render
from bot.telegram.render.words import Words
from tests.integration.families import BEARER, NOBODYS, SHARED, SILENT
from tests.integration.stage import ME, Stage

NOT_WATCHED = {
    "updates",
    "facts",
    "script_versions",
    "sqlite_sequence",
    "alembic_version",
    "telegram_accounts",
}
WHOSE = ("person_id", "inviter_id")
TIMERS = {"sessions": ("check_in",), "reminders": ("reminder", "snooze")}
NEVER = 987_654_321_012
"""An id that nothing has."""
Row = tuple[str, tuple[Any, ...]]


class Forger:
    """Strangers, and what they may not do. `secret` is in every text that people of the story typed."""

    def __init__(self, on: Stage, file: Path, secret: str) -> None:
        self.on, self._secret = on, secret
        self._live = sqlite3.connect(file, isolation_level=None)
        self._columns = self._read_columns()
        self._random = Random(7)
        self.kim = self.lena = self.noa = 0
        self._story: set[int] = set()
        """the accounts of the story"""

    def _read_columns(self) -> dict[str, list[str]]:
        names = [row[0] for row in self._live.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {
            name: [row[1] for row in self._live.execute(f"PRAGMA table_info({name})")]
            for name in sorted(set(names) - NOT_WATCHED)
        }

    async def enter(self) -> None:
        """Kim is linked with somebody else, Lena with nobody, and Noa never spoke to the bot."""
        self.kim, kim = await self.on.person("Kim", "en")
        _, omar = await self.on.person("Omar", "en")
        self.lena, _ = await self.on.person("Lena", "en")
        self.noa = self.on.newcomer("Noa", "en")
        async with self.on.storage.unit_of_work() as uow:
            await uow.couples.add(kim, omar, self.on.clock.now())
            await uow.commit(self.on.clock.now())

    async def meets(self, account: int) -> None:
        """Lena was once linked with each person of the story."""
        if account in self._story or (person := await self.person(account)) is None:
            return
        self._story.add(account)
        lena = await self.person(self.lena)
        async with self.on.storage.unit_of_work() as uow:
            past = self.on.clock.now() - timedelta(days=90)
            row = {"created_at": past, "ended_at": past, "ended_by": lena}
            [couple] = (await uow._connection.execute(insert(couples).values(**row))).inserted_primary_key
            members = [{"couple_id": couple, "person_id": each} for each in (person, lena)]
            ended = insert(couple_members).values(active=False, told_ended=True)
            await uow._connection.execute(ended, members)
            await uow.commit(self.on.clock.now())

    async def person(self, account: int) -> PersonId | None:
        async with self.on.storage.unit_of_work() as uow:
            found = await uow.people.by_account(account)
        return None if found is None else found.id

    async def partner(self, account: int) -> int | None:
        """The account of whoever this one is linked with."""
        async with self.on.storage.unit_of_work() as uow:
            person = await uow.people.by_account(account)
            couple = None if person is None else await uow.couples.active_of(person.id)
            if person is None or couple is None:
                return None
            return await uow.people.account_of(couple.partner_of(person.id))

    async def try_all(self, owner: int, data: list[str]) -> None:
        """What has just come up in the owner's chat, sent by everybody else."""
        data = [each for each in data if not isinstance(to.decode(each), BEARER)]
        named = [each for each in data if not isinstance(to.decode(each), NOBODYS)]
        for who in (self.kim, self.lena):
            await self.learns_nothing(who, named)
        nameless = [each for each in data if each not in named]
        await self.changes_nothing(self.kim, [*nameless, *self.bent(data)])
        await self.meets_nobody(data)
        partner = await self.partner(owner)
        if partner is not None:
            await self.learns_nothing(
                partner, [each for each in named if not isinstance(to.decode(each), SHARED)]
            )

    def bent(self, data: Iterable[str]) -> list[str]:
        """The same with other ids, cut off, and with rubbish in it."""
        bent: list[str] = []
        for each in data:
            code, *parts = each.split(":")
            numbers = [place for place, part in enumerate(parts) if part.isdecimal()]
            for place in numbers:
                for number in (0, int(parts[place]) + 1, max(0, int(parts[place]) - 1), 10**18, -1):
                    bent.append(":".join([code, *parts[:place], str(number), *parts[place + 1 :]]))
            cut = self._random.randrange(len(each))
            rubbish = "".join(chr(self._random.randrange(0x300)) for _ in range(8))
            bent += [each[:cut], each[:cut] + rubbish, f"{each}:", f"{each}\ud800"]
        return bent

    async def learns_nothing(self, who: int, data: list[str]) -> None:
        """Sent by them, these change nothing, and are answered as if there were nothing behind them."""
        absent = [of_nothing(each) for each in data]
        said = await self.changes_nothing(who, data, silent=True)
        assert said == await self.changes_nothing(who, absent), (data, said)

    async def changes_nothing(
        self, who: int, data: list[str], *, silent: bool = False, own: bool = False
    ) -> list[Any]:
        """Sent by them, these change nothing of anybody else, and show nothing of anybody else.

        `silent`: nothing is said either, but that a button is old. `own`: what they typed may be their own.
        What is said, in short.
        """
        if not data:
            return []
        person = await self.person(who)
        copy = sqlite3.connect(":memory:")
        self._live.backup(copy)
        try:
            before, said_before = self.rows_of_others(person), await self._last_notice()
            await self.on.takes([self.on.tap(who, 1 + place, each) for place, each in enumerate(data)])
            changed = before ^ self.rows_of_others(person)
            assert not changed, (data, changed)
            return await self._said(person, said_before, data, silent=silent, own=own)
        finally:
            copy.backup(self._live)
            copy.close()

    async def meets_nobody(self, data: list[str]) -> None:
        """Somebody the bot has never met stays so, whatever they tap."""
        calls = len(self.on.calls)
        assert await self.changes_nothing(self.noa, data) == []
        assert await self.person(self.noa) is None
        nobody = self.on.content.text("en", "fallback.nobody")
        answers = self.on.calls[calls:]
        assert {call["text"] for _, call in answers} <= {nobody}

    def rows_of_others(self, person: PersonId | None) -> set[Row]:
        """Everything there is, but for what is this person's."""
        rows: set[Row] = set()
        own_timers = {("breath", person or 0)}
        own_timers |= self._timers_of("sessions", person) | self._timers_of("reminders", person)
        for table, columns in self._columns.items():
            own = [
                place
                for place, name in enumerate(columns)
                if name in WHOSE or (table, name) == ("people", "id")
            ]
            for row in self._live.execute(f"SELECT * FROM {table}"):
                is_timer = table == "timers" and (row[1].partition(".")[0], row[2]) in own_timers
                if not is_timer and not any(row[place] == person for place in own):
                    rows.add((table, row))
        return rows

    def _timers_of(self, table: str, person: PersonId | None) -> set[tuple[str, int]]:
        """What this person's timers are called up to the first dot, and what they are about."""
        found = self._live.execute(f"SELECT id FROM {table} WHERE person_id = ?", (person,)).fetchall()
        return {(kind, number) for kind in TIMERS[table] for (number,) in found}

    async def _last_notice(self) -> int:
        return int(self._live.execute("SELECT coalesce(max(id), 0) FROM outbox").fetchone()[0])

    async def _said(
        self, person: PersonId | None, after: int, data: list[str], *, silent: bool, own: bool
    ) -> list[tuple[str, dict[str, Any]]]:
        """What they were told: in no words of somebody else."""
        async with self.on.storage.unit_of_work() as uow:
            new = select(outbox).where(outbox.c.id > after).order_by(outbox.c.id)
            rows = (await uow._connection.execute(new)).all()
            failed = (await uow._connection.execute(select(failed_updates.c.error))).scalars().all()
            assert not failed, (data, failed)
            said = []
            for row in rows:
                assert row.person_id == person, (row.kind, data)
                assert not silent or row.kind in SILENT, (row.kind, data)
                reader = await uow.people.get(row.person_id)
                notice = Notice(
                    row.kind, reader.id, row.parameters, row.private or {}, operation=Operation(row.operation)
                )
                call = render(notice, 1, Words(self.on.content, reader, self.on.clock.now(), ME["username"]))
                assert own or self._secret not in str(call), (row.kind, data)
                if row.operation != "strip":
                    said.append((row.kind, row.parameters))
        return said

    def close(self) -> None:
        self._live.close()


def of_nothing(data: str) -> str:
    """The same button of something that never was: its first number is the id of what it names."""
    meant = to.decode(data)
    assert meant is not None
    values = vars(meant).copy()
    first = next(each.name for each in fields(meant) if each.type is int)
    return to.encode(type(meant)(**{**values, first: NEVER}))
