"""The intake: a batch of updates is handled in one transaction; who brought it may confirm it after that."""

import asyncio
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from time import perf_counter
from typing import Any

import structlog
from telegram import Update
from telegram.error import TelegramError

from bot.clock import Activity, Clock
from bot.crash_points import reached
from bot.domain.decision import Notice
from bot.storage.unit_of_work import DatabaseTroubleError, DeadlockError, Storage
from bot.telegram.contact import Contact
from bot.telegram.context import App, Job, Tools, Turn, current_turn, prefetch
from bot.telegram.pace import Pace
from bot.telegram.request import dumps, request_data
from bot.telegram.sizes import readable

log = structlog.get_logger()

BATCH = 100
MOST_DEADLOCKS = 3
MOST_TRIES = 2
"""An update that fails so often is set aside."""
LAST_MOMENT = 2.0
"""Seconds that answers to taps have when the bot is to stop: the sends in flight need theirs, too."""
ALLOWED = ("message", "edited_message", "callback_query", "inline_query", "my_chat_member")
ASKED_FOR = frozenset(ALLOWED)


class Intake:
    """Takes batches. `handled` is the highest update id whose transaction has committed."""

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
        self.contact = Contact(storage, clock)
        self._activity = activity
        self._spawned: set[asyncio.Task[None]] = set()
        self.handled = 0
        self.on_handled: Callable[[], None] = lambda: None
        self.on_batch: Callable[[int, float], None] = lambda _updates, _seconds: None

    async def wind_up(self) -> None:
        """On the way out: what nobody waits for gets a moment, and no longer than that."""
        if self._spawned:
            _, late = await asyncio.wait(self._spawned, timeout=LAST_MOMENT)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)

    async def take(self, updates: Sequence[dict[str, Any]]) -> None:
        """Handle a batch: together, or, if one of them fails, one by one.

        Raises what is no fault of the updates (DatabaseTroubleError); nothing is done then.
        """
        begin = perf_counter()
        failed = await self._try_again(updates)
        if failed is not None and len(updates) > 1:
            for update in updates:
                await self._take_alone(update)
        elif failed is not None:
            await self._take_alone(updates[0])
        self.handled = max(self.handled, *(int(update["update_id"]) for update in updates))
        self.on_handled()
        self.on_batch(len(updates), perf_counter() - begin)

    async def _take_alone(self, update: dict[str, Any]) -> None:
        for _ in range(MOST_TRIES):
            failed = await self._try_again([update])
            if failed is None:
                return
        assert failed is not None
        await self._set_aside(update, failed)

    async def _try_again(self, updates: Sequence[dict[str, Any]]) -> BaseException | None:
        """Try; at once anew where another replica was in the way."""
        for _ in range(MOST_DEADLOCKS):
            with suppress(DeadlockError):
                return await self._try(updates)
        return await self._try(updates)

    async def _try(self, updates: Sequence[dict[str, Any]]) -> BaseException | None:
        """One transaction for all of these; what went wrong, if anything did (then nothing is changed)."""
        now = self._clock.now()
        try:
            async with self._storage.unit_of_work() as uow:
                turn = Turn(uow, now, self._tools)
                await self._handle(turn, updates)
                note = self.contact.is_to_be_noted(now)
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
        if note:
            self.contact.noted(now)
        for method, parameters in turn.calls:
            self._spawn(self._post(method, parameters))
        for job in turn.jobs:
            self._spawn(self._run_job(job))
        return None

    async def _handle(self, turn: Turn, updates: Sequence[dict[str, Any]]) -> None:
        each = {int(update["update_id"]): update for update in updates}  # once, should one come twice
        senders = (_sender_of(update) for update in updates)
        await turn.uow.turns.take({sender for sender in senders if sender is not None})
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
