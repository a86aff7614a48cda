"""What a button under a nudge means."""

from bot.telegram.callback_data.codec import tap


@tap("nd")
class NudgeDo:
    """Begin what it offers: one of `taps.nudges.BEGINS`."""

    what: str


@tap("ns")
class NudgeShow:
    """The words of one that showed nothing personal."""

    reminder: int


@tap("nl")
class NudgeLater:
    reminder: int


@tap("ni")
class NudgeIn:
    reminder: int
    minutes: int


@tap("na")
class NudgeAt:
    """Come again at this instant (seconds since 1970)."""

    reminder: int
    at: int


@tap("nn")
class NudgeNotToday:
    """Nothing more before midnight."""


@tap("nf")
class NudgeFewer:
    reminder: int


@tap("nw")
class NudgeFewerBy:
    """`way` is one of `nudge_answers.FEWER`."""

    reminder: int
    way: str


@tap("nu")
class NudgeUndo:
    draft: int


@tap("nq")
class NudgeAsked:
    """An answer to whether they come at a wrong time: fewer, times, break, fine."""

    answer: str
