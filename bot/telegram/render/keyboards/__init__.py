"""The buttons, by what they are about. Importing the package registers all of them."""

from bot.telegram.render.keyboards import (
    agreement,
    check_ins,
    general,
    journal,
    nudges,
    own,
    partners,
    privacy,
    reconnect,
    reminders,
    signals,
    space,
    space_return,
    together,
    topics,
    trends,
    waiting,
)
from bot.telegram.render.keyboards.registry import KEYBOARDS

__all__ = [
    "KEYBOARDS",
    "agreement",
    "check_ins",
    "general",
    "journal",
    "nudges",
    "own",
    "partners",
    "privacy",
    "reconnect",
    "reminders",
    "signals",
    "space",
    "space_return",
    "together",
    "topics",
    "trends",
    "waiting",
]
