"""Which strings the bot's own source asks for: it is read as code, not searched as text.

A string in the source (docstrings apart) that is a key uses that key; an f-string whose beginning leads to
keys uses all of them. tests/unit/test_keys_used.py knows the latter exactly.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import bot
from bot.content.located import Fault
from bot.content.reading import FALLBACK, Folder, Language
from bot.domain.script_words import MOST_LABEL

ASKS = {
    "button": 0,
    "carry": 2,
    "remind_current": 1,
    "say": 0,
    "self": 0,
    "send": 0,
    "show": 0,
    "text": 1,
    "all_of": 1,
    "has": 1,
    "w": 0,
    "Notice": 0,
    "_rest": 1,
    "_tell": 2,
    "_tell_others": 2,
    "_to": 1,
}
"""Calls that are given a key, and which of their arguments it is."""
LABELLED = "button"
"""The call that makes a button."""
KEY = re.compile(r"[a-z_]+(\.[a-z0-9_]+)+")
BEGINNING = re.compile(r"[a-z_]+\.[a-z0-9_.]*")
WORDLESS = "step."
"""Kinds of notices that bring their text with them."""
LEFT_OUT = {"playground", "migrations"}
"""What stands in there is not the bot's to say."""
FILLED_IN = "18:40"
"""What stands on a button instead of a placeholder, most often."""


@dataclass
class Usage:
    """What the source asks for. `asked` are keys that are surely keys, with the places that ask."""

    literals: set[str] = field(default_factory=set)
    beginnings: set[str] = field(default_factory=set)
    labels: set[str] = field(default_factory=set)
    asked: list[tuple[str, Path, int]] = field(default_factory=list)

    def uses(self, key: str) -> bool:
        return key in self.literals or self._beginning(key) is not None

    def is_label(self, key: str) -> bool:
        """Whether it stands on a button. A family may have other members: those are asked for by name."""
        return key in self.labels or (key not in self.literals and self._beginning(key) in self.labels)

    def _beginning(self, key: str) -> str | None:
        return max((each for each in self.beginnings if key.startswith(each)), key=len, default=None)


def faults(folder: Folder, package: Path | None = None) -> Iterator[Fault]:
    """Texts nobody asks for, texts that are not there, and buttons that are too wide."""
    usage = scan(package or Path(bot.__file__).parent)
    english = folder.languages.get(FALLBACK)
    if english is not None and english.strings_file is not None:
        yield from _unused(english, usage)
        yield from _missing(english, usage)
    for language in folder.languages.values():
        yield from _too_wide(language, usage)


def _unused(english: Language, usage: Usage) -> Iterator[Fault]:
    for key in english.strings:
        if not usage.uses(key):
            yield english.at(key, f"{key} is unused: nothing in the bot asks for it")


def _missing(english: Language, usage: Usage) -> Iterator[Fault]:
    for key, file, line in usage.asked:
        if key not in english.strings:
            yield Fault(file, line, f"{key} is missing in {english.folder.name}/strings.yaml")


def _too_wide(language: Language, usage: Usage) -> Iterator[Fault]:
    for key in filter(usage.is_label, language.strings):
        for number, text in enumerate(language.strings[key]):
            width = len(re.sub(r"\{\w*\}", FILLED_IN, text))
            if width > MOST_LABEL:
                yield language.at(
                    key, f"{key}: {width} characters; a button has at most {MOST_LABEL}", number
                )


def scan(package: Path) -> Usage:
    """Read all of a package's source."""
    usage = Usage()
    for file in sorted(package.rglob("*.py")):
        if not LEFT_OUT & set(file.relative_to(package).parts):
            _scan(ast.parse(file.read_text(encoding="utf-8")), file, usage)
    return usage


def _scan(tree: ast.Module, file: Path, usage: Usage) -> None:
    docstrings = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    labels = {id(node) for node in _label_nodes(tree)}
    for node in ast.walk(tree):
        if id(node) in labels:
            usage.labels |= {_text_of(node)}
        elif id(node) not in docstrings:
            usage.literals |= {_text_of(node)} if isinstance(node, ast.Constant) else set()
        if isinstance(node, ast.JoinedStr) and BEGINNING.fullmatch(_text_of(node)):
            usage.beginnings.add(_text_of(node))
        if isinstance(node, ast.Call):
            usage.asked += [(key, file, node.lineno) for key in _asked_by(node)]
    usage.literals |= usage.labels


def _asked_by(call: ast.Call) -> Iterator[str]:
    place = ASKS.get(_name_of(call))
    given = [] if place is None else call.args[place : place + 1]
    given += [keyword.value for keyword in call.keywords if keyword.arg == "words_key"]
    for node in (each for value in given for each in _possible(value)):
        key = _text_of(node)
        if isinstance(node, ast.Constant) and KEY.fullmatch(key) and not key.startswith(WORDLESS):
            yield key


def _label_nodes(tree: ast.Module) -> Iterator[ast.AST]:
    """The words of buttons: what `button` is given, and the “text” of those made by hand."""
    for scope in ast.walk(tree):
        if not isinstance(scope, ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        named = {
            target.id: node.value
            for node in ast.walk(scope)
            if isinstance(node, ast.Assign)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for node in ast.walk(scope):
            for key in _keys_of_button(node):
                yield from _possible(named.get(key.id, key) if isinstance(key, ast.Name) else key)


def _keys_of_button(node: ast.AST) -> Iterator[ast.expr]:
    if isinstance(node, ast.Call) and _name_of(node) == LABELLED:
        yield from node.args[:1]
    made = node.elts if isinstance(node, ast.List) else [node.value] if isinstance(node, ast.Return) else []
    for button in made:  # in a row, or on its way there
        pairs = zip(button.keys, button.values, strict=True) if isinstance(button, ast.Dict) else ()
        for name, value in pairs:
            if isinstance(name, ast.Constant) and name.value == "text" and isinstance(value, ast.Call):
                yield from value.args[:1]


def _possible(node: ast.expr) -> Iterator[ast.expr]:
    """“a if x else b” is either."""
    if isinstance(node, ast.IfExp):
        yield from _possible(node.body)
        yield from _possible(node.orelse)
    else:
        yield node


def _text_of(node: ast.AST) -> str:
    """A string, or the beginning of an f-string."""
    if isinstance(node, ast.JoinedStr):
        return _text_of(node.values[0]) if node.values else ""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _name_of(call: ast.Call) -> str:
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""
