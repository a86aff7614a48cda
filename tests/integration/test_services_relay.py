"""What goes to the partner: signals, questions for a talk, own words. On a real database."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bot.domain.decision import Notice, Operation
from bot.domain.errors import (
    LinkEnded,
    NotLinked,
    Stale,
    TimeUnclear,
    TooLong,
    TooManySignals,
)
from bot.domain.model import PersonId
from bot.services import partners, relay, signal_lines, signals, talk
from bot.storage import queue_tables, tables
from bot.telegram.handlers import typed
from bot.telegram.render.render import Call, render
from bot.telegram.render.words import Words

from .conftest import Story
from .test_services_space import ask

SENT_TEXT = "On its way. I can't see whether it arrives or is read; to be sure, say it yourself."


async def draft_of(story: Story, person: PersonId, kind: str) -> int:
    draft = await story.look(lambda uow: uow.drafts.get(person, kind))
    assert draft is not None, kind
    return int(draft.id)


async def send_signal(story: Story, person: PersonId, slot: str = "still_here") -> None:
    """/signal, and a tap on one of the lines."""
    await story.do(person, signals.choose)
    draft = await draft_of(story, person, signals.SIGNAL)
    await story.do(person, signals.send, story.content, draft, slot)


async def change_line(story: Story, person: PersonId, slot: str, words: str) -> None:
    """Another wording of one's own, typed."""
    await story.do(person, signal_lines.ask, slot)
    await story.do(person, signal_lines.take, await story.awaiting(person), words)


async def talk_at(story: Story, person: PersonId, clock: str = "20:00") -> int:
    """A question for a talk that is written and not sent; its draft."""
    await story.do(person, talk.ask_when)
    await story.do(person, talk.take_time, story.content, clock)
    return await draft_of(story, person, talk.DRAFT)


async def previewed(story: Story, person: PersonId, words: str = "I miss you.") -> int:
    """Own words that are shown and not sent; their draft."""
    await story.do(person, relay.preview, words)
    return await draft_of(story, person, relay.DRAFT)


async def send_words(story: Story, person: PersonId, words: str = "I miss you.") -> None:
    await story.do(person, relay.send, await previewed(story, person, words))


async def send_talk(story: Story, person: PersonId) -> None:
    await story.do(person, talk.send, await talk_at(story, person))


WAYS: dict[str, Callable[[Story, PersonId], Awaitable[None]]] = {
    "signal": send_signal,
    "words": send_words,
    "talk": send_talk,
}


async def last_call(story: Story, person: PersonId, back: int = 1) -> Call:
    """How the newest notice for this person (or the `back`th newest) is shown now."""
    row = [row for row in await story.rows(queue_tables.outbox) if row.person_id == person][-back]
    notice = Notice(row.kind, person, row.parameters, row.private, operation=Operation(row.operation))
    call = render(notice, None, Words(story.content, await story.whole(person), story.now, "still_here_bot"))
    assert call is not None
    return call


async def reads(story: Story, person: PersonId) -> str:
    """The newest message as it is put to Telegram: HTML."""
    text: str = (await last_call(story, person)).parameters["text"]
    return text


async def buttons(story: Story, person: PersonId) -> list[str]:
    rows = (await last_call(story, person)).parameters["reply_markup"]["inline_keyboard"]
    return [button["text"] for row in rows for button in row]


async def copied(story: Story, person: PersonId) -> str:
    rows = (await last_call(story, person)).parameters["reply_markup"]["inline_keyboard"]
    [text] = [button["copy_text"]["text"] for row in rows for button in row if "copy_text" in button]
    return str(text)


async def unlinked(story: Story, leaver: PersonId) -> None:
    await story.do(leaver, partners.unlink)
    await story.heard(leaver)


@pytest.fixture
async def linked(story: Story, mara: PersonId, jonas: PersonId) -> None:
    await story.link(mara, jonas)


