"""Bare python-telegram-bot with its default settings and no database: the same calls as StillHere makes."""

import os

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import Application, CallbackQueryHandler, ContextTypes, MessageHandler, filters

ROWS = [[(str(number), f"a:1:{number}") for number in range(start, start + 4)] for start in (0, 4, 8)]
KEYBOARD = InlineKeyboardMarkup(
    [[InlineKeyboardButton(label, callback_data=data) for label, data in row] for row in ROWS]
)


async def tapped(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    query = update.callback_query
    assert query is not None
    assert update.effective_chat is not None
    await query.answer()
    await query.edit_message_text("The question\n\n<b>The answer</b>", parse_mode="HTML")
    await context.bot.send_message(
        update.effective_chat.id, "The next question", parse_mode="HTML", reply_markup=KEYBOARD
    )


async def typed(update: Update, context: ContextTypes.DEFAULT_TYPE) -> None:
    assert update.effective_chat is not None
    await context.bot.send_message(update.effective_chat.id, "An answer", parse_mode="HTML")


def main() -> None:
    application = Application.builder().token("99:bench").base_url(os.environ["BENCH_API"] + "/bot").build()
    application.add_handler(CallbackQueryHandler(tapped))
    application.add_handler(MessageHandler(filters.TEXT, typed))
    application.run_polling()


if __name__ == "__main__":
    main()
