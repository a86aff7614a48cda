"""Two people and the time, for random histories: what each was told, and what must hold of it.

What is checked is what people see: the rows of the outbox, in the order they were made, and a few tables. What
the rules decide is not computed a second time. The rules of the machine stand in test_space_histories.py.
"""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Row, create_engine, event, select, update

from bot.content.catalog import Content
from bot.domain.decision import Notice, Operation, Priority
from bot.domain.errors import StillHereError
from bot.domain.model import PersonId
from bot.storage.engine import open_engine
from bot.storage.queue_tables import outbox, timers
from bot.storage.tables import couple_members, kept_messages, space_participants, space_requests
from bot.storage.unit_of_work import Storage
from bot.telegram.render.render import render
from bot.telegram.render.words import Words

from .conftest import NOW, Story

MARA, JONAS, KIM = PersonId(1), PersonId(2), PersonId(3)
PAIR = (MARA, JONAS)
NAMES = {MARA: "Mara", JONAS: "Jonas", KIM: "Kim"}
DAY = timedelta(hours=24)
LINES = ("relay.words", "signal.line", "signal.talk", "space.meets_later")
ASKED = ("space.sent", "space.sent_alone", "space.sent_joined")
A_TIME = (
    *ASKED,
    "space.request",
    "space.joined",
    "space.more_time",
    "space.extended",
    "space.extended_alone",
    "space.back_first",
)
"""With `back_at` in them: at that time the reader hears something."""
IT_IS_TIME = ("space.how_now.", "space.time_is_up.")
OVER = ("space.returned", "space.withdrawn", "space.back", "space.back_alone", "space.lapsed", "card.both")
_rendered: set[tuple[str, str, tuple[str, ...]]] = set()


async def at_once(_connection: Any, work: Callable[..., Any], *args: Any, **more: Any) -> Any:
    """In the place of `aiosqlite`'s way to its thread: nothing else runs meanwhile here, and the two changes of
    thread for each statement would be most of the time.
    """
    return work(*args, **more)


def _quicken(connection: Any, _record: Any) -> None:
    """Nothing here has to outlive a crash."""
    connection.execute("PRAGMA synchronous=OFF")


def other(person: PersonId) -> PersonId:
    return JONAS if person == MARA else MARA


@dataclass(frozen=True)
class Break:
    """A space request as the tables have it. `asked` are all who ever did, with when; `away` who still is."""

    id: int
    couple: int | None
    state: str
    started_at: datetime
    ended_at: datetime | None
    asked: dict[int, datetime]
    away: frozenset[int]

    @property
    def open(self) -> bool:
        return self.state in ("open", "due")

    def open_at(self, moment: datetime) -> bool:
        return self.open or (self.ended_at is not None and self.ended_at > moment)


