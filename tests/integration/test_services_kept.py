"""The one who waits, on a real database: what is kept and offered, when they would be ready, sounds."""

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bot.domain.errors import (
    LinkEnded,
    NotLinked,
    PartnerNeedsSpace,
    Stale,
    TimeUnclear,
    TooLong,
    TooManyKept,
    TooManySignals,
)
from bot.domain.model import PersonId, SpaceId
from bot.domain.waiting import AFTER, MORNING, ON_RETURN
from bot.services import (
    breathing,
    check_ins,
    kept,
    partners,
    relay,
    signals,
    space,
    space_return,
    talk,
    waiting,
)
from bot.storage import couple_tables, tables
from bot.telegram.handlers import typed, ways

from .conftest import NOW, Said, Story
from .test_services_space import ask

WORDS = "I was scared, and I love you."


def minutes(number: float) -> timedelta:
    return timedelta(minutes=number)


@pytest.fixture(autouse=True)
async def linked(story: Story, mara: PersonId, jonas: PersonId) -> None:
    """Mara asks for space in these stories, Jonas waits."""
    await story.link(mara, jonas)


@pytest.fixture
async def request_id(story: Story, mara: PersonId, jonas: PersonId, linked: None) -> SpaceId:
    """Mara is away for twenty minutes, and nothing else has been heard."""
    asked = await ask(story, mara)
    await story.heard(jonas)
    return asked


async def types(story: Story, person: PersonId, text: str) -> None:
    """Type it: the way every text takes."""
    context: Any = SimpleNamespace(tools=SimpleNamespace(content=story.content), said=None)
    await story.do(person, lambda visit: typed.route(context, visit, text))


async def opens(story: Story, person: PersonId, what: str) -> None:
    """Tap a button that opens something."""
    tools: Any = SimpleNamespace(content=story.content)
    await story.do(person, lambda visit: ways.open_by_name(tools, visit, what))


async def keeps(story: Story, person: PersonId, words: str = WORDS) -> int:
    """Keep a message, by its button; its id."""
    await opens(story, person, "keep")
    await types(story, person, words)
    *_, shown = await story.heard(person)
    assert (shown.kind, shown.private["words"]) == ("kept.message", words)
    return int(shown.parameters["message"])


async def offers(story: Story, person: PersonId) -> list[Said]:
    return [said for said in await story.heard(person) if said.kind == "kept.offer"]


async def held_lines(story: Story) -> list[tuple[int, str]]:
    return [(row.person_id, row.text) for row in await story.rows(tables.journal) if row.kind == "held"]


