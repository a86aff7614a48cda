"""Taps on reminders: the list, one of them, a new one."""

from bot.domain.errors import Stale
from bot.domain.model import ReminderId
from bot.services import reminder_form, reminder_list, settings
from bot.services.visit import Visit
from bot.telegram import callback_data as to
from bot.telegram.context import Context
from bot.telegram.handlers.taps.registry import on


@on(to.RemindAt)
async def remind_at(context: Context, visit: Visit, tap: to.RemindAt) -> None:
    await reminder_form.add_daily(visit, tap.time)


@on(to.RemindWish)
async def remind_wish(context: Context, visit: Visit, tap: to.RemindWish) -> None:
    content = context.tools.content
    wishes = content.all_of(visit.person.locale, "remind.wishes")
    if not 0 <= tap.number < len(wishes):
        raise Stale
    await reminder_form.take(visit, content, wishes[tap.number])


@on(to.RemindShow)
async def remind_show(context: Context, visit: Visit, tap: to.RemindShow) -> None:
    await reminder_list.show_one(visit, ReminderId(tap.reminder))


@on(to.RemindSave)
async def remind_save(context: Context, visit: Visit, tap: to.RemindSave) -> None:
    await reminder_form.save(visit, tap.draft)


@on(to.RemindKind)
async def remind_kind(context: Context, visit: Visit, tap: to.RemindKind) -> None:
    await reminder_form.choose_kind(visit, tap.draft, tap.what)


@on(to.RemindSkip)
async def remind_skip(context: Context, visit: Visit, tap: to.RemindSkip) -> None:
    await reminder_list.skip(visit, ReminderId(tap.reminder))


@on(to.RemindPauseAsk)
async def remind_pause_ask(context: Context, visit: Visit, tap: to.RemindPauseAsk) -> None:
    await reminder_list.ask_pause(visit, tap.reminder)


@on(to.RemindPause)
async def remind_pause(context: Context, visit: Visit, tap: to.RemindPause) -> None:
    await reminder_list.pause(visit, tap.reminder, tap.until)


@on(to.RemindResume)
async def remind_resume(context: Context, visit: Visit, tap: to.RemindResume) -> None:
    await reminder_list.resume(visit, tap.reminder)


@on(to.RemindEdit)
async def remind_edit(context: Context, visit: Visit, tap: to.RemindEdit) -> None:
    await reminder_form.ask(visit, ReminderId(tap.reminder))


@on(to.RemindDelete)
async def remind_delete(context: Context, visit: Visit, tap: to.RemindDelete) -> None:
    await reminder_list.delete(visit, ReminderId(tap.reminder))


@on(to.RemindUndo)
async def remind_undo(context: Context, visit: Visit, tap: to.RemindUndo) -> None:
    await reminder_list.undo(visit, tap.draft)


@on(to.RemindDiscreet)
async def remind_discreet(context: Context, visit: Visit, tap: to.RemindDiscreet) -> None:
    await reminder_list.set_discreet(visit, bool(tap.on))


@on(to.SilentDay)
async def silent_day(context: Context, visit: Visit, tap: to.SilentDay) -> None:
    await settings.set_silent_day(visit, tap.day, on=bool(tap.on))
