"""What goes next, of the notices that are nearest to going. Pure: the outbox is read elsewhere."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.storage.outbox import Waiting


@dataclass(frozen=True)
class Room:
    """How many calls may start now, and how many of them may be bulk."""

    all: int
    bulk: int


def choose(
    window: Sequence[Waiting], room: Room, *, held: Collection[int], spent: Collection[int]
) -> list[Waiting]:
    """The first ones of `window` (most urgent first) that may go: one a chat, as many as there is room for.

    Chats that are `held` (a call in flight, or told to wait) are passed over; those whose rate is `spent`
    get edits only.
    """
    chosen: dict[int, Waiting] = {}
    bulk = min(room.bulk, room.all)
    for each in window:
        if len(chosen) >= room.all or (each.bulk and not bulk):
            break  # what comes after bulk is bulk
        if each.chat in chosen or each.chat in held or (each.chat in spent and not each.edits):
            continue
        chosen[each.chat] = each
        bulk -= each.bulk
    return list(chosen.values())
