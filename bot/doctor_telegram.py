"""The doctor asks Telegram: who the bot is, whether a webhook was left behind, and what time it is there.

Never for updates: the bot that may be running here must not miss any, nor be told of a second one.
"""

import asyncio
import errno
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import aiohttp

from bot.config import Settings
from bot.findings import Finding, ok, warn, wrong

PATIENCE = aiohttp.ClientTimeout(total=15)
SKEWED = timedelta(seconds=5)
FAR_OFF = timedelta(seconds=60)
SETS_ITSELF = "let the machine set its clock by itself (timedatectl set-ntp true)"


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    result: dict[str, Any]
    date: datetime | None
    """The clock over there, on a whole second."""
    at: datetime
    """Our clock, half way between the question and the answer."""
    seconds: float


async def ask_telegram(settings: Settings, *, running: bool) -> list[Finding]:
    """The token, the way to Telegram, a webhook, the clock. `running`: whether the bot is, here."""
    if not settings.token:
        return [
            wrong("token", "TELEGRAM_TOKEN is empty", "copy it from @BotFather (or stay in the playground)")
        ]
    try:
        async with aiohttp.ClientSession(timeout=PATIENCE, trust_env=True) as session:
            me = await _call(session, settings, "getMe")
            if me.status != 200 or "username" not in me.result:
                return [_refused(me)]
            webhook = await _call(session, settings, "getWebhookInfo")
            operator = await _operator(session, settings)
    except (aiohttp.ClientError, OSError, TimeoutError) as error:
        mend = "see to the network, HTTPS_PROXY and TELEGRAM_API_URL"
        return [wrong("telegram", f"it cannot be reached ({_kind(error)})", mend)]
    return [
        ok("token", f"it is that of @{me.result['username']}"),
        ok("telegram", f"it answers within {max(1, round(me.seconds * 1000))} ms"),
        _webhook(webhook, settings.webhook_url, running=running),
        _clock(me),
        *operator,
    ]


async def _operator(session: aiohttp.ClientSession, settings: Settings) -> list[Finding]:
    """Whether whoever runs the bot can be told of anything; nothing is sent to try it."""
    if settings.operator_chat_id is None:
        return []
    chat = await _call(session, settings, "getChat", {"chat_id": settings.operator_chat_id})
    if chat.status == 200:
        return [ok("operator", "Telegram knows the chat that is told what needs a person")]
    mend = "write /start to the bot there, or add it to that group; or see OPERATOR_CHAT_ID"
    return [wrong("operator", "the bot cannot write to the chat that is to be told", mend)]


async def _call(
    session: aiohttp.ClientSession, settings: Settings, method: str, parameters: dict[str, Any] | None = None
) -> Answer:
    begin, now = time.monotonic(), datetime.now(UTC)
    address = f"{settings.telegram_api_url}/bot{settings.token}/{method}"
    async with session.post(address, json=parameters, allow_redirects=False) as response:
        seconds = time.monotonic() - begin
        try:
            body = await response.json(content_type=None)
        except ValueError:
            body = None
        result = body.get("result") if isinstance(body, dict) else None
        return Answer(
            status=response.status,
            result=result if isinstance(result, dict) else {},
            date=_date(response.headers.get("Date")),
            at=now + timedelta(seconds=seconds / 2),
            seconds=seconds,
        )


def _date(header: str | None) -> datetime | None:
    try:
        return None if header is None else parsedate_to_datetime(header).astimezone(UTC)
    except ValueError:
        return None


def _refused(answer: Answer) -> Finding:
    if answer.status in {401, 404}:
        return wrong("token", "Telegram does not know it", "copy TELEGRAM_TOKEN again from @BotFather")
    if answer.status == 200:
        return wrong("telegram", "what answers there is not the Bot API", "see TELEGRAM_API_URL")
    return wrong("telegram", f"it answers with {answer.status}", "try again in a few minutes")


def _webhook(answer: Answer, ours: str, *, running: bool) -> Finding:
    """Its address is nobody's business: many put a secret in there. `ours`: where it should be, if at all."""
    if answer.status != 200:
        return warn("webhook", f"Telegram does not say ({answer.status})", "try again in a few minutes")
    there = answer.result.get("url") or ""
    if ours:
        return _ours(answer, is_set=there == ours, running=running)
    if not there:
        return ok("webhook", "none is set")
    if running:
        return wrong("webhook", "one is set, so the running bot hears nothing", "restart it: it takes it off")
    return warn("webhook", "one was left behind", "the next start takes it off")


def _ours(answer: Answer, *, is_set: bool, running: bool) -> Finding:
    waiting = answer.result.get("pending_update_count", 0)
    if not is_set:
        mend = "it sets it again within a minute" if running else "the next start sets it"
        return warn("webhook", "WEBHOOK_URL is not where Telegram brings updates", mend)
    if waiting and (said := answer.result.get("last_error_message")):
        mend = "see that WEBHOOK_URL leads to WEBHOOK_PORT, with a certificate that is trusted"
        return wrong("webhook", f"{waiting} updates wait; Telegram says: {said}", mend)
    return ok("webhook", "Telegram brings updates to WEBHOOK_URL")


def _clock(answer: Answer) -> Finding:
    if answer.date is None:
        return warn("clock", "Telegram's answer does not say what time it is")
    skew = answer.at - (answer.date + timedelta(seconds=0.5))
    if abs(skew) <= SKEWED:
        return ok("clock", "it goes as Telegram's does")
    seconds = round(abs(skew).total_seconds())
    says = f"it is {seconds:,} s {'fast' if skew > timedelta() else 'slow'}, and with it every return time"
    return (wrong if abs(skew) > FAR_OFF else warn)("clock", says, SETS_ITSELF)


def _kind(error: BaseException) -> str:
    """Its kind only: texts of these errors may carry the address, and with it the token."""
    if isinstance(error, asyncio.TimeoutError):
        return "no answer in time"
    system = error.os_error if isinstance(error, aiohttp.ClientConnectorError) else error
    code = errno.errorcode.get(system.errno or 0) if isinstance(system, OSError) else None
    return code or type(error).__name__
