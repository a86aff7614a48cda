"""Which check-in? All there are, in an order that suits the person, and what each rests on."""

from datetime import timedelta

from bot.content.catalog import Content
from bot.domain.errors import Stale
from bot.domain.model import Lean
from bot.services import check_ins
from bot.services.visit import Visit

HOW_AM_I, TRIGGER = "how_am_i", "trigger"
STRONG = 7
"""From here on soothing comes before anything else."""
LATELY = timedelta(minutes=30)
"""How long a rating counts as how strong it is now."""
ORDER = (
    "ground",
    "body_scan",
    "reach_out",
    "lean_in",
    "reframe",
    "what_may_be",
    "loop",
    "trigger",
    "after_talk",
    "pattern",
    "look_back",
)
"""For the body, before a talk, to understand, and to look back."""
SUGGESTED = {Lean.OUT: ("reach_out", "reframe"), Lean.BACK: ("lean_in", "what_may_be")}
"""What comes first for somebody who leans this way."""


async def choose(visit: Visit, content: Content) -> None:
    """Which check-in? The one under way comes first; then what helps most often; then the others."""
    session = await check_ins.under_way(visit)
    strong = await visit.uow.sessions.intensity_since(visit.person.id, visit.now - LATELY) or 0
    every = content.script_ids(visit.person.locale)
    leans = visit.person.leans
    first = (check_ins.PAUSE, HOW_AM_I, *(SUGGESTED.get(leans, ()) if leans is not None else ()))
    order = [each for each in dict.fromkeys((*first, *ORDER, *every)) if each in every]
    if strong >= STRONG:
        order = [each for each in order if each != TRIGGER]
    visit.show(
        "check_in.choose" if session is None else "check_in.choose_or_go_on",
        scripts=order,
        open=None if session is None else session.script_id,
    )


def sources(visit: Visit, content: Content) -> None:
    """What do they rest on? Choose one."""
    every = content.script_ids(visit.person.locale)
    visit.send(
        "check_in.sources", scripts=[each for each in dict.fromkeys((*ORDER, *every)) if each in every]
    )


def about(visit: Visit, content: Content, script_id: str) -> None:
    """What its statements rest on. Raises Stale for a script there is not."""
    if script_id not in content.script_ids(visit.person.locale):
        raise Stale
    script = content.script(visit.person.locale, script_id).script
    rests_on = "\n\n".join(part for part in (script.evidence, script.source) if part)
    visit.send("check_in.about", title=script.title, rests_on=rests_on)
