"""What can be wrong with the ways through a script: steps nobody reaches, loops, words not yet there.

A way to a step that does not exist is `script_rules`' to report; here it counts as an end, so that one
fault hides no other.
"""

from collections.abc import Iterator

from bot.domain.placeholders import names_in
from bot.domain.script import Issue, Kind, Script, Step, When, Where

PARTNER = "partner"
"""The placeholder for the other person."""


def validate(script: Script) -> list[Issue]:
    """Every fault of the ways through a script."""
    issues = [*_endless(script), *_overrun(script)]
    if script.start in script.steps:
        issues += [*_unreachable(script), *_too_early(script)]
    return [*issues, *_placeholders(script)]


def _after(script: Script, step: str) -> set[str]:
    """All that can come after a step."""
    seen: set[str] = set()
    todo = [step]
    while todo:
        ways = set(script.steps[todo.pop()].ways_on) & script.steps.keys()
        todo += ways - seen
        seen |= ways
    return seen


def _unreachable(script: Script) -> Iterator[Issue]:
    reached = {script.start} | _after(script, script.start)
    for step in script.steps:
        if step not in reached:
            yield Issue(("steps", step), "no way leads to this step")


def _endless(script: Script) -> Iterator[Issue]:
    """From every step a way must lead to an end, whoever somebody is."""
    ending: set[str] = set()
    grown = True
    while grown:
        more = {step.id for step in script.steps.values() if _ends(script, step, ending)} - ending
        ending |= more
        grown = bool(more)
    for step_id in script.steps:
        if step_id not in ending:
            yield Issue(("steps", step_id), "a loop: from here no way leads to an end")


def _ends(script: Script, step: Step, ending: set[str]) -> bool:
    """Whether a way leads from here to an end, or to one of `ending`.

    A choice that is not always shown is no such way.
    """
    choices = [choice for choice in step.choices if choice.when is None]
    ways = {way for way in (step.next, step.skip, *(each.next for each in choices)) if way is not None}
    ways |= {way.next for way in step.ways}
    if not ways or any(choice.do is not None for choice in choices):
        return True
    # Who somebody is does not change on the way: such a branch leads them the same way every time.
    unchanging = step.kind is Kind.BRANCH and not any(way.when.about for way in step.ways)
    ended = [way in ending or way not in script.steps for way in ways]
    return all(ended) if unchanging else any(ended)


def _overrun(script: Script) -> Iterator[Issue]:
    """Steps that never wait must not lead in a circle."""
    silent = {step.id: set(step.ways_on) for step in script.steps.values() if not step.kind.waits}
    shrunk = True
    while shrunk:  # take out, again and again, what leads out of the circle, and what only leads into it
        targets = {target for ways in silent.values() for target in ways}
        circle = {step: ways for step, ways in silent.items() if ways & silent.keys() and step in targets}
        shrunk = len(circle) < len(silent)
        silent = circle
    for step_id in silent:
        yield Issue(("steps", step_id), "a loop that never waits for the person")


def _too_early(script: Script) -> Iterator[Issue]:
    """Conditions about a step that cannot have been answered by then: they never hold."""
    for step in script.steps.values():
        at = ("steps", step.id)
        asked: list[tuple[Where, When]] = [
            *(((*at, "ways", number, "when"), way.when) for number, way in enumerate(step.ways)),
            *(
                ((*at, "choices", number, "when"), each.when)
                for number, each in enumerate(step.choices)
                if each.when is not None
            ),
        ]
        for where, when in asked:
            for about in sorted(when.about & script.steps.keys()):
                if step.id not in _after(script, about):
                    yield Issue(where, f"“{about}” is never answered before this: it would never hold")


def _placeholders(script: Script) -> Iterator[Issue]:
    known = _surely_answered(script)
    for step in script.steps.values():
        at = ("steps", step.id)
        places: list[tuple[Where, str]] = [
            *(((*at, "text", number), text) for number, text in enumerate(step.texts)),
            *(((*at, "parts", number), part) for number, part in enumerate(step.parts)),
        ]
        for where, text in places:
            for name in names_in(text):
                yield from _placeholder(script, name, known.get(step.id), where)
        for number, choice in enumerate(step.choices):
            line = script.steps.get(choice.of or "")
            if line is None or line.kind is not Kind.WRITE or step.id not in known:
                continue
            if line.id not in known[step.id]:
                yield Issue((*at, "choices", number, "of"), f"“{line.id}” may not be written yet here")


def _placeholder(script: Script, name: str | None, known: set[str] | None, at: Where) -> Iterator[Issue]:
    """What is wrong with one. `known` is None where no way leads: there it cannot be told."""
    if name is None:
        yield Issue(at, "a brace is not in its place: { and } are for placeholders")
    elif name == PARTNER:
        return
    elif name not in script.steps or not script.steps[name].kind.is_answered:
        yield Issue(at, f"“{{{name}}}” is no placeholder: neither {{{PARTNER}}} nor a step that is answered")
    elif known is not None and name not in known:
        yield Issue(at, f"“{{{name}}}” may not be answered yet here: give it a “skip” that leads elsewhere")


def _surely_answered(script: Script) -> dict[str, set[str]]:
    """For each reachable step, what was answered on every way that leads there."""
    known: dict[str, set[str]] = {script.start: set()}
    todo = [script.start] if script.start in script.steps else []
    while todo:
        step = script.steps[todo.pop()]
        for target, answered in _edges(step, known[step.id]):
            before = known.get(target)
            known[target] = answered if before is None else before & answered
            if known[target] != before and target in script.steps:
                todo.append(target)
    return known


def _edges(step: Step, known: set[str]) -> Iterator[tuple[str, set[str]]]:
    """Where a step leads, and what is answered on that way."""
    answered = known | ({step.id} if step.kind.is_answered else set())
    if step.next is not None:
        yield step.next, answered
    for choice in step.choices:
        if choice.next is not None:
            yield choice.next, answered | (choice.when.about if choice.when is not None else set())
    for way in step.ways:
        yield way.next, known | way.when.about
    if step.way_past is not None:
        yield step.way_past, known - {step.id}
