"""Builds the wheel of what is committed, installs it where nothing else is, and uses it as an operator does.

The folder it runs in has nothing of the repository, but a `bot` of its own, as that of another bot may.
There `stillhere` says its version and checks its words; its playground plays link -> space -> back in both
languages, with a kill -9 on the way, and ends at SIGTERM.
"""

import asyncio
import os
import re
import signal
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from clones import ROOT, clone, say

sys.path.insert(0, str(ROOT))

from tests.acceptance import processes
from tests.acceptance.harness import SETTINGS, Playground
from tests.acceptance.transcript import FOLDER, load, play

STORY = "link_space_back.yaml"
OURS = re.compile(r"^(bot/|stillhere-[^/]*\.dist-info/)")


def outside() -> dict[str, str]:
    """The environment without what would lead back into the repository, or set the bot."""
    ways_back = ("VIRTUAL_ENV", "PYTHONPATH", "MAKEFLAGS")
    return {
        name: value
        for name, value in os.environ.items()
        if name not in ways_back and not SETTINGS.match(name)
    }


def run(*command: str | Path, where: Path) -> str:
    """What it printed; if it fails, that ends the script."""
    done = subprocess.run(
        [*map(str, command)], cwd=where, env=outside(), capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise SystemExit(f"FAILED: {command}: {done.returncode}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
    return done.stdout


def build(folder: Path) -> Path:
    """The wheel; all of the content is in it, and nothing that is not the bot's."""
    copy = clone(folder)
    run(
        *(sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "--wheel-dir", folder / "dist", copy),
        where=folder,
    )
    [wheel] = (folder / "dist").iterdir()
    inside = set(zipfile.ZipFile(wheel).namelist())
    content = {
        f"bot/_content/{file.relative_to(copy / 'content')}"
        for file in (copy / "content").rglob("*")
        if file.is_file()
    }
    source = {str(file.relative_to(copy)) for file in (copy / "bot").rglob("*") if file.is_file()}
    missing = (content | source) - inside
    foreign = {name for name in inside if not OURS.match(name)}
    if missing or foreign:
        raise SystemExit(f"FAILED: not in the wheel: {sorted(missing)}; not ours in it: {sorted(foreign)}")
    say(f"ok: {wheel.name}: {len(inside)} files, {wheel.stat().st_size // 1024} kB")
    return wheel


def install(wheel: Path, folder: Path) -> Path:
    """Where its commands are."""
    run(sys.executable, "-m", "venv", folder / "venv", where=folder)
    commands = folder / "venv" / "bin"
    run(commands / "pip", "install", "-q", "-c", ROOT / "constraints.txt", wheel, where=folder)
    return commands


class Installed(Playground):
    """The playground of the wheel."""

    def environment(self) -> dict[str, str]:
        return outside() | {"PYTHONUNBUFFERED": "1"}


async def story(program: Path, folder: Path) -> None:
    told = load(FOLDER / STORY)
    Installed.program = (str(program),)
    async with Installed(folder, at=told.start) as playground:
        await play(told, playground)
        code = await playground.stop(signal.SIGTERM)
    said = "\n".join(playground.output)
    if code or "Traceback" in said:
        raise SystemExit(f"FAILED: it ended with {code}\n{playground.log(200)}")
    say(f"ok: {told.name}, SIGTERM: exit code {code}")


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="stillhere-wheel-") as name:
        folder = Path(name)
        commands = install(build(folder), folder)
        elsewhere = folder / "elsewhere"
        (elsewhere / "bot").mkdir(parents=True)
        (elsewhere / "bot" / "__init__.py").write_text("raise SystemExit('not this one')\n")
        program = commands / "stillhere"
        for words in (["--version"], ["content", "check"]):
            said = run(program, *words, where=elsewhere)
            say(f"ok: stillhere {' '.join(words)}: {said.strip().splitlines()[-1]}")
        asyncio.run(story(program, elsewhere))
        if left := processes.alive(processes.descendants(os.getpid())):
            raise SystemExit(f"FAILED: left behind: {[processes.command(pid) for pid in left]}")


main()
