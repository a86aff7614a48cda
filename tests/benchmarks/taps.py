"""Updates answered a second, and from a tap to its answer when nothing else is going on."""

import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bot.telegram.callback_data import encode
from bot.telegram.callback_data.check_ins import AnswerStep
from tests.benchmarks.seed import ANSWER, Seed, make
from tests.benchmarks.stage import CONTENDERS, Runner, running, stub, wait_for
from tests.benchmarks.stub import FIRST_CHAT, Control

Say = Callable[[str], None]
TAP = encode(AnswerStep(0, 1, ANSWER)).replace("0", "{session}", 1)
WORDS = "Good morning"


def load(control: Control, kind: str, first: int, count: int) -> None:
    """So many updates, one a person, beginning with person `first`; all at once."""
    control.ask("load", kind=kind, count=count, chat=FIRST_CHAT + first - 1, data=data_of(kind))


def data_of(kind: str) -> str:
    # The session's id is the person's: the stub fills it in.
    return TAP if kind == "tap" else WORDS


def flood(control: Control, runner: Runner, kind: str, first: int, count: int) -> dict[str, Any]:
    """Answer `count` updates that wait: how many a second."""
    control.ask("forget")
    cpu = runner.cpu_seconds()
    load(control, kind, first, count)
    wait_for(lambda: control.ask("state")["chats"] >= count)
    seen = control.ask("state")
    seconds = seen["last_sent"] - seen["first_given"]
    calls = {name: number / count for name, number in seen["calls"].items()}
    return {
        "a_second": count / seconds,
        "cpu_ms": (runner.cpu_seconds() - cpu) / count * 1000,
        "calls": calls,
    }


def idle(control: Control, kind: str, first: int, count: int) -> list[float]:
    """From a tap to its answer (ms), one after the other."""
    took = []
    for number in range(count):
        wait_for(lambda: control.ask("state")["polling"], every=0.002)
        time.sleep(0.01)
        control.ask("forget")
        load(control, kind, first + number, 1)
        wait_for(lambda: control.ask("state")["chats"] == 1, every=0.002)
        seen = control.ask("state")
        took.append((seen["last_sent"] - seen["first_given"]) * 1000)
    return took


async def measure(
    runs: int, sizes: dict[str, Any], say: Say, kinds: tuple[str, ...] = ("tap", "text")
) -> dict[str, Any]:
    """`sizes`: counts by contender for 0 and 50 ms, and for idle; alternating runs, medians."""
    found: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="stillhere-bench-") as folder:
        database, without = Path(folder) / "seeded.db", Path(folder) / "without.db"
        people = 1 + max(max(each.values()) for each in sizes["flood"].values()) + sizes["idle"]
        await make(database, Seed(people, check_ins=people))
        await make(without, Seed(people))  # a text is an answer to nothing
        for kind in kinds:
            for latency in sizes["flood"]:
                with stub() as control:
                    for _ in range(runs):
                        for name in CONTENDERS:
                            control.ask("set", latency=0)
                            seeded = database if kind == "tap" else without
                            with running(name, control, seeded) as runner:
                                load_one(control, kind, people)  # what is done once is done
                                control.ask("set", latency=latency / 1000)
                                if name == "StillHere":
                                    runner.stalls()  # starting up is measured elsewhere
                                result = flood(control, runner, kind, 1, sizes["flood"][latency][name])
                                if name == "StillHere":
                                    result |= runner.stalls()
                                found.setdefault(f"{kind} {latency} {name}", []).append(result)
                                say(f"{kind} {latency} ms {name}: {result}")
        with stub() as control:
            for _ in range(runs):
                for name in CONTENDERS:
                    with running(name, control, database) as runner:
                        load_one(control, "tap", people)
                        took = idle(control, "tap", 1, sizes["idle"])
                        found.setdefault(f"idle {name}", []).append(statistics.median(took))
                        say(f"idle {name}: {statistics.median(took):.1f} ms")
    return found


def load_one(control: Control, kind: str, person: int) -> None:
    """One update, answered."""
    control.ask("forget")
    load(control, kind, person, 1)
    wait_for(lambda: control.ask("state")["chats"] == 1 and control.ask("state")["polling"])
