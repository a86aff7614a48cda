"""What the dispatcher asks of a messaging platform, and what can come of it."""

from dataclasses import dataclass
from typing import Any, Protocol

from bot.storage.outbox import Envelope

__all__ = [
    "DeliveryError",
    "Envelope",
    "Messenger",
    "Motion",
    "NotDeliveredError",
    "PerhapsDeliveredError",
    "Receipt",
    "RefusedError",
    "TooFastError",
    "UnreachableError",
]


BEAT = 2.5
"""Seconds: at most so often is a message edited that moves."""


@dataclass(frozen=True)
class Motion:
    """A delivered message that moves: a guided breath of `seconds`. The rest is the platform's own."""

    pattern: str
    seconds: int
    heading: str
    locale: str
    keyboard: Any
    picture: bool = False
    """Whether a picture moves by itself, and only what stands under it is changed."""


@dataclass(frozen=True)
class Receipt:
    """Delivered. `message` is the id in the recipient's chat, None where there was nothing to do."""

    message: int | None
    motion: Motion | None = None


class Messenger(Protocol):
    """Renders and sends. Both calls raise only what is below."""

    async def deliver(self, envelope: Envelope) -> Receipt: ...

    async def move(self, chat: int, message: int, motion: Motion, elapsed: float) -> None: ...


class DeliveryError(Exception):
    """It was not delivered, or nobody knows."""


class UnreachableError(DeliveryError):
    """The person blocked the bot or is gone."""


class RefusedError(DeliveryError):
    """The platform will never take this; trying again changes nothing."""


class GoneError(RefusedError):
    """The message that moves is not there any more."""


class TooFastError(DeliveryError):
    """Wait `seconds` before the next one to this chat."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"wait {seconds} s")
        self.seconds = seconds


class NotDeliveredError(DeliveryError):
    """It surely did not arrive: try again."""


class PerhapsDeliveredError(DeliveryError):
    """The answer got lost: it may have arrived."""
