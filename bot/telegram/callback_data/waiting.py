"""What a button of the one who waits means: kept messages, when they would be ready, sounds."""

from bot.telegram.callback_data.codec import tap


@tap("kw")
class KeepDraft:
    """Words that were about to go."""

    draft: int


@tap("ko")
class KeptShow:
    message: int


@tap("kc")
class KeptChange:
    message: int


@tap("kt")
class KeptTakeBack:
    message: int


@tap("ks")
class KeptSend:
    """The second yes."""

    message: int


@tap("kh")
class KeptHold:
    message: int


@tap("kr")
class ReadyAsk:
    request: int


@tap("ka")
class ReadyAt:
    request: int
    ready: str


@tap("kq")
class Sound:
    """`on`: with sound again; else without, until they are back."""

    request: int
    on: int
