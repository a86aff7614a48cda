"""Taps on a space request, on both sides."""

from bot.domain.errors import Stale
from bot.domain.model import SpaceId
from bot.services import space, space_form
from bot.services.visit import Visit
from bot.telegram import callback_data as to
from bot.telegram.context import Context
from bot.telegram.handlers.taps.registry import on


@on(to.SpaceLength)
async def space_length(context: Context, visit: Visit, tap: to.SpaceLength) -> None:
    await space_form.choose_length(visit, tap.draft, tap.minutes)


@on(to.SpaceOtherTime)
async def space_other_time(context: Context, visit: Visit, tap: to.SpaceOtherTime) -> None:
    await space_form.ask_time(visit, tap.draft)


@on(to.SpaceWording)
async def space_wording(context: Context, visit: Visit, tap: to.SpaceWording) -> None:
    if tap.wording not in (space_form.FEW_MINUTES, space_form.SETTLE):
        raise Stale
    text = context.tools.content.text(visit.person.locale, f"wording.{tap.wording}")
    await space_form.choose_wording(visit, tap.draft, tap.wording, text)


@on(to.SpaceOwnWords)
async def space_own_words(context: Context, visit: Visit, tap: to.SpaceOwnWords) -> None:
    await space_form.ask_words(visit, tap.draft)


@on(to.SpaceAgain)
async def space_again(context: Context, visit: Visit, tap: to.SpaceAgain) -> None:
    await space_form.again(visit, tap.draft)


@on(to.SpaceSend)
async def space_send(context: Context, visit: Visit, tap: to.SpaceSend) -> None:
    await space.send(visit, tap.draft)


@on(to.SpaceBack)
async def space_back(context: Context, visit: Visit, tap: to.SpaceBack) -> None:
    await space.back(visit, SpaceId(tap.request))


@on(to.SpaceMore)
async def space_more(context: Context, visit: Visit, tap: to.SpaceMore) -> None:
    await space.offer_more(visit, SpaceId(tap.request))


@on(to.SpaceExtend)
async def space_extend(context: Context, visit: Visit, tap: to.SpaceExtend) -> None:
    await space.more_time(visit, SpaceId(tap.request), tap.minutes)


@on(to.SpaceTakeBack)
async def space_take_back(context: Context, visit: Visit, tap: to.SpaceTakeBack) -> None:
    await space.withdraw(visit, SpaceId(tap.request))


@on(to.SpaceReply)
async def space_reply(context: Context, visit: Visit, tap: to.SpaceReply) -> None:
    await space.reply(visit, SpaceId(tap.request), tap.reply)
