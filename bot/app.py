"""The composition root: builds everything, starts it in order, and stops it in the opposite order."""

import asyncio
import gc
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import TYPE_CHECKING

import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot import log as logs
from bot.alerts import Alerts
from bot.clock import Activity, Bell, Clock, SteppedClock, SystemClock
from bot.config import Settings
from bot.content import catalog
from bot.delivery.dispatcher import Dispatcher
from bot.delivery.pacer import Pacer
from bot.delivery.rate_limit import RATE, RateLimiter
from bot.heartbeat import Heartbeat
from bot.housekeeper import Housekeeper
from bot.keys import secrets_of
from bot.opening import check_key, opened
from bot.pictures.studio import Studio
from bot.places.lookup import Places
from bot.playground_link import PlaygroundLink
from bot.ports import address, healthy, metrics_of
from bot.replica import Replica, replica_of
from bot.storage.agenda import Entry
from bot.storage.backup import Nightly
from bot.storage.engine import file_of
from bot.storage.unit_of_work import DatabaseTroubleError, Storage
from bot.telegram.animations import Animations
from bot.telegram.client import build_application, connect, disconnect
from bot.telegram.context import App, Tools
from bot.telegram.documents import Documents
from bot.telegram.intake import Intake
from bot.telegram.messenger import TelegramMessenger
from bot.telegram.operator_chat import OperatorChat
from bot.telegram.pace import Pace
from bot.telegram.polling import Polling
from bot.telegram.webhook import Webhook
from bot.zone_watch import ZoneWatch

if TYPE_CHECKING:
    from bot.health import Health

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
    metrics = metrics_of(settings)
    activity = Activity()
    clock: Clock = SteppedClock(datetime.now(UTC)) if settings.playground_url else SystemClock()
    alerts = None if settings.operator_chat_id is None else Alerts(clock, activity)
    watchers = [each for each in (metrics and metrics.logged, alerts and alerts.heard) if each]
    logs.configure(settings.log_level, secrets_of(settings), watchers)
    content = catalog.load(settings.content_dir, settings.helplines_file)
    async with AsyncExitStack() as stack:
        storage = await stack.enter_async_context(opened(settings))
        health = await stack.enter_async_context(healthy(settings, storage, clock, metrics))
        places, studio = Places(), Studio()
        stack.push_async_callback(places.close)
        stack.push_async_callback(studio.close)
        application = build_application(settings.token, settings.telegram_api_url)
        tools = Tools(content, places, _backup_days(settings))
        intake = Intake(application, tools, storage, clock, activity, pace=Pace(settings.flood_limit))
        replica = replica_of(settings.database_url, storage, clock)
        receiving = _receiving(settings, intake, application, clock, activity, replica=replica)
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
        messenger = _messenger(settings, application, content, clock, storage=storage, studio=studio)
        pacer = Pacer(messenger, limiter, clock, activity)
        outbox = storage if replica is None else replica.sender
        dispatcher = Dispatcher(
            outbox, messenger, limiter=limiter, pacer=pacer, clock=clock, activity=activity
        )
        _tie(storage, replica, dispatcher, heartbeat, pacer)
        workers += _calling(alerts, settings, application, limiter, replica)
        if metrics is not None:
            intake.on_batch, dispatcher.on_sent, heartbeat.on_run = metrics.batch, metrics.sent, metrics.late
        await check_key(storage, clock)
        stack.push_async_callback(disconnect, application)
        if not await _unless_stopped(connect(application, content, clock, receiving.prepare), stop):
            return
        stack.enter_context(_scheduler(heartbeat, housekeeper))
        if health is not None:
            _begin(health, intake, replica)
        _collect_less()
        log.info("bot.started", name=application.bot.username, locales=content.locales)
        last = [housekeeper.run, zone_watch.run, pacer.run, dispatcher.run]
        await _work([*workers, *last, *(replica.workers if replica else ())], stop)
        log.info("bot.stopped")


def _tie(
    storage: Storage, replica: Replica | None, dispatcher: Dispatcher, heartbeat: Heartbeat, pacer: Pacer
) -> None:
    """What is committed wakes whoever has to do with it."""
    storage.on_notices, storage.on_timers = dispatcher.notice, heartbeat.look
    if replica is not None:
        replica.tie(dispatcher, heartbeat, pacer)


def _begin(health: "Health", intake: Intake, replica: Replica | None) -> None:
    """Who asks Telegram for nothing, as another replica does, finds nothing to say against it."""
    health.started = True
    if replica is None:
        health.in_contact = lambda: intake.contact.there
    else:
        health.in_contact = lambda: intake.contact.there or replica.stands_by
        health.is_sender = lambda: replica.leadership.leading


def _messenger(
    settings: Settings,
    application: App,
    content: catalog.Content,
    clock: Clock,
    *,
    storage: Storage,
    studio: Studio,
) -> TelegramMessenger:
    return TelegramMessenger(
        application.bot,
        content,
        clock,
        documents=Documents(storage),
        animations=Animations(storage, clock),
        studio=studio,
        paid=settings.send_rate > RATE,
    )


def _receiving(
    settings: Settings,
    intake: Intake,
    application: App,
    clock: Clock,
    activity: Activity,
    *,
    replica: Replica | None,
) -> Webhook | Polling:
    """Every replica takes what is brought; one alone may ask for it. Raises SettingsError."""
    if settings.webhook_url:
        return Webhook(application.bot, intake, address(settings), clock, activity)
    polling = Polling(application.bot, intake, clock, activity)
    if replica is not None:
        polling.whenever = replica.alone
    return polling


def _calling(
    alerts: Alerts | None,
    settings: Settings,
    application: App,
    limiter: RateLimiter,
    replica: Replica | None,
) -> list[Callable[[], Awaitable[None]]]:
    """Whoever runs the bot is told what needs a person, if they want to be."""
    if alerts is None or settings.operator_chat_id is None:
        return []
    if replica is not None:
        alerts.may_tell = replica.may_tell
    tell = OperatorChat(application.bot, settings.operator_chat_id).tell
    return [partial(alerts.run, tell, settings.operator_chat_id, limiter)]


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


def _backup_days(settings: Settings) -> int | None:
    """So many days the bot's own backups are kept; None if it makes none."""
    return None if _nightly(settings) is None else settings.backup_keep_days


def _nightly(settings: Settings) -> Nightly | None:
    """The backups every night, if there is a folder for them."""
    file = file_of(settings.database_url)
    if settings.backup_dir is None or file is None:
        return None
    return Nightly(file, settings.backup_dir, settings.backup_keep_days)


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
    """Nothing while the database is away: the time goes on without it."""
    with suppress(DatabaseTroubleError):
        async with storage.unit_of_work() as uow:
            return await uow.agenda.entries(now, UPCOMING)
    return []
