"""Somebody with a phone: what they do, and what they see of it."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bot.playground.script.errors import UnexpectedError
from bot.playground.script.look import Chat, Message, buttons, from_bot, shown
from bot.playground.script.words import Words, squeezed

if TYPE_CHECKING:
    from bot.playground.script.client import Client

Expected = str | re.Pattern[str]


@dataclass(eq=False)
class Person:
    """Somebody with a phone. What they `see` is what is new since they last acted or last looked."""

    playground: "Client"
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
        if self.playground.attentive:
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


def _named(expected: Expected) -> str:
    return repr(expected) if isinstance(expected, str) else f"/{expected.pattern}/"


def _values(values: Mapping[str, object]) -> str:
    return f" with {dict(values)}" if values else ""