class World:
    """Mara and Jonas, linked at first; Kim, who knows nobody here; and all that anybody was told."""

    def __init__(self, file: Path, content: Content) -> None:
        self.runner = asyncio.Runner()
        engine = open_engine(f"sqlite+aiosqlite:///{file}")
        event.listen(engine.sync_engine, "connect", _quicken)
        self.storage = Storage(engine)
        self.reader = create_engine(f"sqlite:///{file}")  # beside the services, without their thread
        self.story = Story(self.storage, content)
        self.now_wakes = True
        self.awake_since = NOW
        self.couple: int | None = None
        self.breaks: dict[int, Break] = {}
        self.drafts: dict[tuple[PersonId, str], list[int]] = {}
        self.messages: list[int] = []
        self.ended: list[int] = []
        self.kept: dict[str, tuple[PersonId, int]] = {}
        self.pushed: list[int] = []
        self.told: dict[tuple[int, PersonId], datetime] = {}
        self.meets: dict[tuple[int, PersonId], datetime] = {}
        self.used: dict[tuple[PersonId, str], list[datetime]] = {}
        self._seen = 0
        self.look()

    @property
    def now(self) -> datetime:
        return self.story.now

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
        if not self.now_wakes:
            self.awake_since = self.now
            self.now_wakes = True
        self.run(self.story.at(span))
        self.look(action="timers")

    def sleeps(self, span: timedelta, *, wakes: bool) -> None:
        """It is that late at once; whether what is due runs before somebody taps is open."""
        if wakes:
            self.awake_since = self.now + span
            self.now_wakes = True
            self.run(self.story.jump(span))
        else:
            self.story.now += span
            self.now_wakes = False
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

    def somebody(self, role: str) -> PersonId:
        """“away” and “waiting” as it is now, or one of them by name."""
        away = {person for each in self.breaks.values() if each.open for person in each.away}
        if role == "away":
            return next((person for person in PAIR if person in away), MARA)
        if role == "waiting":
            return next((person for person in PAIR if person not in away), JONAS)
        return JONAS if role == "jonas" else MARA

    # -- looking

    def look(self, actor: PersonId | None = None, action: str = "") -> None:
        before, couple_before = self.breaks, self.couple
        rows = self._read()
        self._forget_what_ended(couple_before)
        for row in rows:
            self._remember(row)
            self._check_row(row, actor, action, before)
            self._listen(row)
        self._check_tables()
        if self.now_wakes:
            self._check_promises(self.now + timedelta(microseconds=1))
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

    def _forget_what_ended(self, couple: int | None) -> None:
        """A promise lapses with its link."""
        if couple is not None and couple != self.couple:
            for book in (self.told, self.meets):
                for key in [key for key in book if self.breaks[key[0]].couple == couple]:
                    del book[key]

    # -- what must hold

    def _check_row(
        self, row: Row[Any], actor: PersonId | None, action: str, before: dict[int, Break]
    ) -> None:
        person, what = PersonId(row.person_id), (row.kind, action, row.parameters)
        private = row.private or {}
        if KIM in (person, actor):
            assert person == actor, "nobody hears of Kim, and Kim hears of nobody"
            assert not row.relayed, what
            assert not {NAMES[each] for each in PAIR} & set(private.values()), what
            return
        assert private.get("name") != NAMES[person], ("told as if by the other", what)
        assert not row.relayed or actor == other(person), ("not what the other did", what)
        if "intensity" in row.parameters or row.kind == "space.rated":
            assert person == actor, ("the number is theirs alone", what)
        if row.kind.startswith("breaks."):
            assert person == actor, ("their own breaks are theirs alone", what)
        if person != actor or row.priority != Priority.ANSWER:
            self._check_pushed(row, action)
        if actor is not None and person != actor:
            self._check_no_ping(row, actor, before)
        words = private.get("words")
        if words in self.kept and person != self.kept[words][0]:
            writer, couple = self.kept[words]
            assert (actor, action in ("kept.send", "relay.send")) == (writer, True), ("no second yes", what)
            assert action != "kept.send" or couple == self.couple, ("after the link ended", what)
        for kinds, mine, most in ((ASKED, True, 6), (LINES, False, 3)):
            if actor is not None and row.kind in kinds and (person == actor) is mine:
                uses = self.used.setdefault((actor, kinds[0]), [])
                uses.append(row.created_at)
                assert sum(self.now - use < DAY for use in uses) <= most, ("more than a day allows", what)

    def _check_pushed(self, row: Row[Any], action: str) -> None:
        """What comes of itself is about a link there is, or a break of one's own alone."""
        if row.kind.startswith("link."):
            return
        if row.kind == "unlink.line":
            assert action == "partners.send_farewell"
            return
        self.pushed.append(row.id)
        if "request" in row.parameters:
            couple = self.breaks[row.parameters["request"]].couple
            assert couple is None or couple == self.couple, ("of a link that ended", row.kind)
        else:
            assert row.kind in (*LINES, "kept.offer"), row.kind
            assert self.couple is not None, ("of a link that ended", row.kind)

    def _check_no_ping(self, row: Row[Any], actor: PersonId, before: dict[int, Break]) -> None:
        """From one who waits nothing comes to one who is away, but a ready-made answer without sound, and
        that they need space, too (and are back from it). Left out are the cases in which lines may go: a
        lapse, a day of breaks.
        """
        was = next((each for each in before.values() if each.open and each.couple is not None), None)
        if was is None or row.person_id not in was.away or actor in was.away:
            return
        of_couple = [each for each in before.values() if each.couple == was.couple]
        asked = [each.asked[row.person_id] for each in of_couple if row.person_id in each.asked]
        if any(each.state == "lapsed" for each in of_couple) or self.now - min(asked) >= DAY:
            return
        silently = row.silent and row.kind.startswith("space.reply.")
        assert silently or row.kind in ("space.joined", "space.returned_first"), row.kind

    def _listen(self, row: Row[Any]) -> None:
        """Take down which times somebody was told, and what makes up for them."""
        number = row.parameters.get("request")
        if number is None or row.person_id == KIM:
            return
        if self.now_wakes:
            self._check_promises(row.created_at)
        key, kind = (number, PersonId(row.person_id)), row.kind
        if kind in A_TIME:
            back_at = datetime.fromisoformat(row.parameters["back_at"])
            assert kind in ("space.request", *ASKED) or back_at >= self.told.get(key, back_at)
            self.told[key] = back_at
        elif kind.startswith(IT_IS_TIME) or kind in OVER:
            self.told.pop(key, None)
        elif kind == "space.taken_back" and not self.breaks[number].open:
            self.told.pop(key, None)
        self._listen_for_meetings(row, key)

    def _listen_for_meetings(self, row: Row[Any], key: tuple[int, PersonId]) -> None:
        at = row.parameters.get("meet_at") or row.parameters.get("ready_at")
        if row.kind in ("ready.kept", "ready.sent", "space.meets_later") or (
            at is not None and row.kind.startswith(("space.how_now", "space.back"))
        ):
            self.meets[key] = datetime.fromisoformat(at)
        elif row.kind in ("space.how_now.now", "space.how_now.late", "space.back", "space.extended"):
            self.meets.pop(key, None)
        elif row.kind in ("space.meet", "ready.on_return", "space.lapsed"):
            self.meets.pop(key, None)
        elif row.kind in ("card.both", "space.joined", "space.withdrawn", "space.taken_back"):
            for person in PAIR:
                self.meets.pop((key[0], person), None)
        elif row.kind in ("space.request", "space.sent"):  # a new break: nothing more comes of the last one
            self.meets.clear()

    def _check_promises(self, until: datetime) -> None:
        """Every time that was told before `until`, and came while the machine was awake, was kept."""
        for (number, person), at in self.told.items():
            late = at < until and (at >= self.awake_since or until > self.now)
            assert not late, f"{NAMES[person]} was told {at} of break {number}, and heard nothing"
        for key, at in list(self.meets.items()):
            if at < until and (at >= self.awake_since or until > self.now):
                # Who is still away then puts it off; whoever is back was told a time to talk.
                assert self.breaks[key[0]].open_at(at), f"{NAMES[key[1]]} was told {at} to talk, and was not asked"
                del self.meets[key]

    def _check_tables(self) -> None:
        open_ones = [each for each in self.breaks.values() if each.open]
        for couple in {each.couple for each in open_ones if each.couple is not None}:
            assert couple == self.couple, "a break outlives its link"
            assert sum(each.couple == couple for each in open_ones) == 1, "two open breaks of one couple"
        for each in open_ones:
            assert not self.now_wakes or self.now - each.started_at < DAY, "longer than a day"
        for kind, subject in self.timers:
            about = self.breaks[subject]
            assert about.couple in (None, self.couple), f"{kind} of a link that ended"
            assert about.state not in ("withdrawn", "lapsed", "closed"), f"{kind} of a break that is over"

    def _check_called_off(self) -> None:
        """When a link ends, nothing of the other that still waits to be sent is sent."""
        with self.reader.connect() as reader:
            for row in reader.execute(select(outbox).where(outbox.c.state.in_(("waiting", "sending")))):
                if row.id in self.pushed:
                    assert self.breaks[row.parameters.get("request", 0)].couple is None, row.kind

    async def send_what_waits(self) -> None:
        async with self.storage.unit_of_work() as uow:
            await uow._connection.execute(update(outbox).where(outbox.c.state == "waiting").values(state="sent"))
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
                    assert call is not None and "{" not in call.parameters.get("text", ""), shape
