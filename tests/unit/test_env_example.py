"""`.env.example` knows every setting, says its default, and no other."""

import re

import pytest

from bot.config import Settings
from tests.acceptance.harness import ROOT

LINES = dict(re.findall(r"^#?([A-Z_]+)=(.*)$", (ROOT / ".env.example").read_text("utf-8"), re.MULTILINE))


def test_it_has_all_of_them_and_no_other() -> None:
    assert set(LINES) == {name.upper() for name in Settings.model_fields}


@pytest.mark.parametrize("name", sorted(set(Settings.model_fields) - {"bulk_rate"}))
def test_what_stands_there_is_the_default(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    default = Settings.model_fields[name].get_default()
    read = Settings(_env_file=None, **{name: LINES[name.upper()]})  # type: ignore[call-arg]
    assert getattr(read, name) == default
