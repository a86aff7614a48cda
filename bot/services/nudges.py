"""Reminders that are due: what comes of each, one batch at a time.

All that a batch needs is read by a few queries; what becomes of each is decided in memory, one after the
other, so that of one person's the earlier stands for the later; and all is written by a few statements.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from bot.domain.decision import LIFETIME, Notice, NoTimer, Operation, Priority, Timer
from bot.domain.model import CoupleId, Person, PersonId, Reminder, ReminderId
from bot.domain.nudging import (
    HEARD_NOTHING,
    WEEKLY_KINDS,
    Kind,
    Manner,
    Nudged,
    at_most_one_a_day,
    manner,
)
from bot.domain.schedule import Postpone, QuietHours, Rule, Send, Verdict, decide, following
from bot.domain.together import week_of
from bot.domain.trends import Trends
from bot.services.reminder_plan import SNOOZE, TIMER, key_of, zone_of
from bot.services.telling import is_quiet
from bot.services.trends import weeks_of
from bot.storage.timers import DueTimer
from bot.storage.unit_of_work import UnitOfWork

KINDS = (TIMER, SNOOZE)
"""The timers that `run_due` takes."""
FROM = "from"
"""What a snooze knows: when the nudge came that it puts off (ISO)."""
NUDGE_LIFETIME = timedelta(hours=2)


@dataclass
class _Batch:
    """What is known of those who are concerned, and what is to be written."""

    now: datetime
    reminders: dict[ReminderId, Reminder]
    people: dict[PersonId, Person]
    couples: dict[PersonId, CoupleId | None]
    busy: set[PersonId]
    checked_in: dict[PersonId, datetime]
    nudged: dict[PersonId, Nudged]
    done: set[tuple[PersonId, CoupleId]]
    """who needs no reminder of this week's question, in which couple"""
    weeks: dict[PersonId, Trends]
    """of those who look back: their last seven days, where there is enough for a picture"""
    timers: dict[str, list[Timer | NoTimer]] = field(default_factory=lambda: {TIMER: [], SNOOZE: []})
    seen: dict[ReminderId, datetime] = field(default_factory=dict)
    touched: dict[PersonId, Nudged] = field(default_factory=dict)
    rests: dict[PersonId, datetime] = field(default_factory=dict)
    asked: dict[PersonId, Notice] = field(default_factory=dict)
    notices: list[Notice] = field(default_factory=list)


async def run_due(uow: UnitOfWork, due: Sequence[DueTimer], now: datetime) -> None:
    """Send, put off or leave out what these timers are about, and plan what comes next.

    Raises BadRule for a reminder that cannot be read.
    """
    batch = await _load(uow, due, now)
    for timer in due:
        reminder = batch.reminders.get(ReminderId(timer.subject))
        if reminder is not None and reminder.active:
            _look(batch, reminder, timer)
    await _write(uow, batch)


async def _load(uow: UnitOfWork, due: Sequence[DueTimer], now: datetime) -> _Batch:
    reminders = await uow.reminders.many({ReminderId(timer.subject) for timer in due})
    persons = {reminder.person for reminder in reminders.values()}
    await uow.couples.prefetch(persons)
    couples = {person: await uow.couples.active_of(person) for person in persons}
    of_two = {each.person for each in reminders.values() if each.kind == Kind.TOGETHER}
    people = await uow.people.many(persons)
    looking_back = {each.person for each in reminders.values() if each.kind == Kind.LOOK_BACK}
    return _Batch(
        now,
        reminders,
        people=people,
        couples={person: None if couple is None else couple.id for person, couple in couples.items()},
        busy=await uow.space.busy_among(persons),
        checked_in=await uow.sessions.last_finished_of(persons),
        nudged=await uow.nudged.many(persons),
        done=await uow.together.done_among(of_two, week_of(now)),
        weeks=await weeks_of(uow, [people[each] for each in looking_back], now),
    )


def _look(batch: _Batch, reminder: Reminder, timer: DueTimer) -> None:
    """Decide about one, and plan its next."""
    person = batch.people[reminder.person]
    rule = Rule.from_json(reminder.rule)
    verdict = _verdict(batch, reminder, rule, timer)
    if timer.kind == SNOOZE:
        if isinstance(verdict, Postpone):
            batch.timers[SNOOZE].append(Timer(SNOOZE, reminder.id, verdict.until, timer.parameters))
    else:
        batch.seen[reminder.id] = timer.due_at
        times = [following(rule, timer.due_at, batch.now, zone_of(person))]
        if isinstance(verdict, Postpone):
            times.append(verdict.until)
        at = min((each for each in times if each is not None), default=None)
        batch.timers[TIMER].append(
            NoTimer(TIMER, reminder.id) if at is None else Timer(TIMER, reminder.id, at)
        )
    if isinstance(verdict, Send):
        _say(batch, reminder, person, timer)


