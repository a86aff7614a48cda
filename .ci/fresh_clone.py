"""Clones the repository into an empty folder and uses it as a newcomer does.

`make run` there, without a token, until it prints where the playground is; the whole story on the page in
Chromium; then SIGTERM to the bot, SIGTERM to make, and Ctrl-C, each in a run of its own: all processes
have to be gone within ten seconds, and what make says about it has to be nothing alarming.
"""

import asyncio
import contextlib
import os
import re
import signal
import socket
import sys
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
from clones import ROOT, clone, say
from playwright.async_api import async_playwright

sys.path.insert(0, str(ROOT))

from tests.acceptance import processes
from tests.acceptance.chromium import ARGUMENTS, find_chromium
from tests.acceptance.harness import SETTINGS
from tests.acceptance.story import main_story

INSTALL_SECONDS = 600
START_SECONDS = 60
END_SECONDS = 10
URL = re.compile(r"http://[\w.]+:\d+")


def fail(text: str, output: list[str]) -> None:
    raise SystemExit("\n".join([f"FAILED: {text}", "── make run said ──", *output[-60:]]))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Run:
    """One `make run`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.output: list[str] = []
        self.url: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    async def start(self) -> None:
        kept = {name: value for name, value in os.environ.items() if not SETTINGS.match(name)}
        for name in ("MAKEFLAGS", "MAKELEVEL", "MFLAGS", "VIRTUAL_ENV", "PYTHONPATH"):
            kept.pop(name, None)
        self.make = await asyncio.create_subprocess_exec(
            *("make", "run"),
            cwd=self.folder,
            env=kept | {"PORT": str(free_port()), "PYTHONUNBUFFERED": "1"},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,  # as in a terminal of its own: Ctrl-C goes to the whole group
        )
        self.reader = asyncio.create_task(self._read())

    async def _read(self) -> None:
        assert self.make.stdout
        async for line in self.make.stdout:
            self.output.append(line.decode(errors="replace").rstrip())
            found = URL.search(self.output[-1])
            if found and not self.url.done():
                self.url.set_result(found.group())
        if not self.url.done():
            self.url.cancel()

    async def address(self) -> str:
        """Where the playground is, once the bot is there as well."""
        try:
            url = await asyncio.wait_for(asyncio.shield(self.url), INSTALL_SECONDS)
        except (TimeoutError, asyncio.CancelledError):
            fail("no address was printed", self.output)
            raise
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{url}/playground/settle", json={"timeout": START_SECONDS}) as answer,
        ):
            if answer.status != 200:
                fail(f"the bot did not start: {await answer.text()}", self.output)
        return url

    async def end(self, how: str) -> None:
        """Ends it in one of three ways, and looks at what is left."""
        started = processes.descendants(self.make.pid)
        bot = processes.children(self.make.pid)
        if len(bot) != 1:
            fail(f"make has {len(bot)} children, not the bot alone", self.output)
        if how == "SIGTERM to the bot":
            os.kill(bot[0], signal.SIGTERM)
        elif how == "SIGTERM to make":
            os.kill(self.make.pid, signal.SIGTERM)
        else:
            os.killpg(self.make.pid, signal.SIGINT)
        try:
            code = await asyncio.wait_for(self.make.wait(), END_SECONDS)
            await asyncio.wait_for(self.reader, END_SECONDS)  # the pipe closes with the last process
        except TimeoutError:
            late = [processes.command(pid) for pid in processes.alive(started)]
            fail(f"{how}: not ended after {END_SECONDS} s: {late}", self.output)
            raise
        if left := processes.alive(started):
            fail(f"{how}: left behind {[processes.command(pid) for pid in left]}", self.output)
        # make itself dies of the signal it got; what the bot's own exit was, it would say with ***.
        allowed = {"SIGTERM to the bot": {0}, "SIGTERM to make": {0, -signal.SIGTERM}}.get(
            how, {0, -signal.SIGINT}
        )
        if code not in allowed or any("***" in line or "Traceback" in line for line in self.output):
            fail(f"{how}: exit code {code}", self.output)
        say(f"ok: {how}: exit code {code}, nothing left behind")


@contextlib.asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Run]:
    run = Run(folder)
    await run.start()
    try:
        yield run
    finally:
        for pid in [*processes.descendants(run.make.pid), run.make.pid]:
            if run.make.returncode is None:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
        await run.make.wait()


async def play(url: str) -> None:
    chromium = find_chromium()
    if chromium is None:
        raise SystemExit("FAILED: no Chromium found: install Debian's chromium, or set CHROMIUM to one")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=chromium, args=ARGUMENTS)
        page = await browser.new_page(viewport={"width": 1280, "height": 900}, locale="en-GB")
        await main_story(page, url)
        await browser.close()


async def main() -> None:
    with tempfile.TemporaryDirectory(prefix="stillhere-") as folder:
        copy = clone(Path(folder))
        async with running(copy) as run:
            url = await run.address()
            say(f"ok: make run in a fresh clone: {url}")
            try:
                await play(url)
            except AssertionError as error:
                fail(str(error), run.output)
            say("ok: link -> space -> back in Chromium")
            await run.end("SIGTERM to the bot")
        for how in ("SIGTERM to make", "Ctrl-C"):
            async with running(copy) as run:
                await run.address()
                await run.end(how)


asyncio.run(main())
