"""Ways on: what menus, check-ins and typed wishes lead to."""

from collections.abc import Awaitable, Callable
from functools import partial

from bot.domain.conversation import HandOver
from bot.domain.errors import Stale
from bot.domain.nudging import Kind
from bot.domain.script import Action
from bot.services import (
    agreement,
    agreement_form,
    breaks,
    breathing,
    care,
    chat,
    check_in_list,
    check_ins,
    export,
    forget,
    hello,
    journal,
    kept,
    partners,
    privacy,
    reconnect,
    relay,
    reminder_form,
    reminder_list,
    saved_words,
    settings,
    signal_lines,
    signals,
    space_form,
    talk,
    together,
    topics,
    topics_form,
    trends,
)
from bot.services.visit import Visit
from bot.telegram.context import Tools

_PAGES = {
    "help": "help.main",
    "comfort": "comfort.menu",
    "two": "menu.two",
}
_WHO_HELPS = {"unsafe": "care.unsafe", "lines": "care.lines"}
_OPEN: dict[str, Callable[[Visit], Awaitable[None]]] = {
    "menu": hello.menu,
    "space": space_form.ask_length,
    "breathe": breathing.start,
    "breathe_how": breathing.choose,
    "link": partners.invite,
    "signal": signals.choose,
    "signal_lines": signal_lines.show,
    "talk": talk.ask_when,
    "agreement": agreement.show,
    "agreement_propose": agreement_form.begin,
    "agreement_phrases": agreement.show_phrases,
    "later": topics.show,
    "later_new": topics_form.ask_topic,
    "keep": kept.ask,
    "kept": kept.show_all,
    "card": reconnect.card,
    "breaks": breaks.show,
    "journal": journal.show,
    "journal_write": journal.ask,
    "journal_search": journal.ask_word,
    "trends": trends.show,
    "settings": settings.menu,
    "settings_name": settings.ask_name,
    "settings_quiet": settings.ask_quiet,
    "settings_language": settings.ask_language,
    "settings_leans": settings.show_lean,
    "settings_words": saved_words.show_all,
    "clean": chat.ask,
    "export": export.ask,
    "privacy": privacy.show,
    "protection": privacy.show_protection,
    "remind": reminder_list.show,
    "remind_new": reminder_form.ask,
    "sundays_together": partial(reminder_form.add_weekly, kind=Kind.TOGETHER),
    "sundays_look_back": partial(reminder_form.add_weekly, kind=Kind.LOOK_BACK),
    "settings_silent_days": settings.show_silent_days,
}
_WITH_TOOLS: dict[str, Callable[[Visit, Tools], Awaitable[None]]] = {
    "check_in": lambda visit, tools: check_in_list.choose(visit, tools.content),
    "together": lambda visit, tools: together.show(visit, tools.content),
    "privacy_time": lambda visit, tools: privacy.show_periods(visit, tools.backup_days),
    "forget": lambda visit, tools: forget.ask(visit, tools.backup_days),
}
_NEED_ZONE = (
    "remind",
    "remind_new",
    "sundays_together",
    "sundays_look_back",
    "talk",
    "later",
    "later_new",
)


async def open_by_name(tools: Tools, visit: Visit, what: str) -> None:
    """Go to one of the things menus offer. Raises Stale for a name that is none of them."""
    if what not in ("help", *_WHO_HELPS):  # these can be looked at in the middle of anything
        await visit.uow.drafts.stop_awaiting(visit.person.id)
    match what:
        case _ if what in _NEED_ZONE and visit.person.zone is None:
            # Times of day mean nothing without a place: ask for it first.
            await ask_zone(tools, visit, what)
        case "sources":
            check_in_list.sources(visit, tools.content)
        case "pause" | "ground" | "reach_out" | "how_am_i":
            await check_ins.start(visit, tools.content, what)
        case _ if what in _WHO_HELPS:
            await care.show(visit, _WHO_HELPS[what])
        case "settings_zone":
            await ask_zone(tools, visit)
        case _ if what in _PAGES:
            visit.show(_PAGES[what])
        case _ if what in _WITH_TOOLS:
            await _WITH_TOOLS[what](visit, tools)
        case _ if what in _OPEN:
            await _OPEN[what](visit)
        case _:
            raise Stale


_PAGE_OF = {
    Action.SPACE: "space",
    Action.SIGNAL: "signal",
    Action.TALK: "talk",
    Action.BREATHE: "breathe",
    Action.WRITE: "journal_write",
    Action.REMIND: "remind",
    Action.WEEKLY: "sundays_look_back",
}


async def hand_over(tools: Tools, visit: Visit, onwards: HandOver | None) -> None:
    """Go on where a script hands over to. The answered question stays: what follows is a new message."""
    if onwards is None:
        return
    beside = visit.beside()
    words = onwards.words or ""
    match onwards.action:
        case Action.DONE:
            beside.send("check_in.done")
        case Action.SCRIPT:
            await check_ins.start(beside, tools.content, onwards.script or "")
        case Action.SEND:
            await relay.preview(beside, words)
        case Action.HOLD:
            await relay.hold_words(beside, words)
        case Action.KEEP:
            await journal.write(beside, words)
        case page:
            await open_by_name(tools, beside, _PAGE_OF[page])


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
