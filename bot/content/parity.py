"""What a language must have in common with English: every text, every script, and each script's ways.

A check-in means the same in every language; only its words differ.
"""

from collections.abc import Iterator
from itertools import zip_longest

from bot.content.located import Fault
from bot.content.reading import Language
from bot.content.strings import Texts
from bot.domain.placeholders import names_in
from bot.domain.script import Choice, Issue, Script, Step, Where

OF_SCRIPT = ("version", "start", "keep")
OF_STEP = ("kind", "next", "skip", "quote", "pattern", "seconds", "keep", "limit", "measures")
OF_CHOICE = ("next", "do", "script", "of", "leans", "when")


def faults(language: Language, english: Language) -> Iterator[Fault]:
    """Every difference, where it stands in the other language's files."""
    if language.strings_file is not None and english.strings_file is not None:
        yield from _strings(language, english.strings)
    for missing in sorted(english.script_names - language.script_names):
        yield Fault(language.folder / "scripts" / f"{missing}.yaml", 1, "is missing: English has it")
    for name, document in language.script_files.items():
        if name not in english.script_names:
            yield Fault(document.file, 1, "is unused: English has no such script")
        elif name in english.scripts:
            for issue in compare(language.scripts[name].script, english.scripts[name].script):
                yield document.fault(issue.where, issue.message)


def _strings(language: Language, english: Texts) -> Iterator[Fault]:
    for key, wordings in english.items():
        if key not in language.strings:
            yield language.at(key, f"{key} is missing: English has it")
            continue
        known = {name for text in wordings for name in names_in(text)}
        for number, text in enumerate(language.strings[key]):
            for unknown in sorted({name for name in names_in(text) if name is not None} - known):
                yield language.at(key, f"{key}: nothing fills in {{{unknown}}}", number)
    for key in language.strings.keys() - english.keys():
        yield language.at(key, f"{key} is unused: English has no such text")


def compare(script: Script, english: Script) -> Iterator[Issue]:
    """Every difference between two languages' versions of a script, but for the words."""
    yield from _fields((), script, english, OF_SCRIPT)
    for missing in english.steps.keys() - script.steps.keys():
        yield Issue(("steps",), f"the step “{missing}” is missing: English has it")
    for name, step in script.steps.items():
        if name in english.steps:
            yield from _step(step, english.steps[name])
        else:
            yield Issue(("steps", name), "English has no such step")


def _step(step: Step, english: Step) -> Iterator[Issue]:
    at = ("steps", step.id)
    yield from _fields(at, step, english, OF_STEP)
    if (step.label is None) != (english.label is None):
        yield Issue(
            (*at, "label"), f"“label” is {'missing: English has it' if english.label else 'not in English'}"
        )
    if len(step.parts) != len(english.parts):
        yield Issue((*at, "parts"), f"{len(step.parts)} parts, in English {len(english.parts)}")
    for number, (way, other) in enumerate(zip_longest(step.ways, english.ways)):
        if way != other:
            yield Issue((*at, "ways", number), "this way is not the one it is in English")
    there = {choice.id for choice in step.choices}
    for choice in english.choices:
        if choice.id not in there:
            yield Issue((*at, "choices"), f"the choice “{choice.id}” is missing: English has it")
    for number, choice in enumerate(step.choices):
        yield from _choice((*at, "choices", number), choice, english.choice(choice.id))


def _choice(at: Where, choice: Choice, english: Choice | None) -> Iterator[Issue]:
    if english is None:
        yield Issue((*at, "id"), f"English has no choice “{choice.id}”")
    else:
        yield from _fields(at, choice, english, OF_CHOICE)


def _fields(
    at: Where, thing: Script | Step | Choice, english: Script | Step | Choice, names: tuple[str, ...]
) -> Iterator[Issue]:
    for name in names:
        here, there = getattr(thing, name), getattr(english, name)
        if here != there:
            yield Issue((*at, name), f"“{name}” is {_shown(here)}, in English {_shown(there)}")


def _shown(value: object) -> str:
    return (
        "not given"
        if value is None
        else "another condition"
        if not isinstance(value, str | int)
        else f"“{value}”"
    )
