"""The composition root: builds everything, starts it in order, and stops it in the opposite order."""

import asyncio
import gc
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot import log as logs
from bot.alerts import Alerts
from bot.clock import Activity, Bell, Clock, SteppedClock, SystemClock
from bot.config import Settings, SettingsError
from bot.content import catalog
from bot.delivery.dispatcher import Dispatcher
from bot.delivery.pacer import Pacer
from bot.delivery.rate_limit import RATE, RateLimiter
from bot.heartbeat import Heartbeat
from bot.housekeeper import Housekeeper
from bot.keys import LOST, load_keys, secrets_of
from bot.pictures.studio import Studio
from bot.places.lookup import Places
from bot.playground_link import PlaygroundLink
from bot.serving import PortTaken, listen
from bot.storage.agenda import Entry
from bot.storage.backup import Nightly
from bot.storage.engine import file_of, has_data, only_writer, open_engine
from bot.storage.migrate import found_revision, migrate
from bot.storage.trouble import describe
from bot.storage.types import DataKeyError, vault
from bot.storage.unit_of_work import Storage
from bot.telegram.animations import Animations
from bot.telegram.client import build_application, connect, disconnect
from bot.telegram.context import Tools
from bot.telegram.documents import Documents
from bot.telegram.intake import Intake
from bot.telegram.messenger import TelegramMessenger
from bot.telegram.operator_chat import OperatorChat
from bot.telegram.pace import Pace
from bot.telegram.polling import Polling
from bot.telegram.webhook import Address, Webhook
from bot.zone_watch import ZoneWatch

if TYPE_CHECKING:
    from bot.health import Health
    from bot.metrics import Metrics

log = structlog.get_logger()

