"""The intake: fetch a batch, handle it in one transaction, commit, and only then confirm it."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from datetime import datetime, timedelta
from typing import Any

import structlog
from telegram import Update
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.clock import Activity, Bell, Clock, back_off
from bot.crash_points import reached
from bot.domain.decision import Notice
from bot.services import space
from bot.storage.unit_of_work import DatabaseTroubleError, Storage
from bot.telegram.context import App, Job, Tools, Turn, current_turn, prefetch
from bot.telegram.pace import Pace
from bot.telegram.request import dumps, request_data, retry_after_seconds
from bot.telegram.sizes import readable

log = structlog.get_logger()

BATCH = 100
LONG_POLL = 25
"""Seconds Telegram holds a poll when there is nothing."""
MOST_TRIES = 2
"""An update that fails so often is set aside."""
OUTAGE = timedelta(minutes=2)
NOTE_EVERY = timedelta(minutes=1)
"""So often it is written down that Telegram is there, to know later how long an outage was."""
CONFLICT_PATIENCE = 30.0
"""Seconds: of two pollers the older one is told first, so a restart may see this for a moment."""
CONFLICT_OVER = timedelta(minutes=1)
"""Two that poll take turns: only after so long without a conflict the other one is gone."""
LONGEST_BACK_OFF = 30.0
AFTER_FAILURE = timedelta(seconds=5)
LAST_MOMENT = 2.0
"""Seconds that answers to taps have when the bot is to stop: the sends in flight need theirs, too."""
ALLOWED = ("message", "edited_message", "callback_query", "inline_query", "my_chat_member")
ASKED_FOR = frozenset(ALLOWED)


class TokenRefusedError(Exception):
    """Telegram does not know this token (any more)."""


class SecondInstanceError(Exception):
    """Another process polls with the same token."""


class Intake:
    """Long polling. `handled` is the highest update id whose transaction has committed."""

    def __init__(
        self,
        application: App,
        tools: Tools,
        storage: Storage,
        clock: Clock,
        activity: Activity,
        *,
        pace: Pace | None = None,
    ) -> None:
        """`pace`: how fast a person may speak, if other than usual."""
        self._pace = Pace() if pace is None else pace
        self._application = application
        self._bot = application.bot
        self._tools = tools
        self._storage = storage
        self._clock = clock
        self._activity = activity
        self._pause = Bell(clock, activity)
        self._spawned: set[asyncio.Task[None]] = set()
        self._failures = 0
        self._conflict: tuple[datetime, datetime] | None = None
        """since when another process polls, too, and when that was seen last"""
        self._again_at: datetime | None = None
        self._noted_at = clock.now()
        self._confirmed = 0
        self.handled = 0
        self.in_contact = False
        self.on_handled: Callable[[], None] = lambda: None

    async def run(self) -> None:
        """Poll until cancelled. Raises TokenRefusedError, SecondInstanceError."""
        # While it waits for Telegram the intake counts as idle: what was fetched counts as work.
        self._activity.end()
        try:
            await self._poll()
        finally:
            await self._wind_up()

    async def _wind_up(self) -> None:
        """On the way out: what nobody waits for gets a moment, and no longer than that."""
        if self._spawned:
            _, late = await asyncio.wait(self._spawned, timeout=LAST_MOMENT)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def _poll(self) -> None:
        while True:
            try:
                await self._once()
            except (TokenRefusedError, SecondInstanceError):
                raise
            except Exception as error:  # nothing was confirmed: it all comes again
                log.exception("intake.missed", error=type(error).__name__)
                self._again_at = self._clock.now() + AFTER_FAILURE
            if self._again_at is not None:
                with self._activity.working():
                    await self._pause.wait(self._again_at)

    async def _once(self) -> None:
        if self.in_contact:
            updates = await self._fetch(LONG_POLL)
        else:  # a short poll tells at once whether there is a way to Telegram
            with self._activity.working():
                updates = await self._fetch(0)
        if updates:
            reached("after_fetch")
            with self._activity.working():
                await self.take(updates)

    async def _fetch(self, seconds: int) -> list[dict[str, Any]]:
        """One poll. Where it fails, `_again_at` says when to try again."""
        self._again_at = None
        parameters = {
            "offset": self._confirmed + 1 if self._confirmed else None,
            "limit": BATCH,
            "timeout": seconds,
            "allowed_updates": ALLOWED,
        }
        try:
            updates = await self._bot.request.post(
                f"{self._bot.base_url}/getUpdates",
                request_data=request_data(parameters),
                read_timeout=seconds + 10,
            )
        except TelegramError as error:
            self._again_at = self._clock.now() + self._back_off(error)
            return []
        if self._failures:
            log.info("telegram.reached_again")
        if not self.in_contact:
            await self._after_outage()
        elif not updates and self._clock.now() - self._noted_at > NOTE_EVERY:
            await self._note_contact()
        self._failures, self.in_contact = 0, True
        return list(updates) if isinstance(updates, list) else []

    async def _after_outage(self) -> None:
        """Telegram keeps a tap for two and a half minutes only: ask again what is still open."""
        now = self._clock.now()
        async with self._storage.unit_of_work() as uow:
            last = await uow.log.last_contact()
            if last is not None and now - last > OUTAGE:
                log.info("telegram.outage", seconds=round((now - last).total_seconds()))
                await space.after_outage(uow, last, now)
            await uow.log.note_contact(now)
            await uow.commit(now)

    async def _note_contact(self) -> None:
        now = self._noted_at = self._clock.now()
        async with self._storage.unit_of_work() as uow:
            await uow.log.note_contact(now)
            await uow.commit(now)

    def _back_off(self, error: TelegramError) -> timedelta:
        """How long to wait after this error. Raises TokenRefusedError, SecondInstanceError."""
        now = self._clock.now()
        if isinstance(error, InvalidToken):
            raise TokenRefusedError from error
        if isinstance(error, Conflict):
            since, seen = self._conflict or (now, now)
            self._conflict = (since if now - seen <= CONFLICT_OVER else now, now)
            log.warning("telegram.conflict", hint="another process polls with this token")
            if (now - self._conflict[0]).total_seconds() >= CONFLICT_PATIENCE:
                raise SecondInstanceError from error
        elif not self._failures:
            log.warning("telegram.unreachable", error=type(error).__name__, hint="trying again by itself")
        self._failures += 1
        self.in_contact = False
        if isinstance(error, RetryAfter):
            return timedelta(seconds=retry_after_seconds(error))
        return back_off(self._failures, LONGEST_BACK_OFF)

    async def take(self, updates: Sequence[dict[str, Any]]) -> None:
        """Handle a batch: together, or, if one of them fails, one by one."""
        failed = await self._try(updates)
        if failed is not None and len(updates) > 1:
            for update in updates:
                await self._take_alone(update)
        elif failed is not None:
            await self._take_alone(updates[0])
        # Ids may jump down after a quiet week: what is confirmed is this batch, not a maximum of all times.
        self._confirmed = max(int(update["update_id"]) for update in updates)
        self.handled = max(self.handled, self._confirmed)
        self.on_handled()

    async def _take_alone(self, update: dict[str, Any]) -> None:
        for _ in range(MOST_TRIES):
            failed = await self._try([update])
            if failed is None:
                return
        assert failed is not None
        await self._set_aside(update, failed)

    async def _try(self, updates: Sequence[dict[str, Any]]) -> BaseException | None:
        """One transaction for all of these; what went wrong, if anything did (then nothing is changed)."""
        now = self._clock.now()
        try:
            async with self._storage.unit_of_work() as uow:
                turn = Turn(uow, now, self._tools)
                await self._handle(turn, updates)
                note = abs(now - self._noted_at) > NOTE_EVERY
                if note:
                    await uow.log.note_contact(now)
                reached("in_transaction")
                await uow.commit(now)
        except DatabaseTroubleError:  # no fault of the updates: nothing is confirmed, they all come again
            raise
        except Exception as error:
            log.warning("update.failed", updates=len(updates), error=type(error).__name__, exc_info=True)
            return error
        reached("after_commit")
        self._noted_at = now if note else self._noted_at
        for method, parameters in turn.calls:
            self._spawn(self._post(method, parameters))
        for job in turn.jobs:
            self._spawn(self._run_job(job))
        return None

    async def _handle(self, turn: Turn, updates: Sequence[dict[str, Any]]) -> None:
        each = {int(update["update_id"]): update for update in updates}  # once, should one come twice
        fresh = await turn.uow.log.mark_seen(each, turn.now)
        # What was not asked for is nothing to us, and may look like nothing we know.
        wanted = [update for key, update in each.items() if key in fresh and ASKED_FOR & update.keys()]
        parsed = [Update.de_json(readable(update), self._bot) for update in wanted]
        if len(parsed) > 1:  # one alone asks for what it needs, and mostly for less
            await prefetch(turn.uow, parsed)
        token = current_turn.set(turn)
        try:
            for update in parsed:
                if not await self._pace.passes_over(turn, update):
                    await self._application.process_update(update)
                if turn.error is not None:
                    raise turn.error
        finally:
            current_turn.reset(token)

    async def _set_aside(self, update: dict[str, Any], error: BaseException) -> None:
        """Keep it for the operator, tell the person something went wrong, and go on."""
        now = self._clock.now()
        update_id = int(update["update_id"])
        log.error("update.set_aside", update=update_id, error=type(error).__name__)
        async with self._storage.unit_of_work() as uow:
            if not await uow.log.mark_seen([update_id], now):
                return
            if "inline_query" not in update:  # of these nothing is kept, and the next letter typed asks anew
                await uow.log.set_aside(update_id, dumps(update).decode(), type(error).__name__, now)
                sender = _sender_of(update)
                person = None if sender is None else await uow.people.by_account(sender)
                if person is not None:
                    uow.outbox.add(Notice("errors.unknown", person.id))
            await uow.commit(now)

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        """Start what nobody waits for, side by side with the next poll."""
        task = asyncio.create_task(work)
        self._activity.begin()
        self._spawned.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._spawned.discard(task)
        self._activity.end()

    async def _run_job(self, job: Job) -> None:
        try:
            await job(self._tools, self._storage, self._clock)
        except Exception as error:
            log.exception("job.failed", error=type(error).__name__)

    async def _post(self, method: str, parameters: dict[str, Any]) -> None:
        try:
            await self._bot.request.post(
                f"{self._bot.base_url}/{method}", request_data=request_data(parameters)
            )
        except TelegramError as error:
            log.debug("call.lost", method=method, error=type(error).__name__)


def _sender_of(update: dict[str, Any]) -> int | None:
    for part in update.values():
        if isinstance(part, dict) and isinstance(part.get("from"), dict):
            sender = part["from"].get("id")
            return sender if isinstance(sender, int) else None
    return None
