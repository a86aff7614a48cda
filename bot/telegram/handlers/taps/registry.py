"""Finding out what a tapped button means, and which handler does it.

A tap is obeyed only if its sender owns what it names: services see to that.
"""

from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

from telegram import Update

from bot.domain.errors import Stale
from bot.services.visit import Visit
from bot.telegram import callback_data as to
from bot.telegram.context import Context

T = TypeVar("T")
Handle = Callable[[Context, Visit, Any], Awaitable[None]]
HANDLERS: dict[type, Handle] = {}


def on(kind: type[T]) -> Callable[[Callable[[Context, Visit, T], Awaitable[None]]], Handle]:
    """Register what to do for this kind of tap."""

    def register(handle: Handle) -> Handle:
        HANDLERS[kind] = handle
        return handle

    return register


async def tapped(update: Update, context: Context, visit: Visit) -> None:
    """Find out what the button means, and do it."""
    query = update.callback_query
    assert query is not None
    context.answer_tap(update)
    meant = to.decode(query.data or "")
    if meant is None:
        raise Stale
    await HANDLERS[type(meant)](context, visit, meant)
