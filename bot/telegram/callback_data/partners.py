"""What a button about the other person means: invitations, leaving, signals."""

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


@tap("gp")
class SignalPick:
    signal: str


@tap("gs")
class SignalSend:
    signal: str
