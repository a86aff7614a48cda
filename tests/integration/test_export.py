"""/export: all of one's own, what was received, nothing else of the other; and a page that runs nothing."""

import json
import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from bot.content.catalog import Content
from bot.domain.errors import Stale
from bot.domain.model import PersonId
from bot.services import export, journal, settings
from bot.storage import export as reading
from bot.storage.metadata import metadata
from bot.storage.unit_of_work import Storage
from bot.telegram.render.export import export_file
from bot.telegram.render.words import Words

from .conftest import Story
from .test_encryption import WORDS, a_whole_story, deliver

pytestmark = pytest.mark.both

MARKUP = '<script src="https://example.org/x.js">alert(1)</script> & "quoted" \u202e reversed'
HERS = {
    "marker-name-new",
    "marker-own-words",
    "marker-journal",
    "marker-held",
    "marker-topic",
    "marker-unsent-topic",
    "marker-not-kept",
    "marker-together",
    "marker-unsent-words",
    "marker-search",
    "marker-reminder",
}
RECEIVED = {"marker-joined", "marker-own-line", "marker-relayed", "marker-name-jonas"}


@pytest.fixture
async def story(storage: Storage, content: Content) -> Story:
    """Without a look at every notice at the end: those that were sent have no words any more."""
    return Story(storage, content)


async def files(story: Story, person: PersonId, locale: str = "en") -> tuple[str, dict[str, Any]]:
    data = await export.read(story.storage, person)
    words = Words(story.content, await story.whole(person), story.now, "still_here_bot")
    (_, page, page_type), (name, plain, plain_type) = (
        export_file(kind, data, words) for kind in export.DOCUMENTS
    )
    assert (page_type, plain_type) == ("text/html", "application/json")
    assert re.fullmatch(r"stillhere-\d{4}-\d\d-\d\d\.json", name)
    return page.decode(), json.loads(plain)


def found(text: str) -> set[str]:
    return {word for word in WORDS if word in text}


async def test_it_is_all_of_ones_own_and_nothing_of_the_others(story: Story) -> None:
    mara, jonas = await a_whole_story(story)
    await deliver(story)
    page, plain = await files(story, mara)
    assert found(json.dumps(plain)) == HERS | RECEIVED
    unfinished = {"marker-not-kept", "marker-unsent-words", "marker-unsent-topic", "marker-search"}
    assert found(page) == (HERS | RECEIVED) - unfinished
    assert plain["you"]["name"] == "marker-name-new"

    page, plain = await files(story, jonas)
    theirs = found(page) | found(json.dumps(plain))
    assert theirs & (HERS | {"marker-name-mara"}) == {
        "marker-name-new",
        "marker-own-words",
        "marker-topic",
    }
    assert {"marker-kept", "marker-check-in-line", "marker-not-relayed"} <= theirs


async def test_nothing_in_the_page_is_run_or_fetched(story: Story) -> None:
    mara, jonas = await story.person("Mara"), await story.person("Jonas")
    await story.do(mara, settings.take_name, "<b onclick=x>M</b>")
    await story.link(mara, jonas)
    await story.do(mara, journal.write, MARKUP)
    page, plain = await files(story, mara)
    tags: set[str] = set()
    attributes: set[str] = set()

    class Reader(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            tags.add(tag)
            attributes.update(name for name, _ in attrs)

    Reader().feed(page)
    assert not tags & {"script", "img", "a", "link", "iframe", "form", "object", "base"}
    assert attributes <= {"lang", "charset", "http-equiv", "content", "name"}
    assert plain["lines"][0]["text"] == MARKUP


async def test_times_are_those_of_the_reader(story: Story) -> None:
    mara = await story.person("Mara")
    await story.do(mara, journal.write, "A line.")
    page, plain = await files(story, mara)
    assert "6:00" in page  # in Berlin
    assert plain["lines"][0]["written_at"] == "2026-03-02T17:00:00+00:00"


def test_every_table_that_knows_people_is_in_it_or_left_out_for_a_reason() -> None:
    named = {
        table.name
        for table in metadata.sorted_tables
        if any(key.column.table.name == "people" for key in table.foreign_keys)
    }
    read = {table.name for table, _ in reading._PLAIN.values()}
    read |= {"telegram_accounts", "couple_members", "couples", "invitations", "agreements"}
    read |= {"space_participants", "space_requests"}
    assert named - read == set(reading.LEFT_OUT)


async def test_one_confirmation_is_good_for_one_copy(story: Story) -> None:
    mara, jonas = await story.person("Mara"), await story.person("Jonas")
    await story.do(mara, export.ask)
    draft = await story.look(lambda uow: uow.drafts.get(mara, export.DRAFT))
    await story.refused(Stale, jonas, export.send, draft.id)
    await story.do(mara, export.send, draft.id)
    assert await story.kinds(mara) == ["export.ask", "export.coming", *export.DOCUMENTS]
    await story.refused(Stale, mara, export.send, draft.id)
    await story.do(mara, export.ask)
    late = await story.look(lambda uow: uow.drafts.get(mara, export.DRAFT))
    story.now += timedelta(hours=3)
    await story.refused(Stale, mara, export.send, late.id)


async def test_reading_waits_for_nobody_and_nobody_waits_for_it(story: Story) -> None:
    mara = await story.person("Mara")
    await story.do(mara, journal.write, "A line.")
    async with story.storage.unit_of_work() as uow:
        await uow.journal.add(mara, "Not committed yet.", story.now)
        data = await export.read(story.storage, mara)
        assert [row["text"] for row in data["lines"]] == ["A line."]
