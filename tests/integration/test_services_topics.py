"""Parked topics on a real database: the form, the answers, the reminder, breaks, and the end of the link."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from bot.domain.errors import (
    LinkEnded,
    NotLinked,
    PartnerNeedsSpace,
    Stale,
    TimeNotAhead,
    TimeUnclear,
    TooLong,
    TooManySignals,
    TooManyTimes,
    TooManyTopics,
)
from bot.domain.model import PersonId
from bot.domain.topics import State, TopicId
from bot.services import partners, settings, space, topics, topics_form
from bot.storage import couple_tables, tables
from bot.storage.space_requests import ConcurrentChangeError
from bot.telegram.handlers import typed, ways

from .conftest import NOW, Said, Story
from .test_services_space import ask

TOPIC = "the holidays"
EVENING = NOW + timedelta(hours=1)
"""19:00 in Berlin: the first time that is suggested."""
LATER = NOW + timedelta(hours=3)


@pytest.fixture(autouse=True)
async def linked(story: Story, mara: PersonId, jonas: PersonId) -> None:
    """Mara parks topics in these stories, Jonas answers."""
    await story.link(mara, jonas)


def minute(at: datetime) -> int:
    return int(at.timestamp()) // 60


async def types(story: Story, person: PersonId, text: str) -> None:
    """Type it: the way every text takes."""
    context: Any = SimpleNamespace(tools=SimpleNamespace(content=story.content), said=None)
    await story.do(person, lambda visit: typed.route(context, visit, text))


async def opens(story: Story, person: PersonId, what: str = "later") -> None:
    """Tap a button that opens something."""
    tools: Any = SimpleNamespace(content=story.content)
    await story.do(person, lambda visit: ways.open_by_name(tools, visit, what))


async def last(story: Story, person: PersonId, kind: str) -> Said:
    """What this person heard last is of this kind."""
    said = (await story.heard(person))[-1]
    assert said.kind == kind
    return said


async def previewed(story: Story, person: PersonId, *times: datetime) -> int:
    """Choose these times on the form that is open; the preview's draft."""
    draft = (await last(story, person, "later.times")).parameters["draft"]
    for at in times:
        await story.do(person, lambda visit, at=at: topics_form.set_time(visit, draft, minute(at), on=True))
    await story.do(person, topics_form.preview, story.content, draft)
    return int((await last(story, person, "later.preview")).parameters["draft"])


async def parks(
    story: Story, person: PersonId, *times: datetime, topic: str | None = TOPIC, new: bool = False
) -> TopicId:
    """Park a topic, by its buttons; its id."""
    await opens(story, person, "later_new" if new else "later")
    asked = await last(story, person, "later.ask")
    if topic is None:
        await story.do(person, topics_form.leave_open, story.content, asked.parameters["draft"])
    else:
        await types(story, person, topic)
    draft = await previewed(story, person, *(times or (EVENING, LATER)))
    await story.do(person, topics.send, story.content, draft)
    await last(story, person, "later.sent")
    return TopicId((await story.rows(couple_tables.topics))[-1].id)


async def offers(story: Story, person: PersonId, topic: TopicId, *times: datetime) -> None:
    await story.do(person, topics_form.offer_times, topic)
    draft = await previewed(story, person, *times)
    await story.do(person, topics.send, story.content, draft)
    await last(story, person, "later.sent")


@pytest.fixture
async def topic(story: Story, mara: PersonId, jonas: PersonId, linked: None) -> TopicId:
    """Mara has parked a topic, with two times."""
    parked = await parks(story, mara)
    await last(story, jonas, "later.offer")
    return parked


@pytest.fixture
async def agreed(story: Story, mara: PersonId, jonas: PersonId, topic: TopicId) -> TopicId:
    """Jonas has agreed to the later time."""
    await story.do(jonas, topics.agree, topic, minute(LATER))
    await last(story, mara, "later.agreed_by")
    await last(story, jonas, "later.said_yes")
    return topic