BACKSTOP = timedelta(seconds=30)
"""Real time: should the clock ever mislead the heartbeat, it beats all the same."""
HOUSEKEEPING = timedelta(hours=1)
UPCOMING = 12
COLLECTING = (20_000, 20, 50)
"""Thresholds of Python's cyclic collector. A batch makes thousands of objects that live until it is done:
looking at them every 700 finds nothing."""


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Run the bot until `stop` is set.

    Raises SettingsError, ContentInvalid, DatabaseBusyError, DatabaseTroubleError, MigrationError,
    TokenRefusedError, SecondInstanceError.
    """
    metrics = _metrics(settings)
    activity = Activity()
    clock: Clock = SteppedClock(datetime.now(UTC)) if settings.playground_url else SystemClock()
    alerts = None if settings.operator_chat_id is None else Alerts(clock, activity)
    watchers = [each for each in (metrics and metrics.logged, alerts and alerts.heard) if each]
    logs.configure(settings.log_level, secrets_of(settings), watchers)
    content = catalog.load(settings.content_dir, settings.helplines_file)
    async with AsyncExitStack() as stack:
        storage = await stack.enter_async_context(_storage(settings))
        health = await stack.enter_async_context(_health(settings, storage, clock, metrics))
        places, studio = Places(), Studio()
        stack.push_async_callback(places.close)
        stack.push_async_callback(studio.close)
        application = build_application(settings.token, settings.telegram_api_url)
        tools = Tools(content, places, _backup_days(settings))
        intake = Intake(application, tools, storage, clock, activity, pace=Pace(settings.flood_limit))
        receiving = (
            Webhook(application.bot, intake, _address(settings), clock, activity)
            if settings.webhook_url
            else Polling(application.bot, intake, clock, activity)
        )
        if isinstance(receiving, Webhook):
            stack.callback(receiving.close)
        heartbeat = Heartbeat(storage, content, clock, activity, lambda: intake.contact.there)
        housekeeper = Housekeeper(storage, clock, activity, _nightly(settings))
        zone_watch = ZoneWatch(storage, clock, activity)
        workers: list[Callable[[], Awaitable[None]]] = [heartbeat.run, receiving.run]
        if isinstance(clock, SteppedClock):
            link = PlaygroundLink(
                settings.playground_url,
                clock,
                activity,
                lambda: intake.handled,
                lambda: _upcoming(storage, clock.now()),
            )
            intake.on_handled = link.on_handled
            if not await _unless_stopped(link.first_time(), stop):
                return
            workers.append(link.run)
        limiter = RateLimiter(clock.now(), settings.send_rate, settings.bulk_share)
        messenger = TelegramMessenger(
            application.bot,
            content,
            clock,
            documents=Documents(storage),
            animations=Animations(storage, clock),
            studio=studio,
            paid=settings.send_rate > RATE,
        )
        pacer = Pacer(messenger, limiter, clock, activity)
        dispatcher = Dispatcher(
            storage, messenger, limiter=limiter, pacer=pacer, clock=clock, activity=activity
        )
        storage.on_notices, storage.on_timers = dispatcher.notice, heartbeat.bell.ring
        if alerts is not None and settings.operator_chat_id is not None:
            operator = OperatorChat(application.bot, settings.operator_chat_id)
            workers.append(partial(alerts.run, operator.tell, settings.operator_chat_id, limiter))
        if metrics is not None:
            intake.on_batch, dispatcher.on_sent, heartbeat.on_run = metrics.batch, metrics.sent, metrics.late
        await _check_key(storage, clock)
        stack.push_async_callback(disconnect, application)
        if not await _unless_stopped(connect(application, content, clock, receiving.prepare), stop):
            return
        stack.enter_context(_scheduler(heartbeat, housekeeper))
        if health is not None:
            health.started, health.in_contact = True, lambda: intake.contact.there
        _collect_less()
        log.info("bot.started", name=application.bot.username, locales=content.locales)
        await _work([*workers, housekeeper.run, zone_watch.run, pacer.run, dispatcher.run], stop)
        log.info("bot.stopped")


def _collect_less() -> None:
    """What is there by now stays for good."""
    gc.freeze()
    gc.set_threshold(*COLLECTING)
    gc.enable()


async def _unless_stopped(step: Awaitable[None], stop: asyncio.Event) -> bool:
    """Do this, but give up as soon as the bot is to stop; whether it was done."""
    doing = asyncio.ensure_future(step)
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait((doing, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if doing.done():
        await doing
        return True
    doing.cancel()
    await asyncio.gather(doing, return_exceptions=True)
    return False


async def _work(workers: list[Callable[[], Awaitable[None]]], stop: asyncio.Event) -> None:
    """Run all workers until `stop` is set, or one of them fails: then its error is raised."""
    tasks = [asyncio.ensure_future(worker()) for worker in workers]
    stopping = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait((*tasks, stopping), return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            if task.done():
                task.result()
    finally:
        stopping.cancel()
        for task in tasks:  # in order: nothing new comes in, then what is under way goes out
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)


def _address(settings: Settings) -> Address:
    """Where the webhook is; listened to from now on. Raises SettingsError."""
    listener = _listen("WEBHOOK", settings.webhook_host, settings.webhook_port)
    return Address(settings.webhook_url, settings.secret, listener)


def _listen(setting: str, host: str, port: int) -> socket.socket:
    try:
        return listen(host, port)
    except PortTaken as error:
        raise SettingsError(
            f"{setting}_PORT: {port} at {host}: {error}; choose another one, or {setting}_HOST"
        ) from error


@asynccontextmanager
async def _storage(settings: Settings) -> AsyncIterator[Storage]:
    """The database: locked, brought up to date, and opened."""
    url = settings.database_url
    file = file_of(url)
    async with AsyncExitStack() as stack:
        try:
            stack.enter_context(only_writer(url))
        except OSError as error:
            raise SettingsError(f"DATABASE_URL: {file}: {error.strerror}") from error
        if file is not None:
            _unlock(settings, str(file) if has_data(file) else None)
            await migrate(url)
        engine = open_engine(url)
        stack.push_async_callback(engine.dispose)
        if file is None:  # a server's lock comes with the connection: it is kept from here on
            _unlock(settings, describe(engine.url) if await found_revision(engine) else None)
            await migrate(url, engine)
        yield Storage(engine)


def _unlock(settings: Settings, data: str | None) -> None:
    """`data`: where there is some already. Raises SettingsError."""
    try:
        vault.unlock(load_keys(settings, data))
    except DataKeyError as error:
        raise SettingsError(f"DATA_KEY: {error}") from error


def _metrics(settings: Settings) -> "Metrics | None":
    """Nothing is counted, and the library not even loaded, where nobody may ask."""
    if settings.metrics_port is None:
        return None
    from bot.metrics import Metrics

    return Metrics()


@asynccontextmanager
async def _health(
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


def _backup_days(settings: Settings) -> int | None:
    """So many days the bot's own backups are kept; None if it makes none."""
    return None if _nightly(settings) is None else settings.backup_keep_days


def _nightly(settings: Settings) -> Nightly | None:
    """The backups every night, if there is a folder for them."""
    file = file_of(settings.database_url)
    if settings.backup_dir is None or file is None:
        return None
    return Nightly(file, settings.backup_dir, settings.backup_keep_days)


async def _check_key(storage: Storage, clock: Clock) -> None:
    """Raises SettingsError if the key is not the one this database was written with."""
    try:
        async with storage.unit_of_work() as uow:
            await uow.log.check_key()
            await uow.commit(clock.now())
    except DataKeyError as error:
        raise SettingsError(
            f"DATA_KEY: this key does not open the database; use the key it was written with; {LOST}"
        ) from error


async def _ring(bell: Bell) -> None:
    """A coroutine, since APScheduler runs anything else in a thread of its own."""
    bell.ring()


@contextmanager
def _scheduler(heartbeat: Heartbeat, housekeeper: Housekeeper) -> Iterator[None]:
    """APScheduler rings for the backstop and the housekeeping; never a job per person."""
    scheduler = AsyncIOScheduler(timezone=UTC)
    every = {heartbeat.bell: BACKSTOP, housekeeper.bell: HOUSEKEEPING}
    for bell, interval in every.items():
        scheduler.add_job(
            _ring, "interval", args=(bell,), seconds=interval.total_seconds(), misfire_grace_time=None
        )
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)


async def _upcoming(storage: Storage, now: datetime) -> list[Entry]:
    async with storage.unit_of_work() as uow:
        return await uow.agenda.entries(now, UPCOMING)
