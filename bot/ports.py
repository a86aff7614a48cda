"""The ports the bot listens on: Telegram's webhook, and whoever asks how things are."""

import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import structlog

from bot.clock import Clock
from bot.config import Settings, SettingsError
from bot.serving import PortTaken, listen
from bot.storage.unit_of_work import Storage
from bot.telegram.webhook import Address

if TYPE_CHECKING:
    from bot.health import Health
    from bot.metrics import Metrics

log = structlog.get_logger()


def address(settings: Settings) -> Address:
    """Where the webhook is; listened to from now on. Raises SettingsError."""
    listener = _listen("WEBHOOK", settings.webhook_host, settings.webhook_port)
    return Address(settings.webhook_url, settings.secret, listener)


def metrics_of(settings: Settings) -> "Metrics | None":
    """Nothing is counted, and the library not even loaded, where nobody may ask."""
    if settings.metrics_port is None:
        return None
    from bot.metrics import Metrics

    return Metrics()


@asynccontextmanager
async def healthy(
    settings: Settings, storage: Storage, clock: Clock, metrics: "Metrics | None"
) -> "AsyncIterator[Health | None]":
    """Answers whoever asks how things are, from before Telegram is there. Raises SettingsError."""
    if metrics is None or settings.metrics_port is None:
        yield None
        return
    from bot.health import Health

    listener = _listen("METRICS", settings.metrics_host, settings.metrics_port)
    health = Health(storage, clock, metrics, listener)
    await health.start()
    log.info("health.listening", url=health.url)
    try:
        yield health
    finally:
        await health.stop()


def _listen(setting: str, host: str, port: int) -> socket.socket:
    try:
        return listen(host, port)
    except PortTaken as error:
        raise SettingsError(
            f"{setting}_PORT: {port} at {host}: {error}; choose another one, or {setting}_HOST"
        ) from error
