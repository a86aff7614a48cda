"""What a button of the couple's agreement means."""

from bot.telegram.callback_data.codec import tap


@tap("va")
class AgreementAsk:
    """`part`: one of `domain.agreement.PARTS`."""

    draft: int
    part: str


@tap("vs")
class AgreementChoose:
    draft: int
    part: str
    value: str


@tap("vf")
class AgreementForm:
    """Back to the form, from a page that showed this revision."""

    draft: int
    revision: int


@tap("vp")
class AgreementPreview:
    draft: int


@tap("vx")
class AgreementSend:
    draft: int


@tap("vc")
class AgreementConfirm:
    """Yes to the proposal with this revision, and to no other."""

    agreement: int
    revision: int


@tap("vo")
class AgreementChange:
    agreement: int
    revision: int


@tap("vt")
class AgreementTakeBack:
    agreement: int
    revision: int


@tap("vw")
class WelcomeMark:
    """`on`: marked from now on; else no longer."""

    couple: int
    phrase: str
    on: int
