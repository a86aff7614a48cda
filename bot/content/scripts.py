"""Script files: their shape (pydantic) and their graph (the domain)."""

import hashlib
from typing import Annotated, Any

import orjson
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.content.located import Document, Fault
from bot.domain.script import Action, Choice, Kind, Script, Step, validate

Identifier = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,23}$")]
QuoteId = Annotated[str, Field(pattern=r"^[a-z][a-z-]{0,31}$")]
Words = Annotated[str, Field(min_length=1)]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class ChoiceFile(_Strict):
    id: Identifier
    label: Words
    next: Identifier | None = None
    do: Action | None = None


class StepFile(_Strict):
    kind: Kind
    text: Words
    next: Identifier | None = None
    choices: list[ChoiceFile] = Field(default_factory=list)
    label: Words | None = None
    quote: QuoteId | None = None
    seconds: Annotated[int, Field(ge=20, le=300)] = 60


class ScriptFile(_Strict):
    """A file in `scripts/`. `source` says what the script's statements rest on."""

    id: Identifier
    version: Annotated[int, Field(ge=1)]
    title: Words
    promise: Words
    source: Words
    start: Identifier
    steps: dict[Identifier, StepFile]

    def script(self) -> Script:
        return Script(
            id=self.id,
            version=self.version,
            title=self.title,
            promise=self.promise,
            source=self.source,
            start=self.start,
            steps={name: _step(name, step) for name, step in self.steps.items()},
        )


def _step(name: str, step: StepFile) -> Step:
    choices = tuple(Choice(each.id, each.label, each.next, each.do) for each in step.choices)
    return Step(
        id=name,
        kind=step.kind,
        text=step.text.strip(),
        next=step.next,
        choices=choices,
        label=step.label,
        quote=step.quote,
        seconds=step.seconds,
    )


def script_hash(body: Any) -> str:
    """Names this very version: whatever changes in the file changes the hash."""
    return hashlib.sha256(orjson.dumps(body, option=orjson.OPT_SORT_KEYS)).hexdigest()


def parse(body: Any) -> Script:
    """A script from a body that was checked before (as stored with a session)."""
    return ScriptFile.model_validate(body).script()


def check(document: Document) -> tuple[Script | None, list[Fault]]:
    """The script, if its shape is right, and every fault of the file."""
    try:
        script = ScriptFile.model_validate(document.data).script()
    except ValidationError as error:
        return None, [document.fault(each["loc"], _explain(each)) for each in error.errors()]
    faults = [document.fault(issue.where, issue.message) for issue in validate(script)]
    if document.file.stem != script.id:
        faults.append(document.fault(("id",), f"the file's name and its id “{script.id}” differ"))
    return script, faults


def _explain(error: Any) -> str:
    name = ".".join(str(part) for part in error["loc"])
    return f"{name}: {error['msg'][0].lower()}{error['msg'][1:]}"
