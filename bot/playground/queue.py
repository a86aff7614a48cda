"""Updates on their way to the bot: one ordered queue, and what is given, confirmed or too old."""

from __future__ import annotations

import asyncio
from typing import Any

from bot.playground.clock import Clock
from bot.playground.errors import ApiError
from bot.playground.state import Json, Pending, State

SECOND = 1000
LIFETIMES = {"callback_query": 150 * SECOND, "inline_query": 30 * SECOND}
DEFAULT_LIFETIME = 24 * 3600 * SECOND
_SHORTEST_LIFETIME = min(LIFETIMES.values())
NOT_BY_DEFAULT = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
LONGEST_POLL = 50
_AHEAD = 10
"""An offset further ahead of all updates than this is taken for a mistake, and confirms nothing."""
CONFLICT = ApiError(
    409,
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is running",
)
WEBHOOK_SET = ApiError(409, "Conflict: terminated by setWebhook request")
WEBHOOK_ACTIVE = ApiError(
    409,
    "Conflict: can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first",
)


class UpdateQueue:
    """Keeps every update until it is confirmed, refused by `allowed_updates`, or expired."""

    def __init__(self, state: State, clock: Clock) -> None:
        self._state = state
        self._clock = clock
        self._poller = 0
        self._open = 0
        self.closing = False
        for pending in state.pending:
            pending.given = False

    # in

    def put(self, kind: str, content: Any) -> int:
        update_id = self._state.next_update_id
        self._state.next_update_id += 1
        allowed = self._state.allowed_updates
        if kind in allowed if allowed else kind not in NOT_BY_DEFAULT:
            update = {"update_id": update_id, kind: content}
            self._state.pending.append(Pending(update, kind, self._clock.now_ms))
            self._clock.changed.notify()
        return update_id

    # out

    async def get_updates(self, *, offset: int, limit: int, timeout: float) -> list[Json]:
        """One getUpdates call: confirms, waits, and gives what there is."""
        if self._state.webhook.url:
            raise WEBHOOK_ACTIVE
        self._poller += 1
        mine = self._poller
        self._clock.changed.notify()
        self._confirm(offset)
        self._open += 1
        try:
            await self._clock.changed.wait_until(
                lambda: bool(self.expire()) or self._poller != mine or self.closing,
                min(timeout, LONGEST_POLL),
            )
        finally:
            self._open -= 1
        if self._state.webhook.url:
            raise WEBHOOK_SET
        if self._poller != mine:
            raise CONFLICT
        return self._give(self._state.pending[: min(max(limit, 1), 100)])

    @property
    def polled(self) -> bool:
        """Whether a poll is open."""
        return self._open > 0

    def has_from(self, offset: int) -> bool:
        """Whether a poll from `offset` on finds something at once."""
        pending = self.expire()
        return bool(pending) and bool(pending[-1].update["update_id"] >= offset)

    def interrupt(self) -> None:
        """End the poll that is open, as setWebhook does; what it gave and lost is to be given again."""
        self._poller += 1
        for pending in self._state.pending:
            pending.given, pending.failures, pending.retry_ms = False, 0, 0
        self._clock.changed.notify()

    def _confirm(self, offset: int) -> None:
        if offset < 0:
            kept = self._state.pending[offset:]
            offset = kept[0].update["update_id"] if kept else self._state.next_update_id
        if 0 < offset <= self._state.next_update_id + _AHEAD:
            self._remove(lambda pending: pending.update["update_id"] >= offset)

    def _give(self, batch: list[Pending]) -> list[Json]:
        for pending in batch:
            pending.given = True
        if batch:
            self._clock.bump()
        return [pending.update for pending in batch]

    # one at a time, for the webhook

    def next_for_webhook(self) -> Pending | None:
        """The oldest that waits for none before it in its line, nor for its next try."""
        now, held = self._clock.now_ms, set()
        for each in self.expire():
            if each.line not in held and not each.given and each.retry_ms <= now:
                return each
            held.add(each.line)
        return None

    def next_retry_ms(self) -> int | None:
        """When the webhook is tried again with what it did not take."""
        if not self._state.webhook.url:
            return None
        now = self._clock.now_ms
        return min((each.retry_ms for each in self.expire() if each.retry_ms > now), default=None)

    @property
    def posting(self) -> bool:
        """Whether something is on its way to the webhook."""
        return bool(self._state.webhook.url) and any(each.given for each in self._state.pending)

    @property
    def held_back(self) -> bool:
        """Whether all that is left to post waits for its next try."""
        waits = self.next_retry_ms() is not None and self.next_for_webhook() is None
        return waits and not self.posting

    def give_next(self) -> Pending | None:
        pending = self.next_for_webhook()
        if pending is not None:
            self._give([pending])
        return pending

    def give_back(self, pending: Pending, retry_ms: int) -> None:
        pending.given, pending.retry_ms = False, retry_ms
        pending.failures += 1
        self._clock.bump()

    def done(self, pending: Pending) -> None:
        """It was taken: the bot is asked anew whether it is idle."""
        self._remove(lambda each: each is not pending)
        self._clock.bump()

    def drop_all(self) -> None:
        self._state.pending.clear()
        self._clock.bump()

    # what is so

    def expire(self) -> list[Pending]:
        """What is still worth delivering."""
        now = self._clock.now_ms
        if not self._state.pending or now - self._state.pending[0].at_ms <= _SHORTEST_LIFETIME:
            return self._state.pending
        old = [
            each
            for each in self._state.pending
            if now - each.at_ms > LIFETIMES.get(each.kind, DEFAULT_LIFETIME)
        ]
        if old:
            gone = {each.update["update_id"] for each in old}
            self._state.pending[:] = [
                each for each in self._state.pending if each.update["update_id"] not in gone
            ]
            if any(each.given for each in old):
                # nobody can handle it any more: `delivered` goes back, and the bot hears it
                asyncio.get_running_loop().call_soon(self._clock.bump)
        return self._state.pending

    @property
    def all_given(self) -> bool:
        """By getUpdates; or, what is more, taken by the webhook."""
        pending = self.expire()
        return not pending if self._state.webhook.url else all(each.given for each in reversed(pending))

    @property
    def waiting(self) -> int:
        """How many the bot has not been given."""
        return sum(not each.given for each in self.expire())

    @property
    def delivered(self) -> int:
        if self._state.webhook.url:
            return 0  # what it takes it has handled, and what it does not take it need not wait for
        given = (each.update["update_id"] for each in self._state.pending if each.given)
        # What is confirmed was handled, perhaps by a bot that was started before this one.
        return max(given, default=0)

    def _remove(self, keep: Any) -> None:
        self._state.pending[:] = [each for each in self._state.pending if keep(each)]
