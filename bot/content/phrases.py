"""The file with the words the bot listens for."""

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.content.located import Document, Fault
from bot.domain.phrases import Phrases


class PhrasesFile(BaseModel):
    """`phrases.yaml`; its own comments explain the fields."""

    model_config = ConfigDict(extra="forbid")

    version: int
    words: dict[str, list[str]] = Field(default_factory=dict)
    crisis: list[str] = Field(min_length=1)
    violence: list[str] = Field(default_factory=list)
    not_crisis: list[str] = Field(default_factory=list)
    actions: dict[str, list[str]]
    same: dict[str, str] = Field(default_factory=dict)
    polite: list[str] = Field(default_factory=list)
    mistyped: list[str] = Field(default_factory=list)
    minutes: dict[str, dict[str, int]] = Field(default_factory=dict)


def check(document: Document) -> tuple[Phrases | None, list[Fault]]:
    """The phrases, or every fault of the file."""
    try:
        file = PhrasesFile.model_validate(document.data)
        return Phrases(**file.model_dump(exclude={"version"})), []
    except ValidationError as error:
        return None, [document.fault(each["loc"], each["msg"]) for each in error.errors()]
    except ValueError as error:
        return None, [document.fault((), str(error))]
