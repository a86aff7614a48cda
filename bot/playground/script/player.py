"""Plays a transcript: scripted people do what it says, through the playground's control API, and look."""

import re
import signal
import uuid
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from bot.playground.script.client import Client
from bot.playground.script.errors import TranscriptError, UnexpectedError
from bot.playground.script.person import Person
from bot.playground.script.transcript import HAPPENS_ONCE, Step, Transcript, seconds
from bot.playground.script.words import Words, squeezed, words_of

STOPS = {"term": signal.SIGTERM, "kill": signal.SIGKILL}


def marker() -> str:
    """A word nobody else types: what people write in tests carries it, so that leaks can be found."""
    return f"zq{uuid.uuid4().hex[:12]}"


async def play(transcript: Transcript, playground: Client) -> list[str]:
    """Play a transcript for one cast a locale, all in one world; the words that only these people typed.

    One cast after the other plays on until the world moves: the clock, a restart and what else befalls
    everybody happen once.
    """
    casts = [Runner(transcript, playground, locale) for locale in transcript.locales]
    for cast in casts:
        await cast.enter()
    for world, steps in groupby(transcript.steps, key=lambda step: step.verb in HAPPENS_ONCE):
        scene = list(steps)
        for cast in casts[:1] if world else casts:
            await cast.play(scene)
    return [cast.marker for cast in casts]


