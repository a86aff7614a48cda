"""A question a week that two people answer: which week, which question, and what each of them sees of it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

from bot.domain.model import CoupleId, PersonId

MOST = 300
"""Characters of an answer."""
GONE = ""
"""The text of an answer that was deleted after it had been shown: that there was one stays known.

Without it the question would be open again, and one could answer, delete and answer anew without end.
"""
_FIRST = date(1970, 1, 4)
"""A Sunday."""
_WEEK = timedelta(weeks=1)


@dataclass(frozen=True)
class Answer:
    """What one of a couple did about a week's question. `text` is None if they left it out."""

    id: int
    couple: CoupleId
    week: str
    question: str
    person: PersonId
    text: str | None

    @property
    def given(self) -> bool:
        return self.text is not None

    @property
    def words(self) -> str | None:
        """What can be shown of it."""
        return self.text or None


class Stage(StrEnum):
    """How far a week's question is for one of the two."""

    OPEN = "open"
    WAITING = "waiting"
    BOTH = "both"


@dataclass(frozen=True)
class Exchange:
    """A past question as one person sees it; `other` is None where the other's answer is not for them."""

    own: Answer
    other: Answer | None


def week_of(moment: datetime) -> str:
    """The week (from Sunday, 00:00 UTC), by the ISO date of its Sunday.

    Sunday evening is in it wherever somebody lives, so what is asked then can be answered until Saturday.
    """
    day = moment.astimezone(UTC).date()
    return (day - (day - _FIRST) % _WEEK).isoformat()


def end_of(week: str) -> datetime:
    """The first instant after this week."""
    return datetime.combine(date.fromisoformat(week) + _WEEK, time(), UTC)


def question_of(week: str, questions: Sequence[str], answers: Iterable[Answer | None] = ()) -> str:
    """The question of this week. The one that somebody answered stays, also if the list has changed."""
    asked = next((answer.question for answer in answers if answer is not None), None)
    return asked or questions[(date.fromisoformat(week) - _FIRST) // _WEEK % len(questions)]


def stage(own: Answer | None, other: Answer | None) -> Stage:
    """Leaving it out is the same as not having answered, for both of them."""
    if own is None or not own.given:
        return Stage.OPEN
    return Stage.BOTH if other is not None and other.given else Stage.WAITING


def earlier(
    answers: Sequence[Answer], person: PersonId, couple: CoupleId | None, week: str
) -> list[Exchange]:
    """What this person gave before this week, the newest first, beside what `couple`'s other one gave.

    Of a couple that is no more, and of a week in which the other gave none, only what they gave themselves:
    it stays theirs to delete.
    """
    theirs = {
        answer.week: answer
        for answer in answers
        if answer.person != person and answer.couple == couple and answer.given
    }
    exchanges = [
        Exchange(answer, theirs.get(answer.week) if answer.couple == couple else None)
        for answer in answers
        if answer.person == person and answer.given and (answer.couple, answer.week) != (couple, week)
    ]
    shown = [each for each in exchanges if each.own.words or (each.other and each.other.words)]
    return sorted(shown, key=lambda each: (each.own.week, each.own.id), reverse=True)
