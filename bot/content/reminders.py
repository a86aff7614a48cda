"""The file with the words of wishes for reminders."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from bot.content.located import Document, Fault
from bot.domain.nudging import Kind
from bot.domain.wish_words import DATES, DAYS, PLAIN, UNITS, Part, Vocabulary

Words = list[str]
PARTS = ("morning", "forenoon", "noon", "afternoon", "evening", "night", "midnight")


class PartOfDay(BaseModel):
    model_config = ConfigDict(extra="forbid")

    words: Words
    each: Words
    hours: tuple[int, int]
    at: str = Field(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")
    window: tuple[str, str]


class RemindersFile(BaseModel):
    """`reminders.yaml`; the comments of the English one explain the fields."""

    model_config = ConfigDict(extra="forbid")

    version: Literal[1]
    lists: dict[str, Words]
    days: dict[str, Words]
    each_day: dict[str, Words]
    dates: dict[str, Words]
    units: dict[str, Words]
    numbers: dict[str, int]
    counts: dict[str, int]
    lengths: dict[str, int]
    past_hour: dict[str, int]
    parts: dict[str, PartOfDay]
    kinds: dict[str, Words]
    same: dict[str, str]
    spelt_right: Words


NAMES = {
    "lists": PLAIN,
    "days": DAYS,
    "each_day": DAYS,
    "dates": tuple(DATES),
    "units": tuple(UNITS),
    "parts": PARTS,
    "kinds": tuple(kind for kind in Kind if kind is not Kind.OWN),
}
"""What each of these must have, in every language: no more and no less."""


def check(document: Document) -> tuple[Vocabulary | None, list[Fault]]:
    """The vocabulary, or every fault of the file."""
    try:
        file = RemindersFile.model_validate(document.data)
    except ValidationError as error:
        return None, [document.fault(each["loc"], each["msg"]) for each in error.errors()]
    faults = []
    for name, names in NAMES.items():
        found = set(getattr(file, name))
        faults += [document.fault((name,), f"“{each}” is missing") for each in sorted(set(names) - found)]
        faults += [document.fault((name, each), f"“{each}” is unused") for each in sorted(found - set(names))]
    if faults:
        return None, faults
    try:
        parts = {name: Part(**part.model_dump()) for name, part in file.parts.items()}
        return Vocabulary(**file.model_dump(exclude={"version", "parts"}), parts=parts), []
    except ValueError as error:
        return None, [document.fault((), str(error))]
