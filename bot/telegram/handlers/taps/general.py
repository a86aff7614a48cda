"""Taps on menus and help."""

from bot.services import care
from bot.services.visit import Visit
from bot.telegram import callback_data as to
from bot.telegram.context import Context
from bot.telegram.handlers import typed
from bot.telegram.handlers.taps.registry import on
from bot.telegram.handlers.ways import open_by_name


@on(to.Open)
async def open_thing(context: Context, visit: Visit, tap: to.Open) -> None:
    await open_by_name(context.tools, visit, tap.what)


@on(to.OpenBeside)
async def open_beside(context: Context, visit: Visit, tap: to.OpenBeside) -> None:
    await open_by_name(context.tools, visit.beside(), tap.what)


@on(to.NotMeant)
async def not_meant(context: Context, visit: Visit, tap: to.NotMeant) -> None:
    text = await care.release(visit, tap.draft)
    if text is not None:
        await typed.route(context, visit.beside(), text, believed=True)


@on(to.GoOnWithout)
async def go_on_without(context: Context, visit: Visit, tap: to.GoOnWithout) -> None:
    await care.go_on_without(visit, tap.draft)


@on(to.LeaveHeld)
async def leave_held(context: Context, visit: Visit, tap: to.LeaveHeld) -> None:
    await care.leave(visit, tap.draft)


@on(to.QuickExit)
async def quick_exit(context: Context, visit: Visit, tap: to.QuickExit) -> None:
    await care.quick_exit(visit)


@on(to.Dismiss)
async def dismiss(context: Context, visit: Visit, tap: to.Dismiss) -> None:
    """Leave it, and a half-filled form with it."""
    await visit.uow.drafts.drop(visit.person.id)
    visit.show("cancel.dismissed")


@on(to.LeaveIt)
async def leave_it(context: Context, visit: Visit, tap: to.LeaveIt) -> None:
    visit.strip()
