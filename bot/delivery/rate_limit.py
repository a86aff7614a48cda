"""How fast the bot may speak: over all, to one chat, and how a “too many requests” is heeded.

Pure bookkeeping: time is passed in, nothing waits here. Telegram publishes no exact limits; about 30
messages a second over all and one a second a chat with short bursts is what it is known to take.
"""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

RATE = 30.0
"""Calls a second over all."""
BULK_RATE = 25.0
"""Of these, at most so many for bulk: people always find room."""
CHAT_RATE = 1.0
CHAT_BURST = 5.0
HANDFUL = 0.02
"""Seconds: at a high rate bulk waits until there is so much of it to start at once, for every start is a
transaction. At 50 a second and below that is one message."""
SPREADING = timedelta(seconds=2)
"""Refusals of several chats within this time are no longer about one chat."""
CLOCK_WENT_BACK = timedelta(seconds=1)
"""Less is only that two workers looked at the clock one after the other."""


@dataclass
class _Bucket:
    rate: float
    size: float
    tokens: float
    at: datetime

    def fill(self, now: datetime) -> float:
        if now > self.at:
            self.tokens = min(self.size, self.tokens + (now - self.at).total_seconds() * self.rate)
        self.at = now
        return self.tokens

    def ready_at(self, now: datetime, wanted: float = 1) -> datetime:
        missing = wanted - self.fill(now)
        # A microsecond more than needed: rounding must not make somebody wait twice.
        return now if missing <= 0 else now + timedelta(seconds=missing / self.rate, microseconds=1)


class RateLimiter:
    """Tokens over all and for bulk, tokens a chat, and halts."""

    def __init__(self, now: datetime, rate: float = RATE, bulk_rate: float = BULK_RATE) -> None:
        self._all = _Bucket(rate, max(1.0, rate / 4), max(1.0, rate / 4), now)
        self._bulk = _Bucket(bulk_rate, max(1.0, bulk_rate / 4), max(1.0, bulk_rate / 4), now)
        self._handful = max(1, int(bulk_rate * HANDFUL))
        self._chats: OrderedDict[int, _Bucket] = OrderedDict()
        """The chat that was written to last comes last. Of a plain dict the first ones are slow to find."""
        self._spent: dict[int, datetime] = {}
        self._halted: dict[int, datetime] = {}
        self._refusals: dict[int, datetime] = {}
        self._halt_bulk = now
        self._halt_all = now
        self._seen = now

    def free(self, now: datetime) -> int:
        """How many calls may start now."""
        self._follow(now)
        return 0 if now < self._halt_all else int(self._all.fill(now))

    def bulk_free(self, now: datetime) -> int:
        """How many of them may be bulk: a handful at least, or none."""
        free = 0 if now < self._halt_bulk else int(self._bulk.fill(now))
        return free if free >= self._handful else 0

    def bulk_ready_at(self, now: datetime) -> datetime:
        """When bulk may start, as far as is known."""
        ready = self._bulk.ready_at(now, self._handful)
        return max(ready, self._all.ready_at(now), self._halt_bulk, self._halt_all)

    def take(self, now: datetime, chat: int, *, bulk: bool, edit: bool) -> None:
        """Count a call. An edit does not count against its chat."""
        self._all.fill(now)
        self._all.tokens -= 1
        if bulk:
            self._bulk.fill(now)
            self._bulk.tokens -= 1
        if not edit:
            self._take_of(chat, now)

    def _take_of(self, chat: int, now: datetime) -> None:
        bucket = self._chats.pop(chat, None) or _Bucket(CHAT_RATE, CHAT_BURST, CHAT_BURST, now)
        bucket.fill(now)
        bucket.tokens -= 1
        self._chats[chat] = bucket
        if bucket.tokens < 1:
            self._spent[chat] = bucket.ready_at(now)
        self._forget(now)

    def _forget(self, now: datetime) -> None:
        """Forget who was written to longest ago and has all tokens back: two a call keep up at any rate."""
        for chat in list(islice(self._chats, 2)):
            if self._chats[chat].fill(now) >= CHAT_BURST:
                del self._chats[chat]

    def spent(self, now: datetime) -> set[int]:
        """Chats that have had their messages for now."""
        self._spent = {chat: until for chat, until in self._spent.items() if until > now}
        return set(self._spent)

    def halted(self, now: datetime) -> set[int]:
        """Chats that were told to wait."""
        self._halted = {chat: until for chat, until in self._halted.items() if until > now}
        return set(self._halted)

    def halt(self, now: datetime, chat: int, seconds: float) -> None:
        """Heed a refusal: its chat waits; with a second chat bulk waits, with a third everybody."""
        until = now + timedelta(seconds=seconds)
        self._halted[chat] = max(self._halted.get(chat, until), until)
        self._refusals = {each: at for each, at in self._refusals.items() if now - at <= SPREADING}
        self._refusals[chat] = now
        if len(self._refusals) >= 2:
            self._halt_bulk = max(self._halt_bulk, until)
        if len(self._refusals) >= 3:
            self._halt_all = max(self._halt_all, until)

    def _follow(self, now: datetime) -> None:
        """Should the machine's clock go back, what is halted is not halted for that much longer."""
        if now < self._seen - CLOCK_WENT_BACK:
            back = self._seen - now
            self._halt_all, self._halt_bulk = self._halt_all - back, self._halt_bulk - back
            self._halted = {chat: until - back for chat, until in self._halted.items()}
            self._refusals = {}
        self._seen = now

    def next_change(self, now: datetime) -> datetime | None:
        """When something that is held now is free again; None if nothing is."""
        later = [self._all.ready_at(now), self._bulk.ready_at(now, self._handful)]
        later += [self._halt_all, self._halt_bulk, *self._spent.values(), *self._halted.values()]
        return min((at for at in later if at > now), default=None)
