"""Taps and texts in odd orders, with the whole bot: nothing goes where it was not meant to go."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

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
        assert kinds(await on.taps(mara, lines, under(lines, to.GoOnWithout))) == ["care.resumed"]
        assert kinds(await on.says(mara, "a long day")) == ["journal.kept"]
        assert "scared" not in (await on.says(mara, "/journal"))[-1].text

    async def test_going_on_puts_the_sentence_into_no_message(self, on: Stage, mara: int) -> None:
        form = (await on.says(mara, "/space 20"))[-1]
        await on.taps(mara, form, under(form, to.SpaceOwnWords))
        page = (await on.says(mara, DANGER))[-1]
        go_on = under(page, to.GoOnWithout)
        assert kinds(await on.taps(mara, page, go_on)) == ["care.resumed"]
        preview = (await on.says(mara, "Too loud in here."))[-1]
        assert preview.kinds == ["space.preview"]
        assert DANGER not in preview.text
        await on.waits(mara, on.clock.now() + timedelta(seconds=10))
        assert kinds(await on.taps(mara, page, go_on)) == ["errors.stale"]

    async def test_going_on_asks_the_question_of_a_check_in_again(self, on: Stage, mara: int) -> None:
        await on.says(mara, "/pause")
        page = (await on.says(mara, DANGER))[-1]
        news = await on.taps(mara, page, under(page, to.GoOnWithout))
        assert "care.resumed" in kinds(news)
        assert any(kind.startswith("step.") for kind in kinds(news))

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
        assert page.data == [to.encode(to.OpenBeside("menu")), to.encode(to.QuickExit())]
        await on.says(mara, DANGER)
        page = (await on.taps(mara, help_page, to.encode(to.OpenBeside("unsafe"))))[-1]
        assert under(page, to.GoOnWithout)
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


class TestAgreement:
    @pytest.fixture
    async def pair(self, on: Stage) -> tuple[int, int]:
        """The accounts of two who are linked."""
        (mara, first), (jonas, second) = await on.person("Mara", "en"), await on.person("Jonas", "de")
        async with on.storage.unit_of_work() as uow:
            await uow.couples.add(first, second, on.clock.now())
            await uow.commit(on.clock.now())
        return mara, jonas

    async def proposed(self, on: Stage, mara: int, jonas: int, minutes: str = "20") -> Message:
        """What arrives at the other's when one of the two proposes a length."""
        page = (await on.says(mara, "/agreement"))[-1]
        form = (await on.taps(mara, page, to.encode(to.Open("agreement_propose"))))[-1]
        await on.taps(mara, form, under(form, to.AgreementAsk))
        chosen = next(each for each in form.data if each.endswith(f":minutes:{minutes}"))
        await on.taps(mara, form, chosen)
        preview = (await on.taps(mara, form, under(form, to.AgreementPreview)))[-1]
        arrives = preview.text.split("<blockquote>")[1].split("</blockquote>")[0]
        send = under(preview, to.AgreementSend)
        await on.taps(mara, preview, send)
        assert await on.taps(mara, preview, send) == [], "a second tap proposes nothing twice"
        shown = [message for message in on.chats[jonas] if message.kinds == ["agreement.proposal"]]
        assert on.chats[jonas][-1] is shown[-1]
        # Word for word, but for the language.
        assert arrives.count("<b>") == shown[-1].text.count("<b>") == 4
        return shown[-1]

    async def test_a_second_yes_is_none(self, on: Stage, pair: tuple[int, int]) -> None:
        mara, jonas = pair
        proposal = await self.proposed(on, mara, jonas)
        yes = under(proposal, to.AgreementConfirm)
        assert kinds(await on.taps(jonas, proposal, yes)) == ["agreement.confirmed"]
        told = len(on.chats[mara])
        assert await on.taps(jonas, proposal, yes) == []
        await on.waits(jonas, on.clock.now() + timedelta(seconds=10))
        assert kinds(await on.taps(jonas, proposal, yes)) == ["errors.proposal_changed"]
        assert len(on.chats[mara]) == told

    async def test_a_yes_to_what_was_taken_back(self, on: Stage, pair: tuple[int, int]) -> None:
        mara, jonas = pair
        proposal = await self.proposed(on, mara, jonas)
        sent = on.chats[mara][-1]
        await on.taps(mara, sent, under(sent, to.AgreementTakeBack))
        assert on.chats[jonas][-1] is proposal, "nothing is said"
        news = await on.taps(jonas, proposal, under(proposal, to.AgreementConfirm))
        assert kinds(news) == ["errors.proposal_changed"]
        assert proposal.keyboard == []

    async def test_who_proposed_cannot_say_yes_for_the_other(self, on: Stage, pair: tuple[int, int]) -> None:
        mara, jonas = pair
        proposal = await self.proposed(on, mara, jonas)
        sent = on.chats[mara][-1]
        news = await on.taps(mara, sent, under(proposal, to.AgreementConfirm))
        await on.waits(mara, on.clock.now() + timedelta(seconds=10))
        news += await on.taps(mara, sent, under(proposal, to.AgreementConfirm))
        assert set(kinds(news)) == {"errors.proposal_changed"}
        async with on.storage.unit_of_work() as uow:
            couple = await uow.couples.active_of(PersonId(1))
            assert couple is not None
            assert (await uow.agreements.of_couple(couple.id)).proposed is not None

    async def test_marking_twice_is_marking_once(self, on: Stage, pair: tuple[int, int]) -> None:
        mara, jonas = pair
        page = (await on.says(mara, "/agreement"))[-1]
        page = (await on.taps(mara, page, to.encode(to.Open("agreement_phrases"))))[-1]
        mark = under(page, to.WelcomeMark)
        await on.taps(mara, page, mark)
        assert await on.taps(mara, page, mark) == []
        assert [button["text"] for button in page.keyboard if button["text"].startswith("✓")] == [
            "✓ I feel …"
        ]
        assert on.chats[jonas] == []
        assert "Ich fühle mich …" in (await on.says(jonas, "/agreement"))[-1].text


