"""Own words for a space request, kept to be used again."""

from collections.abc import Sequence

from bot.domain.errors import Stale, TooManyWordings
from bot.domain.model import SavedWording, SpaceId
from bot.services.journal import glance
from bot.services.visit import Visit

MOST = 6


async def keep(visit: Visit, request_id: SpaceId) -> None:
    """Keep the words of a request of one's own; the same ones once. Raises Stale, TooManyWordings."""
    request = await visit.uow.space.get(request_id)
    own = None if request is None else request.part_of(visit.person.id)
    if own is None:
        raise Stale
    saved = await visit.uow.saved_wordings.all_of(visit.person.id)
    if own.wording not in [each.text for each in saved]:
        if len(saved) >= MOST:
            raise TooManyWordings(limit=MOST)
        await visit.uow.saved_wordings.add(visit.person.id, own.wording, visit.now)
    visit.send("words.kept")


async def show_all(visit: Visit) -> None:
    saved = await visit.uow.saved_wordings.all_of(visit.person.id)
    if saved:
        visit.show("words.list", as_lines(saved), saved=[each.id for each in saved])
    else:
        visit.show("words.none")


async def show(visit: Visit, wording: int) -> None:
    """One of them, whole. Raises Stale."""
    saved = await visit.uow.saved_wordings.get(visit.person.id, wording)
    if saved is None:
        raise Stale
    visit.show("words.one", {"words": saved.text}, wording=saved.id)


async def delete(visit: Visit, wording: int) -> None:
    """Raises Stale."""
    if not await visit.uow.saved_wordings.delete(visit.person.id, wording):
        raise Stale
    visit.show("words.deleted")


def as_lines(saved: Sequence[SavedWording]) -> dict[str, str]:
    """How each of them begins, as the private part of a notice that lists them."""
    return {f"line_{number}": glance(each.text) for number, each in enumerate(saved, 1)}
