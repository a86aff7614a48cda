"""Inline mode: what is offered for what somebody types behind the bot's name in any chat.

The time is only a part of the words: nothing here is kept, asked for again, or told to anybody.
"""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from bot.domain.space import LONGEST, MOST_WORDS
from bot.domain.space_lengths import TIME_OUT, ClockTime, Length, parse_return

SHORT, LONG = (5, 10, 15), (20, 30, 60)
"""Minutes that are offered before any were typed: for a short pause, and for a body to settle."""
LONGEST_QUERY = 256
"""Characters, in UTF-16 units as Telegram counts them."""

Back = datetime | Length | ClockTime
"""When somebody is back: an instant where it is known what time it is there, or else what was said."""


@dataclass(frozen=True)
class Wording:
    """What is to be said: shipped words by their key, or a person's own."""

    key: str | None = None
    own: str = ""


@dataclass(frozen=True)
class Offer:
    """One message to send; `back` is None for a sign without a time."""

    words: Wording
    back: Back | None = None


@dataclass(frozen=True)
class Wordings:
    """The words there are. `saved` and `signs` may be the person's own."""

    few_minutes: Wording
    settle: Wording
    saved: Sequence[Wording] = ()
    signs: Sequence[Wording] = ()


def offers(query: str, wordings: Wordings, now: datetime, zone: ZoneInfo | None) -> list[Offer]:
    """What fits the query, the best first: with the time that was typed, or else with some that often fit."""
    said, own = _read(query)
    back = None if said is None else _back(said, now, zone)
    if back is None:
        return [*_before_a_time(wordings, now, zone), *(Offer(words) for words in wordings.signs)]
    shipped = (wordings.few_minutes, wordings.settle)
    first = shipped if _is_short(back, now) else shipped[::-1]
    typed = (Wording(own=own),) if own else ()
    return [Offer(words, back) for words in (*typed, *first, *wordings.saved)]


def query_for(words: str, back: str) -> str:
    """The query that offers exactly these words first; only the time where both are too long for one."""
    query = f"{back}: {words}"
    return query if len(query.encode("utf-16-le")) // 2 <= LONGEST_QUERY else back


_BARE_MINUTES = re.compile(r"\d{1,3}")
_TIME_AND_WORDS = re.compile(r"(.{1,40}?):(?:\s+(.*))?", re.DOTALL)


def _read(query: str) -> tuple[Length | ClockTime | None, str]:
    """“20”, “25 min”, “21:30”, each also with words behind a colon: “20: a walk around the block”."""
    query = query.strip()
    said = _time(query)
    if said is not None:
        return said, ""
    found = _TIME_AND_WORDS.fullmatch(query)
    if found is None:
        return None, ""
    words = " ".join((found[2] or "").split())
    return _time(found[1]), words if len(words) <= MOST_WORDS else ""


def _time(text: str) -> Length | ClockTime | None:
    """A number alone is minutes, as it is behind /space."""
    plain = unicodedata.normalize("NFKC", text).strip()
    return Length(int(plain)) if _BARE_MINUTES.fullmatch(plain) else parse_return(text)


def _back(said: Length | ClockTime, now: datetime, zone: ZoneInfo | None) -> Back | None:
    """None for what is no break: none at all, longer than a day, or past."""
    if isinstance(said, Length):
        length = timedelta(minutes=said.minutes)
        if not timedelta(0) < length <= LONGEST:
            return None
        return said if zone is None else now + length
    if zone is None:  # it is their clock that is meant, whatever it shows
        return said
    at = said.after(now, zone)
    return at if now < at <= now + LONGEST else None


def _before_a_time(wordings: Wordings, now: datetime, zone: ZoneInfo | None) -> Iterator[Offer]:
    lengths = [(wordings.few_minutes, each) for each in SHORT]
    lengths += [(wordings.settle, each) for each in LONG]
    lengths += [(words, TIME_OUT) for words in wordings.saved]
    for words, minutes in lengths:
        yield Offer(words, _back(Length(minutes), now, zone))


def _is_short(back: Back, now: datetime) -> bool:
    match back:
        case Length(minutes):
            return minutes < TIME_OUT
        case datetime():
            return back - now < timedelta(minutes=TIME_OUT)
    return False
