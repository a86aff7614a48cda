"""StillHere: a Telegram bot for two people of whom one reaches out under stress and the other steps back."""

__version__ = "0.1.0"
