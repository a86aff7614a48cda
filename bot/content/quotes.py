"""The article's own words: quotes stand word for word, marked as quotes; nothing else of it stands at all."""

from collections.abc import Iterator, Mapping

from bot.content.article import RUN, Article, of_quote
from bot.content.located import Fault
from bot.content.reading import Language, Said
from bot.content.wording import quoted, runs, same, unquoted, words_of
from bot.domain.script import Step

SECTION = "quotes."
SENT = ("wording.few_minutes", "wording.settle_thoughts")
"""Quotes that are sent as a person's own words."""
Telling = Mapping[int, Mapping[str, str]]
"""Runs of words that give a quote away, by their length; and which quote it is."""


def quotes_of(language: Language) -> dict[str, str]:
    """The quotes in this language, by their id."""
    return {
        key.removeprefix(SECTION): wordings[0]
        for key, wordings in language.strings.items()
        if key.startswith(SECTION)
    }


def faults(language: Language, article: Article | None) -> Iterator[Fault]:
    """What is wrong with the quotes. `article` is given for the language it is written in."""
    quotes = quotes_of(language)
    if article is not None:
        yield from _changed(language, quotes, article)
    yield from _sent(language, quotes)
    for name, document in language.script_files.items():
        for step in language.scripts[name].script.steps.values():
            for where, message in _marked(step, quotes):
                yield document.fault(("steps", step.id, where), message)
    telling = _telling_runs(quotes)
    for said in language.says():
        words = words_of(said.text)
        if said.key not in SENT and not (said.key or "").startswith(SECTION):
            yield from _unmarked(said, words, telling)
        copied = None if article is None else article.copied(words)
        if copied is not None:
            yield said.fault(f"“{copied}”: these words stand in the article, and are no quote")


def _changed(language: Language, quotes: Mapping[str, str], article: Article) -> Iterator[Fault]:
    for name, text in quotes.items():
        if article.quotes.get(name) != of_quote(text):
            yield language.at(f"quotes.{name}", f"{name}: so it does not stand in the article")


def _sent(language: Language, quotes: Mapping[str, str]) -> Iterator[Fault]:
    for key in SENT:
        quote = quotes.get(key.split(".")[1])
        for number, text in enumerate(language.strings.get(key, ())):
            if quote is not None and not same(text, quote):
                yield language.at(key, f"{key}: differs from the quote “{quote}”", number)


def _marked(step: Step, quotes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """What is wrong with a step that is marked as a quote, and in which of its fields."""
    if step.quote is None:
        return
    quote = quotes.get(step.quote)
    if quote is None:
        yield "quote", f"“{step.quote}” is no quote; there are {', '.join(quotes) or 'none'}"
        return
    for text in step.texts:
        if not any(same(each, quote) for each in quoted(text)):
            yield "text", f"it must contain, in quotation marks and word for word: {quote}"


def _telling_runs(quotes: Mapping[str, str]) -> Telling:
    telling: dict[int, dict[str, str]] = {}
    for name, quote in quotes.items():
        words = words_of(quote)
        length = min(RUN, len(words))
        telling.setdefault(length, {}).update(dict.fromkeys(runs(words, length), name))
    return telling


def _unmarked(said: Said, words: list[str], telling: Telling) -> Iterator[Fault]:
    """Words of a quote where nothing says so: quotation marks in a string, `quote:` in a script."""
    found = _found(words, telling)
    if found and said.key is not None:
        found = {name for piece in unquoted(said.text) for name in _found(words_of(piece), telling)}
    for name in sorted(found - {said.quote}):
        needs = "quotation marks" if said.key is not None else f"“quote: {name}”"
        yield said.fault(f"these are words of the quote “{name}”: that needs {needs}")


def _found(words: list[str], telling: Telling) -> set[str]:
    return {some[run] for length, some in telling.items() for run in runs(words, length) if run in some}
