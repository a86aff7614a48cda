"""Two people, somebody else, and the time, on the services and a database: the world of random histories.

After each step everything new in the outbox goes into the `Ledger`, which knows what must hold. What the two
do stands in test_space_histories.py.
"""

import asyncio
from collections.abc import Callable, Coroutine
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Row, create_engine, event, select, update

from bot.content.catalog import Content
from bot.domain.decision import Notice, Operation
from bot.domain.errors import StillHereError
from bot.domain.model import PersonId
from bot.storage.couple_tables import kept_messages
from bot.storage.engine import open_engine
from bot.storage.queue_tables import outbox, timers
from bot.storage.tables import couple_members, space_participants, space_requests
from bot.storage.unit_of_work import Storage
from bot.telegram.render.render import render
from bot.telegram.render.words import Words

from .conftest import Story
from .ledger import JONAS, MARA, NAMES, PAIR, Break, Ledger
from .support import quicken

_rendered: set[tuple[str, str, tuple[str, ...]]] = set()


class World(Ledger):
    """Mara and Jonas, linked at first; Kim, who knows nobody here; and all that anybody was told."""

    def __init__(self, file: Path, content: Content) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        engine = open_engine(f"sqlite+aiosqlite:///{file}")
        event.listen(engine.sync_engine, "connect", quicken)
        self.storage = Storage(engine)
        self.reader = create_engine(f"sqlite:///{file}")  # beside the services, without their thread
        self.story = Story(self.storage, content)
        self.drafts: dict[tuple[PersonId, str], list[int]] = {}
        self.messages: list[int] = []
        self.ended: list[int] = []
        self._seen = 0
        self.look()

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(work)

    def close(self) -> None:
        self.run(self._render())
        self.run(self.storage.close())
        self.reader.dispose()
        self.runner.close()

    def act(self, who: PersonId, service: Callable[..., Any], *args: Any) -> bool:
        """One turn of this person; False if it was refused. Then everything is looked at."""
        try:
            self.run(self.story.do(who, service, *args))
            done = True
        except StillHereError:
            done = False
        self.look(who, f"{service.__module__.rpartition('.')[2]}.{service.__name__}")
        return done

    def passes(self, span: timedelta) -> None:
        """The machine is awake, and everything due runs at its time."""
        if not self.awake:
            self.awake_since = self.now
            self.awake = True
        self.run(self.story.at(span))
        self.look(action="timers")

    def passes_to_what_is_due(self, times: int) -> None:
        """So often to the time of the next timer, and no further."""
        for _ in range(times):
            due = self.run(self.story.look(lambda uow: uow.timers.next_due()))
            if due is not None:
                self.passes(max(due - self.story.now, timedelta(0)))

    def sleeps(self, span: timedelta, *, wakes: bool) -> None:
        """It is that late at once; whether what is due runs before somebody taps is open."""
        if wakes:
            self.awake_since = self.now + span
            self.awake = True
            self.run(self.story.jump(span))
        else:
            self.story.now += span
            self.awake = False
        self.look(action="timers")

    def last(self, ids: list[int], back: int) -> int:
        """An id from a button: the newest one, or an older one that means nothing any more."""
        return ids[-1 - back] if back < len(ids) else 999

    def request(self, back: int = 0) -> int:
        return self.last(list(self.breaks), back)

    def of_couple(self) -> Break | None:
        """The open break of these two."""
        found = [each for each in self.breaks.values() if each.open and each.couple is not None]
        return found[-1] if found else None

    def waiting(self) -> PersonId | None:
        """Who of the two waits for the other."""
        found = self.of_couple()
        return next((each for each in PAIR if found is not None and each not in found.away), None)

    def away(self) -> set[int]:
        return {person for each in self.breaks.values() if each.open for person in each.away}

    def somebody(self, role: str) -> PersonId:
        """“away” and “waiting” as it is now, or one of them by name."""
        away = self.away()
        if role == "away":
            return next((person for person in PAIR if person in away), MARA)
        if role == "waiting":
            return next((person for person in PAIR if person not in away), JONAS)
        return JONAS if role == "jonas" else MARA

    # -- looking

    def look(self, actor: PersonId | None = None, action: str = "") -> None:
        before, couple_before = self.breaks, self.couple
        self.now = self.story.now
        rows = self._read()
        self.forget_what_ended(couple_before)
        for row in rows:
            self._remember(row)
            self.check_row(row, actor, action, before)
            self.listen(row)
        self.check_tables()
        if self.awake:
            self.check_promises(self.now + timedelta(microseconds=1))
        if couple_before is not None and self.couple != couple_before:
            self.ended.append(couple_before)
            self._check_called_off()

    def _read(self) -> list[Row[Any]]:
        """What is new in the outbox; and what the tables say now."""
        with self.reader.connect() as reader:
            run = reader.execute
            rows = list(run(select(outbox).where(outbox.c.id > self._seen).order_by(outbox.c.id)))
            self._seen = rows[-1].id if rows else self._seen
            active = list(run(select(couple_members.c.couple_id).where(couple_members.c.active)).scalars())
            assert len(active) in (0, 2)
            self.couple = active[0] if active else None
            self.timers = [(each.kind, each.subject) for each in run(select(timers))]
            for each in run(select(kept_messages)):
                if each.text.startswith("Line "):
                    self.kept[each.text] = (PersonId(each.person_id), each.couple_id)
            parts: dict[int, list[Row[Any]]] = {}
            for part in run(select(space_participants)):
                parts.setdefault(part.request_id, []).append(part)
            self.breaks = {
                each.id: Break(
                    each.id,
                    each.couple_id,
                    each.state,
                    each.started_at,
                    each.ended_at,
                    {part.person_id: part.asked_at for part in parts[each.id]},
                    frozenset(part.person_id for part in parts[each.id] if part.state == "away"),
                )
                for each in run(select(space_requests).order_by(space_requests.c.id))
            }
        return rows

    def _remember(self, row: Row[Any]) -> None:
        """What a later tap may name."""
        if "draft" in row.parameters:
            drafts = self.drafts.setdefault((row.person_id, row.kind.partition(".")[0]), [])
            if row.parameters["draft"] not in drafts:
                drafts.append(row.parameters["draft"])
        if "message" in row.parameters and row.parameters["message"] not in self.messages:
            self.messages.append(row.parameters["message"])

    # -- what must hold

    def _check_called_off(self) -> None:
        """When a link ends, nothing of the other that still waits to be sent is sent."""
        with self.reader.connect() as reader:
            for row in reader.execute(select(outbox).where(outbox.c.state.in_(("waiting", "sending")))):
                if row.id in self.pushed:
                    assert self.breaks[row.parameters.get("request", 0)].couple is None, row.kind

    async def send_what_waits(self) -> None:
        async with self.storage.unit_of_work() as uow:
            await uow._connection.execute(
                update(outbox).where(outbox.c.state == "waiting").values(state="sent")
            )
            await uow.commit(self.now)

    async def _render(self) -> None:
        """Everything that was said can be shown, in the reader's language."""
        async with self.storage.unit_of_work() as uow:
            people = {person: await uow.people.get(person) for person in NAMES}
            for row in await uow._connection.execute(select(outbox).where(outbox.c.state != "dropped")):
                reader = people[PersonId(row.person_id)]
                shape = (row.kind, reader.locale, tuple(sorted(row.parameters)))
                if shape not in _rendered:
                    _rendered.add(shape)
                    notice = Notice(
                        row.kind,
                        reader.id,
                        row.parameters,
                        row.private or {},
                        operation=Operation(row.operation),
                    )
                    words = Words(self.story.content, reader, row.created_at, "still_here_bot")
                    call = render(notice, 42, words)
                    assert call is not None, shape
                    assert "{" not in call.parameters.get("text", ""), shape
