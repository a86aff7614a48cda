"""Struck down by kill -9 at every named place, and started again: nothing lost, nothing done twice.

The same burst is met at one place after the other: the process that goes on after one death meets the next.
"""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from alembic import command

from bot import crash_points
from bot.playground.clock import from_iso as to_ms
from bot.storage import migrate as migrating
from bot.storage.engine import open_engine
from tests.acceptance.harness import Person, marker
from tests.acceptance.struck import Struck, says, taps


@pytest.fixture
async def struck(tmp_path: Path) -> AsyncIterator[Struck]:
    async with Struck(tmp_path / "struck") as running:
        yield running


async def at_home(*people: Person) -> None:
    for person in people:
        await person.say("/start")
        await person.say("Berlin")


async def evening(struck: Struck) -> tuple[Person, Person, Person, Person, str]:
    """Mara is about to send Jonas a request, Theo is in a check-in, Lena has a reminder at 18:30."""
    mara, jonas, theo, lena = [await struck.person(name) for name in ("Mara", "Jonas", "Theo", "Lena")]
    await at_home(mara, jonas, theo, lena)
    await mara.say("/link")
    await jonas.open(await struck.last_link())
    await jonas.tap("link.accept")
    await mara.tap("link.confirm_yes")
    await lena.say("/remind")
    await lena.say("every day at 18:30")
    await lena.tap("remind.save")
    await theo.say("/pause")
    await mara.say("/space 20")
    await mara.tap("space.choose.own")
    word = marker()
    await mara.say(f"I need air {word}")
    await mara.sees("space.preview")
    return mara, jonas, theo, lena, word


def in_short(struck: Struck) -> dict[str, int]:
    """What the burst may have done, and the timers, once each."""
    kinds = ("space.request", "help.main", "space.how_now.now", "space.time_is_up.now", "nudge.breathe")
    return {kind: struck.made(kind) for kind in kinds} | {
        "requests": struck.count("space_requests"),
        "answers": struck.count("outbox WHERE kind IN ('step.answered', 'step.scale')"),
    }


async def test_struck_down_at_every_point(struck: Struck) -> None:
    mara, jonas, theo, lena, word = await evening(struck)
    await struck.advance(until="2026-03-02T18:10+01:00")
    await struck.strike()
    known, sent, before = struck.count("updates"), len(struck.sends()), in_short(struck)

    # A burst while it is dead: a request for space, an answer in a check-in, somebody who asks for help.
    await taps(mara, "space.send")
    await taps(theo, "scripts.pause.steps.need.choices.calm.label")
    await says(jonas, "/help")
    for point in ("after_fetch", "in_transaction"):
        await struck.dies_at(point)
        assert struck.count("updates") == known, f"{point}: nothing is confirmed, and nothing done"
        assert in_short(struck) == before
    await struck.dies_at("after_commit")
    after = in_short(struck)
    assert struck.count("updates") == known + 3
    burst = {"requests": 1, "space.request": 1, "help.main": 1, "answers": 2}
    assert after == before | burst, "the answer, and the next question"

    # All of it comes again and is known; it goes out, and nobody can write down that it did.
    assert len(struck.sends()) == sent, "not one call was made yet"
    await struck.dies_at("after_send")
    assert len(struck.sends()) > sent
    assert struck.in_flight()
    await struck.dies_at("in_housekeeping")
    assert in_short(struck) == after
    assert struck.count("updates") == known + 3

    # Time passes: a return and a reminder are due. It dies with them in hand, and then before the calls.
    struck.world.clock.move(to_ms("2026-03-02T18:30:05+01:00"))
    timers = struck.rows("SELECT kind, due_at FROM timers ORDER BY id")
    await struck.dies_at("in_due_timers")
    assert struck.rows("SELECT kind, due_at FROM timers ORDER BY id") == timers
    assert in_short(struck) == after
    sent = len(struck.sends())
    await struck.dies_at("before_send")
    assert len(struck.sends()) == sent, "not one call was made"
    assert len(struck.ledger.bulk_ids) == 1, "the reminder, too, may be on its way: nobody knows"
    await revision(struck, "0006")
    left = struck.rows("SELECT sql FROM sqlite_master"), struck.rows("SELECT * FROM people")
    await struck.dies_at("in_migration")
    assert (struck.rows("SELECT sql FROM sqlite_master"), struck.rows("SELECT * FROM people")) == left
    await struck.start()
    await struck.advance(30)

    assert struck.count("updates") == known + 3
    assert in_short(struck) == after | {
        "space.how_now.now": 1,
        "space.time_is_up.now": 1,
        "nudge.breathe": 1,
    }
    assert word in str((await jonas.chat()).messages)
    for person, text in ((jonas, "help.main"), (mara, "space.sent"), (mara, "space.how_now.now")):
        assert await person.has(text) is not None
    twice = struck.check_deliveries()
    assert 1 <= twice <= sum(struck.ledger.urgent.values())

    # Conversations and timers go on.
    await theo.tap(re.compile("^6$"))
    await theo.sees("scripts.pause.steps.calm.text")
    await mara.tap("space.im_back")
    await jonas.sees("space.returned")
    assert await lena.has("nudge.breathe") is None, "bulk in flight is dropped rather than said twice"
    await struck.advance(until="2026-03-03T18:30:10+01:00")
    await lena.sees("nudge.breathe")
    assert struck.check_deliveries() == twice
    struck.check_integrity()


async def revision(struck: Struck, to: str) -> None:
    """The database as an earlier version of the bot left it."""
    engine = open_engine(f"sqlite+aiosqlite:///{struck.folder / 'bot.db'}", foreign_keys=False)
    async with engine.begin() as connection:
        await connection.run_sync(lambda each: command.downgrade(migrating._config(each), to))
    await engine.dispose()


def test_every_point_is_in_the_code_and_met_here() -> None:
    """A point that nobody reaches would only look like one."""
    source = "".join(file.read_text() for file in Path(crash_points.__file__).parent.rglob("*.py"))
    here = Path(__file__).read_text()
    for point in crash_points.POINTS:
        assert source.count(f'reached("{point}")') == 1, point
        assert f'"{point}' in here, point
