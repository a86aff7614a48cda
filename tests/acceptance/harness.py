"""The real playground server and the real bot process, driven over the playground's control API.

    async with Playground(folder) as playground:
        mara = await playground.person("Mara")
        await mara.say("/start")
        await mara.sees("start.hello")

Every action waits until the bot has handled it and is idle; nothing sleeps. When something is not as
expected, the failure shows the chat as the person sees it. See `docs/playground.md`.
"""

import asyncio
import contextlib
import json
import os
import re
import signal
import sys
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Self
from urllib.parse import unquote

import aiohttp

from tests.acceptance import processes
from tests.acceptance.words import Words, squeezed

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60
STOP_SECONDS = 15
SETTLE_SECONDS = 30
PACE_SECONDS = 2  # between two actions of people: the bot may write to a chat about once a second
LINK = re.compile(r"https://t\.me/\w+\?start=[\w-]+")
SETTINGS = re.compile(
    r"^(TELEGRAM_|BACKUP_|PLAYGROUND_|DATA_|DATABASE_|CONTENT_|HELPLINES_|WEBHOOK_|LOG_|FLOOD_|METRICS_|OPERATOR_)|^(PORT|HOST)$"
)

Message = dict[str, Any]
Expected = str | re.Pattern[str]


class UnexpectedError(AssertionError):
    """Something was not as the test says; the text shows the chats."""


def marker() -> str:
    """A word nobody else types: what people write in tests carries it, so that leaks can be found."""
    return f"zq{uuid.uuid4().hex[:12]}"


def shown(message: Message) -> str:
    """What a person reads of a message: its text or caption, or what kind it is."""
    text = message.get("text") or message.get("caption")
    if text:
        return str(text)
    kinds = ("photo", "animation", "video", "document", "sticker", "voice", "location", "contact", "dice")
    return next((f"[{kind}]" for kind in kinds if kind in message), "[something]")


def buttons(message: Message) -> list[dict[str, Any]]:
    """The inline buttons under a message, in reading order."""
    rows = (message.get("reply_markup") or {}).get("inline_keyboard", [])
    return [button for row in rows for button in row]


def from_bot(message: Message) -> bool:
    return bool(message.get("from", {}).get("is_bot"))


@dataclass
class Chat:
    """A chat as its owner sees it at one moment."""

    owner: str
    messages: list[Message]
    keyboard: dict[str, Any] | None = None

    def fingerprints(self) -> dict[int, str]:
        """What tells an untouched message of the bot from a new or edited one."""
        return {
            message["message_id"]: json.dumps([shown(message), message.get("reply_markup")], sort_keys=True)
            for message in self.messages
            if from_bot(message)
        }

    def since(self, before: Mapping[int, str]) -> list[Message]:
        """The bot's messages that are new or edited since `before`."""
        now = self.fingerprints()
        return [m for m in self.messages if now.get(m["message_id"], "") != before.get(m["message_id"], "")]

    def labels(self) -> list[str]:
        """The labels of the keyboard below the chat."""
        rows = (self.keyboard or {}).get("keyboard", [])
        return [key if isinstance(key, str) else key["text"] for row in rows for key in row]

    def __str__(self) -> str:
        lines = [f"── {self.owner}'s chat " + "─" * 50]
        for message in self.messages[-12:]:
            who = "bot" if from_bot(message) else self.owner
            for number, line in enumerate(shown(message).splitlines() or [""]):
                lines.append(f"{who if not number else '':>10} │ {line}")
            for row in (message.get("reply_markup") or {}).get("inline_keyboard", []):
                lines.append(f"{'':>10} │ " + " ".join(f"[{button['text']}]" for button in row))
        if not self.messages:
            lines.append(f"{'':>10} │ (nothing yet)")
        if self.keyboard:
            lines.append("  keyboard │ " + " ".join(f"[{label}]" for label in self.labels()))
        return "\n".join(lines)


