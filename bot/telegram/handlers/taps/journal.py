"""Taps on the lines somebody writes for themselves."""

from bot.services import journal, relay
from bot.services.visit import Visit
from bot.telegram import callback_data as to
from bot.telegram.context import Context
from bot.telegram.handlers.taps.registry import on


@on(to.JournalPrompt)
async def journal_prompt(context: Context, visit: Visit, tap: to.JournalPrompt) -> None:
    await journal.prompt(visit, tap.number)


@on(to.JournalPage)
async def journal_page(context: Context, visit: Visit, tap: to.JournalPage) -> None:
    await journal.show_page(visit, tap.page, tap.search)


@on(to.JournalShow)
async def journal_show(context: Context, visit: Visit, tap: to.JournalShow) -> None:
    await journal.show_line(visit, tap.line, tap.page, tap.search)


@on(to.JournalDelete)
async def journal_delete(context: Context, visit: Visit, tap: to.JournalDelete) -> None:
    await journal.ask_delete(visit, tap.line, tap.page, tap.search)


@on(to.JournalDeleteNow)
async def journal_delete_now(context: Context, visit: Visit, tap: to.JournalDeleteNow) -> None:
    await journal.delete(visit, tap.line)


@on(to.JournalSend)
async def journal_send(context: Context, visit: Visit, tap: to.JournalSend) -> None:
    await relay.take_up(visit, tap.line)
