"""Who started whom, without a library: /proc where there is one, else `ps`."""

import os
import subprocess
from pathlib import Path


def _parents() -> dict[int, int]:
    """Every process with its parent, zombies left out."""
    if Path("/proc/self/stat").exists():
        found: dict[int, int] = {}
        for entry in Path("/proc").iterdir():
            if not entry.name.isdigit():
                continue
            try:
                state, parent = (entry / "stat").read_text().rpartition(")")[2].split()[:2]
            except OSError:
                continue  # it ended meanwhile
            if state != "Z":
                found[int(entry.name)] = int(parent)
        return found
    lines = subprocess.run(["ps", "-A", "-o", "pid=,ppid=,stat="], capture_output=True, text=True, check=True)
    rows = (line.split() for line in lines.stdout.splitlines())
    return {int(pid): int(parent) for pid, parent, state in rows if not state.startswith("Z")}


def children(pid: int) -> list[int]:
    return sorted(child for child, parent in _parents().items() if parent == pid)


def descendants(pid: int) -> list[int]:
    """Everything that `pid` started, and what that started."""
    parents = _parents()
    found: set[int] = set()
    newest = {pid}
    while newest:
        newest = {child for child, parent in parents.items() if parent in newest} - found
        found |= newest
    return sorted(found)


def alive(pids: list[int]) -> list[int]:
    return sorted(set(pids) & set(_parents()))


def command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode().strip() or f"[{pid}]"
    except OSError:
        return f"[{pid}] of {os.uname().sysname}"
