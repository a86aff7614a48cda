"""YAML that remembers on which line each value stands, so that a fault can be pointed at."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

Where = tuple[str | int, ...]
TEXT = "tag:yaml.org,2002:str"
Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
"""libyaml where there is one: it is seven times as fast."""


@dataclass(frozen=True)
class Fault:
    """Something wrong in a content file."""

    file: Path
    line: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}: {self.message}"


@dataclass(frozen=True)
class Document:
    """A file's data, and the line of everything in it."""

    file: Path
    data: Any
    lines: dict[Where, int]
    faults: tuple[Fault, ...] = ()
    """What is wrong with its keys."""

    def fault(self, where: Sequence[str | int], message: str) -> Fault:
        """A fault at this place, or at the nearest one above it that has a line."""
        at = tuple(where)
        while at not in self.lines and at:
            at = at[:-1]
        return Fault(self.file, self.lines.get(at, 1), message)


class FileFaultError(Exception):
    """The file could not be read at all."""

    def __init__(self, fault: Fault) -> None:
        super().__init__(str(fault))
        self.fault = fault


def read(file: Path) -> Document:
    """Raises FileFaultError for a file that is missing, not UTF-8, or not YAML."""
    try:
        loader = Loader(file.read_text(encoding="utf-8"))
        try:
            root = loader.get_single_node()
            if root is None:
                raise FileFaultError(Fault(file, 1, "the file is empty"))
            reader = _Reader(loader)
            data = reader.read(root, ())
            return Document(file, data, reader.lines, tuple(Fault(file, *each) for each in reader.wrong))
        finally:
            loader.dispose()
    except OSError as error:
        raise FileFaultError(Fault(file, 1, f"cannot be read: {error.strerror}")) from error
    except UnicodeDecodeError as error:
        raise FileFaultError(Fault(file, 1, "is not UTF-8 text")) from error
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise FileFaultError(Fault(file, line, f"is not valid YAML: {error.problem}")) from error
    except (yaml.YAMLError, ValueError) as error:
        raise FileFaultError(Fault(file, 1, f"is not valid YAML: {error}")) from error


class _Reader:
    """Makes values of nodes, and notes the line of each and what is wrong with keys, in one go."""

    def __init__(self, loader: yaml.SafeLoader) -> None:
        self._loader = loader
        self.lines: dict[Where, int] = {}
        self.wrong: list[tuple[int, str]] = []

    def read(self, node: yaml.Node, where: Where) -> Any:
        self.lines.setdefault(where, node.start_mark.line + 1)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, where)
        if isinstance(node, yaml.SequenceNode):
            return [self.read(value, (*where, number)) for number, value in enumerate(node.value)]
        return node.value if node.tag == TEXT else self._loader.construct_object(node)

    def _mapping(self, node: yaml.MappingNode, where: Where) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, value in node.value:
            name, line = str(key.value), key.start_mark.line + 1
            if (*where, name) in self.lines:
                self.wrong.append((line, f"“{name}” stands here twice"))
            if key.tag != TEXT:
                said = f"the key “{name}” needs quotes: YAML reads it as something else than a text"
                self.wrong.append((line, said))
            self.lines[(*where, name)] = line
            made[name] = self.read(value, (*where, name))
        return made
