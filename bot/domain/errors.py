"""What a person can be told went otherwise than they wished; content/ words each code, under `errors`."""

from typing import Any, ClassVar


class StillHereError(Exception):
    """The root. `code` finds the words, `parameters` fill them in."""

    code: ClassVar[str] = "unknown"

    def __init__(self, **parameters: Any) -> None:
        super().__init__(self.code)
        self.parameters = parameters


class Stale(StillHereError):
    """A tap on something that is no longer current."""

    code = "stale"


class NotLinked(StillHereError):
    code = "not_linked"


class LinkEnded(StillHereError):
    """Their link ended since they last used a partner feature; said once."""

    code = "link_ended"


class InvitationUnknown(StillHereError):
    """Used, expired, withdrawn or never made: all the same to whoever opens it."""

    code = "invitation_unknown"


class TooManyCodes(StillHereError):
    """Five codes within an hour that nobody made: for a while right ones are not opened either."""

    code = "too_many_codes"


class OwnInvitation(StillHereError):
    code = "own_invitation"


class AlreadyLinked(StillHereError):
    code = "already_linked"


class InviterLinked(StillHereError):
    code = "inviter_linked"


class AccepterLinked(StillHereError):
    code = "accepter_linked"


class TooLong(StillHereError):
    """Parameters: `limit`, `length` (characters)."""

    code = "too_long"


class TooManyToday(StillHereError):
    """Parameters: `limit`."""

    code = "too_many_today"


class TooManyExtensions(StillHereError):
    """Parameters: `limit`."""

    code = "too_many_extensions"


class TooManySignals(StillHereError):
    """Parameters: `limit`."""

    code = "too_many_signals"


class TooMany(StillHereError):
    """Parameters: `limit`."""

    code = "too_many"


class TooManyKept(StillHereError):
    """Parameters: `limit`."""

    code = "too_many_kept"


class TooManyWordings(StillHereError):
    """Parameters: `limit`."""

    code = "too_many_wordings"


class TooManyTopics(StillHereError):
    """Parameters: `limit`."""

    code = "too_many_topics"


class TooManyTimes(StillHereError):
    """Parameters: `limit`."""

    code = "too_many_times"


class TimeNotAhead(StillHereError):
    """A time for a talk that is past or too far away. Parameters: `limit` (days)."""

    code = "time_not_ahead"


class WishUnclear(StillHereError):
    """A wish for a reminder that is not plain."""

    code = "wish_unclear"


class NameEmpty(StillHereError):
    code = "name_empty"


class TimeOutOfRange(StillHereError):
    code = "time_out_of_range"


class TimeUnclear(StillHereError):
    code = "time_unclear"


class PlaceUnknown(StillHereError):
    code = "place_unknown"


class PartnerNeedsSpace(StillHereError):
    """A signal to somebody who asked for space would be a ping. Parameters: `back_at`."""

    code = "partner_needs_space"


class QuestionOver(StillHereError):
    """An answer to a weekly question that can be answered no more."""

    code = "question_over"


class ProposalChanged(Stale):
    """A yes, or another proposal, to an agreement that stands otherwise than it was shown."""

    code = "proposal_changed"


class NothingNew(StillHereError):
    """A proposal of what is agreed on, or proposed, already."""

    code = "nothing_new"


class ContentInvalid(Exception):
    """The content folder has faults; `issues` are all of them, one line each."""

    def __init__(self, issues: list[str]) -> None:
        super().__init__("\n".join(issues))
        self.issues = issues
