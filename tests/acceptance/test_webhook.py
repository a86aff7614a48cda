"""A real bot that is brought its updates: the main story, and from polling to a webhook and back."""

import socket
from pathlib import Path

from tests.acceptance.hosted import Hosted
from tests.acceptance.transcript import FOLDER, load, play

SECRET = "brought-by_telegram-only"


class Brought(Hosted):
    """With a webhook, or, for a while, by polling."""

    def __init__(self, folder: Path, at: str) -> None:
        super().__init__(folder, at=at)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        self.polls = False

    def environment(self) -> dict[str, str]:
        if self.polls:
            return super().environment()
        url = f"http://127.0.0.1:{self._port}/telegram"
        webhook = {"WEBHOOK_URL": url, "WEBHOOK_SECRET": SECRET, "WEBHOOK_PORT": str(self._port)}
        return super().environment() | webhook


async def test_the_main_story_by_webhook_then_by_polling_and_back(tmp_path: Path) -> None:
    story = load(FOLDER / "link_space_back.yaml")
    async with Brought(tmp_path, story.start) as playground:
        await play(story, playground)
        assert "getUpdates" not in {call["method"] for call in await playground.calls()}
        [mara, *_] = playground.world.state.people.values()
        person = playground.meet(mara.id, mara.first_name)
        for polls in (True, False):
            playground.polls = polls
            await playground.restart()
            assert bool(playground.world.state.webhook.url) is not polls
            await person.say("/help")
            assert await person.sees("help.main")
        code = await playground.stop()
    said = "\n".join(playground.output)
    assert code == 0, playground.log()
    assert "Traceback" not in said
    assert SECRET not in said
