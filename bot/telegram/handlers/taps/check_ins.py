"""Taps in a check-in or under a breath."""

from bot.domain.errors import Stale
from bot.domain.model import SessionId
from bot.services import breathing, check_ins
from bot.services.visit import Visit
from bot.telegram import callback_data as to
from bot.telegram.context import Context
from bot.telegram.handlers.taps.registry import on
from bot.telegram.handlers.ways import hand_over


@on(to.AnswerStep)
async def answer_step(context: Context, visit: Visit, tap: to.AnswerStep) -> None:
    action = await check_ins.answer(visit, SessionId(tap.session), tap.seq, tap.value)
    await hand_over(context.tools, visit, action)


@on(to.StopCheckIn)
async def stop_check_in(context: Context, visit: Visit, tap: to.StopCheckIn) -> None:
    if not await check_ins.stop_session(visit, SessionId(tap.session)):
        raise Stale


@on(to.BreathStop)
async def breath_stop(context: Context, visit: Visit, tap: to.BreathStop) -> None:
    await breathing.stop(visit)
