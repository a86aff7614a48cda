"""What a reminder shall say, in the person's own words: the rest of a wish, once its times are taken out."""

import unicodedata
from collections.abc import Sequence

from bot.domain.nudging import Kind
from bot.domain.wish_clock import Unclear
from bot.domain.wish_words import MORE, WHEN, Role, Token

MOST_TEXT = 100
"""Characters."""
_JOINER = "\u200d"
"""Holds emoji together."""
_BEGINNINGS = frozenset({Role.IN, Role.ON, Role.AT, Role.FROM, Role.TO, Role.BETWEEN, Role.NEXT})
_AROUND = frozenset({Role.POLITE, Role.ASK, Role.MARK})


def after_colon(text: str, tokens: Sequence[Token]) -> Kind | str:
    """Anything at all, as typed; but not “lean in, not on Sundays”, which is no text."""
    if _some(tokens, {Role.EXCEPT}) or (_some(tokens, {Role.NOT}) and _some(tokens, WHEN)):
        raise Unclear
    return _kind(tokens) or _checked(text[tokens[0].start :].strip())


def after_opener(text: str, tokens: Sequence[Token]) -> Kind | str:
    """Behind “to …”: nothing that could belong to the times."""
    if _some(tokens, WHEN | {Role.NOT, Role.EXCEPT}):
        raise Unclear
    return _kind(tokens) or _checked(_typed(text, tokens))


def before_times(text: str, tokens: Sequence[Token]) -> Kind | str:
    """Between “to …” and the times."""
    if _some(tokens, {Role.PART}):
        raise Unclear
    return after_opener(text, tokens)


def alone(text: str, tokens: Sequence[Token]) -> Kind | str:
    """Without anything that says that a text begins: a sentence that only contains a time is none."""
    first = tokens[0]
    if first.start > 0 and text[first.start - 1].isalnum():
        raise Unclear
    if not first.typed[0].isalpha() or _some(tokens[:1], _BEGINNINGS):
        raise Unclear
    numbers = [token for token in tokens if Role.NUMBER in token.roles and Role.ARTICLE not in token.roles]
    if numbers or _some(tokens, MORE):
        raise Unclear
    return after_opener(text, tokens)


def _some(tokens: Sequence[Token], roles: frozenset[Role] | set[Role]) -> bool:
    return any(roles & token.roles.keys() for token in tokens)


def _kind(tokens: Sequence[Token]) -> Kind | None:
    """One of the kinds, if that is all there is."""
    rest = [token for token in tokens if not _AROUND & token.roles.keys()]
    if len(rest) != 1:
        return None
    kind: Kind | None = rest[0].roles.get(Role.KIND)
    return kind


def _typed(text: str, tokens: Sequence[Token]) -> str:
    """Without courtesy and marks at its ends."""
    kept = [n for n, token in enumerate(tokens) if not _AROUND & token.roles.keys()]
    if not kept:
        raise Unclear
    return text[tokens[kept[0]].start : tokens[kept[-1]].end]


def _checked(own: str) -> str:
    odd = (unicodedata.category(each)[0] == "C" and each != _JOINER for each in own)
    if len(own) > MOST_TEXT or not any(map(str.isalpha, own)) or any(odd):
        raise Unclear
    return own
