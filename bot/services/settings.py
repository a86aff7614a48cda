"""What a person can change about themselves here: name, quiet hours, language, how they lean."""

import re
from datetime import time

from bot.content.catalog import Content
from bot.domain.errors import NameEmpty, Stale, TimeUnclear, TooLong
from bot.domain.model import Lean
from bot.domain.schedule import parse_clock
from bot.services.visit import Visit

DRAFT = "settings"
NAME, QUIET = "name", "quiet"
LONGEST_NAME = 40
NO_LEAN = "none"


async def menu(visit: Visit) -> None:
    """What is set now."""
    await visit.uow.drafts.drop(visit.person.id, DRAFT)
    person = visit.person
    visit.show(
        "settings.menu",
        {"own_name": person.name},
        zone=person.zone or "UTC",
        now_at=visit.now.isoformat(),
        quiet=_quiet(person.quiet_from, person.quiet_until),
    )


async def ask_name(visit: Visit) -> None:
    await visit.uow.drafts.put(visit.person.id, DRAFT, visit.now, awaits=NAME)
    visit.show("settings.ask_name", {"own_name": visit.person.name})


async def take_name(visit: Visit, text: str) -> None:
    """Raises TooLong, NameEmpty."""
    name = " ".join(text.split())
    if len(name) > LONGEST_NAME:
        raise TooLong(limit=LONGEST_NAME, length=len(name))
    if not any(letter.isalnum() for letter in name):
        raise NameEmpty
    await visit.uow.people.rename(visit.person.id, name)
    # The name stands in every preview: what was shown with the old one is not sent with the new one.
    await visit.uow.drafts.drop(visit.person.id)
    visit.send("settings.name_set", {"own_name": name})


async def ask_quiet(visit: Visit) -> None:
    await visit.uow.drafts.put(visit.person.id, DRAFT, visit.now, awaits=QUIET)
    visit.show("settings.ask_quiet", quiet=_quiet(visit.person.quiet_from, visit.person.quiet_until))


async def take_quiet(visit: Visit, text: str) -> None:
    """Two typed times, “22-8”. Raises TimeUnclear."""
    parts = [
        parse_clock(part) for part in re.split(r"\s*(?:-|–|—|\bto\b|\bbis\b|\buntil\b)\s*", text.strip())
    ]
    if len(parts) != 2 or parts[0] is None or parts[1] is None:
        raise TimeUnclear
    await set_quiet(visit, parts[0], parts[1])


async def set_quiet(visit: Visit, start: time, end: time) -> None:
    """Keep the quiet hours; two equal times mean none."""
    await visit.uow.people.set_quiet_hours(visit.person.id, start, end)
    await visit.uow.drafts.drop(visit.person.id, DRAFT)
    if start == end:
        visit.show("settings.quiet_none")
    else:
        visit.show("settings.quiet_set", quiet=_quiet(start, end))


async def show_silent_days(visit: Visit) -> None:
    """The days on which no reminder comes."""
    visit.show("settings.silent_days_page", days=sorted(visit.person.silent_days))


async def set_silent_day(visit: Visit, day: int, *, on: bool) -> None:
    """Raises Stale for what is no weekday (Monday is 0)."""
    if day not in range(7):
        raise Stale
    days = visit.person.silent_days | {day} if on else visit.person.silent_days - {day}
    await visit.uow.people.set_silent_days(visit.person.id, days)
    visit.show("settings.silent_days_page", days=sorted(days))


async def ask_language(visit: Visit) -> None:
    visit.show("settings.ask_language")


async def set_language(visit: Visit, locale: str, content: Content) -> None:
    """Speak this language from now on, beginning with the answer. Raises Stale."""
    if locale not in content.locales:
        raise Stale
    await visit.uow.people.set_locale(visit.person.id, locale)
    visit.show("settings.language_set")


async def show_lean(visit: Visit) -> None:
    """What is kept of how they lean: a page of its own, not for whoever looks over their shoulder."""
    _show_lean(visit, visit.person.leans)


async def set_lean(visit: Visit, lean: str) -> None:
    """Change what is kept, or forget it. Raises Stale."""
    if lean not in (NO_LEAN, *Lean):
        raise Stale
    leans = None if lean == NO_LEAN else Lean(lean)
    await visit.uow.people.set_leans(visit.person.id, leans)
    _show_lean(visit, leans)


def _show_lean(visit: Visit, leans: Lean | None) -> None:
    visit.show("settings.lean", {"leans": leans or NO_LEAN})


def _quiet(start: time, end: time) -> list[str]:
    return [start.isoformat("minutes"), end.isoformat("minutes")]
