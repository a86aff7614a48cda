"""Faults on demand, and the record of the bot's calls."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal, get_args

from bot.playground.errors import ApiError, ControlError
from bot.playground.state import Json
from bot.playground.steering import seconds_of

Kind = Literal["status", "reset", "slow", "half", "not_json", "after_delivery", "late"]
REMEMBERED_CALLS = 2000
REMEMBERED_POLLS = 100
_UNASKED = ("getupdates",)  # a poll breaks only when the fault names it


@dataclass
class Fault:
    id: int
    kind: Kind
    chat_id: int | None
    method: str | None
    status: int
    description: str
    retry_after: int | None
    seconds: float
    times: int

    def error(self) -> ApiError:
        if self.retry_after is None:
            return ApiError(self.status, self.description)
        return ApiError(self.status, self.description, retry_after=self.retry_after)


class Faults:
    def __init__(self, now: Callable[[], str]) -> None:
        self._now = now
        self._faults: list[Fault] = []
        self._made = 0
        self._calls: deque[Json] = deque(maxlen=REMEMBERED_CALLS)
        self._polls: deque[Json] = deque(maxlen=REMEMBERED_POLLS)
        self._counted = 0

    def add(self, body: Json) -> int:
        fault = _read(body, self._made + 1)
        self._made += 1
        self._faults.append(fault)
        return fault.id

    def clear(self) -> None:
        self._faults.clear()

    def take(self, method: str, chat_id: int | None) -> Fault | None:
        """The first fault that is meant for this call, used up by one."""
        name = method.lower()
        for fault in self._faults:
            if fault.chat_id not in (None, chat_id):
                continue
            if fault.method != name and (fault.method is not None or name in _UNASKED):
                continue
            fault.times -= 1
            if fault.times <= 0:
                self._faults.remove(fault)
            return fault
        return None

    def record(self, method: str, parameters: Json, status: int, fault: Fault | None = None) -> None:
        self._counted += 1
        call = {
            "n": self._counted,
            "method": method,
            "parameters": parameters,
            "status": status,
            "at": self._now(),
        }
        if fault is not None:
            call["fault"] = fault.kind
        self._calls.append(call)

    def record_poll(self, parameters: Json, status: int) -> None:
        """Apart from the others, which would be lost among them."""
        poll = {"method": "getUpdates", "parameters": parameters, "status": status, "at": self._now()}
        self._polls.append(poll)

    def polls(self) -> list[Json]:
        return list(self._polls)

    def calls(self, since: int) -> list[Json]:
        return [call for call in self._calls if call["n"] > since]


def _read(body: Json, fault_id: int) -> Fault:
    kind: Any = body.get("kind")
    if kind not in get_args(Kind):
        raise ControlError(f"kind: one of {', '.join(get_args(Kind))}")
    retry_after = _integer(body, "retry_after", None)
    status = _integer(body, "status", 500 if retry_after is None else 429)
    assert status is not None
    if not 400 <= status <= 599:
        raise ControlError("status: 400 to 599")
    if status == HTTPStatus.TOO_MANY_REQUESTS and retry_after is None:
        retry_after = 1
    method = body.get("method")
    return Fault(
        id=fault_id,
        kind=kind,
        chat_id=_integer(body, "chat_id", None),
        method=None if method is None else str(method).lower(),
        status=status,
        description=str(body.get("description") or _description(status, retry_after)),
        retry_after=retry_after,
        seconds=seconds_of(body, "seconds", 1),
        times=_integer(body, "times", 1) or 1,
    )


def _integer(body: Json, name: str, default: int | None) -> int | None:
    value: Any = body.get(name)
    if value is None:
        return default
    if isinstance(value, bool) or not isinstance(value, int):
        raise ControlError(f"{name}: a whole number is needed")
    return value


def _description(status: int, retry_after: int | None) -> str:
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return f"Too Many Requests: retry after {retry_after}"
    if status == HTTPStatus.FORBIDDEN:
        return "Forbidden: bot was blocked by the user"
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Internal Server Error"
