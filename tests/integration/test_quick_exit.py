"""The pages of help: two taps from the middle of anything, and a way out that leaves nothing of them."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from bot.content.catalog import Content
from bot.telegram import callback_data as to
from tests.integration.stage import Message, Stage, stage
from tests.integration.test_odd_orders import asks_for_a_name, kinds, name_of, under

EXIT = to.encode(to.QuickExit())
PAGES = ("help.", "care.")


@pytest.fixture
async def on(tmp_path: Path, content: Content) -> AsyncIterator[Stage]:
    async with stage(tmp_path, content, datetime(2026, 3, 2, 18, tzinfo=UTC)) as staged:
        yield staged


@pytest.fixture
async def mara(on: Stage) -> int:
    account, person = await on.person("Mara", "en")
    _, partner = await on.person("Jonas", "en")
    async with on.storage.unit_of_work() as uow:
        await uow.couples.add(person, partner, on.clock.now())
        await uow.commit(on.clock.now())
    return account


async def unsafe(on: Stage, mara: int) -> Message:
    """Two taps: the command, and one button."""
    helped = (await on.says(mara, "/help"))[-1]
    return (await on.taps(mara, helped, to.encode(to.OpenBeside("unsafe"))))[-1]


def pages(on: Stage, account: int) -> list[Message]:
    return [each for each in on.chats[account] if each.kinds[-1].startswith(PAGES)]


async def test_nothing_of_the_pages_is_left(on: Stage, mara: int) -> None:
    before = [each.id for each in on.chats[mara]]
    page = await unsafe(on, mara)
    await on.taps(mara, page, to.encode(to.OpenBeside("lines")))
    gone = await on.taps(mara, page, EXIT)
    assert kinds(gone) == ["menu.linked"]
    assert [each.id for each in on.chats[mara]] == [*before, page.id]
    assert not pages(on, mara)
    assert len(on.deleted[mara]) == 3, "two pages, and the command"


@pytest.mark.parametrize("words", ["I want to kill myself", "I'm scared of him"])
async def test_what_was_typed_goes_with_its_page_and_nowhere_else(on: Stage, mara: int, words: str) -> None:
    await asks_for_a_name(on, mara)
    page = (await on.says(mara, words))[-1]
    await on.taps(mara, page, EXIT)
    assert not pages(on, mara)
    assert page.kinds[-1] == "menu.linked"
    assert len(on.deleted[mara]) == 1, "what was typed"
    assert await name_of(on) == "Mara"
    assert kinds(await on.taps(mara, page, "cg:1")) != ["care.resumed"]


async def test_a_form_and_a_check_in_go_on_behind_it(on: Stage, mara: int) -> None:
    await asks_for_a_name(on, mara)
    await on.taps(mara, await unsafe(on, mara), EXIT)
    await on.says(mara, "Ma")
    assert await name_of(on) == "Ma"
    question = (await on.says(mara, "/pause"))[-1]
    await on.taps(mara, await unsafe(on, mara), EXIT)
    answer = next(each for each in question.data if isinstance(to.decode(each), to.AnswerStep))
    assert [kind.partition(".")[0] for kind in kinds(await on.taps(mara, question, answer))][-1] == "step"


async def test_what_was_a_page_once_is_not_deleted(on: Stage, mara: int) -> None:
    """The message that became the menu may hold a promise by now."""
    page = await unsafe(on, mara)
    await on.taps(mara, page, EXIT)
    await on.waits(mara, on.clock.now() + timedelta(seconds=10))
    await on.taps(mara, page, to.encode(to.Open("space")))
    await on.taps(mara, await unsafe(on, mara), EXIT)
    assert page in on.chats[mara]
    assert page.kinds[-1] == "space.length"


async def test_a_page_that_is_too_old_to_delete_becomes_the_menu(on: Stage, mara: int) -> None:
    page = await unsafe(on, mara)
    await on.waits(mara, on.clock.now() + timedelta(days=3))
    assert kinds(await on.taps(mara, page, EXIT)) == ["menu.linked"]
    assert not on.deleted.get(mara), "Telegram would refuse"


async def test_every_page_with_helplines_has_the_exit(on: Stage, mara: int, content: Content) -> None:
    for words in ("/help", "/start lines", "I want to kill myself", "I'm scared of him"):
        assert EXIT in (await on.says(mara, words))[-1].data, words
    assert EXIT in (await unsafe(on, mara)).data


async def test_the_lines_are_about_violence_and_not_about_suicide(on: Stage, mara: int) -> None:
    lines = on.content.helplines
    text = (await unsafe(on, mara)).text
    here = [each for each in lines.violence if each.country == "DE"]
    assert here
    assert all(each.number in text for each in here)
    assert not any(each.number in text for each in lines.suicide if each.country == "DE")
    assert lines.directory.url in text


def test_each_line_has_a_source_and_a_day(content: Content) -> None:
    lines = content.helplines
    for each in (*lines.suicide, *lines.violence):
        assert each.source.startswith("https://")
        assert date(2026, 1, 1) <= each.checked <= lines.checked
    assert not {each.number for each in lines.suicide} & {each.number for each in lines.violence}


async def test_the_exit_does_nothing_to_a_stranger(on: Stage, mara: int) -> None:
    page = await unsafe(on, mara)
    stranger, _ = await on.person("Kim", "en")
    on.chats[stranger].append(Message(page.id, ["fallback.text"], "x"))
    await on.taps(stranger, page, EXIT)
    assert page.kinds[-1] == "care.unsafe"
    assert under(page, to.OpenBeside)