@pytest.mark.usefixtures("request_id")
class TestKeeping:
    async def test_from_the_first_word_to_the_second_yes(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await opens(story, jonas, "keep")
        [question] = await story.heard(jonas)
        assert (question.kind, question.parameters["limit"]) == ("kept.ask", 200)
        await types(story, jonas, f"  {WORDS}\n")
        [shown] = await story.heard(jonas)
        assert shown.private["words"] == WORDS
        await story.do(mara, space.back)
        returned, offer = await story.heard(jonas)
        assert (returned.kind, offer.kind) == ("space.returned", "kept.offer")
        assert offer.private == {"words": WORDS, "name": "Mara", "own_name": "Jonas"}
        assert await story.kinds(mara) == ["space.back"], "she hears nothing of it before the second yes"
        await story.do(jonas, kept.send, offer.parameters["message"])
        [words] = await story.heard(mara)
        assert (words.kind, words.relayed, words.priority) == ("relay.words", True, 0)
        assert words.private == {"name": "Jonas", "words": WORDS}
        assert await story.kinds(jonas) == ["relay.sent"]
        assert await story.rows(couple_tables.kept_messages) == []
        await story.refused(Stale, jonas, kept.send, offer.parameters["message"])
        assert await story.heard(mara) == []

    async def test_it_is_changed_and_taken_back_at_any_time(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        message = await keeps(story, jonas)
        await story.do(jonas, kept.ask_change, message)
        await types(story, jonas, "help")
        asked, shown = await story.heard(jonas)
        assert (asked.kind, shown.kind, shown.private["words"]) == ("kept.ask_change", "kept.message", "help")
        assert shown.parameters["message"] == message
        await story.do(jonas, kept.take_back, message)
        assert await story.kinds(jonas) == ["kept.gone"]
        await story.refused(Stale, jonas, kept.take_back, message)
        await story.refused(Stale, jonas, kept.show, message)
        await story.do(mara, space.back)
        assert await offers(story, jonas) == []
        assert await story.kinds(mara) == ["space.back"]

    async def test_changed_words_of_one_taken_back_meanwhile_are_kept_anew(
        self, story: Story, jonas: PersonId
    ) -> None:
        message = await keeps(story, jonas)
        await story.do(jonas, kept.ask_change, message)
        await story.do(jonas, kept.take_back, message)
        await types(story, jonas, "Other words.")
        [row] = await story.rows(couple_tables.kept_messages)
        assert (row.text, row.id > message) == ("Other words.", True)

    async def test_five_and_no_more(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        every = [await keeps(story, jonas, f"Line {number}.") for number in range(5)]
        error = await story.refused(TooManyKept, jonas, kept.ask)
        assert error.parameters == {"limit": 5}
        await story.do(jonas, relay.preview, "A sixth.")
        draft = await draft_of_kind(story, jonas, relay.DRAFT)
        await story.refused(TooManyKept, jonas, kept.keep_draft, draft)
        await story.do(jonas, relay.hold, draft)
        assert await held_lines(story) == [(jonas, "A sixth.")], "what is not kept is not lost"
        await story.heard(jonas)
        await story.do(jonas, kept.show_all)
        [listed] = await story.heard(jonas)
        assert [message for message, _ in listed.parameters["messages"]] == every
        await story.do(jonas, kept.take_back, every[0])
        await keeps(story, jonas, "A sixth.")
        await story.do(mara, space.back)
        assert [each.private["words"] for each in await offers(story, jonas)] == [
            *(f"Line {number}." for number in range(1, 5)),
            "A sixth.",
        ]

    async def test_the_list_is_empty(self, story: Story, jonas: PersonId) -> None:
        await opens(story, jonas, "kept")
        assert await story.kinds(jonas) == ["kept.none"]

    async def test_too_long_and_then_shorter(self, story: Story, jonas: PersonId) -> None:
        await opens(story, jonas, "keep")
        with pytest.raises(TooLong):
            await types(story, jonas, "x" * 201)
        assert await story.rows(couple_tables.kept_messages) == []
        await types(story, jonas, "x" * 200)
        assert [row.text for row in await story.rows(couple_tables.kept_messages)] == ["x" * 200]

    async def test_words_of_crisis_are_heard_first(self, story: Story, jonas: PersonId) -> None:
        await opens(story, jonas, "keep")
        await story.heard(jonas)
        await types(story, jonas, "I want to kill myself")
        assert await story.kinds(jonas) == ["care.crisis"]
        assert await story.rows(couple_tables.kept_messages) == []

    async def test_they_are_back_before_it_is_typed(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await opens(story, jonas, "keep")
        await story.do(mara, space.back)
        await story.heard(jonas)
        await story.heard(mara)
        await types(story, jonas, WORDS)
        [preview] = await story.heard(jonas)
        assert (preview.kind, preview.private["words"]) == ("relay.preview", WORDS)
        assert await story.heard(mara) == []
        await story.refused(Stale, jonas, kept.ask)

    async def test_only_who_wrote_it(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        message = await keeps(story, jonas)
        other = await story.person("Somebody")
        turns = (kept.show, kept.take_back, kept.ask_change, kept.hold)
        for person in (mara, other):
            for turn in turns:
                await story.refused(Stale, person, turn, message)
        await story.refused(Stale, mara, kept.send, message)
        await story.refused(NotLinked, other, kept.send, message)
        await story.do(mara, kept.show_all)
        assert (await story.kinds(mara))[-1] == "kept.none"
        assert len(await story.rows(couple_tables.kept_messages)) == 1

    async def test_who_is_away_has_nobody_to_keep_for(self, story: Story, mara: PersonId) -> None:
        await story.refused(Stale, mara, kept.ask)

    async def test_somebody_on_their_own(self, story: Story) -> None:
        await story.refused(NotLinked, await story.person("Somebody"), kept.ask)


async def draft_of_kind(story: Story, person: PersonId, kind: str) -> int:
    draft = await story.look(lambda uow: uow.drafts.get(person, kind))
    assert draft is not None
    return int(draft.id)


async def by_button(story: Story, person: PersonId) -> None:
    await keeps(story, person)


async def by_signal(story: Story, person: PersonId) -> None:
    await story.do(person, signals.choose)
    [listed] = await story.heard(person)
    assert listed.kind == "signal.choose_to_keep"
    await story.do(person, signals.send, story.content, listed.parameters["draft"], "still_here")


async def by_own_words(story: Story, person: PersonId) -> None:
    await story.do(person, relay.preview, WORDS)
    [shown] = await story.heard(person)
    assert shown.kind == "relay.partner_away"
    await story.do(person, kept.keep_draft, shown.parameters["draft"])


async def by_talk(story: Story, person: PersonId) -> None:
    await story.do(person, talk.ask_when)
    [asked] = await story.heard(person)
    await story.do(person, talk.choose_time, story.content, asked.parameters["draft"], "tomorrow")


WAYS: dict[str, Callable[[Story, PersonId], Awaitable[None]]] = {
    "button": by_button,
    "signal": by_signal,
    "own words": by_own_words,
    "talk": by_talk,
}
ARRIVES = {
    "button": ("relay.words", WORDS),
    "signal": ("relay.words", "I'm still here."),
    "own words": ("relay.words", WORDS),
    "talk": ("signal.talk", "Can we talk at …?"),
}


async def back(story: Story, mara: PersonId) -> None:
    await story.do(mara, space.back)


async def taken_back(story: Story, mara: PersonId) -> None:
    couple = await story.look(lambda uow: uow.couples.active_of(mara))
    request = await story.look(lambda uow: uow.space.open_of_couple(couple.id))
    await story.do(mara, space.withdraw, request.id)


async def lapsed(story: Story, mara: PersonId) -> None:
    await story.at(timedelta(hours=24))


ENDINGS = {"returned": back, "withdrawn": taken_back, "lapsed": lapsed}


@pytest.mark.usefixtures("request_id")
class TestEndings:
    @pytest.mark.parametrize("way", WAYS)
    @pytest.mark.parametrize("ending", ENDINGS)
    async def test_whatever_was_kept_needs_a_second_yes(
        self, story: Story, mara: PersonId, jonas: PersonId, way: str, ending: str
    ) -> None:
        await WAYS[way](story, jonas)
        await ENDINGS[ending](story, mara)
        heard = await story.heard(jonas)
        assert heard[-1].kind == "kept.offer"
        kinds = {"relay.words", "signal.line", "signal.talk"}
        assert not kinds & {said.kind for said in await story.heard(mara)}
        await story.do(jonas, kept.send, heard[-1].parameters["message"])
        if (ending, way) == ("lapsed", "talk"):
            assert await story.kinds(jonas) == ["talk.when"], "its time is past after a day"
            return
        [arrived] = await story.heard(mara)
        assert (arrived.kind, arrived.private["words"]) == ARRIVES[way]

    async def test_held_let_go_and_once_a_break(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        one, other, third = [await keeps(story, jonas, each) for each in ("One.", "Other.", "Third.")]
        await story.do(mara, space.back)
        assert len(await offers(story, jonas)) == 3
        await story.do(jonas, kept.hold, one)
        await story.do(jonas, kept.take_back, other)
        assert await story.kinds(jonas) == ["relay.held", "kept.gone"]
        assert await held_lines(story) == [(jonas, "One.")]
        await story.at(timedelta(days=2))
        assert await story.heard(jonas) == [], "nobody is chased"
        # What was left without an answer can still be changed and sent, and comes again after the next one.
        await story.do(jonas, kept.show, third)
        assert await story.kinds(jonas) == ["kept.offer"]
        await ask(story, mara)
        await story.refused(PartnerNeedsSpace, jonas, kept.send, third)
        await story.do(jonas, kept.show, third)
        assert (await story.kinds(jonas))[-1] == "kept.message"
        await story.do(mara, space.back)
        assert [each.parameters["message"] for each in await offers(story, jonas)] == [third]

    async def test_a_second_yes_counts_as_a_line_of_the_day(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        every = [await keeps(story, jonas, f"Line {number}.") for number in range(4)]
        await story.do(mara, space.back)
        await story.heard(mara)
        for message in every[:3]:
            await story.do(jonas, kept.send, message)
        await story.refused(TooManySignals, jonas, kept.send, every[3])
        assert len(await story.heard(mara)) == 3
        assert len(await story.rows(couple_tables.kept_messages)) == 1, "the fourth is still there"

    async def test_a_forged_second_yes_during_the_break(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        message = await keeps(story, jonas)
        await story.refused(PartnerNeedsSpace, jonas, kept.send, message)
        assert [said.kind for said in await story.heard(mara)] == []
        assert len(await story.rows(couple_tables.kept_messages)) == 1

    async def test_a_talk_whose_time_has_passed(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        await story.do(jonas, talk.ask_when)
        [asked] = await story.heard(jonas)
        await story.do(jonas, talk.choose_time, story.content, asked.parameters["draft"], "hour")
        [shown] = await story.heard(jonas)
        assert datetime.fromisoformat(shown.parameters["talk_at"]) == NOW + minutes(60)
        await story.at(minutes(61))
        await story.do(mara, space.back)
        await story.heard(mara)
        [offer] = await offers(story, jonas)
        await story.do(jonas, kept.send, offer.parameters["message"])
        assert await story.kinds(jonas) == ["talk.when"]
        assert await story.heard(mara) == []

    async def test_when_both_needed_space_it_is_offered_when_nobody_is_away(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await keeps(story, jonas)
        await ask(story, jonas, 30)
        await keeps(story, mara, "So am I.")
        await story.heard(jonas)
        await story.do(mara, space.back)
        assert await offers(story, jonas) == await offers(story, mara) == []
        await story.do(jonas, space.back)
        assert [each.private["words"] for each in await offers(story, jonas)] == [WORDS]
        assert [each.private["words"] for each in await offers(story, mara)] == ["So am I."]

    @pytest.mark.parametrize("leaver", ["mara", "jonas"])
    async def test_with_the_link_it_is_the_writers_alone(
        self, story: Story, mara: PersonId, jonas: PersonId, leaver: str
    ) -> None:
        message = await keeps(story, jonas)
        await story.heard(mara)
        await story.do({"mara": mara, "jonas": jonas}[leaver], partners.unlink)
        assert await held_lines(story) == [(jonas, WORDS)]
        assert await story.rows(couple_tables.kept_messages) == []
        await story.at(timedelta(days=2))
        left = {"mara": await story.kinds(mara), "jonas": await story.kinds(jonas)}
        assert left.pop(leaver) == ["unlink.done"]
        assert list(left.values()) == [[]], "nothing is pushed"
        await story.refused(NotLinked if leaver == "jonas" else LinkEnded, jonas, kept.send, message)

    async def test_an_offer_that_still_waits_when_the_link_ends_is_called_off(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await keeps(story, jonas)
        await story.do(mara, space.back)
        await story.do(mara, partners.unlink)
        assert [each.state for each in await offers(story, jonas)] == ["dropped"]

    async def test_held_words_move_and_do_not_double(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await story.do(jonas, relay.hold_words, WORDS)
        [line] = await story.rows(tables.journal)
        await story.do(jonas, relay.take_up, line.id)
        await story.do(jonas, kept.keep_draft, await draft_of_kind(story, jonas, relay.DRAFT))
        assert await story.rows(tables.journal) == []
        await story.do(mara, space.back)
        [offer] = await offers(story, jonas)
        await story.do(jonas, kept.hold, offer.parameters["message"])
        assert await held_lines(story) == [(jonas, WORDS)]

    async def test_back_before_the_words_are_kept(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await story.do(jonas, relay.preview, WORDS)
        draft = await draft_of_kind(story, jonas, relay.DRAFT)
        await story.do(mara, space.back)
        await story.heard(jonas)
        await story.do(jonas, kept.keep_draft, draft)
        assert await story.kinds(jonas) == ["relay.preview"]


class TestReady:
    async def test_it_is_told_at_the_return_and_not_before(
        self, story: Story, mara: PersonId, jonas: PersonId, request_id: SpaceId
    ) -> None:
        await story.do(jonas, waiting.ask_ready, request_id)
        [asked] = await story.heard(jonas)
        assert asked.parameters["meetings"] == ["return", "after", "evening", "morning"]
        await story.do(jonas, waiting.choose_ready, request_id, AFTER)
        [said] = await story.heard(jonas)
        ready_at = (NOW + minutes(80)).isoformat()
        assert (said.kind, said.parameters["ready_at"]) == ("ready.kept", ready_at)
        assert await story.heard(mara) == []
        await story.at(minutes(20))
        [asked] = await story.heard(mara)
        assert (asked.parameters["meet_at"], asked.private) == (ready_at, {"name": "Jonas"})
        assert asked.back_at == NOW + minutes(20), "the return stays where it was"
        await story.do(mara, space.back)
        [is_back] = await story.heard(mara)
        assert (is_back.parameters["meet_at"], is_back.private) == (ready_at, {"name": "Jonas"})

    async def test_changed_and_taken_back(
        self, story: Story, mara: PersonId, jonas: PersonId, request_id: SpaceId
    ) -> None:
        await story.do(jonas, waiting.choose_ready, request_id, MORNING)
        await story.do(jonas, waiting.choose_ready, request_id, ON_RETURN)
        assert await story.kinds(jonas) == ["ready.kept", "ready.on_return"]
        await story.do(mara, space.withdraw, request_id)
        [said] = await story.heard(mara)
        assert "meet_at" not in said.parameters
        await story.refused(Stale, jonas, waiting.choose_ready, request_id, MORNING)

    @pytest.mark.parametrize(
        ("text", "kind"), [("20:30", "ready.kept"), ("18:10", "ready.on_return"), ("9", "ready.kept")]
    )
    async def test_a_typed_time(
        self, story: Story, jonas: PersonId, request_id: SpaceId, text: str, kind: str
    ) -> None:
        await story.do(jonas, waiting.ask_ready, request_id)
        await story.heard(jonas)
        with pytest.raises(TimeUnclear):
            await types(story, jonas, "soon, I think")
        await types(story, jonas, text)
        assert await story.kinds(jonas) == [kind]

    async def test_a_time_that_is_typed_when_they_are_back_becomes_a_question(
        self, story: Story, mara: PersonId, jonas: PersonId, request_id: SpaceId
    ) -> None:
        await story.do(jonas, waiting.ask_ready, request_id)
        await story.do(mara, space.back)
        await story.heard(jonas)
        await story.heard(mara)
        await types(story, jonas, "20:30")
        assert await story.kinds(jonas) == ["talk.preview"]
        assert await story.heard(mara) == []

    async def test_a_time_that_is_past_when_they_are_back_is_not_told(
        self, story: Story, mara: PersonId, jonas: PersonId, request_id: SpaceId
    ) -> None:
        await story.do(jonas, waiting.choose_ready, request_id, AFTER)
        await story.do(mara, space.more_time, request_id, 120)
        await story.at(minutes(130))
        await story.heard(mara)
        await story.do(mara, space.back)
        [said] = await story.heard(mara)
        assert "meet_at" not in said.parameters

    async def test_not_who_is_away_nor_anybody_else(
        self, story: Story, mara: PersonId, request_id: SpaceId
    ) -> None:
        await story.refused(Stale, mara, waiting.ask_ready, request_id)
        await story.refused(Stale, mara, waiting.choose_ready, request_id, AFTER)
        other, third = await story.person("Somebody"), await story.person("Another")
        await story.link(other, third)
        await story.refused(Stale, other, waiting.choose_ready, request_id, AFTER)
        with pytest.raises(Stale):
            await story.do(other, lambda visit: waiting.set_sound(visit, request_id, on=False))


async def hush(story: Story, person: PersonId, request: SpaceId, *, on: bool = False) -> None:
    await story.do(person, lambda visit: waiting.set_sound(visit, request, on=on))


class TestSilence:
    async def test_everything_is_silent_until_the_break_is_over(
        self, story: Story, mara: PersonId, jonas: PersonId, request_id: SpaceId
    ) -> None:
        await hush(story, jonas, request_id)
        await opens(story, jonas, "comfort")
        await story.do(jonas, check_ins.start, story.content)
        await keeps_silently(story, jonas)
        await story.at(minutes(30))
        told = await story.heard(jonas)
        assert {"space.time_is_up.now", "space.no_word", "kept.message", "hush.on"} <= {
            each.kind for each in told
        }
        assert {each.silent for each in told} == {True}
        assert {each.silent for each in await story.heard(mara)} == {False}, "who is away hears as ever"
        await story.do(mara, space.back)
        assert [(each.kind, each.silent) for each in await story.heard(jonas)] == [
            ("space.returned", True),
            ("kept.offer", True),
        ]
        await opens(story, jonas, "menu")
        assert [each.silent for each in await story.heard(jonas)] == [False]

    async def test_with_sound_again(
        self, story: Story, mara: PersonId, jonas: PersonId, request_id: SpaceId
    ) -> None:
        await hush(story, jonas, request_id)
        await hush(story, jonas, request_id, on=True)
        assert [(each.kind, each.silent) for each in await story.heard(jonas)] == [
            ("hush.on", True),
            ("hush.off", False),
        ]
        await story.do(mara, space.back)
        assert [each.silent for each in await story.heard(jonas)] == [False]

    async def test_it_does_not_outlive_the_break(
        self, story: Story, mara: PersonId, jonas: PersonId, request_id: SpaceId
    ) -> None:
        await hush(story, jonas, request_id)
        await story.do(mara, space.back)
        await story.heard(jonas)
        await ask(story, mara)
        assert [each.silent for each in await story.heard(jonas)] == [False]


async def keeps_silently(story: Story, person: PersonId) -> None:
    await opens(story, person, "keep")
    await types(story, person, WORDS)


@pytest.mark.usefixtures("request_id")
class TestSomethingForMe:
    async def test_what_is_offered_leaves_a_check_in_alone(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await story.do(jonas, check_ins.start, story.content)
        [before] = await story.rows(tables.sessions)
        for what in ("comfort", "breathe", "journal_write", "keep", "kept", "check_in"):
            await opens(story, jonas, what)
        await story.do(jonas, breathing.stop)
        await story.do(mara, space.back)
        [after] = await story.rows(tables.sessions)
        assert (after.status, after.step, after.seq) == ("active", before.step, before.seq)

    async def test_a_line_for_oneself_is_no_line_for_them(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await opens(story, jonas, "keep")
        await opens(story, jonas, "journal_write")
        await types(story, jonas, WORDS)
        assert [row.text for row in await story.rows(tables.journal)] == [WORDS]
        assert await story.rows(couple_tables.kept_messages) == []
        await story.do(mara, space.back)
        assert await offers(story, jonas) == []


class TestNoLongerKeptBack:
    async def test_after_a_lapse_lines_go_as_usual_and_nobody_is_told(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await ask(story, mara)
        first = (await story.heard(jonas))[-1]
        await story.at(timedelta(hours=24))
        await story.heard(mara)
        await story.heard(jonas)
        await ask(story, mara)
        second = (await story.heard(jonas))[-1]
        assert (first.kind, first.private, set(first.parameters)) == (
            second.kind,
            second.private,
            set(second.parameters),
        )
        await story.do(jonas, relay.preview, WORDS)
        [preview] = await story.heard(jonas)
        assert preview.kind == "relay.preview"
        await story.do(jonas, relay.send, preview.parameters["draft"])
        assert await story.kinds(mara) == ["relay.words"]
        await story.do(jonas, signals.choose)
        [_, listed] = await story.heard(jonas)
        assert listed.kind == "signal.choose"
        await story.do(jonas, signals.send, story.content, listed.parameters["draft"], "still_here")
        assert await story.kinds(mara) == ["signal.line"]
        await story.do(mara, space.back)
        await story.at(minutes(60))
        await ask(story, mara)
        await story.do(jonas, relay.preview, WORDS)
        assert (await story.kinds(jonas))[-1] == "relay.partner_away", "the one after that keeps back again"

    async def test_a_day_in_a_row(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        for _ in range(2):
            await ask(story, mara, 12 * 60)
            await story.do(jonas, relay.preview, WORDS)
            assert (await story.kinds(jonas))[-1] == "relay.partner_away"
            await story.at(timedelta(hours=12))
            await story.do(mara, space.back)
            await story.at(minutes(30))
        await ask(story, mara)
        await story.do(jonas, relay.preview, WORDS)
        assert (await story.kinds(jonas))[-1] == "relay.preview"


@pytest.mark.usefixtures("request_id")
class TestNoWayToPress:
    async def test_who_waits_cannot_ping(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        for way in WAYS.values():
            await way(story, jonas)
            await story.heard(jonas)
        await story.do(jonas, kept.show_all)
        assert await story.heard(mara) == []

    async def test_nor_decline_nor_end_it(
        self, story: Story, mara: PersonId, jonas: PersonId, request_id: SpaceId
    ) -> None:
        for turn in (space.back, space.withdraw, space_return.offer_more):
            await story.refused(Stale, jonas, turn, request_id)
        await story.refused(Stale, jonas, space.more_time, request_id, 20)
        await story.refused(Stale, jonas, space.reply, request_id, "no")
        assert await story.heard(mara) == []

    async def test_nor_learn_whether_it_was_read(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        """The same page for whoever waits, whether the other reads, is blocked, or has never come again."""
        pages = []
        for reachable in (True, False):
            async with story.storage.unit_of_work() as uow:
                await uow.people.set_reachable(mara, reachable)
                await uow.commit(story.now)
            message = await keeps(story, jonas)
            await story.do(jonas, kept.show, message)
            [said] = await story.heard(jonas)
            pages.append((said.kind, said.private, set(said.parameters)))
        assert pages[0] == pages[1]
