"""How fast a bot may send: Telegram publishes no exact limits, only about what it takes."""

from __future__ import annotations

import math
from dataclasses import dataclass
from http import HTTPStatus

from bot.playground.errors import ApiError

CHAT_BURST = 10
"""A chat takes about one message a second, and for a short while more."""
OVERALL = 30
GROUP_A_MINUTE = 20
PAID = 1000
"""`allow_paid_broadcast` lifts the limit over all so far, not a chat's own."""


@dataclass
class _Bucket:
    rate: float
    size: float
    tokens: float
    at_ms: int

    def missing_seconds(self, now_ms: int) -> float:
        self.tokens = min(self.size, self.tokens + (now_ms - self.at_ms) / 1000 * self.rate)
        self.at_ms = now_ms
        return max(0.0, (1 - self.tokens) / self.rate)


class Pace:
    """Counts what is sent, by the playground's clock. Kept in memory: a restart forgives."""

    def __init__(self) -> None:
        self._overall = _Bucket(OVERALL, OVERALL, OVERALL, 0)
        self._paid = _Bucket(PAID, PAID, PAID, 0)
        self._chats: dict[int, _Bucket] = {}

    def take(self, now_ms: int, chat_id: int, *, paid: bool = False) -> None:
        """Count one message. Raises the 429 that says how long to wait; what is refused costs nothing."""
        chat = self._chats.setdefault(chat_id, _of_chat(chat_id, now_ms))
        buckets = (chat, self._paid if paid else self._overall)
        wait = max(each.missing_seconds(now_ms) for each in buckets)
        if wait > 0:
            raise too_many_requests(math.ceil(wait))
        for each in buckets:
            each.tokens -= 1


def too_many_requests(seconds: int) -> ApiError:
    return ApiError(
        HTTPStatus.TOO_MANY_REQUESTS, f"Too Many Requests: retry after {seconds}", retry_after=seconds
    )


def _of_chat(chat_id: int, now_ms: int) -> _Bucket:
    if chat_id < 0:
        return _Bucket(GROUP_A_MINUTE / 60, GROUP_A_MINUTE, GROUP_A_MINUTE, now_ms)
    return _Bucket(1, CHAT_BURST, CHAT_BURST, now_ms)
