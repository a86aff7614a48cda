"""Beginning a world with a scene, and playing an evening before people's eyes: as the page asks for it."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from bot.playground.script.client import Client
from bot.playground.script.errors import UnexpectedError
from tests.acceptance.harness import Playground
from tests.acceptance.words import Words, squeezed

MONTHS = "three-months"
NOT_THERE: list[tuple[dict[str, Any], str]] = [
    ({"scene": "three-years", "locale": "en"}, "first-contact"),  # it names those that there are
    ({"scene": "first-contact", "locale": "xx"}, "no language"),
    ({"scene": 7, "locale": "en"}, "its name or null"),
]


async def chats(client: Client) -> dict[str, list[str]]:
    """What stands in each chat, by its owner."""
    people = (await client.get("state"))["people"]
    said = {}
    for person in people:
        chat = await client.get(f"people/{person['id']}/messages")
        said[person["first_name"]] = [
            each.get("text") or each.get("caption") or "" for each in chat["messages"]
        ]
    return said


async def test_every_scene_begins_a_world_of_its_own(tmp_path: Path) -> None:
    async with Playground(tmp_path / "it") as playground:
        stage = (await playground.get("state"))["stage"]
        assert {each["name"] for each in stage["scenes"]} == {
            "first-contact",
            "linked-couple",
            "in-a-break",
            MONTHS,
        }
        assert stage["locales"] == ["de", "en"]
        for scene, locale in (("first-contact", "en"), ("in-a-break", "de")):
            await playground.post("begin", {"scene": scene, "locale": locale})
            said = await chats(playground)
            hello = Words(locale).finder("hello.first")
            assert said["Mara"][0] == "/start"
            assert any(hello.search(squeezed(each)) for each in said["Mara"]), scene
            assert (said["Jonas"] == []) is (scene == "first-contact")
        due = (await playground.clock())["due"]
        assert "return time" in {each["what"] for each in due}, "the break goes on"
        for wanted, why in NOT_THERE:
            with pytest.raises(UnexpectedError, match=why):
                await playground.post("begin", wanted)
        await playground.post("begin", {"scene": None, "locale": "en"})
        assert set(map(len, (await chats(playground)).values())) == {0}


# -- a transcript that is played


@asynccontextmanager
async def played(folder: Path, steps: str) -> AsyncIterator[Client]:
    """`playground --script`, with a transcript of these steps."""
    script = folder / "a_moment.yaml"
    script.write_text(f"start: 2026-03-02T18:18+01:00\npeople:\n  mara: {{}}\nsteps:\n{steps}", "utf-8")
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "bot", "playground", "--port", "0", "--script", str(script)),
        cwd=folder,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONUNBUFFERED": "1"},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    client = Client()
    try:
        assert process.stdout is not None
        async with asyncio.timeout(60):
            while (url := re.search(rb"http://[\w.]+:\d+", await process.stdout.readline())) is None:
                pass
        await client.connect(url[0].decode())
        yield client
    finally:
        await client.disconnect()
        process.terminate()
        await process.communicate()
    assert process.returncode == 0


async def now_played(client: Client) -> dict[str, Any]:
    return (await client.get("state"))["stage"]["now"] or {}


async def until(client: Client, *states: str) -> dict[str, Any]:
    """Step by step, at once, until it is so."""
    async with asyncio.timeout(60):
        while (now := await now_played(client)).get("state") not in states:
            if now.get("state") in ("playing", "paused"):
                await client.post("script", {"do": "next"})
            await asyncio.sleep(0.02)  # a demo has a pace of its own, in real time
    return now


async def test_an_evening_is_played_to_its_end(tmp_path: Path) -> None:
    steps = (
        "  - mara says: /start\n  - mara sees: hello.first\n  - mara says: Berlin\n  - mara sees: zone.set\n"
    )
    async with played(tmp_path, steps) as client:
        await until(client, "playing")
        await client.post("script", {"do": "pause"})
        over = await until(client, "over")
        assert (over["title"], over["step"], over["steps"]) == ("A moment", 2, 2)
        assert "Berlin" in (await chats(client))["Mara"]
        await client.post("script", {"do": "leave"})
        assert await now_played(client) == {}
