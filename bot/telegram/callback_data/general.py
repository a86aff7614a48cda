"""What a button of the menus and of help means."""

from bot.telegram.callback_data.codec import tap


@tap("o")
class Open:
    """Go to one of the things the menu offers, in the place of the tapped message."""

    what: str


@tap("ob")
class OpenBeside:
    """The same, as a message of its own: what was tapped stays as it is."""

    what: str


@tap("cn")
class NotMeant:
    """The text that is held was not meant as words of crisis."""

    draft: int


@tap("cg")
class GoOnWithout:
    """On where they were; the text that is held goes nowhere."""

    draft: int


@tap("cl")
class LeaveHeld:
    """The text that is held, and what it was meant for, shall go nowhere."""

    draft: int


@tap("xq")
class QuickExit:
    """Away from the pages of help, and they with it."""


@tap("x")
class Dismiss:
    """“Not now”: leave it, and what was half done."""


@tap("xl")
class LeaveIt:
    """Nothing more; only the buttons go."""
