"""Delivers notices by the Bot API, and says what came of it in the dispatcher's terms."""

from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from functools import partial
from typing import Any

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
    BEAT,
    DeliveryError,
    Envelope,
    GoneError,
    Motion,
    NotDeliveredError,
    PerhapsDeliveredError,
    Receipt,
    RefusedError,
    TooFastError,
    UnreachableError,
)
from bot.domain.breathing import pattern_named
from bot.domain.decision import Operation
from bot.domain.model import Person
from bot.pictures.charts import chart
from bot.pictures.studio import NoPicture, Studio
from bot.telegram.animations import Animations
from bot.telegram.documents import Documents
from bot.telegram.render.breath import beside, frame
from bot.telegram.render.render import Call, render
from bot.telegram.render.trends import Chart
from bot.telegram.render.words import Words
from bot.telegram.request import BrokenOff, File, request_data, retry_after_seconds

UNCHANGED = "message is not modified"
NO_TEXT = "there is no text in the message"
LATEST = 1000
"""So many messages with a picture are known without being told by a refusal."""
WITH_CAPTION = ("sendAnimation", "sendPhoto")
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
        *,
        documents: Documents | None = None,
        animations: Animations | None = None,
        studio: Studio | None = None,
        paid: bool = False,
    ) -> None:
        """`paid`: whether more may go than Telegram takes for nothing."""
        self._bot = bot
        self._paid = paid
        self._content = content
        self._clock = clock
        self._documents = documents
        self._animations = animations
        self._studio = studio
        self._under_pictures: deque[tuple[int, int]] = deque(maxlen=LATEST)
        """chats and messages that have a caption, and no text"""

    async def deliver(self, envelope: Envelope) -> Receipt:
        """Send one notice. An edit whose message is gone is sent as a message of its own."""
        notice = envelope.notice
        words = self._words(envelope.person)
        call = render(notice, envelope.message, words)
        if call is None:
            return Receipt(None)
        if call.method == "sendDocument":
            return await self._send_document(envelope, call, words)
        if call.method == "sendAnimation":
            return await self._send_animation(envelope, call, words)
        if call.chart is not None:
            return await self._send_chart(envelope, call, call.chart)
        if call.method == "editMessageText" and (envelope.chat, envelope.message) in self._under_pictures:
            return await self._replace(envelope, words)
        try:
            return await self._post(envelope.chat, call, envelope.message)
        except _NoTextError:
            return await self._replace(envelope, words)
        except _GoneError:
            if notice.operation is not Operation.EDIT:
                return Receipt(None)
            return await self._post(envelope.chat, self._fresh(envelope, words), None)

    def _fresh(self, envelope: Envelope, words: Words) -> Call:
        """An edit as a message of its own."""
        fresh = render(replace(envelope.notice, operation=Operation.SEND), None, words)
        assert fresh is not None
        return fresh

    async def _send_document(self, envelope: Envelope, call: Call, words: Words) -> Receipt:
        assert self._documents is not None
        file = await self._documents.file_for(envelope.notice, words)
        return await self._post(envelope.chat, call, None, {"document": file})

    async def _send_animation(self, envelope: Envelope, call: Call, words: Words) -> Receipt:
        """By the name that Telegram knows it by; else, or if it knows it no more, the file."""
        assert call.motion is not None
        file = self._content.picture(words.reader.locale, call.motion.pattern)
        assert file is not None
        assert self._animations is not None
        name = await self._animations.name_of(file)
        if name is not None:
            known = replace(call, parameters={**call.parameters, "animation": name})
            try:
                return await self._post(envelope.chat, known, None)
            except RefusedError:
                self._animations.forget(file)
        files = {"animation": await self._animations.read(file)}
        result = await self._result_of(envelope.chat, call, files)
        await self._animations.remember(file, result)
        return self._receipt(envelope.chat, call, result)

    async def _send_chart(self, envelope: Envelope, call: Call, wanted: Chart) -> Receipt:
        """The picture with its words; the words alone where there is no picture to be had."""
        assert self._studio is not None
        what = (wanted.trends, wanted.labels, wanted.strength_only)
        try:
            drawn = await self._studio.draw(chart, *what, bulk=envelope.notice.priority.bulk)
            receipt = await self._post(
                envelope.chat, call, None, {"photo": ("weeks.png", drawn, "image/png")}
            )
        except (NoPicture, RefusedError):
            receipt = await self._post(envelope.chat, _without_picture(call), None)
        if envelope.message is not None:
            await self._remove(envelope)
        return receipt

    async def _replace(self, envelope: Envelope, words: Words) -> Receipt:
        """What stood under a picture ends: the text comes as a message of its own, and the picture goes."""
        receipt = await self._post(envelope.chat, self._fresh(envelope, words), None)
        await self._remove(envelope)
        return receipt

    async def _remove(self, envelope: Envelope) -> None:
        """The message that has been replaced."""
        with suppress(DeliveryError):  # it is old, or gone: then it stays where it is
            await self._post(envelope.chat, Call("deleteMessage", {"message_id": envelope.message}), None)

    async def move(self, chat: int, message: int, motion: Motion, elapsed: float) -> None:
        """Show where a breath is after `elapsed` seconds."""
        say = partial(self._content.text, motion.locale)
        pattern = pattern_named(motion.pattern)
        assert pattern is not None
        show = beside if motion.picture else frame
        parts = [show(say, pattern, at, motion.seconds) for at in (elapsed, max(0.0, elapsed - BEAT))]
        if parts[0] == parts[1]:
            return  # it says so already
        where, what = ("caption", "Caption") if motion.picture else ("text", "Text")
        parameters = {
            "message_id": message,
            where: f"{motion.heading}\n\n{parts[0]}",
            "parse_mode": "HTML",
            "reply_markup": {"inline_keyboard": motion.keyboard},
        }
        try:
            await self._post(chat, Call(f"editMessage{what}", parameters), message)
        except _GoneError:
            raise GoneError from None

    def _words(self, person: Person) -> Words:
        bot = self._bot
        inline = bool(bot.supports_inline_queries)
        return Words(self._content, person, self._clock.now(), bot.username, inline)

    async def _post(
        self, chat: int, call: Call, message: int | None, files: Mapping[str, File] | None = None
    ) -> Receipt:
        """One call; edits that change nothing are as good as made."""
        try:
            result = await self._result_of(chat, call, files)
        except _UnchangedError:
            return Receipt(message)
        return self._receipt(chat, call, result, message)

    def _receipt(self, chat: int, call: Call, result: Any, message: int | None = None) -> Receipt:
        sent = result.get("message_id") if isinstance(result, dict) else message
        if call.method in WITH_CAPTION and sent is not None:
            self._under_pictures.append((chat, sent))
        return Receipt(sent, call.motion)

    async def _result_of(self, chat: int, call: Call, files: Mapping[str, File] | None = None) -> Any:
        """By python-telegram-bot's request: its error mapping, without building a Message."""
        parameters = {"chat_id": chat, **call.parameters}
        if self._paid and call.method.startswith("send"):
            parameters["allow_paid_broadcast"] = True
        try:
            return await self._bot.request.post(
                f"{self._bot.base_url}/{call.method}", request_data=request_data(parameters, files)
            )
        except TelegramError as error:
            raise translated(error) from error


