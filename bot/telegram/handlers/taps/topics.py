"""Taps on parked topics, on both sides."""

from bot.domain.topics import TopicId
from bot.services import topics, topics_form
from bot.services.visit import Visit
from bot.telegram import callback_data as to
from bot.telegram.context import Context
from bot.telegram.handlers.taps.registry import on
from bot.telegram.handlers.ways import ask_zone


@on(to.LaterLeaveOpen)
async def later_leave_open(context: Context, visit: Visit, tap: to.LaterLeaveOpen) -> None:
    await topics_form.leave_open(visit, context.tools.content, tap.draft)


@on(to.LaterTime)
async def later_time(context: Context, visit: Visit, tap: to.LaterTime) -> None:
    await topics_form.set_time(visit, tap.draft, tap.minute, on=bool(tap.on))


@on(to.LaterTimes)
async def later_times(context: Context, visit: Visit, tap: to.LaterTimes) -> None:
    await topics_form.back_to_times(visit, tap.draft)


@on(to.LaterPreview)
async def later_preview(context: Context, visit: Visit, tap: to.LaterPreview) -> None:
    await topics_form.preview(visit, context.tools.content, tap.draft)


@on(to.LaterSend)
async def later_send(context: Context, visit: Visit, tap: to.LaterSend) -> None:
    await topics.send(visit, context.tools.content, tap.draft)


@on(to.LaterAgree)
async def later_agree(context: Context, visit: Visit, tap: to.LaterAgree) -> None:
    await topics.agree(visit, TopicId(tap.topic), tap.minute)


@on(to.LaterOffer)
async def later_offer(context: Context, visit: Visit, tap: to.LaterOffer) -> None:
    """The form comes below: what the other offered stays as it is."""
    if visit.person.zone is None:  # times of day mean nothing without a place; then the list has the topic
        await ask_zone(context.tools, visit, "later")
        return
    await topics_form.offer_times(visit.beside(), TopicId(tap.topic))


@on(to.LaterShow)
async def later_show(context: Context, visit: Visit, tap: to.LaterShow) -> None:
    await topics.show_one(visit, TopicId(tap.topic))


@on(to.LaterLetGo)
async def later_let_go(context: Context, visit: Visit, tap: to.LaterLetGo) -> None:
    await topics.let_go(visit, TopicId(tap.topic))


@on(to.LaterLetGoAgreed)
async def later_let_go_agreed(context: Context, visit: Visit, tap: to.LaterLetGoAgreed) -> None:
    await topics.let_go_agreed(visit, TopicId(tap.topic), tap.minute)
