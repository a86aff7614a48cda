"""The bot is asked to stop while people write, tap and wait: it stops in time, and nothing is lost."""

import time
from collections import Counter

from tests.acceptance.harness import Person, Playground, buttons
from tests.acceptance.test_faults import at_home, look, made, says

STOPS_WITHIN = 10.0
"""Seconds; systemd and Docker lose patience soon after."""


async def test_asked_to_stop_in_a_burst_it_stops_in_time_and_nothing_is_lost(playground: Playground) -> None:
    """Telegram is slow as well: answers under way when the bot stops would take a minute."""
    people = [await playground.person(f"Person {number}") for number in range(4)]
    await at_home(*people)
    await people[0].say("/help")
    tap = next(
        {"message_id": message["message_id"], "data": button["callback_data"]}
        for message in reversed((await people[0].chat()).messages)
        for button in buttons(message)
        if "callback_data" in button
    )
    for method in ("sendMessage", "answerCallbackQuery"):
        await playground.fault("slow", seconds=60, method=method, times=3)
    before = made(playground, "fallback.text")
    await playground.post(f"people/{people[0].id}/tap", tap)
    for person in people:
        await says(person, *["Hello there"] * 15)
    while made(playground, "fallback.text") < before + 10:
        pass
    begin = time.monotonic()
    await playground.stop()
    assert time.monotonic() - begin < STOPS_WITHIN
    printed = "\n".join(playground.output)
    assert "bot.stopped" in printed, "in order, not killed"
    assert "Traceback" not in printed

    await playground.start()
    await playground.advance(60)
    assert made(playground, "fallback.text") == before + 60
    states = Counter(state for (state,) in look(playground, "SELECT state FROM outbox"))
    assert states.keys() == {"sent"}, states
    await everybody_was_answered(people)


async def everybody_was_answered(people: list[Person]) -> None:
    for person in people:
        assert await person.has("fallback.text") is not None
