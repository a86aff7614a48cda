"""What becomes of a notice whose call failed: again later, not again, or never."""

from datetime import datetime, timedelta

import structlog

from bot.clock import back_off
from bot.delivery.messenger import (
    DeliveryError,
    NotDeliveredError,
    PerhapsDeliveredError,
    RefusedError,
    TooFastError,
    UnreachableError,
)
from bot.delivery.rate_limit import RateLimiter
from bot.storage.outbox import DROPPED, FAILED, WAITING, Envelope, Settled

log = structlog.get_logger()

LONGEST_BACK_OFF = 300.0
"""Seconds."""


def failed(envelope: Envelope, error: DeliveryError, now: datetime, limiter: RateLimiter) -> Settled:
    """What to write down; where Telegram asks for a pause, the limiter hears of it."""
    name = type(error).__name__
    log.info("notice.failed", notice=envelope.id, kind=envelope.notice.kind, error=name)
    match error:
        case TooFastError(seconds=seconds):
            limiter.halt(now, envelope.chat, seconds)
            return Settled(envelope, WAITING, error=name, not_before=now + timedelta(seconds=seconds))
        case RefusedError():
            log.error("notice.refused", notice=envelope.id, kind=envelope.notice.kind, reason=str(error))
            return Settled(envelope, FAILED, error=name)
        case UnreachableError():
            return Settled(envelope, FAILED, error=name)
        case PerhapsDeliveredError() if envelope.notice.priority.bulk:
            return Settled(envelope, DROPPED, error=name)
        case PerhapsDeliveredError() | NotDeliveredError():
            again_at = now + back_off(envelope.attempts, LONGEST_BACK_OFF)
            return Settled(envelope, WAITING, error=name, not_before=again_at)
    return Settled(envelope, FAILED, error=name)
