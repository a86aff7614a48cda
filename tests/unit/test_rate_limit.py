"""How fast the bot may speak. Time is a number here; nothing waits."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.delivery.rate_limit import CHAT_BURST, RateLimiter

NOW = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOW + timedelta(seconds=seconds)


def held(limiter: RateLimiter, now: datetime) -> set[int]:
    """Chats to which no message may go."""
    return limiter.spent(now) | limiter.halted(now)


def run(
    limiter: RateLimiter, seconds: float, *, bulk: bool, one_chat: bool = False, edit: bool = False
) -> int:
    """How many calls start if somebody always has another one, waking only when told to."""
    calls, now = 0, NOW
    while now < at(seconds):
        allowed = limiter.free(now) and (not bulk or limiter.bulk_free(now))
        if allowed and not (one_chat and 1 in held(limiter, now)):
            calls += 1
            limiter.take(now, 1 if one_chat else calls, bulk=bulk, edit=edit)
            continue
        later = limiter.next_change(now)
        assert later is not None, "held, and nobody knows until when"
        assert later > now
        now = later
    return calls


def test_about_thirty_a_second_over_all() -> None:
    calls = run(RateLimiter(NOW), 60, bulk=False)
    assert 30 * 60 <= calls <= 30 * 60 + 8
    assert max(burst_in_a_second(bulk=False)) <= 30 + 8


def burst_in_a_second(*, bulk: bool) -> list[int]:
    limiter, now, counts = RateLimiter(NOW), NOW, []
    for second in range(5):
        calls = 0
        while now < at(second + 1):
            if limiter.free(now) and (not bulk or limiter.bulk_free(now)):
                limiter.take(now, second * 1000 + calls, bulk=bulk, edit=False)
                calls += 1
                continue
            later = limiter.next_change(now)
            assert later is not None
            now = later
        counts.append(calls)
    return counts


def test_bulk_gets_its_share_and_no_more() -> None:
    calls = run(RateLimiter(NOW), 60, bulk=True)
    assert 25 * 60 <= calls <= 25 * 60 + 7


def test_people_find_room_beside_bulk() -> None:
    limiter = RateLimiter(NOW)
    bulk = people = 0
    for tick in range(6000):  # a minute, looked at every 10 ms, bulk first
        now = at(tick / 100)
        while limiter.free(now) and limiter.bulk_free(now):
            bulk += 1
            limiter.take(now, bulk, bulk=True, edit=False)
        while limiter.free(now):
            people += 1
            limiter.take(now, -people, bulk=False, edit=False)
    assert 25 * 59 <= bulk <= 25 * 61
    assert people >= 4.5 * 60


def test_a_chat_takes_a_burst_and_then_one_a_second() -> None:
    limiter = RateLimiter(NOW)
    for _ in range(int(CHAT_BURST)):
        assert held(limiter, NOW) == set()
        limiter.take(NOW, 1, bulk=False, edit=False)
    assert held(limiter, NOW) == {1}
    assert held(limiter, at(0.9)) == {1}
    assert held(limiter, at(1.01)) == set()
    limiter.take(at(1.01), 1, bulk=False, edit=False)
    assert held(limiter, at(1.5)) == {1}


def test_over_a_minute_a_chat_gets_sixty_and_its_burst() -> None:
    assert 60 <= run(RateLimiter(NOW), 60, bulk=False, one_chat=True) <= 60 + 6


def test_other_chats_do_not_wait_for_a_busy_one() -> None:
    limiter = RateLimiter(NOW)
    for _ in range(5):
        limiter.take(NOW, 1, bulk=False, edit=False)
    assert held(limiter, NOW) == {1}
    assert limiter.free(NOW) > 0


def test_edits_count_over_all_but_not_against_their_chat() -> None:
    limiter = RateLimiter(NOW)
    free = limiter.free(NOW)
    for number in range(free):
        assert limiter.free(NOW) == free - number
        limiter.take(NOW, 1, bulk=False, edit=True)
    assert limiter.free(NOW) == 0
    assert held(limiter, NOW) == set()
    assert run(RateLimiter(NOW), 60, bulk=False, one_chat=True, edit=True) >= 30 * 60


def test_what_is_not_bulk_leaves_bulk_its_share() -> None:
    limiter = RateLimiter(NOW)
    before = limiter.bulk_free(NOW)
    limiter.take(NOW, 1, bulk=False, edit=False)
    assert limiter.bulk_free(NOW) == before


def test_a_quiet_hour_saves_no_tokens_up() -> None:
    limiter = RateLimiter(NOW)
    assert limiter.free(at(3600)) == limiter.free(at(0))
    assert limiter.free(at(3600)) <= 8


def test_a_clock_that_goes_back_gives_nothing_away() -> None:
    limiter = RateLimiter(NOW)
    for _ in range(limiter.free(NOW)):
        limiter.take(NOW, 1, bulk=False, edit=True)
    assert limiter.free(at(-3600)) == 0


class TestPaid:
    """At a thousand a second."""

    def test_the_rates_hold(self) -> None:
        assert 1000 * 5 <= run(RateLimiter(NOW, 1000, 900), 5, bulk=False) <= 1000 * 5 + 250
        assert 900 * 5 - 18 <= run(RateLimiter(NOW, 1000, 900), 5, bulk=True) <= 900 * 5 + 225

    def test_bulk_goes_by_the_handful_and_people_one_by_one(self) -> None:
        limiter = RateLimiter(NOW, 1000, 900)
        for number in range(limiter.bulk_free(NOW)):
            limiter.take(NOW, number, bulk=True, edit=False)
        assert limiter.bulk_free(at(0.015)) == 0
        assert limiter.free(at(0.015)) > 0
        later = limiter.next_change(at(0.015))
        assert later is not None
        assert at(0.019) < later < at(0.021)
        assert limiter.bulk_free(later) == 18

    def test_chats_are_forgotten_at_any_rate(self) -> None:
        limiter = RateLimiter(NOW, 1000, 1000)
        for number in range(20_000):
            limiter.take(at(number / 1000), number, bulk=True, edit=False)
        assert len(limiter._chats) <= 1_100, "a second's worth"


class TestHalts:
    def test_one_refusal_stops_its_chat_only(self) -> None:
        limiter = RateLimiter(NOW)
        limiter.halt(NOW, 1, 5)
        assert held(limiter, at(4.9)) == {1}
        assert limiter.free(NOW) > 0
        assert limiter.bulk_free(NOW) > 0
        assert limiter.next_change(NOW) == at(5)
        assert held(limiter, at(5)) == set()

    def test_the_same_chat_again_stays_one_chat(self) -> None:
        limiter = RateLimiter(NOW)
        for seconds in (0, 0.5, 1):
            limiter.halt(at(seconds), 1, 5)
        assert limiter.bulk_free(at(1)) > 0
        assert limiter.free(at(1)) > 0

    def test_a_second_chat_within_two_seconds_stops_bulk_too(self) -> None:
        limiter = RateLimiter(NOW)
        limiter.halt(NOW, 1, 5)
        limiter.halt(at(2), 2, 10)
        assert held(limiter, at(2)) == {1, 2}
        assert limiter.bulk_free(at(2)) == 0
        assert limiter.bulk_free(at(11.9)) == 0
        assert limiter.bulk_free(at(12)) > 0
        assert limiter.free(at(2)) > 0

    def test_a_third_stops_everybody(self) -> None:
        limiter = RateLimiter(NOW)
        for chat in (1, 2, 3):
            limiter.halt(at(chat / 2), chat, 5)
        assert limiter.free(at(2)) == 0
        assert limiter.free(at(6.4)) == 0
        assert limiter.free(at(6.5)) > 0

    def test_refusals_far_apart_stay_about_their_chats(self) -> None:
        limiter = RateLimiter(NOW)
        for chat in range(5):
            limiter.halt(at(chat * 2.1), chat, 60)
        now = at(4 * 2.1)
        assert held(limiter, now) == {0, 1, 2, 3, 4}
        assert limiter.bulk_free(now) > 0
        assert limiter.free(now) > 0

    def test_a_shorter_halt_does_not_shorten_that_of_all(self) -> None:
        limiter = RateLimiter(NOW)
        for chat, seconds in ((1, 60), (2, 60), (3, 60), (4, 1)):
            limiter.halt(NOW, chat, seconds)
        assert limiter.free(at(59)) == 0
        assert limiter.bulk_free(at(59)) == 0


calls = st.tuples(st.just("call"), st.integers(1, 3), st.booleans(), st.booleans())
halts = st.tuples(st.just("halt"), st.integers(1, 3), st.integers(1, 30), st.booleans())
waits = st.tuples(st.just("wait"), st.integers(0, 3000), st.booleans(), st.booleans())


@settings(derandomize=True, max_examples=200, database=None)
@given(st.lists(st.one_of(calls, halts, waits), max_size=40))
def test_whatever_is_held_is_free_again_when_it_says_so(history: list[tuple[str, int, int, bool]]) -> None:
    limiter, now = RateLimiter(NOW), NOW
    for what, number, more, edit in history:
        match what:
            case "call":
                if limiter.free(now):
                    limiter.take(now, number, bulk=bool(more), edit=edit)
            case "halt":
                limiter.halt(now, number, more)
            case _:
                now += timedelta(milliseconds=number)
    for _ in range(200):
        waits_still = held(limiter, now) or not limiter.free(now) or not limiter.bulk_free(now)
        if not waits_still:
            return
        later = limiter.next_change(now)
        assert later is not None
        assert later > now
        now = later
    pytest.fail("it never came to rest")


def test_a_clock_that_goes_back_prolongs_no_halt() -> None:
    limiter = RateLimiter(NOW)
    assert limiter.free(at(-3_600)), "nothing was halted"
    for chat in (1, 2, 3):
        limiter.halt(at(-3_600), chat, 20)
    assert not limiter.free(at(-3_599))
    assert not limiter.free(at(-7_199))
    assert limiter.halted(at(-7_199)) == {1, 2, 3}
    assert limiter.free(at(-7_179)), "the 20 seconds are over, wherever the clock stands"
    assert not limiter.halted(at(-7_179))