@dataclass(eq=False)
class Person:
    """Somebody with a phone. What they `see` is what is new since they last acted or last looked."""

    playground: "Playground"
    id: int
    name: str
    words: Words
    _since: dict[int, str] = field(default_factory=dict)
    _looked: dict[int, str] = field(default_factory=dict)
    _has_looked: bool = False

    # -- what a person does

    async def say(self, text: str, reply_to: int | None = None) -> Message:
        self.playground.typed.append(text)
        body = {"text": text} | ({"reply_to": reply_to} if reply_to else {})
        return await self._act("say", body)

    async def tap(self, label: Expected, **values: object) -> dict[str, Any]:
        """Taps the newest inline button with this label, named by its string key or a pattern."""
        chat = await self.chat()
        fits = self._label(label, values)
        for message in reversed(chat.messages):
            for button in buttons(message):
                if fits(button["text"]):
                    if "callback_data" not in button:
                        raise UnexpectedError(f"{self.name} can't tap {button!r}: it does not call the bot")
                    data = {"message_id": message["message_id"], "data": button["callback_data"]}
                    return await self._act("tap", data)
        raise UnexpectedError(f"{self.name} finds no button {_named(label)} to tap\n{chat}")

    async def tap_raw(self, message_id: int, data: str) -> dict[str, Any]:
        return await self._act("tap_raw", {"message_id": message_id, "data": data})

    async def press(
        self, label: Expected, latitude: float | None = None, longitude: float | None = None
    ) -> Message:
        """Presses a key of the keyboard below the chat."""
        chat = await self.chat()
        text = next((key for key in chat.labels() if self._label(label, {})(key)), None)
        if text is None:
            raise UnexpectedError(f"{self.name} finds no key {_named(label)} to press\n{chat}")
        place = {} if latitude is None else {"latitude": latitude, "longitude": longitude}
        return await self._act("press", {"text": text} | place)

    async def open(self, link: str) -> Message:
        self.playground.opened.append(link)
        return await self._act("open", {"link": link})

    async def send(self, kind: str, *, forwarded: bool = False) -> Message:
        return await self._act("media", {"kind": kind, "forwarded": forwarded})

    async def share_location(self, latitude: float, longitude: float) -> Message:
        return await self._act("location", {"latitude": latitude, "longitude": longitude})

    async def edit(self, text: str, message_id: int | None = None) -> Message:
        """Edits a message of one's own, by default the newest."""
        self.playground.typed.append(text)
        own = [m["message_id"] for m in (await self.chat()).messages if not from_bot(m)]
        return await self._act("edit", {"message_id": message_id or own[-1], "text": text})

    async def block(self) -> None:
        await self._act("block", {}, paced=False)

    async def unblock(self) -> None:
        await self._act("unblock", {}, paced=False)

    # -- what a person sees

    async def chat(self) -> Chat:
        answer = await self.playground.get(f"people/{self.id}/messages")
        return Chat(self.name, answer["messages"], answer.get("keyboard"))

    async def answers(self) -> list[dict[str, Any]]:
        """The small notices over the chat that answered this person's taps."""
        answers: list[dict[str, Any]] = (await self.playground.get(f"people/{self.id}/answers"))["answers"]
        return answers

    async def news(self) -> list[Message]:
        """The bot's messages, new or edited, since this person last acted or last looked."""
        chat = await self.chat()
        self._look(chat)
        return chat.since(self._since)

    async def sees(self, expected: Expected, **values: object) -> Message:
        """One of the news has this text (a string key or a pattern); returns that message."""
        news = await self.news()
        finder = self._finder(expected, values)
        for message in reversed(news):
            if finder.search(squeezed(shown(message))):
                return message
        raise UnexpectedError(
            f"{self.name} does not see {_named(expected)}{_values(values)}\n"
            f"  wanted: {finder.pattern}\n"
            f"  news:   {[shown(message) for message in news]}\n{await self.chat()}"
        )

    async def does_not_see(self, expected: Expected, **values: object) -> None:
        finder = self._finder(expected, values)
        for message in await self.news():
            if finder.search(squeezed(shown(message))):
                raise UnexpectedError(
                    f"{self.name} sees {_named(expected)}, and should not\n{await self.chat()}"
                )

    async def sees_nothing(self) -> None:
        """Nothing came since this person last looked (or acted)."""
        chat = await self.chat()
        news = chat.since(self._looked)
        self._look(chat)
        if news:
            raise UnexpectedError(
                f"{self.name} sees {[shown(message) for message in news]}, not nothing\n{chat}"
            )

    async def has(self, expected: Expected, **values: object) -> Message | None:
        """The newest message anywhere in the chat with this text, or None."""
        finder = self._finder(expected, values)
        messages = reversed((await self.chat()).messages)
        return next((m for m in messages if finder.search(squeezed(shown(m)))), None)

    async def can_tap(self, label: Expected, **values: object) -> bool:
        fits = self._label(label, values)
        return any(fits(b["text"]) for m in (await self.chat()).messages for b in buttons(m))

    # -- inside

    async def _act(self, call: str, body: Mapping[str, Any], *, paced: bool = True) -> dict[str, Any]:
        self.playground.something_happens()
        self._look(await self.chat())
        self._since, self._has_looked = self._looked, False
        answer: dict[str, Any] = await self.playground.post(f"people/{self.id}/{call}", body)
        await self.playground.settle()
        if paced:
            await self.playground.a_moment()
        return answer

    def _look(self, chat: Chat) -> None:
        self._looked, self._has_looked = chat.fingerprints(), True

    def something_happens(self) -> None:
        """What was looked at before is no news any more."""
        if self._has_looked:
            self._since, self._has_looked = self._looked, False

    def _finder(self, expected: Expected, values: Mapping[str, object]) -> re.Pattern[str]:
        return self.words.finder(expected, values) if isinstance(expected, str) else expected

    def _label(self, label: Expected, values: Mapping[str, object]) -> Callable[[str], bool]:
        if isinstance(label, str):
            named = self.words.label(label, values)
            return lambda text: named.match(squeezed(text)) is not None
        return lambda text: label.search(text) is not None


