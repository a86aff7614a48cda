"""Taps of the one who waits: kept messages, when they would be ready, sounds."""

from bot.domain.model import SpaceId
from bot.services import kept, waiting
from bot.services.visit import Visit
from bot.telegram import callback_data as to
from bot.telegram.context import Context
from bot.telegram.handlers.taps.registry import on


@on(to.KeepDraft)
async def keep_draft(context: Context, visit: Visit, tap: to.KeepDraft) -> None:
    await kept.keep_draft(visit, tap.draft)


@on(to.KeptShow)
async def kept_show(context: Context, visit: Visit, tap: to.KeptShow) -> None:
    await kept.show(visit, tap.message)


@on(to.KeptChange)
async def kept_change(context: Context, visit: Visit, tap: to.KeptChange) -> None:
    await kept.ask_change(visit, tap.message)


@on(to.KeptTakeBack)
async def kept_take_back(context: Context, visit: Visit, tap: to.KeptTakeBack) -> None:
    await kept.take_back(visit, tap.message)


@on(to.KeptSend)
async def kept_send(context: Context, visit: Visit, tap: to.KeptSend) -> None:
    await kept.send(visit, tap.message)


@on(to.KeptHold)
async def kept_hold(context: Context, visit: Visit, tap: to.KeptHold) -> None:
    await kept.hold(visit, tap.message)


@on(to.ReadyAsk)
async def ready_ask(context: Context, visit: Visit, tap: to.ReadyAsk) -> None:
    await waiting.ask_ready(visit.beside(), SpaceId(tap.request))


@on(to.ReadyAt)
async def ready_at(context: Context, visit: Visit, tap: to.ReadyAt) -> None:
    await waiting.choose_ready(visit, SpaceId(tap.request), tap.ready)


@on(to.Sound)
async def sound(context: Context, visit: Visit, tap: to.Sound) -> None:
    # Silence is asked for under the other's words, which stay as they are.
    await waiting.set_sound(visit if tap.on else visit.beside(), SpaceId(tap.request), on=bool(tap.on))
