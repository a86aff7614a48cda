"""What a button about one's own things means: place, reminders, journal, settings."""

from bot.telegram.callback_data.codec import tap


@tap("z")
class PickZone:
    name: str


@tap("ra")
class RemindAt:
    time: str


@tap("rs")
class RemindSwitch:
    reminder: int
    on: int


@tap("rd")
class RemindDelete:
    reminder: int


@tap("nl")
class NudgeLater:
    reminder: int


@tap("ni")
class NudgeIn:
    reminder: int
    minutes: int


@tap("jd")
class JournalDelete:
    line: int


@tap("q")
class QuietHoursPick:
    start: str
    end: str
