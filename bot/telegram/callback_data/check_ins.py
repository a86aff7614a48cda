"""What a button of a check-in or of a breath means."""

from bot.telegram.callback_data.codec import tap


@tap("a")
class AnswerStep:
    session: int
    seq: int
    value: str


@tap("as")
class StopCheckIn:
    session: int


@tap("bs")
class BreathStop:
    pass
