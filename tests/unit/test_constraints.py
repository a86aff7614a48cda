"""Every dependency is pinned, whatever needs it; and where packages come from is nobody's business here."""

import re
import tomllib
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, distribution

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.acceptance.harness import ROOT

LINES = [
    line for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if line and line[0] != "#"
]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def pins() -> dict[str, str]:
    pairs = (line.split("==") for line in LINES)
    return {canonicalize_name(name): version for name, version in pairs}


def asked_for() -> list[Requirement]:
    """By the bot, its tests and its checks."""
    extras = PROJECT["optional-dependencies"]
    return [Requirement(each) for each in (*PROJECT["dependencies"], *extras["test"], *extras["check"])]


def needed() -> Iterator[str]:
    """Names of all that this needs in turn, on this machine."""
    todo, seen = asked_for(), set()
    while todo:
        requirement = todo.pop()
        name, extras = canonicalize_name(requirement.name), sorted(requirement.extras)
        if (name, *extras) in seen:
            continue
        seen.add((name, *extras))
        yield name
        try:
            found = distribution(name).requires or []
        except PackageNotFoundError:  # the checks' tools need not be there to run a test
            continue
        for each in map(Requirement, found):
            markers = [{"extra": extra} for extra in ("", *extras)]
            if each.marker is None or any(each.marker.evaluate(marker) for marker in markers):
                todo.append(each)


def test_each_line_is_one_version_and_no_address() -> None:
    assert [line for line in LINES if not re.fullmatch(r"[\w.-]+==[\w.]+", line)] == []
    assert len(pins()) == len(LINES)
    text = (ROOT / "constraints.txt").read_text("utf-8")
    assert not re.search(r"https?:|--|@", text.replace("--exclude-editable", ""))


def test_everything_that_is_needed_is_pinned_within_what_we_ask_for() -> None:
    assert set(needed()) - set(pins()) == set()
    for requirement in asked_for():
        assert requirement.specifier.contains(pins()[canonicalize_name(requirement.name)]), requirement
