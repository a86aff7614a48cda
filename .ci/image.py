"""Goes through the steps of the Dockerfile without a container engine, and uses what comes of them.

Every COPY and RUN is done in an empty folder that stands for the image's root; what .dockerignore leaves out
is not there to be copied. Then the bot runs as the image's user, is asked whether it is alive as HEALTHCHECK
asks, is told a city, and ends at SIGTERM; whatever it wrote has to be in /data. What this does not show: that
an engine builds the image, what Debian's files in it are, and that it works on a root truly read-only.
"""

import asyncio
import fnmatch
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from clones import ROOT, clone, say

sys.path.insert(0, str(ROOT))

from bot.playground import people
from bot.playground.server import PlaygroundServer
from tests.acceptance.harness import SETTINGS, from_bot, shown
from tests.acceptance.test_starting import free_port

TOKEN = "4200001:of-the-image"
OURS = re.compile(r"(?<![\w.:/-])/(opt|src|data)\b")
"""Folders of the image that its steps name."""
IN_URLS = re.compile(r"(?<=:///)/(opt|src|data)\b")
START_SECONDS = 60


def instructions(text: str) -> list[tuple[str, str]]:
    """(RUN, what stands behind it), continued lines joined."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    whole = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    split = (line.partition(" ") for line in whole.splitlines())
    return [(name.upper(), rest.strip()) for name, _, rest in split]


def left_out(path: str, rules: list[str]) -> bool:
    """What .dockerignore says of it: the last rule that fits counts."""
    out = False
    for rule in rules:
        pattern = rule.removeprefix("!").removeprefix("**/")
        parts = path.split("/")
        candidates = ["/".join(parts[:end]) for end in range(1, len(parts) + 1)]
        fits = any(fnmatch.fnmatch(each, pattern) for each in candidates)
        if "**/" in rule:
            fits = any(fnmatch.fnmatch(part, pattern) for part in parts)
        if fits:
            out = not rule.startswith("!")
    return out


@dataclass
class Image:
    """The folder that stands for the root of the image, and what the Dockerfile says of it."""

    root: Path
    context: Path
    tools: Path
    """Where `python` is, as the image has it."""
    environment: dict[str, str] = field(default_factory=dict)
    workdir: str = "/"
    user: int = 0
    commands: dict[str, list[str]] = field(default_factory=dict)
    stages: dict[str, Path] = field(default_factory=dict)
    stage: str = ""

    @property
    def path(self) -> str:
        return f"{self.tools}:/usr/bin:/bin"

    def here(self, text: str) -> str:
        """Absolute paths of the image, as they are on this machine."""
        return IN_URLS.sub(rf"{self.root}/\1", OURS.sub(rf"{self.root}/\1", text))

    def build(self, dockerfile: str) -> None:
        for name, rest in instructions(dockerfile):
            getattr(self, f"_{name.lower()}", self._noted)(rest)

    def _noted(self, _: str) -> None:
        """Means something to an engine alone: VOLUME, STOPSIGNAL."""

    def _from(self, rest: str) -> None:
        image, _, name = rest.partition(" AS ")
        wanted = re.fullmatch(r"python:(\d+)\.(\d+)-slim", image)
        if wanted is None:
            raise SystemExit(f"FAILED: FROM {image}: this script knows Python's own images only")
        if (found := sys.version_info[:2]) != tuple(map(int, wanted.groups())):
            say(
                f"note: the image has Python {'.'.join(wanted.groups())}, this is {'.'.join(map(str, found))}"
            )
        if self.stage:
            self.stages[self.stage] = self.root.rename(self.root.with_name(f"stage-{self.stage}"))
        self.root.mkdir(mode=0o755)
        self.environment, self.workdir, self.stage = {}, "/", name or "last"

    def _workdir(self, rest: str) -> None:
        self.workdir = rest
        (self.root / rest.lstrip("/")).mkdir(parents=True, exist_ok=True)

    def _env(self, rest: str) -> None:
        for pair in shlex.split(rest):
            name, _, value = pair.partition("=")
            self.environment[name] = self.here(value).replace("$PATH", self.path)

    def _user(self, rest: str) -> None:
        self.user = int(rest.partition(":")[0])

    def _copy(self, rest: str) -> None:
        *sources, target = rest.split()
        base = self.context
        if sources[0].startswith("--from="):
            base = self.stages[sources.pop(0).removeprefix("--from=")]
        rules = [
            line
            for line in (self.context / ".dockerignore").read_text().splitlines()
            if line[:1] not in ("", "#")
        ]
        for source in sources:
            self._copy_one(base, source, target, rules if base == self.context else [])

    def _copy_one(self, base: Path, source: str, target: str, rules: list[str]) -> None:
        found = base / source.lstrip("/")
        into = self.root / os.path.join(self.workdir, target).lstrip("/")  # noqa: PTH118
        if not found.exists() or left_out(source, rules):
            raise SystemExit(f"FAILED: COPY {source}: it is not there, or .dockerignore leaves it out")
        if found.is_file():
            into.mkdir(parents=True, exist_ok=True)
            shutil.copy(found, into)
            return

        def ignored(folder: str, names: list[str]) -> set[str]:
            at = os.path.relpath(folder, base)
            return {name for name in names if rules and left_out(f"{at}/{name}", rules)}

        shutil.copytree(found, into, symlinks=True, ignore=ignored, dirs_exist_ok=True)

    def _run(self, rest: str) -> None:
        command = self.here(rest)
        if os.getuid():
            command = re.sub(r" -[og] \d+", "", command)
        where = self.root / self.workdir.lstrip("/")
        environment = outside() | {"PATH": self.path} | self.environment
        done = subprocess.run(
            ["/bin/sh", "-ec", command],
            cwd=where,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SystemExit(f"FAILED: RUN {rest}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
        say(f"ok: RUN {rest}")

    def _healthcheck(self, rest: str) -> None:
        self._cmd(rest.partition(" CMD ")[2], "HEALTHCHECK")

    def _entrypoint(self, rest: str) -> None:
        self._cmd(rest, "ENTRYPOINT")

    def _cmd(self, rest: str, name: str = "CMD") -> None:
        self.commands[name] = re.findall(r'"([^"]*)"', rest)

    # what runs in it

    async def start(self, *command: str, **settings: str) -> asyncio.subprocess.Process:
        kept = {name: os.environ[name] for name in ("LANG", "TZ") if name in os.environ}
        environment = kept | self.environment | settings
        program = shutil.which(command[0], path=environment["PATH"])
        assert program is not None, command
        return await asyncio.create_subprocess_exec(
            *(program, *command[1:]),
            cwd=self.root / self.workdir.lstrip("/"),
            env=environment,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            **({} if os.getuid() else {"user": self.user, "group": self.user, "extra_groups": []}),
        )

    def files(self) -> dict[str, int]:
        """Everything outside of /data, and when it was changed."""
        found = (file for file in self.root.rglob("*") if self.root / "data" not in (file, *file.parents))
        return {str(file): file.lstat().st_mtime_ns for file in found}


def python_in(folder: Path) -> Path:
    """A folder with a `python` that the image's user may run, too: pyenv's lies in somebody's home."""
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    elsewhere = shutil.which(version, path="/usr/local/bin:/usr/bin")
    choices = [getattr(sys, "_base_executable", sys.executable), elsewhere]
    found = [Path(each).resolve() for each in choices if each]
    open_to_all = [each for each in found if all(above.stat().st_mode & 0o001 for above in each.parents)]
    if not open_to_all and not os.getuid():
        raise SystemExit(f"FAILED: no {version} that others than root may run: {found}")
    folder.mkdir()
    folder.chmod(0o755)
    program = folder / "python"
    program.write_text(f'#!/bin/sh\nexec {(open_to_all or found)[0]} "$@"\n')
    program.chmod(0o755)
    return folder


