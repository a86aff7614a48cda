"""The control API: `/playground/…`, for the page and the tests."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from sse_starlette import EventSourceResponse
from starlette.requests import Request
from starlette.responses import FileResponse, Response
from starlette.routing import Route

from bot.playground import people
from bot.playground.director import Director
from bot.playground.errors import ControlError
from bot.playground.raw_updates import put_raw
from bot.playground.state import Json
from bot.playground.steering import PATIENCE, Report, seconds_of
from bot.playground.wire import ClientGone, answer, read_control, unless_closed
from bot.playground.world import World

Endpoint = Callable[[Request], Awaitable[Response]]
_PING_SECONDS = 15


class ControlApi:
    def __init__(self, world: World, director: Director | None = None) -> None:
        self._world = world
        self._director = director

    def routes(self) -> list[Route]:
        person = "/playground/people/{person:int}"
        table: list[tuple[str, str, Callable[[Request], Awaitable[Any]]]] = [
            ("GET", "/playground/state", self._state),
            ("GET", f"{person}/messages", self._messages),
            ("GET", f"{person}/answers", self._answers),
            ("GET", "/playground/calls", self._calls),
            ("GET", "/playground/polls", self._polls),
            ("POST", "/playground/people", self._add_person),
            ("POST", f"{person}/{{action}}", self._act),
            ("POST", "/playground/updates", self._update),
            ("POST", "/playground/settle", self._settle),
            ("POST", "/playground/clock/advance", self._advance),
            ("POST", "/playground/clock/jump", self._jump),
            ("POST", "/playground/clock/flow", self._flow),
            ("POST", "/playground/clock/poll", self._poll),
            ("POST", "/playground/begin", self._begin),
            ("POST", "/playground/script", self._steer),
            ("POST", "/playground/faults", self._add_fault),
            ("DELETE", "/playground/faults", self._clear_faults),
        ]
        routes = [Route(path, self._wrapped(call), methods=[method]) for method, path, call in table]
        return [
            *routes,
            Route("/playground/files/{file_id}", self._file, methods=["GET"]),
            Route("/playground/events", self._events, methods=["GET"]),
        ]

    def _wrapped(self, call: Callable[[Request], Awaitable[Any]]) -> Endpoint:
        async def endpoint(request: Request) -> Response:
            try:
                result = await call(request)
            except ControlError as error:
                return answer({"error": str(error)}, error.status)
            except ClientGone:
                return Response()
            if request.method != "GET":
                self._world.store.touch()
            return answer(result)

        return endpoint

    # people

    async def _state(self, _: Request) -> Json:
        return self._world.view()

    async def _messages(self, request: Request) -> Json:
        return people.seen(self._world, self._world.person(request.path_params["person"]))

    async def _answers(self, request: Request) -> Json:
        return people.answers(self._world, self._world.person(request.path_params["person"]))

    async def _add_person(self, request: Request) -> Any:
        return people.add_person(self._world, await read_control(request))

    async def _act(self, request: Request) -> Any:
        action = people.ACTIONS.get(request.path_params["action"])
        if action is None:
            raise ControlError("no such action", 404)
        person = self._world.person(request.path_params["person"])
        return action(self._world, person, await read_control(request))

    async def _update(self, request: Request) -> Json:
        return {"update_id": put_raw(self._world, await read_control(request))}

    # time

    async def _settle(self, request: Request) -> Json:
        body = await read_control(request)
        patience = seconds_of(body, "timeout", PATIENCE)
        await unless_closed(request, self._world.steering.settle(patience))
        return self._world.steering.view()

    async def _advance(self, request: Request) -> Json:
        body = await read_control(request)
        await unless_closed(request, self._world.steering.advance(body))
        return self._told()

    async def _jump(self, request: Request) -> Json:
        self._world.steering.jump(await read_control(request))
        return self._told()

    async def _flow(self, request: Request) -> Json:
        body = await read_control(request)
        if not isinstance(body.get("flowing"), bool):
            raise ControlError("flowing: true or false")
        self._world.clock.switch(flowing=body["flowing"])
        return self._told()

    async def _poll(self, request: Request) -> Json:
        report = Report.read(await read_control(request))
        return await unless_closed(request, self._held_poll(report))

    async def _held_poll(self, report: Report) -> Json:
        with self._world.presence.call():
            return await self._world.steering.poll(report)

    def _told(self) -> Json:
        self._world.tell_clock()
        return self._world.steering.view()

    # worlds

    async def _begin(self, request: Request) -> Json:
        body = await read_control(request)
        scene, locale = body.get("scene"), body.get("locale", "en")
        if not isinstance(scene, str | None) or not isinstance(locale, str):
            raise ControlError("scene: its name or null; locale: a language")
        # It goes on if the page is closed meanwhile: half a world is of no use to anybody.
        await asyncio.shield(asyncio.ensure_future(self._directing().begin(scene, locale)))
        return self._world.view()

    async def _steer(self, request: Request) -> Json:
        director = self._directing()
        director.steer(str((await read_control(request)).get("do")))
        return director.view()

    def _directing(self) -> Director:
        if self._director is None:
            raise ControlError("this playground cannot begin anew: its bot was started by somebody else")
        return self._director

    # faults, calls, files, events

    async def _add_fault(self, request: Request) -> Json:
        return {"fault_id": self._world.faults.add(await read_control(request))}

    async def _clear_faults(self, _: Request) -> Json:
        self._world.faults.clear()
        return {}

    async def _calls(self, request: Request) -> Json:
        since = request.query_params.get("since", "0")
        if not since.isdigit():
            raise ControlError("since: a whole number is needed")
        return {"calls": self._world.faults.calls(int(since))}

    async def _polls(self, _: Request) -> Json:
        return {"polls": self._world.faults.polls()}

    async def _file(self, request: Request) -> Response:
        stored = self._world.state.files.get(request.path_params["file_id"])
        if stored is None:
            return answer({"error": "no such file"}, 404)
        return FileResponse(self._world.store.files / stored.path)

    async def _events(self, _: Request) -> Response:
        listening = self._world.events.listen(self._world.view())
        return EventSourceResponse(listening, ping=_PING_SECONDS)
