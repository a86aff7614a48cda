"""What a person types when they want a reminder, as tokens: words with their roles, numbers, marks.

The words are content: content/<locale>/reminders.yaml lists them under the names of the fields below and
explains them. The grammar (`domain.wish_clauses`) knows roles only, so it is the same for every language.
"""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property
from typing import Any

from bot.domain.nudging import Kind

DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
UNITS = {"minute": 1, "hour": 60, "day": 24 * 60, "week": 7 * 24 * 60}
"""In minutes."""
DATES = {"today": 0, "tomorrow": 1, "after_tomorrow": 2}
"""In days from today."""
SHORTEST_MENDED = 5  # letters: in shorter words one typing error makes too many others

LONGEST_WORDING = 6  # words


class Role(StrEnum):
    """What a word can stand for; one word can have several."""

    NUMBER = "number"
    ARTICLE = "article"
    DAY = "day"
    EACH_DAY = "each_day"
    WEEKDAYS = "weekdays"
    WEEKEND = "weekend"
    EVERY_DAY = "every_day"
    A_DAY = "a_day"
    DATE = "date"
    NEXT = "next"
    EVERY = "every"
    OTHER = "other"
    UNIT = "unit"
    LENGTH = "length"
    COUNT = "count"
    TIMES = "times"
    FROM = "from"
    TO = "to"
    BETWEEN = "between"
    AND = "and"
    AT = "at"
    ON = "on"
    IN = "in"
    O_CLOCK = "o_clock"
    AM = "am"
    PM = "pm"
    PAST_HOUR = "past_hour"
    AFTER = "after"
    BEFORE = "before"
    PART = "part"
    EACH_PART = "each_part"
    ABOUT = "about"
    ASK = "ask"
    POLITE = "polite"
    NOT = "not"
    EXCEPT = "except"
    STORY = "story"
    KIND = "kind"
    MARK = "mark"


PLAIN = (
    *(Role.ARTICLE, Role.WEEKDAYS, Role.WEEKEND, Role.EVERY_DAY, Role.A_DAY, Role.NEXT, Role.EVERY),
    *(Role.OTHER, Role.TIMES, Role.FROM, Role.TO, Role.BETWEEN, Role.AND, Role.AT, Role.ON, Role.IN),
    *(Role.O_CLOCK, Role.AM, Role.PM, Role.AFTER, Role.BEFORE, Role.ABOUT, Role.ASK, Role.POLITE),
    *(Role.NOT, Role.EXCEPT, Role.STORY),
)
"""Roles without a value: their words stand in `lists`, under the role's name."""

WHEN = frozenset(
    {Role.EVERY, Role.EVERY_DAY, Role.DAY, Role.EACH_DAY, Role.WEEKDAYS, Role.WEEKEND}
    | {Role.DATE, Role.COUNT}
)
"""If one of these is left over, it is not clear any more when."""
MORE = WHEN | {Role.NOT, Role.EXCEPT, Role.STORY, Role.UNIT, Role.PART}


@dataclass(frozen=True)
class Part:
    """A part of the day. Hours go up to 29: 25 is one at night."""

    words: Sequence[str]
    each: Sequence[str]
    """Words that say that it is meant every time: mornings."""
    hours: tuple[int, int]
    """An hour said with it lies in here, the second one excluded."""
    at: str
    """The time that is meant if none is said: HH:MM."""
    window: tuple[str, str]
    """From when to when it is, for something that comes several times in it."""


