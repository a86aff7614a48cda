"""A client of the control API: people, time and faults, for whoever plays on the playground."""

import json
import re
import signal
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import unquote

import aiohttp

from bot.playground.script.errors import UnexpectedError
from bot.playground.script.person import Person
from bot.playground.script.words import Words

SETTLE_SECONDS = 30
PACE_SECONDS = 2  # between two actions of people: the bot may write to a chat about once a second
LINK = re.compile(r"https://t\.me/\w+\?start=[\w-]+")


class Client:
    """Drives the server at one address, once it is connected."""

    def __init__(self) -> None:
        self.url = ""
        self.people: list[Person] = []
        self.typed: list[str] = []
        self.opened: list[str] = []
        """Links with a code in them."""
        self.pace = PACE_SECONDS
        self.attentive = True
        """Whether people keep in mind what they saw before they act; without it they cannot look for news."""
        self._session: aiohttp.ClientSession | None = None

    async def connect(self, url: str) -> None:
        """Drives the server at this address."""
        self.url = url
        self._session = aiohttp.ClientSession()

    async def disconnect(self) -> None:
        """Lets go of it."""
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def restart(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Ends the bot and starts it again on the same data; who starts bots says how."""
        raise NotImplementedError

    def log(self, lines: int = 40) -> str:
        """The last lines the bot printed, as far as this client reads them."""
        return ""

    def something_happens(self) -> None:
        """What people looked at before is no news any more."""
        for person in self.people:
            person.something_happens()

    # -- people, time, faults

    async def person(self, name: str, language: str = "en", *, username: str | None = None) -> Person:
        """A new person with an account, who has not met the bot yet."""
        body = {"first_name": name, "language_code": language} | ({"username": username} if username else {})
        answer = await self.post("people", body)
        return self.meet(answer["id"], name, language)

    def meet(self, person_id: int, name: str, language: str = "en", words: Words | None = None) -> Person:
        """Somebody whom the playground already knows."""
        person = Person(self, person_id, name, words or Words(language))
        self.people.append(person)
        return person

    async def settle(self) -> None:
        """Until the bot has handled everything delivered and is idle."""
        await self.post("settle", {"timeout": SETTLE_SECONDS})

    async def clock(self) -> dict[str, Any]:
        clock: dict[str, Any] = (await self.get("state"))["clock"]
        return clock

    async def now(self) -> datetime:
        return datetime.fromisoformat((await self.clock())["now"])

    async def advance(self, seconds: float | None = None, *, until: str | datetime | None = None) -> None:
        """Time goes on by so much, until then, or (with neither) to the next due instant, minding each
        due instant on the way."""
        await self._move("advance", seconds, until)

    async def jump(self, seconds: float | None = None, *, until: str | datetime | None = None) -> None:
        """The same at once: for tests of lateness."""
        await self._move("jump", seconds, until)

    async def flow(self, flowing: bool = True) -> None:
        """Lets the time run, for a test with the page."""
        await self.post("clock/flow", {"flowing": flowing})

    async def fault(self, kind: str, *, person: Person | None = None, **details: Any) -> None:
        """The next call (`times`) that fits `person` and `method` goes wrong like this."""
        chat = {"chat_id": person.id} if person else {}
        await self.post("faults", {"kind": kind} | chat | details)

    async def clear_faults(self) -> None:
        await self._request("DELETE", "faults")

    async def calls(self, method: str | None = None, since: int = 0) -> list[dict[str, Any]]:
        """What the bot asked of Telegram."""
        calls = (await self.get(f"calls?since={since}"))["calls"]
        return [call for call in calls if method in (None, call["method"])]

    async def polls(self) -> list[dict[str, Any]]:
        """The bot's last requests for updates."""
        polls: list[dict[str, Any]] = (await self.get("polls"))["polls"]
        return polls

    async def update(self, update: Mapping[str, Any]) -> int:
        """A raw update: a group, a channel, a forgery."""
        answer = await self.post("updates", update)
        await self.settle()
        return int(answer["update_id"])

    async def last_link(self) -> str:
        """The newest t.me link with a start payload that anybody can see."""
        found: list[tuple[int, int, str]] = []
        for person in self.people:
            for message in (await person.chat()).messages:
                links = LINK.findall(unquote(json.dumps(message)))
                found += [(message["date"], message["message_id"], link) for link in links]
        if not found:
            raise UnexpectedError(f"Nobody sees a t.me link\n{await self.transcript()}")
        return max(found, key=lambda entry: entry[:2])[2]

    async def transcript(self) -> str:
        """All chats, for a failure to show."""
        return "\n".join([str(await person.chat()) for person in self.people])

    # -- calls

    async def get(self, path: str) -> Any:
        return await self._request("GET", path)

    async def post(self, path: str, body: Mapping[str, Any]) -> Any:
        return await self._request("POST", path, body)

    async def a_moment(self) -> None:
        """A moment passes after somebody did something: the bot writes to a chat about once a second."""
        if self.pace:
            await self.post("clock/advance", {"seconds": self.pace})

    async def _move(self, how: str, seconds: float | None, until: str | datetime | None) -> None:
        self.something_happens()
        target = until.isoformat() if isinstance(until, datetime) else until
        body = (
            {"seconds": seconds} if seconds is not None else {"until": target} if target else {"next": True}
        )
        await self.post(f"clock/{how}", body)
        await self.settle()

    async def _request(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        if self._session is None:
            raise UnexpectedError("The playground is not running")
        url = f"{self.url}/playground/{path}"
        timeout = aiohttp.ClientTimeout(total=SETTLE_SECONDS * 4)
        try:
            async with self._session.request(method, url, json=body, timeout=timeout) as response:
                answer = await response.json(content_type=None)
                if response.status < 400:
                    return answer
        except (aiohttp.ClientError, TimeoutError, ValueError) as error:
            raise UnexpectedError(f"{method} {path}: {error!r}\n{self.log()}") from error
        chats = "" if path.endswith("/messages") else await self.transcript()
        raise UnexpectedError(f"{method} {path} {body}: {response.status} {answer}\n{chats}\n{self.log()}")
