"""Lines people write for themselves: kept, listed, found, deleted, and sent after all. On a real database."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from bot.domain.errors import Stale, TooLong
from bot.domain.model import PersonId
from bot.services import journal, relay
from bot.storage import tables

from .conftest import Story
from .test_services_relay import buttons, copied, draft_of, reads


async def write(story: Story, person: PersonId, *texts: str) -> list[int]:
    """Lines, a minute after each other; their ids."""
    for text in texts:
        await story.do(person, journal.write, text)
        story.now += timedelta(minutes=1)
    rows = await story.rows(tables.journal)
    return [row.id for row in rows if row.person_id == person][-len(texts) :]


async def search(story: Story, person: PersonId, word: str) -> int:
    """Look for a word; the id of the search."""
    await story.do(person, journal.ask_word)
    waiting = await story.awaiting(person)
    assert waiting is not None
    assert (waiting.kind, waiting.awaits) == (journal.SEARCH, journal.WORD)
    await story.do(person, journal.find, word)
    return await draft_of(story, person, journal.SEARCH)


async def listed(story: Story, person: PersonId) -> list[str]:
    """The lines of the newest list, as they begin."""
    said = (await story.heard(person))[-1]
    assert said.kind in ("journal.list", "journal.found"), said.kind
    return [said.private[f"line_{number}"] for number in range(1, len(said.parameters["lines"]) + 1)]


class TestWriting:
    async def test_a_line_is_kept(self, story: Story, mara: PersonId) -> None:
        await story.do(mara, journal.ask)
        assert await buttons(story, mara) == ["Give me a prompt", "Not now"]
        await story.do(mara, journal.write, "first")
        assert await story.kinds(mara) == ["journal.ask", "journal.kept"]
        [row] = await story.rows(tables.journal)
        assert (row.text, row.kind) == ("first", "line")
        assert await story.awaiting(mara) is None

    async def test_it_is_stored_encrypted(self, story: Story, mara: PersonId, engine: Any) -> None:
        await story.do(mara, journal.write, "only for me")
        async with engine.connect() as connection:
            stored = (await connection.exec_driver_sql("SELECT text FROM journal")).scalar_one()
        assert isinstance(stored, bytes)
        assert b"only for me" not in stored

    async def test_too_long(self, story: Story, mara: PersonId) -> None:
        await story.do(mara, journal.ask)
        error = await story.refused(TooLong, mara, journal.write, "x" * 2001)
        assert error.parameters == {"limit": 2000, "length": 2001}
        assert await story.awaiting(mara) is not None
        await story.do(mara, journal.write, "x" * 2000)

    async def test_whatever_people_type_comes_back(self, story: Story, mara: PersonId) -> None:
        for text in ("a\nb", "<b>&amp;", "🫂", "{name}", "\ud800", "\x00"):
            await story.do(mara, journal.write, text)
            [newest] = await story.look(lambda uow: uow.journal.newest(mara, 1))
            assert newest.text == text

    async def test_a_prompt_and_another_one(self, story: Story, mara: PersonId) -> None:
        await story.do(mara, journal.ask)
        prompts = story.content.all_of("en", "journal.prompts")
        assert len(set(prompts)) == len(prompts) >= 20
        number = (await story.heard(mara))[-1].parameters["prompt"]
        seen = []
        for each in range(number, number + len(prompts)):
            await story.do(mara, journal.prompt, each)
            seen.append(await reads(story, mara))
            assert await buttons(story, mara) == ["Another one", "Not now"]
        assert set(seen) == set(prompts)
        waiting = await story.awaiting(mara)
        assert (waiting.kind, waiting.awaits) == (journal.DRAFT, journal.LINE)
        assert all(prompt.count("?") == 1 and prompt.endswith("?") for prompt in prompts)

    async def test_the_first_prompt_is_another_one_each_time(self, story: Story, mara: PersonId) -> None:
        firsts = []
        for days in (0, 0, 1):
            await story.at(timedelta(days=days))
            await story.do(mara, journal.ask)
            firsts.append((await story.heard(mara))[-1].parameters["prompt"])
            await write(story, mara, "a line")
        assert len(set(firsts)) == 3


class TestTheList:
    async def test_none_yet(self, story: Story, mara: PersonId) -> None:
        await story.do(mara, journal.show)
        assert await story.kinds(mara) == ["journal.empty"]
        assert await buttons(story, mara) == ["Write a line", "My breaks"]

    async def test_the_newest_first_with_their_days(self, story: Story) -> None:
        noa = await story.person("Noa", "Pacific/Auckland")
        story.now = datetime(2025, 12, 31, 10, 0, tzinfo=UTC)
        await write(story, noa, "still the old year")
        story.now = datetime(2025, 12, 31, 11, 0, tzinfo=UTC)
        await write(story, noa, "new year there")
        await story.do(noa, relay.hold_words, "a\n<b>line</b> & more")
        story.now = datetime(2026, 3, 2, 17, 0, tzinfo=UTC)
        await story.do(noa, journal.show)
        assert (await reads(story, noa)).splitlines()[2:] == [
            "1 · <i>Jan 1, for later</i> · a &lt;b&gt;line&lt;/b&gt; &amp; more",
            "2 · <i>Jan 1</i> · new year there",
            "3 · <i>Dec 31, 2025</i> · still the old year",
        ]
        assert await buttons(story, noa) == ["1", "2", "3", "Search", "Write a line", "My breaks"]

    async def test_a_glance_has_forty_characters(self, story: Story, mara: PersonId) -> None:
        await write(story, mara, "x" * 41, "x" * 40, "&" * 41)
        await story.do(mara, journal.show)
        assert await listed(story, mara) == ["&" * 39 + "…", "x" * 40, "x" * 39 + "…"]
        assert "&amp;" * 39 + "…" in await reads(story, mara)

    @pytest.mark.parametrize(
        ("lines", "sizes"), [(1, [1]), (6, [6]), (7, [6, 1]), (12, [6, 6]), (13, [6, 6, 1])]
    )
    async def test_six_a_page(self, story: Story, mara: PersonId, lines: int, sizes: list[int]) -> None:
        await write(story, mara, *map(str, range(lines)))
        seen: list[str] = []
        for page, size in enumerate(sizes):
            await story.do(mara, journal.show_page, page, journal.ALL)
            turning = [each for each in await buttons(story, mara) if each in ("Newer", "Older")]
            assert turning == ["Newer"] * (page > 0) + ["Older"] * (page < len(sizes) - 1)
            found = await listed(story, mara)
            assert len(found) == size
            seen += found
        assert seen == [str(number) for number in reversed(range(lines))]

    async def test_behind_the_last_page_is_the_last_page(self, story: Story, mara: PersonId) -> None:
        *_, last = await write(story, mara, *map(str, range(7)))
        await story.do(mara, journal.show_page, 10**18 - 1, journal.ALL)
        assert await listed(story, mara) == ["0"]
        await story.do(mara, journal.delete, last)
        await story.do(mara, journal.show_page, 1, journal.ALL)
        assert await listed(story, mara) == ["5", "4", "3", "2", "1", "0"]

    async def test_lines_of_the_same_moment_keep_their_order(self, story: Story, mara: PersonId) -> None:
        for text in ("a", "b", "c"):
            await story.do(mara, journal.write, text)
        await story.do(mara, journal.show)
        assert await listed(story, mara) == ["c", "b", "a"]


class TestOneLine:
    async def test_whole_with_its_date(self, story: Story, mara: PersonId) -> None:
        text = "It was <i>late</i>,\nand I was tired & sad. " + "x" * 300
        [line] = await write(story, mara, text)
        await story.do(mara, journal.show_line, line, 0, journal.ALL)
        shown = await reads(story, mara)
        assert shown.startswith(
            "<i>Mar 2, 18:00</i>\nIt was &lt;i&gt;late&lt;/i&gt;,\nand I was tired &amp; "
        )
        assert shown.endswith("x" * 300)
        assert await buttons(story, mara) == ["Delete this line", "Back to the list"]

    async def test_deleting_asks_once_and_is_for_good(self, story: Story, mara: PersonId) -> None:
        [line, other] = await write(story, mara, "go", "stay")
        await story.do(mara, journal.ask_delete, line, 0, journal.ALL)
        assert await buttons(story, mara) == ["Delete", "Keep it"]
        assert len(await story.rows(tables.journal)) == 2
        await story.do(mara, journal.delete, line)
        assert [row.id for row in await story.rows(tables.journal)] == [other]
        await story.refused(Stale, mara, journal.delete, line)
        for turn in ((journal.ask_delete, line, 0, 0), (journal.show_line, line, 0, 0)):
            await story.refused(Stale, mara, *turn)

    async def test_somebody_elses(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        await story.link(mara, jonas)
        await write(story, mara, "mine")
        await story.do(mara, relay.hold_words, "mine, for later")
        rows = await story.rows(tables.journal)
        await story.heard(jonas)
        await story.do(jonas, journal.show)
        assert await story.kinds(jonas) == ["journal.empty"]
        for row in rows:
            for turn in (
                (journal.show_line, row.id, 0, journal.ALL),
                (journal.ask_delete, row.id, 0, journal.ALL),
                (journal.delete, row.id),
                (relay.take_up, row.id),
            ):
                await story.refused(Stale, jonas, *turn)
        assert await story.rows(tables.journal) == rows
        assert await story.heard(jonas) == []


class TestSearch:
    @pytest.mark.parametrize(
        "word", ["Größe", "GRÖSSE", "größe", "gro\u0308ße", "öSS", "die größe", " die   Größe "]
    )
    async def test_capitals_and_umlauts_do_not_matter(self, story: Story, mara: PersonId, word: str) -> None:
        await write(story, mara, "Was die\nGrößE angeht: nichts.", "Grosse Sache", "gar nichts")
        await search(story, mara, word)
        assert await listed(story, mara) == ["Was die GrößE angeht: nichts."]

    async def test_a_line_with_an_umlaut_in_two_parts(self, story: Story, mara: PersonId) -> None:
        await write(story, mara, "u\u0308ber uns")
        await search(story, mara, "Über")
        assert len(await listed(story, mara)) == 1

    async def test_markup_is_looked_for_as_it_was_typed(self, story: Story, mara: PersonId) -> None:
        await write(story, mara, "a <b>bold</b> line", "a line")
        await search(story, mara, "<b>")
        assert (await reads(story, mara)).startswith("Your lines with “&lt;b&gt;”:")
        assert await listed(story, mara) == ["a <b>bold</b> line"]
        await search(story, mara, "amp")
        assert (await story.kinds(mara))[-1] == "journal.nothing_found"

    async def test_paged_with_the_same_word(self, story: Story, mara: PersonId) -> None:
        await write(story, mara, *(f"{'tea' if number % 2 else 'milk'} {number}" for number in range(15)))
        found = await search(story, mara, "TEA")
        assert await listed(story, mara) == ["tea 13", "tea 11", "tea 9", "tea 7", "tea 5", "tea 3"]
        assert "Older" in await buttons(story, mara)
        await story.do(mara, journal.show_page, 1, found)
        assert "Newer" in await buttons(story, mara)
        assert "Older" not in await buttons(story, mara)
        said = (await story.heard(mara))[-1]
        assert (said.private, said.parameters["search"]) == ({"word": "TEA", "line_1": "tea 1"}, found)

    async def test_a_line_found_leads_back_to_what_was_found(self, story: Story, mara: PersonId) -> None:
        [line] = await write(story, mara, "tea")
        found = await search(story, mara, "tea")
        await story.do(mara, journal.show_line, line, 0, found)
        said = (await story.heard(mara))[-1]
        assert (said.kind, said.parameters["search"]) == ("journal.line", found)
        await story.do(mara, journal.delete, line)
        await story.do(mara, journal.show_page, 0, found)
        assert (await story.kinds(mara))[-1] == "journal.nothing_found"
        assert await buttons(story, mara) == ["Search", "My lines"]

    async def test_an_earlier_search_and_somebody_elses(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await write(story, mara, "tea")
        await write(story, jonas, "tea, too")
        old = await search(story, mara, "tea")
        await story.refused(Stale, jonas, journal.show_page, 0, old)
        await search(story, jonas, "tea")
        assert await listed(story, jonas) == ["tea, too"]
        await search(story, mara, "milk")
        await story.refused(Stale, mara, journal.show_page, 0, old)

    async def test_a_long_one_is_cut(self, story: Story, mara: PersonId) -> None:
        await write(story, mara, "y" * 100)
        await search(story, mara, "y" * 300)
        assert len(await listed(story, mara)) == 1


class TestKeptForLater:
    @pytest.fixture
    async def held(self, story: Story, mara: PersonId, jonas: PersonId) -> int:
        """A line that Mara keeps for Jonas; nobody has heard anything."""
        await story.link(mara, jonas)
        await story.do(mara, relay.hold_words, "I felt\nalone & <b>small</b>.")
        assert await story.kinds(mara) == ["relay.held"]
        [row] = await story.rows(tables.journal)
        return int(row.id)

    async def test_it_can_be_sent_from_there_and_stays_as_sent(
        self, story: Story, mara: PersonId, jonas: PersonId, held: int
    ) -> None:
        await story.do(mara, journal.show_line, held, 0, journal.ALL)
        assert (await reads(story, mara)).startswith("<i>Mar 2, 18:00 · kept for later</i>\n")
        assert (await buttons(story, mara))[0] == "Send it"
        await story.do(mara, relay.take_up, held)
        assert "“I felt alone &amp; &lt;b&gt;small&lt;/b&gt;.”" in await reads(story, mara)
        await story.do(mara, relay.send, await draft_of(story, mara, relay.DRAFT))
        assert await copied(story, mara) == "I felt alone & <b>small</b>."
        [heard] = await story.heard(jonas)
        assert heard.private["words"] == "I felt alone & <b>small</b>."
        [row] = await story.rows(tables.journal)
        assert (row.kind, row.text) == ("sent", "I felt\nalone & <b>small</b>.")
        await story.do(mara, journal.show_line, held, 0, journal.ALL)
        assert (await reads(story, mara)).startswith("<i>Mar 2, 18:00 · sent since then</i>\n")
        assert "Send it" not in await buttons(story, mara)
        await story.do(mara, journal.show)
        assert "<i>Mar 2, sent</i>" in await reads(story, mara)
        await story.refused(Stale, mara, relay.take_up, held)

    async def test_kept_once_more_it_is_still_one_line(self, story: Story, mara: PersonId, held: int) -> None:
        await story.do(mara, relay.take_up, held)
        await story.do(mara, relay.hold, await draft_of(story, mara, relay.DRAFT))
        [row] = await story.rows(tables.journal)
        assert (row.id, row.kind) == (held, "held")
        assert (await story.kinds(mara))[-1] == "relay.held"

    async def test_deleted_meanwhile_and_kept_again(self, story: Story, mara: PersonId, held: int) -> None:
        await story.do(mara, relay.take_up, held)
        await story.do(mara, journal.delete, held)
        await story.do(mara, relay.hold, await draft_of(story, mara, relay.DRAFT))
        [row] = await story.rows(tables.journal)
        assert row.kind == "held"

    async def test_other_words_leave_it_as_it_is(
        self, story: Story, mara: PersonId, jonas: PersonId, held: int
    ) -> None:
        await story.do(mara, relay.take_up, held)
        await story.do(mara, relay.ask_words, await draft_of(story, mara, relay.DRAFT))
        await story.do(mara, relay.preview, "I felt alone.")
        await story.do(mara, relay.send, await draft_of(story, mara, relay.DRAFT))
        assert [said.private["words"] for said in await story.heard(jonas)] == ["I felt alone."]
        [row] = await story.rows(tables.journal)
        assert row.kind == "held"

    async def test_too_long_to_send(self, story: Story, mara: PersonId, jonas: PersonId, held: int) -> None:
        await story.do(mara, relay.hold_words, "x" * 201)
        *_, longer = await story.rows(tables.journal)
        error = await story.refused(TooLong, mara, relay.take_up, longer.id)
        assert error.parameters == {"limit": 200, "length": 201}
        waiting = await story.awaiting(mara)
        assert waiting is not None
        assert waiting.awaits == relay.WORDS
        await story.refused(TooLong, mara, relay.hold_words, "x" * 2001)

    async def test_an_ordinary_line_is_not_for_sending(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await story.link(mara, jonas)
        [line] = await write(story, mara, "only for me")
        await story.refused(Stale, mara, relay.take_up, line)
        assert await story.heard(jonas) == []
