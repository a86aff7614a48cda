"""Every fault that a script can have: in its steps, and in what they refer to.

What is wrong with its words is found by `script_words`, with the ways through it by `script_flow`.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields

from bot.domain import script_flow, script_words
from bot.domain.breathing import PATTERNS
from bot.domain.model import Lean
from bot.domain.script import (
    SKIPPED,
    UNKNOWN,
    WRITTEN,
    Action,
    Choice,
    Issue,
    Keep,
    Kind,
    Script,
    Step,
    When,
    Where,
)
from bot.domain.script_flow import PARTNER

MOST_CHOICES = 6
MOST_PARTS = range(2, 8)
MOST_TO_SEND = 200
"""Characters of a line that may be passed on."""
MOST_ANSWER = 24
"""Bytes left for an answer in a button's 64: the rest names the session and the question."""
ONLY_FOR = {
    "label": (Kind.WRITE, Kind.BREATHE),
    "keep": (Kind.WRITE,),
    "limit": (Kind.WRITE,),
    "measures": (Kind.SCALE,),
    "parts": (Kind.GROUND,),
    "pattern": (Kind.BREATHE,),
    "seconds": (Kind.BREATHE,),
}
"""Fields that mean something in a step of these kinds only."""
TAKEN = (PARTNER, "part", "said", "text")
"""Names that stand for something else where an answer is filled in."""
MARKS = (SKIPPED, WRITTEN)
"""What comes instead of a choice."""


def validate(script: Script) -> list[Issue]:
    """Every fault of the script, not only the first."""
    rules: tuple[Callable[[Script, Step], Iterable[Issue]], ...] = (
        _names,
        _ways,
        _choices,
        _branches,
        _fields,
        _hand_overs,
        _conditions,
    )
    issues = [issue for rule in rules for step in script.steps.values() for issue in rule(script, step)]
    if script.start not in script.steps:
        issues.append(Issue(("start",), f"the script starts at “{script.start}”, which is no step"))
    return [*issues, *script_words.validate(script), *script_flow.validate(script)]


def _names(script: Script, step: Step) -> Iterator[Issue]:
    if step.kind.is_answered and step.id in TAKEN:
        yield Issue(("steps", step.id), f"“{step.id}” stands for something else in a text: another name")
    for number, choice in enumerate(step.choices):
        at = ("steps", step.id, "choices", number, "id")
        over = len(choice.id.encode()) - MOST_ANSWER
        if over > 0:
            yield Issue(at, f"{over} bytes too long: a callback has 64 bytes")
        if choice.id in MARKS:
            yield Issue(at, f"“{choice.id}” means something else: another id")


def _ways(script: Script, step: Step) -> Iterator[Issue]:
    at = ("steps", step.id)
    for name, way in (("next", step.next), ("skip", step.skip)):
        if way is not None and way not in script.steps:
            yield Issue((*at, name), f"“{way}” is no step")
    leads_on = not step.kind.chooses and step.kind is not Kind.END
    if leads_on and step.next is None:
        yield Issue(at, f"a dead end: a “{step.kind}” step needs “next”")
    if not leads_on and step.next is not None:
        yield Issue((*at, "next"), f"a “{step.kind}” step has no “next”")
    if step.kind is Kind.ASK and step.skip is None:
        yield Issue(at, "an “ask” step needs “skip”: the way on for somebody who does not want to answer")
    if step.skip is not None and (not step.kind.waits or step.kind is Kind.OFFER):
        yield Issue((*at, "skip"), f"a “{step.kind}” step cannot be skipped")


def _choices(script: Script, step: Step) -> Iterator[Issue]:
    at = ("steps", step.id)
    if step.kind.chooses != bool(step.choices):
        yield Issue(at, f"a “{step.kind}” step {'needs' if step.kind.chooses else 'has no'} choices")
    for number, choice in enumerate(step.choices):
        if choice.next is not None and choice.next not in script.steps:
            yield Issue((*at, "choices", number, "next"), f"“{choice.next}” is no step")
        if (choice.next is None) == (choice.do is None):
            yield Issue((*at, "choices", number), "a choice needs either “next” or “do”")
    if len(step.choices) > MOST_CHOICES:
        yield Issue((*at, "choices"), f"{len(step.choices)} choices; a question has at most {MOST_CHOICES}")
    if len({choice.id for choice in step.choices}) < len(step.choices):
        yield Issue((*at, "choices"), "two choices have the same id")
    if step.choices and all(choice.when is not None for choice in step.choices):
        yield Issue((*at, "choices"), "every choice has a condition: somebody may see no button at all")
    if step.kind is Kind.OFFER and not any(
        each.do is Action.DONE and each.when is None for each in step.choices
    ):
        yield Issue(at, "an “offer” step needs a choice with “do: done” that is always there: enough for now")


