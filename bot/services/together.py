"""Together: a question a week for two. Each sees the other's answer only when both have answered.

Until then nothing that one of them does (answer, leave it out, change, delete) says anything to the other.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from bot.content.catalog import FALLBACK, Content
from bot.domain.decision import Notice, Priority
from bot.domain.errors import LinkEnded, NotLinked, QuestionOver, Stale, TooLong
from bot.domain.model import Couple, Draft, Person
from bot.domain.nudging import Kind
from bot.domain.together import MOST, Answer, Stage, earlier, end_of, question_of, stage, week_of
from bot.services import reminder_form
from bot.services.telling import is_quiet
from bot.services.visit import Visit

DRAFT = "together"
ANSWER = "together"
QUESTIONS = "together.questions"
"""Where the questions stand; the order of the English ones is everybody's."""
BOTH = "together.both"


@dataclass(frozen=True)
class _Week:
    """This week, as the person who visits sees it."""

    couple: Couple
    partner: Person
    week: str
    question: str
    own: Answer | None
    other: Answer | None

    @property
    def stage(self) -> Stage:
        return stage(self.own, self.other)


async def show(visit: Visit, content: Content) -> None:
    """This week's question, and of the answers what is this person's to see. Raises NotLinked, LinkEnded."""
    await visit.uow.drafts.drop(visit.person.id, DRAFT)
    try:
        week = await _this_week(visit, content)
    except (NotLinked, LinkEnded):
        if not earlier(await visit.uow.together.all_of(visit.person.id), visit.person.id, None, ""):
            raise
        visit.show("together.not_linked")
        return
    match week.stage:
        case Stage.OPEN:
            sundays = await reminder_form.has_weekly(visit, Kind.TOGETHER)
            visit.show("together.question", {"name": week.partner.name}, sundays=sundays, **_plain(week))
        case Stage.WAITING:
            _show_waiting(visit, week)
        case Stage.BOTH:
            notice = _both(visit.person, week)
            if await visit.uow.outbox.knows([notice.key]):
                notice = replace(notice, key=None, relayed=False)
            visit.uow.outbox.add(notice.editing(visit.message))


async def ask(visit: Visit, content: Content, week_of_button: str) -> None:
    """The next typed text is the answer, or takes its place. Raises NotLinked, LinkEnded, Stale."""
    week = await _this_week(visit, content)
    if week.week != week_of_button or week.stage is Stage.BOTH:
        raise Stale
    await visit.uow.drafts.put(visit.person.id, DRAFT, visit.now, _about(week), awaits=ANSWER)
    visit.show("together.ask", {"name": week.partner.name}, limit=MOST, **_plain(week))


async def take_text(visit: Visit, draft: Draft, text: str, content: Content) -> None:
    """Show the answer as the other will read it; nothing is kept yet.

    Raises TooLong, QuestionOver, NotLinked, LinkEnded.
    """
    words = text.strip()
    if len(words) > MOST:
        raise TooLong(limit=MOST, length=len(words))
    await visit.uow.drafts.drop(visit.person.id, DRAFT)
    week = await _this_week(visit, content)
    if not words or draft.parameters != _about(week) or week.stage is Stage.BOTH:
        raise QuestionOver
    # A draft of its own for each preview: “Keep it” keeps what stands above it, or nothing.
    made = await visit.uow.drafts.put(visit.person.id, DRAFT, visit.now, _about(week), private=words)
    private = {"name": week.partner.name, "own_name": visit.person.name, "words": words}
    visit.send("together.preview", private, draft=made.id, **_plain(week))


async def keep(visit: Visit, content: Content, draft_id: int) -> None:
    """Keep the answer that was shown; if it is the second one, both are shown to both.

    Raises Stale, QuestionOver, NotLinked, LinkEnded.
    """
    draft = await visit.uow.drafts.get(visit.person.id, DRAFT)
    if draft is None or draft.id != draft_id or draft.private is None:
        raise Stale
    await visit.uow.drafts.drop(visit.person.id, DRAFT)
    week = await _this_week(visit, content)
    if draft.parameters != _about(week) or week.stage is Stage.BOTH:
        raise QuestionOver
    week = await _put(visit, week, draft.private)
    if week.stage is Stage.BOTH:
        visit.uow.outbox.add(_both(visit.person, week).editing(visit.message))
        await _show_partner(visit, week)
    else:
        _show_waiting(visit, week)


