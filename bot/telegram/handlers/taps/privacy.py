"""Taps about one's own data."""

from bot.services import chat, export, forget, privacy
from bot.services.visit import Visit
from bot.telegram import callback_data as to
from bot.telegram.context import Context
from bot.telegram.handlers.taps.registry import on


@on(to.Forget)
async def forget_person(context: Context, visit: Visit, tap: to.Forget) -> None:
    await forget.forget(visit, tap.draft, tell=tap.tell == 1)
    # The commands in a language they chose are kept by Telegram, for this chat.
    scope = {"type": "chat", "chat_id": context.account}
    context.turn.calls.append(("deleteMyCommands", {"scope": scope}))


@on(to.Export)
async def export_person(context: Context, visit: Visit, tap: to.Export) -> None:
    await export.send(visit, tap.draft)


@on(to.CleanChat)
async def clean_chat(context: Context, visit: Visit, tap: to.CleanChat) -> None:
    await chat.clean(visit, tap.draft)


@on(to.Protect)
async def protect(context: Context, visit: Visit, tap: to.Protect) -> None:
    await privacy.set_protection(visit, on=tap.on == 1)