@pytest.mark.usefixtures("linked")
class TestSignals:
    async def test_one_tap_sends_the_line_as_it_stands(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await story.do(mara, signals.choose)
        page = await reads(story, mara)
        assert page.startswith("One tap sends it. Jonas gets exactly the line you tap")
        assert "1 · “I'm still here.”\n2 · “I'm settling, not leaving.”" in page
        assert (await buttons(story, mara))[:3] == [
            "1 · I'm still here.",
            "2 · I'm settling, not l…",
            "3 · Can we talk at …?",
        ]
        draft = await draft_of(story, mara, signals.SIGNAL)
        await story.do(mara, signals.send, story.content, draft, "settling")
        [line] = await story.heard(jonas)
        assert (line.kind, line.private) == (
            "signal.line",
            {"name": "Mara", "words": "I'm settling, not leaving."},
        )
        assert (line.priority, line.relayed, line.silent) == (0, True, False)
        assert await reads(story, jonas) == "Mara: “I&#x27;m settling, not leaving.”"
        assert await story.kinds(mara) == ["signal.choose", "relay.sent"]
        assert await copied(story, mara) == "I'm settling, not leaving."

    async def test_a_double_tap_sends_once(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        await story.do(mara, signals.choose)
        draft = await draft_of(story, mara, signals.SIGNAL)
        await story.do(mara, signals.send, story.content, draft, "still_here")
        await story.refused(Stale, mara, signals.send, story.content, draft, "still_here")
        await story.refused(Stale, mara, signals.send, story.content, draft, "settling")
        assert await story.kinds(jonas) == ["signal.line"]

    async def test_the_double_tap_on_the_last_one_of_the_day(self, story: Story, mara: PersonId) -> None:
        for _ in range(2):
            await send_signal(story, mara)
        await story.do(mara, signals.choose)
        draft = await draft_of(story, mara, signals.SIGNAL)
        await story.do(mara, signals.send, story.content, draft, "still_here")
        await story.refused(Stale, mara, signals.send, story.content, draft, "still_here")

    async def test_an_older_list_does_nothing(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        await story.do(mara, signals.choose)
        old = await draft_of(story, mara, signals.SIGNAL)
        await story.do(mara, signals.choose)
        await story.refused(Stale, mara, signals.send, story.content, old, "still_here")
        await change_line(story, mara, "still_here", "Here I am.")
        newer = old + 1
        await story.refused(Stale, mara, signals.send, story.content, newer, "still_here")
        assert await story.heard(jonas) == []

    async def test_a_list_in_another_language_does_nothing(self, story: Story, mara: PersonId) -> None:
        await story.do(mara, signals.choose)
        draft = await draft_of(story, mara, signals.SIGNAL)
        async with story.storage.unit_of_work() as uow:
            await uow._connection.execute(
                tables.people.update().where(tables.people.c.id == mara).values(locale="de")
            )
            await uow.commit(story.now)
        await story.refused(Stale, mara, signals.send, story.content, draft, "still_here")

    async def test_somebody_elses_list(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        await story.do(mara, signals.choose)
        draft = await draft_of(story, mara, signals.SIGNAL)
        await story.refused(Stale, jonas, signals.send, story.content, draft, "still_here")
        assert await story.heard(jonas) == []

    @pytest.mark.parametrize("slot", ["insult", "own_1", "talk", ""])
    async def test_lines_there_are_not(
        self, story: Story, mara: PersonId, jonas: PersonId, slot: str
    ) -> None:
        await story.do(mara, signals.choose)
        draft = await draft_of(story, mara, signals.SIGNAL)
        await story.refused(Stale, mara, signals.send, story.content, draft, slot)
        assert await story.heard(jonas) == []

    async def test_a_list_from_before_another_partner(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await story.do(mara, signals.choose)
        draft = await draft_of(story, mara, signals.SIGNAL)
        words = await previewed(story, mara)
        question = await talk_at(story, mara)
        await unlinked(story, mara)
        kim = await story.person("Kim")
        await story.link(mara, kim)
        await story.refused(Stale, mara, signals.send, story.content, draft, "still_here")
        await story.refused(Stale, mara, relay.send, words)
        await story.refused(Stale, mara, talk.send, question)
        assert await story.heard(kim) == []


@pytest.mark.usefixtures("linked")
class TestOwnLines:
    async def test_other_words_for_a_shipped_line(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await change_line(story, mara, "still_here", "  I'm <b>here</b>,\nstill & always. ")
        assert await reads(story, mara) == (
            "It says from now on: “I&#x27;m &lt;b&gt;here&lt;/b&gt;, still &amp; always.”"
        )
        await story.do(mara, signals.choose)
        assert "1 · “I&#x27;m &lt;b&gt;here&lt;/b&gt;, still &amp; always.”" in await reads(story, mara)
        assert (await buttons(story, mara))[0] == "1 · I'm <b>here</b>, st…"
        await send_signal(story, mara)
        assert (await story.heard(jonas))[-1].private["words"] == "I'm <b>here</b>, still & always."
        assert await reads(story, jonas) == "Mara: “I&#x27;m &lt;b&gt;here&lt;/b&gt;, still &amp; always.”"
        await story.do(jonas, signals.choose)
        assert "1 · “I'm still here.”" in await reads(story, jonas), "everybody words their own"

    async def test_it_is_stored_encrypted(self, story: Story, mara: PersonId, engine: Any) -> None:
        await change_line(story, mara, "own_1", "only for him")
        async with engine.connect() as connection:
            stored = (await connection.exec_driver_sql("SELECT text FROM signal_wordings")).scalar_one()
        assert b"only for him" not in stored

    async def test_back_to_the_shipped_words_and_undone(self, story: Story, mara: PersonId) -> None:
        await change_line(story, mara, "settling", "Give me a moment.")
        await story.do(mara, signal_lines.ask, "settling")
        assert (await buttons(story, mara))[0] == "As it was at first"
        await story.do(mara, signal_lines.put_back, "settling")
        assert await reads(story, mara) == "It says from now on: “I'm settling, not leaving.”"
        assert await story.rows(tables.signal_wordings) == []
        await story.refused(Stale, mara, signal_lines.put_back, "settling")
        await story.do(mara, signal_lines.undo, await draft_of(story, mara, signal_lines.DRAFT))
        assert "2 · “Give me a moment.”" in await reads(story, mara)

    async def test_the_first_change_undone(self, story: Story, mara: PersonId) -> None:
        await change_line(story, mara, "still_here", "Oh no.")
        draft = await draft_of(story, mara, signal_lines.DRAFT)
        await story.do(mara, signal_lines.undo, draft)
        assert "1 · “I'm still here.”" in await reads(story, mara)
        await story.refused(Stale, mara, signal_lines.undo, draft)

    async def test_lines_of_ones_own(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        for number in (1, 2, 3):
            await story.do(mara, signal_lines.show)
            free = (await story.heard(mara))[-1].parameters["free"]
            assert free == f"own_{number}"
            await change_line(story, mara, free, f"Line {number}.")
        await story.do(mara, signal_lines.show)
        assert "Add a line" not in await buttons(story, mara)
        await send_signal(story, mara, "own_2")
        assert (await story.heard(jonas))[-1].private["words"] == "Line 2."
        await story.do(mara, signal_lines.put_back, "own_2")
        assert await story.kinds(mara)
        await story.do(mara, signals.choose)
        page = await reads(story, mara)
        assert "4 · “Line 1.”\n5 · “Line 3.”" in page
        draft = await draft_of(story, mara, signals.SIGNAL)
        await story.refused(Stale, mara, signals.send, story.content, draft, "own_2")
        await story.do(mara, signal_lines.undo, await draft_of(story, mara, signal_lines.DRAFT))
        assert "5 · “Line 2.”" in await reads(story, mara)

    async def test_eighty_characters(self, story: Story, mara: PersonId) -> None:
        await story.do(mara, signal_lines.ask, "own_1")
        draft = await story.awaiting(mara)
        error = await story.refused(TooLong, mara, signal_lines.take, draft, "x" * 81)
        assert error.parameters == {"limit": 80, "length": 81}
        assert await story.awaiting(mara) is not None, "one can try again"
        await story.do(mara, signal_lines.take, draft, "x" * 80)
        assert await story.awaiting(mara) is None

    async def test_lines_and_changes_of_somebody_else(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await change_line(story, mara, "still_here", "Mine.")
        draft = await draft_of(story, mara, signal_lines.DRAFT)
        await story.refused(Stale, jonas, signal_lines.undo, draft)
        await story.refused(Stale, jonas, signal_lines.put_back, "still_here")
        for turn in ((signal_lines.ask, "insult"), (signal_lines.put_back, "insult")):
            await story.refused(Stale, mara, *turn)
        [row] = await story.rows(tables.signal_wordings)
        assert (row.person_id, row.text) == (mara, "Mine.")

    async def test_undo_does_nothing_while_words_are_awaited(self, story: Story, mara: PersonId) -> None:
        await change_line(story, mara, "still_here", "Mine.")
        draft = await draft_of(story, mara, signal_lines.DRAFT)
        await story.do(mara, signal_lines.ask, "settling")
        await story.refused(Stale, mara, signal_lines.undo, draft)


@pytest.mark.usefixtures("linked")
class TestTalk:
    async def test_each_reads_the_time_where_they_are(self, story: Story, mara: PersonId) -> None:
        rui = await story.person("Rui", "Europe/Lisbon")
        await unlinked(story, mara)
        await story.link(mara, rui)
        await story.do(mara, talk.ask_when)
        assert (await buttons(story, mara))[:3] == [
            "In an hour",
            "This evening at 20:00",
            "Tomorrow at 18:00",
        ]
        draft = await draft_of(story, mara, talk.DRAFT)
        await story.do(mara, talk.choose_time, story.content, draft, "evening")
        assert "<blockquote>Mara: “Can we talk at 20:00?”</blockquote>" in await reads(story, mara)
        assert await story.heard(rui) == []
        await story.do(mara, talk.send, await draft_of(story, mara, talk.DRAFT))
        assert await copied(story, mara) == "Can we talk at 20:00?"
        [asked] = await story.heard(rui)
        assert (asked.kind, asked.relayed) == ("signal.talk", True)
        assert asked.private == {"name": "Mara", "words": "Can we talk at …?"}
        assert asked.parameters == {"talk_at": "2026-03-02T19:00:00+00:00"}
        assert await reads(story, rui) == "Mara: “Can we talk at 19:00?”"

    async def test_the_days_are_not_the_same_everywhere(self, story: Story, mara: PersonId) -> None:
        noa = await story.person("Noa", "Pacific/Auckland")
        await unlinked(story, mara)
        await story.link(mara, noa)
        await story.do(mara, talk.send, await talk_at(story, mara, "23:30"))
        assert await reads(story, noa) == "Mara: “Can we talk at 11:30?”"
        await story.do(mara, talk.send, await talk_at(story, mara, "18:00"))
        assert "Can we talk at 18:00 (tomorrow)?" in await reads(story, mara)
        assert await reads(story, noa) == "Mara: “Can we talk at 06:00 (tomorrow)?”"

    async def test_two_days_on(self, story: Story, mara: PersonId) -> None:
        noa = await story.person("Noa", "Pacific/Auckland")
        kai = await story.person("Kai", "Pacific/Honolulu")
        await story.link(kai, noa)
        story.now = datetime(2026, 3, 2, 10, 0, tzinfo=UTC)  # midnight for Kai, late on the same day for Noa
        await story.do(kai, talk.ask_when)
        assert (await buttons(story, kai))[:2] == ["This evening at 20:00", "Tomorrow at 18:00"]
        draft = await draft_of(story, kai, talk.DRAFT)
        await story.do(kai, talk.choose_time, story.content, draft, "tomorrow")
        await story.do(kai, talk.send, await draft_of(story, kai, talk.DRAFT))
        assert "Can we talk at 18:00 (tomorrow)?" in await reads(story, kai)
        assert await reads(story, noa) == "Kai: “Can we talk at 17:00 (Wed, Mar 4)?”"

    @pytest.mark.parametrize(
        ("clock", "at"),
        [("18:00", "2026-03-03T17:00"), ("18:01", "2026-03-02T17:01"), ("9 pm", "2026-03-02T20:00")],
    )
    async def test_typed_it_is_the_next_such_time(
        self, story: Story, mara: PersonId, clock: str, at: str
    ) -> None:
        await talk_at(story, mara, clock)
        assert (await story.heard(mara))[-1].parameters["talk_at"] == f"{at}:00+00:00"

    async def test_no_time(self, story: Story, mara: PersonId) -> None:
        await story.do(mara, talk.ask_when)
        await story.refused(TimeUnclear, mara, talk.take_time, story.content, "soon")
        assert await story.awaiting(mara) is not None

    async def test_a_time_that_is_not_offered(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        await story.do(mara, talk.ask_when)
        draft = await draft_of(story, mara, talk.DRAFT)
        for name in ("yesterday", ""):
            await story.refused(Stale, mara, talk.choose_time, story.content, draft, name)
        await story.refused(Stale, jonas, talk.choose_time, story.content, draft, "evening")
        await story.refused(Stale, mara, talk.send, draft)
        await story.at(timedelta(hours=2))
        await story.refused(Stale, mara, talk.choose_time, story.content, draft, "evening")

    async def test_sent_once_and_by_its_writer_only(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        draft = await talk_at(story, mara)
        await story.refused(Stale, jonas, talk.send, draft)
        await story.do(mara, talk.send, draft)
        await story.refused(Stale, mara, talk.send, draft)
        assert await story.kinds(jonas) == ["signal.talk"]

    async def test_its_time_has_passed_meanwhile(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        draft = await talk_at(story, mara, "18:30")
        await story.at(timedelta(minutes=30))
        await story.heard(mara)
        await story.do(mara, talk.send, draft)
        assert await story.kinds(mara) == ["talk.when"]
        assert await story.heard(jonas) == []

    async def test_the_words_have_changed_meanwhile(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        draft = await talk_at(story, mara)
        await change_line(story, mara, "talk", "Tea at …, and a talk?")
        await story.refused(Stale, mara, talk.send, draft)
        await story.do(mara, talk.send, await talk_at(story, mara))
        assert await reads(story, jonas) == "Mara: “Tea at 20:00, and a talk?”"

    @pytest.mark.parametrize(
        ("typed", "arrives"),
        [
            ("Tea at ..., my dear?", "Tea at 20:00, my dear?"),
            ("Hm… shall we talk at … ?", "Hm… shall we talk at 20:00 ?"),
            ("Shall we talk?", "Shall we talk? 20:00"),
        ],
    )
    async def test_where_the_time_goes(
        self, story: Story, mara: PersonId, jonas: PersonId, typed: str, arrives: str
    ) -> None:
        await change_line(story, mara, "talk", typed)
        await send_talk(story, mara)
        assert await reads(story, jonas) == f"Mara: “{arrives}”"


@pytest.mark.usefixtures("linked")
class TestOwnWords:
    async def test_shown_exactly_then_sent(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        draft = await previewed(story, mara, "  I <i>feel</i> alone,\n and I'd like 1 hug & tea. ")
        escaped = "Mara: “I &lt;i&gt;feel&lt;/i&gt; alone, and I&#x27;d like 1 hug &amp; tea.”"
        assert f"<blockquote>{escaped}</blockquote>" in await reads(story, mara)
        assert await buttons(story, mara) == ["Send it", "Other words", "Keep it for later", "Not now"]
        assert await story.heard(jonas) == []
        await story.do(mara, relay.send, draft)
        [words] = await story.heard(jonas)
        assert (words.kind, words.priority, words.relayed, words.silent) == ("relay.words", 0, True, False)
        assert await reads(story, jonas) == escaped
        assert SENT_TEXT in await reads(story, mara)
        assert await copied(story, mara) == "I <i>feel</i> alone, and I'd like 1 hug & tea."

    async def test_a_double_tap_sends_once(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        draft = await previewed(story, mara)
        await story.do(mara, relay.send, draft)
        for turn in (relay.send, relay.hold, relay.ask_words, relay.again):
            await story.refused(Stale, mara, turn, draft)
        assert await story.kinds(jonas) == ["relay.words"]
        assert await story.rows(tables.journal) == []

    async def test_somebody_elses_draft(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        draft = await previewed(story, mara)
        for turn in (relay.send, relay.hold, relay.ask_words, relay.again):
            await story.refused(Stale, jonas, turn, draft)
        assert await story.heard(jonas) == []
        assert await story.rows(tables.journal) == []

    async def test_only_what_the_newest_preview_shows_can_go(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        first = await previewed(story, mara, "You never listen.")
        await story.do(mara, relay.ask_words, first)
        assert (await story.awaiting(mara)).awaits == relay.WORDS
        second = await previewed(story, mara, "I feel unheard.")
        await story.refused(Stale, mara, relay.send, first)
        await story.do(mara, relay.send, second)
        [words] = await story.heard(jonas)
        assert words.private["words"] == "I feel unheard."

    async def test_back_from_other_words(self, story: Story, mara: PersonId) -> None:
        draft = await previewed(story, mara, "I miss you.")
        await story.do(mara, relay.ask_words, draft)
        await story.do(mara, relay.again, draft)
        assert "“I miss you.”" in await reads(story, mara)
        assert await story.awaiting(mara) is None

    async def test_two_hundred_characters(self, story: Story, mara: PersonId) -> None:
        error = await story.refused(TooLong, mara, relay.preview, "x" * 201)
        assert error.parameters == {"limit": 200, "length": 201}
        waiting = await story.awaiting(mara)
        assert waiting is not None, "shorter ones can be typed"
        assert waiting.awaits == relay.WORDS
        await story.refused(Stale, mara, relay.send, waiting.id)
        await story.do(mara, relay.preview, "x" * 200)
        assert (await story.kinds(mara))[-1] == "relay.preview"

    async def test_too_long_after_a_preview_the_old_words_do_not_go(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        draft = await previewed(story, mara)
        await story.refused(TooLong, mara, relay.preview, "x" * 201)
        await story.refused(Stale, mara, relay.send, draft)
        assert await story.heard(jonas) == []

    async def test_while_the_other_needs_space_they_are_kept_and_nothing_goes(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await ask(story, jonas)
        await story.heard(mara)
        draft = await previewed(story, mara)
        page = await reads(story, mara)
        assert "Jonas asked for space until <b>18:20</b>" in page
        assert await buttons(story, mara) == ["Keep it until then", "Keep it for later", "Not now"]
        await story.do(mara, relay.send, draft)
        assert await story.kinds(mara) == ["relay.partner_away", "relay.partner_away"]
        await story.do(mara, relay.hold, draft)
        assert await story.heard(jonas) == []
        [line] = await story.rows(tables.journal)
        assert (line.person_id, line.kind, line.text) == (mara, "held", "I miss you.")

    async def test_space_that_is_asked_for_after_the_preview(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        draft = await previewed(story, mara)
        await ask(story, jonas)
        await story.heard(mara)
        await story.do(mara, relay.send, draft)
        assert await story.kinds(mara) == ["relay.partner_away"]
        assert await story.heard(jonas) == []

    async def test_kept_from_the_preview(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        draft = await previewed(story, mara)
        await story.do(mara, relay.hold, draft)
        assert (await story.kinds(mara))[-1] == "relay.held"
        await story.refused(Stale, mara, relay.hold, draft)
        assert len(await story.rows(tables.journal)) == 1
        assert await story.heard(jonas) == []

    async def test_what_waits_does_not_arrive_after_the_link_has_ended(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        for way in WAYS.values():
            await way(story, mara)
        await unlinked(story, jonas)
        lines = [row for row in await story.rows(queue_tables.outbox) if row.relayed]
        assert [(row.state, row.private) for row in lines] == [("dropped", {})] * 3


class TestAlone:
    async def test_words_can_be_copied_and_kept(self, story: Story, mara: PersonId) -> None:
        draft = await previewed(story, mara, "I <3 you.")
        assert "“I &lt;3 you.”" in await reads(story, mara)
        assert await copied(story, mara) == "I <3 you."
        await story.do(mara, relay.send, draft)
        assert await story.kinds(mara) == ["relay.alone", "relay.alone"]
        await story.do(mara, relay.hold, draft)
        [line] = await story.rows(tables.journal)
        assert (line.kind, line.text) == ("held", "I <3 you.")

    async def test_after_linking_it_is_shown_first(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        draft = await previewed(story, mara)
        await story.link(mara, jonas)
        await story.refused(Stale, mara, relay.send, draft)
        assert await story.heard(jonas) == []

    async def test_the_link_has_ended_and_the_words_are_not_lost(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await story.link(mara, jonas)
        await unlinked(story, jonas)
        await previewed(story, mara)
        assert await story.kinds(mara) == ["errors.link_ended", "relay.alone"]
        await previewed(story, mara)
        assert await story.kinds(mara) == ["relay.alone"]

    async def test_signals_and_talks_need_somebody(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        for turn in (signals.choose, talk.ask_when):
            await story.refused(NotLinked, mara, turn)
        await story.link(mara, jonas)
        await unlinked(story, jonas)
        await story.refused(LinkEnded, mara, talk.ask_when)
        await story.refused(NotLinked, mara, talk.ask_when)


async def blocked(story: Story, person: PersonId) -> None:
    async with story.storage.unit_of_work() as uow:
        await uow.people.set_reachable(person, False)
        await uow.commit(story.now)


@pytest.mark.usefixtures("linked")
@pytest.mark.parametrize("way", list(WAYS))
class TestEveryWay:
    async def test_the_answer_is_the_same_for_somebody_who_blocked_the_bot(
        self, story: Story, mara: PersonId, jonas: PersonId, way: str
    ) -> None:
        await WAYS[way](story, mara)
        before = await reads(story, mara)
        await blocked(story, jonas)
        await WAYS[way](story, mara)
        assert await reads(story, mara) == before
        assert SENT_TEXT in before

    async def test_without_sound_in_quiet_hours(self, story: Story, mara: PersonId, way: str) -> None:
        kim = await story.person("Kim", quiet=True)
        await unlinked(story, mara)
        await story.link(mara, kim)
        story.now = datetime(2026, 3, 2, 22, 0, tzinfo=UTC)
        await WAYS[way](story, mara)
        assert [said.silent for said in await story.heard(kim)] == [True]

    async def test_the_one_who_is_away_may_send_it(
        self, story: Story, mara: PersonId, jonas: PersonId, way: str
    ) -> None:
        await ask(story, mara)
        await story.heard(jonas)
        await WAYS[way](story, mara)
        assert len(await story.heard(jonas)) == 1


@pytest.mark.usefixtures("linked")
class TestLimits:
    @pytest.mark.parametrize("order", [("signal", "words", "talk"), ("talk", "talk", "words")])
    async def test_three_lines_a_day_whatever_they_are(
        self, story: Story, mara: PersonId, jonas: PersonId, order: tuple[str, ...]
    ) -> None:
        await story.do(mara, signals.choose)
        for way in order:
            await WAYS[way](story, mara)
        for turn in (signals.choose, talk.ask_when):
            error = await story.refused(TooManySignals, mara, turn)
            assert error.parameters == {"limit": 3}
        await story.heard(mara)
        await send_words(story, mara)
        assert await story.kinds(mara) == ["relay.enough", "relay.enough"]
        assert await copied(story, mara) == "I miss you."
        assert len(await story.heard(jonas)) == 3
        await send_signal(story, jonas)
        assert len(await story.heard(mara)) == 1, "each has their own three"
        await story.at(timedelta(days=1))
        await send_words(story, mara)
        assert len(await story.heard(jonas)) == 3, "list, answer, words"

    async def test_what_was_prepared_before_the_third(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        question = await talk_at(story, mara)
        words = await previewed(story, mara)
        for _ in range(3):
            await send_signal(story, mara)
        await story.heard(jonas)
        await story.refused(TooManySignals, mara, talk.send, question)
        await story.do(mara, relay.send, words)
        assert (await story.kinds(mara))[-1] == "relay.enough"
        assert await story.heard(jonas) == []

    async def test_no_line_to_somebody_who_asked_for_space(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await story.do(jonas, signals.choose)
        draft = await draft_of(story, jonas, signals.SIGNAL)
        question = await talk_at(story, jonas)
        await ask(story, mara)
        await story.heard(jonas)
        turns: list[tuple[Any, ...]] = [
            (signals.send, story.content, draft, "still_here"),
            (talk.send, question),
        ]
        for turn in turns:
            await story.do(jonas, *turn)
            assert await story.kinds(jonas) == ["kept.message"]
        assert await story.heard(mara) == []
        await story.at(timedelta(minutes=20))
        await story.heard(jonas)
        await story.do(jonas, signals.choose)
        assert await story.kinds(jonas) == ["signal.choose_to_keep"]
        assert [said.kind for said in await story.heard(mara)] == ["space.how_now.now"]


async def types(story: Story, person: PersonId, text: str) -> None:
    """Type it: the way every text takes."""
    context: Any = SimpleNamespace(tools=SimpleNamespace(content=story.content), said=None)
    await story.do(person, lambda visit: typed.route(context, visit, text))


@pytest.mark.usefixtures("linked")
class TestTyped:
    async def test_other_words_even_those_that_read_like_a_wish(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await story.do(mara, relay.ask_words, await previewed(story, mara))
        await story.heard(mara)
        await types(story, mara, "I need some space")
        assert await story.kinds(mara) == ["relay.preview"]
        assert "“I need some space”" in await reads(story, mara)

    async def test_words_of_crisis_are_no_words_for_the_partner(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        draft = await previewed(story, mara)
        await story.do(mara, relay.ask_words, draft)
        await story.do(mara, signal_lines.ask, "own_1")
        await story.heard(mara)
        await types(story, mara, "I want to die")
        assert await story.kinds(mara) == ["care.crisis"]
        assert await story.rows(tables.signal_wordings) == []
        await story.do(mara, relay.ask_words, draft)
        await story.heard(mara)
        await types(story, mara, "I want to kill myself")
        assert await story.kinds(mara) == ["care.crisis"]
        await story.do(mara, relay.send, draft)
        assert [said.private["words"] for said in await story.heard(jonas)] == ["I miss you."]

    async def test_a_line_of_ones_own_and_a_time(self, story: Story, mara: PersonId) -> None:
        await story.do(mara, signal_lines.ask, "own_2")
        await types(story, mara, "help")
        [row] = await story.rows(tables.signal_wordings)
        assert (row.slot, row.text) == ("own_2", "help")
        await story.do(mara, talk.ask_when)
        await story.heard(mara)
        await types(story, mara, "20:30")
        assert await story.kinds(mara) == ["talk.preview"]
        await story.do(mara, talk.ask_when)
        await story.heard(mara)
        await types(story, mara, "help")
        assert await story.kinds(mara) == ["help.main"]
