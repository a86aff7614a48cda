"""The settings of the webhook: what is wrong with them is said in one line, with the mend."""

from pathlib import Path

import pytest

from bot import config, ports
from bot.config import SettingsError
from bot.serving import listen

GOOD = {"WEBHOOK_URL": "https://bot.example.org/telegram", "WEBHOOK_SECRET": "sixteen-or-more_1"}


@pytest.fixture(autouse=True)
def _elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.mark.parametrize(
    ("changed", "names", "mend"),
    [
        ({"WEBHOOK_URL": "bot.example.org"}, "WEBHOOK_URL", "https://bot.example.org/telegram"),
        ({"WEBHOOK_URL": "http://bot.example.org/x"}, "WEBHOOK_URL", "https"),
        ({"WEBHOOK_URL": "https:///x"}, "WEBHOOK_URL", "https://"),
        ({"WEBHOOK_URL": "https://bot.example.org/?x=1"}, "WEBHOOK_URL", "no ?"),
        ({"WEBHOOK_SECRET": ""}, "WEBHOOK_SECRET", "token_urlsafe"),
        ({"WEBHOOK_SECRET": "short"}, "WEBHOOK_SECRET", "16 to 256"),
        ({"WEBHOOK_SECRET": "sixteen or more 1"}, "WEBHOOK_SECRET", "letters, digits"),
        ({"WEBHOOK_SECRET": "x" * 257}, "WEBHOOK_SECRET", "16 to 256"),
        ({"WEBHOOK_PORT": "-1"}, "WEBHOOK_PORT", "0"),
    ],
)
def test_what_is_wrong_is_one_line(
    monkeypatch: pytest.MonkeyPatch, changed: dict[str, str], names: str, mend: str
) -> None:
    for name, value in (GOOD | changed).items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsError) as caught:
        config.load()
    line = str(caught.value)
    assert line.startswith(f"{names}: ")
    assert mend in line
    assert "\n" not in line
    secret = changed.get("WEBHOOK_SECRET")
    assert not secret or secret not in line


def test_a_port_that_is_taken_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    with listen("127.0.0.1", 0) as taken:
        monkeypatch.setenv("WEBHOOK_PORT", str(taken.getsockname()[1]))
        with pytest.raises(SettingsError, match=r"WEBHOOK_PORT: .* in use; choose another one"):
            ports.address(config.load())
        with pytest.raises(SettingsError, match=r"METRICS_PORT: .* choose another one, or METRICS_HOST"):
            ports._listen("METRICS", "127.0.0.1", taken.getsockname()[1])
