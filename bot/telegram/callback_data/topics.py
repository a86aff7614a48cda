"""What a button of a parked topic means."""

from bot.telegram.callback_data.codec import tap


@tap("lo")
class LaterLeaveOpen:
    draft: int


@tap("lt")
class LaterTime:
    """`minute`: an instant, in minutes since 1970; so it is below. `on`: offer it, or no longer."""

    draft: int
    minute: int
    on: int


@tap("lb")
class LaterTimes:
    """Back from the preview to the times."""

    draft: int


@tap("lp")
class LaterPreview:
    draft: int


@tap("ls")
class LaterSend:
    draft: int


@tap("ly")
class LaterAgree:
    topic: int
    minute: int


@tap("lm")
class LaterOffer:
    """Other times for this topic."""

    topic: int


@tap("li")
class LaterShow:
    topic: int


@tap("lx")
class LaterLetGo:
    topic: int


@tap("lz")
class LaterLetGoAgreed:
    """The time that goes with it: an old button does not undo another one."""

    topic: int
    minute: int
