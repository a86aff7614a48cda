"""Script files: their shape (pydantic) and what the domain finds wrong with them."""

import hashlib
from dataclasses import dataclass
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from bot.content.located import Document, Fault
from bot.domain.model import Lean
from bot.domain.script import Action, Choice, Keep, Kind, Measure, Script, Step, TimeOfDay, Way, When
from bot.domain.script_rules import validate

MOST_ID = 24
"""Characters of an id: buttons and stored sessions carry it."""
Identifier = Annotated[str, Field(pattern=rf"^[a-z][a-z0-9_]{{0,{MOST_ID - 1}}}$")]
ChoiceId = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Words = Annotated[str, Field(min_length=1)]
Wordings = Annotated[
    list[Words], Field(min_length=1), BeforeValidator(lambda text: [text] if isinstance(text, str) else text)
]
"""One text, or a list of wordings of which one is taken."""
OneOrMore = Annotated[
    list[str],
    BeforeValidator(lambda value: [value] if isinstance(value, str) else value),
    Field(min_length=1),
]


@dataclass(frozen=True)
class StoredScript:
    """A script with its file's body and hash, as sessions refer to it."""

    script: Script
    body: Any
    hash: str


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class WhenFile(_Strict):
    at_least: dict[str, Annotated[int, Field(ge=0, le=10)]] = Field(default_factory=dict)
    at_most: dict[str, Annotated[int, Field(ge=0, le=10)]] = Field(default_factory=dict)
    answer: dict[str, OneOrMore] = Field(default_factory=dict)
    leans: OneOrMore | None = None
    linked: bool | None = None
    time: list[TimeOfDay] = Field(default_factory=list)

    def when(self) -> When:
        return When(
            at_least=self.at_least,
            at_most=self.at_most,
            answer={step: tuple(values) for step, values in self.answer.items()},
            leans=tuple(self.leans or ()),
            linked=self.linked,
            time=tuple(self.time),
        )


class ChoiceFile(_Strict):
    id: ChoiceId
    label: Words
    next: Identifier | None = None
    do: Action | None = None
    script: Identifier | None = None
    of: Identifier | None = None
    leans: Lean | None = None
    when: WhenFile | None = None

    def choice(self) -> Choice:
        when = None if self.when is None else self.when.when()
        return Choice(self.id, self.label, self.next, self.do, self.script, self.of, self.leans, when)


class WayFile(_Strict):
    when: WhenFile
    next: Identifier


class StepFile(_Strict):
    kind: Kind
    text: Wordings | None = None
    next: Identifier | None = None
    skip: Identifier | None = None
    choices: list[ChoiceFile] = Field(default_factory=list)
    ways: list[WayFile] = Field(default_factory=list)
    parts: list[Words] = Field(default_factory=list)
    label: Words | None = None
    quote: str | None = None
    pattern: str = "slow"
    seconds: Annotated[int, Field(ge=20, le=300)] = 60
    keep: Keep = Keep.JOURNAL
    limit: Annotated[int, Field(ge=20, le=2000)] | None = None
    measures: Measure = Measure.INTENSITY

    def step(self, name: str) -> Step:
        text, *more = [each.strip() for each in self.text or [""]]
        return Step(
            id=name,
            kind=self.kind,
            text=text,
            more_texts=tuple(more),
            next=self.next,
            skip=self.skip,
            choices=tuple(each.choice() for each in self.choices),
            ways=tuple(Way(each.when.when(), each.next) for each in self.ways),
            parts=tuple(self.parts),
            label=self.label,
            quote=self.quote,
            pattern=self.pattern,
            seconds=self.seconds,
            keep=self.keep,
            limit=self.limit,
            measures=self.measures,
        )


class ScriptFile(_Strict):
    """A file in `scripts/`. `source` or `evidence` says what the script's statements rest on."""

    id: Identifier
    version: Annotated[int, Field(ge=1)]
    title: Words
    promise: Words
    source: Words | None = None
    evidence: Words | None = None
    keep: Keep = Keep.JOURNAL
    start: Identifier
    steps: dict[Identifier, StepFile]

    def script(self) -> Script:
        return Script(
            id=self.id,
            version=self.version,
            title=self.title,
            promise=self.promise,
            source=self.source or "",
            evidence=self.evidence or "",
            keep=self.keep,
            start=self.start,
            steps={name: step.step(name) for name, step in self.steps.items()},
        )


def script_hash(body: Any) -> str:
    """Names this very version: whatever changes in the file changes the hash."""
    return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()


def parse(body: Any) -> Script:
    """A script from a body that was checked before (as stored with a session)."""
    return ScriptFile.model_validate(body).script()


def check(document: Document) -> tuple[StoredScript | None, list[Fault]]:
    """The script, if its shape is right, and every fault of the file."""
    try:
        script = ScriptFile.model_validate(document.data).script()
    except ValidationError as error:
        return None, [document.fault(_place(each["loc"]), _explain(each)) for each in error.errors()]
    faults = [document.fault(issue.where, issue.message) for issue in validate(script)]
    if document.file.stem != script.id:
        faults.append(document.fault(("id",), f"the file's name and its id “{script.id}” differ"))
    return StoredScript(script, document.data, script_hash(document.data)), faults


def _place(where: tuple[str | int, ...]) -> tuple[str | int, ...]:
    """Pydantic marks a mapping's key by “[key]” behind it: the line is the key's."""
    return tuple(part for part in where if part != "[key]")


def _explain(error: Any) -> str:
    name = ".".join(str(part) for part in error["loc"])
    said = f"{error['msg'][0].lower()}{error['msg'][1:]}"
    if error["type"] == "string_pattern_mismatch":
        said += f": an id has a-z, digits and _, begins with a letter, and has at most {MOST_ID} characters"
        over = len(str(error["input"]).encode()) - MOST_ID
        said += f" ({over} bytes too long: a callback has 64 bytes)" if over > 0 else ""
    return f"{name}: {said}"
