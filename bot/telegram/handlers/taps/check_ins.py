"""Taps in a check-in or under a breath."""

from bot.domain.errors import Stale
from bot.domain.model import SessionId
from bot.services import breathing, check_in_list, check_ins
from bot.services.visit import Visit
from bot.telegram import callback_data as to
from bot.telegram.context import Context
from bot.telegram.handlers.taps.registry import on
from bot.telegram.handlers.ways import hand_over


@on(to.AnswerStep)
async def answer_step(context: Context, visit: Visit, tap: to.AnswerStep) -> None:
    onwards = await check_ins.answer(visit, SessionId(tap.session), tap.seq, tap.value)
    await hand_over(context.tools, visit, onwards)


@on(to.StepBack)
async def step_back(context: Context, visit: Visit, tap: to.StepBack) -> None:
    await check_ins.go_back(visit, SessionId(tap.session), tap.seq)


@on(to.StepLater)
async def step_later(context: Context, visit: Visit, tap: to.StepLater) -> None:
    await check_ins.later(visit, SessionId(tap.session), tap.seq)


@on(to.StopCheckIn)
async def stop_check_in(context: Context, visit: Visit, tap: to.StopCheckIn) -> None:
    if not await check_ins.stop_session(visit, SessionId(tap.session), tap.seq):
        raise Stale


@on(to.GoOnCheckIn)
async def go_on(context: Context, visit: Visit, tap: to.GoOnCheckIn) -> None:
    await check_ins.go_on(visit, SessionId(tap.session))


@on(to.StartScript)
async def start_script(context: Context, visit: Visit, tap: to.StartScript) -> None:
    await visit.uow.drafts.stop_awaiting(visit.person.id)
    await check_ins.start(visit, context.tools.content, tap.script)


@on(to.AboutScript)
async def about_script(context: Context, visit: Visit, tap: to.AboutScript) -> None:
    check_in_list.about(visit, context.tools.content, tap.script)


@on(to.BreathePattern)
async def breathe_pattern(context: Context, visit: Visit, tap: to.BreathePattern) -> None:
    await breathing.start(visit, tap.pattern)


@on(to.BreatheLonger)
async def breathe_longer(context: Context, visit: Visit, tap: to.BreatheLonger) -> None:
    await breathing.start(visit, tap.pattern, minutes=tap.minutes)


@on(to.BreathStop)
async def breath_stop(context: Context, visit: Visit, tap: to.BreathStop) -> None:
    await breathing.stop(visit)
