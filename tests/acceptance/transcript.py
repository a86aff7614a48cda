"""Plays a transcript: a conversation written down step by step. The format: `tests/README.md`."""

import re
import signal
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import yaml

from tests.acceptance.harness import Person, Playground, UnexpectedError, marker
from tests.acceptance.words import squeezed, words_of

FOLDER = Path(__file__).resolve().parents[1] / "transcripts"
SPAN = re.compile(r"(?:(\d+)d)?\s*(?:(\d+)h)?\s*(?:(\d+)m(?:in)?)?\s*(?:(\d+)s)?")
STOPS = {"term": signal.SIGTERM, "kill": signal.SIGKILL}
WORLD = ("clock", "jump", "restart", "fault", "faults")
HAPPENS_ONCE = ("clock", "jump", "restart", "faults")
# Longest first: "sees nothing" before "sees".
VERBS = (
    "shares location",
    "does not see",
    "sees nothing",
    "cannot tap",
    "unblocks",
    "can tap",
    "has no",
    "is told",
    "forwards",
    "presses",
    "replies",
    "blocks",
    "edits",
    "opens",
    "sends",
    "says",
    "sees",
    "taps",
    "has",
)


class TranscriptError(ValueError):
    """The transcript itself is wrong."""


@dataclass(frozen=True)
class Step:
    """`subject` is a person, or the world; `value` what stands behind the colon, if anything."""

    number: int
    subject: str
    verb: str
    value: Any = None
    values: Mapping[str, Any] = field(default_factory=dict)
    source: str = ""


@dataclass(frozen=True)
class Transcript:
    name: str
    locales: tuple[str, ...]
    start: str
    people: Mapping[str, Mapping[str, Any]]
    steps: tuple[Step, ...]
    errors_expected: bool = False


def seconds(span: str) -> int:
    """`+1h30m` in seconds."""
    found = SPAN.fullmatch(span.removeprefix("+").strip())
    if not found or not any(found.groups()):
        raise TranscriptError(f"not a span of time such as +20m or +1h30m: {span!r}")
    days, hours, minutes, rest = (int(part or 0) for part in found.groups())
    return ((days * 24 + hours) * 60 + minutes) * 60 + rest


def load(path: Path) -> Transcript:
    data = yaml.safe_load(path.read_text(encoding="utf-8"))
    unknown = set(data) - {"about", "locale", "start", "people", "steps", "errors_expected"}
    if unknown:
        raise TranscriptError(f"{path.name}: unknown {', '.join(sorted(unknown))}")
    locale = data.get("locale", "en")
    people = {name: about or {} for name, about in data["people"].items()}
    raw = list(included(data["steps"], path.parent))
    steps = tuple(read_step(step, number, people) for number, step in enumerate(raw, 1))
    start = data.get("start", datetime(2026, 3, 2, 17, tzinfo=UTC))
    return Transcript(
        name=path.stem,
        locales=tuple(locale) if isinstance(locale, list) else (locale,),
        start=start
        if isinstance(start, str)
        else (start if start.tzinfo else start.replace(tzinfo=UTC)).isoformat(),
        people=people,
        steps=steps,
        errors_expected=data.get("errors_expected", False),
    )


def included(steps: list[Any], folder: Path) -> Iterator[Any]:
    """The steps, with those of `parts/<name>.yaml` in the place of `include: <name>`."""
    for step in steps:
        if not (isinstance(step, dict) and "include" in step):
            yield step
            continue
        text = (folder / "parts" / f"{step['include']}.yaml").read_text(encoding="utf-8")
        for name, value in (step.get("as") or {}).items():
            text = re.sub(rf"\${name}\b", str(value), text)
        missing = re.search(r"\$[a-z]\w*", text)
        if missing:
            raise TranscriptError(f"include {step['include']}: {missing.group()} is not given (`as: …`)")
        part = yaml.safe_load(text)
        yield from included(part["steps"] if isinstance(part, dict) else part, folder)


def read_step(raw: Any, number: int, people: Mapping[str, Any]) -> Step:
    """A step as it is written: `mara says: …`, `jonas sees nothing`, `clock: +20m`."""
    entry = {raw: None} if isinstance(raw, str) else dict(raw) if isinstance(raw, dict) else {}
    values = entry.pop("with", None) or {}
    if len(entry) != 1:
        raise TranscriptError(f"step {number}: one action each, not {raw!r}")
    [(phrase, value)] = entry.items()
    where = f"{number}: {phrase}" + (f": {value}" if value is not None else "")
    if phrase in WORLD:
        return Step(number, "", phrase, value, values, where)
    subject, _, rest = str(phrase).partition(" ")
    verb = next((verb for verb in VERBS if rest.strip() == verb), None)
    if subject not in people or verb is None:
        raise TranscriptError(
            f"step {number}: {phrase!r} is neither a known person's action nor one of {WORLD}"
        )
    return Step(number, subject, verb, value, values, where)


async def play(transcript: Transcript, playground: Playground) -> list[str]:
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

    def __init__(self, transcript: Transcript, playground: Playground, locale: str) -> None:
        self.transcript = transcript
        self.playground = playground
        self.words = words_of(locale)
        self.locale = locale
        self.marker = marker()
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
            assert await person.has(expected, **values), f"nowhere in the chat: {expected}"

    async def _has_no(self, person: Person, step: Step) -> None:
        for expected, values in self._expected(step):
            assert not await person.has(expected, **values), f"still in the chat: {expected}"

    async def _can_tap(self, person: Person, step: Step) -> None:
        for key in _listed(step.value):
            assert await person.can_tap(key, **self._values(step)), f"no such button: {key}"

    async def _cannot_tap(self, person: Person, step: Step) -> None:
        for key in _listed(step.value):
            assert not await person.can_tap(key, **self._values(step)), f"there is a button: {key}"

    async def _is_told(self, person: Person, step: Step) -> None:
        answers = await person.answers()
        text = squeezed(answers[-1]["text"] or "") if answers else ""
        [(expected, values)] = self._expected(step)
        finder = person.words.finder(expected, values) if isinstance(expected, str) else expected
        assert finder.search(text), f"the last tap was answered by {text!r}"

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
        return str(words).replace("{marker}", self.marker)

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
                found.append((re.compile(rf"^\[{item['kind']}\]$"), {}))
            else:
                found.append((item["key"], self._values(step) | self._marked(item.get("with", {}))))
        return found


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
