"""What a button about the other person means: invitations, leaving, signals, own words."""

from bot.telegram.callback_data.codec import tap


@tap("ia")
class InvitationAccept:
    """The code itself: whoever does not have it cannot make this up."""

    code: str


@tap("id")
class InvitationDecline:
    code: str


@tap("ic")
class InvitationConfirm:
    invitation: int


@tap("ir")
class InvitationRefuse:
    invitation: int


@tap("iw")
class InvitationWithdraw:
    invitation: int


@tap("uf")
class SendFarewell:
    couple: int


@tap("gs")
class SignalSend:
    """A line of the list that the draft stands for."""

    draft: int
    slot: str


@tap("gl")
class SignalChange:
    slot: str


@tap("gr")
class SignalPutBack:
    slot: str


@tap("gu")
class SignalUndo:
    draft: int


@tap("tw")
class TalkWhen:
    draft: int
    when: str


@tap("ts")
class TalkSend:
    draft: int


@tap("ws")
class RelaySend:
    draft: int


@tap("wo")
class RelayOtherWords:
    draft: int


@tap("wa")
class RelayAgain:
    draft: int


@tap("wh")
class RelayHold:
    draft: int
