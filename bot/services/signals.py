"""Signals: a one-tap line to the partner, shown before it goes; never a ping to who asked for space."""

from bot.domain.decision import Notice, Priority
from bot.domain.errors import PartnerNeedsSpace, Stale, TooManySignals
from bot.services.telling import is_quiet
from bot.services.visit import Visit

KINDS = ("still_here", "settling")
MOST_A_DAY = 3
SIGNAL = "signal"
"""The kind of daily use."""


async def choose(visit: Visit) -> None:
    """Which one? Raises NotLinked, LinkEnded, PartnerNeedsSpace, TooManySignals."""
    await _check(visit)
    visit.show("signal.choose")


async def preview(visit: Visit, kind: str) -> None:
    """What the partner will get, exactly."""
    if kind not in KINDS:
        raise Stale
    await _check(visit)
    partner = await visit.partner()
    assert partner is not None
    visit.show("signal.preview", {"name": partner.name, "own_name": visit.person.name}, signal=kind)


async def send(visit: Visit, kind: str) -> None:
    """Send it. What the sender is told is the same whatever becomes of it."""
    if kind not in KINDS:
        raise Stale
    await _check(visit)
    partner = await visit.partner()
    assert partner is not None
    await visit.uow.uses.add(visit.person.id, SIGNAL, visit.now)
    visit.uow.outbox.add(
        Notice(
            f"signal.{kind}",
            partner.id,
            {},
            {"name": visit.person.name},
            priority=Priority.RELAY,
            relayed=True,
            silent=is_quiet(partner, visit.now),
        )
    )
    visit.show("relay.sent", words_key=f"signal_words.{kind}")


async def _check(visit: Visit) -> None:
    couple = await visit.couple()
    partner = couple.partner_of(visit.person.id)
    request = await visit.uow.space.open_of_couple(couple.id)
    if request is not None and request.is_away(partner):
        raise PartnerNeedsSpace(back_at=request.return_at.isoformat())
    if await visit.uow.uses.count(visit.person.id, SIGNAL, visit.now) >= MOST_A_DAY:
        raise TooManySignals(limit=MOST_A_DAY)
