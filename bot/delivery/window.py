"""What goes next, of the notices that are nearest to going. Pure: the outbox is read elsewhere."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from bot.storage.outbox import Waiting


@dataclass(frozen=True)
class Room:
    """How many calls may start now, how many of them may be bulk, and in how many chats."""

    all: int
    bulk: int
    chats: int


def choose(
    window: Sequence[Waiting], room: Room, *, held: Collection[int], spent: Collection[int]
) -> list[Waiting]:
    """The first ones of `window` (most urgent first) that may go, as many as there is room for.

    Of each chat that is one message, and the edits that come before it. Chats that are `held` (a call in
    flight, or told to wait) are passed over; those whose rate is `spent` get edits only.
    """
    chosen: list[Waiting] = []
    last: dict[int, Waiting] = {}
    bulk = min(room.bulk, room.all)
    for each in window:
        if len(chosen) >= room.all or (each.bulk and not bulk):
            break  # what comes after bulk is bulk
        before = last.get(each.chat)
        if before is None and len(last) >= room.chats:
            continue
        follows = before is None or (before.edits and before.bulk == each.bulk)
        if not follows or each.chat in held or (each.chat in spent and not each.edits):
            continue
        chosen.append(each)
        last[each.chat] = each
        bulk -= each.bulk
    return chosen
