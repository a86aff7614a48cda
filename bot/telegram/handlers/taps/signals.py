"""Taps on what goes to the partner: signals, questions for a talk, own words."""

from bot.services import relay, signal_lines, signals, talk
from bot.services.visit import Visit
from bot.telegram import callback_data as to
from bot.telegram.context import Context
from bot.telegram.handlers.taps.registry import on


@on(to.SignalSend)
async def signal_send(context: Context, visit: Visit, tap: to.SignalSend) -> None:
    await signals.send(visit, context.tools.content, tap.draft, tap.slot)


@on(to.SignalChange)
async def signal_change(context: Context, visit: Visit, tap: to.SignalChange) -> None:
    await signal_lines.ask(visit, tap.slot)


@on(to.SignalPutBack)
async def signal_put_back(context: Context, visit: Visit, tap: to.SignalPutBack) -> None:
    await signal_lines.put_back(visit, tap.slot)


@on(to.SignalUndo)
async def signal_undo(context: Context, visit: Visit, tap: to.SignalUndo) -> None:
    await signal_lines.undo(visit, tap.draft)


@on(to.TalkWhen)
async def talk_when(context: Context, visit: Visit, tap: to.TalkWhen) -> None:
    await talk.choose_time(visit, context.tools.content, tap.draft, tap.when)


@on(to.TalkSend)
async def talk_send(context: Context, visit: Visit, tap: to.TalkSend) -> None:
    await talk.send(visit, tap.draft)


@on(to.RelaySend)
async def relay_send(context: Context, visit: Visit, tap: to.RelaySend) -> None:
    await relay.send(visit, tap.draft)


@on(to.RelayOtherWords)
async def relay_other_words(context: Context, visit: Visit, tap: to.RelayOtherWords) -> None:
    await relay.ask_words(visit, tap.draft)


@on(to.RelayAgain)
async def relay_again(context: Context, visit: Visit, tap: to.RelayAgain) -> None:
    await relay.again(visit, tap.draft)


@on(to.RelayHold)
async def relay_hold(context: Context, visit: Visit, tap: to.RelayHold) -> None:
    await relay.hold(visit, tap.draft)
