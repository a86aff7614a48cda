"""The version stands in one place, and the changelog knows it."""

import re
import tomllib

from typer.testing import CliRunner

from bot import __main__, __version__
from tests.acceptance.harness import ROOT


def test_the_changelog_has_it_as_released_or_as_the_next() -> None:
    text = (ROOT / "CHANGELOG.md").read_text("utf-8")
    released = re.findall(r"^## \[(\d[^\]]*)\]", text, re.MULTILINE)
    coming = re.findall(r"^## \[Unreleased\]\n+What will be (\S+),", text, re.MULTILINE)
    assert __version__ in [*coming, *released[:1]]


def test_the_package_takes_it_from_there() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    assert project["project"]["dynamic"] == ["version"]
    assert project["tool"]["setuptools"]["dynamic"]["version"] == {"attr": "bot.__version__"}


def test_the_command_says_it() -> None:
    said = CliRunner().invoke(__main__.cli, ["--version"])
    assert (said.exit_code, said.output) == (0, f"StillHere {__version__}\n")
