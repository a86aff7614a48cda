"""What the bot tells Telegram about itself at the start: once for everybody, once for each other language."""

from typing import Any

from bot.content.catalog import Content, load
from bot.telegram.client import _tell_commands
from bot.telegram.handlers.commands import COMMANDS


class Recorder:
    """Stands where the Bot stands, and writes down what it is asked to do."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str | None]] = []
        self.names: list[list[str]] = []

    def __getattr__(self, method: str) -> Any:
        async def call(*given: Any, language_code: str | None = None) -> None:
            self.asked.append((method, language_code))
            if method == "set_my_commands":
                self.names.append([command.command for command in given[0]])

        return call


async def test_every_language_has_its_menu_and_everybody_else_the_default() -> None:
    shipped = load()
    english = shipped._locales["en"]
    bot = Recorder()
    await _tell_commands(bot, Content({"de": english, "en": english, "fr": english}, shipped.helplines))
    for method in ("set_my_commands", "set_my_description", "set_my_short_description"):
        assert sorted(str(language) for asked, language in bot.asked if asked == method) == [
            "None",
            "de",
            "fr",
        ]
    assert bot.names == [list(COMMANDS)] * 3
    assert "together" in COMMANDS
