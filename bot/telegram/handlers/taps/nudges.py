"""Taps under a nudge."""

from dataclasses import replace

from bot.domain.errors import Stale
from bot.domain.model import ReminderId
from bot.services import breathing, check_ins, nudge_answers, together
from bot.services.visit import Visit
from bot.telegram import callback_data as to
from bot.telegram.context import Context
from bot.telegram.handlers.taps.registry import on
from bot.telegram.handlers.ways import open_by_name

BREATHE, TOGETHER, DONE = "breathe", "together", "done"
SCRIPTS = ("pause", "lean_in", "ground", "look_back")
BEGINS = (BREATHE, TOGETHER, DONE, *SCRIPTS)
AFTER_BREATH = "how_am_i"


@on(to.NudgeDo)
async def nudge_do(context: Context, visit: Visit, tap: to.NudgeDo) -> None:
    if tap.what not in BEGINS:
        raise Stale
    await visit.uow.drafts.stop_awaiting(visit.person.id)
    await nudge_answers.answered(visit)
    match tap.what:
        case "breathe":
            await breathing.start(visit, then=AFTER_BREATH)
        case "together":
            await together.show(visit, context.tools.content)
        case "done":
            visit.strip()
        case script:
            await check_ins.start(visit, context.tools.content, script)


@on(to.NudgeShow)
async def nudge_show(context: Context, visit: Visit, tap: to.NudgeShow) -> None:
    await nudge_answers.show(visit, ReminderId(tap.reminder))


@on(to.NudgeLater)
async def nudge_later(context: Context, visit: Visit, tap: to.NudgeLater) -> None:
    await nudge_answers.ask_later(visit, ReminderId(tap.reminder))


@on(to.NudgeIn)
async def nudge_in(context: Context, visit: Visit, tap: to.NudgeIn) -> None:
    await nudge_answers.later(visit, ReminderId(tap.reminder), tap.minutes)


@on(to.NudgeAt)
async def nudge_at(context: Context, visit: Visit, tap: to.NudgeAt) -> None:
    await nudge_answers.later_at(visit, ReminderId(tap.reminder), tap.at)


@on(to.NudgeNotToday)
async def nudge_not_today(context: Context, visit: Visit, tap: to.NudgeNotToday) -> None:
    await nudge_answers.not_today(visit)


@on(to.NudgeFewer)
async def nudge_fewer(context: Context, visit: Visit, tap: to.NudgeFewer) -> None:
    await nudge_answers.ask_fewer(visit, ReminderId(tap.reminder))


@on(to.NudgeFewerBy)
async def nudge_fewer_by(context: Context, visit: Visit, tap: to.NudgeFewerBy) -> None:
    await nudge_answers.fewer(visit, ReminderId(tap.reminder), tap.way)


@on(to.NudgeUndo)
async def nudge_undo(context: Context, visit: Visit, tap: to.NudgeUndo) -> None:
    await nudge_answers.undo(visit, tap.draft)


@on(to.NudgeAsked)
async def nudge_asked(context: Context, visit: Visit, tap: to.NudgeAsked) -> None:
    match tap.answer:
        case "fewer":
            await nudge_answers.one_a_day(visit)
        case "break":
            await nudge_answers.long_break(visit)
        case "fine":
            await nudge_answers.they_are_fine(visit)
        case "times":
            await nudge_answers.other_times(visit)
            # What rested does so no more: the list shall not say it does.
            person = await visit.uow.people.get(visit.person.id)
            await open_by_name(context.tools, replace(visit, person=person), "remind")
        case _:
            raise Stale