@dataclass(frozen=True)
class Vocabulary:
    """One language's words for reminders."""

    lists: Mapping[str, Sequence[str]]
    days: Mapping[str, Sequence[str]] = field(default_factory=dict)
    each_day: Mapping[str, Sequence[str]] = field(default_factory=dict)
    dates: Mapping[str, Sequence[str]] = field(default_factory=dict)
    units: Mapping[str, Sequence[str]] = field(default_factory=dict)
    numbers: Mapping[str, int] = field(default_factory=dict)
    lengths: Mapping[str, int] = field(default_factory=dict)  # minutes
    counts: Mapping[str, int] = field(default_factory=dict)
    past_hour: Mapping[str, int] = field(default_factory=dict)  # minutes; before the hour: less than 0
    parts: Mapping[str, Part] = field(default_factory=dict)
    kinds: Mapping[str, Sequence[str]] = field(default_factory=dict)
    same: Mapping[str, str] = field(default_factory=dict)
    spelt_right: Sequence[str] = ()
    foreign: frozenset[str] = frozenset()
    """Words of the other languages, as `known`: no typing errors either."""

    def __post_init__(self) -> None:
        """Read everything now, so that a mistake shows at start-up, as a ValueError."""
        for short, full in self.same.items():
            if any(found is None for found, _ in _split(_words(full), self._meanings)):
                raise ValueError(f"“{short}” stands for words that are not in this file: “{full}”")

    def tokens(self, text: str) -> list["Token"]:
        """The text in tokens; those of words that nobody knows have no role."""
        pieces = [piece for piece in _PIECE.finditer(text) if not piece[0].isspace()]
        words = [self._mended(_plain(piece[0])) for piece in pieces]
        made: list[Token] = []
        at = 0
        for found, length in _split(words, self._meanings):
            start, end = pieces[at].start(), pieces[at + length - 1].end()
            roles = found or self._compound(words[at]) or (_roles_of(pieces[at][0]),)
            made += [Token(each, start, end, text[start:end]) for each in roles]
            at += length
        return made

    def means_more(self, text: str) -> bool:
        """Whether it has words that say when, or not when, or tell a story."""
        return any(MORE & token.roles.keys() for token in self.tokens(text))

    def _compound(self, word: str) -> Sequence["Roles"] | None:
        """A day and a part of it, written as one: “Sonntagabend”."""
        for cut in range(3, len(word) - 2):
            first, last = self._single.get(word[:cut], {}), self._single.get(word[cut:], {})
            if Role.DAY in first and Role.PART in last:
                return first, last
        return None

    def _mended(self, word: str) -> str:
        """The known word that this is, with one typing error; the word itself if it is not plainly one."""
        if (
            len(word) < SHORTEST_MENDED
            or word in self.known
            or word in self.foreign
            or not word.isalpha()
            or self._compound(word)
        ):
            return word
        close = [known for known in self._by_letter.get(word[0], ()) if _one_typo(word, known)]
        meant = [self._meanings.get((known,)) for known in close]
        return close[0] if close and all(each == meant[0] for each in meant) else word

    @cached_property
    def _meanings(self) -> Mapping[tuple[str, ...], Sequence["Roles"]]:
        known: dict[tuple[str, ...], Sequence[Roles]] = {}
        for wording, role, value in self._listed():
            words = tuple(_words(wording))
            known[words] = ({**known.get(words, ({},))[0], role: value},)
        stand_for = {
            tuple(_words(short)): [roles for found, _ in _split(_words(full), known) for roles in found or ()]
            for short, full in self.same.items()
        }
        return {**known, **stand_for}

    def _listed(self) -> Iterator[tuple[str, Role, Any]]:
        valued: list[tuple[Role, Mapping[str, Any]]] = [
            *((role, dict.fromkeys(self.lists.get(role, ()))) for role in PLAIN),
            *((Role.DAY, dict.fromkeys(self.days.get(day, ()), n)) for n, day in enumerate(DAYS)),
            *((Role.EACH_DAY, dict.fromkeys(self.each_day.get(day, ()), n)) for n, day in enumerate(DAYS)),
            *((Role.DATE, dict.fromkeys(self.dates.get(name, ()), n)) for name, n in DATES.items()),
            *((Role.UNIT, dict.fromkeys(self.units.get(name, ()), n)) for name, n in UNITS.items()),
            *((Role.KIND, dict.fromkeys(words, Kind(name))) for name, words in self.kinds.items()),
            *((Role.PART, dict.fromkeys((*part.words, *part.each), part)) for part in self.parts.values()),
            *((Role.EACH_PART, dict.fromkeys(part.each)) for part in self.parts.values()),
            *((Role.NUMBER, self.numbers), (Role.LENGTH, self.lengths), (Role.COUNT, self.counts)),
            (Role.PAST_HOUR, self.past_hour),
        ]
        return ((wording, role, value) for role, words in valued for wording, value in words.items())

    @cached_property
    def _single(self) -> Mapping[str, "Roles"]:
        return {
            words[0]: roles[0] for words, roles in self._meanings.items() if len(words) == len(roles) == 1
        }

    @cached_property
    def known(self) -> frozenset[str]:
        """Every single word that is right as it is."""
        right = (_plain(word) for word in self.spelt_right)
        return frozenset((*(word for words in self._meanings for word in words), *right))

    @cached_property
    def _by_letter(self) -> Mapping[str, Sequence[str]]:
        index: dict[str, list[str]] = {}
        right = {_plain(word) for word in self.spelt_right}
        for word in sorted(self.known - right):
            if len(word) >= SHORTEST_MENDED:
                index.setdefault(word[0], []).append(word)
        return index


