"""python-telegram-bot, which the bot is built on, takes the playground for Telegram."""

from __future__ import annotations

import pytest
import telegram
from telegram import InlineKeyboardButton, InlineKeyboardMarkup
from telegram.constants import ParseMode

from tests.unit.playground.harness import MARA, PIXEL, TOKEN, Playground


async def test_a_conversation(playground: Playground) -> None:
    bot = telegram.Bot(TOKEN, base_url=f"{playground.url}/bot", base_file_url=f"{playground.url}/file/bot")
    async with bot:
        assert bot.username == "stillhere_bot"
        await playground.do(MARA, "open", link="https://t.me/stillhere_bot?start=abc")
        [update] = await bot.get_updates(allowed_updates=telegram.Update.ALL_TYPES)
        assert update.message is not None
        assert update.message.parse_entities() == {update.message.entities[0]: "/start"}

        markup = InlineKeyboardMarkup([[InlineKeyboardButton("Yes", callback_data="yes")]])
        sent = await bot.send_message(MARA, "<b>Ready?</b>", parse_mode=ParseMode.HTML, reply_markup=markup)
        await playground.do(MARA, "tap", text="Yes")
        [update] = await bot.get_updates(offset=update.update_id + 1)
        assert update.callback_query is not None
        assert update.callback_query.message == sent
        assert await update.callback_query.answer("Good")
        edited = await bot.edit_message_text("Done", MARA, sent.message_id)
        assert isinstance(edited, telegram.Message)
        assert edited.reply_markup is None
        with pytest.raises(telegram.error.BadRequest, match="essage is not modified"):
            await bot.edit_message_text("Done", MARA, sent.message_id)

        photo = await bot.send_photo(MARA, PIXEL, caption="calm")
        file = await photo.photo[-1].get_file()
        assert bytes(await file.download_as_bytearray()) == PIXEL
        await bot.send_document(MARA, b"{}", filename="data.json")

        await playground.do(MARA, "tap_raw", message_id=1, data="x")
        await playground.do(MARA, "block")
        gone, blocked = await bot.get_updates(offset=update.update_id + 1)
        assert gone.callback_query is not None
        assert gone.callback_query.message is not None
        assert not gone.callback_query.message.is_accessible
        assert blocked.my_chat_member is not None
        assert blocked.my_chat_member.new_chat_member.status == "kicked"
        with pytest.raises(telegram.error.Forbidden):
            await bot.send_message(MARA, "x")
        assert (await bot.get_chat(MARA)).first_name == "Mara"


async def test_faults_are_the_errors_it_knows(
    playground: Playground, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PTB_TIMEDELTA", "true")  # the other way warns
    await playground.do(MARA, "say", text="/start")
    bot = telegram.Bot(TOKEN, base_url=f"{playground.url}/bot")
    async with bot:
        for fault, error in (
            ({"kind": "status", "status": 429, "retry_after": 3}, telegram.error.RetryAfter),
            ({"kind": "status", "status": 502}, telegram.error.NetworkError),
            ({"kind": "reset"}, telegram.error.NetworkError),
            ({"kind": "half"}, telegram.error.NetworkError),
            ({"kind": "not_json"}, telegram.error.TelegramError),
            ({"kind": "after_delivery"}, telegram.error.NetworkError),
        ):
            await playground.post("faults", **fault)
            with pytest.raises(error):
                await bot.send_message(MARA, "x")
    assert await playground.texts(MARA) == ["/start", "x", "x"]