async def skip(visit: Visit, content: Content, week_of_button: str) -> None:
    """Leave this week's question out; answering takes that back. Raises NotLinked, LinkEnded, Stale."""
    week = await _this_week(visit, content)
    if week.week != week_of_button or week.stage is not Stage.OPEN:
        raise Stale
    week = await _put(visit, week, None)
    ends_at = end_of(week.week).isoformat()
    visit.show("together.skipped", {"name": week.partner.name}, ends_at=ends_at, **_plain(week))


async def delete(visit: Visit, answer_id: int) -> None:
    """Delete one's own answer, of any week and any couple. Raises Stale."""
    together = visit.uow.together
    answer = await together.own(visit.person.id, answer_id)
    if answer is None or answer.words is None:
        raise Stale
    if not await together.was_shown(visit.person.id, answer):
        await together.delete(visit.person.id, answer.id)
        visit.show("together.deleted")
        return
    await together.empty(visit.person.id, answer.id)
    couple = await visit.uow.couples.get(answer.couple)
    if couple is not None:
        await visit.uow.outbox.call_off([couple.partner_of(visit.person.id)], (BOTH,), visit.now)
    visit.show("together.deleted_after")


async def show_earlier(visit: Visit, page: int) -> None:
    """One of the earlier questions; page 0 is the newest. Without a partner, only one's own answers."""
    couple = await visit.uow.couples.active_of(visit.person.id)
    every = await visit.uow.together.all_of(visit.person.id)
    exchanges = earlier(every, visit.person.id, couple.id if couple else None, week_of(visit.now))
    if not exchanges:
        visit.show("together.no_earlier")
        return
    page = min(page, len(exchanges) - 1)
    chosen = exchanges[page]
    partner = await visit.partner()
    private = _words(visit.person, partner, chosen.own, chosen.other)
    visit.show(
        "together.earlier" if chosen.other else "together.earlier_alone",
        private,
        question=chosen.own.question,
        week=chosen.own.week,
        answer=chosen.own.id if chosen.own.words else None,
        page=page,
        older=page + 1 < len(exchanges),
    )


async def _this_week(visit: Visit, content: Content) -> _Week:
    """Raises NotLinked, LinkEnded."""
    couple = await visit.couple()
    week = week_of(visit.now)
    own, other = await visit.uow.together.of_week(visit.person.id, couple.id, week)
    question = question_of(week, content.ids(FALLBACK, QUESTIONS), (own, other))
    partner = await visit.uow.people.get(couple.partner_of(visit.person.id))
    return _Week(couple, partner, week, question, own, other)


async def _put(visit: Visit, week: _Week, text: str | None) -> _Week:
    own = await visit.uow.together.put(
        visit.person.id, week.couple.id, week.week, question=week.question, text=text, now=visit.now
    )
    return replace(week, own=own)


def _show_waiting(visit: Visit, week: _Week) -> None:
    assert week.own is not None
    private = _words(visit.person, week.partner, week.own, None)
    visit.show("together.waiting", private, answer=week.own.id, **_plain(week))


async def _show_partner(visit: Visit, week: _Week) -> None:
    """Who answered first gets both now, unless they asked for space: then they find it when they look."""
    partner = week.partner
    request = await visit.uow.space.open_of(partner.id, week.couple.id)
    if request is not None and request.is_away(partner.id):
        return
    notice = _both(partner, replace(week, partner=visit.person, own=week.other, other=week.own))
    silent = request is not None or is_quiet(partner, visit.now)
    visit.uow.outbox.add(replace(notice, priority=Priority.RELAY, silent=silent))


def _both(reader: Person, week: _Week) -> Notice:
    """Both answers, for one of the two. What the other wrote is the reader's to keep, once: hence the key."""
    assert week.own is not None
    assert week.other is not None
    return Notice(
        BOTH,
        reader.id,
        {"answer": week.own.id if week.own.words else None, **_plain(week)},
        _words(reader, week.partner, week.own, week.other),
        key=f"{BOTH}:{week.couple.id}:{week.week}:{reader.id}",
        relayed=week.other.words is not None,
    )


def _plain(week: _Week) -> dict[str, Any]:
    return {"question": week.question, "week": week.week}


def _about(week: _Week) -> dict[str, Any]:
    """Whom and what a typed answer is for: by the time it comes, both may be others."""
    return {"couple": week.couple.id, **_plain(week)}


def _words(reader: Person, partner: Person | None, own: Answer, other: Answer | None) -> Mapping[str, str]:
    """Names and answers; a deleted answer is left out."""
    words = {
        "own_name": reader.name,
        "own_words": own.words,
        "name": partner.name if partner else None,
        "words": other.words if other else None,
    }
    return {key: value for key, value in words.items() if value is not None}