async def state(story: Story, topic: TopicId) -> State:
    found = await story.look(lambda uow: uow.topics.get(topic))
    return State(found.state)


async def held_lines(story: Story) -> list[tuple[int, str]]:
    return [(row.person_id, row.text) for row in await story.rows(tables.journal) if row.kind == "held"]


class TestTheForm:
    async def test_what_is_sent_is_what_was_shown(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await opens(story, mara)
        asked = await last(story, mara, "later.ask")
        assert asked.parameters["limit"] == 100
        await types(story, mara, f"  {TOPIC}\n")
        draft = await previewed(story, mara, LATER, EVENING)
        assert await story.heard(jonas) == []
        await story.do(mara, topics.send, story.content, draft)
        [offer] = await story.heard(jonas)
        assert (offer.kind, offer.priority, offer.relayed) == ("later.offer", 0, True)
        assert offer.private == {"name": "Mara", "words": TOPIC}
        assert offer.parameters["offers"] == [EVENING.isoformat(), LATER.isoformat()]
        await story.refused(Stale, mara, topics.send, story.content, draft)
        assert await story.heard(jonas) == []

    async def test_any_text_is_a_topic(self, story: Story, mara: PersonId) -> None:
        await opens(story, mara)
        await types(story, mara, "I need a few minutes")
        await last(story, mara, "later.times")

    async def test_words_of_crisis_go_nowhere(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        await opens(story, mara)
        await types(story, mara, "I want to kill myself")
        await last(story, mara, "care.crisis")
        await types(story, mara, "20:00")
        assert await story.heard(jonas) == []
        assert await story.rows(couple_tables.topics) == []

    async def test_too_long_and_then_shorter(self, story: Story, mara: PersonId) -> None:
        await opens(story, mara)
        context: Any = SimpleNamespace(tools=SimpleNamespace(content=story.content), said=None)
        refused = await story.refused(TooLong, mara, lambda visit: typed.route(context, visit, "x" * 101))
        assert refused.parameters == {"limit": 100, "length": 101}
        await types(story, mara, "x" * 100)
        await last(story, mara, "later.times")

    async def test_times_are_toggled_and_typed_up_to_three(self, story: Story, mara: PersonId) -> None:
        await opens(story, mara)
        await types(story, mara, TOPIC)
        asked = await last(story, mara, "later.times")
        draft = asked.parameters["draft"]
        assert asked.parameters["chosen"] == []
        assert asked.parameters["options"][0] == EVENING.isoformat()
        await story.do(mara, lambda visit: topics_form.set_time(visit, draft, minute(EVENING), on=True))
        await story.do(mara, lambda visit: topics_form.set_time(visit, draft, minute(EVENING), on=True))
        assert (await last(story, mara, "later.times")).parameters["chosen"] == [EVENING.isoformat()]
        await story.do(mara, lambda visit: topics_form.set_time(visit, draft, minute(EVENING), on=False))
        await types(story, mara, "tomorrow 20:00")
        await types(story, mara, "Saturday 11:00")
        await types(story, mara, "22:15")
        shown = (await last(story, mara, "later.times")).parameters
        assert len(shown["chosen"]) == 3
        assert shown["options"] == shown["chosen"], "nothing more to choose"
        context: Any = SimpleNamespace(tools=SimpleNamespace(content=story.content), said=None)
        for error, text in ((TooManyTimes, "23:00"), (TimeUnclear, "soon"), (TimeNotAhead, "today 8:00")):
            await story.refused(error, mara, lambda visit, text=text: typed.route(context, visit, text))

    async def test_a_preview_sends_what_stands_in_it_or_nothing(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await opens(story, mara)
        await types(story, mara, TOPIC)
        first = await previewed(story, mara, EVENING)
        await types(story, mara, "22:15")
        await story.refused(Stale, mara, topics.send, story.content, first)
        times = (await last(story, mara, "later.times")).parameters["draft"]
        await story.refused(Stale, mara, topics.send, story.content, times)
        await story.do(mara, topics_form.preview, story.content, times)
        second = (await last(story, mara, "later.preview")).parameters["draft"]
        await story.refused(Stale, mara, topics.send, story.content, first)
        await story.do(mara, topics_form.back_to_times, second)
        await story.refused(Stale, mara, topics.send, story.content, second)
        assert await story.heard(jonas) == []

    async def test_a_time_that_passed_since_the_preview_is_not_sent(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await opens(story, mara)
        await types(story, mara, TOPIC)
        draft = await previewed(story, mara, EVENING, LATER)
        await story.at(EVENING)
        await story.do(mara, topics.send, story.content, draft)
        shown = await last(story, mara, "later.times")
        assert shown.parameters["chosen"] == [LATER.isoformat()]
        assert await story.heard(jonas) == []

    async def test_what_was_shown_with_one_name_is_not_sent_with_another(
        self, story: Story, mara: PersonId
    ) -> None:
        await opens(story, mara)
        await types(story, mara, TOPIC)
        draft = await previewed(story, mara, EVENING)
        await story.do(mara, settings.take_name, "Somebody else")
        await story.refused(Stale, mara, topics.send, story.content, draft)

    async def test_somebody_on_their_own(self, story: Story) -> None:
        kim = await story.person("Kim")
        await story.refused(NotLinked, kim, topics.show)
        await story.refused(NotLinked, kim, topics_form.ask_topic)

    async def test_left_open(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        await parks(story, mara, topic=None)
        assert (await last(story, jonas, "later.offer")).private == {"name": "Mara"}


class TestLimits:
    async def test_a_proposal_is_a_line_and_an_agreement_is_none(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        for _ in range(3):
            parked = await parks(story, mara, new=True)
            await story.do(jonas, topics.agree, parked, minute(LATER))
        await story.refused(TooManySignals, mara, topics_form.ask_topic)
        await story.refused(TooManySignals, mara, topics_form.offer_times, parked)
        assert await story.look(lambda uow: uow.uses.count(jonas, "signal", story.now)) == 0

    async def test_five_topics_for_two(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        for person in (mara, mara, mara, jonas, jonas):
            await parks(story, person, new=True)
        await story.refused(TooManyTopics, jonas, topics_form.ask_topic)


class TestAnswering:
    async def test_a_time_is_agreed_and_both_are_reminded(
        self, story: Story, mara: PersonId, jonas: PersonId, topic: TopicId
    ) -> None:
        await story.do(jonas, topics.agree, topic, minute(LATER))
        [told] = await story.heard(mara)
        assert (told.kind, told.priority, told.relayed) == ("later.agreed_by", 0, True)
        assert told.private == {"name": "Jonas", "words": TOPIC}
        assert await story.kinds(jonas) == ["later.said_yes"]
        assert (await story.timers())[f"topic.talk {topic}"] == LATER
        await story.refused(Stale, jonas, topics.agree, topic, minute(LATER))
        await story.at(LATER - timedelta(seconds=1))
        assert await story.heard(mara) == await story.heard(jonas) == []
        await story.at(LATER)
        for person in (mara, jonas):
            [reminder] = await story.heard(person)
            assert (reminder.kind, reminder.private) == ("later.now", {"words": TOPIC})
        assert await state(story, topic) is State.TALKED
        await opens(story, mara)
        await last(story, mara, "later.ask")  # it is off the list
        await story.at(timedelta(days=2))
        assert await story.heard(mara) == await story.heard(jonas) == []

    async def test_nobody_agrees_to_their_own_time_nor_to_one_that_was_not_offered(
        self, story: Story, mara: PersonId, jonas: PersonId, topic: TopicId
    ) -> None:
        kim = await story.person("Kim")
        await story.refused(Stale, mara, topics.agree, topic, minute(LATER))
        await story.refused(Stale, jonas, topics.agree, topic, minute(LATER) + 1)
        await story.refused(NotLinked, kim, topics.agree, topic, minute(LATER))
        await story.at(LATER)
        await story.refused(TimeNotAhead, jonas, topics.agree, topic, minute(LATER))

    async def test_another_couple_cannot_touch_it(self, story: Story, topic: TopicId) -> None:
        kim, alex = await story.person("Kim"), await story.person("Alexis")
        await story.link(kim, alex)
        for turn in (topics.show_one, topics.let_go, topics_form.offer_times):
            await story.refused(Stale, kim, turn, topic)
        await story.refused(Stale, kim, topics.agree, topic, minute(LATER))
        await story.refused(Stale, kim, topics.let_go_agreed, topic, minute(LATER))

    async def test_other_times_go_back_the_same_way(
        self, story: Story, mara: PersonId, jonas: PersonId, topic: TopicId
    ) -> None:
        tomorrow = NOW + timedelta(hours=25)
        await offers(story, jonas, topic, tomorrow)
        offer = await last(story, mara, "later.offer")
        assert offer.private == {"name": "Jonas", "words": TOPIC}
        await story.refused(Stale, jonas, topics.agree, topic, minute(EVENING))
        await story.do(mara, topics.agree, topic, minute(tomorrow))
        await last(story, jonas, "later.agreed_by")

    async def test_both_at_once(self, story: Story, mara: PersonId, jonas: PersonId, topic: TopicId) -> None:
        await story.do(mara, topics_form.offer_times, topic)
        hers = await previewed(story, mara, NOW + timedelta(hours=25))
        await story.do(jonas, topics.agree, topic, minute(LATER))
        await story.heard(mara)
        await story.heard(jonas)
        await story.do(mara, topics.send, story.content, hers)
        assert await story.kinds(mara) == ["later.moved_on", "later.agreed"]
        assert await story.heard(jonas) == [], "nothing was sent"
        assert await state(story, topic) is State.AGREED

    async def test_two_transactions_at_once(self, story: Story, jonas: PersonId, topic: TopicId) -> None:
        read = await story.look(lambda uow: uow.topics.get(topic))
        await story.do(jonas, topics.agree, topic, minute(LATER))
        async with story.storage.unit_of_work() as uow:
            with pytest.raises(ConcurrentChangeError):
                await uow.topics.save(read)

    async def test_without_an_answer_it_stays_and_nobody_is_chased(
        self, story: Story, mara: PersonId, jonas: PersonId, topic: TopicId
    ) -> None:
        await opens(story, jonas)
        assert (await last(story, jonas, "later.list")).parameters["topics"] == [[topic, "theirs", None]]
        await story.at(timedelta(days=20))
        assert await story.heard(mara) == await story.heard(jonas) == []
        for person in (mara, jonas):
            await opens(story, person)
            assert (await last(story, person, "later.list")).parameters["topics"] == [[topic, "parked", None]]
        await story.do(jonas, topics.show_one, topic)
        assert not (await last(story, jonas, "later.parked")).parameters["off"]

    async def test_quiet_hours_are_heard(self, story: Story, mara: PersonId, jonas: PersonId) -> None:
        await story.do(jonas, settings.set_quiet, NOW.time().replace(17), NOW.time().replace(23))
        await story.heard(jonas)
        await parks(story, mara)
        assert (await last(story, jonas, "later.offer")).silent


class TestMovingAndLettingGo:
    async def test_an_agreed_time_is_moved(
        self, story: Story, mara: PersonId, jonas: PersonId, agreed: TopicId
    ) -> None:
        tomorrow = NOW + timedelta(hours=25)
        await offers(story, jonas, agreed, tomorrow)
        move = await last(story, mara, "later.move")
        assert move.parameters["was_at"] == LATER.isoformat()
        await story.at(LATER)
        assert await story.heard(mara) == await story.heard(jonas) == []
        await story.do(mara, topics.agree, agreed, minute(tomorrow))
        await story.heard(jonas)
        await story.heard(mara)
        await story.at(tomorrow)
        assert await story.kinds(mara) == await story.kinds(jonas) == ["later.now"]

    async def test_after_the_talk_it_can_be_given_another_time(
        self, story: Story, mara: PersonId, jonas: PersonId, agreed: TopicId
    ) -> None:
        await story.at(LATER)
        await story.heard(jonas)
        await offers(story, jonas, agreed, NOW + timedelta(hours=25))
        assert await story.kinds(mara) == ["later.now", "later.offer"]

    async def test_an_agreed_one_is_let_go_and_the_other_told_once(
        self, story: Story, mara: PersonId, jonas: PersonId, agreed: TopicId
    ) -> None:
        await story.do(jonas, topics.let_go, agreed)
        await last(story, jonas, "later.ask_let_go")
        assert await story.heard(mara) == []
        await story.do(jonas, topics.let_go_agreed, agreed, minute(LATER))
        [told] = await story.heard(mara)
        assert (told.kind, told.private) == ("later.let_go", {"name": "Jonas", "words": TOPIC})
        await story.refused(Stale, jonas, topics.let_go_agreed, agreed, minute(LATER))
        await story.refused(Stale, mara, topics.show_one, agreed)
        await story.at(LATER)
        assert await story.heard(mara) == []
        assert (await story.rows(couple_tables.topics))[0].text is None

    async def test_an_old_yes_to_letting_go_undoes_no_newer_time(
        self, story: Story, mara: PersonId, jonas: PersonId, agreed: TopicId
    ) -> None:
        tomorrow = NOW + timedelta(hours=25)
        await offers(story, mara, agreed, tomorrow)
        await story.do(jonas, topics.agree, agreed, minute(tomorrow))
        await story.refused(Stale, jonas, topics.let_go_agreed, agreed, minute(LATER))

    async def test_before_that_its_writer_takes_it_off_and_nothing_is_pushed(
        self, story: Story, mara: PersonId, jonas: PersonId, topic: TopicId
    ) -> None:
        await story.refused(Stale, jonas, topics.let_go, topic)
        await story.do(mara, topics.let_go, topic)
        await last(story, mara, "later.taken_off")
        assert await story.heard(jonas) == []
        await story.refused(Stale, jonas, topics.agree, topic, minute(LATER))

    async def test_the_other_takes_back_only_their_times(
        self, story: Story, mara: PersonId, jonas: PersonId, topic: TopicId
    ) -> None:
        await offers(story, jonas, topic, NOW + timedelta(hours=25))
        await story.heard(mara)
        await story.do(jonas, topics.let_go, topic)
        await last(story, jonas, "later.parked")
        assert await story.heard(mara) == []
        assert await state(story, topic) is State.PARKED


class TestTheBotWasAway:
    @pytest.mark.parametrize(
        ("late", "kinds"),
        [
            (timedelta(minutes=29), ["later.now"]),
            (timedelta(minutes=30), ["later.was"]),
            (timedelta(hours=12), ["later.was"]),
            (timedelta(hours=12, seconds=1), []),
        ],
    )
    async def test_so_long(self, story: Story, agreed: TopicId, late: timedelta, kinds: list[str]) -> None:
        found = await story.look(lambda uow: uow.topics.get(agreed))
        await story.jump(LATER + late)
        for person in found.members:
            assert await story.kinds(person) == kinds
        assert await state(story, agreed) is (State.TALKED if kinds else State.PARKED)


class TestBreaks:
    async def test_a_topic_for_somebody_who_is_away_is_kept(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await ask(story, jonas)
        await story.heard(mara)
        await opens(story, mara)
        await last(story, mara, "later.ask_to_keep")
        await types(story, mara, TOPIC)
        kept = await last(story, mara, "kept.message")
        assert kept.private["words"] == "Can we talk later about “the holidays”?"
        assert "later.offer" not in await story.kinds(jonas)
        assert await story.rows(couple_tables.topics) == []
        await story.do(jonas, space.back)
        await last(story, mara, "kept.offer")

    async def test_so_it_is_when_the_break_begins_at_the_preview(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await opens(story, mara)
        await types(story, mara, TOPIC)
        draft = await previewed(story, mara, EVENING)
        await ask(story, jonas)
        await story.heard(mara)
        await story.do(mara, topics.send, story.content, draft)
        await last(story, mara, "kept.message")
        assert "later.offer" not in await story.kinds(jonas)

    async def test_answers_wait_too(
        self, story: Story, mara: PersonId, jonas: PersonId, topic: TopicId
    ) -> None:
        await ask(story, mara)
        await story.heard(mara)
        await story.refused(PartnerNeedsSpace, jonas, topics.agree, topic, minute(LATER))
        await story.refused(PartnerNeedsSpace, jonas, topics_form.offer_times, topic)
        assert await story.heard(mara) == []
        await story.do(mara, space.back)
        await story.do(jonas, topics.agree, topic, minute(LATER))
        await last(story, mara, "later.agreed_by")

    @pytest.mark.parametrize("away", ["mara", "jonas"])
    async def test_a_break_at_the_agreed_time_comes_first(
        self, story: Story, mara: PersonId, jonas: PersonId, agreed: TopicId, away: str
    ) -> None:
        await story.at(LATER - timedelta(minutes=5))
        await ask(story, {"mara": mara, "jonas": jonas}[away])
        await story.heard(mara)
        await story.heard(jonas)
        await story.at(LATER)
        for person in (mara, jonas):
            [line] = await story.heard(person)
            assert (line.kind, line.silent) == ("later.on_break", True)
        assert await state(story, agreed) is State.PARKED
        await story.do({"mara": mara, "jonas": jonas}[away], space.back)
        await story.do(jonas, topics.show_one, agreed)
        await last(story, jonas, "later.parked")

    async def test_a_break_that_is_over_by_then_changes_nothing(
        self, story: Story, mara: PersonId, jonas: PersonId, agreed: TopicId
    ) -> None:
        await ask(story, mara)
        await story.do(mara, space.back)
        await story.heard(mara)
        await story.at(LATER)
        assert await story.kinds(mara) == ["later.now"]


class TestTheLinkEnds:
    async def test_all_of_it_stops_and_each_keeps_their_own_words(
        self, story: Story, mara: PersonId, jonas: PersonId, agreed: TopicId
    ) -> None:
        await parks(story, jonas, topic="my mother", new=True)
        await parks(story, mara, topic=None, new=True)
        await story.heard(mara)
        await story.heard(jonas)
        await story.do(jonas, partners.unlink)
        await story.heard(jonas)
        assert not [name for name in await story.timers() if name.startswith("topic.")]
        await story.at(timedelta(days=1))
        assert await story.heard(mara) == await story.heard(jonas) == []
        assert sorted(await held_lines(story)) == sorted([(mara, TOPIC), (jonas, "my mother")])
        assert [row.text for row in await story.rows(couple_tables.topics)] == [None] * 3
        await story.refused(LinkEnded, mara, topics.agree, agreed, minute(LATER))

    async def test_what_still_waits_to_be_sent_is_called_off(
        self, story: Story, mara: PersonId, jonas: PersonId
    ) -> None:
        await parks(story, mara)
        await story.do(mara, partners.unlink)
        [offer] = await story.heard(jonas)
        assert (offer.kind, offer.state) == ("later.offer", "dropped")

    async def test_with_somebody_new_old_buttons_do_nothing(
        self, story: Story, mara: PersonId, jonas: PersonId, topic: TopicId
    ) -> None:
        await story.do(mara, topics_form.ask_topic)
        asked = await last(story, mara, "later.ask")
        await story.do(mara, partners.unlink)
        kim = await story.person("Kim")
        await story.link(mara, kim)
        await story.refused(Stale, mara, topics_form.leave_open, story.content, asked.parameters["draft"])
        await story.refused(Stale, mara, topics_form.offer_times, topic)
        await story.refused(Stale, kim, topics.agree, topic, minute(LATER))
