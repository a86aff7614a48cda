"""Bare aiogram 3 with its default settings and no database: the same calls as StillHere makes."""

import asyncio
import os

from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

ROWS = [[(str(number), f"a:1:{number}") for number in range(start, start + 4)] for start in (0, 4, 8)]
KEYBOARD = InlineKeyboardMarkup(
    inline_keyboard=[
        [InlineKeyboardButton(text=label, callback_data=data) for label, data in row] for row in ROWS
    ]
)
dispatcher = Dispatcher()


@dispatcher.callback_query()
async def tapped(query: CallbackQuery, bot: Bot) -> None:
    await query.answer()
    await query.message.edit_text("The question\n\n<b>The answer</b>", parse_mode="HTML")
    await bot.send_message(query.from_user.id, "The next question", parse_mode="HTML", reply_markup=KEYBOARD)


@dispatcher.message()
async def typed(message: Message, bot: Bot) -> None:
    await bot.send_message(message.chat.id, "An answer", parse_mode="HTML")


async def main() -> None:
    server = TelegramAPIServer.from_base(os.environ["BENCH_API"])
    await dispatcher.start_polling(Bot("99:bench", session=AiohttpSession(api=server)))


if __name__ == "__main__":
    asyncio.run(main())
