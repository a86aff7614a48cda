"""A real bot that is brought its updates: the main story, and from polling to a webhook and back."""

import json
import re
from pathlib import Path

import aiohttp

from bot.alerts import worded
from tests.acceptance.harness import shown
from tests.acceptance.hosted import Hosted
from tests.acceptance.test_starting import free_port
from tests.acceptance.transcript import FOLDER, load, play

SECRET = "brought-by_telegram-only"


class Brought(Hosted):
    """With a webhook, or, for a while, by polling."""

    def __init__(self, folder: Path, at: str) -> None:
        super().__init__(folder, at=at)
        self._port, self.metrics = free_port(), free_port()
        self.polls = False
        self.operator = 0

    def environment(self) -> dict[str, str]:
        settings = super().environment() | {"METRICS_PORT": str(self.metrics)}
        if self.operator:
            settings["OPERATOR_CHAT_ID"] = str(self.operator)
        if self.polls:
            return settings
        url = f"http://127.0.0.1:{self._port}/telegram"
        webhook = {"WEBHOOK_URL": url, "WEBHOOK_SECRET": SECRET, "WEBHOOK_PORT": str(self._port)}
        return settings | webhook

    async def asked(self, path: str) -> str:
        """What it says on the port for machines."""
        url = f"http://127.0.0.1:{self.metrics}{path}"
        async with aiohttp.ClientSession() as session, session.get(url) as answer:
            assert answer.status == 200
            return await answer.text()


async def test_the_main_story_by_webhook_then_by_polling_and_back(tmp_path: Path) -> None:
    story = load(FOLDER / "link_space_back.yaml")
    async with Brought(tmp_path, story.start) as playground:
        await play(story, playground)
        assert "getUpdates" not in {call["method"] for call in await playground.calls()}
        assert json.loads(await playground.asked("/healthz"))["alive"]
        assert json.loads(await playground.asked("/readyz"))["wrong"] == []
        counted = await playground.asked("/metrics")
        assert not re.search(r"^stillhere_(updates_total|batch_seconds_count) 0", counted, re.MULTILINE)
        assert re.search(r'^stillhere_sends_total\{result="sent"\} [1-9]', counted, re.MULTILINE)
        assert re.search(r"^stillhere_timer_lateness_seconds_count.* [1-9]", counted, re.MULTILINE)
        [mara, *_] = playground.world.state.people.values()
        person = playground.meet(mara.id, mara.first_name)
        for polls in (True, False):
            playground.polls, playground.operator = polls, mara.id
            await playground.restart()
            assert json.loads(await playground.asked("/readyz"))["ready"], "whichever way updates come"
            assert bool(playground.world.state.webhook.url) is not polls
            await person.say("/help")
            assert await person.sees("help.main")
        playground.world.state.webhook.url = ""  # somebody else has the token
        await playground.advance(80)
        assert worded({"webhook.gone": 1}) in [shown(each) for each in (await person.chat()).messages]
        assert playground.world.state.webhook.url, "it is set again"
        code = await playground.stop()
    said = "\n".join(playground.output)
    assert code == 0, playground.log()
    assert "Traceback" not in said
    assert SECRET not in said
