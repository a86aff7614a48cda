"""Taps on one's own things: place, reminders, settings."""

from datetime import time

from bot.domain.errors import Stale
from bot.domain.schedule import parse_clock
from bot.places.zones import UnknownZone
from bot.services import settings
from bot.services.visit import Visit
from bot.telegram import callback_data as to
from bot.telegram.context import Context
from bot.telegram.handlers import commands
from bot.telegram.handlers.taps.registry import on
from bot.telegram.handlers.ways import set_zone


@on(to.PickZone)
async def pick_zone(context: Context, visit: Visit, tap: to.PickZone) -> None:
    try:
        await set_zone(context.tools, visit, tap.name)
    except UnknownZone as error:
        raise Stale from error


@on(to.LanguagePick)
async def language_pick(context: Context, visit: Visit, tap: to.LanguagePick) -> None:
    await settings.set_language(visit, tap.locale, context.tools.content)
    described = commands.described(context.tools.content, tap.locale)
    scope = {"type": "chat", "chat_id": context.account}
    context.turn.calls.append(("setMyCommands", {"commands": described, "scope": scope}))


@on(to.LeanPick)
async def lean_pick(context: Context, visit: Visit, tap: to.LeanPick) -> None:
    await settings.set_lean(visit, tap.lean)


@on(to.QuietHoursPick)
async def quiet_hours_pick(context: Context, visit: Visit, tap: to.QuietHoursPick) -> None:
    start, end = _clock(tap.start), _clock(tap.end)
    await settings.set_quiet(visit, start, end)


def _clock(text: str) -> time:
    found = parse_clock(text)
    if found is None:
        raise Stale
    return found