Roles = Mapping[Role, Any]


@dataclass(frozen=True)
class Token:
    """A wording, a number or a mark, where it stands in the text."""

    roles: Roles
    start: int
    end: int
    typed: str

    @property
    def is_digits(self) -> bool:
        return self.typed.isdecimal()


_PIECE = re.compile(r"\d+|(?:[^\W\d_]\.)+[^\W\d_]\b\.?|[^\W\d_]+(?:['’‘ʼ`´][^\W\d_]+)*|\s+|.", re.DOTALL)
_DROPPED = re.compile("['’‘ʼ`´.]")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})  # ß is ss already: casefold
_DASHES = dict.fromkeys("–—−‐‑", "-")
_MOST_DIGITS = 6


def _plain(word: str) -> str:
    """One spelling for all: small, ae for ä, without apostrophes and the dots of “a.m.”."""
    plain = unicodedata.normalize("NFKC", word).casefold().translate(_UMLAUTS)
    return plain if len(plain) == 1 else _DROPPED.sub("", plain)


def _words(wording: str) -> list[str]:
    return [_plain(piece[0]) for piece in _PIECE.finditer(wording) if not piece[0].isspace()]


def _split(
    words: Sequence[str], meanings: Mapping[tuple[str, ...], Sequence[Roles]]
) -> Iterator[tuple[Sequence[Roles] | None, int]]:
    """The longest known wording at each place, and of how many words it is; None: not known."""
    at = 0
    while at < len(words):
        lengths = range(min(LONGEST_WORDING, len(words) - at), 0, -1)
        length = next((n for n in lengths if tuple(words[at : at + n]) in meanings), 1)
        yield meanings.get(tuple(words[at : at + length])), length
        at += length


def _roles_of(typed: str) -> Roles:
    """Of what is no wording: a number or a mark."""
    if typed.isdecimal():
        return {Role.NUMBER: int(typed)} if len(typed) <= _MOST_DIGITS else {}
    plain = unicodedata.normalize("NFKC", typed)
    return {} if plain.isalnum() else {Role.MARK: _DASHES.get(plain, plain)}


def _one_typo(typed: str, meant: str) -> bool:
    """One letter wrong, missing, too many, or two neighbours swapped."""
    pairs = enumerate(zip(f"{typed}<", f"{meant}>", strict=False))
    same = next(place for place, (one, two) in pairs if one != two)
    one, two = typed[same:], meant[same:]
    swapped = one[:2] == two[1::-1] and one[2:] == two[2:]
    return swapped or one[1:] == two[1:] or one[1:] == two or one == two[1:]
