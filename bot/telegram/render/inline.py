"""Offers as the results of an inline query: what stands on the list, and the message it becomes."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from bot.domain.inline import Back, Offer, query_for
from bot.domain.space_lengths import ClockTime, Length
from bot.telegram.render.words import TIMES, Button, Words

MOST = 50
"""Results in one answer."""
FROM_INLINE, TO_LINES = "inline", "lines"
"""Start parameters: where the button above the results leads to."""


def results(w: Words, offers: Iterable[Offer]) -> list[dict[str, Any]]:
    """One result for each message that can be sent; the same message is offered once."""
    made: dict[str, dict[str, Any]] = {}
    for offer in offers:
        title, words, note = _shown(w, offer)
        made.setdefault(
            words,
            {
                "type": "article",
                "id": str(len(made) + 1),
                "title": title,
                "description": note,
                # Plain text: what somebody wrote goes as they wrote it.
                "input_message_content": {
                    "message_text": words,
                    "link_preview_options": {"is_disabled": True},
                },
            },
        )
    return list(made.values())[:MOST]


def opening(w: Words, *, lines: bool = False) -> dict[str, str]:
    """The button above the results: to the bot; with `lines`, to people who help."""
    if lines:
        return {"text": w("inline.lines"), "start_parameter": TO_LINES}
    return {"text": w("inline.open"), "start_parameter": FROM_INLINE}


def choose_chat(w: Words, words: str, back_at: datetime) -> Button:
    """Pick a chat, and find these very words there first. A time of day stays right for a late tap."""
    minutes = max(1, round((back_at - w.now).total_seconds() / 60))
    back = f"{minutes} min" if w.reader.zone is None else w.clock(back_at)
    chosen = {"query": query_for(words, back), "allow_user_chats": True}
    return {"text": w("inline.choose_chat"), "switch_inline_query_chosen_chat": chosen}


def _shown(w: Words, offer: Offer) -> tuple[str, str, str]:
    """Title, message and note."""
    words = w(offer.words.key) if offer.words.key else offer.words.own
    if offer.back is None:
        return words, words, w("inline.note_sign")
    back = _back(w, offer.back)
    said = w("inline.words", words=words, back=back)
    if isinstance(offer.back, datetime):
        title = w("inline.title_at", back=back, back_in=w.distance(offer.back))
    else:
        title = w("inline.title", back=back)
    return title, said, w("inline.note", words=said)


def _back(w: Words, back: Back) -> str:
    """“at 18:40”, “tomorrow at 08:00”, “in 20 minutes”."""
    match back:
        case Length(minutes):
            return w.span(minutes)
        case ClockTime(clock, days):
            return w(TIMES[1 if days == 1 else 0], time=f"{clock:%H:%M}")
    return w.time(back)