class TestParkedTopics:
    """On old buttons, tapped twice, and by both at once."""

    @pytest.fixture
    async def jonas(self, on: Stage, mara: int) -> int:
        return next(account for account in on.chats if account != mara)

    async def preview(self, on: Stage, who: int, form: Message) -> Message:
        times = (await on.taps(who, form, under(form, to.LaterTime)))[-1]
        return (await on.taps(who, times, under(times, to.LaterPreview)))[-1]

    @pytest.fixture
    async def offer(self, on: Stage, mara: int, jonas: int) -> Message:
        """What he got."""
        await on.says(mara, "/later")
        shown = await self.preview(on, mara, (await on.says(mara, "the holidays"))[-1])
        assert kinds(await on.taps(mara, shown, under(shown, to.LaterSend))) == ["later.sent"]
        return on.chats[jonas][-1]

    async def test_a_time_tapped_twice_is_chosen_once(self, on: Stage, mara: int) -> None:
        await on.says(mara, "/later")
        form = (await on.says(mara, "the holidays"))[-1]
        first = under(form, to.LaterTime)
        await on.taps(mara, form, first)
        await on.taps(mara, form, first)
        chosen = [button["text"] for button in form.keyboard if button["text"].startswith("✓")]
        assert len(chosen) == 1

    async def test_a_yes_tapped_twice_is_one_yes(
        self, on: Stage, mara: int, jonas: int, offer: Message
    ) -> None:
        yes = under(offer, to.LaterAgree)
        on.news[mara] = []
        assert kinds(await on.taps(jonas, offer, yes)) == ["later.said_yes"]
        assert await on.taps(jonas, offer, yes) == []
        assert kinds(on.news[mara]) == ["later.agreed_by"]

    async def test_an_old_offer_does_nothing(self, on: Stage, mara: int, jonas: int, offer: Message) -> None:
        form = (
            await on.taps(
                mara,
                on.chats[mara][-1],
                to.encode(to.LaterOffer(to.decode(under(offer, to.LaterAgree)).topic)),
            )
        )[-1]
        *_, other = [data for data in form.data if isinstance(to.decode(data), to.LaterTime)]
        await on.taps(mara, form, other)
        shown = (await on.taps(mara, form, under(form, to.LaterPreview)))[-1]
        await on.taps(mara, shown, under(shown, to.LaterSend))
        newest = on.chats[jonas][-1]
        assert newest.kinds == ["later.offer"]
        on.news[mara] = []
        assert kinds(await on.taps(jonas, offer, under(offer, to.LaterAgree))) == ["errors.stale"]
        assert on.news[mara] == []
        assert kinds(await on.taps(jonas, newest, under(newest, to.LaterAgree))) == ["later.said_yes"]

    async def test_her_form_when_he_has_agreed_meanwhile(
        self, on: Stage, mara: int, jonas: int, offer: Message
    ) -> None:
        form = (
            await on.taps(
                mara,
                on.chats[mara][-1],
                to.encode(to.LaterOffer(to.decode(under(offer, to.LaterAgree)).topic)),
            )
        )[-1]
        shown = await self.preview(on, mara, form)
        await on.taps(jonas, offer, under(offer, to.LaterAgree))
        on.news[jonas] = []
        news = await on.taps(mara, shown, under(shown, to.LaterSend))
        assert kinds(news) == ["later.moved_on", "later.agreed"]
        assert on.news[jonas] == []

    async def test_after_the_link_nothing_of_it_answers(
        self, on: Stage, mara: int, jonas: int, offer: Message
    ) -> None:
        await on.says(mara, "/unlink")
        on.news[mara] = []
        assert kinds(await on.taps(jonas, offer, under(offer, to.LaterAgree))) == ["errors.link_ended"]
        assert kinds(await on.taps(jonas, offer, under(offer, to.LaterOffer))) == ["errors.not_linked"]
        assert on.news[mara] == []

    async def test_somebody_who_has_not_said_where_they_are_is_asked_first(
        self, on: Stage, jonas: int, offer: Message
    ) -> None:
        async with on.storage.unit_of_work() as uow:
            await uow._connection.execute(text("UPDATE people SET zone = NULL WHERE id = 2"))
            await uow.commit(on.clock.now())
        assert kinds(await on.taps(jonas, offer, under(offer, to.LaterOffer))) == ["zone.ask_first"]
