"""Inline queries and the whole bot: what is answered, and that nothing of it stays."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text

from bot.content.catalog import Content
from bot.domain.model import PersonId
from bot.storage.metadata import metadata
from tests.integration.stage import Stage, stage

STRANGER = 6_900_000_001
DANGER = "I want to kill myself"


@pytest.fixture
async def on(tmp_path: Path, content: Content) -> AsyncIterator[Stage]:
    async with stage(tmp_path, content, datetime(2026, 3, 2, 17, 20, tzinfo=UTC)) as staged:
        yield staged


def texts(answer: dict[str, Any]) -> list[str]:
    return [each["input_message_content"]["message_text"] for each in answer["results"]]


async def everything(on: Stage) -> dict[str, list[Any]]:
    """Every row of every table, but for those that say which updates were seen, and when."""
    async with on.storage.unit_of_work() as uow:
        names = sorted(name for name in metadata.tables if name not in ("updates", "facts"))
        return {
            name: [*map(tuple, await uow._connection.execute(text(f"SELECT * FROM {name}")))]
            for name in names
        }


async def test_it_is_answered_for_this_person_alone_and_never_from_a_cache(on: Stage) -> None:
    account, _ = await on.person("Mara", "en")
    answer = await on.asks(account, "20")
    assert (answer["is_personal"], answer["cache_time"]) == (True, 0)
    assert answer["button"] == {"text": "Open StillHere", "start_parameter": "inline"}
    assert texts(answer)[0].endswith("I'll be back at 18:40.")


async def test_own_words_come_too_and_those_of_nobody_else(on: Stage) -> None:
    account, person = await on.person("Mara", "de")
    other, _ = await on.person("Jonas", "en", "Asia/Kathmandu")
    async with on.storage.unit_of_work() as uow:
        await uow.saved_wordings.add(person, "Ich gehe kurz raus.", on.clock.now())
        await uow.signal_wordings.put(person, "still_here", "Bin da.")
        await uow.signal_wordings.put(person, "own_1", "Tee?")
        await uow.commit(on.clock.now())
    own = texts(await on.asks(account, ""))
    assert own[6:] == [
        "Ich gehe kurz raus. Ich bin um 18:40 wieder da.",
        "Bin da.",
        "Ich komme zur Ruhe, ich gehe nicht weg.",
        "Tee?",
    ]
    assert texts(await on.asks(other, "20"))[0].endswith("I'll be back at 23:25.")
    assert texts(await on.asks(other, ""))[6:] == ["I'm still here.", "I'm settling, not leaving."]


async def test_nothing_stays_neither_a_stranger_nor_a_space_request(on: Stage) -> None:
    account, _ = await on.person("Mara", "en")
    before = await everything(on)
    assert before["people"]
    await on.asks(account, "20: my very own words")
    german = await on.asks(STRANGER, "20", language_code="de-AT")
    assert texts(german)[0].endswith("Ich bin in 20 Minuten wieder da.")
    assert texts(await on.asks(STRANGER, "", language_code="xx"))[0].endswith("back in 5 minutes.")
    await on.asks(STRANGER, DANGER)
    assert await everything(on) == before


async def test_to_words_of_crisis_only_the_way_to_people_who_help_is_offered(on: Stage) -> None:
    for query in (DANGER, f"20: {DANGER}", "ich will nicht mehr leben"):
        answer = await on.asks(STRANGER, query, language_code="de")
        assert answer["results"] == []
        assert answer["button"] == {"text": "Menschen, die helfen", "start_parameter": "lines"}
    on.chats[STRANGER], on.news[STRANGER] = [], []
    [message] = await on.says(STRANGER, "/start lines")
    assert message.kinds == ["care.lines"]


async def test_the_other_button_leads_where_start_leads(on: Stage) -> None:
    on.chats[STRANGER], on.news[STRANGER] = [], []
    assert (await on.says(STRANGER, "/start inline"))[0].kinds == ["hello.first"]


async def test_who_blocked_the_bot_stays_unreachable(on: Stage) -> None:
    account, person = await on.person("Mara", "en")
    async with on.storage.unit_of_work() as uow:
        await uow.people.set_reachable(person, False)
        await uow.commit(on.clock.now())
    assert texts(await on.asks(account, "20"))
    async with on.storage.unit_of_work() as uow:
        assert not (await uow.people.get(PersonId(person))).reachable


async def test_a_very_long_query_is_answered(on: Stage) -> None:
    assert len(texts(await on.asks(STRANGER, "x" * 300))) == 8


async def test_bots_are_not_answered(on: Stage) -> None:
    with pytest.raises(AssertionError):
        await on.asks(STRANGER, "20", is_bot=True)
    assert "answerInlineQuery" not in [method for method, _ in on.calls]


async def test_a_query_that_fails_is_not_kept_and_nobody_is_told(on: Stage) -> None:
    """Every letter that is typed is a query: one message for each would be a flood."""
    account, _ = await on.person("Mara", "en")
    before = await everything(on)
    with pytest.raises(AssertionError):
        await on.asks(account, 20)  # type: ignore[arg-type]
    assert await everything(on) == before
    assert texts(await on.asks(account, "20"))
