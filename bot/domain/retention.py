"""How long what is kept: obeyed by the housekeeping, and told to people by `/privacy`.

What is not here stays until its writer deletes it, or everything of theirs (`/forget`).
"""

from datetime import timedelta

DRAFTS = timedelta(days=1)
"""half-filled forms"""
USES = timedelta(days=2)
"""what the daily limits count"""
UPDATES = timedelta(days=2)
"""the ids of what Telegram delivered"""
MESSAGES = timedelta(hours=48)
"""the ids of messages of both directions: older ones Telegram lets nobody delete"""
OUTBOX = timedelta(days=7)
"""notices after they were sent, without what was private in them"""
FAILED_UPDATES = timedelta(days=14)
"""updates that could not be handled, encrypted"""
UNFINISHED = timedelta(days=30)
"""check-ins that were stopped or left"""
INVITATIONS = timedelta(days=7)
"""invitations after they have expired"""


def in_days() -> dict[str, int]:
    """The same for texts."""
    periods = {
        "drafts": DRAFTS,
        "ids": max(UPDATES, MESSAGES, USES),
        "outbox": OUTBOX,
        "failed": FAILED_UPDATES,
        "unfinished": UNFINISHED,
        "invitations": INVITATIONS,
    }
    return {f"{name}_days": period.days for name, period in periods.items()}
