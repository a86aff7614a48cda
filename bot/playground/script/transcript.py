"""A conversation written down step by step, in YAML. The format: `tests/README.md`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from bot.playground.script.errors import TranscriptError

SPAN = re.compile(r"(?:(\d+)d)?\s*(?:(\d+)h)?\s*(?:(\d+)m(?:in)?)?\s*(?:(\d+)s)?")
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
