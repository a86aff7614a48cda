"""The file with the numbers somebody in need may call; an operator edits it."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.content.located import Document, Fault

Country = Annotated[str, Field(pattern=r"^[A-Z]{2}$")]
Https = Annotated[str, Field(pattern=r"^https://")]


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Helpline(_Strict):
    """One number, where it comes from, and when that was last looked at."""

    country: Country
    name: str
    number: str
    whom: Literal["women", "men"] | None = None
    text: str | None = None
    url: Https | None = None
    hours: str | None = None
    languages: list[str] = Field(default_factory=list)
    source: Https
    checked: date


class Directory(_Strict):
    """Where the lines of all other countries are found."""

    name: str
    url: Https


class Helplines(_Strict):
    """`helplines.yaml`: suicide lines and violence lines apart."""

    version: int
    checked: date
    directory: Directory
    emergency: dict[Country, str]
    suicide: list[Helpline]
    violence: list[Helpline]


def check(document: Document) -> tuple[Helplines | None, list[Fault]]:
    """The helplines, or every fault of the file."""
    try:
        return Helplines.model_validate(document.data), []
    except ValidationError as error:
        return None, [document.fault(each["loc"], each["msg"]) for each in error.errors()]
