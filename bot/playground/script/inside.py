"""The client of whoever is in the server's own process: the control API without HTTP."""

from __future__ import annotations

import signal
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import asdict, is_dataclass
from typing import Any

from bot.playground import people
from bot.playground.errors import ControlError
from bot.playground.script.client import Client
from bot.playground.script.errors import UnexpectedError
from bot.playground.steering import PATIENCE, seconds_of
from bot.playground.world import World

Restart = Callable[[signal.Signals], Awaitable[None]]


class Inside(Client):
    """What it asks is what any client asks: nothing of the world is touched past the control API."""

    def __init__(self, world: World, restart: Restart) -> None:
        super().__init__()
        self._world = world
        self._restart = restart

    async def restart(self, how: signal.Signals = signal.SIGTERM) -> None:
        await self._restart(how)
        await self.settle()
        self.something_happens()

    async def _request(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        try:
            answer = await self._called(method, path.split("/"), dict(body or {}))
        except ControlError as error:
            raise UnexpectedError(f"{method} {path} {body}: {error}") from error
        if method != "GET":
            self._world.store.touch()
        return asdict(answer) if is_dataclass(answer) and not isinstance(answer, type) else answer

    async def _called(self, method: str, path: list[str], body: dict[str, Any]) -> Any:
        world = self._world
        match method, path:
            case "GET", ["state"]:
                return world.view()
            case "POST", ["people"]:
                return people.add_person(world, body)
            case "GET", ["people", person, "messages"]:
                return people.seen(world, world.person(int(person)))
            case "GET", ["people", person, "answers"]:
                return people.answers(world, world.person(int(person)))
            case "POST", ["people", person, action]:
                return people.ACTIONS[action](world, world.person(int(person)), body)
            case "POST", ["faults"]:
                return world.faults.add(body)
            case "DELETE", ["faults"]:
                return world.faults.clear()
            case "POST", time:
                return await self._moved(time, body)
        raise ControlError(f"no such call: {method} {'/'.join(path)}", 404)

    async def _moved(self, how: list[str], body: dict[str, Any]) -> Any:
        steering = self._world.steering
        match how:
            case ["settle"]:
                await steering.settle(seconds_of(body, "timeout", PATIENCE))
            case ["clock", "advance"]:
                await steering.advance(body)
            case ["clock", "jump"]:
                steering.jump(body)
            case _:
                raise ControlError(f"no such call: {'/'.join(how)}", 404)
        self._world.tell_clock()
        return steering.view()