class Runner:
    """Plays one transcript in one locale."""

    def __init__(
        self,
        transcript: Transcript,
        playground: Client,
        locale: str,
        *,
        words: Words | None = None,
        mark: str | None = None,
    ) -> None:
        """`words`: other ones. `mark`: stands for `{marker}`; None: a word nobody else types."""
        self.transcript = transcript
        self.playground = playground
        self.words = words or words_of(locale)
        self.locale = locale
        self.marker = marker() if mark is None else mark
        self.people: dict[str, Person] = {}

    async def enter(self) -> None:
        """The people of the transcript come to be."""
        for name, about in self.transcript.people.items():
            answer = await self.playground.post(
                "people",
                {
                    "first_name": about.get("name", name.title()),
                    "language_code": about.get("language", self.locale),
                },
            )
            words = words_of(about["language"]) if "language" in about else self.words
            self.people[name] = self.playground.meet(answer["id"], answer["first_name"], words=words)

    async def play(self, steps: Iterable[Step]) -> None:
        for step in steps:
            try:
                await self._play(step)
            except (AssertionError, TranscriptError) as error:
                others = "" if "── " in str(error) else f"\n{await self.playground.transcript()}"
                raise UnexpectedError(
                    f"{self.transcript.name} ({self.locale}), step {step.source}\n{error}{others}"
                ) from error

    async def _play(self, step: Step) -> None:
        name = step.verb.replace(" ", "_")
        if not step.subject:
            world: Callable[[Any], Awaitable[None]] = getattr(self, f"_{name}")
            await world(step.value)
            return
        act: Callable[[Person, Step], Awaitable[None]] = getattr(self, f"_{name}")
        await act(self.people[step.subject], step)

    # -- people act

    async def _says(self, person: Person, step: Step) -> None:
        await person.say(self._typed(person, step.value))

    async def _replies(self, person: Person, step: Step) -> None:
        newest = [m for m in (await person.chat()).messages if m["from"].get("is_bot")][-1]
        await person.say(self._typed(person, step.value), reply_to=newest["message_id"])

    async def _edits(self, person: Person, step: Step) -> None:
        await person.edit(self._typed(person, step.value))

    async def _taps(self, person: Person, step: Step) -> None:
        [(expected, values)] = self._expected(step)
        await person.tap(expected, **values)

    async def _presses(self, person: Person, step: Step) -> None:
        if isinstance(step.value, dict):
            await person.press(step.value["key"], *step.value["at"])
        else:
            await person.press(step.value)

    async def _opens(self, person: Person, step: Step) -> None:
        await person.open(await self.playground.last_link() if step.value == "last link" else step.value)

    async def _sends(self, person: Person, step: Step) -> None:
        await person.send(step.value)

    async def _forwards(self, person: Person, step: Step) -> None:
        await person.send(step.value, forwarded=True)

    async def _shares_location(self, person: Person, step: Step) -> None:
        await person.share_location(*step.value)

    async def _blocks(self, person: Person, _: Step) -> None:
        await person.block()

    async def _unblocks(self, person: Person, _: Step) -> None:
        await person.unblock()

    # -- people look

    async def _sees(self, person: Person, step: Step) -> None:
        for expected, values in self._expected(step):
            await person.sees(expected, **values)

    async def _does_not_see(self, person: Person, step: Step) -> None:
        for expected, values in self._expected(step):
            await person.does_not_see(expected, **values)

    async def _sees_nothing(self, person: Person, _: Step) -> None:
        await person.sees_nothing()

    async def _has(self, person: Person, step: Step) -> None:
        for expected, values in self._expected(step):
            _insist(await person.has(expected, **values), f"nowhere in the chat: {expected}")

    async def _has_no(self, person: Person, step: Step) -> None:
        for expected, values in self._expected(step):
            _insist(not await person.has(expected, **values), f"still in the chat: {expected}")

    async def _can_tap(self, person: Person, step: Step) -> None:
        for key in _listed(step.value):
            _insist(await person.can_tap(key, **self._values(step)), f"no such button: {key}")

    async def _cannot_tap(self, person: Person, step: Step) -> None:
        for key in _listed(step.value):
            _insist(not await person.can_tap(key, **self._values(step)), f"there is a button: {key}")

    async def _is_told(self, person: Person, step: Step) -> None:
        answers = await person.answers()
        text = squeezed(answers[-1]["text"] or "") if answers else ""
        [(expected, values)] = self._expected(step)
        finder = person.words.finder(expected, values) if isinstance(expected, str) else expected
        _insist(finder.search(text), f"the last tap was answered by {text!r}")

    # -- the world

    async def _clock(self, value: Any) -> None:
        await self._move(self.playground.advance, value)

    async def _jump(self, value: Any) -> None:
        await self._move(self.playground.jump, value)

    async def _restart(self, value: str) -> None:
        if value not in STOPS:
            raise TranscriptError(f"restart: term or kill, not {value!r}")
        await self.playground.restart(STOPS[value])

    async def _fault(self, value: Mapping[str, Any]) -> None:
        details = dict(value)
        name = details.pop("person", None)
        person = self.people[name] if name else None
        await self.playground.fault(details.pop("kind"), person=person, **details)

    async def _faults(self, value: str) -> None:
        if value != "clear":
            raise TranscriptError("faults: clear is all there is")
        await self.playground.clear_faults()

    # -- inside

    @staticmethod
    async def _move(move: Callable[..., Awaitable[None]], value: Any) -> None:
        if value == "next":
            await move()
        elif isinstance(value, datetime):
            await move(until=value if value.tzinfo else value.replace(tzinfo=UTC))
        elif str(value).startswith("+"):
            await move(seconds=seconds(str(value)))
        else:
            await move(until=str(value))

    def _typed(self, person: Person, value: Any) -> str:
        if isinstance(value, dict) and "key" in value:
            return person.words.text(value["key"], **value.get("with", {}))
        return self._said(value)

    def _said(self, value: Any) -> str:
        """A person's own words, maybe others in each language."""
        words = value[self.locale] if isinstance(value, dict) else value
        return str(words).replace("{marker}", self.marker).strip()

    def _values(self, step: Step) -> dict[str, Any]:
        return self._marked(step.values)

    def _marked(self, values: Mapping[str, Any]) -> dict[str, Any]:
        return {name: str(value).replace("{marker}", self.marker) for name, value in values.items()}

    def _expected(self, step: Step) -> list[tuple[str | re.Pattern[str], dict[str, Any]]]:
        """What a looking step names: keys, `{key:, with:}`, `{text:}` for a person's own words, `{kind:}`."""
        found: list[tuple[str | re.Pattern[str], dict[str, Any]]] = []
        for item in _listed(step.value):
            if isinstance(item, str):
                found.append((item, self._values(step)))
            elif "text" in item:
                words = squeezed(self._said(item["text"]))
                found.append((re.compile(re.escape(words)), {}))
            elif "kind" in item:
                found.append((re.compile(rf"^\[{item['kind']}\]"), {}))
            else:
                found.append((item["key"], self._values(step) | self._marked(item.get("with", {}))))
        return found


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _insist(holds: object, otherwise: str) -> None:
    if not holds:
        raise UnexpectedError(otherwise)
