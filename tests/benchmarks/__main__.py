"""Measure, and write docs/benchmarks.md: `python -m tests.benchmarks [name …] [--runs N] [--quick]`.

Names: taps, bulk, urgent, kill, scale, heartbeat, replicas (default: all). What is not measured now keeps
the figures of the last time, in `data/benchmarks.json`. With --quick, small and on no page: does it all run?
"""

import argparse
import asyncio
import json
import os
import sys
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from bot.content.catalog import load
from tests.benchmarks import bulk, heartbeat, kill, replicas, report, scale, taps
from tests.benchmarks.stage import CONTENDERS

KEPT = Path("data/benchmarks.json")
NAMES = ("taps", "bulk", "urgent", "kill", "scale", "heartbeat", "replicas")


def say(line: str) -> None:
    sys.stderr.write(f"{line}\n")


def sizes(scale: float) -> dict[str, Any]:
    """How many updates each answers a run: a few seconds' worth."""
    counts = {0: (1500, 1000, 300), 50: (1500, 1000, 30)}
    floods = {
        latency: {name: max(5, int(count * scale)) for name, count in zip(CONTENDERS, each, strict=True)}
        for latency, each in counts.items()
    }
    return {"flood": floods, "idle": max(3, int(100 * scale))}


async def heartbeats(quick: bool) -> dict[str, Any]:
    found = []
    for rows, due in ((1_000, 200),) if quick else heartbeat.CASES:
        if quick:
            with tempfile.TemporaryDirectory() as folder:
                found.append(await heartbeat.measure(rows, due, Path(folder), load()))
        else:
            found.append(heartbeat.measure_apart(rows, due))
        say(f"heartbeat: {found[-1]}")
    return {"heartbeat": found}


async def measure(name: str, runs: int, quick: bool) -> dict[str, Any]:
    """One of NAMES."""
    due, few = (300, 1) if quick else (100_000, min(runs, 3))
    match name:
        case "taps":
            return await taps.measure(runs, sizes(0.02 if quick else 1), say)
        case "bulk":
            return await bulk.measure(few, due, say)
        case "urgent":
            return await bulk.measure_urgent(due, 3 if quick else 100, 0.1 if quick else 1, say)
        case "kill":
            return await kill.measure(few, 200 if quick else 5_000, say)
        case "scale":
            return await scale.measure(runs, 1_000 if quick else 1_000_000, say)
        case "replicas":
            return await replicas.measure(few, 60 if quick else 3_000, say)
    return await heartbeats(quick)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="name", help=", ".join(NAMES))
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args()
    unknown = set(given.names) - set(NAMES)
    if unknown:
        parser.error(f"there is no {', '.join(unknown)}")
    kept: dict[str, Any] = json.loads(KEPT.read_text()) if KEPT.exists() and not given.quick else {}
    for name in given.names or NAMES:
        load_before = os.getloadavg()[0]
        found = asyncio.run(measure(name, 1 if given.quick else given.runs, given.quick))
        now = datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC")
        kept[name] = {"at": now, "load": [load_before, os.getloadavg()[0]], "found": found}
        if not given.quick:
            KEPT.parent.mkdir(exist_ok=True)
            KEPT.write_text(json.dumps(kept))
    page = report.page(kept)
    if given.quick:
        sys.stdout.write(page)
    else:
        Path("docs/benchmarks.md").write_text(page)
        say("written: docs/benchmarks.md")


if __name__ == "__main__":
    main()