class Playground:
    """A playground of its own: one folder, one port, two processes."""

    program: Sequence[str] = (sys.executable, "-m", "bot")
    """What is started, if not the bot of this repository."""

    def __init__(
        self, folder: Path, *, at: str | None = None, settings: Mapping[str, str] | None = None
    ) -> None:
        """`at`: the time at the first start (ISO, with its offset)."""
        self.folder = folder
        self._at = at
        self.url = ""
        self.people: list[Person] = []
        self.typed: list[str] = []
        self.opened: list[str] = []
        """Links with a code in them."""
        self.pace = PACE_SECONDS
        self.output: list[str] = []
        self._settings = dict(settings or {})
        self._process: asyncio.subprocess.Process | None = None
        self._reader: asyncio.Task[None] | None = None
        self._session: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        try:
            await self.start()
        except BaseException:
            await self.stop(signal.SIGKILL)
            raise
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()

    # -- the processes

    async def start(self) -> None:
        """Starts server and bot, and waits until the bot is there and idle."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._process = await asyncio.create_subprocess_exec(
            *(*self.program, "playground"),
            *("--port", "0", "--frozen", "--folder", str(self.folder)),
            *(("--at", self._at) if self._at else ()),
            cwd=self.folder,  # not where a developer's .env may lie
            env=self.environment(),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
            limit=2**20,
        )
        started = asyncio.get_running_loop().create_future()
        self._reader = asyncio.create_task(self._read(self._process, started))
        try:
            self.url = await asyncio.wait_for(started, START_SECONDS)
        except TimeoutError:
            raise UnexpectedError(
                f"The playground did not start in {START_SECONDS} s\n{self.log()}"
            ) from None
        self._at = None  # from now on the folder knows the time
        await self.connect(self.url)
        await self.settle()

    async def connect(self, url: str) -> None:
        """Drives the server at this address."""
        self.url = url
        self._session = aiohttp.ClientSession()

    async def stop(self, how: signal.Signals = signal.SIGTERM) -> int:
        """Ends both: SIGTERM asks server and bot to end, SIGKILL strikes the bot without warning.

        The server is the world, and is always asked: what people and Telegram know is never lost.
        """
        if self._session is not None:
            await self._session.close()
            self._session = None
        process, self._process = self._process, None
        if process is None:
            return 0
        started = processes.descendants(process.pid)
        try:
            for pid in started if how == signal.SIGKILL else []:
                _signal(pid, signal.SIGKILL)
            _signal(process.pid, signal.SIGTERM)
            await asyncio.wait_for(process.wait(), STOP_SECONDS)
        except TimeoutError:
            raise UnexpectedError(f"The playground did not end in {STOP_SECONDS} s\n{self.log()}") from None
        finally:
            left = processes.alive(started)
            for pid in [process.pid, *left]:
                _signal(pid, signal.SIGKILL)
            await process.wait()
            if self._reader is not None:
                await self._reader
        if left and how == signal.SIGTERM:
            raise UnexpectedError(f"The playground left processes behind\n{self.log()}")
        return process.returncode or 0

    async def restart(self, how: signal.Signals = signal.SIGTERM) -> None:
        """Ends server and bot and starts them again on the same folder."""
        code = await self.stop(how)
        if how == signal.SIGTERM and code:
            raise UnexpectedError(f"The playground ended with {code} at SIGTERM\n{self.log()}")
        await self.start()
        self.something_happens()

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

    def log(self, lines: int = 40) -> str:
        """The last lines the processes printed."""
        return "\n".join(["── the processes said " + "─" * 44, *self.output[-lines:]])

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

    # -- inside

    def something_happens(self) -> None:
        for person in self.people:
            person.something_happens()

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not SETTINGS.match(name)}
        paths = [str(ROOT), *filter(None, [kept.get("PYTHONPATH")])]
        return kept | {"PYTHONPATH": os.pathsep.join(paths), "PYTHONUNBUFFERED": "1"} | self._settings

    async def _read(self, process: asyncio.subprocess.Process, started: "asyncio.Future[str]") -> None:
        if process.stdout is None:
            return
        async for line in process.stdout:
            text = line.decode(errors="replace").rstrip()
            self.output.append(text)
            url = re.search(r"http://[\w.]+:\d+", text)
            if url and not started.done():
                started.set_result(url.group())
        if not started.done():
            started.set_exception(UnexpectedError(f"The playground ended before it was there\n{self.log()}"))


def _signal(pid: int, how: signal.Signals) -> None:
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, how)


def _named(expected: Expected) -> str:
    return repr(expected) if isinstance(expected, str) else f"/{expected.pattern}/"


def _values(values: Mapping[str, object]) -> str:
    return f" with {dict(values)}" if values else ""
