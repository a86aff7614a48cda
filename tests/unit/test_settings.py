"""A wrong setting is one line: its name, and the mend. That it ends the bot, `test_starting.py` shows."""

import pytest

from bot import config
from bot.config import SettingsError


@pytest.mark.parametrize(
    ("setting", "value", "mend"),
    [
        ("TELEGRAM_TOKEN", "no-colon", "@BotFather"),
        ("TELEGRAM_TOKEN", "12a:b", "@BotFather"),
        ("TELEGRAM_API_URL", "nonsense", "https://api.telegram.org"),
        ("TELEGRAM_API_URL", "ftp://example.org", "https://api.telegram.org"),
        ("DATABASE_URL", "nonsense", "sqlite+aiosqlite:///"),
        ("DATABASE_URL", "sqlite:///x.db", "sqlite+aiosqlite:"),
        ("PORT", "many", "integer"),
        ("PORT", "70000", "65535"),
        ("LOG_LEVEL", "loud", "DEBUG, INFO, WARNING, ERROR"),
    ],
)
def test_it_is_named_with_its_mend(
    monkeypatch: pytest.MonkeyPatch, setting: str, value: str, mend: str
) -> None:
    monkeypatch.setenv(setting, value)
    with pytest.raises(SettingsError) as raised:
        config.load()
    line = str(raised.value)
    assert line.startswith(f"{setting}: ")
    assert "\n" not in line
    assert mend in line
    assert "token" not in setting.lower() or value not in line, "never the token itself"
