"""The words for one reader: their locale, their time zone, now."""

import html
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from babel.dates import format_datetime, format_timedelta

from bot.content.catalog import Content
from bot.domain.model import Person
from bot.places.zones import zone

Button = dict[str, Any]
Rows = list[list[Button]]


@dataclass(frozen=True)
class Words:
    """Content, bound to a reader and a moment."""

    content: Content
    reader: Person
    now: datetime
    bot_name: str
    """the bot's user name, for links"""

    def __call__(self, key: str, *, variant: int = 0, **values: Any) -> str:
        """The words for `key`; values are HTML already."""
        return self.content.text(self.reader.locale, key, variant=variant, **values)

    def values(self, parameters: Mapping[str, Any], private: Mapping[str, Any]) -> dict[str, str]:
        """A notice's parameters as they read: `…_at` are instants, and get a `…_in` beside them."""
        values = {"own_name": html.escape(self.reader.name)}
        for key, value in parameters.items():
            if key.endswith("_at") and isinstance(value, str):
                instant = datetime.fromisoformat(value)
                values[key] = self.time(instant)
                values[key.removesuffix("_at") + "_in"] = self.distance(instant)
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

    def time(self, instant: datetime) -> str:
        """“18:40”, “tomorrow at 08:00”, “Monday, 2 March at 08:00”, in the reader's time zone."""
        here = zone(self.reader.zone or "UTC")
        local, today = instant.astimezone(here), self.now.astimezone(here).date()
        locale = self.reader.locale
        clock = format_datetime(local, "HH:mm", locale=locale)
        if self.reader.zone is None:
            clock += " UTC"
        if local.date() == today:
            return self("times.today", time=clock)
        if local.date() == today + timedelta(days=1):
            return self("times.tomorrow", time=clock)
        return self("times.other", day=format_datetime(local, "EEEE, d MMMM", locale=locale), time=clock)

    def distance(self, instant: datetime) -> str:
        """“in 20 minutes”."""
        seconds = round((instant - self.now).total_seconds() / 60) * 60
        return format_timedelta(
            timedelta(seconds=seconds),
            granularity="minute",
            threshold=2,
            add_direction=True,
            locale=self.reader.locale,
        )

    def button(self, key: str, data: str, *, style: str | None = None, **values: Any) -> Button:
        """A button that calls back."""
        made: Button = {"text": self(key, **values), "callback_data": data}
        if style is not None:
            made["style"] = style
        return made

    def copy_button(self, text: str) -> Button:
        """A button that copies this text (at most 256 characters)."""
        return {"text": self("buttons.copy"), "copy_text": {"text": text[:256]}}
