"""My weeks: what somebody's check-ins of a period say, for themselves alone."""

from collections.abc import Collection
from datetime import datetime

from bot.domain.decision import Notice, Operation
from bot.domain.errors import Stale
from bot.domain.model import Person, PersonId
from bot.domain.nudging import Kind
from bot.domain.schedule import instant
from bot.domain.trends import OFFERED, CheckIn, Period, Trends, begins, check_in, look
from bot.services.reminder_form import has_weekly
from bot.services.reminder_plan import zone_of
from bot.services.visit import Visit
from bot.storage.unit_of_work import UnitOfWork


async def show(visit: Visit, period: str | None = None) -> None:
    """A period as a picture and in words; with too little for it, how much there is. None: the shortest with
    enough. Raises Stale for a period there is not.
    """
    if period is not None and period not in OFFERED:
        raise Stale
    wanted = OFFERED if period is None else (Period(period),)
    check_ins = (await _read(visit.uow, [visit.person], wanted[-1], visit.now))[visit.person.id]
    today = visit.now.astimezone(zone_of(visit.person)).date()
    found = [look(check_ins, each, today) for each in wanted]
    trends = next((each for each in found if each.enough), found[0])
    if trends.enough:
        weekly = await has_weekly(visit, Kind.LOOK_BACK)
        visit.show("trends.picture", {"trends": trends.to_json()}, period=trends.period, weekly=weekly)
    else:
        few = {0: "none", 1: "one"}.get(trends.numbers, "other")
        visit.show(f"trends.little.{few}", period=trends.period, numbers=trends.numbers)


def put_away(visit: Visit) -> None:
    """The picture goes out of the chat."""
    gone = Notice("clean", visit.person.id, operation=Operation.DELETE, target=visit.message)
    visit.uow.outbox.add(gone)


async def weeks_of(uow: UnitOfWork, people: Collection[Person], now: datetime) -> dict[PersonId, Trends]:
    """The last seven days of each of these, of whom there is enough for a picture."""
    found = {}
    read = await _read(uow, people, Period.WEEK, now)
    for person in people:
        trends = look(read[person.id], Period.WEEK, now.astimezone(zone_of(person)).date())
        if trends.enough:
            found[person.id] = trends
    return found


async def _read(
    uow: UnitOfWork, people: Collection[Person], period: Period, now: datetime
) -> dict[PersonId, list[CheckIn]]:
    """Their check-ins of the period, each where and when its person is."""
    here = {person.id: zone_of(person) for person in people}
    first = {
        person: instant(begins(period, now.astimezone(zone).date())[0], datetime.min.time(), zone)
        for person, zone in here.items()
    }
    found: dict[PersonId, list[CheckIn]] = {person: [] for person in here}
    if first:
        for row in await uow.sessions.begun_since(list(here), min(first.values())):
            found[row.person].append(check_in(row.at.astimezone(here[row.person]), row.answers))
    return found
