"""What is kept, for how long, who can read it; and what a person can do about it."""

from bot.services.visit import Visit


async def show(visit: Visit) -> None:
    """Who can read what."""
    visit.show("privacy.text")


async def show_periods(visit: Visit, backup_days: int | None) -> None:
    """How long what is kept. `backup_days`: for how long the bot's own backups are, if it makes any."""
    visit.show("privacy.how_long", backup_days=backup_days)


async def show_protection(visit: Visit) -> None:
    _show_protection(visit, on=visit.person.protected)


async def set_protection(visit: Visit, *, on: bool) -> None:
    """Whether one's own lines, shown again, can neither be forwarded nor saved."""
    await visit.uow.people.set_protected(visit.person.id, on)
    _show_protection(visit, on=on)


def _show_protection(visit: Visit, *, on: bool) -> None:
    visit.show("privacy.protection", protected=on)
