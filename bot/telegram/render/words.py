"""The words for one reader: their locale, their time zone, now."""

import html
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from babel.dates import format_datetime, format_skeleton, format_timedelta
from babel.units import format_unit

from bot.content.catalog import Content
from bot.domain.model import Person
from bot.places.zones import zone

MOST_TO_COPY = 256
"""UTF-16 units that a copy button carries."""

Button = dict[str, Any]
Rows = list[list[Button]]

TIMES = ("times.today", "times.tomorrow", "times.other", "times.tonight")
TIMES_ALONE = ("times_alone.today", "times_alone.tomorrow", "times_alone.other", "times_alone.tonight")
"""The same behind “until” and “from”, where no “at” may stand."""
NIGHT_ENDS, EVENING_BEGINS = 5, 17
"""Hours: in the evening, the small hours are “tonight” and not yet tomorrow."""
TALK_TIMES = ("talk_times.today", "talk_times.tomorrow", "talk_times.other")
"""The same for the middle of a sentence: the time first, then the day."""


@dataclass(frozen=True)
class Words:
    """Content, bound to a reader and a moment."""

    content: Content
    reader: Person
    now: datetime
    bot_name: str
    """the bot's user name, for links"""
    inline: bool = False
    """whether inline mode is switched on at BotFather"""

    def __call__(self, key: str, *, variant: int = 0, **values: Any) -> str:
        """The words for `key`; values are HTML already."""
        return self.content.text(self.reader.locale, key, variant=variant, **values)

    def values(self, parameters: Mapping[str, Any], private: Mapping[str, Any]) -> dict[str, str]:
        """A notice's parameters as they read: `…_at` is an instant; `…_time`, `…_in`, `…_clock` too."""
        values = {"own_name": html.escape(self.reader.name)}
        for key, value in parameters.items():
            if key.endswith("_at") and isinstance(value, str):
                instant = datetime.fromisoformat(value)
                stem = key.removesuffix("_at")
                values[key] = self.time(instant)
                values[f"{stem}_time"] = self.time(instant, TIMES_ALONE)
                values[f"{stem}_in"] = self.distance(instant)
                values[f"{stem}_clock"] = self.clock(instant)
            elif key == "variant":
                continue
            elif key == "quiet":
                values[key] = "–".join(value)
            else:
                values[key] = html.escape(str(value))
        values |= {key: html.escape(str(value)) for key, value in private.items()}
        if "words_key" in parameters:
            values["words"] = self(parameters["words_key"])
        return values

    def time(self, instant: datetime, wordings: tuple[str, ...] = TIMES) -> str:
        """“at 18:40”, “tomorrow at 08:00”, “Mon, Mar 2 at 08:00”, in the reader's time zone."""
        today, tomorrow, other, *tonight = wordings
        local, date = self._local(instant), self._local(self.now).date()
        clock = self.clock(instant)
        if local.date() == date:
            return self(today, time=clock)
        if local.date() == date + timedelta(days=1):
            by_night = local.hour < NIGHT_ENDS and self._local(self.now).hour >= EVENING_BEGINS
            return self(tonight[0] if tonight and by_night else tomorrow, time=clock)
        day = format_skeleton("MMMEd", local, locale=self.reader.locale)
        return self(other, day=day, time=clock)

    def clock(self, instant: datetime) -> str:
        """“18:40”, in the reader's time zone."""
        clock: str = format_datetime(self._local(instant), "HH:mm", locale=self.reader.locale)
        return clock if self.reader.zone is not None else f"{clock} UTC"

    def dated(self, instant: datetime) -> str:
        """“Tue, Mar 3, 19:00”, whichever day it is: for what stands in a chat for days."""
        day = format_skeleton("MMMEd", self._local(instant), locale=self.reader.locale)
        return self("times.dated", day=day, time=self.clock(instant))

    def day(self, instant: datetime) -> str:
        """“Mar 2”, with the year if it is another one."""
        local = self._local(instant)
        skeleton = "MMMd" if local.year == self._local(self.now).year else "yMMMd"
        written: str = format_skeleton(skeleton, local, locale=self.reader.locale)
        return written

    def moment(self, instant: datetime, beside: datetime) -> str:
        """“18:40”, or “Mar 3, 08:00” if it is another day than `beside`, in the reader's time zone."""
        same = self._local(instant).date() == self._local(beside).date()
        return self.clock(instant) if same else f"{self.day(instant)}, {self.clock(instant)}"

    def _local(self, instant: datetime) -> datetime:
        return instant.astimezone(zone(self.reader.zone or "UTC"))

    def distance(self, instant: datetime) -> str:
        """“in 20 minutes”."""
        return self.span(round((instant - self.now).total_seconds() / 60))

    def span(self, minutes: int) -> str:
        """“in 20 minutes”, “in 2 hrs 30 mins”, from the number of minutes."""
        hours, rest = divmod(minutes, 60)
        if hours > 0 and rest:
            locale = self.reader.locale
            parts = [
                format_unit(hours, "hour", "short", locale=locale),
                format_unit(rest, "minute", "short", locale=locale),
            ]
            return self("times.ahead", span=" ".join(parts))
        return format_timedelta(
            timedelta(minutes=minutes),
            granularity="minute",
            threshold=1,
            add_direction=True,
            locale=self.reader.locale,
        )

    def button(self, key: str, data: str, *, style: str | None = None, **values: Any) -> Button:
        """A button that calls back."""
        made: Button = {"text": self(key, **values), "callback_data": data}
        if style is not None:
            made["style"] = style
        return made

    def copy_row(self, text: str) -> list[Button]:
        """A row whose button copies this text; empty if it is too long: half says something else."""
        if utf16_length(text) > MOST_TO_COPY:
            return []
        return [{"text": self("buttons.copy"), "copy_text": {"text": text}}]


def utf16_length(text: str) -> int:
    """How long Telegram finds it: an emoji counts twice or more."""
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
