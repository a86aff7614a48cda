"""What a button about one's own things means: place, reminders, journal, settings."""

from bot.telegram.callback_data.codec import tap


@tap("z")
class PickZone:
    name: str


@tap("jp")
class JournalPrompt:
    number: int


@tap("jl")
class JournalPage:
    """`search` is the id of a search, or 0 for all lines; so it is below."""

    page: int
    search: int


@tap("jo")
class JournalShow:
    line: int
    page: int
    search: int


@tap("jd")
class JournalDelete:
    """Asks once more."""

    line: int
    page: int
    search: int


@tap("jx")
class JournalDeleteNow:
    line: int


@tap("js")
class JournalSend:
    """A line that was kept for later."""

    line: int


@tap("lg")
class LanguagePick:
    locale: str


@tap("le")
class LeanPick:
    """A `domain.model.Lean`, or “none” to forget it."""

    lean: str


@tap("q")
class QuietHoursPick:
    start: str
    end: str
