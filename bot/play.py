"""The playground and the real bot beside it: two processes, one window."""

import asyncio
import contextlib
import os
import sys
from datetime import datetime
from pathlib import Path

from bot.playground.server import PlaygroundServer

HOST = "127.0.0.1"
TOKEN = "4200001:playground"
"""Only the stand-in knows this one."""
PACKAGES = Path(__file__).parents[1]
"""Where this very package is."""
STOPS_WITHIN = 10.0
"""Seconds."""


async def play(
    folder: Path, port: int, stop: asyncio.Event, *, frozen: bool = False, start: datetime | None = None
) -> int:
    """Serve the playground and run the bot on it until `stop` is set; the exit code.

    Raises OSError for a busy port, and what the server raises for a damaged folder.
    """
    server = PlaygroundServer(
        host=HOST, port=port, folder=folder, token=TOKEN, flowing=not frozen, start=start
    )
    await server.start()
    try:
        print(f"StillHere's playground: {server.url}   (Ctrl-C stops it)", flush=True)  # noqa: T201
        return await _run_bot(server.url, folder, stop)
    finally:
        await server.stop()


async def _run_bot(url: str, folder: Path, stop: asyncio.Event) -> int:
    # The bot ends when its standard input does: it never outlives this process, however that ends.
    child = await asyncio.create_subprocess_exec(
        sys.executable,
        "-P",  # this bot, and not what may be called so in the folder where it was started
        "-m",
        "bot",
        "run",
        "--until-input-ends",
        env=_environment(url, folder),
        stdin=asyncio.subprocess.PIPE,
        start_new_session=True,  # Ctrl-C is for this process; it then ends the bot in order
    )
    ended = asyncio.ensure_future(child.wait())
    stopping = asyncio.ensure_future(stop.wait())
    await asyncio.wait((ended, stopping), return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if not ended.done():
        with contextlib.suppress(ProcessLookupError):
            child.terminate()
        try:
            await asyncio.wait_for(asyncio.shield(ended), STOPS_WITHIN)
        except TimeoutError:
            with contextlib.suppress(ProcessLookupError):
                child.kill()
            await ended
        return 0
    return child.returncode or 0


def _environment(url: str, folder: Path) -> dict[str, str]:
    """The bot's settings in the playground: nothing of the live ones, not from .env either."""
    paths = [str(PACKAGES), *filter(None, [os.environ.get("PYTHONPATH")])]
    return os.environ | {
        "PYTHONPATH": os.pathsep.join(paths),
        "TELEGRAM_TOKEN": TOKEN,
        "TELEGRAM_API_URL": url,
        "PLAYGROUND_URL": url,
        "DATABASE_URL": f"sqlite+aiosqlite:///{folder / 'bot.db'}",
        "DATA_KEY": "",
        "DATA_KEY_FILE": str(folder / "bot.key"),
        "BACKUP_DIR": "",
        "WEBHOOK_URL": "",
        "METRICS_PORT": "",
        "OPERATOR_CHAT_ID": "",
        "NO_PROXY": "127.0.0.1,localhost",
        "no_proxy": "127.0.0.1,localhost",
    }