class _GoneError(DeliveryError):
    """The message that should change is not there any more."""


class _UnchangedError(DeliveryError):
    """It says so already."""


class _NoTextError(DeliveryError):
    """The message is a picture with a caption."""


def translated(error: TelegramError) -> DeliveryError:
    """What a refusal or a fault of the net means to delivery."""
    match error:
        case RetryAfter():
            return TooFastError(retry_after_seconds(error))
        case Forbidden():
            return UnreachableError()
        case BadRequest():
            return _refusal(error.message)
        case InvalidToken():  # intake ends the bot; what waits goes out with the right token
            return NotDeliveredError()
        case TimedOut() | BrokenOff():
            return PerhapsDeliveredError()
        case NetworkError() | Conflict():  # no connection at all, or a 5xx
            return NotDeliveredError()
    return RefusedError(type(error).__name__)


def _refusal(description: str) -> DeliveryError:
    said = description.lower()
    if UNCHANGED in said:
        return _UnchangedError()
    if NO_TEXT in said:
        return _NoTextError()
    if any(gone in said for gone in GONE):
        return _GoneError()
    return UnreachableError() if "chat not found" in said else RefusedError(_category(description))


def _without_picture(call: Call) -> Call:
    """The words that stood under it."""
    parameters = {name: value for name, value in call.parameters.items() if name != "caption"}
    return Call("sendMessage", {**parameters, "text": call.parameters["caption"]})


def _category(description: str) -> str:
    """The kind of refusal, for the log: what comes behind a colon may quote the text that was refused."""
    return description.split(":", maxsplit=1)[0][:60]
