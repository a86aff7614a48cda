"""What a tapped button does. Importing the package registers all handlers."""

from bot.telegram.handlers.taps import (
    agreement,
    check_ins,
    general,
    journal,
    nudges,
    own,
    partners,
    privacy,
    reminders,
    signals,
    space,
    together,
    topics,
    trends,
    waiting,
)
from bot.telegram.handlers.taps.registry import HANDLERS, tapped

__all__ = [
    "HANDLERS",
    "agreement",
    "check_ins",
    "general",
    "journal",
    "nudges",
    "own",
    "partners",
    "privacy",
    "reminders",
    "signals",
    "space",
    "tapped",
    "together",
    "topics",
    "trends",
    "waiting",
]
