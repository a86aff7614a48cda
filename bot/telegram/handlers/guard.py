"""What stands around every handler: who is it, is it a private chat, and a kind word when it went otherwise.

In this order:
1. Updates from groups and channels, and from bots, are passed over in silence.
2. A `StillHereError` is an answer, not a fault: its words are shown, and the batch goes on.
   Stale: the old buttons go, and an open question is shown again.
3. Anything else is recorded on the turn by `record_error`: intake rolls back.
"""

from collections.abc import Awaitable, Callable, Coroutine
from functools import wraps
from typing import Any

from telegram import Update
from telegram.constants import ChatType

from bot.domain.errors import Stale, StillHereError
from bot.services import check_ins
from bot.services.visit import Visit
from bot.telegram.context import Context, current_turn

Handler = Callable[[Update, Context, Visit], Awaitable[None]]
PlainHandler = Callable[[Update, Context], Coroutine[Any, Any, None]]


def guarded(handler: Handler) -> PlainHandler:
    """Give a handler its visit, and answer what it raises."""

    @wraps(handler)
    async def run(update: Update, context: Context) -> None:
        user, chat = update.effective_user, update.effective_chat
        if user is None or user.is_bot or chat is None or chat.type != ChatType.PRIVATE:
            return
        if not _by_words(update) and not await context.is_known(update):
            # An old button, or the bot is blocked: that alone makes nobody, least of all who was forgotten.
            if update.callback_query is not None:
                locale = context.tools.content.best_locale(user.language_code)
                context.answer_tap(update, context.tools.content.text(locale, "fallback.nobody"))
            return
        visit = await context.visit(update)
        if context.is_new and not _begins(update):
            visit.send("hello.first")
        try:
            await handler(update, context, visit)
        except StillHereError as error:
            await _explain(visit, error)

    return run


def _by_words(update: Update) -> bool:
    return update.message is not None or update.edited_message is not None


def _begins(update: Update) -> bool:
    """/start says hello by itself; and nothing is said to somebody who only blocks the bot."""
    return update.message is None or (update.message.text or "").startswith("/start")


async def _explain(visit: Visit, error: StillHereError) -> None:
    if isinstance(error, Stale):
        if await visit.is_double_tap():
            return
        visit.strip()
        if await check_ins.remind_current(visit, "errors.stale_question", if_awake=True):
            return
    visit.send(f"errors.{error.code}", **error.parameters)


async def record_error(update: object, context: Context) -> None:
    """The application's error handler: intake looks at the turn after each update."""
    current_turn.get().error = context.error
