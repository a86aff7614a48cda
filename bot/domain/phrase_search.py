"""Very many patterns held against one line: at each word only those are tried that can begin with it."""

import re
from collections.abc import Iterable, Iterator, Sequence

_WORD = re.compile(r"\S+")


class PhraseSearch:
    """Regular expressions over whole words; where several fit, the first of them counts.

    Each comes with the words it can begin with: “kill”, or “kil*” for all that begin so; None for any.
    One is compiled when a text first has such a word: all of them at once would take a third of a second.
    """

    def __init__(self, patterns: Iterable[tuple[str, frozenset[str] | None]]) -> None:
        self._patterns: list[str | re.Pattern[str]] = []
        self._by_word: dict[str, list[int]] = {}
        self._by_beginning: dict[str, list[tuple[str, int]]] = {}
        self._anywhere: list[int] = []
        for number, (pattern, heads) in enumerate(patterns):
            self._patterns.append(pattern)
            if heads is None:
                self._anywhere.append(number)
            for head in heads or ():
                if head.endswith("*"):
                    self._by_beginning.setdefault(head[0], []).append((head[:-1], number))
                else:
                    self._by_word.setdefault(head, []).append(number)

    def possible(self, line: str) -> list[int]:
        """Which patterns (by their places) could be found, going by their first words."""
        return sorted({number for word in set(line.split()) for number in self._candidates(word)})

    def finditer(self, line: str) -> Iterator[re.Match[str]]:
        """What is found, from left to right; nothing twice."""
        end = 0
        for word in _WORD.finditer(line):
            if word.start() >= end and (found := self._match(line, word)) is not None:
                end = found.end()
                yield found

    def search(self, line: str) -> re.Match[str] | None:
        """The first that is found."""
        return next(self.finditer(line), None)

    def sub(self, replacement: str, line: str) -> str:
        """The line with `replacement` for all that is found."""
        parts, end = [], 0
        for found in self.finditer(line):
            parts += [line[end : found.start()], replacement]
            end = found.end()
        return "".join([*parts, line[end:]])

    def _match(self, line: str, word: re.Match[str]) -> re.Match[str] | None:
        matches = (self._compiled(number).match(line, word.start()) for number in self._candidates(word[0]))
        return next((found for found in matches if found is not None), None)

    def _candidates(self, word: str) -> Sequence[int]:
        begin_so = [
            number for beginning, number in self._by_beginning.get(word[0], ()) if word.startswith(beginning)
        ]
        if not begin_so and not self._anywhere:
            return self._by_word.get(word, ())
        return sorted({*self._by_word.get(word, ()), *begin_so, *self._anywhere})

    def _compiled(self, number: int) -> re.Pattern[str]:
        pattern = self._patterns[number]
        if isinstance(pattern, str):
            pattern = self._patterns[number] = re.compile(pattern)
        return pattern
