"""What a button of a space request means."""

from bot.telegram.callback_data.codec import tap


@tap("sl")
class SpaceLength:
    draft: int
    minutes: int


@tap("st")
class SpaceOtherTime:
    draft: int


@tap("sw")
class SpaceWording:
    draft: int
    wording: str


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
    request: int
    minutes: int


@tap("sx")
class SpaceTakeBack:
    request: int


@tap("sr")
class SpaceReply:
    request: int
    reply: str