def outside() -> dict[str, str]:
    """The environment without what would lead back into the repository, or set the bot."""
    return {
        name: value
        for name, value in os.environ.items()
        if name not in ("VIRTUAL_ENV", "PYTHONPATH", "MAKEFLAGS") and not SETTINGS.match(name)
    }


async def ended(process: asyncio.subprocess.Process, expected: int = 0) -> str:
    said, _ = await asyncio.wait_for(process.communicate(), START_SECONDS)
    text = said.decode(errors="replace")
    if process.returncode != expected:
        raise SystemExit(f"FAILED: it ended with {process.returncode}\n{text[-3000:]}")
    return text


async def use(image: Image, folder: Path) -> None:
    """Start it as the image does, ask it as the image does, stop it as an engine does."""
    before = image.files()
    said = await ended(await image.start(*image.commands["ENTRYPOINT"], "--version"))
    say(f"ok: {said.strip()}, as user {image.user}, {size(image.root)} MB beside Python's")
    telegram = PlaygroundServer(
        host="127.0.0.1", port=0, folder=folder / "telegram", token=TOKEN, flowing=True
    )
    await telegram.start()
    settings = {
        "TELEGRAM_TOKEN": TOKEN,
        "TELEGRAM_API_URL": telegram.url,
        "METRICS_PORT": str(free_port()),
    }
    asks = image.commands["HEALTHCHECK"]
    await ended(await image.start(*asks, **settings), expected=1)
    bot = await image.start(*image.commands["ENTRYPOINT"], *image.commands["CMD"], **settings)
    try:
        assert bot.stdout is not None
        async with asyncio.timeout(START_SECONDS):
            while "bot.started" not in (line := (await bot.stdout.readline()).decode()):
                if not line:
                    raise SystemExit("FAILED: it did not start")
        await ended(await image.start(*asks, **settings))
        say(f"ok: {' '.join(asks)}: 1 before it runs, 0 while it does")
        await finds_a_city(telegram)
        bot.send_signal(signal.SIGTERM)
        await ended(bot)
        say("ok: SIGTERM: exit code 0")
    finally:
        if bot.returncode is None:
            bot.kill()
        await telegram.stop()
    data = sorted(each.name for each in (image.root / "data").iterdir())
    if image.files() != before or "stillhere.db" not in data or "stillhere.key" not in data:
        changed = dict(set(image.files().items()) ^ set(before.items()))
        raise SystemExit(f"FAILED: written beside /data: {sorted(changed)[:20]}; in it: {data}")
    say(f"ok: nothing was written but /data: {', '.join(data)}")


async def finds_a_city(telegram: PlaygroundServer) -> None:
    """What was left out of the image is not what it looks cities up in."""
    person = people.add_person(telegram.world, {"first_name": "Mara"})
    for words in ("/start", "Lisbon"):
        people.ACTIONS["say"](telegram.world, person, {"text": words})
    posts = telegram.world.state.chats[person.id].posts
    async with asyncio.timeout(START_SECONDS):
        while not any("Lisbon" in shown(each.message) for each in posts.values() if from_bot(each.message)):  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    say("ok: it knows a city")


def size(folder: Path) -> int:
    return sum(file.lstat().st_size for file in folder.rglob("*") if file.is_file()) // 2**20


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="stillhere-image-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # the image's user comes through here
        image = Image(folder / "root", clone(folder), python_in(folder / "tools"))
        image.build((image.context / "Dockerfile").read_text())
        asyncio.run(use(image, folder))


main()
