"""Ways on: what menus, check-ins and typed wishes lead to."""

from collections.abc import Awaitable, Callable

from bot.domain.errors import Stale
from bot.domain.script import Action
from bot.services import (
    breathing,
    check_ins,
    hello,
    journal,
    partners,
    reminders,
    settings,
    signals,
    space_form,
)
from bot.services.visit import Visit
from bot.telegram.context import Tools

_PAGES = {
    "help": "help.main",
    "unsafe": "care.unsafe",
    "lines": "care.lines",
    "privacy": "privacy.text",
    "comfort": "comfort.menu",
}
_OPEN: dict[str, Callable[[Visit], Awaitable[None]]] = {
    "menu": hello.menu,
    "space": space_form.ask_length,
    "breathe": breathing.start,
    "link": partners.invite,
    "signal": signals.choose,
    "journal": journal.ask,
    "settings": settings.menu,
    "settings_name": settings.ask_name,
    "settings_quiet": settings.ask_quiet,
    "remind": reminders.menu,
    "remind_time": reminders.ask_time,
}
_NEED_ZONE = ("remind", "remind_time")


async def open_by_name(tools: Tools, visit: Visit, what: str) -> None:
    """Go to one of the things menus offer. Raises Stale for a name that is none of them."""
    await visit.uow.drafts.stop_awaiting(visit.person.id)
    match what:
        case _ if what in _NEED_ZONE and visit.person.zone is None:
            # Times of day mean nothing without a place: ask for it first.
            await ask_zone(tools, visit, what)
        case "check_in":
            await check_ins.start(visit, tools.content)
        case "settings_zone":
            await ask_zone(tools, visit)
        case _ if what in _PAGES:
            visit.show(_PAGES[what])
        case _ if what in _OPEN:
            await _OPEN[what](visit)
        case _:
            raise Stale


async def hand_over(tools: Tools, visit: Visit, action: Action | None) -> None:
    """Go on where a script hands over to. The answered question stays: what follows is a new message."""
    if action is None or action is Action.DONE:
        if action is Action.DONE:
            visit.send("check_in.done")
        return
    onwards = Visit(visit.uow, visit.person, visit.now)
    names = {Action.WRITE: "journal"}
    await open_by_name(tools, onwards, names.get(action, action.value))


async def ask_zone(tools: Tools, visit: Visit, then: str | None = None) -> None:
    """Ask where the person is, and let the look-up load meanwhile."""
    await tools.places.warm()
    await hello.ask_zone(visit, then)


async def set_zone(tools: Tools, visit: Visit, name: str) -> None:
    """Keep the zone, and go on where the person wanted to go before they were asked for it."""
    then = await hello.set_zone(visit, name)
    if then is not None:
        person = await visit.uow.people.get(visit.person.id)
        await open_by_name(tools, Visit(visit.uow, person, visit.now), then)
