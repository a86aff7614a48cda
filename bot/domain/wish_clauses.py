"""The grammar of wishes, the same for every language: clauses in any order, each at most once.

    clause  = days | every | count | window | ahead | times | kind, with commas and courtesy between them

Every word has to be understood; the text alone may be anything. “Not” and “except” stand in no clause, so
that nothing is ever taken for its opposite.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import time

from bot.domain import wish_clock
from bot.domain.nudging import Kind
from bot.domain.wish_clock import Cursor, Said, Unclear
from bot.domain.wish_words import UNITS, Role, Token

WEEKDAYS, WEEKEND = frozenset(range(5)), frozenset((5, 6))
_SEPARATORS = ",.!?()/+&-"
_NAMES_DAYS = (Role.DAY, Role.EACH_DAY, Role.WEEKDAYS, Role.WEEKEND)
_COURTESY = (Role.POLITE, Role.ASK)


@dataclass
class Draft:
    """What was said so far; None: nothing of the kind."""

    times: Sequence[Said] | None = None
    window: tuple[time, time] | None = None
    days: frozenset[int] | None = None
    is_one_day: bool = False
    """One weekday, and nothing says that every one of them is meant."""
    is_repeated: bool = False
    """“Every day”, “every week”, “mornings”: not just once."""
    every: int | None = None
    """Minutes."""
    count: int | None = None
    minutes_ahead: int | None = None
    days_ahead: int | None = None
    kind: Kind | None = None
    text: str | None = None

    @property
    def is_timed(self) -> bool:
        """Whether it says when, at least in part: a colon begins a text then."""
        return any(
            said is not None for said in (self.times, self.every, self.count, self.minutes_ahead, self.window)
        )

    @property
    def is_sure(self) -> bool:
        """Whether it is so surely a wish that what follows can be its text, even without a colon."""
        days = (self.days is not None and not self.is_one_day) or self.is_repeated
        return (
            (self.times is not None and (days or self.days_ahead is not None))
            or self.every is not None
            or self.minutes_ahead is not None
            or (self.count is not None and (self.window is not None or self.is_repeated))
        )


class Clauses:
    """Reads clauses, as many as there are, into a draft. Raises Unclear when something is said twice."""

    def __init__(self, tokens: Sequence[Token]) -> None:
        self.cursor = Cursor(tokens)
        self.draft = Draft()
        self.has_asked = False
        self.kind_at: int | None = None

    @property
    def at_end(self) -> bool:
        return self.cursor.at == len(self.cursor.tokens)

    def read(self) -> None:
        kinds = (self._days, self._every, self._count, self._window, self._ahead, self._times, self._kind)
        while not self.at_end and (self._separator() or any(clause() for clause in kinds)):
            pass

    def _separator(self) -> bool:
        self.has_asked |= self.cursor.sees(Role.ASK)
        if self.cursor.sees_mark(_SEPARATORS) or (self.cursor.sees_mark(":") and not self.draft.is_timed):
            self.cursor.at += 1
            return True
        last = self.cursor.at == len(self.cursor.tokens) - 1
        if self.cursor.skip(Role.A_DAY):
            self.draft.is_repeated = True
            return True
        return self.cursor.skip(*_COURTESY) or (not last and self.cursor.skip(Role.AND))

    def _say(self, **said: object) -> bool:
        """Note it; each thing once."""
        for name, value in said.items():
            if getattr(self.draft, name) is not None:
                raise Unclear
            setattr(self.draft, name, value)
        return True

    # Days

    def _days(self) -> bool:
        """“weekdays”, “Mon, Wed and Fri”, “from Monday to Thursday”, “every Sunday”, “next Friday”."""
        if self.cursor.skip(Role.EVERY_DAY):
            self.draft.is_repeated = True
            return self._say(days=WEEKDAYS | WEEKEND)
        begun = self.cursor.at
        every = self.cursor.skip(Role.EVERY)
        if not every:
            self.cursor.skip(Role.ON, Role.FROM)
            self.cursor.skip(Role.NEXT)
        if not self.cursor.sees(*_NAMES_DAYS):
            self.cursor.at = begun
            return False
        found, names = set[int](), 0
        each = every
        while True:
            each |= not self.cursor.sees(Role.DAY)
            found |= self._day_or_range()
            names += 1
            if not self._goes_on_with_days():
                break
        one = len(found) == 1 and names == 1 and not each
        self.draft.is_one_day = one
        self.draft.is_repeated |= not one
        return self._say(days=frozenset(found))

    def _goes_on_with_days(self) -> bool:
        begun = self.cursor.at
        joined = self._skip_joint()
        if joined:
            self.cursor.skip(Role.ON, Role.EVERY)
        if self.cursor.sees(*_NAMES_DAYS) and (joined or self.cursor.sees(Role.DAY, Role.EACH_DAY)):
            return True
        self.cursor.at = begun
        return False

    def _day_or_range(self) -> frozenset[int]:
        if self.cursor.skip(Role.WEEKDAYS):
            return WEEKDAYS
        if self.cursor.skip(Role.WEEKEND):
            return WEEKEND
        first = self._day()
        if self._sees_to() and self.cursor.sees(Role.DAY, Role.EACH_DAY, ahead=1):
            self.cursor.at += 1
            last = self._day()
            return frozenset((first + n) % 7 for n in range((last - first) % 7 + 1))
        return frozenset((first,))

    def _day(self) -> int:
        role = Role.DAY if self.cursor.sees(Role.DAY) else Role.EACH_DAY
        day: int = self.cursor.take(role)
        self._skip_dot()
        return day

    # How often

    def _every(self) -> bool:
        """“every 2 hours”, “every other hour”, “every half hour”, “every week”; “every morning” is a time."""
        if not self.cursor.skip(Role.EVERY):
            return False
        if self.cursor.sees(Role.PART):
            self.draft.is_repeated = True
            return True
        if self.cursor.skip(Role.OTHER):
            if not self.cursor.sees(Role.UNIT) or self.cursor.take(Role.UNIT) != UNITS["hour"]:
                raise Unclear
            return self._say(every=2 * UNITS["hour"])
        if self.cursor.sees(Role.UNIT) and self.cursor.value(Role.UNIT) == UNITS["week"]:
            self.cursor.at += 1
            self.draft.is_repeated = True
            return True
        minutes = self.cursor.take(Role.UNIT) if self.cursor.sees(Role.UNIT) else self._duration()
        if minutes is None or minutes >= UNITS["day"]:
            raise Unclear
        return self._say(every=minutes)

    def _count(self) -> bool:
        """“three times a day”, “twice”, “3x”."""
        if self.cursor.sees(Role.COUNT):
            self._say(count=self.cursor.take(Role.COUNT))
        elif self.cursor.sees(Role.NUMBER) and self.cursor.sees(Role.TIMES, ahead=1):
            self._say(count=self.cursor.take(Role.NUMBER))
            self.cursor.at += 1
        else:
            return False
        self.draft.is_repeated |= self.cursor.skip(Role.A_DAY, Role.EVERY_DAY)
        return True

    # Times

    def _window(self) -> bool:
        """“from 9 to 18”, “between 10 and 20”, “9-12”."""
        begun = self.cursor.at
        between = self.cursor.skip(Role.BETWEEN)
        if not between:
            self.cursor.skip(Role.FROM)
        start = wish_clock.read(self.cursor)
        if start is not None and (self._sees_to() or (between and self.cursor.sees(Role.AND))):
            self.cursor.at += 1
            end = wish_clock.read(self.cursor)
            if end is not None:
                return self._say(window=wish_clock.window(start, end))
        self.cursor.at = begun
        return False

    def _times(self) -> bool:
        """“at 9 and 14:30”, “9, 12 and 15”, “mornings at 8 and evenings at 9”."""
        begun = self.cursor.at
        self.cursor.skip(Role.AT)
        found: list[Said] = []
        part = None
        while True:
            if self.cursor.sees(Role.PART):
                part = self.cursor.value(Role.PART)
                self.draft.is_repeated |= self.cursor.sees(Role.EACH_PART)
            said = wish_clock.read(self.cursor, part)
            if said is None:
                break
            found.append(said)
            begun = self.cursor.at
            if not self._skip_joint():
                break
            self.draft.is_repeated |= self.cursor.skip(Role.EVERY)
            self.cursor.skip(Role.AT)
        self.cursor.at = begun
        return bool(found) and self._say(times=found)

    def _ahead(self) -> bool:
        """“in 40 minutes”, “tomorrow”."""
        if self.cursor.sees(Role.DATE):
            return self._say(days_ahead=self.cursor.take(Role.DATE))
        begun = self.cursor.at
        if self.cursor.skip(Role.IN) and (minutes := self._duration()) is not None:
            return self._say(minutes_ahead=minutes)
        self.cursor.at = begun
        return False

    def _duration(self) -> int | None:
        """Minutes: “40 min”, “an hour”, “1.5 hours”, “1 h 30 min”. None, and no step, if there are none."""
        if self.cursor.sees(Role.LENGTH):
            return int(self.cursor.take(Role.LENGTH))
        begun = self.cursor.at
        amount = self._amount()
        if amount is None or not self.cursor.sees(Role.UNIT):
            self.cursor.at = begun
            return None
        unit = self.cursor.take(Role.UNIT)
        self._skip_dot()
        minutes = amount * unit
        behind = self.cursor.at
        self._skip_joint()
        more = self._amount() if unit == UNITS["hour"] else None
        if more is not None and self.cursor.sees(Role.UNIT) and self.cursor.value(Role.UNIT) == 1:
            self.cursor.at += 1
            return int(minutes + more)
        self.cursor.at = behind
        if minutes != int(minutes):
            raise Unclear
        return int(minutes)

    def _amount(self) -> float | None:
        if self.cursor.sees(Role.NUMBER):
            whole: int = self.cursor.take(Role.NUMBER)
            if self.cursor.sees_mark(".,") and self.cursor.joined(0) and self.cursor.joined(1):
                behind = self.cursor.tokens[self.cursor.at + 1]
                if behind.is_digits and len(behind.typed) == 1:
                    self.cursor.at += 2
                    return whole + int(behind.typed) / 10
            return whole
        return 1 if self.cursor.skip(Role.ARTICLE) else None

    # Small words

    def _kind(self) -> bool:
        if not self.cursor.sees(Role.KIND):
            return False
        self.kind_at = self.cursor.at
        return self._say(kind=self.cursor.take(Role.KIND))

    def _sees_to(self) -> bool:
        return self.cursor.sees(Role.TO) or self.cursor.sees_mark("-")

    def _skip_dot(self) -> None:
        """Of a short form: “Mo.”, “Std.”."""
        if self.cursor.sees_mark(".") and self.cursor.joined(0):
            self.cursor.at += 1

    def _skip_joint(self) -> bool:
        """“, ”, “and”, “, and”, “/”."""
        begun = self.cursor.at
        if self.cursor.sees_mark(",/+&"):
            self.cursor.at += 1
        self.cursor.skip(Role.AND)
        return self.cursor.at > begun
