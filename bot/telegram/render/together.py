"""What a notice about the weekly question says beside the answers."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from babel.dates import format_date

from bot.domain.decision import Notice
from bot.telegram.render.words import Words


def together_values(notice: Notice, values: Mapping[str, Any], w: Words) -> dict[str, str]:
    """The question, the day its week began, and what stands in the place of a deleted answer."""
    if "question" not in notice.parameters:
        return {}
    key = f"together.questions.{notice.parameters['question']}"
    known = w.content.has(w.reader.locale, key)
    sunday = date.fromisoformat(notice.parameters["week"])
    deleted = {name: w("together.gone") for name in ("words", "own_words") if name not in notice.private}
    return {
        "question": w(key) if known else w("together.question_gone"),
        "week_of": format_date(sunday, "long", locale=w.reader.locale),
        **deleted,
    }
