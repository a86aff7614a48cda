"""Taps and texts in odd orders, with the whole bot: nothing goes where it was not meant to go."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.content.catalog import Content
from bot.domain.model import PersonId
from bot.telegram import callback_data as to
from tests.integration.stage import Message, Stage, stage

DANGER = "I want to kill myself"


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


async def name_of(on: Stage, person: int = 1) -> str:
    async with on.storage.unit_of_work() as uow:
        return (await uow.people.get(PersonId(person))).name


def kinds(news: list[Message]) -> list[str]:
    return [message.kinds[-1] for message in news]


def under(message: Message, kind: type) -> str:
    return next(data for data in message.data if isinstance(to.decode(data), kind))


async def asks_for_a_name(on: Stage, mara: int) -> None:
    menu = (await on.says(mara, "/settings"))[-1]
    await on.taps(mara, menu, to.encode(to.Open("settings_name")))


class TestBehindTheHelpPage:
    async def test_the_form_waits_no_longer(self, on: Stage, mara: int) -> None:
        await asks_for_a_name(on, mara)
        assert kinds(await on.says(mara, DANGER)) == ["care.crisis"]
        await on.says(mara, "I mean it, nobody would notice")
        assert await name_of(on) == "Mara"

    async def test_it_goes_only_where_it_was_going(self, on: Stage, mara: int) -> None:
        page = (await on.says(mara, DANGER))[-1]
        await asks_for_a_name(on, mara)
        assert kinds(await on.taps(mara, page, under(page, to.NotMeant))) == ["care.type_again"]
        assert await name_of(on) == "Mara"

    async def test_and_there_it_arrives(self, on: Stage, mara: int) -> None:
        menu = (await on.says(mara, "/journal"))[-1]
        await on.taps(mara, menu, to.encode(to.Open("journal_write")))
        page = (await on.says(mara, DANGER))[-1]
        news = await on.taps(mara, page, under(page, to.NotMeant))
        assert kinds(news) == ["care.going_on", "journal.kept"]

    async def test_each_page_has_its_own_text(self, on: Stage, mara: int) -> None:
        first = (await on.says(mara, DANGER))[-1]
        await on.says(mara, f"{DANGER} tonight")
        assert kinds(await on.taps(mara, first, under(first, to.NotMeant))) == ["errors.stale"]

    async def test_going_on_is_a_way_back_too(self, on: Stage, mara: int) -> None:
        menu = (await on.says(mara, "/journal"))[-1]
        await on.taps(mara, menu, to.encode(to.Open("journal_write")))
        page = (await on.says(mara, "I'm scared of you"))[-1]
        assert page.kinds[-1] == "care.violence"
        lines = (await on.taps(mara, page, to.encode(to.OpenBeside("lines"))))[-1]
        assert kinds(await on.taps(mara, lines, under(lines, to.NotMeant))) == [
            "care.going_on",
            "journal.kept",
        ]

    async def test_left_there_it_is_neither_kept_nor_answered(self, on: Stage, mara: int) -> None:
        await on.says(mara, "/pause")
        page = (await on.says(mara, DANGER))[-1]
        not_meant = under(page, to.NotMeant)
        news = await on.taps(mara, page, under(page, to.LeaveHeld))
        assert {"care.left", "check_in.stopped"} <= set(kinds(news))
        assert "care.going_on" not in kinds(await on.taps(mara, page, not_meant))
        async with on.storage.unit_of_work() as uow:
            assert await uow.journal.count(PersonId(1)) == 0
            assert await uow.sessions.active_of(PersonId(1)) is None

    async def test_the_page_on_violence_has_a_way_back(self, on: Stage, mara: int) -> None:
        help_page = (await on.says(mara, "/help"))[-1]
        page = (await on.taps(mara, help_page, to.encode(to.OpenBeside("unsafe"))))[-1]
        assert page.data == [to.encode(to.OpenBeside("menu"))]
        await on.says(mara, DANGER)
        page = (await on.taps(mara, help_page, to.encode(to.OpenBeside("unsafe"))))[-1]
        assert under(page, to.NotMeant)
        assert under(page, to.LeaveHeld)


async def test_the_title_of_a_check_in_opens_it(on: Stage, mara: int) -> None:
    assert "check_in.begins" in kinds(await on.says(mara, "pause"))
    await on.says(mara, "/cancel")
    assert "check_in.begins" in kinds(await on.says(mara, "How am I?"))
    await on.says(mara, "/cancel")
    for word in ("space", "break"):
        assert kinds(await on.says(mara, word)) == ["space.length"]


async def test_but_not_where_words_are_asked_for(on: Stage, mara: int) -> None:
    await asks_for_a_name(on, mara)
    await on.says(mara, "Pause")
    assert await name_of(on) == "Pause"


async def test_there_is_a_way_on_everywhere(on: Stage, mara: int) -> None:
    sign, link = to.encode(to.Open("signal")), to.encode(to.Open("link"))
    for said in ("purple elephants", "/cancel"):
        assert sign in (await on.says(mara, said))[-1].data
    assert to.encode(to.Open("menu")) in (await on.says(mara, "I'm back"))[-1].data
    question = (await on.says(mara, "/howami"))[-1]
    low = next(each for each in question.data if each.endswith(":2"))
    assert (await on.taps(mara, question, low))[-1].data == [to.encode(to.OpenBeside("menu"))]
    kim, _ = await on.person("Kim", "en")
    assert link in (await on.says(kim, "purple elephants"))[-1].data
    assert link in (await on.says(kim, "/signal"))[-1].data


@pytest.mark.parametrize(
    ("words", "page"),
    [
        (DANGER, "care.crisis"),
        ("Ich will nicht mehr leben", "care.crisis"),
        ("he hits me", "care.violence"),
        ("er schlägt mich", "care.violence"),
        ("Ich habe Angst vor dir", "care.violence"),
        ("he hits me, and I want to die", "care.crisis"),
    ],
)
@pytest.mark.parametrize("before", ["", "/journal ", "/space ", "/help ", "/nosuch "])
async def test_words_of_crisis_are_heard_anywhere_and_in_every_language(
    on: Stage, mara: int, before: str, words: str, page: str
) -> None:
    assert kinds(await on.says(mara, before + words)) == [page]


async def test_a_question_that_is_asked_takes_the_next_text(on: Stage, mara: int) -> None:
    await on.says(mara, "/pause")
    question = on.chats[mara][-1]
    await asks_for_a_name(on, mara)
    for value in ("understanding", "5"):
        data = next(each for each in question.data if each.endswith(f":{value}"))
        question = (await on.taps(mara, question, data))[-1]
    await on.says(mara, "that I am trying")
    assert await name_of(on) == "Mara"


async def test_what_was_previewed_with_one_name_is_not_sent_with_another(on: Stage, mara: int) -> None:
    listed = (await on.says(mara, "/signal"))[-1]
    await asks_for_a_name(on, mara)
    await on.says(mara, "You are worthless, Mara")
    news = await on.taps(mara, listed, under(listed, to.SignalSend))
    assert kinds(news) == ["errors.stale"]


class TestDoubleTaps:
    async def breath(self, on: Stage, mara: int) -> Message:
        question = (await on.says(mara, "/pause"))[-1]
        for value in ("calm", "5", "breath"):
            data = next(each for each in question.data if each.endswith(f":{value}"))
            question = (await on.taps(mara, question, data))[-1]
        return question

    async def test_skipping_a_breath(self, on: Stage, mara: int) -> None:
        breath = await self.breath(on, mara)
        data = under(breath, to.AnswerStep)
        await on.taps(mara, breath, data)
        assert await on.taps(mara, breath, data) == []

    async def test_not_now_under_a_breath(self, on: Stage, mara: int) -> None:
        breath = await self.breath(on, mara)
        data = under(breath, to.StepLater)
        assert kinds(await on.taps(mara, breath, data))[-1] == "check_in.asleep"
        assert await on.taps(mara, breath, data) == []
        news = await on.waits(mara, on.clock.now() + timedelta(minutes=20))
        assert kinds(news) == ["check_in.awake", "step.breathe"]


async def test_an_old_tap_elsewhere_wakes_nothing(on: Stage, mara: int) -> None:
    old = (await on.says(mara, "/signal"))[-1]
    await on.says(mara, "/signal")
    question = (await on.says(mara, "/pause"))[-1]
    await on.taps(mara, question, under(question, to.StepLater))
    assert kinds(await on.taps(mara, old, under(old, to.SignalSend))) == ["errors.stale"]


async def test_a_line_deleted_since_its_preview_is_not_sent(on: Stage, mara: int) -> None:
    async with on.storage.unit_of_work() as uow:
        line = await uow.journal.add(PersonId(1), "I miss you", on.clock.now(), "held")
        await uow.commit(on.clock.now())
    menu = (await on.says(mara, "/journal"))[-1]
    preview = (await on.taps(mara, menu, to.encode(to.JournalSend(line.id))))[-1]
    async with on.storage.unit_of_work() as uow:
        await uow.journal.delete(PersonId(1), line.id)
        await uow.commit(on.clock.now())
    await on.waits(mara, on.clock.now() + timedelta(seconds=10))  # no double tap
    assert kinds(await on.taps(mara, preview, under(preview, to.RelaySend))) == ["errors.stale"]


@pytest.mark.parametrize("answers", [(), ("understanding", "5"), ("calm", "5", "body")])
async def test_stop_can_be_typed_at_any_question(on: Stage, mara: int, answers: tuple[str, ...]) -> None:
    question = (await on.says(mara, "/pause"))[-1]
    for value in answers:
        data = next(each for each in question.data if each.endswith(f":{value}"))
        question = (await on.taps(mara, question, data))[-1]
    assert "check_in.stopped" in kinds(await on.says(mara, "Stop!"))
    async with on.storage.unit_of_work() as uow:
        assert await uow.sessions.active_of(PersonId(1)) is None
