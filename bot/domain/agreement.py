"""What a couple agrees on for its breaks: one proposes, the other confirms, and until then nothing changes.

It sets what comes first, and never what is possible. Nobody can decline: a proposal may stay open, be taken
back by whoever made it, or be answered by another one.
"""

from dataclasses import dataclass, replace
from enum import StrEnum

from bot.domain.errors import NothingNew, ProposalChanged, Stale
from bot.domain.model import CoupleId, PersonId

LENGTHS = (5, 10, 15, 20, 30, 60)
"""Minutes."""
LONGEST = (60, 120, 240, 720)
"""Minutes; none is shorter than a length."""
WORDINGS = ("few_minutes", "settle_thoughts")
"""The article's scripts, worded in content/ under `wording`."""
PHRASES = ("feel", "slow", "sorry", "stop", "point", "thanks")
"""What somebody may like to hear after a hard moment, worded in content/ under `agreement.phrase`."""


class First(StrEnum):
    """Who speaks first after a break."""

    ASKED = "asked"
    """who asked for space"""
    WAITED = "waited"
    READY = "ready"
    """whoever is ready"""


PARTS: dict[str, tuple[int, ...] | tuple[str, ...]] = {
    "minutes": LENGTHS,
    "wording": WORDINGS,
    "longest": LONGEST,
    "first": tuple(First),
}
"""What can be agreed on, and the values of each; all of them may also be left open."""


@dataclass(frozen=True)
class Terms:
    """What is agreed on, or proposed; None: left open, and all is as usual."""

    minutes: int | None = None
    """the length that stands first, in minutes"""
    wording: str | None = None
    """the words that come first; None: by the length"""
    longest: int | None = None
    """the longest break, in minutes"""
    first: str | None = None

    def having(self, part: str, value: int | str | None) -> "Terms":
        """The same with another value of one part. Raises Stale for a value that is not offered."""
        if part not in PARTS or (value is not None and value not in PARTS[part]):
            raise Stale
        return Terms(**{**vars(self), part: value})


@dataclass(frozen=True)
class Agreement:
    """What one couple agreed on, and the open proposal, if there is one.

    The revision grows with every change; whoever decides names the one they were shown. `id` is None
    before the first proposal.
    """

    couple: CoupleId
    agreed: Terms = Terms()
    proposed: Terms | None = None
    proposed_by: PersonId | None = None
    revision: int = 0
    id: int | None = None


def propose(agreement: Agreement, by: PersonId, terms: Terms, shown: int) -> Agreement:
    """Propose these terms, in the place of an open proposal of either of the two.

    Raises ProposalChanged if it stands otherwise than it was shown, NothingNew for what is agreed or proposed
    already.
    """
    _check_shown(agreement, shown)
    if terms in (agreement.agreed, agreement.proposed):
        raise NothingNew
    return _changed(agreement, proposed=terms, by=by)


def confirm(agreement: Agreement, by: PersonId, shown: int) -> Agreement:
    """Say yes to exactly what the other proposed. Raises ProposalChanged."""
    _check_shown(agreement, shown)
    if agreement.proposed is None or agreement.proposed_by == by:
        raise ProposalChanged
    return replace(_changed(agreement), agreed=agreement.proposed)


def withdraw(agreement: Agreement, by: PersonId, shown: int) -> Agreement:
    """Take one's own proposal back. Raises ProposalChanged."""
    _check_shown(agreement, shown)
    if agreement.proposed is None or agreement.proposed_by != by:
        raise ProposalChanged
    return _changed(agreement)


def _check_shown(agreement: Agreement, shown: int) -> None:
    if agreement.revision != shown:
        raise ProposalChanged


def _changed(agreement: Agreement, proposed: Terms | None = None, by: PersonId | None = None) -> Agreement:
    return replace(agreement, proposed=proposed, proposed_by=by, revision=agreement.revision + 1)
