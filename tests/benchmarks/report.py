"""What was measured, as a page. The words below the tables stand in `notes.md`, written by people."""

import os
import platform
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

PACKAGES = ("python-telegram-bot", "aiogram", "aiohttp", "httpx", "SQLAlchemy", "aiosqlite", "orjson")
NOTES = Path(__file__).with_name("notes.md")
Found = dict[str, list[Any]]


def page(kept: dict[str, Any]) -> str:
    """All of docs/benchmarks.md."""
    lines = [
        "# Load and speed",
        "",
        "Written by `make bench`. Medians of alternating runs, with the whole range behind them; “×” is",
        "StillHere against the other. StillHere is the real process, with its database on disk,",
        "`synchronous=FULL`, and every notice committed before it is sent; the bare bots keep nothing.",
        "",
        f"Machine: {_processor()}, {os.cpu_count()} cores, {platform.system()} {platform.release()};"
        f" Python {platform.python_version()}; {', '.join(f'{each} {_version(each)}' for each in PACKAGES)}.",
        "",
    ]
    sections = {
        "taps": _taps,
        "bulk": _bulk,
        "urgent": _urgent,
        "kill": _kill,
        "scale": _scale,
        "heartbeat": _heartbeat,
        "replicas": _replicas,
    }
    for name, write in sections.items():
        if name in kept:
            before, after = kept[name]["load"]
            lines += write(kept[name]["found"])
            lines += [
                "",
                f"{kept[name]['at']}; load of the machine before and after: {before:.1f}, {after:.1f}.",
                "",
            ]
    if NOTES.exists():
        lines += NOTES.read_text().splitlines()
    return "\n".join(lines) + "\n"


def _table(head: list[str], rows: list[list[str]]) -> list[str]:
    return [f"| {' | '.join(each)} |" for each in (head, ["---"] * len(head), *rows)]


def _of(runs: list[Any], what: str) -> list[float]:
    return [run[what] for run in runs if what in run]


def _spread(values: list[float], digits: int = 0) -> str:
    if not values:
        return "–"
    middle = f"{median(values):,.{digits}f}"
    return middle if len(values) == 1 else f"{middle} ({min(values):,.{digits}f}–{max(values):,.{digits}f})"


def _taps(found: Found) -> list[str]:
    rows = []
    for kind, label in (("tap", "check-in tap, three calls"), ("text", "text, one message")):
        for latency in (0, 50):
            ours = found[f"{kind} {latency} StillHere"]
            for name in ("StillHere", "aiogram", "PTB"):
                runs = found[f"{kind} {latency} {name}"]
                speed, work = _of(runs, "a_second"), _of(runs, "cpu_ms")
                rows.append(
                    [
                        f"{label}, {latency} ms",
                        name,
                        _spread(speed),
                        f"{median(_of(ours, 'a_second')) / median(speed):.2f} ×",
                        _spread(work, 2),
                        f"{median(work) / median(_of(ours, 'cpu_ms')):.2f} ×",
                        _spread(_of(runs, "stall_ms")),
                        _spread(_of(runs, "own_ms")),
                    ]
                )
    head = ["updates", "bot", "a second", "×", "processor ms each", "×", "longest stall ms", "own work in it"]
    lines = ["## Updates answered", "", *_table(head, rows), ""]
    ours = median(found["idle StillHere"])
    rows = [
        [name, _spread(found[f"idle {name}"], 1), f"{ours / median(found[f'idle {name}']):.2f} ×"]
        for name in ("StillHere", "aiogram", "PTB")
    ]
    return [*lines, "From a tap to its answer when idle (ms):", "", *_table(["bot", "ms", "×"], rows)]


def _bulk(found: Found) -> list[str]:
    rows = [
        [
            name,
            _spread(_of(runs, "a_second")),
            _spread(_of(runs, "cpu_ms"), 2),
            _spread(_of(runs, "memory_mb")),
            _spread(_of(runs, "stall_ms")),
            _spread(_of(runs, "own_ms")),
        ]
        for name, runs in found.items()
    ]
    head = [
        "100,000 due reminders",
        "sent a second",
        "processor ms each",
        "memory MB",
        "longest stall ms",
        "own work",
    ]
    return ["## Bulk", "", *_table(head, rows)]


def _urgent(found: Found) -> list[str]:
    [run] = found["urgent"]
    columns = {
        "space requests": "requests",
        "commit to send, p50 ms": "p50_ms",
        "p99 ms": "p99_ms",
        "longest ms": "longest_ms",
        "tap to send, p50 ms": "whole_ms",
        "reminders sent meanwhile": "bulk_meanwhile",
        "longest stall ms": "stall_ms",
        "own work in it": "own_ms",
    }
    row = [f"{run[each]:,.0f}" for each in columns.values()]
    title = "## A space request, with 100,000 reminders due, at 30 a second"
    return [title, "", *_table(list(columns), [row])]


def _kill(found: Found) -> list[str]:
    rows = [
        [name.removeprefix("kill "), _spread(_of(runs, "lost")), _spread(_of(runs, "twice"))]
        for name, runs in found.items()
    ]
    return ["## Killed (-9) under a backlog of 5,000", "", *_table(["bot", "lost", "answered twice"], rows)]


def _scale(found: Found) -> list[str]:
    runs = found["scale"]
    names = (("start_s", 2), ("start_cpu_s", 2), ("memory_mb", 0))
    head = ["start to first answer, s", "processor s until then", "memory MB"]
    rows = [[_spread(_of(runs, name), digits) for name, digits in names]]
    return ["## A million people, each with a reminder", "", *_table(head, rows)]


def _heartbeat(found: Found) -> list[str]:
    rows = [
        [
            f"{run['rows']:,}",
            f"{run['due']:,}",
            f"{run['start_ms']:,.0f}",
            f"{run['a_second']:,.0f}",
            f"{run['longest_ms']:,.0f}",
            f"{run['start_mb'] + run['mb']:,.1f}",
        ]
        for run in found["heartbeat"]
    ]
    head = [
        "reminders",
        "due in one minute",
        "start ms",
        "handled a second",
        "longest batch ms",
        "memory it takes MB",
    ]
    return ["## The heartbeat alone", "", *_table(head, rows)]


def _replicas(found: Found) -> list[str]:
    rows = [
        [
            name,
            _spread(_of(runs, "taken")),
            _spread(_of(runs, "answered")),
            _spread(_of(runs, "cpu_ms"), 2),
            _spread(_of(runs, "at_sender"), 1),
            _spread(_of(runs, "elsewhere"), 1),
            _spread(_of(runs, "takeover"), 2),
            _spread(_of(runs, "longest_takeover"), 2),
        ]
        for name, runs in found.items()
    ]
    head = [
        "database, processes",
        "texts taken a second",
        "answered",
        "processor ms each",
        "text to answer, ms",
        "by another replica than the sender",
        "sender killed: until another sends, s",
        "longest",
    ]
    return ["## Replicas", "", *_table(head, rows)]


def _version(package: str) -> str:
    try:
        return version(package)
    except ModuleNotFoundError:
        return "–"


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    names = [line.split(":", 1)[1].strip() for line in info.read_text().splitlines() if "model name" in line]
    return names[0] if names else platform.processor()
