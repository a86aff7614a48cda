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
PAID_FACTOR = 1000 / OVERALL
"""`allow_paid_broadcast` lifts the limit over all, not a chat's own."""


@dataclass
class _Bucket:
    rate: float
    size: float
    tokens: float
    at_ms: int

    def missing_seconds(self, now_ms: int, price: float) -> float:
        self.tokens = min(self.size, self.tokens + (now_ms - self.at_ms) / 1000 * self.rate)
        self.at_ms = now_ms
        return max(0.0, (price - self.tokens) / self.rate)


class Pace:
    """Counts what is sent, by the playground's clock. Kept in memory: a restart forgives."""

    def __init__(self) -> None:
        self._overall = _Bucket(OVERALL, OVERALL, OVERALL, 0)
        self._chats: dict[int, _Bucket] = {}

    def take(self, now_ms: int, chat_id: int, *, paid: bool = False) -> None:
        """Count one message. Raises the 429 that says how many seconds to wait; what is refused costs nothing."""
        chat = self._chats.setdefault(chat_id, _of_chat(chat_id, now_ms))
        price = 1 / PAID_FACTOR if paid else 1.0
        wait = max(chat.missing_seconds(now_ms, 1), self._overall.missing_seconds(now_ms, price))
        if wait > 0:
            raise too_many_requests(math.ceil(wait))
        chat.tokens -= 1
        self._overall.tokens -= price


def too_many_requests(seconds: int) -> ApiError:
    return ApiError(
        HTTPStatus.TOO_MANY_REQUESTS, f"Too Many Requests: retry after {seconds}", retry_after=seconds
    )


def _of_chat(chat_id: int, now_ms: int) -> _Bucket:
    if chat_id < 0:
        return _Bucket(GROUP_A_MINUTE / 60, GROUP_A_MINUTE, GROUP_A_MINUTE, now_ms)
    return _Bucket(1, CHAT_BURST, CHAT_BURST, now_ms)
