"""Ids in buttons: in order, none twice, and they say nothing of what others did."""

from itertools import pairwise

from bot.storage.ids import BEGIN, BITS, Ids

NOW = BEGIN + 26_000_000.0


def test_an_id_is_made_of_its_own_time_and_of_chance() -> None:
    """However much others made before: a second of one's own begins anew."""
    ids = Ids()
    for others in (0, 1, 500):
        for _ in range(others):
            ids.new(NOW + others)
        assert ids.new(NOW + others + 1) >> BITS == NOW + others + 1 - BEGIN


def test_they_grow_also_within_a_second_and_when_the_clock_is_put_back() -> None:
    ids = Ids()
    made = [ids.new(at) for at in (NOW, NOW, NOW, NOW - 3600, NOW - 3600, NOW + 1)]
    assert made == sorted(set(made))


def test_they_are_not_counted() -> None:
    ids = Ids()
    made = [ids.new(NOW) for _ in range(200)]
    steps = {later - earlier for earlier, later in pairwise(made)}
    assert len(steps) > 190


def test_two_bots_do_not_make_the_same() -> None:
    assert Ids().new(NOW) != Ids().new(NOW)


def test_they_fit_a_button_and_the_database_for_decades() -> None:
    in_2059 = Ids().new(2_840_000_000.0)
    assert len(str(in_2059)) <= 18
