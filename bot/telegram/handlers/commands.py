"""The commands."""

from collections.abc import Awaitable, Callable

from telegram import Update

from bot.content.catalog import Content
from bot.domain.linking import PAYLOAD_PREFIX
from bot.services import (
    agreement,
    breathing,
    care,
    check_in_list,
    check_ins,
    hello,
    journal,
    partners,
    reminder_form,
    settings,
    signals,
    space_form,
    trends,
)
from bot.services.visit import Visit
from bot.telegram.context import Context
from bot.telegram.handlers.heard import heard
from bot.telegram.handlers.place_lookup import take_place
from bot.telegram.handlers.ways import open_by_name
from bot.telegram.render.inline import TO_LINES

Command = Callable[[Update, Context, Visit], Awaitable[None]]


async def start(update: Update, context: Context, visit: Visit) -> None:
    payload = " ".join(context.args or ())
    if payload.startswith(PAYLOAD_PREFIX):
        if context.is_new:
            visit.send("hello.first")
        await partners.open_invitation(visit, payload.removeprefix(PAYLOAD_PREFIX))
        return
    if payload == TO_LINES:  # from words of crisis in another chat
        visit.send("care.lines", said=context.said)
        return
    await context.tools.places.warm()
    await hello.start(visit)


async def ask_for_space(update: Update, context: Context, visit: Visit) -> None:
    """/space, or /space 20."""
    said = (context.args or [""])[0]
    minutes = int(said) if said.isascii() and said.isdecimal() and len(said) < 5 else None
    await space_form.ask_length(visit, minutes)


async def check_in(update: Update, context: Context, visit: Visit) -> None:
    await check_in_list.choose(visit, context.tools.content)


async def pause(update: Update, context: Context, visit: Visit) -> None:
    await check_ins.start(visit, context.tools.content)


async def how_am_i(update: Update, context: Context, visit: Visit) -> None:
    await open_by_name(context.tools, visit, "how_am_i")


async def ground(update: Update, context: Context, visit: Visit) -> None:
    await open_by_name(context.tools, visit, "ground")


async def breathe(update: Update, context: Context, visit: Visit) -> None:
    timings = " ".join(context.args or ())
    await (breathing.start_own(visit, timings) if timings else breathing.start(visit))


async def remind(update: Update, context: Context, visit: Visit) -> None:
    """/remind, or /remind weekdays at 9."""
    said = " ".join(context.args or ())
    if said and visit.person.zone is not None:
        await reminder_form.take(visit, context.tools.content, said)
    else:
        await open_by_name(context.tools, visit, "remind")


async def timezone(update: Update, context: Context, visit: Visit) -> None:
    """/timezone, or /timezone Lisbon."""
    said = " ".join(context.args or ())
    if said:
        await hello.expect_zone(visit)
        await take_place(context, visit, said)
    else:
        await open_by_name(context.tools, visit, "settings_zone")


async def link(update: Update, context: Context, visit: Visit) -> None:
    await partners.invite(visit)


async def unlink(update: Update, context: Context, visit: Visit) -> None:
    await partners.unlink(visit)


async def signal(update: Update, context: Context, visit: Visit) -> None:
    await signals.choose(visit)


async def later(update: Update, context: Context, visit: Visit) -> None:
    await open_by_name(context.tools, visit, "later")


async def show_question(update: Update, context: Context, visit: Visit) -> None:
    await open_by_name(context.tools, visit, "together")


async def show_agreement(update: Update, context: Context, visit: Visit) -> None:
    await agreement.show(visit)


async def show_journal(update: Update, context: Context, visit: Visit) -> None:
    await journal.show(visit)


async def show_trends(update: Update, context: Context, visit: Visit) -> None:
    await trends.show(visit)


async def show_settings(update: Update, context: Context, visit: Visit) -> None:
    await settings.menu(visit)


async def privacy(update: Update, context: Context, visit: Visit) -> None:
    await open_by_name(context.tools, visit, "privacy")


async def export(update: Update, context: Context, visit: Visit) -> None:
    await open_by_name(context.tools, visit, "export")


async def forget(update: Update, context: Context, visit: Visit) -> None:
    await open_by_name(context.tools, visit, "forget")


async def show_help(update: Update, context: Context, visit: Visit) -> None:
    care.show_help(visit, context.said)


async def cancel(update: Update, context: Context, visit: Visit) -> None:
    await care.cancel(visit)


async def unknown(update: Update, context: Context, visit: Visit) -> None:
    if not await _held(update, context, visit):
        visit.send("fallback.command")


async def _held(update: Update, context: Context, visit: Visit) -> bool:
    """Whether there are words of crisis behind the command."""
    _, _, words = ((update.message and update.message.text) or "").partition(" ")
    return await heard(context, visit, words)


def described(content: Content, locale: str) -> list[dict[str, str]]:
    """The commands for Telegram's menu."""
    return [{"command": name, "description": content.text(locale, f"commands.{name}")} for name in COMMANDS]


def turning(command: Command) -> Command:
    """Whoever gives a command turns to something else: a typed text is no answer to a form any more.

    But for help: it can be looked at in the middle of anything.
    """

    async def run(update: Update, context: Context, visit: Visit) -> None:
        if command is not show_help:
            await visit.uow.drafts.stop_awaiting(visit.person.id)
        if not await _held(update, context, visit):
            await command(update, context, visit)

    return run


COMMANDS: dict[str, Command] = {
    "start": start,
    "space": ask_for_space,
    "checkin": check_in,
    "pause": pause,
    "howami": how_am_i,
    "ground": ground,
    "breathe": breathe,
    "remind": remind,
    "timezone": timezone,
    "link": link,
    "unlink": unlink,
    "signal": signal,
    "later": later,
    "together": show_question,
    "agreement": show_agreement,
    "journal": show_journal,
    "trends": show_trends,
    "settings": show_settings,
    "privacy": privacy,
    "export": export,
    "forget": forget,
    "help": show_help,
    "cancel": cancel,
}
