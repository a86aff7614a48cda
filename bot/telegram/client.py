"""The Telegram client: python-telegram-bot's Bot and Application, on our own HTTP, without its Updater."""

from collections.abc import Awaitable, Callable

import structlog
from telegram import Bot, BotCommand
from telegram.error import BadRequest, InvalidToken, NetworkError, RetryAfter
from telegram.ext import (
    Application,
    CallbackQueryHandler,
    ChatMemberHandler,
    CommandHandler,
    ContextTypes,
    ExtBot,
    InlineQueryHandler,
    MessageHandler,
    filters,
)

from bot.clock import Clock, back_off, sleep
from bot.content.catalog import FALLBACK, Content
from bot.telegram.contact import LONGEST_BACK_OFF
from bot.telegram.context import App, Context
from bot.telegram.handlers import commands, inline, taps, typed
from bot.telegram.handlers.guard import guarded, record_error
from bot.telegram.polling import TokenRefusedError
from bot.telegram.request import AiohttpRequest, retry_after_seconds

log = structlog.get_logger()

Prepare = Callable[[], Awaitable[None]]
REQUESTS = "requests"
"""Where the application keeps its connections, to close them."""


def build_application(token: str, api_url: str) -> App:
    """The application with all handlers. All of them block: intake counts on it."""
    requests = (AiohttpRequest(), AiohttpRequest())
    bot: Bot = ExtBot(
        token,
        base_url=f"{api_url}/bot",
        base_file_url=f"{api_url}/file/bot",
        request=requests[0],
        get_updates_request=requests[1],
    )
    application: App = (
        Application.builder()
        .bot(bot)
        .updater(None)
        .job_queue(None)
        .context_types(ContextTypes(context=Context))
        .concurrent_updates(False)
        .build()
    )
    application.bot_data[REQUESTS] = requests
    _add_handlers(application)
    return application


def _add_handlers(application: App) -> None:
    message = filters.UpdateType.MESSAGE
    for name, command in commands.COMMANDS.items():
        application.add_handler(CommandHandler(name, guarded(commands.turning(command)), message))
    application.add_handler(CallbackQueryHandler(guarded(taps.tapped)))
    application.add_handler(InlineQueryHandler(inline.asked))
    application.add_handler(MessageHandler(message & filters.COMMAND, guarded(commands.unknown)))
    application.add_handler(MessageHandler(message & filters.LOCATION, guarded(typed.located)))
    application.add_handler(MessageHandler(message & filters.TEXT, guarded(typed.typed)))
    application.add_handler(MessageHandler(filters.UpdateType.EDITED_MESSAGE, guarded(typed.edited)))
    application.add_handler(MessageHandler(message & ~filters.StatusUpdate.ALL, guarded(typed.media)))
    application.add_handler(ChatMemberHandler(guarded(typed.membership), ChatMemberHandler.MY_CHAT_MEMBER))
    application.add_error_handler(record_error)


async def connect(application: App, content: Content, clock: Clock, prepare: Prepare) -> None:
    """Say hello to Telegram, tell it how updates come (`prepare`), and the commands.

    Goes on trying while there is no way to it. Raises TokenRefusedError, and what `prepare` raises.
    """
    failures = 0
    while True:
        try:
            await application.initialize()
            await prepare()
            await _tell_commands(application.bot, content)
            return
        except InvalidToken as error:
            raise TokenRefusedError from error
        except NetworkError as error:
            if not failures:
                log.warning("telegram.unreachable", error=type(error).__name__, hint="trying again by itself")
        except RetryAfter as error:
            log.warning("telegram.too_fast", seconds=retry_after_seconds(error))
        failures += 1
        await sleep(clock, back_off(failures, LONGEST_BACK_OFF))


async def disconnect(application: App) -> None:
    """Close the connections, also if there never was an answer."""
    await application.shutdown()
    for request in application.bot_data[REQUESTS]:
        await request.shutdown()


async def _tell_commands(bot: Bot, content: Content) -> None:
    """Commands are shown in the person's language."""
    for locale in content.locales:
        described = [
            BotCommand(each["command"], each["description"]) for each in commands.described(content, locale)
        ]
        language = None if locale == FALLBACK else locale
        try:
            await bot.set_my_commands(described, language_code=language)
            await bot.set_my_short_description(content.text(locale, "bot.short"), language_code=language)
            await bot.set_my_description(content.text(locale, "bot.description"), language_code=language)
        except (
            BadRequest
        ) as error:  # it is a NetworkError to python-telegram-bot, but trying again helps nobody
            log.warning("telegram.set_up", locale=locale, error=type(error).__name__)