def _verdict(batch: _Batch, reminder: Reminder, rule: Rule, timer: DueTimer) -> Verdict | None:
    """None: nothing comes of it, for a reason that is no matter of its time."""
    person = batch.people[reminder.person]
    rests = [until for until in (reminder.rests_until, person.nudges_rest_until) if until is not None]
    if person.id in batch.rests or any(timer.due_at <= until for until in rests):
        return None
    if not person.reachable or _is_moot(batch, reminder):
        return None
    state = batch.nudged.get(person.id)
    last = None if state is None else state.last_at
    if last is not None and timer.kind == SNOOZE and timer.parameters.get(FROM) == last.isoformat():
        last = None  # what it puts off does not stand for it
    return decide(
        timer.due_at,
        batch.now,
        QuietHours(person.quiet_from, person.quiet_until),
        zone_of(person),
        busy=person.id in batch.busy,
        # The weekly question is no check-in: one does not stand for the other.
        last_check_in=None if reminder.kind == Kind.TOGETHER else batch.checked_in.get(person.id),
        # Somebody chose the very time of a snooze, too.
        chosen=rule.chosen or timer.kind == SNOOZE,
        silent_days=person.silent_days,
        last_nudge=last,
    )


def _is_moot(batch: _Batch, reminder: Reminder) -> bool:
    """Whether the question for two needs no reminder: answered or left out this week, or no link."""
    if reminder.kind != Kind.TOGETHER:
        return False
    couple = batch.couples[reminder.person]
    return couple is None or (reminder.person, couple) in batch.done


def _say(batch: _Batch, reminder: Reminder, person: Person, timer: DueTimer) -> None:
    """Nudge; or, if these seem to come at a wrong time, ask about that; or nothing."""
    state = batch.nudged.get(person.id)
    earlier = None if state is None else state.last_key
    checked_in = batch.checked_in.get(person.id)
    if state is not None and checked_in is not None and checked_in > state.last_at:
        state = state.answered()
    key = key_of(reminder, timer.due_at.isoformat())
    match manner(state, timer.due_at):
        case Manner.REST:
            return
        case Manner.NUDGE:
            week = batch.weeks.get(person.id)
            batch.notices.append(nudge(reminder, person, timer.due_at, batch.now, key=key, week=week))
            state = (state or Nudged(batch.now, None)).nudged(batch.now, key)
        case Manner.ASK:
            assert state is not None, "somebody who was nudged"
            batch.asked[person.id] = Notice(
                "nudge.wrong_time",
                person.id,
                priority=Priority.NUDGE,
                key=key,
                expires_at=batch.now + NUDGE_LIFETIME,
                silent=is_quiet(person, batch.now),
            )
            batch.rests[person.id] = batch.now + HEARD_NOTHING
            state = state.was_asked(batch.now, key)
    if earlier is not None and earlier != key:
        batch.notices.append(
            Notice("strip", person.id, priority=Priority.NUDGE, operation=Operation.STRIP, target=earlier)
        )
    batch.nudged[person.id] = batch.touched[person.id] = state


def private_part(reminder: Reminder, week: Trends | None) -> dict[str, Any]:
    """What a nudge says that only its person knows: their words, or their week."""
    match reminder.kind:
        case Kind.OWN:
            return {"words": reminder.text or ""}
        case Kind.LOOK_BACK if week is not None:
            return {"trends": week.to_json()}
    return {}


def nudge(
    reminder: Reminder, person: Person, due: datetime, now: datetime, *, key: str, week: Trends | None
) -> Notice:
    """The words of a nudge; to whoever wants it so, at first without any that are personal."""
    open_words = not person.discreet
    return Notice(
        f"nudge.{reminder.kind}" if open_words else "nudge.discreet",
        reminder.person,
        {"reminder": reminder.id, "variant": _variant(due)},
        private=private_part(reminder, week) if open_words else {},
        priority=Priority.NUDGE,
        key=key,
        expires_at=now + min(NUDGE_LIFETIME, LIFETIME),
        silent=reminder.kind in WEEKLY_KINDS and is_quiet(person, now),
    )


def _variant(due: datetime) -> int:
    """Other words each day, and each hour of it."""
    return due.toordinal() + due.hour


async def _write(uow: UnitOfWork, batch: _Batch) -> None:
    for kind, wanted in batch.timers.items():
        await uow.timers.apply_all(kind, wanted)
    await uow.reminders.saw(batch.seen)
    await uow.nudged.put_many(batch.touched)
    await uow.people.rest_many(batch.rests)
    every = await uow.reminders.of_people(batch.asked.keys())
    for person, question in batch.asked.items():
        fewer = bool(at_most_one_a_day(rules_of(every.get(person, []))))
        batch.notices.append(_with(question, fewer=fewer))
    uow.outbox.add(*batch.notices)


def rules_of(reminders: Sequence[Reminder]) -> list[tuple[int, Rule]]:
    """Those that can be made fewer, by their ids."""
    return [(each.id, Rule.from_json(each.rule)) for each in reminders if each.kind not in WEEKLY_KINDS]


def _with(notice: Notice, **parameters: object) -> Notice:
    return replace(notice, parameters={**notice.parameters, **parameters})
