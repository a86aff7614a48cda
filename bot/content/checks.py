"""What is wrong across files: each is fine on its own, and they do not fit together."""

from collections.abc import Iterator

from bot.content import parity, quotes
from bot.content.located import Fault
from bot.content.reading import FALLBACK, Folder, Language


def faults(folder: Folder) -> Iterator[Fault]:
    """Every fault between the files, in all languages."""
    english = folder.languages.get(FALLBACK)
    for language in folder.languages.values():
        yield from _other_scripts(language)
        yield from quotes.faults(language, folder.article if language is english else None)
        if english is not None and language is not english:
            yield from parity.faults(language, english)


def _other_scripts(language: Language) -> Iterator[Fault]:
    """Hand-overs to scripts that do not exist."""
    for name, document in language.script_files.items():
        for step in language.scripts[name].script.steps.values():
            for number, choice in enumerate(step.choices):
                if choice.script is not None and choice.script not in language.script_names:
                    where = ("steps", step.id, "choices", number, "script")
                    yield document.fault(where, f"there is no script “{choice.script}”")
