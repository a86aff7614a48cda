"""Scenes to start from: what two people have done so far, for the real bot to be told from the beginning.

Nothing in them is made up behind the bot's back: a scene is a transcript, and is played like one.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from bot.playground.script.months import PEOPLE, linking, three_months
from bot.playground.script.transcript import Transcript, read_step

EVENING = "2026-03-02T18:18+01:00"


@dataclass(frozen=True)
class Scene:
    """One that can be chosen, by its name."""

    name: str
    title: str
    about: str
    made: Callable[[], Transcript]


def _written(name: str, steps: list[Any]) -> Transcript:
    read = tuple(read_step(step, number, PEOPLE) for number, step in enumerate(steps, 1))
    return Transcript(name=name, locales=("en", "de"), start=EVENING, people=PEOPLE, steps=read)


def first_contact() -> Transcript:
    """Mara has pressed Start."""
    return _written("first-contact", [{"mara says": "/start"}])


def linked_couple() -> Transcript:
    """Both are there, and linked."""
    return _written("linked-couple", linking())


def in_a_break() -> Transcript:
    """Mara has asked for twenty minutes, and eight of them are over."""
    steps = [
        *linking(),
        {"mara says": "/space 20"},
        {"mara taps": "space.choose.settle_thoughts"},
        {"mara taps": "space.send"},
        {"jonas taps": "space_reply.take_your_time"},
        {"clock": "+8m"},
    ]
    return _written("in-a-break", steps)


SCENES = {
    scene.name: scene
    for scene in (
        Scene("first-contact", "First contact", "Mara has just pressed Start.", first_contact),
        Scene(
            "linked-couple", "Linked couple", "The two are linked; nothing has happened yet.", linked_couple
        ),
        Scene(
            "in-a-break", "In the middle of a break", "Mara is away, and will be back at 18:38.", in_a_break
        ),
        Scene(
            "three-months",
            "Three months later",
            "Check-ins, breaks and lines of a whole spring. It takes some seconds to play.",
            three_months,
        ),
    )
}
