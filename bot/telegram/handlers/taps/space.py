"""Taps on a space request, on both sides."""

from bot.domain.errors import Stale
from bot.domain.model import SpaceId
from bot.services import breaks, reconnect, saved_words, space, space_form, space_return
from bot.services.visit import Visit
from bot.telegram import callback_data as to
from bot.telegram.context import Context
from bot.telegram.handlers.taps.registry import on


@on(to.SpaceLength)
async def space_length(context: Context, visit: Visit, tap: to.SpaceLength) -> None:
    await space_form.choose_length(visit, tap.draft, tap.minutes)


@on(to.SpaceSame)
async def space_same(context: Context, visit: Visit, tap: to.SpaceSame) -> None:
    await space_form.same_as_last(visit, tap.draft)


@on(to.SpaceUntil)
async def space_until(context: Context, visit: Visit, tap: to.SpaceUntil) -> None:
    await space_form.choose_until(visit, tap.draft, tap.minute)


@on(to.SpaceStay)
async def space_stay(context: Context, visit: Visit, tap: to.SpaceStay) -> None:
    await space_form.stay(visit, tap.draft)


@on(to.SpaceOtherTime)
async def space_other_time(context: Context, visit: Visit, tap: to.SpaceOtherTime) -> None:
    await space_form.ask_time(visit, tap.draft)


@on(to.SpaceWording)
async def space_wording(context: Context, visit: Visit, tap: to.SpaceWording) -> None:
    if tap.wording not in (space_form.FEW_MINUTES, space_form.SETTLE):
        raise Stale
    text = context.tools.content.text(visit.person.locale, f"wording.{tap.wording}")
    await space_form.choose_wording(visit, tap.draft, tap.wording, text)


@on(to.SpaceSaved)
async def space_saved(context: Context, visit: Visit, tap: to.SpaceSaved) -> None:
    await space_form.choose_saved(visit, tap.draft, tap.saved)


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
    await space_return.offer_more(visit, SpaceId(tap.request))


@on(to.SpaceExtend)
async def space_extend(context: Context, visit: Visit, tap: to.SpaceExtend) -> None:
    await space.more_time(visit, SpaceId(tap.request), tap.minutes, space_form.moment(tap.after))


@on(to.SpaceExtendUntil)
async def space_extend_until(context: Context, visit: Visit, tap: to.SpaceExtendUntil) -> None:
    await space.more_until(visit, SpaceId(tap.request), space_form.moment(tap.minute))


@on(to.SpaceMoreTyped)
async def space_more_typed(context: Context, visit: Visit, tap: to.SpaceMoreTyped) -> None:
    await space_return.ask_time(visit, SpaceId(tap.request))


@on(to.SpaceNotToday)
async def space_not_today(context: Context, visit: Visit, tap: to.SpaceNotToday) -> None:
    await space_return.not_today(visit, SpaceId(tap.request))


@on(to.SpaceRate)
async def space_rate(context: Context, visit: Visit, tap: to.SpaceRate) -> None:
    await space_return.rate(visit, SpaceId(tap.request), tap.intensity)


@on(to.SpaceAbsorb)
async def space_absorb(context: Context, visit: Visit, tap: to.SpaceAbsorb) -> None:
    # The first page comes below the promise, which stays as it is; the others take its place.
    await space_return.absorb(visit if tap.page else visit.beside(), SpaceId(tap.request), tap.page)


@on(to.SpaceReplaying)
async def space_replaying(context: Context, visit: Visit, tap: to.SpaceReplaying) -> None:
    await space_return.replaying(visit, SpaceId(tap.request), yes=bool(tap.yes))


@on(to.SpaceKeepWords)
async def space_keep_words(context: Context, visit: Visit, tap: to.SpaceKeepWords) -> None:
    await saved_words.keep(visit, SpaceId(tap.request))


@on(to.SavedWordsShow)
async def saved_words_show(context: Context, visit: Visit, tap: to.SavedWordsShow) -> None:
    await saved_words.show(visit, tap.saved)


@on(to.SavedWordsDelete)
async def saved_words_delete(context: Context, visit: Visit, tap: to.SavedWordsDelete) -> None:
    await saved_words.delete(visit, tap.saved)


@on(to.SpaceTakeBack)
async def space_take_back(context: Context, visit: Visit, tap: to.SpaceTakeBack) -> None:
    await space.withdraw(visit, SpaceId(tap.request))


@on(to.SpaceReady)
async def space_ready(context: Context, visit: Visit, tap: to.SpaceReady) -> None:
    await reconnect.ready(visit, SpaceId(tap.request))


@on(to.BreaksPage)
async def breaks_page(context: Context, visit: Visit, tap: to.BreaksPage) -> None:
    await breaks.show(visit, tap.page)


@on(to.SpaceReply)
async def space_reply(context: Context, visit: Visit, tap: to.SpaceReply) -> None:
    await space.reply(visit, SpaceId(tap.request), tap.reply)
