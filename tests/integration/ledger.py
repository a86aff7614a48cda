"""What must hold of all that two people were told, whatever they do: each row of the outbox is checked.

What the rules decide is not computed a second time.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Row

from bot.domain.decision import Priority
from bot.domain.model import PersonId

from .conftest import NOW

MARA, JONAS, KIM = PersonId(1), PersonId(2), PersonId(3)
PAIR = (MARA, JONAS)
NAMES = {MARA: "Mara", JONAS: "Jonas", KIM: "Kim"}
DAY = timedelta(hours=24)
TALK_WITHIN = timedelta(hours=12)
LONGEST = timedelta(hours=23, minutes=30)
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
NO_MEETING = (
    "space.how_now.now",
    "space.how_now.late",
    "space.back",
    "space.extended",
    "space.meet",
    "ready.on_return",
    "space.lapsed",
)
"""Without a time to talk in them: there is none to count on any more, or it has come."""
IT_IS_TIME = ("space.how_now.", "space.time_is_up.")
OVER = (
    "space.returned",
    "space.withdrawn",
    "space.back",
    "space.back_alone",
    "space.taken_back",
    "space.lapsed",
    "card.both",
)


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


class Ledger:
    """Who was told what, which times are promised, and what stands in the tables now."""

    def __init__(self) -> None:
        self.now = NOW
        self.awake = True
        self.awake_since = NOW
        self.couple: int | None = None
        self.breaks: dict[int, Break] = {}
        self.timers: list[tuple[str, int]] = []
        self.kept: dict[str, tuple[PersonId, int]] = {}
        self.pushed: list[int] = []
        self.told: dict[tuple[int, PersonId], datetime] = {}
        self.meets: dict[tuple[int, PersonId], datetime] = {}
        self.used: dict[tuple[PersonId, str], list[datetime]] = {}

    def forget_what_ended(self, couple: int | None) -> None:
        """A promise lapses with its link."""
        if couple is not None and couple != self.couple:
            for book in (self.told, self.meets):
                for key in [key for key in book if self.breaks[key[0]].couple == couple]:
                    del book[key]

    def check_row(self, row: Row[Any], actor: PersonId | None, action: str, before: dict[int, Break]) -> None:
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

    def listen(self, row: Row[Any]) -> None:
        """Take down which times somebody was told, and what makes up for them."""
        number = row.parameters.get("request")
        if number is None or row.person_id == KIM:
            return
        if self.awake:
            self.check_promises(row.created_at)
        key, kind = (number, PersonId(row.person_id)), row.kind
        if kind in A_TIME:
            back_at = datetime.fromisoformat(row.parameters["back_at"])
            assert kind in ("space.request", *ASKED) or back_at >= self.told.get(key, back_at)
            assert back_at <= self.breaks[number].started_at + LONGEST, ("too far away", kind, back_at)
            if back_at > row.created_at:  # whoever comes back when it is past has been asked
                self.told[key] = back_at
        elif kind == "space.taken_back" and self.breaks[number].open:
            pass  # the other is still away, and comes back at that time
        elif kind.startswith(IT_IS_TIME) or kind in OVER:
            self.told.pop(key, None)
        self._listen_for_meetings(row, key)

    def _listen_for_meetings(self, row: Row[Any], key: tuple[int, PersonId]) -> None:
        at = row.parameters.get("meet_at") or row.parameters.get("ready_at")
        if row.kind in ("ready.kept", "ready.sent", "space.meets_later") or (
            at is not None and row.kind.startswith(("space.how_now", "space.back"))
        ):
            self.meets[key] = datetime.fromisoformat(at)
        elif row.kind in NO_MEETING:
            self.meets.pop(key, None)
        elif row.kind in ("card.both", "space.joined", "space.withdrawn", "space.taken_back"):
            for person in PAIR:
                self.meets.pop((key[0], person), None)
        elif row.kind in ("space.request", "space.sent"):  # a new break: nothing more comes of the last one
            self.meets.clear()

    def check_promises(self, until: datetime) -> None:
        """Every time that was told before `until`, and came while the machine was awake, was kept."""
        for (number, person), at in self.told.items():
            late = at < until and (at >= self.awake_since or until > self.now)
            assert not late, f"{NAMES[person]} was told {at} of break {number}, and heard nothing"
        for key, at in list(self.meets.items()):
            if self.awake_since - at >= TALK_WITHIN:
                del self.meets[key]  # slept through: by then it is over
            elif at < until and (at >= self.awake_since or until > self.now):
                # Who is still away then puts it off; whoever is back was told a time to talk.
                assert self.breaks[key[0]].open_at(at), (
                    f"{NAMES[key[1]]} was told {at} to talk, and was not asked"
                )
                del self.meets[key]

    def check_tables(self) -> None:
        open_ones = [each for each in self.breaks.values() if each.open]
        for couple in {each.couple for each in open_ones if each.couple is not None}:
            assert couple == self.couple, "a break outlives its link"
            assert sum(each.couple == couple for each in open_ones) == 1, "two open breaks of one couple"
        for each in open_ones:
            assert not self.awake or self.now - each.started_at < DAY, "longer than a day"
        for kind, subject in self.timers:
            about = self.breaks[subject]
            assert about.couple in (None, self.couple), f"{kind} of a link that ended"
            assert about.state not in ("withdrawn", "lapsed", "closed"), f"{kind} of a break that is over"
