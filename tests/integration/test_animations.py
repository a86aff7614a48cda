"""Pictures that move, over real HTTP: sent once as a file, then by name; and what stands under them."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from bot.domain.decision import Notice, Operation
from tests.integration.wire import Bot, wire


@pytest.fixture
async def bot(tmp_path: Path) -> AsyncIterator[Bot]:
    async with wire(tmp_path) as at_work:
        yield at_work


def breath(person: Any, key: str, pattern: str = "slow") -> Notice:
    return Notice("breath.start", person, {"pattern": pattern, "seconds": 60, "minutes": 1}, key=key)


def sent(bot: Bot) -> list[Any]:
    """What `sendAnimation` was given: a name, or nothing where a file came along."""
    calls = bot.telegram.world.faults.calls(0)
    return [call["parameters"].get("animation") for call in calls if call["method"] == "sendAnimation"]


async def test_a_file_is_sent_once_and_then_named(bot: Bot) -> None:
    _, her = await bot.person("Mara")
    _, his = await bot.person("Jonas")
    for key, person in (("one", her), ("two", his), ("three", her)):
        await bot.say(breath(person, key))
        await bot.pass_time(3)
    first, *later = sent(bot)
    assert isinstance(first, dict)
    assert len(later) == 2
    assert all(isinstance(name, str) for name in later)
    assert len(set(later)) == 1
    await bot.say(breath(her, "four", "box"))
    await bot.pass_time(3)
    assert isinstance(sent(bot)[-1], dict), "another picture"


async def test_a_name_that_telegram_knows_no_more_is_a_file_again(bot: Bot) -> None:
    _, her = await bot.person("Mara")
    async with bot.base.storage.unit_of_work() as uow:
        file = bot.messenger._content.picture("en", "slow")
        assert file is not None
        size = file.stat().st_size
        await uow.log.remember(f"animation:en:slow:{size}", "a-name-of-another-bot")
        await uow.commit(bot.clock.now())
    await bot.say(breath(her, "one"))
    await bot.pass_time(3)
    assert [isinstance(each, str) for each in sent(bot)] == [True, False]
    await bot.say(breath(her, "two"))
    await bot.pass_time(3)
    assert isinstance(sent(bot)[-1], str)


@pytest.mark.parametrize("forgotten", [False, True])
async def test_at_its_end_the_picture_goes_and_the_words_stay(bot: Bot, forgotten: bool) -> None:
    """Also if whoever sent it has been started anew: then Telegram says that there is no text."""
    mara, her = await bot.person("Mara")
    await bot.say(breath(her, "one"))
    await bot.pass_time(3)
    if forgotten:
        bot.messenger._under_pictures.clear()
    await bot.say(Notice("breath.done", her, operation=Operation.EDIT, target="one"))
    await bot.pass_time(5)
    chat = bot.telegram.chat(mara)
    assert [each for each in chat if "dizzy" in each] == []
    assert "Let the breath go on by itself" in chat[-1]
    methods = [method for method, _, _ in [each for each in bot.telegram.calls() if each[1] == mara]]
    assert methods.count("editMessageText") == (1 if forgotten else 0)


async def test_under_it_the_breaths_are_counted_and_nothing_is_said_twice(bot: Bot) -> None:
    mara, her = await bot.person("Mara")
    await bot.say(breath(her, "one"))
    await bot.pass_time(25)
    assert "3 more breaths" in bot.telegram.chat(mara)[-1]
    calls = [each for each in bot.telegram.calls() if each[1] == mara]
    assert {status for _, _, status in calls} == {200}
    assert [method for method, _, _ in calls].count("editMessageCaption") == 3
