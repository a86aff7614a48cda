"""What goes next, of what waits: a pure choice."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery.window import Room, choose
from bot.storage.outbox import Waiting

PLENTY = Room(100, 100)


def row(number: int, chat: int, *, bulk: bool = False, edits: bool = False) -> Waiting:
    return Waiting(number, chat, bulk, edits)


def ids(
    window: list[Waiting],
    room: Room = PLENTY,
    held: frozenset[int] = frozenset(),
    spent: frozenset[int] = frozenset(),
) -> list[int]:
    return [each.id for each in choose(window, room, held=held, spent=spent)]


def test_as_many_as_there_is_room_for_in_the_order_given() -> None:
    window = [row(1, 11), row(2, 12), row(3, 13)]
    assert ids(window, Room(2, 0)) == [1, 2]
    assert ids(window, Room(0, 0)) == []
    assert ids(window, Room(-3, 5)) == []


def test_one_a_chat() -> None:
    assert ids([row(1, 11), row(2, 11), row(3, 12)]) == [1, 3]


def test_who_is_held_is_passed_over_and_others_go() -> None:
    assert ids([row(1, 11), row(2, 12)], held=frozenset({11})) == [2]


def test_who_has_had_their_messages_gets_edits_only() -> None:
    window = [row(1, 11), row(2, 12, edits=True), row(3, 13)]
    assert ids(window, spent=frozenset({11, 12})) == [2, 3]


def test_bulk_has_its_own_room_and_leaves_the_rest() -> None:
    window = [row(1, 11), *(row(number, 10 + number, bulk=True) for number in range(2, 9))]
    assert ids(window, Room(5, 2)) == [1, 2, 3]
    assert ids(window, Room(5, 0)) == [1]


rows = st.lists(st.tuples(st.integers(1, 6), st.booleans(), st.booleans()), max_size=20)
chats = st.frozensets(st.integers(1, 6))


@settings(derandomize=True, max_examples=200, database=None)
@given(rows, st.integers(0, 8), st.integers(0, 8), chats, chats)
def test_nothing_goes_that_may_not_and_nothing_is_left_that_may(
    made: list[tuple[int, bool, bool]], all_: int, bulk: int, held: frozenset[int], spent: frozenset[int]
) -> None:
    people_first = sorted(made, key=lambda each: each[1])
    window = [
        row(place, chat, bulk=is_bulk, edits=edits)
        for place, (chat, is_bulk, edits) in enumerate(people_first)
    ]
    chosen = choose(window, Room(all_, bulk), held=held, spent=spent)
    assert len(chosen) <= all_
    assert sum(each.bulk for each in chosen) <= bulk
    assert len({each.chat for each in chosen}) == len(chosen)
    assert chosen == sorted(chosen, key=lambda each: each.id)
    for each in window:
        may = each.chat not in held and (each.chat not in spent or each.edits)
        if each in chosen:
            assert may
        elif may and each.chat not in {other.chat for other in chosen}:
            bulk_is_full = sum(other.bulk for other in chosen) == min(bulk, all_)
            assert len(chosen) == all_ or (each.bulk and bulk_is_full)
