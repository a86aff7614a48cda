"""What a person types, held against the phrases of their language: words of crisis, and plain wishes.

The phrases are content: content/<locale>/phrases.yaml lists them under the names of the fields below and
explains how they are written. Ask `danger` before `action`; neither knows of the other.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cache, cached_property

from bot.domain.phrase_search import PhraseSearch

LONGEST_WISH = 12  # words; whatever is longer tells a story and opens no menu
NEAR = 10  # words from the first part of "one & another" to the others, before or after it

_APOSTROPHES = re.compile("['‘’ʼ`´′＇]")
_DIGIT_LETTER = re.compile(r"(?<=\d)(?=[^\W\d])")
_RUN = re.compile(r"(\D)\1+")
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue"})  # ß is ss already: casefold
_PART_OF_WORD = re.compile(r"[^\s/]*(?:\w\*|\*\w)[^\s/]*")
_STANDS_FOR = {"*": r"(?:[^\s|]+ ){0,3}", "<time>": r"(?:#?\d{1,4} )"}


class Danger(StrEnum):
    """What words of crisis speak of: it says which people are named first."""

    LIFE = "life"
    """suicide, self-harm, harming somebody"""
    VIOLENCE = "violence"
    """what somebody does to the one who writes, or may do"""


class Action(StrEnum):
    SPACE = "space"
    BACK = "back"
    CHECK_IN = "check_in"
    BREATHE = "breathe"
    REMIND = "remind"
    HELP = "help"
    TALK = "talk"
    LATER = "later"
    GROUND = "ground"
    JOURNAL = "journal"
    TRENDS = "trends"
    AGREEMENT = "agreement"


@dataclass(frozen=True)
class Wanted:
    action: Action
    minutes: int | None = None


@dataclass(frozen=True)
class Phrases:
    crisis: Sequence[str]
    violence: Sequence[str] = ()
    not_crisis: Sequence[str] = ()
    actions: Mapping[str, Sequence[str]] = field(default_factory=dict)  # the first that matches holds
    words: Mapping[str, Sequence[str]] = field(default_factory=dict)
    same: Mapping[str, str] = field(default_factory=dict)
    polite: Sequence[str] = ()  # single words, skipped in wishes
    mistyped: Sequence[str] = ()  # one typing error is forgiven in these
    minutes: Mapping[str, Mapping[str, int]] = field(default_factory=dict)  # wordings, numbers, units

    def __post_init__(self) -> None:
        """Read every phrase now, so that a mistake in one shows at start-up, as a ValueError."""
        wishes = (phrase.removeprefix("=") for phrases in self.actions.values() for phrase in phrases)
        crisis = (phrase.replace(" & ", " ") for phrase in (*self.crisis, *self.violence))
        for phrase in (*crisis, *self.not_crisis, *wishes):
            for item in phrase.split():
                self._pieces(item)
        for name in self.actions:
            Action(name)
        _ = self._times

    def danger(self, text: str) -> Danger | None:
        """Does this speak of suicide, self-harm or violence, once the idioms are taken out?

        Where it speaks of both, LIFE.
        """
        line = self._idioms.sub("| ", self._line(_words(text)))
        for danger, alone, firsts, groups in self._in_crisis:
            near = ([self._part(each) for each in groups[number]] for number in firsts.possible(line))
            if alone.search(line) or _near(near, line):
                return danger
        return None

    def is_crisis(self, text: str) -> bool:
        """Words of crisis of any kind."""
        return self.danger(text) is not None

    def action(self, text: str) -> Wanted | None:
        """What a short message plainly asks for, with the minutes it names."""
        words = _words(text)
        if len(words) > LONGEST_WISH:
            return None
        timed = self._times.sub(self._as_minutes, self._line(words))
        line = "".join(f"{word} " for word in timed.split() if word not in self.polite)
        for action, anywhere, whole in self._wishes:
            if found := whole.fullmatch(line) or anywhere.search(line):
                said = re.search(r"#(\d+)", line) or re.search(r"(\d+)", found.group())
                return Wanted(action, int(said[1]) if said and action is Action.SPACE else None)
        return None

    def _line(self, words: Iterable[str]) -> str:
        """One line to search: spelling mended, short forms written out, a space after every word."""
        return "".join(f"{self._same.get(word, word)} " for word in map(self._mended, words))

    def _mended(self, word: str) -> str:
        if word in self._known:
            return word
        if any(len(run[0]) > 2 for run in _RUN.finditer(word)):
            word = _RUN.sub(r"\1", word)
            return self._known_by.get(word, [word])[0]
        close = (known for known in self._known_by.get(word[0] + "*", ()) if _one_typo(word, known))
        return next(close, word)

    def _as_minutes(self, found: re.Match[str]) -> str:
        if found["wording"]:
            return f"#{self._amounts['wordings'][found['wording']]} "
        number = self._amounts["numbers"].get(found["number"]) or int(found["number"])
        return f"#{number * self._amounts['units'][found['unit']]} "

    @cached_property
    def _same(self) -> dict[str, str]:
        return {" ".join(_words(short)): " ".join(_words(full)) for short, full in self.same.items()}

    @cached_property
    def _known(self) -> dict[str, None]:
        lists = [
            self.crisis,
            self.violence,
            self.not_crisis,
            self.polite,
            self.mistyped,
            self.same,
            self.same.values(),
        ]
        lists += [*self.actions.values(), *self.words.values(), *self.minutes.values()]
        whole = (_PART_OF_WORD.sub("", phrase) for phrases in lists for phrase in phrases)
        return dict.fromkeys(word for phrase in whole for word in _words(phrase))

    @cached_property
    def _known_by(self) -> dict[str, list[str]]:
        """Known words by their spelling without double letters ("kil"); `mistyped` by first letter ("k*")."""
        index = dict[str, list[str]]()
        for word in self._known:
            index.setdefault(_RUN.sub(r"\1", word), []).append(word)
        for word in (one for phrase in self.mistyped for one in _words(phrase)):
            index.setdefault(word[0] + "*", []).append(word)
        return index

    @cached_property
    def _amounts(self) -> dict[str, dict[str, int]]:
        kinds = {kind: self.minutes.get(kind, {}) for kind in ("wordings", "numbers", "units")}
        return {kind: {" ".join(_words(k)): v for k, v in named.items()} for kind, named in kinds.items()}

    @cached_property
    def _times(self) -> re.Pattern[str]:
        longest_first = (sorted(names, key=len, reverse=True) for names in self._amounts.values())
        wording, number, unit = ("|".join(map(re.escape, names)) or "(?!)" for names in longest_first)
        amount = rf"(?P<wording>{wording})|(?<!\d )(?P<number>\d{{1,4}}|{number}) (?P<unit>{unit})"
        return re.compile(rf"(?<!\S)(?:{amount}) ")

    @cached_property
    def _idioms(self) -> PhraseSearch:
        return self._searched(self.not_crisis)

    @cached_property
    def _in_crisis(self) -> list[tuple[Danger, PhraseSearch, PhraseSearch, list[list[str]]]]:
        """By what is named first: the phrases that stand alone, and those of parts near each other (the first
        parts once more, to tell quickly which of them are worth a look)."""
        found = []
        for danger, phrases in ((Danger.LIFE, self.crisis), (Danger.VIOLENCE, self.violence)):
            alone = self._searched(phrase for phrase in phrases if " & " not in phrase)
            groups = [phrase.split(" & ") for phrase in phrases if " & " in phrase]
            firsts = self._searched(group[0] for group in groups)
            found.append((danger, alone, firsts, groups))
        return found

    @cached_property
    def _wishes(self) -> list[tuple[Action, re.Pattern[str], re.Pattern[str]]]:
        def compiled(phrases: Sequence[str], whole: bool) -> re.Pattern[str]:
            return self._compiled(p.removeprefix("=") for p in phrases if p.startswith("=") is whole)

        return [(Action(name), compiled(p, False), compiled(p, True)) for name, p in self.actions.items()]

    @cached_property
    def _part(self) -> Callable[[str], re.Pattern[str]]:
        """Many share one part, and few texts need it: each is compiled once, when it is needed."""
        return cache(lambda part: self._compiled([part]))

    def _searched(self, phrases: Iterable[str]) -> PhraseSearch:
        every = (phrase.split() for phrase in phrases)
        return PhraseSearch(("".join(map(self._pieces, items)), self._heads(items)) for items in every)

    def _heads(self, items: Sequence[str]) -> frozenset[str] | None:
        """The words a phrase can begin with (“kil*”: all that begin so); None if it can be any."""
        heads = set[str]()
        for item in items:
            if item in _STANDS_FOR:
                return None
            for choice in self._choices(item):
                first = (
                    _words(choice.split("*")[0]) if "*" in choice else self._line(_words(choice)).split()
                )[:1]
                if not first:
                    return None
                heads.add(first[0] + "*" * ("*" in choice))
            if not item.endswith("?"):
                return frozenset(heads)
        return None

    def _compiled(self, phrases: Iterable[str]) -> re.Pattern[str]:
        either = "|".join("".join(map(self._pieces, phrase.split())) for phrase in phrases)
        return re.compile(rf"(?<!\S)(?=\S)(?:{either})" if either else r"(?!)")

    @cached_property
    def _pieces(self) -> Callable[[str], str]:
        """Most items stand in many phrases: each is worked out once."""
        return cache(self._piece)

    def _piece(self, item: str) -> str:
        if item in _STANDS_FOR:
            return _STANDS_FOR[item]
        return f"(?:{'|'.join(map(self._spelled, self._choices(item)))})" + "?" * item.endswith("?")

    def _choices(self, item: str) -> list[str]:
        """What may stand in its place. Raises ValueError."""
        choices: list[str] = []
        for name in item.removesuffix("?").split("/"):
            listed = re.fullmatch("<(.+)>", name)
            if (listed and listed[1] not in self.words) or (
                not listed and re.search("[<>#&=?]|^[*]*$", name)
            ):
                raise ValueError(f"{item!r} is not written as a phrase can be, or names no list of words")
            choices += self.words[listed[1]] if listed else [name]
        return choices

    @cached_property
    def _spelled(self) -> Callable[[str], str]:
        """And so do most words."""
        return cache(self._word)

    def _word(self, choice: str) -> str:
        if "*" in choice:
            return r"[^\s|]*".join(re.escape(" ".join(_words(part))) for part in choice.split("*")) + " "
        return re.escape(self._line(_words(choice)))


def same_words(one: str, other: str) -> bool:
    """Whether two texts are the same but for case, punctuation and spacing."""
    return _words(one) == _words(other)


def _words(text: str) -> list[str]:
    plain = unicodedata.normalize("NFKC", _APOSTROPHES.sub("", text)).casefold().translate(_UMLAUTS)
    kept = "".join(c if unicodedata.category(c)[0] in "LNM" else " " for c in _DIGIT_LETTER.sub(" ", plain))
    return [word for word in kept.split() if any(c.isalnum() for c in word)]


def _near(groups: Iterable[Sequence[re.Pattern[str]]], line: str) -> bool:
    """In one of the groups, does the first part stand within NEAR words of every other part?"""
    number = {word.start(): n for n, word in enumerate(re.finditer(r"\S+", line))}
    for first, *others in groups:
        places = {number[found.start()] for found in first.finditer(line)}
        for part in others if places else ():
            found_at = [number[found.start()] for found in part.finditer(line)]
            places &= {n + far for n in found_at for far in range(-NEAR, NEAR + 1)}
        if places:
            return True
    return False


def _one_typo(typed: str, meant: str) -> bool:
    """One letter wrong, missing, too many, or two neighbours swapped."""
    pairs = enumerate(zip(f"{typed}<", f"{meant}>", strict=False))
    same = next(place for place, (one, two) in pairs if one != two)
    one, two = typed[same:], meant[same:]
    swapped = one[:2] == two[1::-1] and one[2:] == two[2:]
    return swapped or one[1:] == two[1:] or one[1:] == two or one == two[1:]
