"""A check-in as data: a graph of steps. What can be wrong with one is in `script_rules`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from bot.domain.model import Lean


class Kind(StrEnum):
    """What a step does. All but SAY, BRANCH and END wait for the person."""

    SAY = "say"
    ASK = "ask"
    SCALE = "scale"
    WRITE = "write"
    BREATHE = "breathe"
    GROUND = "ground"
    """a row of small parts, one tap each"""
    OFFER = "offer"
    """ways on: each hands over to something else, or leads on"""
    BRANCH = "branch"
    """chooses silently"""
    END = "end"

    @property
    def waits(self) -> bool:
        return self not in (Kind.SAY, Kind.BRANCH, Kind.END)

    @property
    def chooses(self) -> bool:
        return self in (Kind.ASK, Kind.OFFER)

    @property
    def is_answered(self) -> bool:
        """Whether its answer can stand in a later text."""
        return self in (Kind.ASK, Kind.SCALE, Kind.WRITE)


class Action(StrEnum):
    """What a script can hand over to."""

    SPACE = "space"
    SIGNAL = "signal"
    TALK = "talk"
    BREATHE = "breathe"
    WRITE = "write"
    REMIND = "remind"
    WEEKLY = "weekly"
    """the look back, every Sunday from now on"""
    SCRIPT = "script"
    SEND = "send"
    HOLD = "hold"
    KEEP = "keep"
    DONE = "done"

    @property
    def takes_words(self) -> bool:
        """Whether it is about a line that was written before."""
        return self in (Action.SEND, Action.HOLD, Action.KEEP)


class Keep(StrEnum):
    """What becomes of a written line when the check-in ends."""

    JOURNAL = "journal"
    NOTHING = "nothing"


class Measure(StrEnum):
    """What a SCALE step asks for."""

    INTENSITY = "intensity"
    OTHER = "other"


class TimeOfDay(StrEnum):
    MORNING = "morning"
    DAY = "day"
    EVENING = "evening"
    NIGHT = "night"

    @classmethod
    def at(cls, hour: int) -> "TimeOfDay":
        """Morning from 5, day from 11, evening from 17, night from 22."""
        begins = {5: cls.MORNING, 11: cls.DAY, 17: cls.EVENING, 22: cls.NIGHT}
        return next((part for start, part in reversed(begins.items()) if hour >= start), cls.NIGHT)


UNKNOWN = "unknown"
"""How somebody leans who has not said so."""
WRITTEN, SKIPPED = "written", "skipped"
"""What is kept of an answer without a choice or a number."""


@dataclass(frozen=True)
class When:
    """A condition: all that is given must hold. A step that was not answered never holds."""

    at_least: Mapping[str, int] = field(default_factory=dict)
    at_most: Mapping[str, int] = field(default_factory=dict)
    answer: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    leans: tuple[str, ...] = ()
    linked: bool | None = None
    time: tuple[TimeOfDay, ...] = ()

    @property
    def about(self) -> set[str]:
        """The steps it asks about: where it holds, they were answered."""
        return {*self.at_least, *self.at_most, *self.answer}


@dataclass(frozen=True)
class Choice:
    """A button: it leads on to a step, or hands over to something else and ends the script.

    `script` is the check-in that SCRIPT hands over to, `of` the step whose line SEND, HOLD and KEEP take.
    """

    id: str
    label: str
    next: str | None = None
    do: Action | None = None
    script: str | None = None
    of: str | None = None
    leans: Lean | None = None
    when: When | None = None


@dataclass(frozen=True)
class Way:
    """One way on from a BRANCH."""

    when: When
    next: str


@dataclass(frozen=True)
class Step:
    """One message of a script (a BRANCH is none).

    `more_texts` are other wordings of `text`. `skip` is the way past an unanswered step, where that is not
    `next`; `label` words the button for it. `seconds` and `pattern` are a breath's, `parts` a GROUND's.
    """

    id: str
    kind: Kind
    text: str = ""
    next: str | None = None
    choices: tuple[Choice, ...] = ()
    label: str | None = None
    quote: str | None = None
    seconds: int = 60
    pattern: str = "slow"
    more_texts: tuple[str, ...] = ()
    skip: str | None = None
    ways: tuple[Way, ...] = ()
    parts: tuple[str, ...] = ()
    keep: Keep = Keep.JOURNAL
    limit: int | None = None
    measures: Measure = Measure.INTENSITY

    @property
    def texts(self) -> tuple[str, ...]:
        return (self.text, *self.more_texts)

    def wording(self, number: int) -> str:
        """The wording for the n-th run: the tenth check-in does not read like the first."""
        return self.texts[number % len(self.texts)]

    @property
    def way_past(self) -> str | None:
        """Where a skip leads."""
        if not self.kind.waits or self.kind is Kind.OFFER:
            return None
        return self.skip or self.next

    @property
    def ways_on(self) -> Iterator[str]:
        """The ids of all steps that can come next."""
        ways = (self.next, self.skip, *(way.next for way in self.ways), *(each.next for each in self.choices))
        return (way for way in ways if way is not None)

    def choice(self, choice: str) -> Choice | None:
        return next((each for each in self.choices if each.id == choice), None)


@dataclass(frozen=True)
class Script:
    """A check-in in one locale. `evidence` and `source` say what its statements rest on.

    `keep`: NOTHING forgets its answers when it ends; what was written each step decides for itself.
    """

    id: str
    version: int
    title: str
    promise: str
    source: str
    start: str
    steps: Mapping[str, Step] = field(default_factory=dict)
    evidence: str = ""
    keep: Keep = Keep.JOURNAL


Where = tuple[str | int, ...]
"""A place in a script's file: keys and indexes from the top."""


@dataclass(frozen=True)
class Issue:
    """A fault: where in the file, and what is wrong."""

    where: Where
    message: str
