"""The page about who might attack names tests that are there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
NAMED = sorted(
    set(re.findall(r"`(test_\w+\.py)(?:::(test_\w+))?`", (ROOT / "docs/threat-model.md").read_text()))
)


@pytest.mark.parametrize(("file", "test"), NAMED)
def test_what_is_said_to_be_shown_is_tested(file: str, test: str) -> None:
    found = [path.read_text() for path in (ROOT / "tests").rglob(file)]
    assert any(f"def {test}(" in text or not test for text in found)


def test_it_names_any_at_all() -> None:
    assert len(NAMED) > 15
