"""The chat of whoever runs the bot."""

from telegram import Bot
from telegram.error import TelegramError

from bot.telegram.messenger import translated
from bot.telegram.request import request_data


class OperatorChat:
    """Sends plain texts to one chat, past the outbox."""

    def __init__(self, bot: Bot, chat: int) -> None:
        self._bot = bot
        self._chat = chat

    async def tell(self, text: str) -> None:
        """Raises DeliveryError."""
        parameters = {"chat_id": self._chat, "text": text, "link_preview_options": {"is_disabled": True}}
        try:
            await self._bot.request.post(
                f"{self._bot.base_url}/sendMessage", request_data=request_data(parameters)
            )
        except TelegramError as error:
            raise translated(error) from error
