"""Begins worlds: with nothing, with a scene, or with a transcript that is played before people's eyes.

The server tells it of a bot that it may end and start again; without one there is no director.
"""

from __future__ import annotations

import asyncio
import contextlib
import signal
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from bot.playground.clock import real_now
from bot.playground.errors import ControlError
from bot.playground.script.errors import TranscriptError, UnexpectedError
from bot.playground.script.inside import Inside
from bot.playground.script.player import Runner
from bot.playground.script.scenes import SCENES
from bot.playground.script.telling import LOOKS, told
from bot.playground.script.transcript import Transcript
from bot.playground.script.words import CONTENT, words_of
from bot.playground.state import Json, State, first_state
from bot.playground.world import World

PACE = 1.6
"""Real seconds between two steps that are played: time to read what came."""
START_SECONDS = 60.0


class Bot(Protocol):
    """The bot beside the server, as far as it can be had to begin anew."""

    async def start(self) -> None:
        """If it does not run."""

    async def stop(self, *, kill: bool = False) -> None: ...

    def forget(self) -> None:
        """Deletes all that it kept, while it does not run."""


class Director:
    """One thing at a time is begun or played."""

    def __init__(self, world: World, bot: Bot, content: Path = CONTENT, pace: float = PACE) -> None:
        self._world = world
        self._bot = bot
        self._content = content
        self._pace = pace
        self._beginning = asyncio.Lock()
        self._playing: asyncio.Task[None] | None = None
        self._go = asyncio.Event()
        self._steps_allowed = 0
        self._flowing = world.clock.flowing
        self._now: Json | None = None
        world.stage = self.view

    # what is so

    def view(self) -> Json:
        """The scenes there are, and what is being begun or played."""
        scenes = [{"name": each.name, "title": each.title, "about": each.about} for each in SCENES.values()]
        locales = sorted(each.name for each in self._content.iterdir() if (each / "strings.yaml").exists())
        return {"scenes": scenes, "locales": locales, "now": self._now}

    def _tell(self, **news: Any) -> None:
        self._now = {**(self._now or {}), **news}
        self._world.events.publish("stage", self.view())

    # beginning

    async def begin(self, scene: str | None, locale: str) -> None:
        """A new world with this scene; None: with nothing. Raises ControlError."""
        chosen = None if scene is None else SCENES.get(scene)
        if scene is not None and chosen is None:
            raise ControlError(f"there is no scene “{scene}”; there are: {', '.join(SCENES)}", 404)
        if locale not in self.view()["locales"]:
            raise ControlError(f"there is no language “{locale}”")
        if self._beginning.locked():
            raise ControlError("a world is being begun already")
        async with self._beginning:
            await self._leave()
            title = chosen.title if chosen else "Nothing yet"
            self._now = {"kind": "scene", "title": title, "state": "beginning", "step": 0, "steps": 0}
            self._tell()
            try:
                with self._world.events.muted():
                    await self._set(chosen.made() if chosen else None, locale)
            except (UnexpectedError, ControlError, OSError) as error:
                await self._bot.start()
                raise ControlError(f"the scene could not be set: {error}", 500) from error
            finally:
                self._now = None
                self._done()

    async def _set(self, transcript: Transcript | None, locale: str) -> None:
        await self._renew(transcript)
        if transcript is None:
            for person in self._world.state.people.values():
                person.language_code = locale
            return
        runner = self._runner(transcript, locale)
        runner.playground.attentive = any(step.verb in LOOKS for step in transcript.steps)
        await runner.enter()
        self._tell(steps=len(transcript.steps))
        for number, step in enumerate(transcript.steps, 1):
            await runner.play([step])
            if number % 10 == 0:
                self._tell(step=number)

    async def _renew(self, transcript: Transcript | None) -> None:
        """Everything anew: the bot without anything it knew, people, chats and the clock."""
        self._flowing = self._world.clock.flowing
        self._world.clock.switch(flowing=False)
        await self._bot.stop()
        self._bot.forget()
        start = real_now() if transcript is None else _milliseconds(transcript.start)
        self._world.begin_anew(first_state(start) if transcript is None else State(start))
        await self._bot.start()
        await self._world.steering.settle(START_SECONDS)

    def _runner(self, transcript: Transcript, locale: str) -> Runner:
        inside = Inside(self._world, self._restart)
        return Runner(transcript, inside, locale, words=words_of(locale, self._content), mark="")

    async def _restart(self, how: signal.Signals) -> None:
        await self._bot.stop(kill=how == signal.SIGKILL)
        await self._bot.start()

    def _done(self) -> None:
        self._world.clock.switch(flowing=self._flowing)
        self._world.tell_state()
        self._tell_end()

    def _tell_end(self) -> None:
        self._world.events.publish("stage", self.view())
        self._world.tell_clock()

    # playing before people's eyes

    async def show(self, transcript: Transcript, locale: str) -> None:
        """Begin a world with this transcript, and play it step by step. Raises ControlError."""
        if self._beginning.locked():
            raise ControlError("a world is being begun already")
        async with self._beginning:
            await self._leave()
            title = transcript.name.replace("_", " ").capitalize()
            self._now = {"kind": "script", "title": title, "state": "beginning", "step": 0, "steps": 0}
            self._tell()
            try:
                await self._renew(transcript)
                runner = self._runner(transcript, locale)
                await runner.enter()
            except (UnexpectedError, ControlError, OSError) as error:
                self._now = None
                self._done()
                await self._bot.start()
                raise ControlError(f"the transcript could not begin: {error}", 500) from error
            self._world.tell_state()
            self._go.set()
            self._steps_allowed = 0
            self._playing = asyncio.create_task(self._play(runner, transcript))

    async def _play(self, runner: Runner, transcript: Transcript) -> None:
        acts = [step for step in transcript.steps if step.verb not in LOOKS]
        names = {name: person.name for name, person in runner.people.items()}
        self._tell(state="playing" if self._go.is_set() else "paused", steps=len(acts))
        number = 0
        try:
            for step in transcript.steps:
                if step.verb not in LOOKS:
                    number += 1
                    about = told(step, names, runner.words, runner.locale)
                    self._tell(step=number, about=about)
                    await self._turn()
                await runner.play([step])
            self._tell(state="over", about=None)
        except (UnexpectedError, TranscriptError, ControlError) as error:
            self._tell(state="failed", about=None, why=str(error).partition("\n")[0])
        finally:
            self._world.clock.switch(flowing=self._flowing)
            self._world.tell_clock()

    async def _turn(self) -> None:
        """Wait until the next step may come: after a moment, or when somebody says so."""
        if self._go.is_set():
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._held(), self._pace)
        while not self._go.is_set() and not self._steps_allowed:
            await self._world.clock.changed.wait_until(
                lambda: self._go.is_set() or bool(self._steps_allowed), 3600
            )
        self._steps_allowed = max(self._steps_allowed - 1, 0)

    async def _held(self) -> None:
        """Until it is paused, or a step is asked for."""
        await self._world.clock.changed.wait_until(
            lambda: not self._go.is_set() or bool(self._steps_allowed), 3600
        )

    def steer(self, how: str) -> None:
        """`play`, `pause`, `next` (one step, at once) or `leave` what is played. Raises ControlError."""
        if self._playing is None:
            raise ControlError("nothing is being played")
        match how:
            case "play":
                self._go.set()
            case "pause":
                self._go.clear()
            case "next":
                self._steps_allowed += 1
            case "leave":
                self._playing.cancel()
                self._playing = self._now = None
                self._tell_end()
                return
            case _:
                raise ControlError("play, pause, next or leave")
        if self._now and self._now["state"] in ("playing", "paused"):
            self._tell(state="playing" if self._go.is_set() else "paused")
        self._world.clock.changed.notify()

    async def _leave(self) -> None:
        playing, self._playing, self._now = self._playing, None, None
        if playing is not None:
            playing.cancel()
            await asyncio.gather(playing, return_exceptions=True)

    async def close(self) -> None:
        """Stop whatever is being played."""
        await self._leave()


def _milliseconds(iso: str) -> int:
    return round(datetime.fromisoformat(iso).timestamp() * 1000)
