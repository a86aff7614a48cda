"""A wish is clauses, and perhaps a text.

wish    = clause… [kind | ":" text | opener text | text]
        | ask opener text clause…                 “remind me to drink water every 2 hours”
"""

from collections.abc import Sequence

from bot.domain import wish_text
from bot.domain.nudging import Kind
from bot.domain.wish_clauses import Clauses, Draft
from bot.domain.wish_clock import Cursor, Unclear
from bot.domain.wish_words import Role, Token, Vocabulary


def read(text: str, vocabulary: Vocabulary) -> Draft:
    """What is said. Raises Unclear when a word is left over, or something is said twice."""
    tokens = vocabulary.tokens(text)
    clauses = Clauses(tokens)
    clauses.read()
    draft = clauses.draft
    if clauses.at_end:
        return draft
    if draft == Draft() and clauses.has_asked and clauses.cursor.sees(Role.ABOUT):
        return _text_first(text, tokens, clauses.cursor.at)
    _set_text(draft, _rest(text, clauses))
    return draft


def _rest(text: str, clauses: Clauses) -> Kind | str:
    """The text behind the clauses."""
    cursor, draft = clauses.cursor, clauses.draft
    if cursor.sees_mark(":"):
        behind = cursor.tokens[cursor.at + 1 :]
        return wish_text.after_colon(text, _some(behind))
    if clauses.kind_at == cursor.at - 1:  # “breathe deeply” is no kind, but a text
        cursor.at, draft.kind = clauses.kind_at, None
    if cursor.sees(Role.ABOUT):
        _skip_openers(cursor)
        return wish_text.after_opener(text, _some(cursor.tokens[cursor.at :]))
    if not draft.is_sure:
        raise Unclear
    return wish_text.alone(text, cursor.tokens[cursor.at :])


def _text_first(text: str, tokens: Sequence[Token], opener: int) -> Draft:
    """“Remind me to drink water every 2 hours”: the times are all that can be read so, up to the end."""
    cursor = Cursor(tokens, opener)
    _skip_openers(cursor)
    for at in range(cursor.at + 1, len(tokens)):
        clauses = Clauses(tokens[at:])
        try:
            clauses.read()
        except Unclear:
            continue
        if clauses.at_end and clauses.draft.is_timed and clauses.draft.kind is None:
            _set_text(clauses.draft, wish_text.before_times(text, tokens[cursor.at : at]))
            return clauses.draft
    raise Unclear


def _skip_openers(cursor: Cursor) -> None:
    while cursor.skip(Role.ABOUT, Role.ASK):  # “daran erinnern, zu …”
        if cursor.sees_mark(","):
            cursor.at += 1


def _some(tokens: Sequence[Token]) -> Sequence[Token]:
    if not tokens:
        raise Unclear
    return tokens


def _set_text(draft: Draft, said: Kind | str) -> None:
    if draft.kind is not None:
        raise Unclear
    if isinstance(said, Kind):
        draft.kind = said
    else:
        draft.kind, draft.text = Kind.OWN, said
