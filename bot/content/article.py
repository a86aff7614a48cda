"""The therapist's article, by its fingerprints: it is not in here, and none of its sentences may be.

See docs/decisions/0010-the-article-is-known-by-fingerprints.md.
"""

import hashlib
import re
import textwrap
from collections.abc import Iterable, Mapping
from typing import Annotated

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bot.content.located import Document, Fault
from bot.content.wording import runs, words_of

RUN = 7
"""Words in a row that nobody writes twice by chance."""

Hash = Annotated[str, Field(pattern=r"^[0-9a-f]{8}$")]
Hashes = Annotated[
    frozenset[Hash], BeforeValidator(lambda text: text.split() if isinstance(text, str) else text)
]

HEAD = """\
# The article this bot grew out of, known by fingerprints: its text is not ours to keep here. Each is the
# beginning of the SHA-256 of {run} words in a row; no text can be read from them. `content check` finds by
# them what was copied, and whether a quote is still word for word. Made by
#   python -m bot content fingerprint article.txt --but "the article's title" > content/article.yaml
"""


class Article(BaseModel):
    """`article.yaml`: hashes of the quotes, and of every run of words outside of them."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    words: Annotated[int, Field(ge=3)]
    quotes: dict[str, Hash]
    runs: Hashes

    def copied(self, words: list[str]) -> str | None:
        """The first of these words that stand in the article, or None."""
        return next((run for run in runs(words, self.words) if fingerprint(run) in self.runs), None)


def fingerprint(words: str) -> str:
    return hashlib.sha256(words.encode()).hexdigest()[:8]


def of_quote(text: str) -> str:
    return fingerprint(" ".join(words_of(text)))


def make(text: str, quotes: Mapping[str, str], free: Iterable[str] = ()) -> Article:
    """The fingerprints of an article; what is quoted, and what is `free` to use, is left out."""
    free_runs = {run for each in (*quotes.values(), *free) for run in runs(words_of(each), RUN)}
    paragraphs = [words_of(paragraph) for paragraph in re.split(r"\n\s*\n", text)]
    return Article(
        words=RUN,
        quotes={name: of_quote(quote) for name, quote in quotes.items()},
        runs=frozenset(
            fingerprint(run) for each in paragraphs for run in runs(each, RUN) if run not in free_runs
        ),
    )


def write(article: Article) -> str:
    """As a file."""
    quotes = "\n".join(f'  {name}: "{value}"' for name, value in article.quotes.items())
    lines = textwrap.fill(
        " ".join(sorted(article.runs)),
        110,
        initial_indent="  ",
        subsequent_indent="  ",
        break_long_words=False,
    )
    head = HEAD.format(run=article.words)
    return f"{head}\nwords: {article.words}\n\nquotes:\n{quotes}\n\nruns: >-\n{lines}\n"


def check(document: Document) -> tuple[Article | None, list[Fault]]:
    """The fingerprints, or every fault of the file."""
    try:
        return Article.model_validate(document.data), []
    except ValidationError as error:
        return None, [document.fault(each["loc"], each["msg"]) for each in error.errors()]
