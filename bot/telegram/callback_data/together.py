"""What a button about the weekly question for two means."""

from bot.telegram.callback_data.codec import tap


@tap("2a")
class TogetherAnswer:
    """Answer the question of this week (the ISO date of its Sunday), or change the answer."""

    week: str


@tap("2k")
class TogetherKeep:
    """Keep the answer that was shown."""

    draft: int


@tap("2s")
class TogetherSkip:
    week: str


@tap("2d")
class TogetherDelete:
    answer: int


@tap("2e")
class TogetherEarlier:
    """Page 0 is the newest."""

    page: int
