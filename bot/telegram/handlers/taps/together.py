"""Taps on the weekly question for two."""

from bot.services import together
from bot.services.visit import Visit
from bot.telegram import callback_data as to
from bot.telegram.context import Context
from bot.telegram.handlers.taps.registry import on


@on(to.TogetherAnswer)
async def together_answer(context: Context, visit: Visit, tap: to.TogetherAnswer) -> None:
    await together.ask(visit, context.tools.content, tap.week)


@on(to.TogetherKeep)
async def together_keep(context: Context, visit: Visit, tap: to.TogetherKeep) -> None:
    await together.keep(visit, context.tools.content, tap.draft)


@on(to.TogetherSkip)
async def together_skip(context: Context, visit: Visit, tap: to.TogetherSkip) -> None:
    await together.skip(visit, context.tools.content, tap.week)


@on(to.TogetherDelete)
async def together_delete(context: Context, visit: Visit, tap: to.TogetherDelete) -> None:
    await together.delete(visit, tap.answer)


@on(to.TogetherEarlier)
async def together_earlier(context: Context, visit: Visit, tap: to.TogetherEarlier) -> None:
    await together.show_earlier(visit, tap.page)
