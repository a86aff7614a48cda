"""Delivers notices by the Bot API, and says what came of it in the dispatcher's terms."""

from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from telegram import Bot
from telegram.error import (
    BadRequest,
    Conflict,
    Forbidden,
    InvalidToken,
    NetworkError,
    RetryAfter,
    TelegramError,
    TimedOut,
)

from bot.clock import Clock
from bot.content.catalog import Content
from bot.delivery.messenger import (
    DeliveryError,
    Envelope,
    Motion,
    NotDeliveredError,
    PerhapsDeliveredError,
    Receipt,
    RefusedError,
    TooFastError,
    UnreachableError,
)
from bot.domain.breathing import PATTERNS
from bot.domain.decision import Operation
from bot.domain.model import Person
from bot.telegram.documents import Documents
from bot.telegram.render.breath import frame
from bot.telegram.render.render import Call, render
from bot.telegram.render.words import Words
from bot.telegram.request import BrokenOff, File, request_data, retry_after_seconds

UNCHANGED = "message is not modified"
GONE = (
    "message to edit not found",
    "message can't be edited",
    "message to delete not found",
    "message can't be deleted",
)


class TelegramMessenger:
    """The Messenger for Telegram."""

    def __init__(
        self,
        bot: Bot,
        content: Content,
        clock: Clock,
        documents: Documents | None = None,
        *,
        paid: bool = False,
    ) -> None:
        """`paid`: whether more may go than Telegram takes for nothing."""
        self._bot = bot
        self._paid = paid
        self._content = content
        self._clock = clock
        self._documents = documents

    async def deliver(self, envelope: Envelope) -> Receipt:
        """Send one notice. An edit whose message is gone is sent as a message of its own."""
        notice = envelope.notice
        words = self._words(envelope.person)
        call = render(notice, envelope.message, words)
        if call is None:
            return Receipt(None)
        if call.method == "sendDocument":
            return await self._send_document(envelope, call, words)
        try:
            return await self._post(envelope.chat, call, envelope.message)
        except _GoneError:
            if notice.operation is not Operation.EDIT:
                return Receipt(None)
            fresh = render(replace(notice, operation=Operation.SEND), None, words)
            assert fresh is not None
            return await self._post(envelope.chat, fresh, None)

    async def _send_document(self, envelope: Envelope, call: Call, words: Words) -> Receipt:
        assert self._documents is not None
        file = await self._documents.file_for(envelope.notice, words)
        return await self._post(envelope.chat, call, None, {"document": file})

    async def move(self, chat: int, message: int, motion: Motion, elapsed: float) -> None:
        """Show where a breath is after `elapsed` seconds."""
        say = partial(self._content.text, motion.locale)
        text = f"{motion.heading}\n\n{frame(say, PATTERNS[motion.pattern], elapsed, motion.seconds)}"
        parameters = {
            "message_id": message,
            "text": text,
            "parse_mode": "HTML",
            "reply_markup": {"inline_keyboard": motion.keyboard},
        }
        try:
            await self._post(chat, Call("editMessageText", parameters), message)
        except _GoneError:
            raise RefusedError from None

    def _words(self, person: Person) -> Words:
        bot = self._bot
        inline = bool(bot.supports_inline_queries)
        return Words(self._content, person, self._clock.now(), bot.username, inline)

    async def _post(
        self, chat: int, call: Call, message: int | None, files: Mapping[str, File] | None = None
    ) -> Receipt:
        """One call, by python-telegram-bot's request: its error mapping, without building a Message."""
        parameters = {"chat_id": chat, **call.parameters}
        if self._paid and call.method.startswith("send"):
            parameters["allow_paid_broadcast"] = True
        try:
            result = await self._bot.request.post(
                f"{self._bot.base_url}/{call.method}", request_data=request_data(parameters, files)
            )
        except TelegramError as error:
            if isinstance(error, BadRequest) and UNCHANGED in error.message.lower():
                return Receipt(message)
            raise translated(error) from error
        sent = result.get("message_id") if isinstance(result, dict) else message
        return Receipt(sent, call.motion)


class _GoneError(DeliveryError):
    """The message that should change is not there any more."""


def translated(error: TelegramError) -> DeliveryError:
    """What a refusal or a fault of the net means to delivery."""
    match error:
        case RetryAfter():
            return TooFastError(retry_after_seconds(error))
        case Forbidden():
            return UnreachableError()
        case BadRequest() if any(gone in error.message.lower() for gone in GONE):
            return _GoneError()
        case BadRequest() if "chat not found" in error.message.lower():
            return UnreachableError()
        case BadRequest():
            return RefusedError(_category(error.message))
        case InvalidToken():  # intake ends the bot; what waits goes out with the right token
            return NotDeliveredError()
        case TimedOut() | BrokenOff():
            return PerhapsDeliveredError()
        case NetworkError() | Conflict():  # no connection at all, or a 5xx
            return NotDeliveredError()
    return RefusedError(type(error).__name__)


def _category(description: str) -> str:
    """The kind of refusal, for the log: what comes behind a colon may quote the text that was refused."""
    return description.split(":", maxsplit=1)[0][:60]
