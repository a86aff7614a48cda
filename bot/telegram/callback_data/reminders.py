"""What a button of the reminders means."""

from bot.telegram.callback_data.codec import tap


@tap("ra")
class RemindAt:
    """Every day at this time of day (“0900”)."""

    time: str


@tap("rw")
class RemindShow:
    reminder: int


@tap("rv")
class RemindSave:
    draft: int


@tap("rk")
class RemindKind:
    """`what`: a kind of reminder, or “ask” to choose one."""

    draft: int
    what: str


@tap("rn")
class RemindSkip:
    reminder: int


@tap("rp")
class RemindPauseAsk:
    """`reminder` 0: all of them; so it is below."""

    reminder: int


@tap("ru")
class RemindPause:
    reminder: int
    until: str


@tap("re")
class RemindResume:
    reminder: int


@tap("rc")
class RemindEdit:
    reminder: int


@tap("rd")
class RemindDelete:
    reminder: int


@tap("rz")
class RemindUndo:
    """`draft`: what remembers how it was."""

    draft: int


@tap("rq")
class RemindDiscreet:
    on: int


@tap("qd")
class SilentDay:
    """`day`: Monday is 0."""

    day: int
    on: int


@tap("rx")
class RemindWish:
    """A wish in words that a button offers: which one (0 is the first)."""

    number: int
