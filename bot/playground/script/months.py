"""Three months of two people, made by chance from a seed: a transcript as if somebody had written it down.

What they do is what people do: they check in, mostly in the evening, ask for space and come back, write
a line for themselves. It gets a little easier over the weeks, as it may; the bot is told nothing but their
taps and words.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from bot.playground.script.transcript import Transcript, read_step

SEED = 20260302
ZONE = ZoneInfo("Europe/Berlin")
FIRST_DAY = date(2026, 3, 2)  # a Monday
WEEKS = 13
PEOPLE: dict[str, dict[str, Any]] = {"mara": {}, "jonas": {}}

Steps = list[Any]
PAUSE, ONE, BACK = "scripts.pause.steps", "scripts.how_am_i.steps", "scripts.look_back.steps"
LINES = (
    {
        "en": "It was about the dishes, and not about the dishes.",
        "de": "Es ging um den Abwasch, und dann auch nicht.",
    },
    {"en": "We laughed today, in the middle of it.", "de": "Heute haben wir gelacht, mittendrin."},
    {
        "en": "I waited twenty minutes, and nothing broke.",
        "de": "Zwanzig Minuten gewartet, und nichts ging kaputt.",
    },
    {
        "en": "I said what I needed before I was cross.",
        "de": "Ich habe gesagt, was ich brauche, bevor ich böse war.",
    },
    {"en": "A walk, the long way round by the river.", "de": "Ein Spaziergang, der lange Weg am Fluss."},
    {"en": "Sunday felt like us.", "de": "Der Sonntag fühlte sich nach uns an."},
)
WISHES = (
    {"en": "That I am not against you.", "de": "Dass ich nicht gegen dich bin."},
    {
        "en": "That I need a moment before I can talk.",
        "de": "Dass ich einen Moment brauche, bevor ich reden kann.",
    },
    {"en": "That the evening matters to me.", "de": "Dass mir der Abend wichtig ist."},
)


@dataclass(frozen=True)
class Person:
    """How somebody is: what they need how often, how strong it is at first, and the hours they check in."""

    name: str
    needs: dict[str, int]
    strong: float
    a_week: float
    hours: dict[int, int]


MARA = Person(
    "mara",
    {"connection": 6, "understanding": 2, "calm": 2},
    7.0,
    1.8,
    {8: 2, 13: 1, 18: 3, 19: 4, 20: 4, 21: 3},
)
JONAS = Person(
    "jonas", {"calm": 6, "understanding": 2, "unsure": 1}, 5.6, 1.0, {7: 1, 12: 2, 18: 3, 19: 3, 20: 2}
)


@dataclass
class Diary:
    """What happens when; nothing within an hour and a half of something else."""

    random: Random
    entries: dict[datetime, Steps] = field(default_factory=dict)

    def put(self, day: date, hour: int, steps: Steps) -> None:
        """At some minute of that hour, or at the next free one of that day, if there is one."""
        at = datetime.combine(day, time(hour, self.random.randrange(50)), ZONE)
        while any(abs(at - other) < timedelta(minutes=90) for other in self.entries):
            at += timedelta(minutes=30)
        if at.hour < 22 and at.date() == day:
            self.entries[at] = steps

    def written(self) -> Iterator[Any]:
        """As steps, with the clock in between."""
        for at, steps in sorted(self.entries.items()):
            yield {"clock": at.isoformat()}
            yield from steps


def three_months(seed: int = SEED, weeks: int = WEEKS) -> Transcript:
    """The same for the same seed."""
    random = Random(seed)
    diary = Diary(random)
    for week in range(weeks):
        monday = FIRST_DAY + timedelta(weeks=week)
        easier = week / max(weeks - 1, 1)
        _a_break(diary, monday, easier)
        for person in (MARA, JONAS):
            for _ in range(_times(random, person.a_week)):
                _check_in(diary, person, monday, easier)
            if random.random() < 0.5:
                _look_back(diary, person, monday, easier)
        if week % 3 == 2:
            line = [
                {"mara says": "/journal"},
                {"mara taps": "journal.write"},
                {"mara says": LINES[week // 3]},
            ]
            diary.put(monday + timedelta(days=random.randrange(7)), 21, line)
    raw = [*linking(), *diary.written(), *_ending(FIRST_DAY + timedelta(weeks=weeks))]
    return Transcript(
        name="three_months",
        locales=("en", "de"),
        start=datetime.combine(FIRST_DAY, time(7), ZONE).isoformat(),
        people=PEOPLE,
        steps=tuple(read_step(step, number, PEOPLE) for number, step in enumerate(raw, 1)),
    )


def linking() -> Steps:
    """Both press Start, say where they are, and link."""
    return [
        *({f"{name} says": words} for name in PEOPLE for words in ("/start", "Berlin")),
        {"mara says": "/link"},
        {"jonas opens": "last link"},
        {"jonas taps": "link.accept"},
        {"mara taps": "link.confirm_yes"},
    ]


def _ending(monday: date) -> Steps:
    """A Monday evening, and two reminders that lie ahead."""
    return [
        {"clock": datetime.combine(monday, time(18), ZONE).isoformat()},
        {"mara says": {"en": "/remind weekdays at 20:45: breathe", "de": "/remind werktags um 20:45: atmen"}},
        {"mara taps": "remind.save"},
        {
            "jonas says": {
                "en": "/remind Sundays at 18: look back",
                "de": "/remind sonntags um 18: zurückblicken",
            }
        },
        {"jonas taps": "remind.save"},
    ]


def _times(random: Random, mean: float) -> int:
    """A whole number that is so on average."""
    return math.floor(mean + random.random())


def _weighted(random: Random, weights: dict[Any, int]) -> Any:
    return random.choices(list(weights), list(weights.values()))[0]


# -- a check-in


def _check_in(diary: Diary, person: Person, monday: date, easier: float) -> None:
    random = diary.random
    day = monday + timedelta(days=_weighted(random, {0: 2, 1: 2, 2: 2, 3: 3, 4: 3, 5: 2, 6: 3}))
    before = _number(random.gauss(person.strong - 2.2 * easier, 1.6))
    steps = _one_number(before) if random.random() < 0.35 else _pause(random, person, before, easier)
    diary.put(day, _weighted(random, person.hours), [_of(person.name, step) for step in steps])


def _number(value: float) -> int:
    return min(max(round(value), 0), 10)


def _of(name: str, step: Any) -> dict[str, Any]:
    verb, value = step
    return {f"{name} {verb}": value}


def _tap(value: int) -> tuple[str, Any]:
    return ("taps", {"text": str(value)})


def _one_number(before: int) -> Steps:
    steps: Steps = [("says", "/howami"), _tap(before)]
    if before >= 7:
        way = "most" if before >= 9 else "strong"
        steps.append(("taps", f"{ONE}.{way}.choices.done.label"))
    return steps


def _pause(random: Random, person: Person, before: int, easier: float) -> Steps:
    """`/pause`, by the way its script takes with this need and this number."""
    need = _weighted(random, person.needs)
    steps: Steps = [("says", "/pause"), ("taps", f"{PAUSE}.need.choices.{need}.label"), _tap(before)]
    helped = random.gauss(1.6 + 1.2 * easier, 1.1)
    if before >= 7:
        steps.append(("taps", f"{PAUSE}.soothe_breathe.label"))
        helped += 1
    steps += _middle(random, need, soothed=before >= 7)
    after = _number(min(before - helped, 10))
    steps += [_tap(after), ("taps", f"{PAUSE}.{_way_on(need, before, after)}.choices.done.label")]
    return steps


def _middle(random: Random, need: str, *, soothed: bool) -> Steps:
    breathe = ("taps", f"{PAUSE}.breathe.label")
    if need == "connection":
        how = random.choice(("kind", "room" if not soothed else "kind"))
        return [("taps", f"{PAUSE}.connection_how.choices.{how}.label")]
    if need == "understanding":
        return [("says", random.choice(WISHES)), ("taps", f"{PAUSE}.understood.choices.one.label")]
    if need == "unsure":
        word = ("taps", f"{PAUSE}.word_now.choices.unsure.label")
        return [word] if soothed else [("taps", f"{PAUSE}.where.choices.chest.label"), breathe, word]
    return [] if soothed else [("taps", f"{PAUSE}.calm_how.choices.breath.label"), breathe]


def _way_on(need: str, before: int, after: int) -> str:
    if after >= 7 or before >= 7:
        return "way_on_strong" if after >= 7 else _mild(need)
    return _mild(need)


def _mild(need: str) -> str:
    return {"connection": "way_on_close", "understanding": "way_on_words"}.get(need, "way_on")


# -- a Sunday evening


def _look_back(diary: Diary, person: Person, monday: date, easier: float) -> None:
    """What came up most, and what helped; nothing written, and nothing more for the evening."""
    random = diary.random
    came_up = _weighted(random, {"closeness": 2, "room": 2, "fight": 3, "good": 1 + round(4 * easier)})
    helped = _weighted(random, {"pausing": 4, "space": 3, "sign": 2, "softly": 2, "nothing": 1})
    choices = {"most": came_up, "helped": helped, "try_next": "nothing", "way_on": "done"}
    most, helped, try_next, way_on = (
        ("taps", f"{BACK}.{step}.choices.{choice}.label") for step, choice in choices.items()
    )
    skip = ("taps", f"{BACK}.line_{came_up}.label")
    steps: Steps = [("says", {"en": "Look back", "de": "Rückblick"}), most, helped, skip, try_next, way_on]
    diary.put(monday + timedelta(days=6), 18, [_of(person.name, step) for step in steps])


# -- a break


def _a_break(diary: Diary, monday: date, easier: float) -> None:
    """One of them asks for space, and comes back: mostly when it was said, sometimes after some more."""
    random = diary.random
    if random.random() < 0.25 + 0.3 * easier:
        return
    who, other = ("jonas", "mara") if random.random() < 0.75 else ("mara", "jonas")
    minutes = _weighted(random, {20: 6, 30: 3})
    steps: Steps = [
        {f"{who} says": f"/space {minutes}"},
        {f"{who} taps": "space.choose.settle_thoughts"},
        {f"{who} taps": "space.send"},
    ]
    if random.random() < 0.6:
        steps.append({f"{other} taps": "space_reply.take_your_time"})
    steps.append({"clock": f"+{minutes}m"})
    if random.random() > 0.6 + 0.3 * easier:
        steps += [{f"{who} taps": "space.more"}, {f"{who} taps": "space.more_minutes.20"}, {"clock": "+20m"}]
    steps.append({f"{who} taps": "space.im_back"})
    diary.put(monday + timedelta(days=random.randrange(7)), random.choice((18, 19, 20)), steps)
