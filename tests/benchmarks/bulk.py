"""A hundred thousand reminders that are due at once, and people among them who are in a hurry."""

import asyncio
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

from bot.telegram.callback_data import encode
from bot.telegram.callback_data.space import SpaceSend
from tests.benchmarks.seed import Seed, make
from tests.benchmarks.stage import LIFTED, Runner, running, stub, wait_for
from tests.benchmarks.stub import FIRST_CHAT, Control
from tests.benchmarks.taps import Say

RATES = {"1000": {"SEND_RATE": "1030", "BULK_RATE": "1000"}, "lifted": {"SEND_RATE": LIFTED}}
SEND = encode(SpaceSend(0)).replace("0", "{draft}")


def drain(control: Control, runner: Runner, count: int) -> dict[str, Any]:
    """Watch until all have been sent: how many a second, and the memory at its most."""
    most = 0.0
    cpu, already = runner.cpu_seconds(), control.ask("state")["chats"]

    def done() -> bool:
        nonlocal most
        most = max(most, runner.memory_mb())
        return bool(control.ask("state")["chats"] >= count)

    wait_for(done, seconds=600, every=0.25)
    seen = control.ask("state")
    return {
        "a_second": count / (seen["last_sent"] - seen["first_sent"]),
        "cpu_ms": (runner.cpu_seconds() - cpu) / max(1, count - already) * 1000,
        "memory_mb": most,
        **runner.stalls(),
    }


async def measure(runs: int, due: int, say: Say, rates: dict[str, dict[str, str]] = RATES) -> dict[str, Any]:
    """Each rate in turn. The reminders fall due when the bot starts: the whole way from timer to settled."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="stillhere-bench-") as folder:
        for _ in range(runs):
            for name, settings in rates.items():
                database = Path(folder) / "due.db"
                await make(database, Seed(due, reminders=due, due=due))
                with stub() as control, running("StillHere", control, database, **settings) as runner:
                    runner.stalls()  # starting up is measured elsewhere
                    result = drain(control, runner, due)
                database.unlink()
                found.setdefault(f"drain {name}", []).append(result)
                say(f"drain {name}: {result}")
    return found


async def measure_urgent(due: int, requests: int, every: float, say: Say) -> dict[str, Any]:
    """At 30 a second, with all these reminders waiting: one couple after the other asks for space.

    Counted from the commit of the request, and from the moment the stub hands out the tap, to the partner's
    message.
    """
    with tempfile.TemporaryDirectory(prefix="stillhere-bench-") as folder:
        database = Path(folder) / "due.db"
        # Those who ask and their partners are not among those with a reminder.
        await make(
            database, Seed(due + 2 * requests, couples=requests, reminders=due, due=due, gap=2 * requests)
        )
        with (
            stub() as control,
            running("StillHere", control, database, SEND_RATE="30", BULK_RATE="25") as runner,
        ):
            wait_for(lambda: control.ask("state")["chats"])
            runner.stalls()
            bulk_before = control.ask("state")["chats"]
            first = FIRST_CHAT
            given = {}
            for number in range(requests):
                began = time.monotonic()
                asker = first + 2 * number
                control.ask("load", kind="tap", count=1, chat=asker, data=SEND.format(draft=number + 1))
                wait_for(lambda chat=asker + 1: control.ask("chats", of=[chat]), every=0.05)
                given[asker + 1] = control.ask("given")
                await asyncio.sleep(max(0.0, every - (time.monotonic() - began)))
            arrived = control.ask("chats", of=list(given))
            watched = runner.watched()
            took, whole = [], []
            for chat, at in given.items():
                committed = min(each for each in watched["commits"] if each >= at)
                took.append((arrived[str(chat)] - committed) * 1000)
                whole.append((arrived[str(chat)] - at) * 1000)
            seen = control.ask("state")
            result = {
                "p50_ms": statistics.median(took),
                "p99_ms": sorted(took)[int(len(took) * 0.99 - 0.01)],
                "longest_ms": max(took),
                "whole_ms": statistics.median(whole),
                "requests": requests,
                "bulk_meanwhile": seen["chats"] - bulk_before - 2 * requests,
                "memory_mb": runner.memory_mb(),
                "stall_ms": watched["stall_ms"],
                "own_ms": watched["own_ms"],
            }
    say(f"urgent: {result}")
    return {"urgent": [result]}
