"""What a button of a check-in or of a breath means."""

from bot.telegram.callback_data.codec import tap


@tap("a")
class AnswerStep:
    session: int
    seq: int
    value: str


@tap("ab")
class StepBack:
    session: int
    seq: int


@tap("al")
class StepLater:
    """“Not now”: the question comes again in a while."""

    session: int
    seq: int


@tap("as")
class StopCheckIn:
    session: int
    seq: int


@tap("ag")
class GoOnCheckIn:
    session: int


@tap("sc")
class StartScript:
    script: str


@tap("si")
class AboutScript:
    """What its statements rest on."""

    script: str


@tap("bp")
class BreathePattern:
    pattern: str


@tap("bl")
class BreatheLonger:
    pattern: str
    minutes: int


@tap("bs")
class BreathStop:
    pass
