"""Helplines as text: those of the reader's country, found by their time zone, and where all others are."""

import html
from functools import cache
from importlib.resources import files

from bot.content.helplines import Helpline
from bot.telegram.render.words import Words

MOST = 4
"""Lines shown at once: somebody in need reads no list."""


def helpline_text(w: Words, topic: str) -> str:
    """The lines about `topic` (suicide, violence), the emergency number, and the directory."""
    lines = w.content.helplines
    country = country_of(w.reader.zone or "")
    every: list[Helpline] = getattr(lines, topic)
    shown = [_line(w, each) for each in every if each.country == country][:MOST]
    emergency = lines.emergency.get(country or "")
    if emergency is None and w.reader.zone and w.reader.zone.startswith("Europe/"):
        emergency = lines.emergency.get("EU")
    if emergency is not None:
        shown.append(w("helplines.emergency", number=html.escape(emergency)))
    directory = w("helplines.directory", url=html.escape(lines.directory.url))
    return "\n".join([*shown, directory])


def _line(w: Words, line: Helpline) -> str:
    text = w("helplines.line", name=html.escape(line.name), number=html.escape(line.number))
    if line.whom is not None:
        text += " " + w(f"helplines.whom.{line.whom}")
    return text if line.hours is None else f"{text} ({html.escape(line.hours)})"


@cache
def _zone_table() -> dict[str, str]:
    """The country of each zone, as the tz database lists them."""
    table = files("tzdata").joinpath("zoneinfo", "zone.tab").read_text(encoding="utf-8")
    rows = (line.split("\t") for line in table.splitlines() if line and not line.startswith("#"))
    return {row[2]: row[0] for row in rows}


def country_of(zone: str) -> str | None:
    """The ISO code of the country of this zone. A guess for the order of helplines, never said to anybody."""
    return _zone_table().get(zone)
