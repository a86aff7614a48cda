"""A person's own breaks, shown to nobody else: facts, and one number."""

from bot.domain.breaks import kept
from bot.services.visit import Visit

A_PAGE = 5


async def show(visit: Visit, page: int = 0) -> None:
    """One page of them, the newest first."""
    every = await visit.uow.space.log_of(visit.person.id)
    if not every:
        visit.show("breaks.none")
        return
    page = max(0, min(page, (len(every) - 1) // A_PAGE))
    rows = [
        [
            each.asked_at.isoformat(),
            each.outcome,
            each.named.isoformat(),
            None if each.left_at is None else each.left_at.isoformat(),
        ]
        for each in every[page * A_PAGE : (page + 1) * A_PAGE]
    ]
    as_said, counted = kept(every)
    visit.show(
        "breaks.list",
        breaks=rows,
        as_said=as_said,
        counted=counted,
        page=page,
        more=len(every) > (page + 1) * A_PAGE,
    )
