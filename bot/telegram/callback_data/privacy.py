"""What a button about one's own data means."""

from bot.telegram.callback_data.codec import tap


@tap("pf")
class Forget:
    """Everything of the sender. `tell`: 1 if the partner shall hear the neutral line."""

    draft: int
    tell: int


@tap("pe")
class Export:
    draft: int


@tap("pc")
class CleanChat:
    draft: int


@tap("pp")
class Protect:
    """Whether echoes of own lines can be passed on: 1 if not."""

    on: int
