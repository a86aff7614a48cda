"""Inline queries: somebody types the bot's name in a chat that it cannot see.

No visit stands behind this: it makes no person and undoes no “unreachable”. Whoever types the bot's name need
not have pressed Start, and may have blocked it.
"""

from telegram import Update

from bot.services import inline
from bot.telegram.context import Context
from bot.telegram.render.inline import opening, results
from bot.telegram.render.words import Words


async def asked(update: Update, context: Context) -> None:
    """Offer words to send. For words of crisis, nothing but the way to people who help."""
    query = update.inline_query
    assert query is not None
    if query.from_user.is_bot:
        return
    turn, content = context.turn, context.tools.content
    person = await turn.uow.people.by_account(query.from_user.id)
    reader = person or inline.stranger(content.best_locale(query.from_user.language_code), turn.now)
    w = Words(content, reader, turn.now, context.bot.username)
    if content.danger(query.query) is not None:
        context.answer_inline(update, [], opening(w, lines=True))
        return
    offers = await inline.offered(turn.uow, person, query.query, turn.now)
    context.answer_inline(update, results(w, offers), opening(w))
