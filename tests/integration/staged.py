"""The transcripts on the stage: what people do in them, with the whole bot in this process.

Many steps a second. What they look at is left out, for `tests/acceptance/test_transcripts.py` looks; so are
restarts and faults. After every step `after` is called.
"""

import html
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.acceptance.transcript import Runner, Step, Transcript
from tests.acceptance.words import Words, squeezed
from tests.integration.stage import Message, Stage

LINK = re.compile(r"https://t\.me/\w+\?start=([\w-]+)")
MEDIA = {"file_id": "f", "file_unique_id": "u", "duration": 1, "width": 1, "height": 1, "length": 1}
LOOKS = ("sees", "does_not_see", "sees_nothing", "has", "has_no", "can_tap", "cannot_tap", "is_told")


@dataclass
class Actor:
    """Stands for `harness.Person`."""

    on: Stage
    account: int
    name: str
    words: Words
    tapped: tuple[Message, str] | None = None
    """the last button, if the last thing they did was to tap one"""

    async def say(self, text: str, reply_to: int | None = None) -> None:
        await self.on.says(self.account, text)

    async def edit(self, text: str) -> None:
        await self.on.brings(self.account, {"text": text}, "edited_message")

    async def tap(self, label: str | re.Pattern[str], **values: object) -> None:
        fits = self.words.label(label, values) if isinstance(label, str) else label
        for message in reversed(self.on.chats[self.account]):
            for button in message.keyboard:
                if "callback_data" in button and fits.search(squeezed(button["text"])):
                    self.tapped = (message, button["callback_data"])
                    await self.on.taps(self.account, *self.tapped)
                    return
        raise AssertionError(f"{self.name} finds no button {label}: {self.on.chats[self.account][-3:]}")

    async def press(self, label: str, latitude: float | None = None, longitude: float | None = None) -> None:
        if latitude is None or longitude is None:
            await self.say(self.words.text(label))
        else:
            await self.share_location(latitude, longitude)

    async def open(self, link: str) -> None:
        found = LINK.search(link)
        assert found
        await self.say(f"/start {found[1]}")

    async def send(self, kind: str, *, forwarded: bool = False) -> None:
        content: Any = {**MEDIA, "is_animated": False, "is_video": False, "type": "regular"}
        content |= {"phone_number": "1", "first_name": "x", "emoji": "🎲", "value": 1}
        await self.on.brings(self.account, {kind: [content] if kind == "photo" else content})

    async def share_location(self, latitude: float, longitude: float) -> None:
        place = {"latitude": latitude, "longitude": longitude}
        await self.on.brings(self.account, {"location": place})

    async def block(self) -> None:
        await self.on.turns_away(self.account, "kicked")

    async def unblock(self) -> None:
        await self.on.turns_away(self.account, "member")


@dataclass
class Scene:
    """Stands for `harness.Playground`."""

    on: Stage
    actors: dict[int, Actor] = field(default_factory=dict)

    async def post(self, path: str, body: dict[str, Any]) -> dict[str, Any]:
        assert path == "people"
        account = self.on.newcomer(body["first_name"], body["language_code"])
        return {"id": account, "first_name": body["first_name"]}

    def meet(self, account: int, name: str, *, words: Words) -> Actor:
        self.actors[account] = Actor(self.on, account, name, words)
        return self.actors[account]

    async def last_link(self) -> str:
        said = [each for chat in self.on.chats.values() for each in chat if LINK.search(each.text)]
        return html.unescape(max(said, key=lambda each: each.id).text)

    async def transcript(self) -> str:
        return "\n".join(
            f"{actor.name}: {self.on.chats[actor.account][-3:]}" for actor in self.actors.values()
        )

    async def advance(self, seconds: float | None = None, *, until: datetime | str | None = None) -> None:
        if until is None and seconds is None:  # whatever is due next
            async with self.on.storage.unit_of_work() as uow:
                until = await uow.timers.next_due()
            assert until is not None
        if isinstance(until, str):
            until = datetime.fromisoformat(until)
        await self.on.passes(until or self.on.clock.now() + timedelta(seconds=seconds or 0))

    jump = advance

    async def restart(self, how: Any) -> None: ...

    async def fault(self, kind: str, **details: Any) -> None: ...


class Staged(Runner):
    """Plays one transcript in one locale."""

    def __init__(
        self, transcript: Transcript, on: Stage, locale: str, after: Callable[[Actor | None], Awaitable[None]]
    ) -> None:
        self.scene = Scene(on)
        super().__init__(transcript, self.scene, locale)  # type: ignore[arg-type]
        self._after = after

    async def _play(self, step: Step) -> None:
        if step.verb.replace(" ", "_") in LOOKS:
            return
        actor = self.people.get(step.subject)
        assert actor is None or isinstance(actor, Actor)
        if actor is not None:
            actor.tapped = None
        await super()._play(step)
        self.scene.on.clock.set(self.scene.on.clock.now() + timedelta(seconds=2))
        await self._after(actor)
