"""What a button of a space request means."""

from bot.telegram.callback_data.codec import tap


@tap("sl")
class SpaceLength:
    draft: int
    minutes: int


@tap("sy")
class SpaceSame:
    """The same as last time."""

    draft: int


@tap("su")
class SpaceUntil:
    """`minute`: an instant, in minutes since 1970; so it is below."""

    draft: int
    minute: int


@tap("sz")
class SpaceStay:
    """Less than twenty minutes, in spite of what was said about them."""

    draft: int


@tap("st")
class SpaceOtherTime:
    draft: int


@tap("sw")
class SpaceWording:
    draft: int
    wording: str


@tap("sv")
class SpaceSaved:
    """`saved`: the id of words that were kept."""

    draft: int
    saved: int


@tap("so")
class SpaceOwnWords:
    draft: int


@tap("sa")
class SpaceAgain:
    draft: int


@tap("ss")
class SpaceSend:
    draft: int


@tap("sb")
class SpaceBack:
    request: int


@tap("sm")
class SpaceMore:
    request: int


@tap("se")
class SpaceExtend:
    """`after`: the return that was shown, in minutes since 1970: a second tap does not add up."""

    request: int
    minutes: int
    after: int


@tap("sh")
class SpaceExtendUntil:
    request: int
    minute: int


@tap("sj")
class SpaceMoreTyped:
    request: int


@tap("sn")
class SpaceNotToday:
    request: int


@tap("sg")
class SpaceRate:
    request: int
    intensity: int


@tap("sq")
class SpaceAbsorb:
    """Page 0: the first one, whichever it is."""

    request: int
    page: int


@tap("sp")
class SpaceReplaying:
    request: int
    yes: int


@tap("sk")
class SpaceKeepWords:
    request: int


@tap("wd")
class SavedWordsDelete:
    saved: int


@tap("wi")
class SavedWordsShow:
    saved: int


@tap("sx")
class SpaceTakeBack:
    request: int


@tap("sd")
class SpaceReady:
    """Back, and ready to talk."""

    request: int


@tap("bk")
class BreaksPage:
    """`page` of one's own breaks."""

    page: int


@tap("sr")
class SpaceReply:
    request: int
    reply: str