def _branches(script: Script, step: Step) -> Iterator[Issue]:
    at = ("steps", step.id)
    if (step.kind is Kind.BRANCH) != bool(step.ways):
        yield Issue(at, f"a “{step.kind}” step {'needs' if step.kind is Kind.BRANCH else 'has no'} “ways”")
    for number, way in enumerate(step.ways):
        if way.next not in script.steps:
            yield Issue((*at, "ways", number, "next"), f"“{way.next}” is no step")


def _fields(script: Script, step: Step) -> Iterator[Issue]:
    at = ("steps", step.id)
    for each in fields(Step):
        kinds = ONLY_FOR.get(each.name)
        if kinds is not None and step.kind not in kinds and getattr(step, each.name) != each.default:
            yield Issue((*at, each.name), f"a “{step.kind}” step has no “{each.name}”")
    if step.kind is Kind.GROUND and len(step.parts) not in MOST_PARTS:
        few, many = MOST_PARTS[0], MOST_PARTS[-1]
        yield Issue(at, f"a “ground” step has {few} to {many} parts, not {len(step.parts)}")
    if step.pattern not in PATTERNS:
        yield Issue((*at, "pattern"), f"“{step.pattern}” is no way of breathing: {', '.join(PATTERNS)}")


def _hand_overs(script: Script, step: Step) -> Iterator[Issue]:
    for number, choice in enumerate(step.choices):
        at = ("steps", step.id, "choices", number)
        if (choice.do is Action.SCRIPT) != (choice.script is not None):
            yield Issue(at, "“do: script” and “script” go together")
        takes_words = choice.do is not None and choice.do.takes_words
        if takes_words != (choice.of is not None):
            yield Issue(
                at, f"“of” goes with “do: {'/'.join(a for a in Action if a.takes_words)}”, and only there"
            )
        elif choice.of is not None:
            yield from _line_to_hand_over(script, choice, (*at, "of"))
        if choice.leans is not None and choice.next is None:
            yield Issue((*at, "leans"), "“leans” goes with “next”")


def _line_to_hand_over(script: Script, choice: Choice, at: Where) -> Iterator[Issue]:
    line = script.steps.get(choice.of or "")
    if line is None or line.kind is not Kind.WRITE:
        yield Issue(at, f"“{choice.of}” is no “write” step")
    elif choice.do is not Action.KEEP and (line.limit is None or line.limit > MOST_TO_SEND):
        yield Issue(at, f"“{line.id}” needs “limit: {MOST_TO_SEND}”, or less: its line may be passed on")
    elif choice.do is Action.KEEP and line.keep is Keep.JOURNAL:
        yield Issue(
            at, f"the line of “{line.id}” is kept anyway, and would be kept twice: “keep: nothing” there"
        )


def _conditions(script: Script, step: Step) -> Iterator[Issue]:
    at = ("steps", step.id)
    for number, way in enumerate(step.ways):
        yield from _condition(script, way.when, (*at, "ways", number, "when"))
    for number, choice in enumerate(step.choices):
        if choice.when is not None:
            yield from _condition(script, choice.when, (*at, "choices", number, "when"))


def _condition(script: Script, when: When, at: Where) -> Iterator[Issue]:
    if when == When():
        yield Issue(at, "a condition that always holds")
    for name, limits in (("at_least", when.at_least), ("at_most", when.at_most)):
        for asked in limits:
            if asked not in script.steps or script.steps[asked].kind is not Kind.SCALE:
                yield Issue((*at, name), f"“{asked}” is no “scale” step")
    for asked, values in when.answer.items():
        known = _possible_answers(script.steps.get(asked))
        for value in values:
            if value not in known:
                yield Issue((*at, "answer"), f"“{value}” is no answer to “{asked}”")
    for lean in when.leans:
        if lean not in (*Lean, UNKNOWN):
            yield Issue((*at, "leans"), f"“{lean}”: one can lean {', '.join((*Lean, UNKNOWN))}")


def _possible_answers(step: Step | None) -> set[str]:
    if step is None:
        return set()
    if step.kind is Kind.WRITE:
        return {WRITTEN}
    return {choice.id for choice in step.choices}
