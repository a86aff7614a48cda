"""What the pages about one's own data say: periods from the place that the code obeys, and backups."""

from collections.abc import Mapping
from typing import Any

from bot.domain.decision import Notice
from bot.domain.retention import in_days
from bot.telegram.render.words import Words


def readers(w: Words) -> dict[str, str]:
    """Who can read what: the same sentences in `/privacy` and in an invitation, on both of its sides."""
    return {
        "partner": w("privacy.reads.partner"),
        "operator": w("privacy.reads.operator"),
        "thief": w("privacy.reads.thief"),
    }


def privacy_values(notice: Notice, values: Mapping[str, Any], w: Words) -> dict[str, str]:
    if notice.kind == "privacy.text":
        return readers(w)
    periods = {name: str(days) for name, days in in_days().items()}
    if "backup_days" not in notice.parameters:
        return periods
    days = notice.parameters["backup_days"]
    backups = w("privacy.backups.theirs") if days is None else w("privacy.backups.ours", days=days)
    return {"backups": backups, **periods}
